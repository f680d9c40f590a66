"""Subscribe: events from a place on, and what is recorded from then on, without a seam.

opened → (batch | heartbeat)* → caught_up → (batch | heartbeat)* → going_away. Every frame carries
the checkpoint after it, which has moved past what the filter hid and never past what was not sent;
those before a moment to come, from which events are wanted, carry none, so that it is asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from journey.v1.events_pb2 import Event
from journey.v1.passing_pb2 import PassedBatch, PassedFrame
from journey.v1.stream_pb2 import CaughtUp, Heartbeat
from journey.v1.subscription_service_pb2 import SubscribeRequest, SubscribeResponse
from journey_service.application.context import Context
from journey_service.application.customers import check_there, customer_of
from journey_service.application.feed import Feed
from journey_service.application.sources import (
    Source,
    all_places,
    check_sources,
    partitions_of,
    sources_of,
    sources_of_members,
    start_edge,
)
from journey_service.application.stream_life import StreamLife
from journey_service.application.subscribers import Subscriber
from journey_service.application.tokens import (
    checkpoint_of_journal,
    checkpoint_of_streams,
    keeps_position,
    keeps_version,
    opened_checkpoint,
)
from journey_service.domain.errors import (
    EventUnreadable,
    FieldViolations,
    JournalRewound,
    Overloaded,
)
from journey_service.domain.event_filter import Keep, filter_fingerprint, keeps
from journey_service.domain.identity import Principal

# While it reads, it sends what waits so long although more would fit into the frame.
LINGER_S = 0.02
# All connections are in use: the events do not run away.
BUSY_S = 0.05
# Events come as they are stored, in a frame of the same bytes.
SubscribeFrame: TypeAlias = SubscribeResponse | PassedFrame
F = TypeVar("F", SubscribeResponse, PassedFrame)


async def subscribe(
    context: Context, principal: Principal, request: SubscribeRequest
) -> AsyncIterator[SubscribeFrame]:
    """Frames until going_away. Raises FieldViolations, TokenMismatch, CheckpointAhead,
    JournalRewound, CustomerNotFound, Draining, TokenExpired, EventUnreadable."""
    stream = _stream(context, principal, request)
    with context.subscribers.open(stream.life.subscriber), stream.following():
        # Whoever was told that the stream is open may count on what it records from then on.
        from_end = request.start.WhichOneof("point") == "end"
        if from_end:
            await stream.begin()
        yield stream.opened()
        if not from_end:
            await stream.begin()
        while not stream.life.is_over():
            async for frame in stream.next_frames():
                yield frame
        await stream.enter_epoch()
        yield stream.going_away()


def _stream(context: Context, principal: Principal, request: SubscribeRequest) -> _Stream:
    """Check the request; nothing is read yet."""
    check_sources(
        context,
        principal,
        subject_id=request.subject_id,
        partitions=request.partitions,
        purpose=request.purpose,
    )
    shown = filter_fingerprint(request.filter)
    match request.start.WhichOneof("point"):
        case None:
            raise FieldViolations.one("start", "names no place")
        case "checkpoint":
            opened_checkpoint(context, request.start.checkpoint, shown=shown)
    subjects = [request.subject_id] if request.subject_id else None
    feed = Feed(_keep(request), context.settings, subjects=subjects)
    subscriber = Subscriber(
        principal,
        request.consumer,
        lag_events=feed.lag_events,
        positions=dict if request.subject_id else feed.places,
    )
    return _Stream(
        context,
        request,
        StreamLife.begin(context, subscriber),
        feed,
        shown,
        epoch=context.journal.epoch,
    )


def _keep(request: SubscribeRequest) -> Keep:
    """What the filter keeps; from a moment that is still to come, nothing before it."""
    passes, since_ms = keeps(request.filter), request.start.recorded_ms
    if not since_ms:
        return passes
    return lambda event: event.recorded_at_ms >= since_ms and passes(event)


@dataclass(slots=True)
class _Stream:
    """The state of one subscription. Times of the event loop are in seconds."""

    context: Context
    request: SubscribeRequest
    life: StreamLife
    feed: Feed
    shown: int
    # The journal's, when the places of the last frame were known to be good.
    epoch: str
    # The moment to come from which events are wanted; 0 = none, or it has passed.
    since_ms: int = 0
    places: Mapping[Any, int] = field(default_factory=dict)
    caught_up: bool = False
    spoke_at: float = 0.0
    followed: set[int] = field(default_factory=set)
    following_all: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def following(self) -> Iterator[None]:
        """Hear of what is committed while this is open."""
        asked = partitions_of(self.context, self.request.subject_id, self.request.partitions)
        with self.following_all:
            self._follow(asked)
            yield

    def _follow(self, partitions: Iterable[int]) -> None:
        for partition in set(partitions) - self.followed:
            self.followed.add(partition)
            following = self.context.journal.follow(partition, self._heard)
            self.following_all.enter_context(following)

    def _heard(self, events: Sequence[Event]) -> None:
        if self.feed.note(events):
            self.life.subscriber.wake.set()

    async def begin(self) -> None:
        """Find the places to go on from. Raises CheckpointAhead, JournalRewound, TokenMismatch
        where the checkpoint is of something else, CustomerNotFound."""
        request, self.epoch = self.request, self.context.journal.epoch
        sources = await self._sources()
        if request.subject_id:
            principal, there = self.life.subscriber.principal, sum(each.head for each in sources)
            await check_there(self.context, principal, request.subject_id, there)
        if request.start.recorded_ms > self.context.clock.now_ms():
            self.since_ms = request.start.recorded_ms
        places = [await self._edge(source) for source in sources]
        self.feed.begin(sources, all_places(places))
        self.places = self.feed.places()

    async def _sources(self) -> list[Source]:
        """What it is of: partitions, or the streams of a customer's members, which are followed
        before it is looked where they stand."""
        request = self.request
        if not request.subject_id:
            return await sources_of(self.context, "", request.partitions)
        await self._find_members()
        return await sources_of_members(self.context, sorted(self.feed.subjects or ()))

    async def _find_members(self) -> list[str]:
        """Follow all members; returns those that are new here."""
        principal, known = self.life.subscriber.principal, self.feed.subjects or set()
        self.feed.linked = False
        customer = await customer_of(self.context, principal, self.request.subject_id)
        new = [name for name in customer.subject_ids if name not in known]
        known.update(new)
        self._follow(
            partition for name in new for partition in partitions_of(self.context, name, ())
        )
        return new

    async def _take_in(self) -> None:
        """Who was linked with the customer comes from its first event on."""
        new = await self._find_members()
        if new:
            self.feed.add(await sources_of_members(self.context, new), [0] * len(new))

    async def _edge(self, source: Source) -> int | None:
        edge = await start_edge(self.context, source, self.request.start, shown=self.shown)
        # Of a customer a checkpoint need not know who was linked since.
        return edge or 0 if source.members else edge

    # --- frames ---

    def opened(self) -> SubscribeResponse:
        """The first frame; before any read, unless only what comes is wanted."""
        point = self.request.start.WhichOneof("point")
        return self._spoken(
            SubscribeResponse(
                opened=self.life.opened(resumed=point == "checkpoint"),
                checkpoint=self._checkpoint() if point == "end" else "",
            )
        )

    async def next_frames(self) -> AsyncIterator[SubscribeFrame]:
        """What waits, else a page, else what is recorded next; a heartbeat into the silence."""
        feed = self.feed
        await self.enter_epoch()
        if feed.linked:
            await self._take_in()
        if feed.full or (feed.ready and (not feed.behind or self._silent_s() > LINGER_S)):
            yield self._batch()
        elif feed.behind:
            if not await self._read():
                yield self._batch()
        elif self.caught_up:
            await self._wait()
        if feed.level and not self.caught_up:
            self.caught_up = True
            level = CaughtUp(server_ms=self.context.clock.now_ms())
            yield self._frame(SubscribeResponse(caught_up=level))
        if self._silent_s() >= self.context.settings.heartbeat_ms / 1_000:
            yield self._frame(SubscribeResponse(heartbeat=self._heartbeat()))

    def _batch(self) -> PassedFrame:
        events = [event.SerializeToString() for event in self.feed.take()]
        return self._frame(PassedFrame(batch=PassedBatch(events=events)))

    def going_away(self) -> SubscribeResponse:
        """The last frame; the delay holds its jitter."""
        return self._frame(SubscribeResponse(going_away=self.life.going_away()))

    def _heartbeat(self) -> Heartbeat:
        return Heartbeat(server_ms=self.context.clock.now_ms(), lag_events=self.feed.lag_events())

    def _frame(self, response: F) -> F:
        """The frame with the checkpoint after it."""
        response.checkpoint = self._checkpoint()
        return self._spoken(response)

    def _spoken(self, response: F) -> F:
        self.spoke_at = _now()
        return response

    def _checkpoint(self) -> str:
        self.places = self.feed.places()
        if self._is_early():
            return ""
        make = checkpoint_of_streams if self.request.subject_id else checkpoint_of_journal
        return make(self.context, self.places, shown=self.shown, epoch=self.epoch)

    def _is_early(self) -> bool:
        """Whether events from before the moment may still come: a place would not hide them."""
        if not self.since_ms:
            return False
        settled_ms = self.context.clock.now_ms() - self.context.settings.call_deadline_ms
        if settled_ms >= self.since_ms and not self.feed.behind:
            self.since_ms = 0
        return self.since_ms > 0

    # --- epochs ---

    async def enter_epoch(self) -> None:
        """In a new epoch, go on behind the last frame if that was kept (rule R6); what waits was
        read in the older one and is read again. Raises JournalRewound."""
        while self.epoch != (now := self.context.journal.epoch):
            for part in self.feed.parts:
                # Who was linked since the last frame is not in it, and begins anew.
                place = self.places.get(part.source.name, 0)
                if not await self._is_kept(part.source, place):
                    raise JournalRewound
            sources = await self._sources()
            self.feed.begin(sources, [self.places.get(each.name, 0) for each in sources])
            self.epoch = now

    async def _is_kept(self, source: Source, place: int) -> bool:
        if source.subject_id:
            return await keeps_version(self.context, self.epoch, source.subject_id, place)
        return await keeps_position(self.context, self.epoch, source.partition, place)

    # --- time ---

    async def _read(self) -> bool:
        """Read a page; False where the next event is damaged and what waits is to be sent first.

        Raises EventUnreadable where nothing waits any more.
        """
        try:
            await self.feed.read()
        except Overloaded:
            await asyncio.sleep(BUSY_S)
        except EventUnreadable:
            if not self.feed.ready:
                raise
            return False
        return True

    async def _wait(self) -> None:
        """Until something is recorded, the heartbeat is due, or the stream is to end."""
        await self.life.wait(self.context.settings.heartbeat_ms / 1_000 - self._silent_s())

    def _silent_s(self) -> float:
        return _now() - self.spoke_at


def _now() -> float:
    return asyncio.get_running_loop().time()
