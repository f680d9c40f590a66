"""A simulated day against a service in this process: real gRPC, real devices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import journey_client
from journey.v1.interactions_pb2 import Channel
from journey_client import Client, Clocks, Device, DeviceSettings, open_device
from journey_service.cli.simulation.day import plan
from journey_service.cli.simulation.playing import Playing
from journey_service.domain.identity import subject_id_of_account
from tests.transport.serving import IDENTITY_KEY, Served


@dataclass(frozen=True)
class ServedHere:
    """How the cast reaches the service of a test."""

    served: Served
    folder: Path
    account: str = "mila"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.served.server.port}"

    @property
    def subject_id(self) -> str:
        return subject_id_of_account(IDENTITY_KEY, self.account)

    def device(
        self, name: str, channel: Channel, clocks: Clocks, settings: DeviceSettings
    ) -> Device:
        return open_device(
            self.address,
            self.folder / f"{name}.db",
            token=self.served.mint.token("device", self.account),
            device=name,
            channel=channel,
            presence=True,
            clocks=clocks,
            settings=settings,
        )

    def shop(self) -> Client:
        token = self.served.mint.token("service", "shop")
        return journey_client.connect(self.address, token=token, device="shop", service=True)


def playing(
    served: Served,
    folder: Path,
    *,
    seed: int = 7,
    devices: int = 3,
    offline: float = 0.2,
    clock_error_ms: int = 0,
) -> Playing:
    """A day of mila, to be entered and played."""
    day = plan(seed, "mila", devices=devices, offline=offline)
    folder.mkdir(exist_ok=True)
    return Playing(day, ServedHere(served, folder), clock_error_ms=clock_error_ms)
