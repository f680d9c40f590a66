"""Tells open watches what moved, and when to end; what no event tells they read themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import projections
from journey.v1.events_pb2 import Event
from journey.v1.stream_pb2 import GOING_AWAY_REASON_SIGNED_OUT, GoingAwayReason
from journey_service.application.wake import Wake
from journey_service.domain.catalogue import is_telemetry
from journey_service.domain.identity import partition_of
from journey_service.domain.leases import may_move
from journey_service.ports import Journal
from journey_service.ports_of_devices import Devices

SESSION_CLOSED = "session.closed"
# Events kept for a watch until its next frame; of more the journal is asked, which costs no memory.
MOST_HEARD = 16


@dataclass(slots=True, eq=False)
class Watcher:
    """One open watch: what moved since its last frame, and why it should end.

    `telemetry` holds the journeys that only telemetry moved; `heads` are the versions of the newest
    events by subject. `heard` are the events since then, None where those are not all that counts:
    then the journal is to be asked. `followed` are the subjects of which it is delivered events and
    signals, with what ends the signals.
    """

    subject_ids: frozenset[str]
    session_id: str = ""
    wake: Wake = field(default_factory=Wake)
    telemetry: set[str] = field(default_factory=set)
    urgent: bool = False
    nudged: bool = False
    heads: dict[str, int] = field(default_factory=dict)
    heard: list[Event] | None = field(default_factory=list)
    ending: GoingAwayReason | None = None
    auth_expires_at_ms: int = 0
    followed: list[tuple[str, AbstractContextManager[None]]] = field(default_factory=list)

    def note(self, event: Event, keys: Collection[str]) -> None:
        """An event of a watched subject was committed, by whatever process; it moves these keys."""
        known = self.heads.get(event.subject_id, 0)
        self.heads[event.subject_id] = max(known, event.version)
        closed = event.interaction.session_closed.session_id
        if event.type == SESSION_CLOSED and closed == self.session_id:
            self.end(GOING_AWAY_REASON_SIGNED_OUT)
        self._hear(event, keys)
        if is_telemetry(event):
            self.report(keys)
        else:
            self._wake_at_once()

    def _hear(self, event: Event, keys: Collection[str]) -> None:
        """Keep an event that changes journeys and nothing else of what a frame tells."""
        if self.heard is None or not keys or len(self.heard) == MOST_HEARD or may_move(event):
            self.heard = None
        else:
            self.heard.append(event)

    def lag(self, sent: Mapping[str, int]) -> int:
        """How many events came behind these versions."""
        return sum(max(0, head - sent.get(name, 0)) for name, head in self.heads.items())

    def move(self) -> None:
        """Something changed that is told at once, and no event says what."""
        self.heard = None
        self._wake_at_once()

    def _wake_at_once(self) -> None:
        self.urgent = True
        self.wake.set()

    def report(self, keys: Collection[str]) -> None:
        """Telemetry of these journeys came, which can wait a little; of none: the watermark's."""
        self.telemetry.update(keys or ("",))
        self.wake.set()

    def nudge(self) -> None:
        """Something beside the journeys changed: commands, presence, leases, the session."""
        self.heard = None
        self.nudged = True
        self.wake.set()

    def take(self) -> Sequence[Event]:
        """What moved by now is about to be read; nothing is pending afterwards. The events, if
        those are all that moved."""
        heard, self.heard = self.heard, []
        self.telemetry.clear()
        self.urgent = False
        self.wake.clear()
        return heard or ()

    def end(self, reason: GoingAwayReason) -> None:
        """Ask the watch to say good-bye; the first reason stands."""
        self.ending = self.ending or reason
        self.wake.set()


@dataclass(slots=True, eq=False)
class Recorder:
    """One open stream of batches: of which sessions they are, and when its credential ends."""

    auth_expires_at_ms: int
    session_ids: set[str] = field(default_factory=set)


class Hub:
    """All watches of this process, and until when its streams of batches may go on."""

    def __init__(self, journal: Journal, devices: Devices) -> None:
        self._journal = journal
        self._devices = devices
        self._of_subject: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._of_session: dict[str, Watcher] = {}
        self._recorders: defaultdict[str, set[Recorder]] = defaultdict(set)
        self._following: dict[int, tuple[int, AbstractContextManager[None]]] = {}
        self.draining = False

    @property
    def watchers(self) -> int:
        """How many watches are open."""
        return len({watcher for group in self._of_subject.values() for watcher in group})

    @contextmanager
    def watch(self, watcher: Watcher) -> Iterator[None]:
        """Deliver changes while this is open; the watcher replaces the session's older one."""
        self._replace(watcher)
        try:
            for subject_id in watcher.subject_ids:
                self._deliver_to(watcher, subject_id)
            yield
        finally:
            self._end(watcher)

    def widen(self, watcher: Watcher, subject_ids: Collection[str]) -> bool:
        """Deliver to an open watch what these subjects record from now on, too; whether any of them
        is new to it, of which it then reads what was recorded until now."""
        more = frozenset(subject_ids) - watcher.subject_ids
        watcher.subject_ids |= more
        for subject_id in more:
            self._deliver_to(watcher, subject_id)
        return bool(more)

    def poke(self, subject_id: str) -> None:
        """A watermark moved without an event (repeats): watches look again."""
        for watcher in self._of_subject.get(subject_id, ()):
            watcher.move()

    def extend(self, session_id: str, auth_expires_at_ms: int) -> None:
        """A newer credential of the session was seen: all its streams may go on."""
        streams: list[Watcher | Recorder] = [*self._recorders.get(session_id, ())]
        if session_id in self._of_session:
            streams.append(self._of_session[session_id])
        for stream in streams:
            stream.auth_expires_at_ms = max(stream.auth_expires_at_ms, auth_expires_at_ms)

    @contextmanager
    def recording(self, recorder: Recorder) -> Iterator[None]:
        """Extend the stream with the sessions that it records for, while this is open."""
        try:
            yield
        finally:
            for session_id in recorder.session_ids:
                self._recorders[session_id].discard(recorder)
                if not self._recorders[session_id]:
                    del self._recorders[session_id]

    def records(self, recorder: Recorder, session_id: str) -> None:
        """The stream recorded a batch of this session."""
        if session_id and session_id not in recorder.session_ids:
            recorder.session_ids.add(session_id)
            self._recorders[session_id].add(recorder)

    def end_session(self, session_id: str, reason: GoingAwayReason) -> None:
        """End the session's watch."""
        watcher = self._of_session.get(session_id)
        if watcher is not None:
            watcher.end(reason)

    def drain(self, reason: GoingAwayReason) -> None:
        """End all watches and refuse new ones."""
        self.draining = True
        for group in list(self._of_subject.values()):
            for watcher in list(group):
                watcher.end(reason)

    def _replace(self, watcher: Watcher) -> None:
        if not watcher.session_id:
            return
        self.end_session(watcher.session_id, GoingAwayReason.GOING_AWAY_REASON_REPLACED)
        self._of_session[watcher.session_id] = watcher

    def _deliver_to(self, watcher: Watcher, subject_id: str) -> None:
        signals = self._devices.follow(subject_id, watcher.nudge)
        self._of_subject[subject_id].add(watcher)
        self._follow(self._partition_of(subject_id))
        signals.__enter__()
        watcher.followed.append((subject_id, signals))

    def _leave(self, watcher: Watcher, subject_id: str) -> None:
        group = self._of_subject[subject_id]
        group.discard(watcher)
        if not group:
            del self._of_subject[subject_id]

    def _end(self, watcher: Watcher) -> None:
        if self._of_session.get(watcher.session_id) is watcher:
            del self._of_session[watcher.session_id]
        while watcher.followed:
            subject_id, signals = watcher.followed.pop()
            signals.__exit__(None, None, None)
            self._unfollow(self._partition_of(subject_id))
            self._leave(watcher, subject_id)

    def _partition_of(self, subject_id: str) -> int:
        return partition_of(subject_id, self._journal.partition_count)

    def _follow(self, partition: int) -> None:
        """Follow a partition while anybody watches a subject of it."""
        if partition in self._following:
            count, following = self._following[partition]
        else:
            count, following = 0, self._journal.follow(partition, self._deliver)
            following.__enter__()
        self._following[partition] = (count + 1, following)

    def _unfollow(self, partition: int) -> None:
        count, following = self._following[partition]
        if count > 1:
            self._following[partition] = (count - 1, following)
            return
        del self._following[partition]
        following.__exit__(None, None, None)

    def _deliver(self, events: Sequence[Event]) -> None:
        for event in events:
            watchers = self._of_subject.get(event.subject_id)
            if watchers:
                keys = projections.keys_of(event)
                for watcher in watchers:
                    watcher.note(event, keys)
