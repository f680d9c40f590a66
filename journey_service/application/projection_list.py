"""How projections stand, and what to do with those that stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from journey.v1.projection_service_pb2 import (
    PROJECTION_STATUS_BUILDING,
    PROJECTION_STATUS_FAILED,
    PROJECTION_STATUS_LIVE,
    ListProjectionsRequest,
    ListProjectionsResponse,
    Projection,
    RetryProjectionRequest,
    RetryProjectionResponse,
    SkipEventRequest,
    SkipEventResponse,
    SkippedEvent,
    StoppedFold,
)
from journey_service.application.context import Context
from journey_service.application.resume import page_size
from journey_service.application.states import stored_checkpoint
from journey_service.application.tokens import last_key_of, page_token
from journey_service.domain.errors import EventUnreadable, FieldViolations
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import fingerprint
from projections.view import DerivedView, StoredView, View

# A place that is just tried again is looked at so often.
SKIP_LOOK_S = 0.05


async def list_projections(
    context: Context, principal: Principal, request: ListProjectionsRequest
) -> ListProjectionsResponse:
    """A page of projections, by name. Raises TokenMismatch."""
    asked = fingerprint(principal.id)
    behind = last_key_of(context, request.page_token, "ListProjections", asked)
    views = sorted(context.projected.catalogue, key=lambda view: view.name)
    views = [view for view in views if view.name > behind]
    settings = context.settings
    size = page_size(request.page_size, settings.page_size, settings.page_size_max)
    look = _Look(context, await context.journal.heads())
    found = [await look.at(view) for view in views[:size]]
    more = len(views) > size
    return ListProjectionsResponse(
        projections=found,
        next_page_token=page_token(context, "ListProjections", asked, found[-1].name)
        if more
        else "",
    )


@dataclass(slots=True)
class _Look:
    """One look at projections, against the heads at its begin."""

    context: Context
    heads: Mapping[int, int]
    # When an event was recorded, by partition and position.
    _recorded: dict[tuple[int, int], int] = field(default_factory=dict)

    async def at(self, view: View) -> Projection:
        """How a projection stands."""
        shown = Projection(
            name=view.name,
            version=view.version,
            status=PROJECTION_STATUS_LIVE,
            read_roles=sorted(view.read_roles),
            description=view.description,
            own=self.context.projected.catalogue.is_own(view.name),
            derived=isinstance(view, DerivedView),
        )
        if isinstance(view, StoredView):
            await self._stored(view, shown)
        return shown

    async def _stored(self, view: StoredView[Any], shown: Projection) -> None:
        projected, epoch = self.context.projected, self.context.journal.epoch
        stored = await self.context.states.checkpoints(view.name)
        generation = await projected.lists.generation_of(view.name, view.version)
        shown.generation = generation
        shown.checkpoint = stored_checkpoint(self.context, stored, generation, epoch)
        shown.index_fields.extend(sorted(view.index))
        missing = {each: head for each, head in self.heads.items() if stored.get(each, 0) < head}
        shown.lag_events = sum(head - stored.get(each, 0) for each, head in missing.items())
        shown.lag_ms = await self._age_ms({each: stored.get(each, 0) for each in missing})
        shown.stops.extend(await projected.stops.stopped(view.name, generation))
        shown.skips.extend(await projected.stops.skipped(view.name, view.version, list(self.heads)))
        for rebuild in await projected.rebuilds.list_of(view.name, limit=1):
            # Of a projection one goes on at a time, and it is the newest.
            if rebuild.status.goes_on:
                shown.rebuild_id = f"{rebuild.projection}.{rebuild.generation}"
                shown.status = PROJECTION_STATUS_BUILDING
        if shown.stops:
            shown.status = PROJECTION_STATUS_FAILED
            shown.error = _why(shown.stops[0])

    async def _age_ms(self, stored: Mapping[int, int]) -> int:
        """Age of the oldest event behind these positions; 0 = there is none."""
        recorded = [
            at_ms
            for partition, position in stored.items()
            if (at_ms := await self._recorded_at_ms(partition, position + 1))
        ]
        return max(0, self.context.clock.now_ms() - min(recorded)) if recorded else 0

    async def _recorded_at_ms(self, partition: int, position: int) -> int:
        """When an event was recorded; 0 where it is damaged, and so cannot be known."""
        place = (partition, position)
        if place not in self._recorded:
            self._recorded[place] = 0
            with suppress(EventUnreadable):
                events = await self.context.journal.read_partition(
                    partition, after_position=position - 1, limit=1
                )
                self._recorded[place] = events[0].recorded_at_ms if events else 0
        return self._recorded[place]


def _why(stopped: StoppedFold) -> str:
    event = f"{stopped.type} {stopped.event_id}" if stopped.event_id else "a damaged event"
    return f"partition {stopped.partition}, position {stopped.position}, {event}: {stopped.error}"


async def retry_projection(
    context: Context, principal: Principal, request: RetryProjectionRequest
) -> RetryProjectionResponse:
    """Try again where it stopped. Raises ProjectionNotFound, FieldViolations."""
    del principal  # whoever may call it may do so for every projection
    view = context.projected.stored(context.projected.view(request.projection))
    count = context.journal.partition_count
    for place, partition in enumerate(request.partitions):
        if not 0 <= partition < count:
            raise FieldViolations.one(f"partitions[{place}]", f"0 to {count - 1}")
    generation = await context.projected.lists.generation_of(view.name, view.version)
    retried = await context.projected.stops.retry(
        view.name, generation, request.partitions or range(count)
    )
    return RetryProjectionResponse(retried=retried)


async def skip_event(
    context: Context, principal: Principal, request: SkipEventRequest
) -> SkipEventResponse:
    """Leave out the event at which it stopped; one that is just tried again is waited for. Raises
    ProjectionNotFound, FieldViolations."""
    view = context.projected.stored(context.projected.view(request.projection))
    generation = await context.projected.lists.generation_of(view.name, view.version)
    asked = SkippedEvent(
        partition=request.partition,
        position=request.position,
        reason=request.reason,
        actor=principal.id,
    )
    clock = asyncio.get_running_loop().time
    patient_until = clock() + context.settings.skip_wait_ms / 1_000
    while True:
        skipped = await context.projected.stops.skip(view.name, view.version, generation, asked)
        if skipped is not None:
            return SkipEventResponse(skipped=skipped)
        stops = await context.projected.stops.stopped(view.name, generation)
        due = await _is_due(context, view, stops, asked)
        if not due or clock() >= patient_until:
            raise FieldViolations.one("position", _where(view, stops, asked, due=due))
        await asyncio.sleep(SKIP_LOOK_S)


async def _is_due(
    context: Context, view: StoredView[Any], stops: Sequence[StoppedFold], asked: SkippedEvent
) -> bool:
    """Whether a place comes yet: its partition is not stopped, and not folded so far."""
    if any(each.partition == asked.partition for each in stops):
        return False
    stored = (await context.states.checkpoints(view.name)).get(asked.partition, 0)
    heads = await context.journal.heads()
    return stored < asked.position <= heads.get(asked.partition, 0)


def _where(
    view: StoredView[Any], stops: Sequence[StoppedFold], asked: SkippedEvent, *, due: bool
) -> str:
    """The rule that a place breaks at which a projection did not stop."""
    if due:
        return (
            f"{view.name} is not stopped in partition {asked.partition}, and "
            f"{asked.partition}/{asked.position} is not tried yet: look at "
            "`journey projections` in a moment"
        )
    if not stops:
        return f"{view.name} is stopped nowhere: there is nothing to skip"
    places = ", ".join(f"{each.partition}/{each.position}" for each in stops[:10])
    return f"only where {view.name} is stopped, as partition/position: {places}"
