"""The partitions of a group that are at hand in this process, as the store knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from journey_service.application.group_round import Supplies
from journey_service.application.group_seats import Seat
from journey_service.application.group_shelf import Shelf
from journey_service.domain.errors import GroupNotFound
from journey_service.domain.event_filter import keeps
from journey_service.domain.group_book import Book
from journey_service.domain.group_done import Done
from journey_service.domain.groups import DeliveryName, Standing, Terms
from journey_service.ports_of_groups import PULLING, Attendance, StoredGroup


class Shelves:
    """See the module. `wake` is called when something came."""

    def __init__(self, group_id: str, supplies: Supplies, wake: Callable[[], None]) -> None:
        self._group_id = group_id
        self._supplies = supplies
        self._wake = wake
        self._stored: StoredGroup | None = None
        self._shelves: dict[int, Shelf] = {}
        # The epochs in which our consumers have what they have, as they were told last.
        self._epochs: dict[int, int] = {}
        # The last attempts of what is done with; they outlast what is at hand.
        self._done: defaultdict[int, Done] = defaultdict(Done)
        # Those that go to another consumer once nothing of them is in flight.
        self.leaving: Collection[int] = ()

    def __iter__(self) -> Iterator[Shelf]:
        return iter([*self._shelves.values()])

    def get(self, partition: int) -> Shelf | None:
        """The shelf of a partition, if it is at hand."""
        return self._shelves.get(partition)

    def of(self, seat: Seat) -> list[Shelf]:
        """The shelves of a consumer; not those of a stream of its name elsewhere."""
        return [
            shelf
            for shelf in self._shelves.values()
            if shelf.owner == seat.consumer_id and self._is_ours(shelf)
        ]

    def _is_ours(self, shelf: Shelf) -> bool:
        return self._epochs.get(shelf.partition) == shelf.book.progress.epoch

    @property
    def lease_ms(self) -> int:
        """Lease of a delivery, as the group has it."""
        return self._stored.settings.lease_ms if self._stored else 0

    async def match(self, attendance: Attendance, seats: Mapping[str, Seat]) -> None:
        """Have at hand what our consumers have, and tell them where that changed."""
        await self._look_at_terms(attendance)
        self.leaving = attendance.leaving
        self._epochs = {each.partition: each.epoch for each in attendance.owned.values()}
        self.drop(
            partition
            for partition, shelf in [*self._shelves.items()]
            if attendance.owned.get(partition) != shelf.book.progress
        )
        await self.load(attendance.owned, seats)
        owned = defaultdict(list)
        for partition in sorted(self._shelves):
            shelf = self._shelves[partition]
            if not self._is_ours(shelf):
                continue
            if shelf.owner in seats:
                shelf.follow()
            owned[shelf.owner].append(partition)
        for seat in seats.values():
            if not seat.stalled and seat.ending is None:
                seat.out = {name for name in seat.out if self._is_current(name)}
            if not seat.stalled:
                seat.assign(tuple(owned[seat.consumer_id]), attendance.epoch)

    def _is_current(self, name: DeliveryName) -> bool:
        """Whether a delivery may still be settled; none can in a partition that changed hands."""
        return self._epochs.get(name.partition) == name.epoch

    async def _look_at_terms(self, attendance: Attendance) -> None:
        """Other settings make all that is here old."""
        if self._stored is not None and self._stored.revision == attendance.revision:
            return
        self._stored = await self._supplies.groups.find(self._group_id)
        if self._stored is None:
            raise GroupNotFound(group_id=self._group_id)
        self.clear()

    async def load(self, partitions: Iterable[int], seats: Mapping[str, Seat]) -> None:
        """Have these at hand, whoever has them."""
        missing = sorted({*partitions} - self._shelves.keys())
        if not missing or self._stored is None:
            return
        settings = self._stored.settings
        keep = keeps(settings.filter)
        terms = replace(Terms.of(settings), since_ms=self._stored.created_at_ms)
        loaded = await self._supplies.groups.load(self._group_id, missing)
        now_ms = self._supplies.clock.now_ms()
        for partition, stored in loaded.items():
            book = Book(stored, terms, now_ms, self._done[partition])
            shelf = Shelf(book, keep, self._supplies, self._wake)
            seat = seats.get(shelf.owner)
            if seat is not None and seat.stream != PULLING and self._is_ours(shelf):
                out = self._out_of(shelf)
                # Stored as delivered to this stream, but never sent.
                shelf.book.take_back(out - seat.out)
                # Sent, and settled by others: erased.
                seat.out -= {name for name in seat.out if name.partition == partition} - out
            self._shelves[partition] = shelf

    def give_back(self, seat: Seat) -> None:
        """What a consumer leaves on purpose goes out again as the same attempt."""
        if seat.gives_back:
            for shelf in self.of(seat):
                shelf.book.take_back(self._out_of(shelf) & seat.out)

    def _out_of(self, shelf: Shelf) -> set[DeliveryName]:
        """What the consumer of a partition has out, as the book knows it."""
        return {
            DeliveryName.of(self._group_id, shelf.partition, entry)
            for entry in shelf.book.entries.values()
            if entry.standing == Standing.OUT and entry.consumer_id == shelf.owner
        }

    def drop(self, partitions: Iterable[int]) -> None:
        """These are not at hand any more."""
        for partition in [*partitions]:
            self._shelves.pop(partition).close()

    def clear(self) -> None:
        """Nothing is at hand any more."""
        self.drop(self._shelves)

    def forget(self) -> None:
        """Not even the settings are known."""
        self.clear()
        self._stored = None
