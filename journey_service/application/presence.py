"""Who is there: sessions with an open watch, or a call or the end of a watch a moment ago.

A row per session says until when it counts. It is written when a session comes, and seldom while it
stays; recording never waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import Place
from journey.v1.sessions_pb2 import Presence, PresentSession, Session
from journey_service.domain.errors import JourneyError
from journey_service.ports import Clock
from journey_service.ports_of_devices import Devices
from journey_service.settings import Settings
from projections import thresholds

_log = logging.getLogger(__name__)


class PresenceBook:
    """What this process notes of sessions in use; a note that is lost is made again soon."""

    def __init__(self, devices: Devices, clock: Clock, settings: Settings) -> None:
        self._devices = devices
        self._clock = clock
        self._life_ms = settings.presence_life_ms
        self._look_ms = settings.watch_look_ms
        self._most = settings.session_cache_entries
        self._noted: OrderedDict[str, int] = OrderedDict()
        self._pending: dict[tuple[str, str], int] = {}
        self._to_tell: set[str] = set()
        self._writing: asyncio.Task[None] | None = None

    @contextmanager
    def here(self, session: Session | None) -> Iterator[None]:
        """The session of a watch is present while this is open, and for a moment after."""
        if session is None:
            yield
            return
        self.watching(session)
        try:
            yield
        finally:
            self.left(session)

    def called(self, session: Session) -> None:
        """A call named the session."""
        now_ms = self._clock.now_ms()
        if self._noted.get(session.session_id, 0) < now_ms + self._life_ms * 2 // 3:
            self._note(session, now_ms + self._life_ms)

    def watching(self, session: Session) -> None:
        """Its watch is open; said at the beginning, and whenever the watch looks at its session."""
        self._note(session, self._clock.now_ms() + 2 * self._look_ms + self._life_ms)

    def left(self, session: Session) -> None:
        """Its watch ended."""
        self._note(session, self._clock.now_ms() + self._life_ms, told=True)

    def gone(self, session: Session) -> None:
        """The session ended."""
        self._note(session, 0, told=True)

    def moved(self, session: Session) -> None:
        """It is at another journey."""
        self._devices.tell(session.subject_id)

    def _note(self, session: Session, until_ms: int, *, told: bool = False) -> None:
        came = self._noted.get(session.session_id, 0) <= self._clock.now_ms()
        self._noted[session.session_id] = until_ms
        self._noted.move_to_end(session.session_id)
        while len(self._noted) > self._most:
            self._noted.popitem(last=False)
        self._pending[session.subject_id, session.session_id] = until_ms
        if told or came:
            self._to_tell.add(session.subject_id)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        """All that is noted, in one go, again and again: one write is under way at most."""
        try:
            while self._pending:
                noted, self._pending = self._pending, {}
                to_tell, self._to_tell = self._to_tell, set()
                await self._store(noted)
                for subject_id in to_tell:
                    self._devices.tell(subject_id)
        finally:
            self._writing = None

    async def finish(self) -> None:
        """Note no more: the process ends, and what is lost is noted by the next one."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _store(self, noted: dict[tuple[str, str], int]) -> None:
        try:
            await self._devices.be_present(noted)
        except (JourneyError, OSError):
            self._forget(noted)
        except Exception:  # noqa: BLE001  whatever it is, the next note tries again
            _log.exception("presence cannot be noted; it is tried with the next note")
            self._forget(noted)

    def _forget(self, noted: Iterable[tuple[str, str]]) -> None:
        for _, session_id in noted:
            self._noted.pop(session_id, None)


def presence_of(
    sessions: list[Session], journeys: dict[str, Journey], until_ms_of: dict[str, int]
) -> Presence:
    """Who is there, at what, and where it plays. By installation: what it plays, and until when
    its lease lasts."""
    return Presence(
        sessions=[
            _present(
                session,
                journeys.get(session.installation_id),
                until_ms_of.get(session.installation_id, 0),
            )
            for session in sessions
        ]
    )


def _present(session: Session, playing: Journey | None, until_ms: int) -> PresentSession:
    shown = PresentSession(
        session_id=session.session_id,
        device_id=session.device.device_id,
        name=session.device.name,
        channel=session.channel,
    )
    if session.HasField("journey"):
        shown.journey.CopyFrom(session.journey)
    if playing is not None:
        media = playing.media
        shown.journey.CopyFrom(playing.ref)
        shown.place.CopyFrom(
            Place(point_ms=media.point_ms, as_of_ms=media.as_of_ms, speed=media.speed)
        )
        shown.lease_until_ms = until_ms or media.as_of_ms + thresholds.EXTRAPOLATION_MS
    return shown
