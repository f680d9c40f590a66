"""What a group put aside: listed, delivered again, dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from journey.v1.events_pb2 import Event
from journey.v1.groups_pb2 import (
    DiscardParkedRequest,
    DiscardParkedResponse,
    ListParkedRequest,
    ListParkedResponse,
    ParkedEvent,
    ParkedFilter,
    ReplayParkedRequest,
    ReplayParkedResponse,
)
from journey_service.application.context import Context
from journey_service.application.group_terms import command_of
from journey_service.application.groups import there
from journey_service.application.resume import page_size
from journey_service.application.tokens import last_key_of, page_token
from journey_service.domain.errors import FieldViolations
from journey_service.domain.groups import parked_id, parked_places, passes
from journey_service.domain.identity import Principal, check_group
from journey_service.domain.tokens import fingerprint
from journey_service.ports_of_groups import Parked


async def list_parked(
    context: Context, principal: Principal, request: ListParkedRequest
) -> ListParkedResponse:
    """A page of parked events, by partition and position, with the total of all that match.

    Raises ScopeMissing, GroupNotFound, TokenMismatch.
    """
    check_group(principal, request.group_id)
    await there(context, request.group_id)
    settings = context.settings
    size = page_size(request.page_size, settings.page_size, settings.page_size_max)
    wanted = request.filter.SerializeToString(deterministic=True).hex()
    asked = fingerprint(request.group_id, wanted)
    last = _place(last_key_of(context, request.page_token, "ListParked", asked))
    found = await _matching(context, request.group_id, (), request.filter)
    rest = [one for one in found if (one.partition, one.entry.position) > last]
    shown = rest[:size]
    return ListParkedResponse(
        parked=[await _shown(context, one) for one in shown],
        total=len(found),
        next_page_token=page_token(context, "ListParked", asked, _id(shown[-1]))
        if len(rest) > size
        else "",
    )


async def replay_parked(
    context: Context, principal: Principal, request: ReplayParkedRequest
) -> ReplayParkedResponse:
    """Deliver parked events again, each subject in order.

    Raises FieldViolations, ScopeMissing, GroupNotFound, ReplayRunning, CommandIdReused.
    """
    check_group(principal, request.group_id)
    await there(context, request.group_id)
    matched, places = await _chosen(context, request)

    def answer(replayed: int) -> bytes:
        return ReplayParkedResponse(
            matched=matched, replayed=replayed, remaining=matched - replayed
        ).SerializeToString()

    if request.dry_run:
        return ReplayParkedResponse.FromString(answer(len(places)))
    given = await context.desks.groups.replay(
        command_of(principal, request.command_id, request), request.group_id, places, answer
    )
    context.desks.look(request.group_id)
    return ReplayParkedResponse.FromString(given)


async def discard_parked(
    context: Context, principal: Principal, request: DiscardParkedRequest
) -> DiscardParkedResponse:
    """Drop parked events; what waits behind them goes on. Raises what a replay raises."""
    check_group(principal, request.group_id)
    if not request.reason:
        raise FieldViolations.one("reason", "required")
    await there(context, request.group_id)
    matched, places = await _chosen(context, request)

    def answer(discarded: int) -> bytes:
        return DiscardParkedResponse(
            matched=matched, discarded=discarded, remaining=matched - discarded
        ).SerializeToString()

    if request.dry_run:
        return DiscardParkedResponse.FromString(answer(len(places)))
    given = await context.desks.groups.discard(
        command_of(principal, request.command_id, request), request.group_id, places, answer
    )
    context.desks.look(request.group_id)
    return DiscardParkedResponse.FromString(given)


class _Choosing(Protocol):
    """What the two requests have in common."""

    @property
    def group_id(self) -> str: ...
    @property
    def parked_ids(self) -> Sequence[str]: ...
    @property
    def filter(self) -> ParkedFilter: ...
    @property
    def limit(self) -> int: ...


async def _chosen(context: Context, request: _Choosing) -> tuple[int, list[tuple[int, int]]]:
    """How many match, and the places of the first of them, as many as may be taken."""
    if request.limit < 0:
        raise FieldViolations.one("limit", "at least 0")
    settings = context.settings
    limit = min(request.limit or settings.parked_events, settings.parked_events_most)
    found = await _matching(context, request.group_id, request.parked_ids, request.filter)
    places = [(one.partition, one.entry.position) for one in found]
    return len(found), places[:limit]


async def _matching(
    context: Context, group_id: str, ids: Sequence[str], wanted: ParkedFilter
) -> list[Parked]:
    """The parked events with these ids (none = all) that pass the filter."""
    found = await context.desks.groups.parked(group_id)
    if ids:
        named = parked_places(ids)
        found = [one for one in found if (one.partition, one.entry.position) in named]
    return [one for one in found if passes(wanted, one.entry)]


async def _shown(context: Context, one: Parked) -> ParkedEvent:
    entry = one.entry
    events = await context.journal.read_partition(
        one.partition, after_position=entry.position - 1, up_to_position=entry.position, limit=1
    )
    return ParkedEvent(
        parked_id=_id(one),
        event=events[0] if events else Event(subject_id=entry.subject_id, redacted=True),
        reason=entry.reason,
        attempts=entry.attempt,
        parked_at_ms=entry.due_ms,
        consumer_id=entry.consumer_id,
        held=one.held,
    )


def _id(one: Parked) -> str:
    return parked_id(one.partition, one.entry.position)


def _place(key: str) -> tuple[int, int]:
    """Where the page before ended."""
    places = parked_places([key]) if key else set()
    return next(iter(places), (-1, 0))
