"""Watch: one customer on one stream.

opened → (snapshot | delta of what changed since the token) → caught_up → (delta | heartbeat)* →
going_away. Every frame is rendered, at the moment it is sent, from an exact read or from the last
one and the events that were delivered since. Of those a few are kept and no more, so a slow reader
costs memory by journeys, never by events.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import projections
from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_STAFF
from journey.v1.events_pb2 import Event
from journey.v1.journey_service_pb2 import (
    WatchDelta,
    WatchRequest,
    WatchResponse,
    WatchSnapshot,
)
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import Processed
from journey.v1.sessions_pb2 import Session
from journey.v1.stream_pb2 import (
    CaughtUp,
    GoingAwayReason,
    Heartbeat,
    ResetReason,
    StreamOpened,
    StreamReset,
)
from journey_service.application.aside import Aside
from journey_service.application.context import Context
from journey_service.application.customer_view import CustomerView
from journey_service.application.customers import check_there, sees_proved_only
from journey_service.application.filter import Filter
from journey_service.application.hub import Watcher
from journey_service.application.pacing import Pace
from journey_service.application.parts import Content, frames_of
from journey_service.application.reader import ExactRead
from journey_service.application.resume import continue_keys, journey_ref
from journey_service.application.sent import Sent
from journey_service.application.tokens import Copy, keeps_versions, state_token
from journey_service.application.told import ToldLeases, processed_of
from journey_service.application.watch_terms import (
    farewell,
    resume_point,
    rotate_at_ms,
    wanted_of,
)
from journey_service.domain.errors import (
    Draining,
    FieldViolations,
    Overloaded,
    SignedOut,
    TokenExpired,
    Unavailable,
)
from journey_service.domain.identity import Principal, reach


async def watch(
    context: Context, principal: Principal, request: WatchRequest
) -> AsyncIterator[WatchResponse]:
    """Frames of a customer until going_away. Raises TokenMismatch, CustomerMismatch,
    CustomerNotFound, SessionNotFound, SignedOut (after its going_away), TokenExpired."""
    stream = await _open(context, principal, request)
    del request
    if context.hub.draining:
        raise Draining
    with context.hub.watch(stream.watcher), context.presence.here(stream.session):
        yield stream.opened()
        async for frame in stream.first_state():
            yield frame
        async for frame in stream.beside():
            yield frame
        while stream.watcher.ending is None:
            async for frame in stream.next_frames():
                yield frame
        async for frame in stream.last_commands():
            yield frame
        yield stream.going_away(stream.watcher.ending)
    if stream.watcher.ending == GoingAwayReason.GOING_AWAY_REASON_SIGNED_OUT:
        raise SignedOut


async def _open(context: Context, principal: Principal, request: WatchRequest) -> _Stream:
    """Check the request against the session and the token.

    Nothing is read of the customer yet, only without a session whether there is one.
    """
    session: Session | None = None
    if principal.role in (ROLE_DEVICE, ROLE_STAFF):
        if not request.session_id:
            raise FieldViolations.one("session_id", "required")
        session = await context.session_cache.of_call(principal, request.session_id)
    subject_id = session.subject_id if session else reach(principal, request.subject_id)
    if session is None:
        head = await context.journal.stream_head(subject_id)
        await check_there(context, principal, subject_id, head.version)
    wanted = wanted_of(request, session)
    epoch = context.journal.epoch
    proved_only = sees_proved_only(principal)
    resume, why_not = await resume_point(
        context, subject_id, request.token, wanted, proved_only=proved_only
    )
    watcher = Watcher(
        frozenset(context.reader.remembered_members(subject_id)),
        session_id=session.session_id if session else "",
        auth_expires_at_ms=principal.expires_at_ms,
    )
    return _Stream(
        context,
        watcher,
        subject_id,
        session.installation_id if session else "",
        wanted,
        resume,
        why_not,
        Pace(watcher, context.clock, context.settings, rotate_at_ms(context)),
        epoch=epoch,
        look_at_session_ms=context.clock.now_ms() + context.settings.watch_look_ms,
        session=session,
        aside=Aside(context, subject_id, session, request.presence, proved_only),
        proved_only=proved_only,
    )


@dataclass(slots=True)
class _Stream:
    """The state of one watch."""

    context: Context
    watcher: Watcher
    subject_id: str
    installation_id: str
    wanted: Filter
    resume: Copy | None
    why_not: ResetReason
    pace: Pace
    aside: Aside
    session: Session | None
    proved_only: bool
    number: int = 0
    restarts: int = 0
    token: str = ""
    # The journal's.
    epoch: str = ""
    sent: Sent = field(default_factory=Sent)
    leases: ToldLeases = field(default_factory=ToldLeases)
    look_at_session_ms: int = 0

    def frame(self, response: WatchResponse, token: str = "") -> WatchResponse:
        """Number a frame; an empty token stands where nothing changed."""
        self.number += 1
        self.pace.spoke()
        response.frame = self.number
        response.token = token
        return response

    def opened(self) -> WatchResponse:
        """The first frame, before any read."""
        return self.frame(
            WatchResponse(
                opened=StreamOpened(
                    stream_id=uuid.uuid4().hex,
                    heartbeat_ms=self.context.settings.heartbeat_ms,
                    resumed=self.resume is not None,
                    why_not=self.why_not,
                    rotate_at_ms=self.pace.rotate_at_ms,
                    auth_expires_at_ms=self.watcher.auth_expires_at_ms,
                    server_ms=self.context.clock.now_ms(),
                )
            )
        )

    def going_away(self, reason: GoingAwayReason) -> WatchResponse:
        """The last frame; the delay holds its jitter."""
        return self.frame(WatchResponse(going_away=farewell(self.context, reason)))

    async def first_state(self) -> AsyncIterator[WatchResponse]:
        """What brings the client's copy level: a delta if its token was taken, else a snapshot; at
        last that it is, so that nothing larger is held while nothing happens."""
        if self.resume is not None:
            self.sent.resume(self.resume)
        found = await self._read()
        if self.resume is None:
            self.restarts = 1 if self.why_not else 0
            frames = self._snapshot(found)
        else:
            frames = self._level(found, always=True)
        for frame in frames:
            yield frame
        yield self.frame(WatchResponse(caught_up=CaughtUp(server_ms=self.context.clock.now_ms())))

    def _level(self, found: ExactRead, *, always: bool = False) -> Iterator[WatchResponse]:
        """What brings the client's copy level with a read: a delta, or a reset where none can."""
        farthest = self.context.settings.resume_token_events
        void = self.sent.void(found, farthest=farthest, whole=always)
        return self._reset(found, void) if void else self._delta(found, always=always)

    def _reset(self, found: ExactRead, reason: ResetReason) -> Iterator[WatchResponse]:
        """One reset with its snapshot; a second need of one stream ends it instead."""
        if self.restarts:
            self.watcher.end(GoingAwayReason.GOING_AWAY_REASON_RESTART)
            return
        self.restarts += 1
        snapshot = self._snapshot(found)
        yield self.frame(WatchResponse(reset=StreamReset(reason=reason)))
        yield from snapshot

    async def next_frames(self) -> AsyncIterator[WatchResponse]:
        """Wait for a change, then send it; a heartbeat when there was none; or mark the end."""
        woken = await self.pace.wait()
        if self.watcher.ending is not None or await self._is_over():
            return
        before = self.number
        nudged, self.watcher.nudged = self.watcher.nudged, False
        if nudged and self.session is not None:
            await self._look_at_session()
        async for frame in self._changes() if woken else self._missed():
            yield frame
        async for frame in self.beside(nudged=nudged, moved=woken):
            yield frame
        if not woken and self.number == before:
            yield self._heartbeat()

    async def beside(
        self, *, nudged: bool = True, moved: bool = True
    ) -> AsyncIterator[WatchResponse]:
        """Commands to the device, and who is present."""
        async for content in self.aside.contents(nudged=nudged, moved=moved):
            yield self.frame(content)
        self.pace.aside_at = self.aside.due_at

    async def last_commands(self) -> AsyncIterator[WatchResponse]:
        """What a device that is signed out is told before the stream says good-bye."""
        if self.watcher.ending == GoingAwayReason.GOING_AWAY_REASON_SIGNED_OUT:
            for command in await self.aside.commands():
                yield self.frame(WatchResponse(command=command))

    async def _changes(self) -> AsyncIterator[WatchResponse]:
        """What moved since the last frame, as it stands now."""
        self.pace.pushes()
        for frame in self._level(self._heard(self.watcher.take()) or await self._read()):
            yield frame

    def _heard(self, events: Sequence[Event]) -> ExactRead | None:
        """The customer after events that were delivered and are all that moved; None where the
        journal must be asked: after the device's own acts, which move its watermark, and for what
        nothing tells of, as often as in a silent watch."""
        if self.epoch != self.context.journal.epoch or self.pace.is_time_to_look():
            return None
        if self.installation_id in {event.occurrence.installation_id for event in events}:
            return None
        view = self.context.reader.bring_forward(self.subject_id, events)
        return self.sent.after(view, self.context.clock.now_ms()) if view else None

    async def _missed(self) -> AsyncIterator[WatchResponse]:
        """What nothing tells of: another fold, and a watermark that moved in another process
        without an event. A silent watch looks for it now and then, if the journal can be read."""
        if not self.pace.is_time_to_look():
            return
        with suppress(Unavailable, Overloaded):
            for frame in self._level(await self._read()):
                yield frame

    async def _is_over(self) -> bool:
        """End the stream when its time, its credential or its session is over."""
        now_ms = self.context.clock.now_ms()
        auth_end_ms = self.watcher.auth_expires_at_ms
        if auth_end_ms and now_ms >= auth_end_ms:
            raise TokenExpired
        if auth_end_ms and now_ms >= auth_end_ms - self.context.settings.auth_warning_ms:
            self.watcher.end(GoingAwayReason.GOING_AWAY_REASON_AUTH_EXPIRING)
        elif now_ms >= self.pace.rotate_at_ms:
            self.watcher.end(GoingAwayReason.GOING_AWAY_REASON_ROTATION)
        elif self.watcher.session_id and now_ms >= self.look_at_session_ms:
            self.look_at_session_ms = now_ms + self.context.settings.watch_look_ms
            await self._look_at_session()
        return self.watcher.ending is not None

    async def _look_at_session(self) -> None:
        """Its closing comes as an event; this finds what was missed, and keeps it alive."""
        with suppress(Unavailable, Overloaded):
            if not await self.context.session_cache.is_open(self.watcher.session_id):
                self.watcher.end(GoingAwayReason.GOING_AWAY_REASON_SIGNED_OUT)
            elif self.session is not None:
                self.context.presence.watching(self.session)

    async def _read(self) -> ExactRead:
        """The customer, all members of which are followed before they are read."""
        self.pace.reads()
        while True:
            found = await self.context.reader.read(
                self.subject_id,
                installation_id=self.installation_id,
                proved_only=self.proved_only,
            )
            widened = self.context.hub.widen(self.watcher, found.view.versions)
            if self.epoch != self.context.journal.epoch:
                await self._enter_epoch()
            elif not widened:
                return found

    async def _enter_epoch(self) -> None:
        """Note whether the epoch that began kept what the client's copy holds (rule R6); what was
        delivered in the one before may not be there now."""
        epoch, self.watcher.heard = self.context.journal.epoch, None
        if not await keeps_versions(self.context, self.epoch, self.sent.versions):
            self.sent.rewound = True
        self.epoch = epoch

    def _snapshot(self, found: ExactRead) -> Iterator[WatchResponse]:
        """The newest journeys as whole states, in parts; the last one carries the token."""
        view = found.view
        keys = self.wanted.keep(
            projections.by_activity(view.published(self.context.clock.now_ms()))
        )
        shown = keys[: self.context.settings.snapshot_journeys]
        self.sent.continue_list = self._continue(view)
        self.sent.customer_id = view.customer.customer_id
        rest = WatchSnapshot(
            last=True,
            customer_id=self.sent.customer_id,
            continue_list=[journey_ref(key) for key in self.sent.continue_list],
            leases=self.leases.all(found, self.wanted.keep([*found.leases])),
            processed=self._processed(found),
            truncated=len(shown) < len(keys),
        )
        return self._frames(rest, self._published(view, shown), self._token_after(found))

    def _delta(self, found: ExactRead, *, always: bool) -> Iterator[WatchResponse]:
        """What changed as whole states; nothing where nothing within the filter did."""
        view = found.view
        shown = self.wanted.keep(view.changed_since(self.sent.versions))
        continue_list = self._continue(view)
        continue_changed = always or continue_list != self.sent.continue_list
        moved = found.processed != self.sent.processed
        customer_id = view.customer.customer_id
        renamed = customer_id != self.sent.customer_id
        token = self._token_after(found)
        leased, now_ms = self.wanted.keep([*found.leases]), self.context.clock.now_ms()
        leases = self.leases.changed(found, leased, now_ms)
        if not (shown or continue_changed or moved or leases or renamed):
            return iter(())
        self.sent.continue_list, self.sent.customer_id = continue_list, customer_id
        rest = WatchDelta(
            last=True,
            continue_changed=continue_changed,
            continue_list=[journey_ref(key) for key in continue_list] if continue_changed else (),
            leases=leases,
            processed=self._processed(found),
            customer_id=customer_id if renamed else "",
        )
        return self._frames(rest, self._published(view, shown), token)

    def _frames(
        self, rest: Content, journeys: list[Journey], token: str
    ) -> Iterator[WatchResponse]:
        """The journeys in parts; the last one carries the rest and the token.

        All of it was taken from one view beforehand: while a part is on its way other reads may
        bring that view forward, and the token must not name what was not sent.
        """
        frames = frames_of(
            rest,
            journeys,
            frame_bytes=self.context.settings.frame_bytes,
            last_bytes=len(token),
        )
        for number, frame in enumerate(frames, 1):
            yield self.frame(frame, token if number == len(frames) else "")

    def _heartbeat(self) -> WatchResponse:
        """Its token stands where the last state sent stood, or past what the filter hid."""
        lag = self.watcher.lag(self.sent.versions)
        heartbeat = Heartbeat(server_ms=self.context.clock.now_ms(), lag_events=lag)
        return self.frame(WatchResponse(heartbeat=heartbeat), self.token)

    def _token_after(self, found: ExactRead) -> str:
        self.sent.take(found)
        shown = self.wanted.fingerprint(narrow=found.narrow)
        self.token = state_token(self.context, found.view, shown=shown)
        return self.token

    def _continue(self, view: CustomerView) -> list[str]:
        keys = continue_keys(view, self.context.clock.now_ms(), self.wanted.kinds)
        return self.wanted.keep(keys)[: self.context.settings.continue_list_size]

    def _published(self, view: CustomerView, keys: Collection[str]) -> list[Journey]:
        now_ms = self.context.clock.now_ms()
        return [view.publish(key, now_ms) for key in keys]

    def _processed(self, found: ExactRead) -> list[Processed]:
        return processed_of(found) if self.installation_id else []
