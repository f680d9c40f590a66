"""Random lives of a device, with the real service: interrupted anywhere, it loses nothing.

A story that fails is played again with its seed: `pytest tests/client/test_interrupted.py -k 17`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

import journey_client
from journey_client import ConnectionState, Device, JourneyError, interactions
from tests.client.steps import Phone, breaks_for_a_moment, settled
from tests.transport.serving import Served, serving

STORIES = 25
ACTS = ["record"] * 5 + ["flush", "sign_in", "sign_out", "start_anew", "go_on", "up", "down"]
BREAKS = ["flicker", "flicker", "background", "foreground", "up", "down", "stop_waiting"]


class Story:
    """What happens to one phone: acts of its customer, and interruptions in their midst."""

    def __init__(self, seed: int, served: Served, phone: Phone) -> None:
        self._chance = random.Random(seed)
        self._phone = phone
        self._token = served.mint.token("device", "mila")
        self._signed_in = False
        self._acting: asyncio.Future[Any] | None = None
        self.kept: set[str] = set()
        self.device = phone.make()

    async def play(self) -> None:
        await self.device.start()
        for _ in range(self._chance.randint(4, 14)):
            await getattr(self, f"_{self._chance.choice(ACTS)}")()
        self._phone.steps.after(0, bool)
        self.device.foreground()
        self.device.network_up()
        if self.device.connection.state is ConnectionState.ENDED:
            await self.device.start()

    # --- acts ---

    async def _record(self) -> None:
        line = f"L{self._chance.random()}"
        done = await self._try(self.device.record(interactions.cart_line_added(line, 1)))
        if done is not None:
            self.kept.update(done.result().event_ids)

    async def _flush(self) -> None:
        await self._try(self.device.flush())

    async def _sign_in(self) -> None:
        if not self._signed_in:
            self._signed_in = True
            await self._try(self.device.sign_in(token=self._token))

    async def _sign_out(self) -> None:
        # What is the account's stays on the device until it is back; here all is to be sent.
        if self._signed_in and not self.device.connection.queue:
            self._signed_in = await self._try(self.device.sign_out()) is None

    async def _start_anew(self) -> None:
        self._phone.steps.after(0, bool)
        await self.device.close(flush=self._chance.random() < 0.5)
        self.device = self._phone.make(self._token if self._signed_in else "")
        await self.device.start()

    async def _go_on(self) -> None:
        await asyncio.sleep(self._chance.random() / 20)

    async def _up(self) -> None:
        self.device.network_up()

    async def _down(self) -> None:
        self.device.network_down()

    # --- interruptions ---

    async def _try(self, act: Awaitable[Any]) -> asyncio.Future[Any] | None:
        """Act, perhaps interrupted; None if it was cancelled or refused."""
        self._acting = asyncio.ensure_future(act)
        if self._chance.random() < 0.7:
            self._phone.steps.after(self._chance.randint(1, 8), self._interrupt)
        await asyncio.wait([self._acting])
        acted, self._acting = self._acting, None
        if acted.cancelled() or isinstance(acted.exception(), JourneyError):
            return None
        return acted

    def _interrupt(self) -> None:
        match self._chance.choice(BREAKS):
            case "flicker":
                breaks_for_a_moment(self.device)
            case "background":
                self.device.background()
            case "foreground":
                self.device.foreground()
            case "up":
                self.device.network_up()
            case "down":
                self.device.network_down()
            case _ if self._acting is not None:
                self._acting.cancel()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as running:
        yield running


async def recorded(served: Served) -> list[str]:
    """Ids of all lines in the journal, of whomever."""
    credential = served.mint.token("service", "test", scopes=("journal.read",))
    address = f"127.0.0.1:{served.server.port}"
    async with journey_client.connect(address, token=credential, service=True) as reader:
        return [
            event.interaction.event_id
            async for page in reader.read_events(purpose="test")
            for event in page.events
            if event.type == "cart.line_added"
        ]


@pytest.mark.parametrize("seed", range(STORIES))
async def test_a_device_that_is_interrupted_anywhere_loses_and_doubles_nothing(
    seed: int, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(seed, served, Phone(served, tmp_path / "phone.db", monkeypatch))
    async with asyncio.timeout(90):
        await story.play()
        device: Device = story.device
        await device.until(settled)
        await device.close()
    found = await recorded(served)
    assert len(found) == len(set(found))
    assert story.kept <= set(found)
