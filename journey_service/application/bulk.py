"""Finite bulk reads of a customer or of the journal, forwards or backwards."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from journey.v1.access_pb2 import ROLE_SERVICE
from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import EventOrder, ReadEventsRequest, ReadEventsResponse
from journey.v1.reading_pb2 import EndPoint, EventBatch, StartPoint
from journey.v1.stream_pb2 import Heartbeat, StreamDone, StreamOpened
from journey_service.application.context import Context
from journey_service.application.customers import check_there
from journey_service.application.history import keeps
from journey_service.application.tokens import (
    checkpoint_of_journal,
    checkpoint_of_stream,
    position_at,
    version_at,
)
from journey_service.domain.errors import CheckpointAhead, FieldViolations
from journey_service.domain.identity import Principal
from journey_service.ports import Journal
from journey_service.settings import Settings

READ_PAGE = 500


async def read_events(
    context: Context, principal: Principal, request: ReadEventsRequest
) -> AsyncIterator[ReadEventsResponse]:
    """Batches of at most 500 events and frame_bytes, each with its checkpoint; then done.

    Of a customer the events of its stream, of the journal those of its partitions one after the
    other. Raises FieldViolations, CustomerNotFound, TokenMismatch, CheckpointAhead.
    """
    _check(context, principal, request)
    sources = await _sources(context, request)
    if request.subject_id:
        await check_there(context, principal, request.subject_id, sources[0].head)
    yield _opened(context)
    keep = keeps(request.filter)
    loop = asyncio.get_running_loop()
    quiet_since, count = loop.time(), 0
    ranges = [await _range(context, source, request) for source in sources]
    for part in ranges:
        async for page in part.pages():
            passing = [event for event in page if keep(event)]
            if request.limit:
                passing = passing[: request.limit - count]
            for batch in _batches(passing, context.settings):
                count += len(batch)
                part.place = part.source.place_of(batch[-1])
                yield _frame(context, ranges, EventBatch(events=batch))
                quiet_since = loop.time()
            if request.limit and count >= request.limit:
                yield _frame(context, ranges, StreamDone(count=count))
                return
            part.place = part.source.place_of(page[-1])
            if loop.time() - quiet_since > context.settings.heartbeat_ms / 1_000:
                yield _frame(context, ranges, Heartbeat(server_ms=context.clock.now_ms()))
                quiet_since = loop.time()
    yield _frame(context, ranges, StreamDone(count=count))


@dataclass(frozen=True, slots=True)
class _Source:
    """One sequence of events: a partition by position, or a stream by version."""

    journal: Journal
    head: int
    partition: int = -1
    subject_id: str = ""

    def place_of(self, event: Event) -> int:
        return event.version if self.subject_id else event.position

    async def read(self, after: int, up_to: int, limit: int, *, backwards: bool) -> list[Event]:
        if self.subject_id:
            return await self.journal.read_stream(
                self.subject_id,
                after_version=after,
                up_to_version=up_to,
                limit=limit,
                backwards=backwards,
            )
        return await self.journal.read_partition(
            self.partition,
            after_position=after,
            up_to_position=up_to,
            limit=limit,
            backwards=backwards,
        )

    async def first_recorded_at(self, moment_ms: int) -> int:
        """Place of the first event recorded at or after the moment; head + 1 if there is none."""
        low, high = 1, self.head + 1
        while low < high:
            middle = (low + high) // 2
            found = await self.read(middle - 1, middle, 1, backwards=False)
            if found and found[0].recorded_at_ms < moment_ms:
                low = middle + 1
            else:
                high = middle
        return low


@dataclass(slots=True)
class _Range:
    """What is read of a source: behind `low`, up to `high`; `place` is how far it has come."""

    source: _Source
    low: int
    high: int
    backwards: bool
    place: int

    async def pages(self) -> AsyncIterator[list[Event]]:
        """Pages of READ_PAGE events in the order asked for; none is empty."""
        low, high = self.low, self.high
        while low < high:
            page = await self.source.read(low, high, READ_PAGE, backwards=self.backwards)
            if not page:
                return
            if self.backwards:
                high = self.source.place_of(page[-1]) - 1
            else:
                low = self.source.place_of(page[-1])
            yield page


def _check(context: Context, principal: Principal, request: ReadEventsRequest) -> None:
    if principal.role == ROLE_SERVICE and not request.purpose:
        raise FieldViolations.one("purpose", "required of services")
    if request.subject_id and request.partitions:
        raise FieldViolations.one("partitions", "only without subject_id")
    if request.order == EventOrder.EVENT_ORDER_OCCURRENCE:
        raise FieldViolations.one("order", "bulk reads are RECORDED; ListEvents has OCCURRENCE")
    count = context.journal.partition_count
    for index, partition in enumerate(request.partitions):
        if not 0 <= partition < count:
            raise FieldViolations.one(f"partitions[{index}]", f"0 to {count - 1}")


async def _sources(context: Context, request: ReadEventsRequest) -> list[_Source]:
    journal = context.journal
    if request.subject_id:
        head = await journal.stream_head(request.subject_id)
        return [_Source(journal, head.version, subject_id=request.subject_id)]
    heads = await journal.heads()
    return [
        _Source(journal, heads[partition], partition=partition)
        for partition in sorted(set(request.partitions) or heads)
    ]


async def _range(context: Context, source: _Source, request: ReadEventsRequest) -> _Range:
    """The part of a source between start and end; backwards, `start` is the newer edge."""
    first = await _start_edge(context, source, request.start, backwards=request.backwards)
    last = await _end_edge(context, source, request.end, backwards=request.backwards)
    low, high = (last, first) if request.backwards else (first, last)
    # Backwards a place is the last one read, and nothing is read yet.
    return _Range(source, low, high, request.backwards, place=first + request.backwards)


async def _start_edge(
    context: Context, source: _Source, start: StartPoint, *, backwards: bool
) -> int:
    """The place behind which reading starts; backwards the place with which it starts."""
    match start.WhichOneof("point"):
        case "checkpoint":
            place = await _place_in(context, source, start.checkpoint, beyond=int(backwards))
            return place - 1 if backwards else place
        case "recorded_ms":
            first = await source.first_recorded_at(start.recorded_ms)
            return min(first, source.head) if backwards else first - 1
        case "end":
            return source.head
        case "beginning":
            return 0
        case _:
            return source.head if backwards else 0


async def _end_edge(context: Context, source: _Source, end: EndPoint, *, backwards: bool) -> int:
    """The place with which reading ends; backwards the place behind it."""
    match end.WhichOneof("point"):
        case "checkpoint":
            place = await _place_in(context, source, end.checkpoint, beyond=int(backwards))
            return place - 1 if backwards else place
        case "recorded_ms":
            return await source.first_recorded_at(end.recorded_ms) - 1
        case _:
            return 0 if backwards else source.head


async def _place_in(context: Context, source: _Source, checkpoint: str, *, beyond: int = 0) -> int:
    """The source's place in a checkpoint; it may lie so far beyond the head and no further."""
    if source.subject_id:
        place = await version_at(context, checkpoint, source.subject_id, beyond=beyond)
    else:
        place = await position_at(context, checkpoint, source.partition, beyond=beyond)
    if place > source.head + beyond:
        raise CheckpointAhead
    return place


def _batches(events: list[Event], settings: Settings) -> Iterator[list[Event]]:
    """The events in frames of at most frame_bytes and event_frame_events, one event at least."""
    batch: list[Event] = []
    size = 0
    for event in events:
        full = len(batch) == settings.event_frame_events
        if batch and (full or size + event.ByteSize() > settings.frame_bytes):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += event.ByteSize()
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


def _checkpoint(context: Context, ranges: list[_Range]) -> str:
    of_stream = next((part for part in ranges if part.source.subject_id), None)
    if of_stream is not None:
        return checkpoint_of_stream(context, of_stream.source.subject_id, of_stream.place)
    return checkpoint_of_journal(context, {part.source.partition: part.place for part in ranges})


def _frame(
    context: Context, ranges: list[_Range], content: EventBatch | Heartbeat | StreamDone
) -> ReadEventsResponse:
    """A frame with the checkpoint after it."""
    response = ReadEventsResponse(checkpoint=_checkpoint(context, ranges))
    match content:
        case EventBatch():
            response.batch.CopyFrom(content)
        case Heartbeat():
            response.heartbeat.CopyFrom(content)
        case StreamDone():
            response.done.CopyFrom(content)
    return response
