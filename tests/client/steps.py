"""Devices that are interrupted in the midst of what they store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from journey_client import ConnectionState, Device, View, _storage, open_device
from journey_client.connection import ConnectionSettings
from journey_client.device_settings import DeviceSettings
from tests.transport.serving import APP_KEY, Served

STEP_S = 0.005
# Tries out of turn more often than once in 5 s: a story is not to wait.
IMPATIENT = DeviceSettings(connection=ConnectionSettings(unscheduled_every_ms=50))


class Steps(ThreadPoolExecutor):
    """The thread of a store; in the midst of the step that is named something else happens."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.left = 0
        self.then: Callable[[], object] = bool

    def after(self, steps: int, then: Callable[[], object]) -> None:
        """Let it happen in so many steps; 0: never."""
        self.left, self.then = steps, then

    def submit(self, *args: Any, **named: Any) -> Future[Any]:
        self.left -= 1
        if self.left == 0:
            asyncio.get_running_loop().call_soon(self.then)
            # So slow that what happens is felt before the step is done.
            super().submit(time.sleep, STEP_S)
        return super().submit(*args, **named)


class Phone:
    """An installation with an app key; each `make` is its next start."""

    def __init__(self, served: Served, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._address = f"127.0.0.1:{served.server.port}"
        self.store = store
        self.steps = Steps()
        monkeypatch.setattr(_storage, "ThreadPoolExecutor", self._next_steps)

    def make(self, token: str = "") -> Device:
        return open_device(
            self._address,
            self.store,
            app_key=APP_KEY,
            device="phone",
            token=token,
            settings=IMPATIENT,
        )

    def _next_steps(self, *args: Any, **named: Any) -> Steps:
        self.steps = Steps(*args, **named)
        return self.steps


def settled(view: View) -> bool:
    return view.connection.state is ConnectionState.LIVE and not view.connection.queue


def breaks_for_a_moment(device: Device) -> None:
    """There is no network, and soon there is again."""
    device.network_down()
    asyncio.get_running_loop().call_later(0.002, device.network_up)
