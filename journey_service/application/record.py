"""Record: one batch becomes events, answered when they are durable."""

from __future__ import annotations

from dataclasses import replace

import projections
from journey.v1.access_pb2 import ROLE_SERVICE, ROLE_STAFF
from journey.v1.clocks_pb2 import ClientClock, ServerClock
from journey.v1.events_pb2 import (
    ACTOR_KIND_CUSTOMER,
    ACTOR_KIND_SERVICE,
    ACTOR_KIND_STAFF,
    Actor,
)
from journey.v1.interactions_pb2 import Channel
from journey.v1.journey_service_pb2 import RecordRequest, RecordResponse, RecordResult
from journey.v1.references_pb2 import JourneyRef
from journey.v1.sessions_pb2 import Session
from journey_service.application.context import Context
from journey_service.application.customers import sees_proved_only
from journey_service.application.limits import limit_of, tell_to_pause
from journey_service.application.tokens import seen_with, write_token
from journey_service.domain.arrival import Reporter, candidates
from journey_service.domain.batch import Batch
from journey_service.domain.errors import CustomerMismatch, FieldViolations
from journey_service.domain.identity import Principal, reach

TRUSTED_CLOCK_SCOPE = "clock.trusted"


async def record(
    context: Context,
    principal: Principal,
    request: RecordRequest,
    *,
    received_ms: int,
    deadline: float | None,
) -> RecordResponse:
    """Check, append, answer. Raises what Journal.append and the checks raise; see ports.py."""
    # Before the session is looked up: a batch without its id names the field.
    sequenced = context.validation.check_batch(request, principal.role)
    shown: JourneyRef | None = None
    if principal.role == ROLE_SERVICE:
        batch = await _batch_of_service(
            context, principal, request, received_ms, sequenced=sequenced
        )
    else:
        session = await context.session_cache.of_call(principal, request.session_id)
        _check_guest(session, request)
        shown = session.journey if session.guest else None
        batch = await _batch_of_session(
            context, principal, request, session, received_ms, sequenced=sequenced
        )
    batch = await _with_customer(context, principal, batch)
    appended = await context.journal.append(batch, deadline=deadline)
    await tell_to_pause(context, appended.paused)
    if any(result.duplicate or not result.version for result in appended.results):
        # The watermark may have moved without an event, by which watches would learn of it.
        context.hub.poke(batch.subject_id)
    for result in appended.results:
        if result.HasField("current"):
            _show(result, context.clock.now_ms(), only=shown)
    return RecordResponse(
        batch_no=request.batch_no,
        processed_seq=appended.processed_seq,
        results=appended.results,
        write_token=write_token(context, batch.subject_id, appended),
        clock=ServerClock(
            received_ms=received_ms,
            answered_ms=max(received_ms, context.clock.now_ms()),
            clock_warning=appended.clock_warning,
        ),
    )


async def _with_customer(context: Context, principal: Principal, batch: Batch) -> Batch:
    """With what all subjects of the customer have of journeys that a rule looks at beside the one
    of the act: a checkout is about the whole cart, also where lines of it are a visitor's. A rule
    looks at no more than the caller sees: its answer would tell of the rest."""
    kinds = projections.RULES.read_beside(batch.candidates)
    if not kinds:
        return batch
    proved_only = sees_proved_only(principal)
    view = (await context.reader.read(batch.subject_id, proved_only=proved_only)).view
    if len(view.members) == 1:
        return batch
    looked_at = {key: fold for key, fold in view.folds.items() if fold.ref.kind in kinds}
    beside = {key: fold.SerializeToString() for key, fold in looked_at.items()}
    return replace(batch, beside=beside)


def _show(result: RecordResult, now_ms: int, *, only: JourneyRef | None) -> None:
    """The journey that refused as of now; a guest is shown the one that was handed over alone."""
    journey = result.current
    if only is not None and journey.ref != only:
        result.ClearField("current")
        return
    journey.finished = projections.finished(journey, now_ms)
    journey.archived = projections.archived(journey, now_ms)


def _check_guest(session: Session, request: RecordRequest) -> None:
    """A guest records for the journey that was handed over, and for nothing else."""
    if session.guest and any(
        interaction.journey != session.journey for interaction in request.interactions
    ):
        raise CustomerMismatch("A guest records for the journey that was handed over alone.")


def server_clock(context: Context, received_ms: int, client: ClientClock) -> ServerClock:
    """Arrival and answering time, and whether the client's wall clock is far off."""
    off_ms = abs(client.sent_wall_ms - received_ms) if client.sent_wall_ms else 0
    return ServerClock(
        received_ms=received_ms,
        answered_ms=max(received_ms, context.clock.now_ms()),
        clock_warning=off_ms > context.settings.clock_warning_ms,
    )


async def _batch_of_session(
    context: Context,
    principal: Principal,
    request: RecordRequest,
    session: Session,
    received_ms: int,
    *,
    sequenced: bool,
) -> Batch:
    staff = principal.role == ROLE_STAFF
    if request.epoch > session.epoch:
        raise FieldViolations.one("epoch", f"at most the session's, {session.epoch}")
    return Batch(
        subject_id=session.subject_id,
        installation_id=session.installation_id,
        candidates=candidates(
            request.interactions,
            Reporter(principal.role, session.channel, session.channel_label),
            context.validation,
            await seen_with(context, session.subject_id, request.interactions),
        ),
        received_ms=received_ms,
        actor=Actor(kind=ACTOR_KIND_STAFF, id=principal.id)
        if staff
        else Actor(kind=ACTOR_KIND_CUSTOMER),
        session_id=session.session_id,
        clock=request.clock if request.HasField("clock") else None,
        sequenced=sequenced,
        signed_out=(session.signed_out_at_ms, session.opened_at_ms)
        if session.signed_out_at_ms
        else None,
        limit=limit_of(principal, context.settings),
    )


async def _batch_of_service(
    context: Context,
    principal: Principal,
    request: RecordRequest,
    received_ms: int,
    *,
    sequenced: bool,
) -> Batch:
    subject_id = reach(principal, request.subject_id)
    trusted_clock = not sequenced and TRUSTED_CLOCK_SCOPE in principal.scopes
    return Batch(
        subject_id=subject_id,
        installation_id=request.installation_id,
        candidates=candidates(
            request.interactions,
            Reporter(principal.role, Channel.CHANNEL_API, old_facts=trusted_clock),
            context.validation,
            await seen_with(context, subject_id, request.interactions),
        ),
        received_ms=received_ms,
        actor=Actor(kind=ACTOR_KIND_SERVICE, id=principal.id),
        clock=request.clock if request.HasField("clock") else None,
        sequenced=sequenced,
        trusted_clock=trusted_clock,
        atomic=request.atomic,
        expected_version=request.expected_version if request.HasField("expected_version") else None,
    )
