"""Makes a projection anew beside the live one: one partition after the other, then compares it.

    take a partition ──▶ fill it to its target ──▶ compare it with the live one ──▶ give it back ─┐
          ▲                                                                                       │
          └───────────────────── partitions are left ─────────────────────────────────────────────┘

Any number of processes do this at once, each in the partitions that it holds leases of. What is
done stands in the store, batch by batch, so whoever takes a partition next goes on where it is.
Folding changes states and nothing else: no effect of an event comes about again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import EventUnreadable, JournalRewound, JourneyError, LeaseLost
from journey_service.failpoints import failpoint_async
from journey_service.ports import PartitionLease, StateRow
from journey_service.ports_of_rebuilds import Progress, Rebuild, Rebuilds
from projections.comparing import Comparison
from projections.portions import Part, Turns, fold_parts, keys_in, plan
from projections.projection import serialized
from projections.view import StoredView

S = TypeVar("S", bound=Message)

BATCH_EVENTS = 5_000
LEASE_LIFE_MS = 10_000
# States that stay in memory from one batch to the next, and are neither read nor parsed again.
STATES_KEPT = 20_000
RELEASE_S = 1.0
# What finding by what a state is found takes, in events folded: it is published for that.
INDEXED_AS_EVENTS = 5

# Positions that a partition leaves out.
Skips = Callable[[int], Awaitable[Collection[int]]]


class FoldFailed(Exception):
    """An event cannot be folded. `cause` is what the fold or the store raised; `event` is None
    where it is damaged."""

    def __init__(
        self, partition: int, position: int, cause: Exception, event: Event | None = None
    ) -> None:
        self.partition = partition
        self.position = position
        self.cause = cause
        self.event = event
        at = f"partition {partition}, position {position}"
        super().__init__(f"The event at {at} cannot be folded: {type(cause).__name__}")


async def _none(_partition: int) -> Collection[int]:
    return ()


class Builder(Generic[S]):
    """One process's part in one rebuild; memory is bounded by a batch and the states kept."""

    def __init__(
        self,
        view: StoredView[S],
        rebuilds: Rebuilds,
        rebuild: Rebuild,
        *,
        owner: str,
        skips: Skips = _none,
        batch_events: int = BATCH_EVENTS,
        lease_life_ms: int = LEASE_LIFE_MS,
        share_percent: int = 100,
    ) -> None:
        """`share_percent` of the time is spent on it; the rest is left to calls."""
        self._view = view
        self._projection = view.projection
        self._rebuilds = rebuilds
        self._rebuild = rebuild
        self._owner = owner
        self._skips = skips
        self._batch_events = batch_events
        self._lease_life_ms = lease_life_ms
        self._idle_per_busy = 100 / share_percent - 1
        self._renewed_at = 0.0

    async def work(self) -> bool:
        """Fill and compare one partition; False where there is none that this process can take.

        Raises FoldFailed, and Unavailable or Overloaded of the store.
        """
        progress = await self._rebuilds.progress(self._rebuild.projection, self._rebuild.generation)
        left = left_of(self._rebuild, progress)
        # Each process begins elsewhere, so that they seldom want the same one.
        for partition in random.sample(left, len(left)):
            lease = await self._take(partition)
            if lease is not None:
                return await self._build(lease)
        return False

    async def _build(self, lease: PartitionLease) -> bool:
        """False where the lease was lost, which is also how a pause and an end are noticed."""
        try:
            skips = frozenset(await self._skips(lease.partition))
            lease = await self._fill(lease, skips)
            await self._compare(lease, skips)
        except LeaseLost:
            return False
        finally:
            with suppress(JourneyError, TimeoutError):
                async with asyncio.timeout(RELEASE_S):
                    await self._rebuilds.release([lease])
        return True

    # --- leases ----------------------------------------------------------------------------------

    async def _take(self, partition: int) -> PartitionLease | None:
        leases = await self._rebuilds.acquire(
            self._rebuild, self._owner, [partition], life_ms=self._lease_life_ms
        )
        self._renewed_at = asyncio.get_running_loop().time()
        return leases[0] if leases else None

    async def _keep(self, lease: PartitionLease) -> None:
        """Renew the lease in time. Raises LeaseLost where the rebuild runs no longer, too."""
        age_s = asyncio.get_running_loop().time() - self._renewed_at
        if age_s * 3_000 < self._lease_life_ms:
            return
        kept = await self._take(lease.partition)
        if kept is None or kept.epoch != lease.epoch:
            raise LeaseLost

    # --- filling ---------------------------------------------------------------------------------

    async def _fill(self, lease: PartitionLease, skips: frozenset[int]) -> PartitionLease:
        target = self._rebuild.targets[lease.partition]
        folding = _Folding(self._view, skips)
        while lease.position < target:
            began = asyncio.get_running_loop().time()
            await self._keep(lease)
            lease = await self._fill_batch(lease, folding)
            await self._rest(began)
        return lease

    async def _fill_batch(self, lease: PartitionLease, folding: _Folding[S]) -> PartitionLease:
        try:
            events = await self._rebuilds.read(
                lease.partition, after_position=lease.position, limit=self._batch_events
            )
            if not events:
                raise FoldFailed(lease.partition, lease.position + 1, JournalRewound())
            await folding.plan(events)
            await folding.know(await self._rebuilds.load(lease, folding.missing(events)))
        except EventUnreadable as damage:
            position = int(damage.metadata.get("position", lease.position + 1))
            raise FoldFailed(lease.partition, position, damage) from damage
        await folding.fold()
        await failpoint_async("rebuild:after-batch")
        versions = {event.subject_id: event.version for event in events}
        rows = await folding.take_changed()
        return await self._rebuilds.save(lease, rows, versions, events[-1].position)

    async def _rest(self, began: float) -> None:
        busy_s = asyncio.get_running_loop().time() - began
        await asyncio.sleep(busy_s * self._idle_per_busy)

    # --- comparing -------------------------------------------------------------------------------

    async def _compare(self, lease: PartitionLease, skips: frozenset[int]) -> None:
        base = self._rebuild.base_generation
        comparison = Comparison(self._view, self._rebuilds, self._rebuild, skips)
        after: str | None = "" if base else None
        while after is not None:
            began = asyncio.get_running_loop().time()
            await self._keep(lease)
            after = await comparison.compare_page(lease, after)
            await self._rest(began)
        await self._rebuilds.store_comparison(lease, serialized(comparison.result()))


class _Folding(Generic[S]):
    """The states of one partition, as far as they are folded, and which of them changed."""

    def __init__(self, view: StoredView[S], skips: frozenset[int]) -> None:
        self._view = view
        self._projection = view.projection
        self._skips = skips
        self._states: dict[str, dict[str, S]] = {}
        # Subjects of which everything that is stored is in memory.
        self._whole: set[str] = set()
        self._changed: dict[tuple[str, str], int] = {}
        self._kept = 0
        # Of the batch at hand: its events, and in parts; None = they are folded one by one.
        self._events: Sequence[Event] = ()
        self._parts: list[Part[S]] | None = None

    async def plan(self, events: Sequence[Event]) -> None:
        """Take the events of a batch, and look what they change."""
        self._events = [event for event in events if event.position not in self._skips]
        self._parts = await plan(self._projection, self._events)

    def missing(self, events: Sequence[Event]) -> set[tuple[str, str]]:
        """States that the events change and that are not in memory, by (subject_id, key). Raises
        FoldFailed at the first of which cannot be told."""
        self._whole.update(event.subject_id for event in events if event.version == 1)
        changed = self._named() if self._parts is None else keys_in(self._parts)
        return {
            (subject_id, key)
            for subject_id, key in changed
            if subject_id not in self._whole and key not in self._states.get(subject_id, {})
        }

    def _named(self) -> set[tuple[str, str]]:
        named: set[tuple[str, str]] = set()
        for event in self._events:
            try:
                named.update((event.subject_id, key) for key in self._projection.keys_of(event))
            except Exception as cause:  # whatever a projection raises
                raise FoldFailed(event.partition, event.position, cause, event) from cause
        return named

    async def know(self, rows: dict[tuple[str, str], StateRow]) -> None:
        """Take what is stored of them."""
        turns = Turns()
        for (subject_id, key), row in rows.items():
            await turns.did(1)
            self._states.setdefault(subject_id, {})[key] = self._projection.parse(row.state)

    async def fold(self) -> None:
        """Fold its events into the states. Raises FoldFailed at the first that cannot be."""
        changed = None if self._parts is None else await fold_parts(self._states, self._parts)
        if changed is not None:
            self._changed |= changed
        else:
            await self._fold_one_by_one()

    async def _fold_one_by_one(self) -> None:
        turns = Turns()
        for event in self._events:
            await turns.did(1)
            mine = self._states.setdefault(event.subject_id, {})
            try:
                touched = self._projection.fold_event(mine, event)
            except Exception as cause:  # whatever a fold raises
                raise FoldFailed(event.partition, event.position, cause, event) from cause
            for key in touched:
                self._changed[event.subject_id, key] = event.version

    async def take_changed(self) -> list[StateRow]:
        """The states that changed since the last time, as they are stored."""
        changed, self._changed = self._changed, {}
        index = self._view.indexed if self._view.index else None
        rows, turns = [], Turns()
        for (subject_id, key), version in changed.items():
            await turns.did(1 if index is None else INDEXED_AS_EVENTS)
            state = self._states[subject_id][key]
            entries = index(state) if index is not None else None
            rows.append(StateRow(subject_id, key, version, serialized(state), entries))
        self._forget_some(len(rows))
        return rows

    def _forget_some(self, more: int) -> None:
        """Begin anew with nothing in memory when it is full."""
        self._kept += more
        if self._kept > STATES_KEPT:
            self._states.clear()
            self._whole.clear()
            self._kept = 0


def left_of(rebuild: Rebuild, progress: Progress) -> list[int]:
    """Partitions that are not folded to their target and compared."""
    return [
        partition
        for partition, target in enumerate(rebuild.targets)
        if partition not in progress.compared or progress.positions.get(partition, 0) < target
    ]


def rebuilt_by(views: Sequence[StoredView[Any]], rebuild: Rebuild) -> StoredView[Any] | None:
    """The view whose fold makes this rebuild; None where this process has another version of it."""
    named = rebuild.projection, rebuild.fold_version
    return next((view for view in views if (view.name, view.version) == named), None)
