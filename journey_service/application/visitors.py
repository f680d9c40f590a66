"""Visitors: who uses an installation without account, from one call to the next."""

from __future__ import annotations

from journey.v1.interactions_pb2 import SessionClosed
from journey.v1.session_service_pb2 import RefreshSessionRequest
from journey.v1.sessions_pb2 import SESSION_STATUS_ACTIVE, SESSION_STATUS_CLOSED
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
    found = visiting.visitor(session.installation_id, session.epoch, context.clock.now_ms())
    is_visit = session.subject_id == found.subject_id
    if not is_visit or principal.subject_id not in {"", session.subject_id}:
        raise CustomerMismatch
    if not await visiting.proves(session.installation_id, request.installation_secret):
        raise CustomerMismatch
    return found


async def end_visits(
    context: Context, installation_id: str, epoch: int, *, received_ms: int
) -> None:
    """A sign-in epoch of an installation has ended: so do the sessions of its visitor."""
    subject_id = context.visiting.subject_id(installation_id, epoch)
    newest = await context.sessions.list_of(subject_id, limit=context.settings.page_size)
    for session in newest:
        if session.status != SESSION_STATUS_ACTIVE or session.installation_id != installation_id:
            continue
        session.status = SESSION_STATUS_CLOSED
        await context.sessions.save(session)
        context.session_cache.put(session)
        context.presence.gone(session)
        await record_closed(context, session, received_ms, SessionClosed.REASON_SIGNED_OUT)
        context.hub.end_session(session.session_id, GOING_AWAY_REASON_SIGNED_OUT)
