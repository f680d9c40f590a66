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
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Generic, Protocol, TypeAlias, TypeVar

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import (
    EventUnreadable,
    JourneyError,
    LeaseLost,
    Overloaded,
    Unavailable,
)
from journey_service.ports import PartitionLease, StateRow, States
from journey_service.ports_of_views import Stops
from projections.halting import Halts, Stopped, Watchman
from projections.portions import Turns, fold_parts, keys_in, plan
from projections.projection import Projection

S = TypeVar("S", bound=Message)
# Subject and key of a state.
Place: TypeAlias = tuple[str, str]
# Field and value by which a state is found.
Index = Callable[[S], Sequence[tuple[str, str]]]

PAGE = 500
# States of which is told by what they are found, before the same: each is published for that.
INDEX_BREATH = 10
PAUSE_S = 1.0
PAUSE_AFTER_FAULT_S = 5.0
LEASE_LIFE_MS = 10_000
RELEASE_S = 1.0


class Log(Protocol):
    """What a runner reads: the part of ports.Journal that it needs."""

    @property
    def partition_count(self) -> int:
        """See ports.Journal."""

    async def heads(self) -> dict[int, int]:
        """See ports.Journal."""

    async def read_partition(
        self,
        partition: int,
        *,
        after_position: int = 0,
        up_to_position: int | None = None,
        limit: int = 1_000,
    ) -> list[Event]:
        """See ports.Journal."""


class Runner(Generic[S]):
    """Folds the partitions that this owner holds leases of; memory is bounded by one page."""

    def __init__(
        self,
        projection: Projection[S],
        journal: Log,
        states: States,
        *,
        owner: str,
        watchman: Watchman | None = None,
        stops: Stops | None = None,
        index: Index[S] | None = None,
        pause_s: float = PAUSE_S,
        pause_after_fault_s: float = PAUSE_AFTER_FAULT_S,
        lease_life_ms: int = LEASE_LIFE_MS,
        page: int = PAGE,
    ) -> None:
        """`stops` keeps where it stopped; `index` gives by what a state is found."""
        self._projection = projection
        self._journal = journal
        self._states = states
        self._owner = owner
        self._watchman = watchman
        self._index = index
        self._halts = Halts(
            projection.name, projection.version, stops, watchman, pause_s=pause_after_fault_s
        )
        self._pause_s = pause_s
        self._lease_life_ms = lease_life_ms
        self._page = page
        self._leases: dict[int, PartitionLease] = {}
        self._acquired_at = float("-inf")

    async def run(self) -> None:
        """Until cancelled; then the leases are given back."""
        try:
            while True:
                try:
                    await self.catch_up()
                except (Unavailable, Overloaded):
                    self.forget()
                await asyncio.sleep(self._pause_s)
        finally:
            await self.release()

    async def catch_up(self) -> int:
        """Fold what the leased partitions hold now; returns how many events that were.

        The partitions take turns, a page each. Raises Unavailable or Overloaded of the store.
        """
        await self.acquire()
        heads = await self._journal.heads()
        self.tell(heads)
        folded = 0
        behind = self.behind(heads)
        while behind:
            moved = {partition: await self.advance(partition) for partition in behind}
            folded += sum(moved.values())
            await self.acquire()
            behind = self.behind(heads, [each for each, count in moved.items() if count])
        self.tell(heads)
        return folded

    # --- leases ----------------------------------------------------------------------------------

    def forget(self) -> None:
        """What was not saved is read again, from where the store says it stands."""
        self._acquired_at = float("-inf")

    async def acquire(self) -> None:
        """Take what is free, keep what is ours; often enough that a lease never runs out."""
        await self._halts.look(max((each.generation for each in self._leases.values()), default=0))
        now = asyncio.get_running_loop().time()
        if now - self._acquired_at < self._lease_life_ms / 3_000:
            return
        leases = await self._states.acquire(
            self._projection.name,
            self._owner,
            range(self._journal.partition_count),
            life_ms=self._lease_life_ms,
        )
        taken = [lease for lease in leases if lease.partition not in self._leases]
        self._leases = {lease.partition: lease for lease in leases}
        self._acquired_at = now
        await self._halts.take_over(taken)

    async def release(self) -> None:
        """Give the leases back, if that is possible soon; else they run out by themselves."""
        leases, self._leases = [*self._leases.values()], {}
        with suppress(JourneyError, TimeoutError):
            async with asyncio.timeout(RELEASE_S):
                await self._states.release(leases)

    def behind(
        self, heads: Mapping[int, int], partitions: Iterable[int] | None = None
    ) -> list[int]:
        """Those of the partitions (None = all) that are leased, not at their head, not resting."""
        return [
            partition
            for partition in (self._leases if partitions is None else partitions)
            if (lease := self._leases.get(partition)) is not None
            and lease.position < heads[partition]
            and not self._halts.is_resting(partition)
        ]

    # --- folding ---------------------------------------------------------------------------------

    async def advance(self, partition: int) -> int:
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
        except Stopped as stopped:
            await self._halts.stop(self._leases[partition], stopped)
        except Exception as error:  # noqa: BLE001  whatever damaged bytes of states raise
            lease = self._leases[partition]
            await self._halts.stop(lease, Stopped(lease.position + 1, None, error))
        return self._leases[partition].position - before

    async def _fold_page(self, partition: int) -> None:
        """Fold and save the next events of a partition; those before a fault are saved, too."""
        lease = self._leases[partition]
        events, damage = await self._read(lease)
        rows, whole, fault = await self._fold_with(lease, events)
        if whole:
            versions = {event.subject_id: event.version for event in events[:whole]}
            await self._save(lease, rows, versions, events[whole - 1].position)
        if fault is not None:
            raise Stopped(events[whole].position, events[whole], fault)
        if damage is not None:
            await self._pass_over(self._leases[partition], damage)

    async def _pass_over(self, lease: PartitionLease, damage: EventUnreadable) -> None:
        """Go on behind damaged bytes, if that was told. Raises Stopped."""
        facts = damage.metadata
        position = int(facts.get("position", lease.position + 1))
        if not await self._halts.leaves_out(lease, position):
            raise Stopped(position, None, damage)
        await self._save(lease, [], {facts["subject_id"]: int(facts["version"])}, position)

    async def _save(
        self,
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> None:
        saved = await self._states.save(lease, rows, versions, position)
        self._leases[lease.partition] = saved
        await self._halts.went_on(saved)

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

    async def _fold_with(
        self, lease: PartitionLease, events: Sequence[Event]
    ) -> tuple[list[StateRow], int, Exception | None]:
        """The states that change, how many events they hold, and the fault that stopped the fold.

        An event that was told to be left out is left out where it stops the fold, else not.
        """
        rows = await self._fold_in_portions(lease, events)
        if rows is not None:
            return rows, len(events), None
        keys, faults = self._touched(events)
        stored = await self._states.load(lease, keys)
        while True:
            rows, whole, fault = await self._fold(stored, events, faults)
            if fault is None:
                return rows, whole, None
            if not await self._halts.leaves_out(lease, events[whole].position):
                rows, _, _ = await self._fold(stored, events[:whole], faults)
                return rows, whole, fault
            faults[events[whole].position] = None

    async def _fold_in_portions(
        self, lease: PartitionLease, events: Sequence[Event]
    ) -> list[StateRow] | None:
        """The states that change; None where the events are to be folded one by one."""
        parts = await plan(self._projection, events)
        if parts is None:
            return None
        states = self._parsed(await self._states.load(lease, keys_in(parts)))
        versions = await fold_parts(states, parts)
        if versions is None:
            return None
        rows, _, fault = await self._rows(states, versions)
        return rows if fault is None else None

    def _parsed(self, stored: Mapping[tuple[str, str], StateRow]) -> dict[str, dict[str, S]]:
        states: defaultdict[str, dict[str, S]] = defaultdict(dict)
        for (subject_id, key), row in stored.items():
            states[subject_id][key] = self._projection.parse(row.state)
        return states

    def _touched(
        self, events: Sequence[Event]
    ) -> tuple[set[tuple[str, str]], dict[int, Exception | None]]:
        """Which states the events change; and by position what stops the fold before it begins,
        None = the event is left out."""
        touched: set[tuple[str, str]] = set()
        faults: dict[int, Exception | None] = {}
        for event in events:
            try:
                touched.update((event.subject_id, key) for key in self._projection.keys_of(event))
            except Exception as fault:  # noqa: BLE001  a projection's own fault, whatever it is
                faults[event.position] = fault
        return touched, faults

    async def _fold(
        self,
        stored: Mapping[tuple[str, str], StateRow],
        events: Sequence[Event],
        faults: Mapping[int, Exception | None],
    ) -> tuple[list[StateRow], int, Exception | None]:
        states, turns = self._parsed(stored), Turns()
        changed: dict[Place, int] = {}
        for index, event in enumerate(events):
            await turns.did(1)
            if event.position in faults:
                if (known := faults[event.position]) is not None:
                    return [], index, known
                continue
            try:
                touched = self._projection.fold_event(states[event.subject_id], event)
            except Exception as fault:  # noqa: BLE001  a fold's own fault, whatever it is
                return [], index, fault
            changed |= {(event.subject_id, key): index for key in touched}
        versions = {state: events[index].version for state, index in changed.items()}
        rows, faulty, error = await self._rows(states, versions)
        return rows, len(events) if faulty is None else changed[faulty], error

    async def _rows(
        self, states: Mapping[str, Mapping[str, S]], versions: Mapping[Place, int]
    ) -> tuple[list[StateRow], Place | None, Exception | None]:
        """What is stored of the states that changed, with the version that changed each last; or
        none, and which of them cannot be stored."""
        rows: list[StateRow] = []
        for (subject_id, key), version in versions.items():
            if self._index is not None and len(rows) % INDEX_BREATH == INDEX_BREATH - 1:
                await asyncio.sleep(0)
            state = states[subject_id][key]
            try:
                found_by = None if self._index is None else self._index(state)
            except Exception as fault:  # noqa: BLE001  likewise, of what it shows
                return [], (subject_id, key), fault
            plain = state.SerializeToString(deterministic=True)
            rows.append(StateRow(subject_id, key, version, plain, found_by))
        return rows, None, None

    def tell(self, heads: Mapping[int, int]) -> None:
        """Say how far it is behind these heads."""
        if self._watchman is not None:
            lag = sum(heads[lease.partition] - lease.position for lease in self._leases.values())
            self._watchman.stands(self._projection.name, lag_events=lag)
