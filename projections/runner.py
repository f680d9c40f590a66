"""Drives a projection: follows the journal, folds, stores states and checkpoint as one.

acquire leases ──▶ look at heads ──▶ read a range ──▶ load ──▶ fold ──▶ save ──┐
      ▲                  ▲                 ▲──────── more to read ─────────────┤
      └── lease is old ──┴───────────────────────── level with the heads ──────┘

Reads of a subject never wait for it: they join its states with the events behind them. So it may
take its time, and folds in one go what came in a pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import JourneyError, LeaseLost
from journey_service.ports import Journal, PartitionLease, StateRow, States
from projections.projection import Projection

S = TypeVar("S", bound=Message)

PAGE = 500
PAUSE_S = 1.0
PAUSE_AFTER_FAULT_S = 5.0
LEASE_LIFE_MS = 10_000


class Watchman(Protocol):
    """Who is told how a projection stands; must not block and must not raise."""

    def stands(self, projection: str, *, lag_events: int) -> None:
        """So many events of the leased partitions are not folded yet."""

    def failed(self, projection: str, partition: int, position: int, error: Exception) -> None:
        """The events behind `position` cannot be folded; they are tried again, none is skipped."""


class Runner(Generic[S]):
    """Folds the partitions that this owner holds leases of."""

    def __init__(
        self,
        projection: Projection[S],
        journal: Journal,
        states: States,
        *,
        owner: str,
        watchman: Watchman | None = None,
        pause_s: float = PAUSE_S,
        lease_life_ms: int = LEASE_LIFE_MS,
    ) -> None:
        self._projection = projection
        self._journal = journal
        self._states = states
        self._owner = owner
        self._watchman = watchman
        self._pause_s = pause_s
        self._lease_life_ms = lease_life_ms
        self._leases: dict[int, PartitionLease] = {}
        self._acquired_at = float("-inf")
        self._resting: dict[int, float] = {}

    async def run(self) -> None:
        """Until cancelled; then the leases are given back."""
        try:
            while True:
                try:
                    await self.catch_up()
                except JourneyError:
                    # The database is away or busy; what was not saved is read again.
                    self._acquired_at = float("-inf")
                await asyncio.sleep(self._pause_s)
        finally:
            await self._release()

    async def catch_up(self) -> int:
        """Fold all that the leased partitions hold now; returns how many events that were."""
        await self._acquire()
        heads = await self._journal.heads()
        self._tell(heads)
        folded = 0
        for partition in [*self._leases]:
            folded += await self._follow(partition, heads[partition])
        self._tell(heads)
        return folded

    async def _acquire(self) -> None:
        """Take what is free, keep what is ours; often enough that a lease never runs out."""
        now = asyncio.get_running_loop().time()
        if now - self._acquired_at < self._lease_life_ms / 3_000:
            return
        leases = await self._states.acquire(
            self._projection.name,
            self._owner,
            range(self._journal.partition_count),
            life_ms=self._lease_life_ms,
        )
        self._leases = {lease.partition: lease for lease in leases}
        self._acquired_at = now

    async def _follow(self, partition: int, head: int) -> int:
        """Fold a partition up to its head; a fault there leaves the other partitions alone."""
        folded = 0
        now = asyncio.get_running_loop().time()
        while self._resting.get(partition, now) <= now:
            lease = self._leases.get(partition)
            if lease is None or lease.position >= head:
                break
            await self._acquire()
            try:
                folded += await self._fold_page(self._leases.get(partition, lease))
            except LeaseLost:
                self._leases.pop(partition, None)
            except JourneyError:
                raise
            except Exception as error:  # noqa: BLE001  a fold's own fault, whatever it is
                self._resting[partition] = now + PAUSE_AFTER_FAULT_S
                if self._watchman is not None:
                    self._watchman.failed(self._projection.name, partition, lease.position, error)
                break
        return folded

    async def _fold_page(self, lease: PartitionLease) -> int:
        events = await self._journal.read_partition(
            lease.partition, after_position=lease.position, limit=PAGE
        )
        if not events:
            return 0
        rows = await self._folded(lease, events)
        versions = {event.subject_id: event.version for event in events}
        self._leases[lease.partition] = await self._states.save(
            lease, rows, versions, events[-1].position
        )
        return len(events)

    async def _folded(self, lease: PartitionLease, events: Sequence[Event]) -> list[StateRow]:
        """The states that these events change, with the events folded in."""
        touched = {
            (event.subject_id, key) for event in events for key in self._projection.keys_of(event)
        }
        stored = await self._states.load(lease, touched)
        states: dict[str, dict[str, S]] = {event.subject_id: {} for event in events}
        for (subject_id, key), row in stored.items():
            states[subject_id][key] = self._projection.parse(row.state)
        changed: dict[tuple[str, str], int] = {}
        for event in events:
            for key in self._projection.fold_event(states[event.subject_id], event):
                changed[event.subject_id, key] = event.version
        return [
            StateRow(
                subject_id,
                key,
                version,
                states[subject_id][key].SerializeToString(deterministic=True),
            )
            for (subject_id, key), version in changed.items()
        ]

    async def _release(self) -> None:
        leases, self._leases = [*self._leases.values()], {}
        await self._states.release(leases)

    def _tell(self, heads: Mapping[int, int]) -> None:
        if self._watchman is not None:
            lag = sum(heads[lease.partition] - lease.position for lease in self._leases.values())
            self._watchman.stands(self._projection.name, lag_events=lag)
