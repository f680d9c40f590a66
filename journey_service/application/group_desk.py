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
from contextlib import suppress
from random import SystemRandom

from journey.v1.errors_pb2 import ERROR_REASON_DELIVERY_UNKNOWN
from journey.v1.groups_pb2 import Delivery, Settlement, SettlementResult
from journey.v1.stream_pb2 import GOING_AWAY_REASON_REPLACED
from journey_service.application.group_delivering import deliver
from journey_service.application.group_round import Round, Supplies, Verdict
from journey_service.application.group_seats import Asked, Seat
from journey_service.application.group_shelf import Shelf
from journey_service.application.group_shelves import Shelves
from journey_service.domain.errors import (
    Bug,
    GroupNotFound,
    JourneyError,
    Overloaded,
    Unavailable,
)
from journey_service.domain.group_book import COUNTED
from journey_service.domain.groups import Act, DeliveryName, Standing
from journey_service.ports_of_groups import PULLING, Attendance, Member

PAUSE_AFTER_FAULT_S = 0.1
_CHANCE = SystemRandom()


class Desk:
    """See the module."""

    def __init__(self, group_id: str, supplies: Supplies) -> None:
        self.group_id = group_id
        self.users = 0
        self._supplies = supplies
        self._groups = supplies.groups
        self._settings = supplies.settings
        self._wake = asyncio.Event()
        self._shelves = Shelves(group_id, supplies, self._wake.set)
        self._seats: dict[str, Seat] = {}
        # What was asked and is not decided, and whether who asked waits through faults.
        self._said: deque[tuple[Asked, bool]] = deque()
        self._standing_up: list[tuple[Seat, asyncio.Future[None]]] = []
        self._watching: list[asyncio.Future[None]] = []
        self._attend_at = 0.0
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
        self._shelves.clear()

    def sit(self, seat: Seat) -> None:
        """A consumer is here; an older stream of its name goes."""
        older = self._seats.get(seat.consumer_id)
        if older is not None:
            older.end(GOING_AWAY_REASON_REPLACED)
        self._seats[seat.consumer_id] = seat
        self.attend_now()

    async def stand_up(self, seat: Seat) -> None:
        """A consumer goes; what it had out is given to others at once, unless it pulls."""
        assert self._task is not None
        gone = asyncio.get_running_loop().create_future()
        self._standing_up.append((seat, gone))
        self._wake.set()
        # Where everything ends at once the rounds may be over; leases end by themselves.
        await asyncio.wait([gone, self._task], return_when=asyncio.FIRST_COMPLETED)

    def ask(self, seat: Seat, settlement: Settlement) -> Asked:
        """A consumer settles; the result comes on its stream."""
        asked = self._asked(settlement)
        seat.asked.append(asked)
        self._said.append((asked, True))
        self.hear(seat)
        return asked

    async def settle(self, settlement: Settlement) -> SettlementResult:
        """Settle for a caller without a stream. Raises Unavailable, GroupNotFound."""
        asked = self._asked(settlement)
        self._said.append((asked, False))
        self._wake.set()
        return await asked.done

    def _asked(self, settlement: Settlement) -> Asked:
        return Asked(self.group_id, settlement, self._settings, self._supplies.tokens)

    async def served(self) -> None:
        """When a whole round is over that begins after now. Raises Unavailable, GroupNotFound."""
        over = asyncio.get_running_loop().create_future()
        self._watching.append(over)
        self._wake.set()
        await over

    def is_behind(self, seat: Seat) -> bool:
        """Whether the journal holds more for a consumer than was looked at."""
        return seat.is_open and any(shelf.is_behind for shelf in self._shelves.of(seat))

    def hear(self, seat: Seat) -> None:
        """A consumer gave a sign of life, or credit."""
        seat.heard_ms = self._supplies.clock.now_ms()
        if seat.stalled:
            seat.stalled, seat.joining = False, True
            self._attend_at = 0.0
        self._wake.set()

    def attend_now(self) -> None:
        """Look soon who is there, and what the store knows."""
        self._attend_at = 0.0
        self._wake.set()

    def lag(self, seat: Seat) -> int:
        """Events that wait here for a consumer; -1 = unknown."""
        return _sum_of(self._shelves.of(seat))

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
                await self._sleep(self._settings.group_attend_ms / 1_000)
            except Exception as error:  # noqa: BLE001  it ends the streams, not the process
                self._supplies.watch.failed(self.group_id, error)
                self._fail(Bug())
                await self._sleep(self._settings.group_attend_ms / 1_000)

    async def _round(self) -> None:
        now = Round(self._standing_up, self._watching)
        self._standing_up, self._watching = [], []
        try:
            await self._attend()
            await self._apply(now)
            for shelf in self._shelves:
                await self._look_after(now, shelf)
            for seat, _ in now.leaving:
                self._shelves.give_back(seat)
            await deliver(self.group_id, now, self._seats, self._shelves, self._supplies)
            await self._store(now)
            self._tell(now)
            await self._say_good_bye(now)
            now.is_over()
        except Exception as error:
            now.take_back()
            now.is_over(error)
            raise
        finally:
            for seat, gone in now.leaving:
                self._forget(seat)
                if not gone.done():
                    gone.set_result(None)

    async def _wait(self) -> None:
        """Until something is to be done."""
        pressing = self._said or any(shelf.is_behind for shelf in self._shelves)
        await self._sleep(0.0 if pressing else self._patience_s())

    async def _sleep(self, most_s: float) -> None:
        if most_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(most_s):
                    await self._wake.wait()
        self._wake.clear()
        await asyncio.sleep(0)

    def _patience_s(self) -> float:
        now, now_ms = _now(), self._supplies.clock.now_ms()
        times = [self._attend_at]
        for shelf in self._shelves:
            if shelf.book.next_ms:
                times.append(now + (shelf.book.next_ms - now_ms) / 1_000)
            if shelf.book.unsaved:
                times.append(shelf.saved_at + self._settings.group_checkpoint_ms / 1_000)
        return max(0.0, min(times) - now)

    def _give_up(self, error: JourneyError) -> None:
        """The store cannot be asked: what was not stored is void; who has no stream is told."""
        for shelf in self._shelves:
            shelf.is_new = False
            if shelf.book.is_dirty:
                self._shelves.drop([shelf.partition])
        for asked, is_patient in self._said:
            if not is_patient:
                asked.fail(error)
        self._said = deque(each for each in self._said if each[1])
        self._attend_at = 0.0

    def _fail(self, error: JourneyError) -> None:
        """Nothing can go on here."""
        self._shelves.forget()
        for seat in self._seats.values():
            seat.fail(error)
        for asked, _ in self._said:
            asked.fail(error)
        self._said.clear()
        self._attend_at = 0.0

    # --- who is here ------------------------------------------------------------------------------

    async def _attend(self) -> None:
        if _now() < self._attend_at:
            return
        self._attend_at = _now() + self._settings.group_attend_ms / 1_000
        here = [seat for seat in self._seats.values() if not seat.stalled and seat.ending is None]
        members = {
            seat.consumer_id: Member(seat.stream, seat.life_ms, seat.joining) for seat in here
        }
        attendance = await self._groups.attend(self.group_id, members)
        if attendance is None:
            raise GroupNotFound(group_id=self.group_id)
        for seat in here:
            seat.joining = False
            if seat.consumer_id in attendance.replaced:
                seat.end(GOING_AWAY_REASON_REPLACED)
        await self._shelves.match(attendance, self._seats)
        await self._dismiss_stalled(attendance)
        self._supplies.watch.stands(self.group_id, lag_events=_sum_of([*self._shelves]))

    async def _dismiss_stalled(self, attendance: Attendance) -> None:
        """A consumer that let a lease run out in silence gives way, where others are live."""
        for seat in [seat for seat in self._seats.values() if seat.stalled]:
            if attendance.consumers < 1 + bool(seat.partitions):
                seat.stalled = False
                self._attend_at = 0.0
            elif seat.partitions:
                await self._groups.leave(self.group_id, seat.consumer_id, seat.stream)
                seat.out.clear()
                seat.assign((), attendance.epoch)
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
            self._shelves.drop(shelf.partition for shelf in self._shelves.of(seat))

    # --- what consumers say, and what time brings -------------------------------------------------

    async def _apply(self, now: Round) -> None:
        """Apply what was said to the books; what was said of partitions elsewhere, too."""
        said = [*self._said]
        count = self._supplies.journal.partition_count
        places = {name.partition for asked, _ in said for name, _ in asked.open.values()}
        await self._shelves.load((each for each in places if each < count), self._seats)
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
        ends = reason != COUNTED or said.act != Act.EXTEND
        now.verdicts.append(Verdict(name.partition, asked, text, name, reason, ends))

    async def _look_after(self, now: Round, shelf: Shelf) -> None:
        """Leases that are over, and what the journal brings."""
        for entry in shelf.book.pass_time(self._supplies.clock.now_ms()):
            self._supplies.watch.lapsed(self.group_id)
            seat = self._seats.get(entry.consumer_id)
            if seat is not None and seat.stream != PULLING:
                now.lapsed.append((seat, DeliveryName.of(self.group_id, shelf.partition, entry)))
                given_ms = entry.due_ms - self._shelves.lease_ms
                self._suspect(seat, silent=seat.heard_ms <= given_ms)
        if shelf.is_followed:
            await shelf.feed()
        if shelf.damage is not None:
            self._supplies.watch.stopped(self.group_id, shelf.partition, shelf.damage)
            shelf.damage = None

    def _suspect(self, seat: Seat, *, silent: bool) -> None:
        """Whoever was silent since it got something is not counted on."""
        seat.wake.set()
        if silent:
            seat.stalled = True
            self._attend_at = 0.0

    # --- storing and telling ----------------------------------------------------------------------

    async def _store(self, now: Round) -> None:
        """Store what changed, and note the partitions of which nothing was stored."""
        changed = [shelf for shelf in self._shelves if self._is_due(shelf, now)]
        changes = [shelf.book.change() for shelf in changed]
        if not changes:
            return
        parked = sum(
            entry.standing == Standing.PARKED for change in changes for entry in change.entries
        )
        try:
            kept = await self._groups.save(self.group_id, changes)
        except Exception as error:
            if parked:
                self._supplies.watch.park_failed(self.group_id, error)
            raise
        for shelf, change in zip(changed, changes, strict=True):
            if shelf.partition in kept:
                shelf.stored(change)
            else:
                now.stale.add(shelf.partition)
        self._supplies.watch.parked(self.group_id, parked)

    def _is_due(self, shelf: Shelf, now: Round) -> bool:
        book = shelf.book
        if book.is_dirty or book.unsaved >= self._settings.group_checkpoint_events:
            return True
        waited = _now() - shelf.saved_at >= self._settings.group_checkpoint_ms / 1_000
        return book.unsaved > 0 and (waited or now.is_going(shelf.owner))

    def _tell(self, now: Round) -> None:
        """What is stored is durable: send deliveries and results. The rest is done anew."""
        for seat, name in now.lapsed:
            if name.partition not in now.stale:
                seat.out.discard(name)
        self._hand_over(now)
        for verdict in now.verdicts:
            if verdict.partition not in now.stale:
                self._decide(verdict)
        self._said = deque(each for each in self._said if each[0].open)
        for seat in self._seats.values():
            seat.tell_results()
        for shelf in self._shelves:
            anew = shelf.partition in now.stale | now.doubted or shelf.book.is_short
            if anew or not shelf.is_followed:
                self._shelves.drop([shelf.partition])
                self._attend_at = 0.0 if shelf.is_followed else self._attend_at
            shelf.is_new = False

    def _hand_over(self, now: Round) -> None:
        by_seat: defaultdict[Seat, list[Delivery]] = defaultdict(list)
        for name, seat, delivery in now.handed:
            if name.partition in now.stale:
                seat.give_back(delivery.bytes)
            else:
                seat.out.add(name)
                by_seat[seat].append(delivery)
        now.handed.clear()
        for seat, deliveries in by_seat.items():
            seat.hand_over(deliveries)

    def _decide(self, verdict: Verdict) -> None:
        verdict.asked.decide(verdict.text, verdict.reason)
        seat = self._seats.get(verdict.name.consumer_id)
        if seat is not None and verdict.ends:
            seat.out.discard(verdict.name)
        shelf = self._shelves.get(verdict.partition)
        if shelf is not None and verdict.partition in self._shelves.leaving and not shelf.book.out:
            self._attend_at = 0.0


def _sum_of(shelves: list[Shelf]) -> int:
    waiting = [shelf.waiting for shelf in shelves]
    return -1 if any(count < 0 for count in waiting) else sum(waiting)


def _now() -> float:
    return asyncio.get_running_loop().time()
