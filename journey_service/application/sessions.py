"""Sessions: opened when a device is taken up, kept alive, closed."""

from __future__ import annotations

import hashlib
import secrets
import uuid

from journey.v1.access_pb2 import ROLE_SERVICE
from journey.v1.events_pb2 import ACTOR_KIND_SYSTEM, Actor
from journey.v1.interactions_pb2 import (
    Channel,
    Interaction,
    SessionClosed,
    SessionOpened,
)
from journey.v1.references_pb2 import Processed
from journey.v1.session_service_pb2 import (
    CloseSessionRequest,
    CloseSessionResponse,
    ListSessionsRequest,
    ListSessionsResponse,
    OpenSessionRequest,
    OpenSessionResponse,
    RefreshSessionRequest,
    RefreshSessionResponse,
)
from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_ACTIVE,
    SESSION_STATUS_ACTIVE,
    SESSION_STATUS_CLOSED,
    SESSION_STATUS_EXPIRED,
    Session,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_SIGNED_OUT
from journey_service.application.about import CAPABILITIES, limits_of
from journey_service.application.context import Context
from journey_service.application.customers import check_there
from journey_service.application.record import server_clock
from journey_service.application.resume import page_size
from journey_service.application.session_cache import own, touch
from journey_service.application.tokens import last_key_of, page_token
from journey_service.domain.arrival import content_hash
from journey_service.domain.batch import Batch, Candidate
from journey_service.domain.catalogue import type_of
from journey_service.domain.errors import (
    CustomerMismatch,
    FieldViolations,
)
from journey_service.domain.identity import ID_BYTES, Principal, reach, session_id_of
from journey_service.domain.tokens import fingerprint
from journey_service.ports import CommandKey

SYNC_PROTOCOL = 1
SESSION_NAMESPACE = uuid.UUID("6a4f3c1e-52d6-4a5b-8f0e-0d6f0c6b8d11")


async def open_session(
    context: Context, principal: Principal, request: OpenSessionRequest, *, received_ms: int
) -> OpenSessionResponse:
    """Register and open; a repeated command gets the session opened then."""
    _check_open(principal, request)
    subject_id = reach(principal, request.subject_id)
    new = _new_session(context, subject_id, request, received_ms)
    session = await context.sessions.open(
        CommandKey(request.command_id, _caller(principal, subject_id), _content_hash(request)), new
    )
    if session.session_id == new.session_id:
        # What a repeat gets is how the session stood then.
        context.session_cache.put(session)
    await _record_system(context, session, received_ms, _opened(session))
    found = await context.reader.read(subject_id, installation_id=session.installation_id)
    return OpenSessionResponse(
        session=session,
        customer_id=subject_id,
        processed=[Processed(epoch=session.epoch, subject_id=subject_id, seq=found.processed_seq)],
        device_status=DEVICE_STATUS_ACTIVE,
        limits=limits_of(principal, context.settings),
        partition_count=context.journal.partition_count,
        capabilities=CAPABILITIES,
        clock=server_clock(context, received_ms, request.clock),
    )


async def refresh_session(
    context: Context, principal: Principal, request: RefreshSessionRequest, *, received_ms: int
) -> RefreshSessionResponse:
    """Keep the session alive; the credential of this call extends its open stream."""
    session = await context.session_cache.of_call(principal, request.session_id)
    touch(session, received_ms, context.settings)
    if request.HasField("journey"):
        session.journey.CopyFrom(request.journey)
    await context.sessions.save(session)
    context.hub.extend(session.session_id, principal.expires_at_ms)
    return RefreshSessionResponse(
        session=session,
        auth_expires_at_ms=principal.expires_at_ms,
        clock=server_clock(context, received_ms, request.clock),
    )


async def close_session(
    context: Context, principal: Principal, request: CloseSessionRequest, *, received_ms: int
) -> CloseSessionResponse:
    """End the session and its watch; closing twice answers alike.

    A repeat does again what may have been left undone, which changes nothing where it was done.
    """
    session = own(principal, await context.sessions.load(request.session_id))
    epoch, was_open = session.epoch, session.status == SESSION_STATUS_ACTIVE
    if was_open:
        session.status = SESSION_STATUS_CLOSED
        session.last_seen_at_ms = received_ms
    if request.sign_out:
        epoch = await context.sessions.sign_out(session)
    elif was_open:
        await context.sessions.save(session)
    reason = SessionClosed.REASON_SIGNED_OUT if request.sign_out else SessionClosed.REASON_CLOSED
    await _record_system(context, session, received_ms, _closed(session, reason))
    context.session_cache.put(session)
    context.hub.end_session(session.session_id, GOING_AWAY_REASON_SIGNED_OUT)
    return CloseSessionResponse(session=session, epoch=epoch)


async def list_sessions(
    context: Context, principal: Principal, request: ListSessionsRequest
) -> ListSessionsResponse:
    """A page of the customer's sessions, newest first. Raises CustomerNotFound."""
    subject_id = reach(principal, request.subject_id)
    asked = fingerprint(subject_id, str(request.include_ended))
    before = last_key_of(context, request.page_token, "ListSessions", asked)
    size = page_size(request.page_size, context.settings.page_size, context.settings.page_size_max)
    stored = await context.sessions.list_of(subject_id, limit=size + 1, before=before)
    if not stored and not before:
        head = await context.journal.stream_head(subject_id)
        await check_there(context, principal, subject_id, head.version)
    now_ms = context.clock.now_ms()
    page = [_as_of_now(session, now_ms) for session in stored[:size]]
    return ListSessionsResponse(
        sessions=[
            session
            for session in page
            if request.include_ended or session.status == SESSION_STATUS_ACTIVE
        ],
        next_page_token=page_token(context, "ListSessions", asked, page[-1].session_id)
        if len(stored) > size
        else "",
    )


def _check_open(principal: Principal, request: OpenSessionRequest) -> None:
    if request.app_key or request.installation_secret:
        field = "app_key" if request.app_key else "installation_secret"
        raise FieldViolations.one(field, "anonymous sessions are not served: send a bearer token")
    if principal.role != ROLE_SERVICE and request.subject_id:
        raise FieldViolations.one("subject_id", "only services name a subject")
    if request.protocol > SYNC_PROTOCOL:
        raise FieldViolations.one("protocol", f"at most {SYNC_PROTOCOL}: upgrade servers first")
    if principal.installation_id not in ("", request.installation_id):
        raise CustomerMismatch
    if (request.channel == Channel.CHANNEL_OTHER) != bool(request.channel_label):
        raise FieldViolations.one("channel_label", "required with CHANNEL_OTHER, and only there")


def _caller(principal: Principal, subject_id: str) -> str:
    return f"{principal.role}/{principal.id}/{subject_id}"


def _content_hash(request: OpenSessionRequest) -> bytes:
    """Hash of what was asked, without the clocks, which differ in a repeat."""
    asked = OpenSessionRequest()
    asked.CopyFrom(request)
    asked.ClearField("clock")
    return hashlib.sha256(asked.SerializeToString(deterministic=True)).digest()[:16]


def _new_session(
    context: Context, subject_id: str, request: OpenSessionRequest, received_ms: int
) -> Session:
    session = Session(
        session_id=session_id_of(
            subject_id, context.journal.partition_count, secrets.token_bytes(ID_BYTES)
        ),
        subject_id=subject_id,
        installation_id=request.installation_id,
        epoch=request.epoch,
        device=request.device,
        channel=request.channel,
        channel_label=request.channel_label,
        status=SESSION_STATUS_ACTIVE,
        opened_at_ms=received_ms,
    )
    touch(session, received_ms, context.settings)
    return session


def _as_of_now(session: Session, now_ms: int) -> Session:
    """An active session whose time is over shows as expired."""
    if session.status == SESSION_STATUS_ACTIVE and now_ms >= session.expires_at_ms:
        session.status = SESSION_STATUS_EXPIRED
    return session


def _opened(session: Session) -> Interaction:
    device = session.device
    return Interaction(
        session_opened=SessionOpened(
            session_id=session.session_id,
            installation_id=session.installation_id,
            device_id=device.device_id,
            app=device.app,
            app_version=device.app_version,
            os=device.os,
            language=device.language,
            zone=device.zone,
            epoch=session.epoch,
            mode=device.mode,
        )
    )


def _closed(session: Session, reason: SessionClosed.Reason) -> Interaction:
    return Interaction(session_closed=SessionClosed(session_id=session.session_id, reason=reason))


def _decided(interaction: Interaction) -> Candidate:
    found = type_of(interaction)
    assert found is not None
    return Candidate(interaction, found.name, content_hash(interaction))


async def _record_system(
    context: Context, session: Session, received_ms: int, interaction: Interaction
) -> None:
    """Record a decided event once, whoever repeats the call: its id follows from the session."""
    name = interaction.WhichOneof("body") or ""
    interaction.event_id = str(uuid.uuid5(SESSION_NAMESPACE, f"{session.session_id}/{name}"))
    interaction.channel = session.channel
    interaction.channel_label = session.channel_label
    await context.journal.append(
        Batch(
            subject_id=session.subject_id,
            installation_id="",
            candidates=(_decided(interaction),),
            received_ms=received_ms,
            actor=Actor(kind=ACTOR_KIND_SYSTEM),
            session_id=session.session_id,
            sequenced=False,
        )
    )
