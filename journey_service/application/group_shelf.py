"""A partition of a group at hand here: its book, and the events that wait for a consumer.

Live, events come from the journal's tail; behind it, and after an overflow, they are read in pages.
Memory is bounded: what has no room stays in the journal. Where all that is here waits behind
unsettled events of its subjects, the journal is looked at further, for subjects that wait for
nothing; of what is passed over only the places are kept, to be read again when their turn comes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from journey.v1.events_pb2 import Event
from journey_service.application.group_round import Supplies
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.event_filter import Keep
from journey_service.domain.group_book import Book
from journey_service.domain.group_progress import Change

# Events that a partition reads before others have their turn.
PAGE = 100
# Events read with one that was passed over: those behind it often are next.
PAGE_AGAIN = 50
REST_S = 0.5


class Shelf:
    """See the module. `wake` is called when something came."""

    def __init__(
        self, book: Book, keep: Keep, supplies: Supplies, wake: Callable[[], None]
    ) -> None:
        self.book = book
        self.owner = book.progress.owner
        # Loaded just now: what it says of a delivery is what the store says.
        self.is_new = True
        self.is_followed = False
        self.saved_at = asyncio.get_running_loop().time()
        self.damage: EventUnreadable | None = None
        self._keep = keep
        self._journal = supplies.journal
        self._settings = supplies.settings
        self._clock = supplies.clock
        self._wake = wake
        self._following = ExitStack()
        self._inbox: deque[Event] = deque()
        self._events: dict[int, Event] = {}
        self._bytes = 0
        self._is_level = False
        self._rests_until = 0.0

    @property
    def partition(self) -> int:
        """Its number."""
        return self.book.progress.partition

    def follow(self) -> None:
        """Hear of what is committed from now on."""
        if not self.is_followed:
            self.is_followed = True
            self._following.enter_context(self._journal.follow(self.partition, self._hear))

    def close(self) -> None:
        """Hear of nothing more."""
        self._following.close()

    def stored(self, change: Change) -> None:
        """The change is durable. What waits behind a parked event now is the store's alone."""
        self.book.stored(change)
        self.saved_at = asyncio.get_running_loop().time()
        for position in self._events.keys() - self.book.fresh.keys():
            self._bytes -= self._events.pop(position).ByteSize()

    def _hear(self, events: Sequence[Event]) -> None:
        self._inbox.extend(events)
        if len(self._inbox) > self._settings.group_window_events:
            self._inbox.clear()
            self._is_level = False
        self._wake()

    @property
    def is_behind(self) -> bool:
        """Whether there may be more to feed, and room for it."""
        more = bool(self._inbox) or not self._is_level
        return more and self._has_room and not self._is_resting

    @property
    def waiting(self) -> int:
        """Events that wait for a consumer; -1 = unknown."""
        return len(self.book.fresh) + len(self._inbox) if self._is_level else -1

    @property
    def _is_resting(self) -> bool:
        return asyncio.get_running_loop().time() < self._rests_until

    @property
    def _has_room(self) -> bool:
        return self._room > 0

    @property
    def _room(self) -> int:
        """How many more events may be looked at: all that fit, and more where none can go out."""
        left = self._settings.group_gap_events - self.book.known
        window = self._settings.group_window_events - len(self.book.fresh)
        if self._bytes >= self._settings.group_window_bytes:
            window = 0
        if window > 0:
            return min(window, left)
        return 0 if self.book.next_ready(self._clock.now_ms()) else left

    async def feed(self) -> None:
        """Take in what is new, as far as there is room; at most a page of what lies behind."""
        self._feed_live()
        if not self.is_behind:
            return
        limit = min(PAGE, self._room)
        page = await self._read(limit)
        for event in page:
            self._note(event)
        self._is_level = len(page) < limit and not self._is_resting
        self._feed_live()
        if not page and self._inbox:
            # Told of what cannot be read yet: not at once again.
            self._rests_until = asyncio.get_running_loop().time() + REST_S

    def _feed_live(self) -> None:
        while self._inbox and self._has_room:
            missing = self._inbox[0].position - self.book.scanned - 1
            if missing > 0:
                self._is_level = False
                return
            event = self._inbox.popleft()
            if not missing:
                self._note(event)

    async def _read(self, limit: int) -> list[Event]:
        """The next events; where one of them is damaged, those before it, and then a rest."""
        after = self.book.scanned
        try:
            return await self._journal.read_partition(
                self.partition, after_position=after, limit=limit
            )
        except EventUnreadable as damage:
            self._rests_until = asyncio.get_running_loop().time() + REST_S
            self.damage = damage
            whole = int(damage.metadata.get("position", 0)) - 1
            if whole <= after:
                return []
            return await self._journal.read_partition(
                self.partition, after_position=after, up_to_position=whole, limit=limit
            )

    def _note(self, event: Event) -> None:
        wanted = self._keep(event) and not event.redacted
        self.book.note(event.position, event.subject_id, event.type, wanted=wanted)
        self._remember(event)

    def _remember(self, event: Event) -> None:
        """Keep what waits for a consumer, if there is room for it."""
        settings = self._settings
        is_full = (
            len(self._events) >= settings.group_window_events
            or self._bytes >= settings.group_window_bytes
        )
        waits = event.position in self.book.fresh and event.position not in self._events
        if waits and not is_full:
            self._events[event.position] = event
            self._bytes += event.ByteSize()

    async def take(self, position: int) -> Event | None:
        """An event to deliver; None where it was erased."""
        event = self._events.pop(position, None)
        if event is not None:
            self._bytes -= event.ByteSize()
            return event
        again = position not in self.book.fresh
        # No more than there is room for: the others would only be read once more.
        room = self._settings.group_window_events - len(self._events)
        found = await self._journal.read_partition(
            self.partition,
            after_position=position - 1,
            up_to_position=position if again else self.book.scanned,
            limit=min(PAGE_AGAIN, 1 + room),
        )
        for other in found[1:]:
            self._remember(other)
        is_there = found and found[0].position == position and not found[0].redacted
        return found[0] if is_there else None
