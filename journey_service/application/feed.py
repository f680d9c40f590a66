"""Events of several sources as one stream: read up to the heads, then handed over when committed.

    behind ──pages──▶ waiting ──frames──▶ sent
                         ▲
    committed just now ──┘  only what follows what was seen, and only while there is room

There is no queue: what does not fit is not kept but known by the head alone, and read later. So a
slow reader costs one frame and a page, however much is recorded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journey.v1.events_pb2 import Event
from journey_service.application.sources import Name, Source
from journey_service.domain.customers import LINKED
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.event_filter import Keep
from journey_service.domain.wire_event import AnyEvent
from journey_service.settings import Settings

# Events of the first page; the next ones by what an event takes, so that a page fills a frame.
FIRST_PAGE = 100
# What an event takes in a frame besides itself, and what a frame takes besides its events.
EVENT_BYTES = 5
FRAME_BYTES = 512


@dataclass(slots=True)
class Part:
    """One source: all up to `sent` was sent or hidden by the filter, all up to `seen` waits at
    most, and all up to `head` is known to be committed. `due`: the head when the feed began."""

    source: Source
    sent: int
    seen: int
    head: int
    due: int
    waiting: int = 0


class Feed:
    """See above. `subjects` are those whose streams it is of, None = it is of partitions.

    `linked`: a stream of it told of a link, since this was last set to False.
    """

    def __init__(
        self, keep: Keep, settings: Settings, *, subjects: Iterable[str] | None = None
    ) -> None:
        self._keep = keep
        self._most = settings.event_frame_events
        self._room = max(1, settings.frame_bytes - FRAME_BYTES)
        self.subjects = None if subjects is None else set(subjects)
        self.linked = False
        self._parts: dict[Name, Part] = {}
        self._heads: dict[Name, int] = {}
        self._waiting: deque[tuple[Part, AnyEvent, int]] = deque()
        self._bytes = 0
        self._page = min(FIRST_PAGE, self._most)
        self._turn = 0

    def begin(self, sources: Sequence[Source], places: Iterable[int]) -> None:
        """Where each source is gone on from, also anew; what was committed meanwhile is known."""
        self._waiting.clear()
        self._bytes = 0
        self.add(sources, places)

    def add(self, sources: Sequence[Source], places: Iterable[int]) -> None:
        """Where these are gone on from, besides those that there are."""
        for source, place in zip(sources, places, strict=True):
            head = max(source.head, self._heads.get(source.name, 0))
            self._parts[source.name] = Part(source, place, place, head, source.head)

    # --- what is known ---

    @property
    def parts(self) -> Iterable[Part]:
        """All sources."""
        return self._parts.values()

    @property
    def behind(self) -> bool:
        """Whether something committed was neither sent nor waits to be."""
        return any(part.seen < part.head for part in self._parts.values())

    @property
    def ready(self) -> bool:
        """Whether anything waits to be sent."""
        return bool(self._waiting)

    @property
    def full(self) -> bool:
        """Whether as much waits as fits into a frame."""
        return len(self._waiting) >= self._most or self._bytes >= self._room

    @property
    def level(self) -> bool:
        """Whether all that was committed when it began was sent, or hidden by the filter."""
        return all(part.sent >= part.due for part in self._parts.values())

    def lag_events(self) -> int:
        """Committed events that were not sent; those that the filter will hide count, too."""
        return sum(max(0, part.head - part.sent) for part in self._parts.values())

    def places(self) -> Mapping[Any, int]:
        """By partition, or subject, up to where all was sent or hidden."""
        return {name: part.sent for name, part in self._parts.items()}

    # --- events come in ---

    def note(self, events: Sequence[Event]) -> bool:
        """These were committed just now, in one partition, in order; whether that is news."""
        news = False
        name: Name = events[0].partition
        for event in events:
            place = event.position
            if self.subjects is not None:
                name, place = event.subject_id, event.version
                if name not in self.subjects:
                    continue
            # For who begins, also anew: it may have read its heads before.
            self._heads[name] = max(place, self._heads.get(name, 0))
            part = self._parts.get(name)
            if part is None:
                continue
            # A place that was seen before comes again where the journal was rewound.
            news = news or place <= part.seen
            part.head = max(part.head, place)
            if place == part.seen + 1 and not self.full:
                self._see(part, event, place)
        return news or self.linked or self.ready or self.behind

    async def read(self) -> None:
        """Read a page of the next source that is behind. Raises what the journal raises.

        EventUnreadable only where the very next event of a source is damaged: what stands before
        it is read in smaller pages.
        """
        part = self._next_behind()
        try:
            page = await part.source.read_on_wire(part.seen, part.head, self._page)
        except EventUnreadable:
            if self._page == 1:
                raise
            self._page //= 2
            self._turn = [*self._parts].index(part.source.name)
            return
        if not page:
            # A head was named that is not there any more.
            part.head = part.seen
            part.due = min(part.due, part.seen)
        size = 0
        for event in page:
            place = part.source.place_of(event)
            # What was handed over while this was read came first.
            if place > part.seen:
                size += self._see(part, event, place)
        self._fit_page(len(page), size)

    def _next_behind(self) -> Part:
        """Sources take turns, so that a long one does not hold up the others."""
        parts = list(self._parts.values())
        order = (parts[(self._turn + step) % len(parts)] for step in range(len(parts)))
        part = next(part for part in order if part.seen < part.head)
        self._turn = (parts.index(part) + 1) % len(parts)
        return part

    def _fit_page(self, events: int, size: int) -> None:
        if events and size:
            self._page = max(1, min(self._most, self._room * events // size))
        elif events == self._page:
            self._page = self._most

    def _see(self, part: Part, event: AnyEvent, place: int) -> int:
        """The next event of a source; returns what it takes in a frame, 0 where it is hidden."""
        part.seen = place
        if event.type == LINKED and self.subjects is not None:
            self.linked = True
        if not self._keep(event):
            if not part.waiting:
                part.sent = place
            return 0
        size = event.ByteSize() + EVENT_BYTES
        self._waiting.append((part, event, size))
        self._bytes += size
        part.waiting += 1
        return size

    # --- and go out ---

    def take(self) -> list[AnyEvent]:
        """What goes into the next frame, one event at least; from now on it counts as sent."""
        batch: list[AnyEvent] = []
        size = 0
        while self._waiting and len(batch) < self._most:
            part, event, added = self._waiting[0]
            if batch and size + added > self._room:
                break
            self._waiting.popleft()
            batch.append(event)
            size += added
            part.waiting -= 1
            part.sent = part.source.place_of(event) if part.waiting else part.seen
        self._bytes -= size
        return batch
