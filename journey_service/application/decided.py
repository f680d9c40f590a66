"""Events that the service decides and records by itself, each once, whoever repeats the call."""

from __future__ import annotations

import uuid

from journey.v1.events_pb2 import ACTOR_KIND_SYSTEM, Actor
from journey.v1.interactions_pb2 import Interaction, SessionClosed, SessionOpened
from journey.v1.sessions_pb2 import Session
from journey_service.application.context import Context
from journey_service.domain.arrival import content_hash
from journey_service.domain.batch import Batch, Candidate, LeaseLimit, Seen
from journey_service.domain.catalogue import type_of
from journey_service.ports import Appended

SESSION_NAMESPACE = uuid.UUID("6a4f3c1e-52d6-4a5b-8f0e-0d6f0c6b8d11")


async def record_decided(
    context: Context,
    session: Session,
    received_ms: int,
    interaction: Interaction,
    *,
    name: str,
    only_if_free: bool = False,
    limit: LeaseLimit | None = None,
) -> Appended:
    """Record an event of a session; `name` tells it from others, and a repeat has the same.

    `only_if_free` and `limit` are for what takes a lease. Raises what Journal.append raises.
    """
    interaction.event_id = str(uuid.uuid5(SESSION_NAMESPACE, name))
    return await context.journal.append(
        Batch(
            subject_id=session.subject_id,
            installation_id="",
            candidates=(decided(session, interaction, only_if_free=only_if_free),),
            received_ms=received_ms,
            actor=Actor(kind=ACTOR_KIND_SYSTEM),
            session_id=session.session_id,
            sequenced=False,
            limit=limit,
        )
    )


async def record_opened(context: Context, session: Session, received_ms: int) -> None:
    """The session was opened."""
    device = session.device
    opened = SessionOpened(
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
    name = f"{session.session_id}/session_opened"
    await record_decided(
        context, session, received_ms, Interaction(session_opened=opened), name=name
    )


async def record_closed(
    context: Context, session: Session, received_ms: int, reason: SessionClosed.Reason
) -> None:
    """The session ended."""
    closed = SessionClosed(session_id=session.session_id, reason=reason)
    name = f"{session.session_id}/session_closed"
    await record_decided(
        context, session, received_ms, Interaction(session_closed=closed), name=name
    )


def decided(
    session: Session,
    interaction: Interaction,
    *,
    only_if_free: bool = False,
    seen: Seen | None = None,
) -> Candidate:
    """An interaction that the service decides by itself in a session; it has its event id."""
    interaction.channel = session.channel
    interaction.channel_label = session.channel_label
    found = type_of(interaction)
    assert found is not None
    hashed = content_hash(interaction)
    return Candidate(interaction, found.name, hashed, seen=seen, only_if_free=only_if_free)
