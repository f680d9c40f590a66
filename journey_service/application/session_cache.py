"""Sessions in use, remembered for a few seconds so that recording does not read them each time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_STAFF
from journey.v1.sessions_pb2 import SESSION_STATUS_ACTIVE, Session
from journey_service.domain.devices import refuse_lost
from journey_service.domain.errors import (
    CustomerMismatch,
    InstallationLost,
    SessionNotFound,
    SignedOut,
)
from journey_service.domain.identity import Principal, claimant_of, reach
from journey_service.ports import Clock, Sessions
from journey_service.settings import Settings


class SessionCache:
    """Finds the session that a call names, and keeps its last contact."""

    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        settings: Settings,
        noticed: Callable[[Session], None],
        check_visitor: Callable[[Principal], Awaitable[None]],
    ) -> None:
        """`noticed` is told of every session that a call names; `check_visitor` raises for the
        credential of an ended sign-in epoch, whose sessions may still be open."""
        self._noticed = noticed
        self._check_visitor = check_visitor
        self._sessions = sessions
        self._clock = clock
        self._settings = settings
        self._remembered: OrderedDict[str, tuple[float, Session]] = OrderedDict()

    async def of_call(self, principal: Principal, session_id: str) -> Session:
        """The open session, of the caller's own subject.

        Raises what `own` raises, SessionNotFound for expired ones, SignedOut for closed ones and
        for visitors of an ended epoch, InstallationLost for those of lost devices.
        """
        session = own(principal, await self._find(session_id))
        if principal.anonymous:
            await self._check_visitor(principal)
        await self._keep_alive(session)
        self._noticed(session)
        return session

    async def is_open(self, session_id: str) -> bool:
        """Whether nobody closed it, as stored now; an open watch keeps it alive by asking."""
        session = await self._sessions.load(session_id)
        if session is None:
            return False
        self.put(session)
        try:
            await self._keep_alive(session)
        except (SignedOut, InstallationLost):
            return False
        except SessionNotFound:
            # It has lived its longest: whoever opens the stream again is told so.
            return True
        return True

    def put(self, session: Session) -> None:
        """Remember what was stored just now."""
        self._remembered[session.session_id] = (time.monotonic(), session)
        self._remembered.move_to_end(session.session_id)
        while len(self._remembered) > self._settings.session_cache_entries:
            self._remembered.popitem(last=False)

    async def _find(self, session_id: str) -> Session | None:
        found = self._remembered.get(session_id)
        if found and time.monotonic() - found[0] < self._settings.session_cache_ms / 1_000:
            return found[1]
        session = await self._sessions.load(session_id)
        if session is None:
            self._remembered.pop(session_id, None)
            return None
        self.put(session)
        return session

    async def _keep_alive(self, session: Session) -> None:
        """Refuse what has ended; move the expiry when a quarter of the idle time has passed."""
        now_ms = self._clock.now_ms()
        refuse_lost(session.device_status)
        if session.status != SESSION_STATUS_ACTIVE:
            raise SignedOut("The session was closed: open a new one.")
        if now_ms >= session.expires_at_ms:
            raise SessionNotFound("The session has expired: open a new one.")
        if now_ms - session.last_seen_at_ms > self._settings.session_idle_ms // 4:
            touch(session, now_ms, self._settings)
            await self._sessions.save(session)


def own(principal: Principal, session: Session | None) -> Session:
    """The session, if the caller reaches it, and its credential is of no other installation.

    To devices and staff another's and an unknown one look alike: both raise CustomerMismatch. To
    services, which reach all, an unknown one is SessionNotFound.
    """
    if session is None:
        raise CustomerMismatch if principal.role in {ROLE_DEVICE, ROLE_STAFF} else SessionNotFound
    if session.claimant and principal.role in {ROLE_DEVICE, ROLE_STAFF}:
        if session.claimant != claimant_of(principal):
            raise CustomerMismatch
    else:
        reach(principal, session.subject_id)
    if principal.installation_id not in {"", session.installation_id}:
        raise CustomerMismatch
    return session


def touch(session: Session, now_ms: int, settings: Settings) -> None:
    """Note a contact: the session ends after the idle time, at the latest at its longest life."""
    assists = session.claimant and not session.guest
    longest_ms = settings.assist_longest_ms if assists else settings.session_longest_ms
    session.last_seen_at_ms = now_ms
    session.expires_at_ms = min(
        now_ms + settings.session_idle_ms, session.opened_at_ms + longest_ms
    )
