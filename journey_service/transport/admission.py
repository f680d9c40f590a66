"""Which calls may be under way. What cannot be served in time is refused early, by class.

P0 (a person waits) may use all places, P1 (queues that empty) and P2 (pages, openings) leave a
floor free for it, P3 (bulk) has places of its own. Streams hold a place only while they read.

The number of places follows how long people wait: fewer when that is longer than
`admission_slow_ms`, more when all are used and it is not. So it settles at what is served within
that time (Little's law), however fast the machine is. It is no ratio to the best of late: calls
that share one loop and one commit take longer the more there are of them, and serve just as many.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from math import inf
from typing import NamedTuple

from journey.v1.access_pb2 import (
    LOAD_CLASS_BULK,
    LOAD_CLASS_FLUSH,
    LOAD_CLASS_INTERACTIVE,
    LOAD_CLASS_STREAM,
)
from journey_service.domain.errors import ExpiredInQueue, RateLimited
from journey_service.observability import Metrics
from journey_service.settings import Settings

NAMES: dict[int, str] = {
    LOAD_CLASS_INTERACTIVE: "interactive",
    LOAD_CLASS_FLUSH: "flush",
    LOAD_CLASS_STREAM: "stream",
    LOAD_CLASS_BULK: "bulk",
}
SHARED = (LOAD_CLASS_INTERACTIVE, LOAD_CLASS_FLUSH, LOAD_CLASS_STREAM)
WINDOW_S = 0.1
BACK_OFF = 0.8
STEP = 4


class _Waiter(NamedTuple):
    since: float
    deadline: float
    turn: asyncio.Future[None]


class Admission:
    """The places of one process. All methods are called on its event loop."""

    def __init__(
        self, settings: Settings, metrics: Metrics, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._now = now
        self._in_flight = [0] * (max(NAMES) + 1)
        self._shared = 0
        self.waiting = 0
        self._limit = settings.admission_start_calls
        self._queues: dict[int, deque[_Waiter]] = {load: deque() for load in NAMES}
        self._wait_s = dict.fromkeys(NAMES, settings.admission_flush_wait_ms / 1_000)
        self._wait_s[LOAD_CLASS_INTERACTIVE] = settings.admission_wait_ms / 1_000
        self._wait_s[LOAD_CLASS_BULK] = 0.0
        self._pace = _Pace(self._now())
        self._slow_s = settings.admission_slow_ms / 1_000
        self._lag_s = 0.0
        for load, name in NAMES.items():
            metrics.in_flight.labels(name).set_function(partial(self._in_flight.__getitem__, load))
            metrics.queued.labels(name).set_function(partial(len, self._queues[load]))
        metrics.limit.set_function(lambda: self._limit)

    @property
    def limit(self) -> int:
        """How many calls of P0 to P2 may be under way now."""
        return self._limit

    def try_enter(self, load: int) -> bool:
        """Take a place if one is free. Who gets True leaves."""
        if not self._has_room(load):
            self._pace.full = True
            return False
        self._in_flight[load] += 1
        if load != LOAD_CLASS_BULK:
            self._shared += 1
            self._pace.most = max(self._pace.most, self._shared)
        return True

    async def enter(self, load: int, deadline: float, *, patient: bool = False) -> None:
        """Wait for a place; who returns from here leaves. `deadline`: loop time.

        Raises RateLimited when the wait would be too long, ExpiredInQueue when the caller does
        not wait that long. `patient` waits for ever: for streams that are open already.
        """
        if self.try_enter(load):
            return
        queue = self._queues[load]
        if not patient and (
            not self._wait_s[load] or len(queue) >= self._settings.admission_queue_calls
        ):
            raise self._shed(load)
        until = inf if patient else deadline
        waiter = _Waiter(self._now(), until, asyncio.get_running_loop().create_future())
        queue.append(waiter)
        self.waiting += 1
        try:
            async with asyncio.timeout(None if patient else self._wait_s[load]):
                await waiter.turn
        except TimeoutError:
            if not _granted(waiter):
                raise self._shed(load) from None
        except asyncio.CancelledError:
            if _granted(waiter):
                self.leave(load)
            raise
        finally:
            self.waiting -= 1
            if waiter in queue:
                queue.remove(waiter)

    def leave(self, load: int, seconds: float | None = None) -> None:
        """Give a place back. `seconds`: how long the work took, where that tells of the load."""
        self._in_flight[load] -= 1
        self._shared -= load != LOAD_CLASS_BULK
        # Larger calls take as long as they are large; lanes and pools bound those.
        if seconds is not None and load == LOAD_CLASS_INTERACTIVE:
            self._pace.add(seconds)
            # What a change does is seen when the calls that it let in have ended.
            if self._now() - self._pace.began >= max(WINDOW_S, self._pace.typical_s):
                self._adapt(slow=self._pace.mean_s() + self._lag_s > self._slow_s)
        if self.waiting:
            for other in NAMES:
                self._grant(other)

    def late(self, lag_s: float) -> None:
        """The event loop is late by so much: every call waited for that before it began."""
        self._lag_s = lag_s
        if lag_s > self._slow_s:
            self._adapt(slow=True)

    def _has_room(self, load: int) -> bool:
        floor = self._settings.admission_floor_calls
        if load == LOAD_CLASS_INTERACTIVE:
            return self._shared < self._limit or self._in_flight[load] < floor
        if load == LOAD_CLASS_BULK:
            return self._in_flight[load] < self._settings.admission_bulk_calls
        return self._shared < max(1, self._limit - floor)

    def _grant(self, load: int) -> None:
        """Let waiters in while there is room; the newest first when the oldest is late."""
        queue = self._queues[load]
        while queue and self._has_room(load):
            late = self._now() - queue[0].since > self._wait_s[load] / 2 > 0
            waiter = queue.pop() if late else queue.popleft()
            if waiter.turn.done():
                continue
            if waiter.deadline - self._now() < self._pace.typical_s:
                self._metrics.shed.labels(NAMES[load], "EXPIRED_IN_QUEUE").inc()
                waiter.turn.set_exception(ExpiredInQueue())
                continue
            self.try_enter(load)
            waiter.turn.set_result(None)

    def _adapt(self, *, slow: bool) -> None:
        """Fewer places when it is slow with most of them used; back to the start when it is not."""
        settings, pace = self._settings, self._pace
        if slow:
            pace.doubling = False
            if pace.most * 2 > self._limit:
                self._limit = max(settings.admission_floor_calls, int(self._limit * BACK_OFF))
        elif pace.full or self._limit < settings.admission_start_calls:
            step = self._limit if pace.doubling else STEP
            self._limit = min(settings.admission_ceiling_calls, self._limit + step)
        pace.begin(self._now(), self._shared)

    def _shed(self, load: int) -> RateLimited:
        self._metrics.shed.labels(NAMES[load], "RATE_LIMITED").inc()
        return RateLimited("The service is busy: repeat after the delay.")


class _Pace:
    """How long calls take and how many are under way, by windows."""

    def __init__(self, now: float) -> None:
        self.typical_s = 0.0
        self.doubling = True
        self.begin(now, 0)

    def begin(self, now: float, in_flight: int) -> None:
        self.began = now
        self.full = False
        self.most = in_flight
        self._sum_s = 0.0
        self._count = 0

    def add(self, seconds: float) -> None:
        self._sum_s += seconds
        self._count += 1

    def mean_s(self) -> float:
        """The mean of the window; moves what is typical."""
        mean_s = self._sum_s / self._count
        self.typical_s = mean_s if not self.typical_s else (self.typical_s + mean_s) / 2
        return mean_s


def _granted(waiter: _Waiter) -> bool:
    turn = waiter.turn
    return turn.done() and not turn.cancelled() and turn.exception() is None
