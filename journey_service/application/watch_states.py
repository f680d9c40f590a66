"""WatchProjection: states of a projection, then the changed ones, without a seam.

opened → snapshot* → changes* → caught_up → (changes | heartbeat | reset → snapshot*)* → going_away

Of what was recorded only the names of changed states are kept; each is read exactly when it is
sent. So a state that changes often is sent as it is then, and a slow reader costs memory by states.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import ProjectionState
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_RESTART,
    RESET_REASON_JOURNAL_REWOUND,
    RESET_REASON_PROJECTION_REBUILT,
    CaughtUp,
    Heartbeat,
    ResetReason,
    StreamReset,
)
from journey.v1.subscription_service_pb2 import (
    StatesChanged,
    StatesSnapshot,
    WatchProjectionRequest,
    WatchProjectionResponse,
)
from journey_service.application.context import Context
from journey_service.application.feed import Feed
from journey_service.application.sources import sources_of
from journey_service.application.state_frames import parts_of_states
from journey_service.application.stream_life import StreamLife
from journey_service.application.subscribers import Subscriber
from journey_service.application.tokens import keeps_position
from journey_service.application.watched_states import Places, Watched, resume_places, watched
from journey_service.domain.errors import Overloaded, Unavailable
from journey_service.domain.identity import Principal

# All connections are in use: the states do not run away.
BUSY_S = 0.05


async def watch_projection(
    context: Context, principal: Principal, request: WatchProjectionRequest
) -> AsyncIterator[WatchProjectionResponse]:
    """Frames until going_away. Raises ProjectionNotFound, RoleNotAllowed, FieldViolations,
    TokenMismatch, Draining, TokenExpired, EventUnreadable."""
    stream = await _open(context, principal, request)
    with context.subscribers.open(stream.life.subscriber), stream.following():
        yield stream.opened()
        async for frame in stream.first_states():
            yield frame
        while not stream.life.is_over():
            async for frame in stream.next_frames():
                yield frame
        yield stream.going_away()


async def _open(context: Context, principal: Principal, request: WatchProjectionRequest) -> _Stream:
    """Check the request and the checkpoint; no state is read yet."""
    wanted = watched(context, principal, request)
    # Before the checkpoint is compared: a switch in between is found, and voids what it resumed.
    generation = await wanted.generation() if request.checkpoint else 0
    resume, why_not = await resume_places(context, wanted, request.checkpoint)
    feed = Feed(wanted.concerns, context.settings)
    subscriber = Subscriber(
        principal, request.consumer, lag_events=feed.lag_events, positions=feed.places
    )
    return _Stream(
        context,
        wanted,
        StreamLife.begin(context, subscriber),
        feed,
        epoch=context.journal.epoch,
        resume=resume,
        why_not=why_not,
        resets=1 if why_not else 0,
        generation=generation,
    )


@dataclass(slots=True)
class _Stream:
    """The state of one stream. Times of the event loop are in seconds.

    `changed` are the states that are to be sent, by subject and key. `is_whole`: what the reader
    began with was sent, to the last part. `epoch` is the journal's, when that was known to be good.
    """

    context: Context
    wanted: Watched
    life: StreamLife
    feed: Feed
    epoch: str
    resume: Places | None
    why_not: ResetReason
    resets: int
    generation: int = 0
    changed: dict[tuple[str, str], None] = field(default_factory=dict)
    is_whole: bool = False
    caught_up: bool = False
    spoke_at: float = 0.0
    looked_at: float = 0.0

    @contextmanager
    def following(self) -> Iterator[None]:
        """Hear of what is committed while this is open."""
        with ExitStack() as following:
            for partition in self.wanted.partitions:
                following.enter_context(self.context.journal.follow(partition, self._heard))
            yield

    def _heard(self, events: Sequence[Event]) -> None:
        if self.feed.note(events):
            self.life.subscriber.wake.set()

    # --- frames ---

    def opened(self) -> WatchProjectionResponse:
        """The first frame, before any state is read."""
        opened = self.life.opened(resumed=self.resume is not None)
        opened.why_not = self.why_not
        return self._spoken(WatchProjectionResponse(opened=opened))

    async def first_states(self) -> AsyncIterator[WatchProjectionResponse]:
        """What the reader begins with: nothing where its checkpoint was taken, else all states."""
        if self.resume is not None:
            await self._begin(self.resume)
            return
        self.generation, self.looked_at = await self.wanted.generation(), _now()
        async for frame in self._snapshot():
            yield frame

    async def _snapshot(self) -> AsyncIterator[WatchProjectionResponse]:
        """All states, in parts, unless it is to end before. What changed since they were stored
        comes behind them."""
        self.changed.clear()
        self.is_whole = False
        self.epoch = self.context.journal.epoch
        places, pages = await self.wanted.snapshot()
        held: list[ProjectionState] = []
        async for page in pages:
            parts = parts_of_states([*held, *page], self.context.settings.frame_bytes)
            *full, held = [*parts] or [[]]
            for part in full:
                yield self._spoken(WatchProjectionResponse(snapshot=StatesSnapshot(states=part)))
            if self.life.is_over():
                return
        await self._begin(places)
        last = StatesSnapshot(states=held, last=True)
        yield self._frame(WatchProjectionResponse(snapshot=last))

    async def _begin(self, places: Places) -> None:
        sources = await sources_of(self.context, "", self.wanted.partitions)
        self.feed.begin(sources, [places.get(source.partition, 0) for source in sources])
        self.is_whole = True

    async def next_frames(self) -> AsyncIterator[WatchProjectionResponse]:
        """What changed, as it stands now; a heartbeat into the silence; a reset where states that
        were sent are void."""
        if self._is_idle():
            await self._wait()
        why = await self._why_void()
        if why:
            async for frame in self._reset(why):
                yield frame
            return
        await self._gather()
        if self.changed:
            async for frame in self._changes():
                yield frame
        if self.changed:
            # No frame may name a place behind them.
            return
        if self.feed.level and not self.caught_up:
            self.caught_up = True
            level = CaughtUp(server_ms=self.context.clock.now_ms())
            yield self._frame(WatchProjectionResponse(caught_up=level))
        if self._is_heartbeat_due():
            yield self._frame(WatchProjectionResponse(heartbeat=self._heartbeat()))

    def _is_idle(self) -> bool:
        """Whether there is nothing to do before something is recorded."""
        waits = self.changed or self.feed.ready or self.feed.behind or self._is_rewound()
        return self.caught_up and not waits

    async def _gather(self) -> None:
        """Note which states changed, by what waits and by what can be read, up to a frame's worth:
        of a state that changed several times nothing more is kept. Where much is to be read, it
        stops for the heartbeat, and for what may end the stream."""
        most = self.context.settings.event_frame_events
        while len(self.changed) < most and (self.feed.ready or self.feed.behind):
            if self.feed.ready:
                for event in self.feed.take():
                    self.changed |= dict.fromkeys(self.wanted.touched(event))
            else:
                await self._read()
            if self._is_heartbeat_due():
                return

    async def _read(self) -> None:
        try:
            await self.feed.read()
        except Overloaded:
            await asyncio.sleep(BUSY_S)

    async def _changes(self) -> AsyncIterator[WatchProjectionResponse]:
        """The changed states as of now; none while the store is busy. The places behind which they
        are were passed before."""
        try:
            found = await self.wanted.read(self.changed)
        except Overloaded:
            await asyncio.sleep(BUSY_S)
            return
        self.changed = {}
        there = [state for state in found.states if state.WhichOneof("content")]
        gone = [state.key for state in found.states if not state.WhichOneof("content")]
        *full, rest = [*parts_of_states(there, self.context.settings.frame_bytes)] or [[]]
        for part in full:
            yield self._spoken(WatchProjectionResponse(changes=StatesChanged(states=part)))
        last = StatesChanged(states=rest, removed_keys=gone)
        yield self._frame(WatchProjectionResponse(changes=last))
        if found.generation not in {0, self.generation}:
            self.looked_at = float("-inf")

    def going_away(self) -> WatchProjectionResponse:
        """The last frame; the delay holds its jitter."""
        return self._frame(WatchProjectionResponse(going_away=self.life.going_away()))

    def _heartbeat(self) -> Heartbeat:
        return Heartbeat(server_ms=self.context.clock.now_ms(), lag_events=self.feed.lag_events())

    def _frame(self, response: WatchProjectionResponse) -> WatchProjectionResponse:
        """The frame with the checkpoint after it; there is none while states are missing."""
        if self.is_whole and not self.changed:
            response.checkpoint = self.wanted.checkpoint(
                self.feed.places(), self.generation, self.epoch
            )
        return self._spoken(response)

    def _spoken(self, response: WatchProjectionResponse) -> WatchProjectionResponse:
        self.spoke_at = _now()
        return response

    # --- what makes copies void ---

    async def _why_void(self) -> ResetReason:
        """Why what was sent is void; UNSPECIFIED = it is not."""
        if self._is_rewound() and not await self._is_kept():
            return RESET_REASON_JOURNAL_REWOUND
        if _now() - self.looked_at >= self.context.settings.heartbeat_ms / 1_000:
            self.looked_at = _now()
            with suppress(Unavailable, Overloaded):
                if await self.wanted.generation() != self.generation:
                    return RESET_REASON_PROJECTION_REBUILT
        return ResetReason.RESET_REASON_UNSPECIFIED

    def _is_rewound(self) -> bool:
        """Whether another epoch began, which need not have kept what the reader was sent."""
        return self.epoch != self.context.journal.epoch

    async def _is_kept(self) -> bool:
        """Whether the epoch that began kept all that the reader was sent; then go on behind it."""
        now, places = self.context.journal.epoch, self.feed.places()
        for partition, place in places.items():
            if not await keeps_position(self.context, self.epoch, partition, place):
                return False
        await self._begin(places)
        self.epoch = now
        return True

    async def _reset(self, why: ResetReason) -> AsyncIterator[WatchProjectionResponse]:
        """One reset with its snapshot; a second need of one stream ends it instead."""
        if self.resets:
            self.life.subscriber.end(GOING_AWAY_REASON_RESTART)
            return
        self.resets += 1
        yield self._spoken(WatchProjectionResponse(reset=StreamReset(reason=why)))
        self.generation, self.looked_at = await self.wanted.generation(), _now()
        async for frame in self._snapshot():
            yield frame

    # --- time ---

    async def _wait(self) -> None:
        """Until something is recorded, the heartbeat is due, or the stream is to end."""
        await self.life.wait(self.context.settings.heartbeat_ms / 1_000 - self._silent_s())

    def _is_heartbeat_due(self) -> bool:
        return self._silent_s() >= self.context.settings.heartbeat_ms / 1_000

    def _silent_s(self) -> float:
        return _now() - self.spoke_at


def _now() -> float:
    return asyncio.get_running_loop().time()
