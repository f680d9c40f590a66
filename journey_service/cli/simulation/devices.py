"""The cast: real devices with local stores of their own, whose clocks may be wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from journey.v1.interactions_pb2 import Channel
from journey_client import Client, Clocks, Device, DeviceSettings, MachineClocks
from journey_client.connection import ConnectionSettings, ConnectionState
from journey_service.cli.simulation.day import CAST

# In time-lapse a device tries again as soon as its network is back.
SETTINGS = DeviceSettings(
    connection=ConnectionSettings(first_wait_ms=50, longest_wait_ms=500, unscheduled_every_ms=0),
    refresh_every_ms=5_000,
)


class Surroundings(Protocol):
    """How devices and the shop reach the service."""

    def device(
        self, name: str, channel: Channel, clocks: Clocks, settings: DeviceSettings
    ) -> Device:
        """A device of the customer, not started."""

    def shop(self) -> Client:
        """A client of the shop's systems."""

    @property
    def subject_id(self) -> str:
        """The customer."""


class SimulatedClocks:
    """A device's clocks: they run as this machine's do, from a wrong date and a boot of its own."""

    def __init__(self, draw: random.Random, error_ms: int) -> None:
        self._true = MachineClocks()
        self.wrong_ms = draw.randint(-error_ms, error_ms)
        self._booted_ms = self._true.mono_ms() - draw.randrange(86_400_000)
        self.boot_id = f"{draw.getrandbits(128):032x}"
        self.mono_pauses = False

    def wall_ms(self) -> int:
        """What the device takes for the date, ms since 1970 UTC."""
        return max(0, self._true.wall_ms() + self.wrong_ms)

    def mono_ms(self) -> int:
        """Ms since the device was switched on."""
        return self._true.mono_ms() - self._booted_ms


@dataclass(slots=True)
class Member:
    """One device of the cast."""

    name: str
    device: Device
    clocks: SimulatedClocks
    has_network: bool = True

    def turn(self, *, on: bool) -> None:
        """The network comes, or goes."""
        self.has_network = on
        (self.device.network_up if on else self.device.network_down)()

    @property
    def settled(self) -> bool:
        """Whether it shows what the service says, and nothing waits."""
        connection = self.device.connection
        return connection.state is ConnectionState.LIVE and not connection.queue


def cast_of(
    names: tuple[str, ...], surroundings: Surroundings, *, seed: int, clock_error_ms: int
) -> list[Member]:
    """The devices of a day, not started; their clocks are wrong by at most so much."""
    channels = dict(CAST)
    return [_member(name, channels[name], surroundings, seed, clock_error_ms) for name in names]


def _member(
    name: str, channel: Channel, surroundings: Surroundings, seed: int, error_ms: int
) -> Member:
    clocks = SimulatedClocks(random.Random(f"{seed}/clock/{name}"), error_ms)  # noqa: S311
    return Member(name, surroundings.device(name, channel, clocks, SETTINGS), clocks)
