"""Read what projections keep: one state exactly, or lists as they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import projections
from journey.v1.projection_service_pb2 import (
    GetStateRequest,
    GetStateResponse,
    IndexMatch,
    ListStatesRequest,
    ListStatesResponse,
    ProjectionState,
)
from journey_service.application.context import Context
from journey_service.application.customers import check_customer_there, check_there, customer_of
from journey_service.application.past_states import state_as_of
from journey_service.application.resume import AT_LEAST_POLL_S, AT_LEAST_RESERVE_S, page_size
from journey_service.application.tokens import (
    keeps_position,
    last_key_of,
    page_token,
    wanted_versions,
)
from journey_service.application.view_reader import ViewStates, read_view, shown_state
from journey_service.domain.errors import (
    FieldViolations,
    JournalRewound,
    ProjectionBehind,
    TokenMismatch,
)
from journey_service.domain.identity import Principal, reach
from journey_service.domain.state_keys import parts_of, state_key
from journey_service.domain.tokens import Checkpoint, StateToken, fingerprint, hashed
from journey_service.ports import StateRow
from journey_service.ports_of_views import StateFilter
from projections.view import ONLY_KEY, DerivedView, StoredView, View

LIST_POLL_S = 0.05
OF_ONE_CUSTOMER = (
    "The token says what one customer's answer contained and names no place in the journal: use a "
    "write token, or a checkpoint of the journal or of a list."
)


# --- one state ------------------------------------------------------------------------------------


async def get_state(
    context: Context, principal: Principal, request: GetStateRequest, *, deadline: float | None
) -> GetStateResponse:
    """One state, as of the last commit, or of a point in the past.

    Raises ProjectionNotFound, RoleNotAllowed, FieldViolations, CustomerMismatch, CustomerNotFound,
    TokenMismatch, CheckpointAhead, JournalRewound, ProjectionBehind.
    """
    view = context.projected.readable(principal, request.projection)
    subject_id, key = parts_of(request.key)
    reach(principal, subject_id)
    if isinstance(view, DerivedView) and key != ONLY_KEY:
        raise FieldViolations.one("key", f"the subject alone: {view.name} has one state for each")
    if request.HasField("as_of"):
        if request.at_least:
            raise FieldViolations.one("at_least", "not together with as_of")
        customer = await customer_of(context, principal, subject_id)
        await check_customer_there(context, principal, subject_id, customer)
        return await state_as_of(context, view, customer, subject_id, key, request.as_of)
    wanted = await wanted_versions(context, request.at_least, subject_id)
    epoch = context.journal.epoch
    found = await _read_at_least(context, principal, view, (subject_id, key), wanted, deadline)
    await check_there(context, principal, subject_id, found.recorded)
    checkpoint = _checkpoint_of(context, found, epoch)
    return GetStateResponse(state=found.state(key), checkpoint=checkpoint)


async def _read_at_least(
    context: Context,
    principal: Principal,
    view: View,
    asked: tuple[str, str],
    wanted: Mapping[str, int],
    deadline: float | None,
) -> ViewStates:
    """What was asked for, subject and key, at these versions of its members' streams at least."""
    subject_id, key = asked
    until = _patience(context, deadline)
    while True:
        found = await read_view(context, principal, view, subject_id, [key])
        if all(version >= wanted.get(name, 0) for name, version in found.versions.items()):
            return found
        if found.stopped is not None:
            raise ProjectionBehind(
                f"{view.name} stopped at event {found.stopped.interaction.event_id} of this "
                "subject, before what the answer must contain: see the projections.",
                projection=view.name,
            )
        if asyncio.get_running_loop().time() >= until:
            raise ProjectionBehind
        await asyncio.sleep(AT_LEAST_POLL_S)


def _checkpoint_of(context: Context, found: ViewStates, epoch: str) -> str:
    return context.tokens.seal_checkpoint(
        Checkpoint(
            epoch=epoch,
            versions=hashed(found.versions),
            generation=found.generation,
        )
    )


def _patience(context: Context, deadline: float | None) -> float:
    """Until when to wait for a token, in loop time."""
    longest = asyncio.get_running_loop().time() + context.settings.at_least_wait_ms / 1_000
    return min(longest, deadline - AT_LEAST_RESERVE_S) if deadline else longest


# --- lists ----------------------------------------------------------------------------------------


async def list_states(
    context: Context, principal: Principal, request: ListStatesRequest, *, deadline: float | None
) -> ListStatesResponse:
    """A page of states as stored, by key.

    Raises ProjectionNotFound, RoleNotAllowed, FieldViolations, TokenMismatch, JournalRewound,
    ProjectionBehind, EventUnreadable.
    """
    view = context.projected.stored(context.projected.readable(principal, request.projection))
    matches = _matches(view, request.index)
    asked = fingerprint(view.name, request.key_prefix, *(part for pair in matches for part in pair))
    behind = last_key_of(context, request.page_token, "ListStates", asked)
    # Looked at first: what is listed may be newer, never older, and was good in this epoch.
    epoch = context.journal.epoch
    stored = await _stored_up_to(context, view, request.at_least, deadline)
    settings = context.settings
    listed = await context.projected.lists.list_states(
        view.name,
        view.version,
        filter_of(request.key_prefix, matches),
        after=parts_of(behind),
        limit=page_size(request.page_size, settings.page_size, settings.page_size_max),
    )
    return ListStatesResponse(
        states=[await published_row(context, view, row) for row in listed.rows],
        checkpoint=stored_checkpoint(context, stored, listed.generation, epoch),
        next_page_token=page_token(context, "ListStates", asked, state_key(*listed.behind))
        if listed.behind
        else "",
    )


def _matches(view: StoredView[Any], index: Sequence[IndexMatch]) -> list[tuple[str, str]]:
    """Field and value of each wanted, sorted. Raises FieldViolations for what is not declared."""
    for place, wanted in enumerate(index):
        if wanted.field not in view.index:
            declared = f"one of {', '.join(sorted(view.index))}" if view.index else ""
            raise FieldViolations.one(
                f"index[{place}].field", declared or f"{view.name} declares no index fields"
            )
    return sorted((wanted.field, wanted.value) for wanted in index)


def filter_of(prefix: str, matches: Sequence[tuple[str, str]] = ()) -> StateFilter:
    """What a begin of keys and values of index fields choose."""
    subject_id, key = parts_of(prefix)
    if "/" in prefix:
        return StateFilter(subject_id=subject_id, key_prefix=key, matches=matches)
    return StateFilter(subject_prefix=subject_id, matches=matches)


async def published_row(context: Context, view: StoredView[Any], row: StateRow) -> ProjectionState:
    """A stored state as callers get it. A journey that is made up of others is published with
    those, as they are stored."""
    state = view.projection.parse(row.state)
    published = view.publish(state)
    if view.projection is projections.JOURNEYS and projections.is_whole(state):
        stored = await context.states.read_subject(view.name, row.subject_id)
        folds = {key: view.projection.parse(each) for key, each in stored.states.items()}
        published = projections.publish_all({**folds, row.key: state})[row.key]
    return shown_state(row.subject_id, row.key, published, view.updated_at_ms(state))


async def _stored_up_to(
    context: Context, view: StoredView[Any], at_least: str, deadline: float | None
) -> Mapping[int, int]:
    """Positions up to which the states are stored, when they contain the token."""
    wanted = await _positions_wanted(context, at_least)
    until = _patience(context, deadline)
    while True:
        stored = await context.states.checkpoints(view.name)
        if all(stored.get(partition, 0) >= position for partition, position in wanted.items()):
            return stored
        if asyncio.get_running_loop().time() >= until:
            raise ProjectionBehind
        await asyncio.sleep(LIST_POLL_S)


async def _positions_wanted(context: Context, text: str) -> Mapping[int, int]:
    """Position by partition that a list with this `at_least` must contain; empty = any.

    Raises TokenMismatch, also for tokens that hold no place in the journal, and JournalRewound.
    """
    if not text:
        return {}
    try:
        token = context.tokens.open_at_least(text)
    except TokenMismatch as error:
        raise TokenMismatch(error.message, field="at_least") from None
    positions = {} if isinstance(token, StateToken) else token.positions
    if not positions:
        raise TokenMismatch(OF_ONE_CUSTOMER, field="at_least")
    for partition, position in positions.items():
        if not await keeps_position(context, token.epoch, partition, position):
            raise JournalRewound
    return positions


def stored_checkpoint(
    context: Context, stored: Mapping[int, int], generation: int, epoch: str
) -> str:
    """The checkpoint of what is stored up to these positions, read when that epoch was in force."""
    return context.tokens.seal_checkpoint(
        Checkpoint(epoch=epoch, positions=stored, generation=generation)
    )
