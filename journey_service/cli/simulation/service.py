"""How the simulated devices and the shop reach a service of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from journey.v1.interactions_pb2 import Channel
from journey_client import Client, Clocks, Device, DeviceSettings, open_device
from journey_service.cli.callers import Caller

SHOP = "journey-simulation"


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service that was started; devices keep their local stores in `folder`."""

    caller: Caller
    account: str
    folder: Path

    def device(
        self, name: str, channel: Channel, clocks: Clocks, settings: DeviceSettings
    ) -> Device:
        """A device of the account, not started."""
        return open_device(
            self.caller.address,
            self.folder / f"{name}.db",
            credentials=self.caller.minted("device", self.account),
            account=self.account,
            device=f"{name}",
            channel=channel,
            presence=True,
            clocks=clocks,
            settings=settings,
        )

    def shop(self) -> Client:
        """A client of the shop's systems."""
        return self.caller.client("service", subject=SHOP, device=SHOP)

    @property
    def subject_id(self) -> str:
        """The customer of the account."""
        return self.caller.subject_id("", self.account)
