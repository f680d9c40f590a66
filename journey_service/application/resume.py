"""Read journeys: one with its resume point, or the lists that a customer chooses from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

import projections
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    GetJourneyResponse,
    JourneyView,
    ListJourneysRequest,
    ListJourneysResponse,
)
from journey.v1.journeys_pb2 import Journey
from journey.v1.reading_pb2 import AsOf
from journey.v1.references_pb2 import JourneyRef
from journey_service.application.context import Context
from journey_service.application.customer_view import CustomerView
from journey_service.application.customers import (
    check_customer_there,
    check_there,
    customer_of,
    sees_proved_only,
)
from journey_service.application.past import past_of, told_of, view_at
from journey_service.application.reader import ExactRead
from journey_service.application.tokens import (
    last_key_of,
    page_token,
    state_token,
    wanted_versions,
)
from journey_service.application.told import leases_of, processed_of
from journey_service.domain.errors import FieldViolations, JourneyNotFound, ProjectionBehind
from journey_service.domain.identity import Principal, reach
from journey_service.domain.tokens import fingerprint

AT_LEAST_POLL_S = 0.02
AT_LEAST_RESERVE_S = 0.1

# Which journeys a view shows; CONTINUE, the default, has rules of its own.
SHOWN_IN: Mapping[JourneyView, Callable[[Journey], bool]] = {
    JourneyView.JOURNEY_VIEW_ALL: lambda journey: True,
    JourneyView.JOURNEY_VIEW_FINISHED: lambda journey: journey.finished,
    JourneyView.JOURNEY_VIEW_HIDDEN: lambda journey: journey.hidden,
    JourneyView.JOURNEY_VIEW_ARCHIVED: lambda journey: journey.archived,
}


async def get_journey(
    context: Context, principal: Principal, request: GetJourneyRequest, *, deadline: float | None
) -> GetJourneyResponse:
    """One journey, exact; with `as_of` at that point in the past, without leases and token.

    Raises CustomerNotFound, JourneyNotFound, ProjectionBehind, TokenMismatch; of the past also
    FieldViolations, CheckpointAhead, JournalRewound.
    """
    subject_id = reach(principal, request.subject_id)
    key = projections.key_of(request.journey)
    if request.HasField("as_of"):
        if request.at_least:
            raise FieldViolations.one("at_least", "not together with as_of")
        return await _journey_as_of(context, principal, subject_id, key, request.as_of)
    found = await read_at_least(context, principal, subject_id, request.at_least, deadline)
    if key not in found.view.folds:
        raise JourneyNotFound(
            f"The customer has no journey {key}.",
            kind=request.journey.kind,
            journey_id=request.journey.journey_id,
        )
    return GetJourneyResponse(
        journey=found.view.publish(key, context.clock.now_ms()),
        leases=leases_of(found, [key]),
        processed=processed_of(found) if principal.installation_id else (),
        token=state_token(context, found.view, journey=key),
    )


async def list_journeys(
    context: Context, principal: Principal, request: ListJourneysRequest, *, deadline: float | None
) -> ListJourneysResponse:
    """A page of a view, newest activity first; one entry per title in the continue list."""
    subject_id = reach(principal, request.subject_id)
    _check_kinds(request.kinds)
    found = await read_at_least(context, principal, subject_id, request.at_least, deadline)
    now_ms = context.clock.now_ms()
    keys = _keys_of_view(found.view, request.view, frozenset(request.kinds), now_ms)
    asked = fingerprint(subject_id, str(request.view), *sorted(request.kinds))
    last_key = last_key_of(context, request.page_token, "ListJourneys", asked)
    start = _start_of_page(keys, last_key)
    size = page_size(request.page_size, context.settings.page_size, context.settings.page_size_max)
    page = keys[start : start + size]
    more = start + size < len(keys)
    return ListJourneysResponse(
        journeys=[_entry(found.view, key, now_ms) for key in page],
        leases=leases_of(found, page),
        token=state_token(context, found.view),
        next_page_token=page_token(context, "ListJourneys", asked, page[-1]) if more else "",
    )


async def read_at_least(
    context: Context,
    principal: Principal,
    subject_id: str,
    at_least: str,
    deadline: float | None,
) -> ExactRead:
    """An exact read, as far as the caller sees the customer, that contains the token; waits for it
    until shortly before the deadline.

    Raises ProjectionBehind, CustomerNotFound.
    """
    wanted = await wanted_versions(context, at_least, subject_id)
    loop = asyncio.get_running_loop()
    longest = loop.time() + context.settings.at_least_wait_ms / 1_000
    until = min(longest, deadline - AT_LEAST_RESERVE_S) if deadline else longest
    while True:
        found = await context.reader.read(
            subject_id,
            installation_id=principal.installation_id,
            proved_only=sees_proved_only(principal),
        )
        if not wanted or found.view.contains(wanted):
            await check_there(context, principal, subject_id, found.view.version)
            return found
        if loop.time() >= until:
            raise ProjectionBehind
        await asyncio.sleep(AT_LEAST_POLL_S)


def continue_keys(
    view: CustomerView, now_ms: int, kinds: frozenset[str] = frozenset()
) -> list[str]:
    """The continue list: what can be gone on with, newest activity first."""
    return view.continue_list(now_ms, kinds)


def page_size(asked: int, default: int, cap: int) -> int:
    """0 = default, above the cap = cap."""
    return min(asked or default, cap)


def _keys_of_view(
    view: CustomerView, which: JourneyView, kinds: frozenset[str], now_ms: int
) -> list[str]:
    if which not in SHOWN_IN:
        return continue_keys(view, now_ms, kinds)
    shown = SHOWN_IN[which]
    journeys = view.published(now_ms, kinds)
    return [key for key in projections.by_activity(journeys) if shown(journeys[key])]


def _entry(view: CustomerView, key: str, now_ms: int) -> Journey:
    """An entry of a view; of what comes next in a series and is not begun, the name alone."""
    return view.publish(key, now_ms) if key in view.folds else Journey(ref=journey_ref(key))


def _start_of_page(keys: list[str], last_key: str) -> int:
    """Behind the last key of the page before; from the start if that journey moved to the front."""
    return keys.index(last_key) + 1 if last_key in keys else 0


def _check_kinds(kinds: Iterable[str]) -> None:
    for index, kind in enumerate(kinds):
        if kind not in projections.KINDS:
            known = ", ".join(sorted(projections.KINDS))
            raise FieldViolations.one(f"kinds[{index}]", f"one of {known}")


async def _journey_as_of(
    context: Context, principal: Principal, subject_id: str, key: str, as_of: AsOf
) -> GetJourneyResponse:
    """The journey as it stood at a point in the past, folded anew."""
    customer = await customer_of(context, principal, subject_id)
    past = await past_of(context, customer, subject_id, as_of)
    view = await view_at(context, past)
    if key not in view.folds:
        await check_customer_there(context, principal, subject_id, customer)
        raise not_there_yet(key, await told_of(context, past))
    return GetJourneyResponse(journey=view.publish(key, past.moment_ms))


def not_there_yet(key: str, told: str) -> JourneyNotFound:
    """The refusal of a journey that was not begun at a point in the past."""
    kind, _, journey_id = key.partition("/")
    return JourneyNotFound(
        f"The customer had no journey {key} {told}.", kind=kind, journey_id=journey_id
    )


def journey_ref(key: str) -> JourneyRef:
    """The name of a journey from its key."""
    kind, _, journey_id = key.partition("/")
    return JourneyRef(kind=kind, journey_id=journey_id)
