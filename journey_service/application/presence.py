"""Who is there: sessions with an open watch, or a call or the end of a watch a moment ago.

A row per session says until when it counts. It is written when a session comes, and seldom while it
stays; recording never waits for it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import Place
from journey.v1.sessions_pb2 import Presence, PresentSession, Session
from journey_service.domain.errors import JourneyError
from journey_service.ports import Clock, Devices
from journey_service.settings import Settings
from projections import thresholds


class PresenceBook:
    """What this process notes of sessions in use; a note that is lost is made again soon."""

    def __init__(self, devices: Devices, clock: Clock, settings: Settings) -> None:
        self._devices = devices
        self._clock = clock
        self._life_ms = settings.presence_life_ms
        self._look_ms = settings.watch_look_ms
        self._most = settings.session_cache_entries
        self._noted: OrderedDict[str, int] = OrderedDict()
        self._writing: set[asyncio.Task[None]] = set()

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
        work = self._write(session.subject_id, session.session_id, until_ms, tell=told or came)
        task = asyncio.get_running_loop().create_task(work)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, subject_id: str, session_id: str, until_ms: int, *, tell: bool) -> None:
        try:
            await self._devices.be_present(subject_id, session_id, until_ms)
        except (JourneyError, OSError):
            self._noted.pop(session_id, None)
            return
        if tell:
            self._devices.tell(subject_id)


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
