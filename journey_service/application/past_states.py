"""GetState as of a point in the past: any view, folded anew from the events that count there."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import projections
from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import GetStateResponse
from journey.v1.reading_pb2 import AsOf
from journey_service.application.context import Context
from journey_service.application.past import Past, everything, lead_then, pages, past_of, view_at
from journey_service.application.tokens import checkpoint_of_streams
from journey_service.application.view_reader import ViewStates, of_journeys, published_together
from journey_service.domain.customers import Customer
from journey_service.domain.errors import ProjectionBehind
from projections.view import DerivedView, StoredView, View


async def state_as_of(
    context: Context, view: View, customer: Customer, subject_id: str, key: str, as_of: AsOf
) -> GetStateResponse:
    """The state of a key then; without content where nothing was folded under it by then.

    Raises what `past_of` raises, and ProjectionBehind where an event cannot be folded.
    """
    past = await past_of(context, customer, subject_id, as_of)
    lead = lead_then(customer, past)
    if isinstance(view, DerivedView) or view.projection is projections.JOURNEYS:
        found = of_journeys(view, await view_at(context, past), lead, [key], past.moment_ms)
    else:
        found = await _folded(context, view, past, lead)
    prefix = past.counts is everything
    return GetStateResponse(
        state=found.state(key),
        checkpoint=checkpoint_of_streams(context, past.versions) if prefix else "",
    )


async def _folded(context: Context, view: StoredView[Any], past: Past, lead: str) -> ViewStates:
    """The states of a view with a fold of its own; what it was told to skip is left out."""
    without = set[tuple[int, int]]()
    while True:
        states, faulty = await _fold(context, view, past, without)
        if faulty is None:
            break
        told = await context.projected.stops.skipped(view.name, view.version, [faulty.partition])
        skipped = {(faulty.partition, each.position) for each in told}
        if (faulty.partition, faulty.position) not in skipped:
            raise ProjectionBehind(
                f"{view.name} cannot fold event {faulty.interaction.event_id} of this subject, "
                "which lies before that point: see the projections.",
                projection=view.name,
            )
        without |= skipped
    return ViewStates(lead, past.versions, 0, published_together(view, lead, states.values()))


async def _fold(
    context: Context, view: StoredView[Any], past: Past, without: set[tuple[int, int]]
) -> tuple[dict[str, dict[str, Any]], Event | None]:
    """The states of each member, and the event that could not be folded into them, None = there is
    none."""
    states: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    async for page in pages(context, past):
        for event in page:
            if (event.partition, event.position) in without:
                continue
            try:
                view.projection.fold_event(states[event.subject_id], event)
            except Exception:  # noqa: BLE001  a fold's own fault, whatever it is
                return states, event
    return states, None
