"""The journal as the log of the `eventsourcing` library's recorders, in this process.

The recorders themselves are `projections.recorders`; `journey_service.recorders` opens them for an
application's environment.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager

from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    OperationalError,
    PersistenceError,
)

from journey.v1.access_pb2 import ROLE_SERVICE
from journey.v1.events_pb2 import ACTOR_KIND_SERVICE, Actor, Event
from journey.v1.interactions_pb2 import Channel
from journey_service.domain.arrival import Reporter, candidates
from journey_service.domain.batch import Batch
from journey_service.domain.errors import (
    BatchRefused,
    Conflict,
    InputError,
    JourneyError,
    Overloaded,
    Unavailable,
)
from journey_service.domain.formats import CustomType, Declared
from journey_service.domain.validation import Validation
from journey_service.ports import Clock
from journey_service.store.postgres.journal import PostgresJournal
from projections.recorders import log as recorders
from projections.recorders.events import NAMES

# What the library has no names for becomes what it would do with it.
_ERRORS: tuple[tuple[type[JourneyError], type[PersistenceError]], ...] = (
    (BatchRefused, DataError),
    (InputError, DataError),
    (Conflict, recorders.Conflict),
    (Overloaded, OperationalError),
    (Unavailable, OperationalError),
    (JourneyError, DatabaseError),
)
_REPORTER = Reporter(ROLE_SERVICE, Channel.CHANNEL_API)


class JournalLog:
    """See projections.recorders.log.Log. Its methods belong to the loop of the journal's store.

    Events are recorded as of a service, `actor_id`, under the rules of every interaction.
    """

    def __init__(self, journal: PostgresJournal, clock: Clock, *, actor_id: str) -> None:
        self._journal, self._clock = journal, clock
        self._actor = Actor(kind=ACTOR_KIND_SERVICE, id=actor_id)
        self._validation = Validation(
            Declared(custom_types=dict.fromkeys(NAMES, CustomType(purpose="functional")))
        )

    async def partition_count(self) -> int:
        """Of the journal."""
        return self._journal.partition_count

    async def append(self, writes: Sequence[recorders.Write]) -> list[list[int]]:
        """One write is an append like any other; several are one transaction of their own."""
        batches = [self._batch(write) for write in writes]
        with _in_words_of_the_library():
            if len(batches) == 1:
                appended = [await self._journal.append(batches[0])]
            else:
                appended = await self._journal.append_together(batches)
        return [[result.position for result in each.results] for each in appended]

    async def read_stream(
        self,
        subject_id: str,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        page: int = recorders.PAGE,
        backwards: bool = False,
    ) -> AsyncGenerator[Event]:
        """Pages by version."""
        low, high = after_version, up_to_version
        while True:
            with _in_words_of_the_library():
                events = await self._journal.read_stream(
                    subject_id,
                    after_version=low,
                    up_to_version=high,
                    limit=page,
                    backwards=backwards,
                )
            for event in events:
                yield event
            if len(events) < page:
                return
            last = events[-1].version
            low, high = (low, last - 1) if backwards else (last, high)
            page = recorders.PAGE

    async def read_log(
        self,
        *,
        after_position: int = 0,
        up_to_position: int | None = None,
        page: int = recorders.PAGE,
        backwards: bool = False,
    ) -> AsyncGenerator[Event]:
        """Pages by position."""
        low, high = after_position, up_to_position
        while True:
            with _in_words_of_the_library():
                events = await self._journal.read_partition(
                    0, after_position=low, up_to_position=high, limit=page, backwards=backwards
                )
            for event in events:
                yield event
            if len(events) < page:
                return
            last = events[-1].position
            low, high = (low, last - 1) if backwards else (last, high)
            page = recorders.PAGE

    async def follow(self, after_position: int) -> AsyncGenerator[Sequence[Event]]:
        """Reads on whenever something was committed: what is told is that, not the events, so
        that a slow reader keeps nothing waiting here."""
        moved = asyncio.Event()
        with self._journal.follow(0, lambda _: moved.set()):
            while True:
                moved.clear()
                while events := await self._behind(after_position):
                    after_position = events[-1].position
                    yield events
                await moved.wait()

    async def _behind(self, position: int) -> list[Event]:
        with _in_words_of_the_library():
            return await self._journal.read_partition(
                0, after_position=position, limit=recorders.PAGE
            )

    async def close(self) -> None:
        """The store belongs to whoever opened it."""

    def _batch(self, write: recorders.Write) -> Batch:
        for interaction in write.interactions:
            interaction.event_id = str(uuid.uuid4())
        return Batch(
            subject_id=write.subject_id,
            installation_id="",
            candidates=candidates(write.interactions, _REPORTER, self._validation, _nothing_seen),
            received_ms=self._clock.now_ms(),
            actor=self._actor,
            sequenced=False,
            atomic=True,
            expected_version=write.expected_version,
        )


def _nothing_seen(*_: object) -> None:
    return None


@contextmanager
def _in_words_of_the_library() -> Iterator[None]:
    try:
        yield
    except JourneyError as error:
        found = next(theirs for ours, theirs in _ERRORS if isinstance(error, ours))
        raise found(str(error)) from error
