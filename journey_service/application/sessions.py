"""Sessions: opened when a device is taken up, kept alive, closed."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE
from journey.v1.interactions_pb2 import Channel, SessionClosed
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
    COMMAND_KIND_UPGRADE,
    DEVICE_STATUS_ACTIVE,
    SESSION_STATUS_ACTIVE,
    SESSION_STATUS_CLOSED,
    SESSION_STATUS_EXPIRED,
    Command,
    Session,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_SIGNED_OUT
from journey_service.application.about import CAPABILITIES, limits_of
from journey_service.application.context import Context
from journey_service.application.customers import (
    check_customer_there,
    customer_of,
    sees_proved_only,
)
from journey_service.application.decided import record_closed, record_opened
from journey_service.application.devices import note_results
from journey_service.application.identity import carry_over, epoch_to_open
from journey_service.application.limits import end_leases, limit_of
from journey_service.application.record import server_clock
from journey_service.application.resume import page_size
from journey_service.application.session_cache import own, touch
from journey_service.application.tokens import last_key_of, page_token
from journey_service.application.visitors import end_visits, visitor_of
from journey_service.domain.errors import (
    CustomerMismatch,
    FieldViolations,
    SignedOut,
)
from journey_service.domain.identity import ID_BYTES, Principal, reach, session_id_of
from journey_service.domain.tokens import fingerprint
from journey_service.ports import CommandKey

SYNC_PROTOCOL = 1


async def open_session(
    context: Context, principal: Principal, request: OpenSessionRequest, *, received_ms: int
) -> OpenSessionResponse:
    """Register and open; a repeated command gets the session opened then."""
    _check_open(principal, request)
    if principal.anonymous:
        return await _open_visit(context, principal, request, received_ms)
    subject_id = reach(principal, request.subject_id)
    proved = await context.visiting.check_proof(request)
    epoch = await epoch_to_open(context, subject_id, request) if proved else request.epoch
    session = await _opened(context, principal, subject_id, request, received_ms, epoch)
    await record_opened(context, session, received_ms)
    if proved and session.epoch > request.epoch:
        # By what is stored: a repeat ends what the first call, which raised the epoch, did not.
        ended = session.epoch - 1
        await end_visits(context, session.installation_id, ended, received_ms=received_ms)
    if proved:
        await carry_over(context, session, received_ms)
    return await _answer(context, principal, session, request, received_ms)


async def _open_visit(
    context: Context, principal: Principal, request: OpenSessionRequest, received_ms: int
) -> OpenSessionResponse:
    """A session of whoever uses the installation without account, with a credential for it.

    Raises InstallationCloned for an installation that is known, without its secret.
    """
    visiting, now_ms = context.visiting, context.clock.now_ms()
    repeated_after_ms = now_ms - context.settings.command_life_ms
    secret = ""
    if not principal.subject_id:
        secret = await visiting.admit(request, repeated_after_ms=repeated_after_ms)
    while True:
        epoch = await visiting.installations.epoch(request.installation_id, asked=request.epoch)
        visitor = visiting.visitor(request.installation_id, epoch, now_ms)
        if principal.subject_id not in {"", visitor.subject_id}:
            raise SignedOut
        session = await _opened(context, visitor, visitor.subject_id, request, received_ms, epoch)
        if session.epoch == epoch:
            break
        # Somebody signed out meanwhile: this one would be the next person under an earlier id.
        await end_visits(context, session.installation_id, epoch, received_ms=received_ms)
    await record_opened(context, session, received_ms)
    answer = await _answer(context, visitor, session, request, received_ms)
    answer.credential = visiting.issue(visitor, now_ms)
    answer.credential_expires_at_ms = visitor.expires_at_ms
    answer.installation_secret = secret
    return answer


async def _opened(
    context: Context,
    principal: Principal,
    subject_id: str,
    request: OpenSessionRequest,
    received_ms: int,
    epoch: int,
) -> Session:
    """The session, stored, with the sign-in epoch in force; that of the first call for a repeat.

    `epoch` is the one asked for.
    """
    new = _new_session(context, subject_id, request, received_ms)
    new.epoch = epoch
    session = await context.sessions.open(
        CommandKey(request.command_id, _caller(principal, subject_id), _content_hash(request)),
        new,
        issued_ms=principal.issued_at_ms if principal.role == ROLE_DEVICE else None,
    )
    context.standing.forget(subject_id)
    if session.session_id == new.session_id:
        # What a repeat gets is how the session stood then.
        context.session_cache.put(session)
        context.presence.called(session)
    return session


async def _answer(
    context: Context,
    principal: Principal,
    session: Session,
    request: OpenSessionRequest,
    received_ms: int,
) -> OpenSessionResponse:
    """What a device is told of its session."""
    found = await context.reader.read(
        session.subject_id,
        installation_id=session.installation_id,
        proved_only=sees_proved_only(principal),
    )
    return OpenSessionResponse(
        session=session,
        customer_id=found.view.customer.customer_id,
        processed=[
            Processed(epoch=session.epoch, subject_id=session.subject_id, seq=found.processed_seq)
        ],
        device_status=DEVICE_STATUS_ACTIVE,
        commands=await _commands(context, session),
        limits=limits_of(principal, context.settings),
        partition_count=context.journal.partition_count,
        min_app_version=context.settings.min_app_version,
        capabilities=CAPABILITIES,
        clock=server_clock(context, received_ms, request.clock),
    )


async def refresh_session(
    context: Context, principal: Principal, request: RefreshSessionRequest, *, received_ms: int
) -> RefreshSessionResponse:
    """Keep the session alive; the credential of this call extends its open stream.

    What became of commands counts also of a session that has ended meanwhile: it is answered as it
    stands, once, so that a device can tell that it is signed out or wiped. A visitor who sends the
    installation's secret gets the next credential.
    """
    if request.installation_secret:
        principal = await visitor_of(context, _anonymous(principal), request)
    if request.results:
        session = own(principal, await context.sessions.load(request.session_id))
        limit = limit_of(principal, context.settings)
        news = await note_results(context, session, request.results, limit, received_ms=received_ms)
        if news and session.status != SESSION_STATUS_ACTIVE:
            clock = server_clock(context, received_ms, request.clock)
            return RefreshSessionResponse(session=session, clock=clock)
    session = await context.session_cache.of_call(principal, request.session_id)
    touch(session, received_ms, context.settings)
    moved = False
    if request.HasField("journey") and not session.guest:
        moved = session.journey != request.journey
        session.journey.CopyFrom(request.journey)
    await context.sessions.save(session)
    if moved:
        context.presence.moved(session)
    context.hub.extend(session.session_id, principal.expires_at_ms)
    return RefreshSessionResponse(
        session=session,
        auth_expires_at_ms=principal.expires_at_ms,
        credential=context.visiting.issue(principal, principal.issued_at_ms)
        if request.installation_secret
        else "",
        commands=await _commands(context, session),
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
        await end_visits(context, session.installation_id, session.epoch, received_ms=received_ms)
    elif was_open:
        await context.sessions.save(session)
    reason = SessionClosed.REASON_SIGNED_OUT if request.sign_out else SessionClosed.REASON_CLOSED
    if was_open:
        # Not for a repeat: the device may play again in another session by then.
        await end_leases(context, session, limit_of(principal, context.settings))
    context.presence.gone(session)
    await record_closed(context, session, received_ms, reason)
    context.session_cache.put(session)
    context.hub.end_session(session.session_id, GOING_AWAY_REASON_SIGNED_OUT)
    return CloseSessionResponse(session=session, epoch=epoch)


async def list_sessions(
    context: Context, principal: Principal, request: ListSessionsRequest
) -> ListSessionsResponse:
    """A page of the sessions of a customer's subjects, newest first. Raises CustomerNotFound."""
    subject_id = reach(principal, request.subject_id)
    asked = fingerprint(subject_id, str(request.include_ended))
    before = last_key_of(context, request.page_token, "ListSessions", asked)
    size = page_size(request.page_size, context.settings.page_size, context.settings.page_size_max)
    customer = await customer_of(context, principal, subject_id)
    stored = await _newest(context, customer.subject_ids, limit=size + 1, before=before)
    if not stored and not before:
        await check_customer_there(context, principal, subject_id, customer)
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


async def _newest(
    context: Context, members: Sequence[str], *, limit: int, before: str
) -> list[Session]:
    """The sessions of all members side by side, newest first, behind session id `before`."""
    if len(members) == 1:
        return await context.sessions.list_of(members[0], limit=limit, before=before)
    last = await context.sessions.load(before) if before else None
    if before and last is None:
        return []
    found = [
        session
        for subject_id in members
        for session in await _behind(context, subject_id, last, limit)
    ]
    return sorted(found, key=_age, reverse=True)[:limit]


async def _behind(
    context: Context, subject_id: str, last: Session | None, limit: int
) -> list[Session]:
    """Sessions of one subject that are older than one that may be of another."""
    if last is None:
        return await context.sessions.list_of(subject_id, limit=limit)
    before = last.session_id if last.subject_id == subject_id else ""
    found: list[Session] = []
    while len(found) < limit:
        page = await context.sessions.list_of(subject_id, limit=limit, before=before)
        found += [session for session in page if _age(session) < _age(last)]
        if len(page) < limit:
            break
        before = page[-1].session_id
    return found


def _age(session: Session) -> tuple[int, bytes]:
    """Sorts sessions, ids by bytes as stores do."""
    return (session.opened_at_ms, session.session_id.encode())


async def _commands(context: Context, session: Session) -> list[Command]:
    """What the device is told to do."""
    found = await context.devices.orders(session.subject_id, session.installation_id)
    return [*found, *_upgrade(context, session)]


def _upgrade(context: Context, session: Session) -> Iterator[Command]:
    """Told to apps that are older than the oldest one served; apps without numbers are not."""
    least, own_version = context.settings.min_app_version, session.device.app_version
    if least and own_version and _numbers(own_version) < _numbers(least):
        yield Command(
            id=f"{session.session_id}/upgrade",
            kind=COMMAND_KIND_UPGRADE,
            expires_at_ms=session.expires_at_ms,
        )


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"[0-9]+", version)]


def _check_open(principal: Principal, request: OpenSessionRequest) -> None:
    if request.app_key and not (principal.anonymous and not principal.subject_id):
        raise FieldViolations.one("app_key", "instead of a bearer token, not beside it")
    if request.installation_secret and principal.role != ROLE_DEVICE:
        raise FieldViolations.one("installation_secret", "only installations of devices have one")
    if principal.role != ROLE_SERVICE and request.subject_id:
        raise FieldViolations.one("subject_id", "only services name a subject")
    if request.protocol > SYNC_PROTOCOL:
        raise FieldViolations.one("protocol", f"at most {SYNC_PROTOCOL}: upgrade servers first")
    if principal.installation_id not in ("", request.installation_id):
        raise CustomerMismatch
    if (request.channel == Channel.CHANNEL_OTHER) != bool(request.channel_label):
        raise FieldViolations.one("channel_label", "required with CHANNEL_OTHER, and only there")


def _anonymous(principal: Principal) -> Principal:
    """The caller, who must be a visitor: accounts renew their credentials where they got them."""
    if principal.anonymous:
        return principal
    raise FieldViolations.one("installation_secret", "renews the credential of visitors alone")


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
        device=request.device,
        channel=request.channel,
        channel_label=request.channel_label,
        status=SESSION_STATUS_ACTIVE,
        opened_at_ms=received_ms,
    )
    touch(session, received_ms, context.settings)
    return session


def _as_of_now(session: Session, now_ms: int) -> Session:
    """An active session whose time is over shows as expired; whose guest it is stays unsaid."""
    session.claimant = ""
    if session.status == SESSION_STATUS_ACTIVE and now_ms >= session.expires_at_ms:
        session.status = SESSION_STATUS_EXPIRED
    return session
