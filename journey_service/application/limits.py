"""How many devices may be active at once, and what becomes of those that are not any more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress

from journey.v1.references_pb2 import JourneyRef
from journey.v1.sessions_pb2 import COMMAND_KIND_PAUSE, Command, Session
from journey_service.application.context import Context
from journey_service.domain.batch import LeaseLimit
from journey_service.domain.errors import JourneyError, Overloaded, Unavailable
from journey_service.domain.identity import Principal
from journey_service.domain.leases import Paused
from journey_service.settings import Settings

COMMAND_NAMESPACE = uuid.UUID("5d4c2c0e-9a0c-4f8e-8f53-5f7c1a1f9b62")


def limit_of(principal: Principal, settings: Settings) -> LeaseLimit | None:
    """How many devices may be active at once, as the credential or else the settings say."""
    most = limits_in(principal.lease_limits or settings.lease_limits)
    if not most:
        return None
    group = principal.limit_group or principal.subject_id
    return LeaseLimit(group, most, evict=settings.lease_limit_rule == "evict-oldest")


def limits_in(text: str) -> Mapping[str, int]:
    """From "media=2 reading=1"; what is no such pair limits nothing."""
    pairs = (part.partition("=") for part in text.split())
    return {kind: int(most) for kind, _, most in pairs if most.isdecimal() and int(most)}


async def tell_to_pause(context: Context, paused: Iterable[Paused]) -> None:
    """Devices that lost a lease learn it; the lease itself is told to all, whatever fails here."""
    for one in paused:
        grant = f"{one.epoch}/{one.granted_ms}/{one.installation_id}"
        name = f"{one.subject_id}/{one.kind}/{one.journey_id}/{grant}"
        command = Command(
            id=str(uuid.uuid5(COMMAND_NAMESPACE, name)),
            kind=COMMAND_KIND_PAUSE,
            journey=JourneyRef(kind=one.kind, journey_id=one.journey_id),
            expires_at_ms=context.clock.now_ms() + context.settings.pause_order_life_ms,
        )
        with suppress(JourneyError, OSError):
            await context.devices.order(one.subject_id, one.installation_id, command)
        context.devices.tell(one.subject_id)


async def end_leases(context: Context, session: Session, limit: LeaseLimit | None) -> None:
    """A session that ends gives up what its device holds; what fails here ends by itself."""
    with suppress(Unavailable, Overloaded):
        found = await context.reader.read(session.subject_id)
        for key, row in found.own_leases.items():
            if row.installation_id == session.installation_id:
                kind, _, journey_id = key.partition("/")
                await context.journal.release(
                    session.subject_id,
                    kind,
                    journey_id,
                    row.epoch,
                    limit_group=limit.group if limit else "",
                )
        context.devices.tell(session.subject_id)
