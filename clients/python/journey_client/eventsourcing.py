"""Applications and projections of the `eventsourcing` library on a Journey service.

    env = {
        "PERSISTENCE_MODULE": "journey_client.eventsourcing",
        "JOURNEY_ADDRESS": "journey:8080",
        "JOURNEY_TOKEN": "…",              # of a service with the scope journal.read; or
        "JOURNEY_TOKEN_FILE": "…",         # a file in which there is always a good one
        "JOURNEY_PURPOSE": "functional",   # what it reads for
        "JOURNEY_READS": "all",            # also what devices record; default: "own"
    }
    with ProjectionRunner(application_class=…, projection_class=…, view_class=…, env=env) as runner:
        runner.run_forever()

The service must declare the names eventsourcing.event, eventsourcing.snapshot and
eventsourcing.tracking. It writes one stream at a time: what must be whole over several streams
(several aggregates in one save, process recorders) is refused here, and works in process.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from bisect import bisect_right
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path

from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    NotSupportedError,
    OperationalError,
    PersistenceError,
)

from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import EventOrder
from journey.v1.reading_pb2 import StartPoint
from journey_client._error import JourneyError
from journey_client.bulk import EventPage
from journey_client.client import Client, connect
from journey_client.errors import (
    CustomerNotFound,
    FieldViolations,
    ForbiddenContent,
    TooLarge,
    TypeUnknown,
    VersionConflict,
)
from projections import recorders
from projections.recorders.events import RecordedEvent
from projections.recorders.log import PAGE

__all__ = ["Factory", "RecordedEvent", "RemoteLog"]

ADDRESS, PURPOSE = "JOURNEY_ADDRESS", "JOURNEY_PURPOSE"
TOKEN, TOKEN_FILE = "JOURNEY_TOKEN", "JOURNEY_TOKEN_FILE"
# The journal's only partition, where there is one order of all events.
ONLY = 0
# So many events are skipped rather than a nearer checkpoint sought.
NEAR = 500
MOST_REMEMBERED = 1_000
_STORED = (FieldViolations, ForbiddenContent, TooLarge, TypeUnknown)


class RemoteLog:
    """See projections.recorders.log.Log; over gRPC. Its methods belong to one event loop."""

    def __init__(self, client: Client, *, consumer: str, purpose: str) -> None:
        self._client = client
        self._consumer, self._purpose = consumer, purpose
        self._partitions = 0
        self._places = _Places()

    async def partition_count(self) -> int:
        """Of the service's journal; asked once."""
        if not self._partitions:
            with _in_words_of_the_library():
                self._partitions = (await self._client.server_info()).partition_count
        return self._partitions

    async def append(self, writes: Sequence[recorders.Write]) -> list[list[int]]:
        """One Record. Raises NotSupportedError for several writes."""
        if len(writes) != 1:
            raise NotSupportedError(
                "A service writes one stream at a time: save one aggregate in one call, or use "
                "the recorders in the journal's process (journey_service.recorders)."
            )
        with _in_words_of_the_library():
            recorded = await self._client.record(
                writes[0].subject_id,
                writes[0].interactions,
                atomic=True,
                expected_version=writes[0].expected_version,
            )
        return [[result.position for result in recorded.results]]

    async def read_stream(
        self,
        subject_id: str,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        page: int = PAGE,
        backwards: bool = False,
    ) -> AsyncGenerator[Event]:
        """ListEvents by version. Behind a version: from the newest back to it."""
        turned = not backwards and after_version > 0
        events = self._list(subject_id, page, descending=backwards or turned)
        kept: list[Event] = []
        async with aclosing(events):
            async for event in events:
                if event.version <= after_version:
                    break
                if up_to_version is not None and event.version > up_to_version:
                    if backwards or turned:
                        continue
                    break
                if turned:
                    kept.append(event)
                else:
                    yield event
        for event in reversed(kept):
            yield event

    async def _list(self, subject_id: str, page: int, *, descending: bool) -> AsyncGenerator[Event]:
        with _in_words_of_the_library():
            events = self._client.customer(subject_id).events(
                order=EventOrder.EVENT_ORDER_RECORDED,
                descending=descending,
                stream_only=True,
                page_size=page,
            )
            try:
                async for event in events:
                    yield event
            except CustomerNotFound:
                # Nothing is recorded there yet.
                return

    async def read_log(
        self,
        *,
        after_position: int = 0,
        up_to_position: int | None = None,
        page: int = PAGE,
        backwards: bool = False,
    ) -> AsyncGenerator[Event]:
        """ReadEvents by position."""
        start = None if backwards else await self._start(after_position)
        while True:
            count = 0
            async for found in self._pages(start, page, backwards=backwards):
                start = StartPoint(checkpoint=found.checkpoint)
                count += len(found.events)
                for event in found.events:
                    if up_to_position is not None and event.position > up_to_position:
                        if not backwards:
                            return
                    elif event.position > after_position:
                        yield event
            if count < page:
                return
            page = PAGE

    async def follow(self, after_position: int) -> AsyncGenerator[Sequence[Event]]:
        """Subscribe, over all reconnects."""
        with _in_words_of_the_library():
            subscription = self._client.subscribe(
                f"{self._consumer}-{uuid.uuid4()}",
                start=await self._start(after_position),
                partitions=[ONLY],
                purpose=self._purpose,
            )
            async with subscription:
                async for batch in subscription.batches():
                    yield [event for event in batch.events if event.position > after_position]

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    # --- places -----------------------------------------------------------------------------------

    async def _pages(
        self, start: StartPoint | None, limit: int, *, backwards: bool = False
    ) -> AsyncGenerator[EventPage]:
        with _in_words_of_the_library():
            pages = self._client.read_events(
                start=start,
                partitions=[ONLY],
                backwards=backwards,
                limit=limit,
                purpose=self._purpose,
            )
            async for page in pages:
                if page.events and not backwards:
                    self._places.remember(page.events[-1].position, page.checkpoint)
                yield page

    async def _start(self, position: int) -> StartPoint:
        """Where to begin to read what is behind a position, and little more.

        A tracking id is a number and a service takes checkpoints: the nearest known one, or one
        that is found by halving the time in which the position was recorded.
        """
        known, checkpoint = self._places.before(position)
        if position - known > NEAR:
            await self._seek(position)
            _, checkpoint = self._places.before(position)
        return StartPoint(checkpoint=checkpoint) if checkpoint else StartPoint(beginning=True)

    async def _seek(self, position: int) -> None:
        """Learn a checkpoint near a position; about 40 reads of one event."""
        low, high = (
            await self._recorded_ms(backwards=False),
            await self._recorded_ms(backwards=True),
        )
        while low < high and position - self._places.before(position)[0] > NEAR:
            middle = (low + high + 1) // 2
            found = [event async for event in self._one(StartPoint(recorded_ms=middle))]
            if found and found[0].position <= position:
                low = middle
            else:
                high = middle - 1

    async def _recorded_ms(self, *, backwards: bool) -> int:
        """When the first event, or the last, was recorded; 0 = there is none."""
        start = None if backwards else StartPoint(beginning=True)
        events = [event async for event in self._one(start, backwards=backwards)]
        return events[0].recorded_at_ms if events else 0

    async def _one(
        self, start: StartPoint | None, *, backwards: bool = False
    ) -> AsyncGenerator[Event]:
        async for page in self._pages(start, 1, backwards=backwards):
            for event in page.events:
                yield event


class _Places:
    """Checkpoints by the position behind which they stand."""

    def __init__(self) -> None:
        self._checkpoints: dict[int, str] = {}

    def remember(self, position: int, checkpoint: str) -> None:
        """The checkpoint behind a position; the oldest one is forgotten."""
        if len(self._checkpoints) >= MOST_REMEMBERED:
            del self._checkpoints[next(iter(self._checkpoints))]
        self._checkpoints[position] = checkpoint

    def before(self, position: int) -> tuple[int, str]:
        """The nearest place at or before a position; (0, "") = the beginning."""
        known = sorted(self._checkpoints)
        index = bisect_right(known, position)
        if not index:
            return 0, ""
        return known[index - 1], self._checkpoints[known[index - 1]]


class Factory(recorders.JourneyFactory):
    """Makes recorders over the service that the environment names."""

    def open_log(self) -> tuple[recorders.Bridge, recorders.Log]:
        """A connection of its own. Raises OSError where JOURNEY_ADDRESS is not given."""
        address = self.env.get(ADDRESS)
        if not address:
            raise OSError(f"{ADDRESS} is missing: which service do the recorders write to?")
        bridge = _bridges.take()
        return bridge, bridge.run(self._connect(address))

    async def _connect(self, address: str) -> RemoteLog:
        file = self.env.get(TOKEN_FILE)
        client = connect(
            address,
            token="" if file else self.env.get(TOKEN) or "",
            credentials=partial(_token_in, Path(file)) if file else None,
            service=True,
        )
        purpose = self.env.get(PURPOSE) or "functional"
        return RemoteLog(client, consumer=self.env.name or "library", purpose=purpose)

    def close_log(self, bridge: recorders.Bridge, log: recorders.Log) -> None:
        """Close the connection."""
        bridge.run(log.close())
        _bridges.give_back()


async def _token_in(file: Path) -> str:
    return (await asyncio.to_thread(file.read_text, "utf-8")).strip()


class _Bridges:
    """One for all connections of a process: gRPC keeps best to one event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bridge: recorders.Bridge | None = None
        self._users = 0

    def take(self) -> recorders.Bridge:
        with self._lock:
            self._users += 1
            self._bridge = self._bridge or recorders.Bridge("journey connections")
            return self._bridge

    def give_back(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and self._bridge is not None:
                self._bridge.close()
                self._bridge = None


_bridges = _Bridges()


@contextmanager
def _in_words_of_the_library() -> Iterator[None]:
    try:
        yield
    except VersionConflict as error:
        raise recorders.Conflict(str(error)) from error
    except (ValueError, *_STORED) as error:
        raise DataError(str(error)) from error
    except JourneyError as error:
        known: type[PersistenceError] = OperationalError if error.retryable else DatabaseError
        raise known(str(error)) from error
