"""The terms of a watch: what it shows, where it goes on from, how long it lives, how it ends."""

from __future__ import annotations

from random import SystemRandom

import projections
from journey.v1.journey_service_pb2 import WatchRequest
from journey.v1.sessions_pb2 import Session
from journey.v1.stream_pb2 import GoingAway, GoingAwayReason, ResetReason
from journey_service.application.context import Context
from journey_service.application.filter import Filter
from journey_service.application.tokens import Copy, copy_of
from journey_service.settings import Settings

ROTATION_SPREAD = 0.1
# One for all who ask for none: an empty set is a fifth of a kilobyte.
ALL = Filter()
_CHANCE = SystemRandom()


def wanted_of(request: WatchRequest, session: Session | None) -> Filter:
    """What the caller wants to see; a guest sees the journey that was handed over alone."""
    journeys = frozenset(projections.key_of(ref) for ref in request.journeys)
    if session is not None and session.guest:
        journeys = frozenset({projections.key_of(session.journey)})
    return Filter(frozenset(request.kinds), journeys) if request.kinds or journeys else ALL


async def resume_point(
    context: Context, subject_id: str, token: str, wanted: Filter, *, proved_only: bool
) -> tuple[Copy | None, ResetReason]:
    """Where the client's copy stands, or why it cannot be gone on from. `proved_only`: see
    Reader.read."""
    if not token:
        return None, ResetReason.RESET_REASON_UNSPECIFIED
    opened = await copy_of(context, token, subject_id)
    if opened is None:
        return None, ResetReason.RESET_REASON_JOURNAL_REWOUND
    if opened.left:
        return None, ResetReason.RESET_REASON_MEMBERS_LEFT
    if opened.filter == wanted.fingerprint(narrow=True):
        found = await context.reader.read(subject_id, proved_only=proved_only)
        opened = opened._replace(narrow=found.narrow)
    age_ms = context.clock.now_ms() - opened.issued_ms
    if opened.filter != wanted.fingerprint(narrow=opened.narrow):
        return None, ResetReason.RESET_REASON_FILTER_CHANGED
    if age_ms > context.settings.resume_token_life_ms:
        return None, ResetReason.RESET_REASON_TOKEN_TOO_OLD
    return opened, ResetReason.RESET_REASON_UNSPECIFIED


def rotate_at_ms(context: Context) -> int:
    """When a stream that opens now ends, planned; a little different for each."""
    spread = 1 + ROTATION_SPREAD * _CHANCE.uniform(-1, 1)
    return context.clock.now_ms() + int(context.settings.stream_life_ms * spread)


def ends_at_ms(settings: Settings, rotate_at_ms: int, auth_expires_at_ms: int) -> int:
    """When a stream ends by itself: as planned, or a warning before its credential ends (0 = never
    does)."""
    if not auth_expires_at_ms:
        return rotate_at_ms
    return min(rotate_at_ms, auth_expires_at_ms - settings.auth_warning_ms)


def farewell(context: Context, reason: GoingAwayReason) -> GoingAway:
    """The last frame of a planned end; the delay holds its jitter."""
    spread_ms = context.settings.drain_streams_ms
    return GoingAway(reason=reason, retry_after_ms=_CHANCE.randrange(spread_ms + 1))
