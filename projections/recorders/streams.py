"""The events of originators: conditional appends to a stream, reads by version."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.persistence import AggregateRecorder, IntegrityError, StoredEvent

from journey.v1.events_pb2 import Event
from projections.recorders.bridge import Bridge
from projections.recorders.events import (
    EVENT,
    SNAPSHOT,
    Kept,
    accepted,
    interaction_of,
    stored_event,
    subject_of,
)
from projections.recorders.log import PAGE, Log, Write, first_of

MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Sequences:
    """How a purpose's events lie in streams.

    `dense` ones are numbered without holes by the library, too, from 0 or from 1: two versions
    differ by the same for all of a stream. Snapshots are taken now and then: theirs have holes.
    """

    name: str
    prefix: str
    dense: bool

    @classmethod
    def of(cls, purpose: str) -> Sequences:
        """Events lie in the stream of their originator; all else in a stream beside it."""
        if purpose == "events":
            return cls(EVENT, "", dense=True)
        return cls(SNAPSHOT, f"{purpose}/", dense=False)

    def stream(self, originator_id: UUID | str) -> str:
        """The stream's subject."""
        return subject_of(f"{self.prefix}{originator_id}")


class JourneyAggregateRecorder(AggregateRecorder):
    """Stored events in Journey's streams. `application` names whose events they are.

    With `everything`, what devices and back ends recorded is read, too (events.py).
    """

    def __init__(
        self,
        bridge: Bridge,
        log: Log,
        *,
        application: str = "",
        purpose: str = "events",
        everything: bool = False,
    ) -> None:
        self._bridge, self._log = bridge, log
        self._everything = everything
        self._application = application
        self._sequences = Sequences.of(purpose)
        # By stream: the library's version of an event less Journey's.
        self._offsets: dict[str, int] = {}

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Write the events, all or none. Raises IntegrityError where one is known, or is not the
        next of its originator; DataError for what no interaction can hold."""
        self._insert(stored_events)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The originator's events with gt < version <= lte, by version."""
        wanted = _Wanted(gt, lte, limit)
        return self._bridge.run(self._select(originator_id, wanted, backwards=desc))

    # --- writing ----------------------------------------------------------------------------------

    def _insert(self, stored_events: Sequence[StoredEvent], *more: Write) -> list[int]:
        """The events' positions, in their order."""
        if not stored_events and not more:
            return []
        return self._bridge.run(self._append(stored_events, more))

    async def _append(self, events: Sequence[StoredEvent], more: Sequence[Write]) -> list[int]:
        streams: dict[str, list[StoredEvent]] = {}
        for stored in events:
            streams.setdefault(self._sequences.stream(stored.originator_id), []).append(stored)
        writes = [await self._write(name, some) for name, some in streams.items()]
        positions = await self._log.append([*writes, *more])
        of_stream = {name: iter(some) for name, some in zip(streams, positions, strict=False)}
        return [next(of_stream[self._sequences.stream(each.originator_id)]) for each in events]

    async def _write(self, stream: str, events: Sequence[StoredEvent]) -> Write:
        versions = [stored.originator_version for stored in events]
        if self._sequences.dense:
            expected = await self._expected(stream, versions)
        else:
            expected = await self._behind_last(stream, versions)
        interactions = [
            interaction_of(stored, self._sequences.name, self._application) for stored in events
        ]
        return Write(stream, interactions, expected)

    async def _expected(self, stream: str, versions: Sequence[int]) -> int:
        """Where the stream must stand for its next events to be of these versions."""
        first = versions[0]
        if first < 0 or [*versions] != [*range(first, first + len(versions))]:
            raise IntegrityError(f"Versions of {stream} are not consecutive: {versions}.")
        offset = -1 if first == 0 else await self._offset(stream)
        expected = 0 if offset is None else first - 1 - offset
        if expected < 0:
            raise IntegrityError(f"Version {first} of {stream} is recorded.")
        return expected

    async def _behind_last(self, stream: str, versions: Sequence[int]) -> int:
        """Where the stream stands, if these versions come behind its last one."""
        last = await first_of(self._log.read_stream(stream, page=1, backwards=True))
        kept = Kept.of(last) if last else None
        known = [kept.version] if kept else []
        if [*known, *versions] != sorted({*known, *versions}):
            raise IntegrityError(f"Versions of {stream} do not rise: {versions} after {known}.")
        return last.version if last else 0

    async def _offset(self, stream: str) -> int | None:
        """The library's version of an event less Journey's; None where the stream is empty."""
        if stream not in self._offsets:
            first = await first_of(self._log.read_stream(stream, page=1))
            if first is None:
                return None
            self._remember(stream, first)
        return self._offsets[stream]

    def _remember(self, stream: str, first: Event) -> None:
        if len(self._offsets) >= MOST_REMEMBERED:
            self._offsets.clear()
        kept = Kept.of(first)
        self._offsets[stream] = -1 if kept is None else kept.version - first.version

    # --- reading ----------------------------------------------------------------------------------

    async def _select(
        self, originator_id: UUID | str, wanted: _Wanted, *, backwards: bool
    ) -> list[StoredEvent]:
        found: list[StoredEvent] = []
        stream = self._sequences.stream(originator_id)
        after, up_to = await self._span(stream, wanted)
        events = self._log.read_stream(
            stream,
            after_version=after,
            up_to_version=up_to,
            page=wanted.page,
            backwards=backwards,
        )
        async with aclosing(events):
            async for event in events:
                kept = Kept.of(event)
                stored = stored_event(event, kept, originator_id)
                if accepted(event) and self._is_ours(kept) and wanted.holds(stored):
                    found.append(stored)
                if len(found) == wanted.limit:
                    break
        return found

    async def _span(self, stream: str, wanted: _Wanted) -> tuple[int, int | None]:
        """The part of the stream where what is wanted lies, by Journey's versions."""
        if not self._sequences.dense or (wanted.gt is None and wanted.lte is None):
            return 0, None
        offset = await self._offset(stream) or 0
        after = 0 if wanted.gt is None else max(0, wanted.gt - offset)
        return after, None if wanted.lte is None else wanted.lte - offset

    def _is_ours(self, kept: Kept | None) -> bool:
        """Whether the event belongs to this purpose; Journey's own do if they were asked for."""
        return self._everything if kept is None else kept.name == self._sequences.name


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which of an originator's events, by the library's versions."""

    gt: int | None
    lte: int | None
    limit: int | None

    @property
    def page(self) -> int:
        return PAGE if self.limit is None else min(PAGE, max(1, self.limit))

    def holds(self, stored: StoredEvent) -> bool:
        version = stored.originator_version
        return (self.gt is None or version > self.gt) and (self.lte is None or version <= self.lte)
