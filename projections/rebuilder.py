"""Works at the rebuilds of all projections, in one process, as long as it lives.

    a new fold version ──▶ running ──┬─ all is folded and compared ──▶ switched; compared (dry run)
    somebody asked ────────▶   ▲     ├─ told to ──▶ paused ──▶ running
                               │     ├─ told to ──▶ cancelled
                               └─────┴─ an event cannot be folded ──▶ failed

A killed process leaves leases that run out, and nothing else; others go on with its partitions.
What nobody needs any longer is dropped here, too, in small steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from journey.v1 import errors_pb2 as reasons
from journey_service.domain.errors import EventUnreadable, Overloaded, Unavailable
from journey_service.ports import Journal, PartitionLease
from journey_service.ports_of_rebuilds import (
    Generation,
    GenerationStatus,
    Rebuild,
    RebuildOrder,
    Rebuilds,
    RunStatus,
)
from journey_service.ports_of_views import Stops
from projections.halting import Stopped, told_of
from projections.rebuild import (
    BATCH_EVENTS,
    LEASE_LIFE_MS,
    Builder,
    FoldFailed,
    left_of,
    rebuilt_by,
)
from projections.view import StoredView

LOOK_S = 1.0
DROP_SUBJECTS = 500
GOES_ON = (RunStatus.RUNNING, RunStatus.PAUSED)


class Rebuilder:
    """Begins what a new fold version needs, and works at whatever goes on."""

    def __init__(
        self,
        views: Sequence[StoredView[Any]],
        journal: Journal,
        rebuilds: Rebuilds,
        *,
        owner: str,
        stops: Stops | None = None,
        keep_old_ms: int = 0,
        look_s: float = LOOK_S,
        batch_events: int = BATCH_EVENTS,
        lease_life_ms: int = LEASE_LIFE_MS,
        share_percent: int = 100,
        drop_subjects: int = DROP_SUBJECTS,
    ) -> None:
        """`owner` must be another one than the runners': both never fold one partition at once."""
        self._views = views
        self._journal = journal
        self._rebuilds = rebuilds
        self._owner = owner
        self._stops = stops
        self._keep_old_ms = keep_old_ms
        self._look_s = look_s
        self._batch_events = batch_events
        self._lease_life_ms = lease_life_ms
        self._share_percent = share_percent
        self._drop_subjects = drop_subjects

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                busy = await self.turn()
            except (Unavailable, Overloaded):
                busy = False
            await asyncio.sleep(0 if busy else self._look_s)

    async def begin_automatic(self) -> None:
        """Begin to fill the generations of new fold versions that are not whole.

        To be called before their runners begin, which then leave them alone.
        """
        for view in self._views:
            await self._rebuilds.begin_automatic(
                await order_of(self._journal, view, self._keep_old_ms)
            )

    async def turn(self) -> bool:
        """Do one piece of work; False where there is none."""
        for rebuild in await self._rebuilds.list_of(status=RunStatus.RUNNING):
            view = rebuilt_by(self._views, rebuild)
            if view is not None and await self._work(view, rebuild):
                return True
        return await self._drop_some()

    async def _work(self, view: StoredView[Any], rebuild: Rebuild) -> bool:
        builder = Builder(
            view,
            self._rebuilds,
            rebuild,
            owner=self._owner,
            skips=lambda partition: self._skipped(view, partition),
            batch_events=self._batch_events,
            lease_life_ms=self._lease_life_ms,
            share_percent=self._share_percent,
        )
        try:
            if await builder.work():
                return True
        except (Unavailable, Overloaded):
            raise
        except Exception as fault:  # noqa: BLE001  whatever a fold or damaged bytes raise
            await self._fail(rebuild, fault)
            return True
        progress = await self._rebuilds.progress(rebuild.projection, rebuild.generation)
        if left_of(rebuild, progress):
            # Others are at it, or it was told to wait.
            return False
        return await self._end(rebuild)

    async def _skipped(self, view: StoredView[Any], partition: int) -> Collection[int]:
        if self._stops is None:
            return ()
        skipped = await self._stops.skipped(view.name, view.version, [partition])
        return {event.position for event in skipped}

    async def _end(self, rebuild: Rebuild) -> bool:
        if rebuild.dry_run:
            ended = await self._rebuilds.set_status(rebuild, RunStatus.COMPARED, allowed=GOES_ON)
        else:
            ended = await self._rebuilds.switch(rebuild)
        return ended is not None

    async def _fail(self, rebuild: Rebuild, fault: Exception) -> None:
        """Of what is not told the place of an event, the kind of fault is told, never its text."""
        cause, told = fault, f"It cannot be compared: {type(fault).__name__}"
        if isinstance(fault, FoldFailed):
            cause, told = fault.cause, str(fault)
            await self._note_stop(rebuild, fault)
        damaged = isinstance(cause, EventUnreadable)
        reason = reasons.ERROR_REASON_EVENT_UNREADABLE if damaged else reasons.ERROR_REASON_BUG
        await self._rebuilds.set_status(
            rebuild,
            RunStatus.FAILED,
            allowed=GOES_ON,
            error_reason=reason,
            error=told,
        )

    async def _note_stop(self, rebuild: Rebuild, fault: FoldFailed) -> None:
        """What is read stops there: its runner goes on with the others, and comes to it itself."""
        if rebuild.automatic and self._stops is not None:
            place = PartitionLease(
                rebuild.projection, rebuild.generation, fault.partition, 0, fault.position - 1
            )
            stopped = Stopped(fault.position, fault.event, fault.cause)
            await self._stops.note(place, told_of(place, stopped))

    async def _drop_some(self) -> bool:
        """A step of dropping what is old and due; False where nothing is."""
        for generation in await self._rebuilds.generations():
            if await self._is_doomed(generation):
                await self._rebuilds.drop_some(generation, limit=self._drop_subjects)
                return True
        return False

    async def _is_doomed(self, generation: Generation) -> bool:
        if generation.status is GenerationStatus.DROPPING:
            # Whoever began it may have ended before all leases were gone.
            return await self._rebuilds.drop(generation)
        may_be_due = generation.status is GenerationStatus.OLD and generation.drop_at_ms > 0
        return may_be_due and await self._rebuilds.drop(generation, due=True)


async def order_of(
    journal: Journal, view: StoredView[Any], keep_old_ms: int, **facts: Any
) -> RebuildOrder:
    """What to rebuild: all that is recorded now, by the fold of this process."""
    heads = await journal.heads()
    return RebuildOrder(
        projection=view.name,
        fold_version=view.version,
        targets=[heads[partition] for partition in sorted(heads)],
        keep_old_ms=keep_old_ms,
        **facts,
    )
