"""How many events a group has still to get: counted in the journal, or told as at most so many.

The filter looks at what is sealed, so the events are read; which ones of a stretch were wanted is
remembered, and who asks again reads only what is new. More events than the settings allow are not
looked at: every process tells the same then, that it is at most so many.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from journey.v1.reading_pb2 import EventFilter
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.event_filter import Keep, filter_fingerprint, keeps
from journey_service.domain.group_progress import Spans
from journey_service.ports import Journal

PAGE = 500
# Of so many pairs of a filter and a partition it is remembered what was wanted.
MOST_STRETCHES = 2_048

Key: TypeAlias = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """`at_most`: not counted to the end, there are no more than these."""

    events: int
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """The wanted positions behind `after` up to `up_to`, ascending."""

    after: int
    up_to: int
    wanted: array[int]


class Backlogs:
    """See the module. `most_events`: that are looked at for one answer."""

    def __init__(self, journal: Journal, most_events: int) -> None:
        self._journal = journal
        self._most = most_events
        self._known: OrderedDict[Key, Stretch] = OrderedDict()

    async def count(
        self, wanted: EventFilter, spans: Mapping[int, Spans], done: Mapping[int, Collection[int]]
    ) -> Counted:
        """The events of these spans of partitions that are wanted and not done with."""
        looked = sum(up_to - after for row in spans.values() for after, up_to in row)
        aside = sum(len(within(row, done.get(each, ()))) for each, row in spans.items())
        most = Counted(looked - aside, at_most=True)
        if looked > self._most:
            return most
        count = 0
        try:
            for partition, row in spans.items():
                found = await self._wanted_of(wanted, partition, row)
                count += len(found.difference(done.get(partition, ())))
        except EventUnreadable:
            return most
        return Counted(count)

    async def _wanted_of(self, wanted: EventFilter, partition: int, spans: Spans) -> set[int]:
        if len(spans) == 1:
            return set(await self._remembered(wanted, partition, *spans[0]))
        keep, found = keeps(wanted), set[int]()
        for after, up_to in spans:
            found.update((await self._read(keep, partition, after, up_to))[1])
        return found

    async def _remembered(
        self, wanted: EventFilter, partition: int, after: int, up_to: int
    ) -> array[int]:
        """The wanted positions of a span; what is new of it is read."""
        key = (self._journal.epoch, filter_fingerprint(wanted), partition)
        known = self._known.get(key)
        if known is None or not known.after <= after <= known.up_to:
            known = Stretch(after, after, array("q"))
        positions = known.wanted[bisect_right(known.wanted, after) :]
        read_to, found = await self._read(keeps(wanted), partition, known.up_to, up_to)
        positions += found
        self._known[key] = Stretch(after, read_to, positions)
        self._known.move_to_end(key)
        while len(self._known) > MOST_STRETCHES:
            self._known.popitem(last=False)
        return positions[: bisect_right(positions, up_to)]

    async def _read(
        self, keep: Keep, partition: int, after: int, up_to: int
    ) -> tuple[int, array[int]]:
        """How far the journal could be read, and the wanted positions up to there."""
        found = array("q")
        while after < up_to:
            page = await self._journal.read_partition(
                partition, after_position=after, up_to_position=up_to, limit=PAGE
            )
            if not page:
                break
            after = page[-1].position
            found.extend(each.position for each in page if keep(each) and not each.redacted)
        return after, found


def within(spans: Spans, positions: Collection[int]) -> list[int]:
    """Those of the positions that lie in the spans."""
    return [one for one in positions if any(after < one <= up_to for after, up_to in spans)]
