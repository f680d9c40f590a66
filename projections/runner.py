"""Drives a projection: looks at the heads, folds, stores states and checkpoint as one.

acquire leases ──▶ look at heads ──▶ read a page ──▶ load ──▶ fold ──▶ save ──┐
      ▲                  ▲                 ▲──────── pages behind ────────────┤
      └── lease is old ──┴─────────────────────── level with the heads ───────┘

Reads of a subject never wait for it: they join its states with the events behind them. So it may
take its time, and folds in one go what came in a pause. It asks for heads instead of following
the journal, because a follower opens every event once more, also those of idle partitions.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import (
    EventUnreadable,
    JourneyError,
    LeaseLost,
    Overloaded,
    Unavailable,
)
from journey_service.ports import Journal, PartitionLease, StateRow, States
from projections.projection import Projection

S = TypeVar("S", bound=Message)

PAGE = 500
# Events folded before others on the event loop have their turn: about 2 ms of work.
BREATH = 50
PAUSE_S = 1.0
PAUSE_AFTER_FAULT_S = 5.0
LEASE_LIFE_MS = 10_000
RELEASE_S = 1.0


class Watchman(Protocol):
    """Who is told how a projection stands; must not block and must not raise."""

    def stands(self, projection: str, *, lag_events: int) -> None:
        """So many events of the leased partitions are not folded yet."""

    def failed(self, projection: str, partition: int, position: int, error: Exception) -> None:
        """The event behind `position` cannot be folded; it is tried again, none is skipped."""


class Runner(Generic[S]):
    """Folds the partitions that this owner holds leases of; memory is bounded by one page."""

    def __init__(
        self,
        projection: Projection[S],
        journal: Journal,
        states: States,
        *,
        owner: str,
        watchman: Watchman | None = None,
        pause_s: float = PAUSE_S,
        pause_after_fault_s: float = PAUSE_AFTER_FAULT_S,
        lease_life_ms: int = LEASE_LIFE_MS,
        page: int = PAGE,
    ) -> None:
        self._projection = projection
        self._journal = journal
        self._states = states
        self._owner = owner
        self._watchman = watchman
        self._pause_s = pause_s
        self._pause_after_fault_s = pause_after_fault_s
        self._lease_life_ms = lease_life_ms
        self._page = page
        self._leases: dict[int, PartitionLease] = {}
        self._acquired_at = float("-inf")
        # Partitions of which an event could not be folded, and when they are tried again.
        self._resting: dict[int, float] = {}

    async def run(self) -> None:
        """Until cancelled; then the leases are given back."""
        try:
            while True:
                try:
                    await self.catch_up()
                except (Unavailable, Overloaded):
                    # What was not saved is read again, from where the store says it stands.
                    self._acquired_at = float("-inf")
                await asyncio.sleep(self._pause_s)
        finally:
            await self._release()

    async def catch_up(self) -> int:
        """Fold what the leased partitions hold now; returns how many events that were.

        The partitions take turns, a page each. Raises Unavailable or Overloaded of the store.
        """
        await self._acquire()
        heads = await self._journal.heads()
        self._tell(heads)
        folded = 0
        behind = self._behind(self._leases, heads)
        while behind:
            moved = {partition: await self._advance(partition) for partition in behind}
            folded += sum(moved.values())
            await self._acquire()
            behind = self._behind([each for each, count in moved.items() if count], heads)
        self._tell(heads)
        return folded

    # --- leases ----------------------------------------------------------------------------------

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

    async def _release(self) -> None:
        """Give the leases back, if that is possible soon; else they run out by themselves."""
        leases, self._leases = [*self._leases.values()], {}
        with suppress(JourneyError, TimeoutError):
            async with asyncio.timeout(RELEASE_S):
                await self._states.release(leases)

    def _behind(self, partitions: Iterable[int], heads: Mapping[int, int]) -> list[int]:
        """Those of the partitions that are leased, not at their head and not resting."""
        now = asyncio.get_running_loop().time()
        return [
            partition
            for partition in partitions
            if (lease := self._leases.get(partition)) is not None
            and lease.position < heads[partition]
            and self._resting.get(partition, now) <= now
        ]

    # --- folding ---------------------------------------------------------------------------------

    async def _advance(self, partition: int) -> int:
        """Fold a page of a partition; a fault there leaves the other partitions alone.

        Returns by how many events it moved, which with a fault are those before it.
        """
        before = self._leases[partition].position
        try:
            await self._fold_page(partition)
        except LeaseLost:
            del self._leases[partition]
            return 0
        except (Unavailable, Overloaded):
            raise
        except Exception as error:  # noqa: BLE001  whatever a fold or damaged bytes raise
            self._rest(partition, error)
        return self._leases[partition].position - before

    def _rest(self, partition: int, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        self._resting[partition] = now + self._pause_after_fault_s
        if self._watchman is not None:
            position = self._leases[partition].position
            self._watchman.failed(self._projection.name, partition, position, error)

    async def _fold_page(self, partition: int) -> None:
        """Fold and save the next events of a partition; those before a fault are saved, too."""
        lease = self._leases[partition]
        events, damage = await self._read(lease)
        stored = await self._load(lease, events)
        rows, whole, fault = await self._fold(stored, events)
        if fault is not None:
            rows, whole, _ = await self._fold(stored, events[:whole])
        if whole:
            versions = {event.subject_id: event.version for event in events[:whole]}
            position = events[whole - 1].position
            self._leases[partition] = await self._states.save(lease, rows, versions, position)
        if fault is not None:
            raise fault
        if damage is not None:
            raise damage

    async def _read(self, lease: PartitionLease) -> tuple[list[Event], EventUnreadable | None]:
        """The next events; where one of them is damaged, those before it, and the damage."""
        after = lease.position
        try:
            events = await self._journal.read_partition(
                lease.partition, after_position=after, limit=self._page
            )
        except EventUnreadable as damage:
            whole = int(damage.metadata.get("position", 0)) - 1
            if whole <= after:
                return [], damage
            events = await self._journal.read_partition(
                lease.partition, after_position=after, up_to_position=whole, limit=self._page
            )
            return events, damage
        return events, None

    async def _load(
        self, lease: PartitionLease, events: Sequence[Event]
    ) -> dict[tuple[str, str], StateRow]:
        touched = {
            (event.subject_id, key) for event in events for key in self._projection.keys_of(event)
        }
        return await self._states.load(lease, touched)

    async def _fold(
        self, stored: Mapping[tuple[str, str], StateRow], events: Sequence[Event]
    ) -> tuple[list[StateRow], int, Exception | None]:
        """The states that change, how many events are in them, and what stopped the fold."""
        states: defaultdict[str, dict[str, S]] = defaultdict(dict)
        for (subject_id, key), row in stored.items():
            states[subject_id][key] = self._projection.parse(row.state)
        changed: dict[tuple[str, str], int] = {}
        for index, event in enumerate(events):
            if index % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            try:
                touched = self._projection.fold_event(states[event.subject_id], event)
            except Exception as fault:  # noqa: BLE001  a fold's own fault, whatever it is
                return [], index, fault
            changed |= {(event.subject_id, key): event.version for key in touched}
        return (
            [_row(states, *name, version) for name, version in changed.items()],
            len(events),
            None,
        )

    def _tell(self, heads: Mapping[int, int]) -> None:
        if self._watchman is not None:
            lag = sum(heads[lease.partition] - lease.position for lease in self._leases.values())
            self._watchman.stands(self._projection.name, lag_events=lag)


def _row(
    states: Mapping[str, Mapping[str, Message]], subject_id: str, key: str, version: int
) -> StateRow:
    state = states[subject_id][key].SerializeToString(deterministic=True)
    return StateRow(subject_id, key, version, state)
