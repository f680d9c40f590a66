"""Visitors: who uses an installation without account, from one call to the next."""

from __future__ import annotations

from collections.abc import AsyncIterator

from journey.v1.interactions_pb2 import SessionClosed
from journey.v1.session_service_pb2 import RefreshSessionRequest
from journey.v1.sessions_pb2 import SESSION_STATUS_ACTIVE, SESSION_STATUS_CLOSED, Session
from journey.v1.stream_pb2 import GOING_AWAY_REASON_SIGNED_OUT
from journey_service.application.context import Context
from journey_service.application.decided import record_closed
from journey_service.domain.errors import CustomerMismatch
from journey_service.domain.identity import Principal


async def visitor_of(
    context: Context, principal: Principal, request: RefreshSessionRequest
) -> Principal:
    """The visitor whose session and secret are named; a token of the same visitor may be there.

    Raises CustomerMismatch, alike for unknown sessions, sessions of accounts and wrong secrets.
    """
    visiting = context.visiting
    session = await context.sessions.load(request.session_id)
    if session is None:
        raise CustomerMismatch
    if not visiting.is_visit(session) or principal.subject_id not in {"", session.subject_id}:
        raise CustomerMismatch
    if not await visiting.proves(session.installation_id, request.installation_secret):
        raise CustomerMismatch
    return visiting.visitor(session.installation_id, session.epoch, context.clock.now_ms())


async def end_visits(
    context: Context, installation_id: str, epoch: int, *, received_ms: int
) -> None:
    """A sign-in epoch of an installation has ended: so do the sessions of its visitor."""
    subject_id = context.visiting.subject_id(installation_id, epoch)
    async for session in _open_sessions(context, subject_id, installation_id):
        session.status = SESSION_STATUS_CLOSED
        await context.sessions.save(session)
        context.session_cache.put(session)
        context.presence.gone(session)
        await record_closed(context, session, received_ms, SessionClosed.REASON_SIGNED_OUT)
        context.hub.end_session(session.session_id, GOING_AWAY_REASON_SIGNED_OUT)


async def _open_sessions(
    context: Context, subject_id: str, installation_id: str
) -> AsyncIterator[Session]:
    """However many there are. One that has expired counts as long as a watch may be open on it."""
    settings = context.settings
    longest_ms = settings.session_longest_ms + settings.device_token_life_ms
    oldest_ms, before = context.clock.now_ms() - longest_ms, ""
    while True:
        page = await context.sessions.list_of(subject_id, limit=settings.page_size, before=before)
        recent = [session for session in page if session.opened_at_ms >= oldest_ms]
        for session in recent:
            is_open = session.status == SESSION_STATUS_ACTIVE
            if is_open and session.installation_id == installation_id:
                yield session
        if len(recent) < settings.page_size:
            return
        before = recent[-1].session_id
