"""Where a runner stopped, what it leaves out because it was told to, and when it tries again.

folding ──▶ stopped (noted, resting) ──▶ tried again: after the pause, or when it is told to
                     └── told to skip ──▶ folding without that event
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from traceback import extract_tb
from typing import Protocol

from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import StoppedFold
from journey_service.domain.errors import JourneyError
from journey_service.ports import PartitionLease
from journey_service.ports_of_views import Stops


class Watchman(Protocol):
    """Who is told how a projection stands; must not block and must not raise."""

    def stands(self, projection: str, *, lag_events: int) -> None:
        """So many events of the leased partitions are not folded yet."""

    def failed(self, projection: str, partition: int, position: int, error: Exception) -> None:
        """The event behind `position` cannot be folded; it is tried again, none is skipped."""


class Stopped(Exception):
    """A fold cannot go on over the event at `position`; `event` is None where it is damaged."""

    def __init__(self, position: int, event: Event | None, cause: Exception) -> None:
        super().__init__(position)
        self.position = position
        self.event = event
        self.cause = cause


class Halts:
    """Of one runner. Without `stops` nothing is noted, and nothing can be told to be left out."""

    def __init__(
        self,
        name: str,
        version: int,
        stops: Stops | None,
        watchman: Watchman | None,
        *,
        pause_s: float,
    ) -> None:
        self._name = name
        self._version = version
        self._stops = stops
        self._watchman = watchman
        self._pause_s = pause_s
        # Partitions that stopped, and when they are tried again.
        self._resting: dict[int, float] = {}
        # Partitions of which the store may know that they stopped.
        self._noted: set[int] = set()

    def is_resting(self, partition: int) -> bool:
        """Whether it stopped there and is not to be tried again yet."""
        return self._resting.get(partition, float("-inf")) > _now()

    async def take_over(self, leases: Collection[PartitionLease]) -> None:
        """Learn what whoever folded these partitions before had noted."""
        if self._stops is not None and leases:
            generation = max(lease.generation for lease in leases)
            known = await self._stops.stopped(self._name, generation)
            self._noted |= {each.partition for each in known} & {each.partition for each in leases}

    async def look(self, generation: int) -> None:
        """Wake what was told to try again, or to skip: that it stopped is noted no longer."""
        resting = {partition for partition in self._resting if self.is_resting(partition)}
        if self._stops is None or not resting & self._noted:
            return
        known = {each.partition for each in await self._stops.stopped(self._name, generation)}
        for partition in (resting & self._noted) - known:
            self._noted.discard(partition)
            self._resting.pop(partition, None)

    async def leaves_out(self, lease: PartitionLease, position: int) -> bool:
        """Whether it was told to go on without that event."""
        if self._stops is None:
            return False
        told = await self._stops.skipped(self._name, self._version, [lease.partition])
        return any(each.position == position for each in told)

    async def stop(self, lease: PartitionLease, stopped: Stopped) -> None:
        """Rest in front of the event; note it and tell of it."""
        self._resting[lease.partition] = _now() + self._pause_s
        if self._watchman is not None:
            self._watchman.failed(self._name, lease.partition, lease.position, stopped.cause)
        if self._stops is not None:
            await self._stops.note(lease, told_of(lease, stopped))
            self._noted.add(lease.partition)

    async def went_on(self, lease: PartitionLease) -> None:
        """The fold got past where it had stopped."""
        self._resting.pop(lease.partition, None)
        if self._stops is not None and lease.partition in self._noted:
            await self._stops.clear(lease)
            self._noted.discard(lease.partition)


def told_of(lease: PartitionLease, stopped: Stopped) -> StoppedFold:
    """What is kept of a stop: which event, and what happened to it."""
    noted = StoppedFold(
        partition=lease.partition, position=stopped.position, error=in_words(stopped.cause)
    )
    if stopped.event is not None:
        noted.event_id = stopped.event.interaction.event_id
        noted.type = stopped.event.type
        noted.subject_id = stopped.event.subject_id
    return noted


def in_words(error: Exception) -> str:
    """What happened and where in the code. What a fold's error says itself may be what a customer
    said, so it is left out; what the service's own errors say is known."""
    if isinstance(error, JourneyError):
        return error.message
    frames = extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    place = Path(last.filename)
    return f"{type(error).__name__} at {place.parent.name}/{place.name}:{last.lineno} ({last.name})"


def _now() -> float:
    return asyncio.get_running_loop().time()
