import asyncio
from collections.abc import Callable
from time import monotonic

import pytest

from journey.v1.access_pb2 import (
    LOAD_CLASS_BULK,
    LOAD_CLASS_FLUSH,
    LOAD_CLASS_INTERACTIVE,
    LOAD_CLASS_STREAM,
)
from journey_service.domain.errors import ExpiredInQueue, RateLimited
from journey_service.observability import Metrics
from journey_service.settings import Settings
from journey_service.transport.admission import BACK_OFF, Admission
from tests.transport.virtual_time import in_virtual_time

P0, P1, P2, P3 = LOAD_CLASS_INTERACTIVE, LOAD_CLASS_FLUSH, LOAD_CLASS_STREAM, LOAD_CLASS_BULK
FAR = 1e12


class Time:
    """Loop time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def admission(now: Callable[[], float] = monotonic, **changes: int) -> Admission:
    # Awaited inside running tests only, so the loop is there.
    defaults = {"admission_start_calls": 8, "admission_floor_calls": 4, "admission_wait_ms": 2_000}
    settings = Settings(**{**defaults, **changes})  # type: ignore[arg-type]
    return Admission(settings, Metrics(), now)


def entered(held: Admission, load: int) -> int:
    """How many calls of a class get in now."""
    count = 0
    while held.try_enter(load):
        count += 1
    return count


async def test_a_floor_stays_free_for_calls_that_a_person_waits_for() -> None:
    held = admission()
    assert entered(held, P2) + entered(held, P1) == 4
    assert entered(held, P0) == 4


async def test_calls_that_a_person_waits_for_may_use_every_place() -> None:
    held = admission()
    assert entered(held, P0) == 8
    assert not held.try_enter(P1)


async def test_bulk_reads_have_places_of_their_own_and_never_others() -> None:
    held = admission(admission_bulk_calls=2)
    assert entered(held, P3) == 2
    assert entered(held, P0) == 8


async def test_the_floor_is_there_even_when_the_limit_has_shrunk_to_it() -> None:
    held = admission(admission_start_calls=4)
    assert entered(held, P2) == 1
    assert entered(held, P0) == 4


async def test_a_call_waits_for_a_place_and_gets_it() -> None:
    held = admission()
    entered(held, P0)
    waiting = asyncio.create_task(held.enter(P0, FAR))
    await asyncio.sleep(0)
    assert held.waiting == 1
    held.leave(P0)
    await waiting
    assert not held.try_enter(P0)
    assert held.waiting == 0


async def test_a_wait_that_is_too_long_is_refused_and_holds_no_place() -> None:
    held = admission(admission_wait_ms=5)
    entered(held, P0)
    with pytest.raises(RateLimited):
        await held.enter(P0, FAR)
    held.leave(P0)
    assert held.try_enter(P0)


async def test_bulk_reads_do_not_queue_unless_they_are_open_already() -> None:
    held = admission(admission_bulk_calls=1)
    held.try_enter(P3)
    with pytest.raises(RateLimited):
        await held.enter(P3, FAR)
    page = asyncio.create_task(held.enter(P3, FAR, patient=True))
    await asyncio.sleep(0)
    held.leave(P3)
    await page


async def test_a_stream_that_is_open_waits_for_its_next_page_whatever_its_deadline_was() -> None:
    held = admission(admission_bulk_calls=1)
    held.try_enter(P3)
    long_ago = asyncio.get_running_loop().time() - 60
    page = asyncio.create_task(held.enter(P3, long_ago, patient=True))
    await asyncio.sleep(0)
    held.leave(P3)
    await page


async def test_no_more_than_so_many_calls_wait() -> None:
    held = admission(admission_queue_calls=1)
    entered(held, P0)
    waiting = asyncio.create_task(held.enter(P0, FAR))
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await held.enter(P0, FAR)
    held.leave(P0)
    await waiting


async def test_what_a_person_waits_for_is_let_in_first() -> None:
    held = admission(admission_flush_wait_ms=2_000)
    entered(held, P0)
    order: list[str] = []

    async def enter(load: int, name: str) -> None:
        await held.enter(load, FAR)
        order.append(name)

    tasks = [asyncio.create_task(enter(P1, "flush")), asyncio.create_task(enter(P0, "person"))]
    await asyncio.sleep(0)
    for _ in range(6):
        held.leave(P0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == ["person", "flush"]


async def test_a_caller_who_does_not_wait_that_long_is_told_that_nothing_was_done() -> None:
    held = admission()
    entered(held, P0)
    waiting = asyncio.create_task(held.enter(P0, asyncio.get_running_loop().time() - 1))
    await asyncio.sleep(0)
    held.leave(P0)
    with pytest.raises(ExpiredInQueue):
        await waiting
    assert held.try_enter(P0)


async def test_a_cancelled_wait_gives_back_a_place_that_it_just_got() -> None:
    held = admission()
    entered(held, P0)
    waiting = asyncio.create_task(held.enter(P0, FAR))
    await asyncio.sleep(0)
    held.leave(P0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert held.try_enter(P0)


def window(held: Admission, time: Time, seconds: float) -> None:
    """All places are used, and each call took so long."""
    count = 0
    while held.try_enter(P0):
        count += 1
    for _ in range(count - 1):
        held.leave(P0, seconds)
    time.now += 2
    held.leave(P0, seconds)


async def test_more_calls_are_let_in_while_they_fare_well_and_all_places_are_used() -> None:
    time = Time()
    held = admission(time, admission_ceiling_calls=20)
    window(held, time, 0.1)
    assert held.limit == 16
    window(held, time, 0.4)
    assert held.limit == 20


async def test_fewer_are_let_in_when_calls_take_long_but_never_fewer_than_the_floor() -> None:
    time = Time()
    held = admission(time)
    window(held, time, 1.2)
    assert held.limit == int(8 * BACK_OFF)
    for _ in range(20):
        window(held, time, 1.2)
    assert held.limit == 4


async def test_what_the_event_loop_is_late_by_is_a_part_of_the_wait() -> None:
    time = Time()
    held = admission(time)
    held.late(0.6)
    window(held, time, 0.6)
    assert held.limit == int(8 * BACK_OFF)
    held.late(0.0)
    window(held, time, 0.6)
    assert held.limit == int(8 * BACK_OFF) + 4


async def test_a_loop_that_is_late_is_overload_even_if_no_call_comes_to_its_end() -> None:
    held = admission()
    entered(held, P0)
    held.late(1.2)
    assert held.limit == int(8 * BACK_OFF)


async def test_few_calls_that_take_long_are_no_overload() -> None:
    time = Time()
    held = admission(time)
    for _ in range(10):
        entered_now = [held.try_enter(P0) for _ in range(4)]
        time.now += 2
        for _ in entered_now:
            held.leave(P0, 5.0)
    assert held.limit == 8


async def test_large_batches_do_not_speak_for_what_people_wait_for() -> None:
    time = Time()
    held = admission(time)
    entered(held, P0)
    for _ in range(8):
        time.now += 2
        held.leave(P0)
        held.try_enter(P1)
        held.leave(P1, 5.0)
        held.try_enter(P0)
    assert held.limit == 8


async def test_after_the_first_setback_the_limit_grows_by_steps() -> None:
    time = Time()
    held = admission(time, admission_start_calls=32)
    window(held, time, 1.2)
    before = held.limit
    window(held, time, 0.1)
    assert held.limit == before + 4


async def test_an_idle_service_keeps_its_limit() -> None:
    time = Time()
    held = admission(time)
    for _ in range(10):
        held.try_enter(P0)
        time.now += 2
        held.leave(P0, 0.002)
    assert held.limit == 8


class Served:
    """A service in virtual time: one processor, and commits that take all who wait together."""

    def __init__(self, processor_s: float, commit_s: float = 0.005) -> None:
        self.processor_s = processor_s
        self.commit_s = commit_s
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time
        self.held = Admission(Settings(), Metrics(), self.now)
        self.waits_s: list[float] = []
        self.refused_after_s: list[float] = []
        self._processor = asyncio.Lock()
        self._commits: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()
        self._lane = self._loop.create_task(self._commit())

    async def call(self) -> None:
        """One small Record; notes how long it took, or after how long it was refused."""
        since = self.now()
        try:
            await self.held.enter(P0, since + 5.0)
        except RateLimited:
            self.refused_after_s.append(self.now() - since)
            return
        began = self.now()
        async with self._processor:
            await asyncio.sleep(self.processor_s)
        committed = self._loop.create_future()
        self._commits.put_nowait(committed)
        await committed
        self.held.leave(P0, self.now() - began)
        self.waits_s.append(self.now() - since)

    async def callers(self, count: int, seconds: float) -> None:
        """So many callers, each of whom calls again as soon as it was answered."""
        until = self.now() + seconds

        async def keep_calling() -> None:
            while self.now() < until:
                await self.call()

        await asyncio.gather(*(keep_calling() for _ in range(count)))

    async def arrivals(self, per_second: float, seconds: float) -> None:
        """Calls that come whether or not the ones before were answered."""
        async with asyncio.TaskGroup() as calls:
            for _ in range(int(per_second * seconds)):
                calls.create_task(self.call())
                await asyncio.sleep(1 / per_second)

    async def _commit(self) -> None:
        while True:
            group = [await self._commits.get()]
            while not self._commits.empty():
                group.append(self._commits.get_nowait())
            await asyncio.sleep(self.commit_s)
            for committed in group:
                committed.set_result(None)


@pytest.mark.unmeasured  # thousands of calls, each as in the tests above
@pytest.mark.parametrize("processor_ms", [0.5, 2, 14])
def test_sixty_four_callers_of_a_service_that_keeps_up_are_never_refused(
    processor_ms: float,
) -> None:
    async def play() -> None:
        service = Served(processor_ms / 1_000)
        await service.callers(64, seconds=10)
        assert service.refused_after_s == []
        assert service.held.limit >= 64

    in_virtual_time(play())


@pytest.mark.unmeasured  # thousands of calls, each as in the tests above
def test_a_commit_that_takes_a_second_now_and_then_refuses_nobody() -> None:
    async def play() -> None:
        service = Served(0.002)

        async def stall() -> None:
            while True:
                await asyncio.sleep(4)
                service.commit_s = 1
                await asyncio.sleep(1)
                service.commit_s = 0.005

        stalling = asyncio.create_task(stall())
        await service.callers(64, seconds=20)
        stalling.cancel()
        assert service.refused_after_s == []

    in_virtual_time(play())


@pytest.mark.unmeasured  # thousands of calls, each as in the tests above
def test_twice_as_many_calls_as_can_be_served_leave_those_served_that_are_let_in() -> None:
    async def play() -> None:
        service = Served(0.002)
        await service.arrivals(1_000, seconds=10)
        served = len(service.waits_s)
        assert served >= 0.95 * 500 * 10
        assert max(service.waits_s[served // 2 :]) < 1.8
        # Early: who is refused knows it at once.
        assert max(service.refused_after_s) < 0.06
        assert len(service.refused_after_s) > 3_500

    in_virtual_time(play())


@pytest.mark.unmeasured  # thousands of calls, each as in the tests above
def test_a_service_that_becomes_slow_lets_fewer_in_until_it_is_well_again() -> None:
    async def play() -> None:
        service = Served(0.05)
        await service.arrivals(100, seconds=40)
        assert len(service.waits_s) >= 0.95 * 20 * 40
        # What was let in before it was known to be slow has been answered by now.
        assert max(service.waits_s[-200:]) < 1.8
        service.processor_s = 0.002
        await service.callers(64, seconds=5)
        service.refused_after_s.clear()
        await service.callers(64, seconds=10)
        assert service.refused_after_s == []

    in_virtual_time(play())
