"""A journey at two points in the past: which fields differ, and the events in between."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet

import projections
from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import DiffJourneyRequest, DiffJourneyResponse, FieldChange
from journey.v1.journeys_pb2 import Journey
from journey_service.application.context import Context
from journey_service.application.customer_view import CustomerView
from journey_service.application.customers import check_customer_there, customer_of
from journey_service.application.past import (
    Past,
    at_versions,
    everything,
    pages,
    past_of,
    told_of,
    view_at,
)
from journey_service.application.resume import not_there_yet
from journey_service.application.sources import heads_of
from journey_service.domain.customers import Customer
from journey_service.domain.differences import differences
from journey_service.domain.identity import Principal, reach

# It follows from all the others.
UNTOLD = frozenset({"checksum"})


async def diff_journey(
    context: Context, principal: Principal, request: DiffJourneyRequest
) -> DiffJourneyResponse:
    """The journey at both points, what differs, and what was recorded in between.

    Raises what `past_of` raises, CustomerNotFound, and JourneyNotFound where it was at neither.
    """
    subject_id = reach(principal, request.subject_id)
    key = projections.key_of(request.journey)
    customer = await customer_of(context, principal, subject_id)
    before = await past_of(context, customer, subject_id, request.before, named="before")
    after = await _second(context, customer, subject_id, request)
    views = [await view_at(context, past) for past in (before, after)]
    response = DiffJourneyResponse()
    states = (response.before, response.after)
    for view, past, state in zip(views, (before, after), states, strict=True):
        if key in view.folds:
            state.CopyFrom(view.publish(key, past.moment_ms))
    if not (response.HasField("before") or response.HasField("after")):
        await check_customer_there(context, principal, subject_id, customer)
        raise not_there_yet(key, await told_of(context, after))
    response.changes.extend(_changes(response))
    concerned = {key}.union(*(_members(view, key) for view in views))
    await _add_events(context, response, (before, after), concerned)
    return response


async def _second(
    context: Context, customer: Customer, subject_id: str, request: DiffJourneyRequest
) -> Past:
    """The second point; unset = as it stands now."""
    if request.HasField("after"):
        return await past_of(context, customer, subject_id, request.after, named="after")
    heads = await heads_of(context, customer.subject_ids)
    return at_versions(subject_id, heads, context.clock.now_ms())


def _changes(response: DiffJourneyResponse) -> list[FieldChange]:
    found = differences(*_set(response), without=UNTOLD)
    return [
        FieldChange(path=change.path, before_json=change.before_json, after_json=change.after_json)
        for change in found
    ]


def _set(response: DiffJourneyResponse) -> tuple[Journey | None, Journey | None]:
    before = response.before if response.HasField("before") else None
    return before, response.after if response.HasField("after") else None


def _members(view: CustomerView, key: str) -> Collection[str]:
    return projections.members_of(view.folds[key]) if key in view.folds else ()


async def _add_events(
    context: Context,
    response: DiffJourneyResponse,
    points: tuple[Past, Past],
    concerned: AbstractSet[str],
) -> None:
    """What concerns these journeys and counts at one of the points alone, as far as it fits."""
    left = context.settings.diff_bytes
    async for page in pages(context, _both(points), behind=_common(points)):
        for event in page:
            if not _between(event, points) or concerned.isdisjoint(projections.keys_of(event)):
                continue
            left -= event.ByteSize()
            if left < 0 or len(response.events) == context.settings.diff_events:
                response.truncated = True
                return
            response.events.append(event)


def _between(event: Event, points: tuple[Past, Past]) -> bool:
    before, after = points
    return before.holds(event) != after.holds(event)


def _both(points: tuple[Past, Past]) -> Past:
    """The prefixes that hold what counts at either point."""
    before, after = points
    versions = {
        name: max(before.versions.get(name, 0), after.versions.get(name, 0))
        for name in {**before.versions, **after.versions}
    }
    return at_versions(before.subject_id, versions, 0)


def _common(points: tuple[Past, Past]) -> dict[str, int]:
    """The versions up to which everything counts at both points."""
    before, after = points
    if not all(past.counts is everything for past in points):
        return {}
    return {
        name: min(version, after.versions.get(name, 0)) for name, version in before.versions.items()
    }
