"""What a writer knows of streams: read under the lock, or remembered from what it did lately.

What is remembered is a guess. It is true as long as the partition's head stands where it is
remembered, because every write of an event moves the head; the fast path compares it in the very
statement that writes (rule R2).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from journey_service.domain.batch import Batch, Decision, Known, KnownEvent, Stamp
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.leases import Held, Key, LeaseRow
from journey_service.domain.machines import Journeys
from journey_service.store.keys import SubjectKeys
from journey_service.store.placing import event_key, known_events

# After a group found the heads moved by others, so many groups go the careful way at once.
_CAREFUL_AFTER_CONTENTION = 8
# More than any batch concerns.
_LEASES_REMEMBERED = 1_000


class Watermark(NamedTuple):
    """Of one installation in one stream; `stored` = it has a row."""

    processed_seq: int = 0
    previous: Stamp | None = None
    stored: bool = False


NO_WATERMARK = Watermark()


@dataclass(slots=True)
class Stream:
    """One stream as a writer knows it. `keys` None = it has no row yet, or was erased.

    `events` and `revs` hold only what was asked for; `asked` = events were asked for, so that one
    that is not in `events` is not recorded.
    """

    partition: int
    subject_id: str
    version: int = 0
    floor: Stamp = Stamp(0, 0)
    keys: SubjectKeys | None = None
    stored: bool = False
    erased: bool = False
    watermarks: dict[str, Watermark] = field(default_factory=dict)
    events: dict[bytes, KnownEvent] = field(default_factory=dict)
    revs: dict[tuple[str, str], int] = field(default_factory=dict)
    asked: bool = False
    damage: EventUnreadable | None = None
    # of the journeys asked for, lately; nobody's where there is no row
    leases: dict[Key, LeaseRow] = field(default_factory=dict)
    # decided in this group, not yet in `events`
    decisions: list[Decision] = field(default_factory=list)
    # read beside the head for the requests that ask; brought forward by what is decided
    journeys: Journeys | None = None
    # why they are not there: something of them does not open
    unread: EventUnreadable | None = None

    def draft(self) -> Stream:
        """A copy to decide with, while the outcome is open."""
        return Stream(
            self.partition,
            self.subject_id,
            self.version,
            self.floor,
            self.keys,
            self.stored,
            self.erased,
            dict(self.watermarks),
            dict(self.events),
            dict(self.revs),
            self.asked,
            self.damage,
            dict(self.leases),
            journeys=self.journeys,
            unread=self.unread,
        )

    def known(self, batch: Batch, leased: Collection[Key] = (), held: Sequence[Held] = ()) -> Known:
        """What decide needs of the stream for one batch; `held` of its limit group.

        Raises EventUnreadable where a recorded event or the data key does not open.
        """
        if self.damage is not None:
            raise self.damage
        while self.decisions:
            self.events.update(known_events(self.decisions.pop()))
        watermark = NO_WATERMARK
        if batch.sequenced:
            watermark = self.watermarks.get(batch.installation_id, NO_WATERMARK)
        return Known(
            version=self.version,
            floor=self.floor,
            processed_seq=watermark.processed_seq,
            previous=watermark.previous,
            events=self._recorded(batch) if self.events else {},
            revs=self.revs,
            erased=self.erased,
            journeys=self.journeys,
            leases=self.leases if leased else None,
            held=held,
        )

    def lease(self, key: Key, row: LeaseRow) -> None:
        """How a lease stands; the journeys of long ago are looked up again."""
        self.leases.pop(key, None)
        self.leases[key] = row
        while len(self.leases) > _LEASES_REMEMBERED:
            del self.leases[next(iter(self.leases))]

    def _recorded(self, batch: Batch) -> dict[str, KnownEvent]:
        ids = [candidate.interaction.event_id for candidate in batch.candidates]
        keys = [(event_id, event_key(event_id)) for event_id in ids]
        return {event_id: self.events[key] for event_id, key in keys if key in self.events}


@dataclass(slots=True)
class _Partition:
    head: int
    streams: OrderedDict[str, Stream] = field(default_factory=OrderedDict)


class Memory:
    """What a lane remembers of its partitions: the head, and streams as of that head."""

    def __init__(self, streams_per_partition: int) -> None:
        self._limit = streams_per_partition
        self._partitions: dict[int, _Partition] = {}
        self._careful: dict[int, int] = {}

    def head(self, partition: int) -> int | None:
        """Where the partition stood when it was last heard of."""
        found = self._partitions.get(partition)
        return found.head if found else None

    def stream(self, partition: int, subject_id: str) -> Stream | None:
        """The stream as of that head."""
        found = self._partitions.get(partition)
        return found.streams.get(subject_id) if found else None

    def learn(self, partition: int, head: int, streams: list[Stream]) -> None:
        """Streams as of a head; another head than remembered makes the rest worthless."""
        found = self._partitions.get(partition)
        if found is None or found.head != head:
            found = self._partitions[partition] = _Partition(head)
        self._put(found, streams)

    def advance(self, partition: int, head: int, streams: list[Stream]) -> None:
        """This lane has moved the head itself: everything else still holds."""
        found = self._partitions.setdefault(partition, _Partition(head))
        found.head = head
        self._put(found, streams)

    def _put(self, partition: _Partition, streams: list[Stream]) -> None:
        for stream in streams:
            stream.events, stream.asked, stream.decisions = {}, False, []
            stream.journeys, stream.unread = None, None
            partition.streams[stream.subject_id] = stream
            partition.streams.move_to_end(stream.subject_id)
        while len(partition.streams) > self._limit:
            partition.streams.popitem(last=False)

    def contended(self, partitions: list[int]) -> None:
        """Somebody else writes there: forget, and do not guess for a while."""
        for partition in partitions:
            self._partitions.pop(partition, None)
            self._careful[partition] = _CAREFUL_AFTER_CONTENTION

    def may_guess(self, partitions: list[int]) -> bool:
        """Whether guessing is likely to be right for all of them."""
        careful = [partition for partition in partitions if self._careful.get(partition)]
        for partition in careful:
            self._careful[partition] -= 1
        return not careful

    def forget(self) -> None:
        """Drop every guess: another connection, another epoch, a lost answer."""
        self._partitions.clear()
