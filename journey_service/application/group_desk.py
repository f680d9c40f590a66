"""One group in one process: hands events to the consumers that are connected here.

attend ──▶ hear what was settled ──▶ feed from the journal ──▶ deliver ──▶ store ──▶ tell
   ▲                                                                         │
   └──────── something came, a lease or a wait is over, time to attend ──────┘

All of a round is stored as one; what came meanwhile is the next round's, so settlements are written
together without a timer. Nothing is sent or confirmed before it is durable. What is at hand here is
thrown away where the store knows better, or cannot be asked.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from random import SystemRandom
from typing import NamedTuple

from journey.v1.errors_pb2 import ERROR_REASON_DELIVERY_UNKNOWN, ErrorReason
from journey.v1.groups_pb2 import Delivery, Settlement, SettlementResult
from journey.v1.stream_pb2 import GOING_AWAY_REASON_REPLACED
from journey_service.application.group_seats import Asked, Seat
from journey_service.application.group_shelf import Shelf
from journey_service.application.group_watch import GroupWatch
from journey_service.domain.errors import (
    Bug,
    GroupNotFound,
    JourneyError,
    Overloaded,
    Unavailable,
)
from journey_service.domain.event_filter import keeps
from journey_service.domain.group_book import COUNTED, Book
from journey_service.domain.groups import Act, DeliveryName, Standing, Terms
from journey_service.ports import Clock, Journal
from journey_service.ports_of_groups import (
    PULLING,
    Attendance,
    Groups,
    Member,
    StoredGroup,
)
from journey_service.settings import Settings

PAUSE_AFTER_FAULT_S = 0.1
_CHANCE = SystemRandom()


class Handed(NamedTuple):
    """A delivery that goes out once it is stored."""

    partition: int
    seat: Seat
    delivery: Delivery
    position: int


class Verdict(NamedTuple):
    """What is answered of one delivery once it is stored; `ends`: it is out no more."""

    partition: int
    asked: Asked
    text: str
    name: DeliveryName
    reason: ErrorReason
    ends: bool


@dataclass(slots=True)
class Round:
    """What one round brings. `stale`: partitions of which nothing could be stored, because others
    stored something; `doubted`: those to be loaded anew before anything is refused."""

    handed: list[Handed] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    stale: set[int] = field(default_factory=set)
    doubted: set[int] = field(default_factory=set)
    leaving: list[tuple[Seat, asyncio.Future[None]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Supplies:
    """What a desk stands on."""

    groups: Groups
    journal: Journal
    clock: Clock
    settings: Settings
    watch: GroupWatch


class Desk:
    """See the module."""

    def __init__(self, group_id: str, supplies: Supplies) -> None:
        self.group_id = group_id
        self.users = 0
        self._supplies = supplies
        self._groups = supplies.groups
        self._settings = supplies.settings
        self._stored: StoredGroup | None = None
        self._seats: dict[str, Seat] = {}
        self._shelves: dict[int, Shelf] = {}
        self._leaving: frozenset[int] = frozenset()
        self._said: deque[tuple[Asked, bool]] = deque()
        self._standing_up: list[tuple[Seat, asyncio.Future[None]]] = []
        self._rounds: list[asyncio.Future[None]] = []
        self._attend_at = 0.0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # --- from outside -----------------------------------------------------------------------------

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=f"group {self.group_id}")

    async def close(self) -> None:
        """End, when nobody is here any more."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        self._drop(tuple(self._shelves))

    def sit(self, seat: Seat) -> None:
        """A consumer is here; an older stream of its name goes."""
        older = self._seats.get(seat.consumer_id)
        if older is not None:
            older.end(GOING_AWAY_REASON_REPLACED)
        self._seats[seat.consumer_id] = seat
        self.attend_now()

    async def stand_up(self, seat: Seat) -> None:
        """A consumer goes; what it had out is given to others at once, unless it pulls."""
        if self._task is None or self._task.done():
            return
        done = asyncio.get_running_loop().create_future()
        self._standing_up.append((seat, done))
        self._wake.set()
        await done

    def ask(self, seat: Seat, settlement: Settlement) -> Asked:
        """A consumer settles; the result comes on its stream."""
        asked = Asked(self.group_id, settlement, self._settings)
        seat.asked.append(asked)
        self.hear(seat)
        self._said.append((asked, True))
        return asked

    async def settle(self, settlement: Settlement) -> SettlementResult:
        """Settle for a caller without a stream. Raises Unavailable, GroupNotFound."""
        asked = Asked(self.group_id, settlement, self._settings)
        self._said.append((asked, False))
        self._wake.set()
        return await asked.done

    async def served(self) -> None:
        """When a whole round is over that begins after now. Raises Unavailable, GroupNotFound."""
        over = asyncio.get_running_loop().create_future()
        self._rounds.append(over)
        self._wake.set()
        await over

    def is_behind(self, seat: Seat) -> bool:
        """Whether the journal holds more for a consumer than was looked at."""
        return seat.is_open and any(shelf.is_behind for shelf in self._shelves_of(seat))

    def hear(self, seat: Seat) -> None:
        """A consumer gave a sign of life, or credit."""
        seat.heard_ms = self._supplies.clock.now_ms()
        if seat.stalled:
            seat.stalled, seat.joining = False, True
            self.attend_now()
        self._wake.set()

    def attend_now(self) -> None:
        """Look soon who is there, and what the store knows."""
        self._attend_at = 0.0
        self._wake.set()

    def lag(self, seat: Seat) -> int:
        """Events that wait for a consumer here; -1 = unknown."""
        waiting = [shelf.waiting for shelf in self._shelves_of(seat)]
        return -1 if any(count < 0 for count in waiting) else sum(waiting)

    # --- rounds -----------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            try:
                await self._round()
                await self._wait()
            except (Unavailable, Overloaded) as error:
                self._give_up(error)
                await asyncio.sleep(PAUSE_AFTER_FAULT_S)
            except JourneyError as error:
                self._fail(error)
                await self._wake_for_new()
            except Exception as error:  # noqa: BLE001  it ends the streams, not the process
                self._supplies.watch.failed(self.group_id, error)
                self._fail(Bug())
                await self._wake_for_new()

    async def _round(self) -> None:
        now = Round()
        now.leaving, self._standing_up = self._standing_up, []
        rounds, self._rounds = self._rounds, []
        try:
            await self._attend()
            await self._apply(now)
            for shelf in self._shelves.values():
                self._pass_time(shelf)
                await shelf.feed()
                self._note_damage(shelf)
            await self._deliver(now)
            await self._store(now)
            self._tell(now)
            await self._say_good_bye(now)
        except JourneyError as error:
            for over in rounds:
                over.set_exception(error)
            raise
        else:
            for over in rounds:
                over.set_result(None)
        finally:
            for seat, done in now.leaving:
                self._forget(seat)
                if not done.done():
                    done.set_result(None)

    async def _wait(self) -> None:
        """Until something is to be done."""
        pressing = self._said or any(shelf.is_behind for shelf in self._shelves.values())
        if not pressing:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s()):
                    await self._wake.wait()
        self._wake.clear()
        await asyncio.sleep(0)

    async def _wake_for_new(self) -> None:
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.group_attend_ms / 1_000):
                await self._wake.wait()

    def _patience_s(self) -> float:
        now, now_ms = _now(), self._supplies.clock.now_ms()
        times = [self._attend_at]
        for shelf in self._shelves.values():
            if shelf.book.next_ms:
                times.append(now + (shelf.book.next_ms - now_ms) / 1_000)
            if shelf.book.unsaved:
                times.append(shelf.saved_at + self._settings.group_checkpoint_ms / 1_000)
        return max(0.0, min(times) - now)

    def _give_up(self, error: JourneyError) -> None:
        """The store cannot be asked: what is here counts no more, callers that wait are told."""
        self._drop(tuple(self._shelves))
        patient = [(asked, waits) for asked, waits in self._said if waits]
        for asked, waits in self._said:
            if not waits:
                asked.fail(error)
        self._said = deque(patient)
        self._attend_at = 0.0

    def _fail(self, error: JourneyError) -> None:
        """Nothing can go on here."""
        self._drop(tuple(self._shelves))
        for seat in self._seats.values():
            seat.fail(error)
        for asked, _ in self._said:
            asked.fail(error)
        self._said.clear()
        self._stored, self._attend_at = None, 0.0

    # --- who is here ------------------------------------------------------------------------------

    async def _attend(self) -> None:
        if _now() < self._attend_at:
            return
        self._attend_at = _now() + self._settings.group_attend_ms / 1_000
        members = {
            seat.consumer_id: Member(seat.stream, seat.life_ms, seat.joining)
            for seat in self._seats.values()
            if not seat.stalled and seat.ending is None
        }
        attendance = await self._groups.attend(self.group_id, members)
        if attendance is None:
            raise GroupNotFound(group_id=self.group_id)
        for name in members.keys() & self._seats.keys():
            self._seats[name].joining = False
        for name in attendance.replaced & self._seats.keys():
            self._seats[name].end(GOING_AWAY_REASON_REPLACED)
        await self._look_at_terms(attendance)
        await self._match(attendance)
        await self._dismiss_stalled(attendance)

    async def _look_at_terms(self, attendance: Attendance) -> None:
        """Other settings make all that is here old."""
        if self._stored is not None and self._stored.revision == attendance.revision:
            return
        self._stored = await self._groups.find(self.group_id)
        if self._stored is None:
            raise GroupNotFound(group_id=self.group_id)
        self._drop(tuple(self._shelves))

    async def _match(self, attendance: Attendance) -> None:
        """Have at hand what our consumers have, as the store knows it."""
        self._leaving = attendance.leaving
        old = [
            partition
            for partition, shelf in self._shelves.items()
            if attendance.owned.get(partition) != shelf.book.progress
        ]
        self._drop(old)
        await self._load(attendance.owned.keys() - self._shelves.keys(), owned=True)
        owned = defaultdict(list)
        for partition in sorted(self._shelves):
            owned[self._shelves[partition].owner].append(partition)
        for seat in self._seats.values():
            if not seat.stalled:
                seat.assign(tuple(owned[seat.consumer_id]), attendance.epoch)

    async def _load(self, partitions: Iterable[int], *, owned: bool) -> None:
        missing = sorted(partitions)
        if not missing:
            return
        assert self._stored is not None
        settings = self._stored.settings
        keep, terms = keeps(settings.filter), Terms.of(settings)
        loaded = await self._groups.load(self.group_id, missing)
        now_ms = self._supplies.clock.now_ms()
        for partition, stored in loaded.items():
            book = Book(stored, terms, now_ms)
            shelf = Shelf(book, keep, self._supplies.journal, self._settings, self._wake.set)
            self._take_back(shelf)
            self._shelves[partition] = shelf
            if owned and shelf.owner in self._seats:
                shelf.follow()

    def _take_back(self, shelf: Shelf) -> None:
        """What was stored as delivered to a stream of ours, but was not sent, is delivered anew."""
        seat = self._seats.get(shelf.owner)
        if seat is None or seat.stream == PULLING:
            return
        for entry in [*shelf.book.entries.values()]:
            unsent = (shelf.partition, entry.position) not in seat.out
            if entry.standing == Standing.OUT and entry.consumer_id == shelf.owner and unsent:
                shelf.book.take_back(entry.position)

    def _drop(self, partitions: Iterable[int]) -> None:
        for partition in partitions:
            self._shelves.pop(partition).close()

    async def _dismiss_stalled(self, attendance: Attendance) -> None:
        """A consumer that let a lease run out in silence gives way, where others are live."""
        for seat in [*self._seats.values()]:
            if not seat.stalled:
                continue
            if attendance.consumers > 1:
                await self._groups.leave(self.group_id, seat.consumer_id, seat.stream)
                self._attend_at = 0.0
                seat.out.clear()
                seat.assign((), attendance.epoch)
            else:
                seat.stalled = False

    def _shelves_of(self, seat: Seat) -> list[Shelf]:
        return [shelf for shelf in self._shelves.values() if shelf.owner == seat.consumer_id]

    # --- what consumers say -----------------------------------------------------------------------

    async def _apply(self, now: Round) -> None:
        """Apply what was said to the books; what was said of partitions elsewhere, too."""
        said = [*self._said]
        places = {name.partition for asked, _ in said for name, _ in asked.open.values()}
        count = self._supplies.journal.partition_count
        elsewhere = {each for each in places - self._shelves.keys() if each < count}
        await self._load(elsewhere, owned=False)
        now_ms = self._supplies.clock.now_ms()
        for asked, _ in said:
            for text in [*asked.open]:
                self._hear_of(now, asked, text, now_ms)

    def _hear_of(self, now: Round, asked: Asked, text: str, now_ms: int) -> None:
        name, said = asked.open[text]
        shelf = self._shelves.get(name.partition)
        if shelf is None:
            asked.decide(text, ERROR_REASON_DELIVERY_UNKNOWN)
            return
        if name.partition in now.doubted:
            return
        reason = shelf.book.say(name, said, now_ms, _CHANCE.random())
        if reason != COUNTED and not shelf.is_new:
            # Another process may know better: look again before refusing.
            now.doubted.add(name.partition)
            return
        ends = said.act != Act.EXTEND
        now.verdicts.append(Verdict(name.partition, asked, text, name, reason, ends))

    def _pass_time(self, shelf: Shelf) -> None:
        """Leases that are over: whoever was silent since is not counted on."""
        for entry in shelf.book.pass_time(self._supplies.clock.now_ms()):
            self._supplies.watch.lapsed(self.group_id)
            seat = self._seats.get(entry.consumer_id)
            if seat is None or seat.stream == PULLING:
                continue
            seat.out.discard((shelf.partition, entry.position))
            assert self._stored is not None
            seat.stalled = seat.heard_ms <= entry.due_ms - self._stored.settings.lease_ms
            seat.wake.set()
            self._attend_at = 0.0 if seat.stalled else self._attend_at

    def _note_damage(self, shelf: Shelf) -> None:
        if shelf.damage is not None:
            self._supplies.watch.stopped(self.group_id, shelf.partition, shelf.damage)
            shelf.damage = None

    # --- delivering -------------------------------------------------------------------------------

    async def _deliver(self, now: Round) -> None:
        """Give to each consumer what it has credit for, its partitions taking turns."""
        going = {seat.consumer_id for seat, _ in now.leaving}
        for seat in [*self._seats.values()]:
            if seat.stalled or seat.consumer_id in going:
                continue
            own = self._shelves_of(seat)
            shelves = [shelf for shelf in own if shelf.partition not in self._leaving]
            while shelves and seat.has_credit:
                shelves = [shelf for shelf in shelves if await self._deliver_one(now, seat, shelf)]

    async def _deliver_one(self, now: Round, seat: Seat, shelf: Shelf) -> bool:
        """Whether the partition had something, and may have more."""
        now_ms = self._supplies.clock.now_ms()
        position = shelf.book.next_ready(now_ms)
        if not position or not seat.has_credit:
            return False
        event = await shelf.take(position)
        if event is None:
            shelf.book.forget(position)
            return True
        entry = shelf.book.deliver(position, seat.consumer_id, now_ms)
        name = DeliveryName(
            self.group_id, shelf.partition, entry.epoch, position, entry.attempt, seat.consumer_id
        )
        delivery = Delivery(
            delivery_id=str(name),
            event=event,
            attempt=entry.attempt,
            lease_expires_at_ms=entry.due_ms,
            replayed=entry.replayed,
            bytes=event.ByteSize(),
        )
        seat.spend(delivery.bytes)
        now.handed.append(Handed(shelf.partition, seat, delivery, position))
        return True

    # --- storing and telling ----------------------------------------------------------------------

    async def _store(self, now: Round) -> None:
        """Store what changed, and note the partitions of which nothing was stored."""
        changed = [shelf for shelf in self._shelves.values() if self._is_due(shelf, now)]
        changes = [shelf.book.change() for shelf in changed]
        if not changes:
            return
        parked = sum(
            entry.standing == Standing.PARKED for change in changes for entry in change.entries
        )
        try:
            kept = await self._groups.save(self.group_id, changes)
        except Exception as error:
            for each in now.handed:
                each.seat.give_back(each.delivery.bytes)
            if parked:
                self._supplies.watch.park_failed(self.group_id, error)
            raise
        self._supplies.watch.parked(self.group_id, parked)
        for shelf, change in zip(changed, changes, strict=True):
            if shelf.partition not in kept:
                now.stale.add(shelf.partition)
                continue
            shelf.book.stored(change)
            shelf.saved_at = _now()
            shelf.tidy()

    def _is_due(self, shelf: Shelf, now: Round) -> bool:
        book = shelf.book
        if book.is_dirty or book.unsaved >= self._settings.group_checkpoint_events:
            return True
        waited = _now() - shelf.saved_at >= self._settings.group_checkpoint_ms / 1_000
        going = any(seat.consumer_id == shelf.owner for seat, _ in now.leaving)
        return book.unsaved > 0 and (waited or going)

    def _tell(self, now: Round) -> None:
        """What is stored is durable: send deliveries and results. The rest is done anew."""
        self._hand_over(now)
        for verdict in now.verdicts:
            if verdict.partition not in now.stale:
                self._decide(verdict)
        self._said = deque(each for each in self._said if each[0].open)
        for seat in self._seats.values():
            seat.tell_results()
        away = [each for each, shelf in self._shelves.items() if shelf.owner not in self._seats]
        short = [each for each, shelf in self._shelves.items() if shelf.book.is_short]
        anew = now.stale | now.doubted | {*away} | {*short}
        if anew - {*away}:
            self._attend_at = 0.0
        self._drop(anew & self._shelves.keys())
        for shelf in self._shelves.values():
            shelf.is_new = False

    def _hand_over(self, now: Round) -> None:
        by_seat: defaultdict[Seat, list[Delivery]] = defaultdict(list)
        for partition, seat, delivery, position in now.handed:
            if partition in now.stale:
                seat.give_back(delivery.bytes)
            else:
                seat.out.add((partition, position))
                by_seat[seat].append(delivery)
        for seat, deliveries in by_seat.items():
            seat.hand_over(deliveries)

    def _decide(self, verdict: Verdict) -> None:
        verdict.asked.decide(verdict.text, verdict.reason)
        seat = self._seats.get(verdict.name.consumer_id)
        if seat is not None and verdict.ends:
            seat.out.discard((verdict.partition, verdict.name.position))
        if verdict.partition in self._leaving and not self._shelves[verdict.partition].book.out:
            self._attend_at = 0.0

    async def _say_good_bye(self, now: Round) -> None:
        """Who pulls comes again and keeps what it has."""
        for seat, _ in now.leaving:
            if seat.stream != PULLING:
                await self._groups.leave(self.group_id, seat.consumer_id, seat.stream)
                self._attend_at = 0.0

    def _forget(self, seat: Seat) -> None:
        if self._seats.get(seat.consumer_id) is seat:
            del self._seats[seat.consumer_id]
            self._drop([each.partition for each in self._shelves_of(seat)])


def _now() -> float:
    return asyncio.get_running_loop().time()
