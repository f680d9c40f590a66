"""Finite bulk reads of a customer or of the journal, forwards or backwards.

opened → (batch | heartbeat)* → (done | going_away). After going_away the reader goes on behind the
last checkpoint; at least a page lies between the two, so a read that is cut again and again ends.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from journey.v1.history_service_pb2 import EventOrder, ReadEventsRequest, ReadEventsResponse
from journey.v1.passing_pb2 import PassedBatch, PassedFrame
from journey.v1.stream_pb2 import (
    GoingAway,
    Heartbeat,
    StreamDone,
    StreamOpened,
)
from journey_service.application.context import Context
from journey_service.application.customers import check_there, customer_of
from journey_service.application.in_order import PagesOf, as_recorded, in_order
from journey_service.application.sources import (
    Source,
    check_sources,
    end_edge,
    sources_of,
    sources_of_members,
    start_edge,
)
from journey_service.application.stream_life import StreamLife
from journey_service.application.subscribers import Subscriber
from journey_service.application.tokens import checkpoint_of_journal, checkpoint_of_streams
from journey_service.domain.errors import FieldViolations
from journey_service.domain.event_filter import filter_fingerprint, keeps
from journey_service.domain.identity import Principal
from journey_service.domain.wire_event import WireEvent
from journey_service.settings import Settings

READ_PAGE = 500
# Events come as they are stored, in a frame of the same bytes.
ReadFrame: TypeAlias = ReadEventsResponse | PassedFrame


async def read_events(
    context: Context, principal: Principal, request: ReadEventsRequest
) -> AsyncIterator[ReadFrame]:
    """Batches of at most 500 events and frame_bytes, each with its checkpoint; then done.

    Of a customer the events of all its streams as the service learned them, of the journal those
    of its partitions one after the other. Raises FieldViolations, CustomerNotFound, TokenMismatch,
    CheckpointAhead, JournalRewound, Draining, TokenExpired, EventUnreadable.
    """
    _check(context, principal, request)
    reading = _Reading(
        context,
        request,
        StreamLife.begin(context, Subscriber(principal, "")),
        context.journal.epoch,
    )
    with context.subscribers.open(reading.life.subscriber):
        async with aclosing(_frames(reading)) as frames:
            async for frame in frames:
                yield frame


async def _frames(reading: _Reading) -> AsyncGenerator[ReadFrame]:
    context, request = reading.context, reading.request
    principal = reading.life.subscriber.principal
    sources = await _sources(context, principal, request)
    if request.subject_id:
        there = sum(source.head for source in sources)
        await check_there(context, principal, request.subject_id, there)
    yield _opened(context)
    keep = keeps(request.filter)
    loop = asyncio.get_running_loop()
    quiet_since, count = loop.time(), 0
    ranges = await _ranges(context, sources, request)
    reads = _pages([_Together(ranges)] if request.subject_id and len(ranges) > 1 else ranges)
    # Whoever wants a few events is not made to wait for more of them.
    async with aclosing(reads if request.limit else _ahead(reads)) as pages:
        async for part, page in pages:
            passing = [event for event in page if keep(event)]
            if request.limit:
                passing = passing[: request.limit - count]
            for batch in _batches(passing, context.settings):
                count += len(batch)
                part.come_to(batch)
                yield reading.batch(ranges, batch)
                quiet_since = loop.time()
            if request.limit and count >= request.limit:
                yield reading.frame(ranges, StreamDone(count=count))
                return
            part.come_to(page)
            if loop.time() - quiet_since > context.settings.heartbeat_ms / 1_000:
                yield reading.frame(ranges, Heartbeat(server_ms=context.clock.now_ms()))
                quiet_since = loop.time()
            if reading.life.is_over():
                yield reading.frame(ranges, reading.life.going_away())
                return
    yield reading.frame(ranges, StreamDone(count=count))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One read. `epoch` is the journal's when it began: what was read is good for that one."""

    context: Context
    request: ReadEventsRequest
    life: StreamLife
    epoch: str

    def batch(self, ranges: Iterable[_Range], events: Iterable[WireEvent]) -> PassedFrame:
        """A frame of events."""
        batch = PassedBatch(events=[event.data for event in events])
        return PassedFrame(batch=batch, checkpoint=self._checkpoint(ranges))

    def frame(
        self, ranges: Iterable[_Range], content: Heartbeat | StreamDone | GoingAway
    ) -> ReadEventsResponse:
        """A frame with the checkpoint after it."""
        response = ReadEventsResponse(checkpoint=self._checkpoint(ranges))
        match content:
            case Heartbeat():
                response.heartbeat.CopyFrom(content)
            case StreamDone():
                response.done.CopyFrom(content)
            case GoingAway():
                response.going_away.CopyFrom(content)
        return response

    def _checkpoint(self, ranges: Iterable[_Range]) -> str:
        shown = filter_fingerprint(self.request.filter)
        if self.request.subject_id:
            versions = {part.source.subject_id: part.place for part in ranges}
            return checkpoint_of_streams(self.context, versions, shown=shown, epoch=self.epoch)
        places = {part.source.partition: part.place for part in ranges}
        return checkpoint_of_journal(self.context, places, shown=shown, epoch=self.epoch)


@dataclass(slots=True)
class _Range:
    """What is read of a source: behind `low`, up to `high`; `place` is how far it has come."""

    source: Source
    low: int
    high: int
    backwards: bool
    place: int

    def come_to(self, events: Sequence[WireEvent]) -> None:
        """These were passed."""
        self.place = self.source.place_of(events[-1])

    async def pages(self) -> PagesOf[WireEvent]:
        """Pages of READ_PAGE events in the order asked for; none is empty."""
        low, high = self.low, self.high
        while low < high:
            page = await self.source.read_on_wire(low, high, READ_PAGE, backwards=self.backwards)
            if not page:
                return
            if self.backwards:
                high = self.source.place_of(page[-1]) - 1
            else:
                low = self.source.place_of(page[-1])
            yield page


class _Together:
    """The streams of one customer, read together as the service learned their events."""

    def __init__(self, ranges: Sequence[_Range]) -> None:
        self._ranges = {part.source.subject_id: part for part in ranges}

    def come_to(self, events: Sequence[WireEvent]) -> None:
        """These were passed."""
        for event in events:
            self._ranges[event.subject_id].place = event.version

    def pages(self) -> PagesOf[WireEvent]:
        """Pages of all streams."""
        parts = list(self._ranges.values())
        streams = [part.pages() for part in parts]
        return in_order(streams, as_recorded, backwards=parts[0].backwards)


Part: TypeAlias = _Range | _Together
Page: TypeAlias = tuple[Part, Sequence[WireEvent]]


async def _pages(parts: Iterable[Part]) -> AsyncGenerator[Page]:
    """The pages of one part after the other."""
    for part in parts:
        async for page in part.pages():
            yield part, page


async def _ahead(pages: AsyncGenerator[Page]) -> AsyncGenerator[Page]:
    """The same pages; while one is used, the next is read."""
    following = asyncio.ensure_future(anext(pages, None))
    try:
        while (page := await following) is not None:
            following = asyncio.ensure_future(anext(pages, None))
            yield page
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await pages.aclose()


async def _sources(
    context: Context, principal: Principal, request: ReadEventsRequest
) -> list[Source]:
    """The streams of the customer asked for, or of one subject alone; else partitions."""
    if not request.subject_id or request.stream_only:
        return await sources_of(context, request.subject_id, request.partitions)
    customer = await customer_of(context, principal, request.subject_id)
    return await sources_of_members(context, customer.subject_ids)


def _check(context: Context, principal: Principal, request: ReadEventsRequest) -> None:
    check_sources(
        context,
        principal,
        subject_id=request.subject_id,
        partitions=request.partitions,
        purpose=request.purpose,
    )
    if request.order == EventOrder.EVENT_ORDER_OCCURRENCE:
        raise FieldViolations.one("order", "bulk reads are RECORDED; ListEvents has OCCURRENCE")


async def _ranges(
    context: Context, sources: list[Source], request: ReadEventsRequest
) -> list[_Range]:
    """The parts of the sources between start and end; backwards, `start` is the newer edge.

    What a checkpoint says nothing of is read from its beginning, as members are that were linked
    since. One that was made with another filter is no place to start, as what that one hid would be
    left out; to end at it is.
    """
    backwards, shown = request.backwards, filter_fingerprint(request.filter)
    ranges = []
    for source in sources:
        edge = await start_edge(context, source, request.start, shown=shown, backwards=backwards)
        first = edge or 0
        last = await end_edge(context, source, request.end, backwards=backwards)
        low, high = (last, first) if backwards else (first, last)
        # Backwards a place is the last one read, and nothing is read yet.
        ranges.append(_Range(source, low, high, backwards, place=first + backwards))
    return ranges


def _batches(events: list[WireEvent], settings: Settings) -> Iterator[list[WireEvent]]:
    """The events in frames of at most frame_bytes and event_frame_events, one event at least."""
    batch: list[WireEvent] = []
    size = 0
    most, room = settings.event_frame_events, settings.frame_bytes
    for event in events:
        added = len(event.data)
        if batch and (len(batch) == most or size + added > room):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += added
    if batch:
        yield batch


def _opened(context: Context) -> ReadEventsResponse:
    return ReadEventsResponse(
        opened=StreamOpened(
            stream_id=uuid.uuid4().hex,
            heartbeat_ms=context.settings.heartbeat_ms,
            server_ms=context.clock.now_ms(),
        )
    )
