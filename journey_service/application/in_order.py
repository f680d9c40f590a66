"""Events of several streams in one order: how the subjects of one customer are read together.

stream of a ─┐
stream of b ─┼─ pages, each in order ─▶ pages of all in that order
stream of c ─┘
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from journey.v1.events_pb2 import Event, Occurrence
from journey_service.domain.wire_event import AnyEvent

E = TypeVar("E", bound=AnyEvent)
PagesOf: TypeAlias = AsyncIterator[Sequence[E]]
Pages: TypeAlias = PagesOf[Event]
# A sortable place of an event among those of all streams.
Order: TypeAlias = Callable[[E], Any]


def as_recorded(event: AnyEvent) -> tuple[int, str, int]:
    """Order as the service learned it."""
    return (event.recorded_at_ms, event.subject_id, event.version)


def as_happened(event: Event) -> tuple[tuple[int, int, bytes, int], str]:
    """Order as things happened; two that happened at once come by subject."""
    return (occurred(event.occurrence), event.subject_id)


def occurred(at: Occurrence) -> tuple[int, int, bytes, int]:
    """Sorts occurrences; ids by bytes, as everywhere."""
    return (at.t_ms, at.counter, at.installation_id.encode(), at.seq)


def behind_in(subject_id: str, at: Occurrence, of: str, *, backwards: bool = False) -> Occurrence:
    """What a stream is read behind, as things happened, when all were read up to an event of the
    subject `of` that happened `at`. What happened at the same moment in the stream may have had
    its turn, by the order of subjects."""
    behind = Occurrence()
    behind.CopyFrom(at)
    if subject_id != of and (subject_id < of) is backwards:
        behind.seq += 1 if backwards else -1
    return behind


async def in_order(
    streams: Sequence[PagesOf[E]], order: Order[E], *, backwards: bool = False
) -> PagesOf[E]:
    """The pages of all streams as pages of one; none is empty. Of one stream its own pages.

    Each stream comes in its own sequence, which is never changed, even where `order` contradicts it
    because a clock went back. Of each one page is in memory.
    """
    if len(streams) == 1:
        async for page in streams[0]:
            if page:
                yield page
        return
    waiting = [_Waiting(stream) for stream in streams]
    while True:
        for each in waiting:
            await each.fill()
        waiting = [each for each in waiting if each.events]
        if not waiting:
            return
        ripe = _ripe(waiting, order, backwards=backwards)
        yield list(heapq.merge(*ripe, key=order, reverse=backwards))


@dataclass(slots=True)
class _Waiting(Generic[E]):
    """A stream, and those of its events that were read and have not had their turn."""

    stream: PagesOf[E]
    events: Sequence[E] = field(default_factory=list)

    async def fill(self) -> None:
        """Read on where nothing is left; without events afterwards, the stream has ended."""
        while not self.events:
            page = await anext(self.stream, None)
            if page is None:
                return
            self.events = page

    def take(self, count: int) -> Sequence[E]:
        """The first so many."""
        taken, self.events = self.events[:count], self.events[count:]
        return taken


def _ripe(waiting: Sequence[_Waiting[E]], order: Order[E], *, backwards: bool) -> list[Sequence[E]]:
    """Of each stream what comes before all that is still unread."""
    choose = max if backwards else min
    first = choose(waiting, key=lambda each: order(each.events[-1]))
    bound = order(first.events[-1])
    return [
        each.take(len(each.events) if each is first else _up_to(each, bound, order, backwards))
        for each in waiting
    ]


def _up_to(each: _Waiting[E], bound: Any, order: Order[E], backwards: bool) -> int:  # noqa: FBT001
    """How many of its events come before the bound."""
    for index, event in enumerate(each.events):
        place = order(event)
        if place < bound if backwards else place > bound:
            return index
    return len(each.events)
