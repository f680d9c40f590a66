"""GetState as of a point in the past: any view, folded anew from the events that count there."""

from __future__ import annotations

from typing import Any

import projections
from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import GetStateResponse
from journey.v1.reading_pb2 import AsOf
from journey_service.application.context import Context
from journey_service.application.past import Past, everything, pages, past_of, view_at
from journey_service.application.tokens import checkpoint_of_stream
from journey_service.application.view_reader import ViewStates, of_journeys, shown_state
from journey_service.domain.errors import ProjectionBehind
from projections.view import DerivedView, StoredView, View


async def state_as_of(
    context: Context, view: View, subject_id: str, key: str, as_of: AsOf
) -> GetStateResponse:
    """The state of a key then; without content where nothing was folded under it by then.

    Raises what `past_of` raises, and ProjectionBehind where an event cannot be folded.
    """
    past = await past_of(context, subject_id, as_of)
    if isinstance(view, DerivedView) or view.projection is projections.JOURNEYS:
        found = of_journeys(view, await view_at(context, past), [key], past.moment_ms)
    else:
        found = await _folded(context, view, past)
    prefix = past.counts is everything
    version = past.up_to_version
    return GetStateResponse(
        state=found.state(key),
        checkpoint=checkpoint_of_stream(context, subject_id, version) if prefix else "",
    )


async def _folded(context: Context, view: StoredView[Any], past: Past) -> ViewStates:
    """The states of a view with a fold of its own; what it was told to skip is left out."""
    without = set[int]()
    while True:
        states, faulty = await _fold(context, view, past, without)
        if faulty is None:
            break
        told = await context.projected.stops.skipped(view.name, view.version, [faulty.partition])
        skipped = {each.position for each in told}
        if faulty.position not in skipped:
            raise ProjectionBehind(
                f"{view.name} cannot fold event {faulty.interaction.event_id} of this subject, "
                "which lies before that point: see the projections.",
                projection=view.name,
            )
        without |= skipped
    shown = {
        key: shown_state(past.subject_id, key, view.publish(state), view.updated_at_ms(state))
        for key, state in states.items()
    }
    return ViewStates(past.subject_id, past.up_to_version, 0, shown)


async def _fold(
    context: Context, view: StoredView[Any], past: Past, without: set[int]
) -> tuple[dict[str, Any], Event | None]:
    """The states, and the event that could not be folded into them, None = there is none."""
    states: dict[str, Any] = {}
    async for page in pages(context, past):
        for event in page:
            if event.position in without:
                continue
            try:
                view.projection.fold_event(states, event)
            except Exception:  # noqa: BLE001  a fold's own fault, whatever it is
                return states, event
    return states, None
