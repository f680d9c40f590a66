"""Lanes: each has a queue and one writer, with at most one transaction under way (group commit).

    submit ──▶ queue ──▶ group ──▶ writer ──▶ durable ──▶ followers ──▶ answers
                           ▲         │ surely not written: pause, again
                           └─────────┤ perhaps written: find out (resolving.py)
                                     └ one of them is poison: each alone

While a group commits the next one gathers; nobody waits for a fuller one. A caller that gives up
stops waiting; its write goes on, for it may be done already.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import asyncpg

from journey_service.domain.errors import (
    Bug,
    JourneyError,
    OutcomeUnknown,
    RateLimited,
    StorageUnavailable,
    Unavailable,
)
from journey_service.failpoints import failpoint_async
from journey_service.settings import Settings
from journey_service.store.postgres.observer import Observer
from journey_service.store.postgres.pool import LOST, Pool, server_trouble
from journey_service.store.postgres.requests import Request, Stage
from journey_service.store.postgres.resolving import Doubt, resolve
from journey_service.store.postgres.writer import Durable, Writer, WrongGuess
from journey_service.store.postgres.writing import CONTENTION

Committed = Callable[[Durable], None]

_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.5
_MOST_VIOLATIONS = 2


class Lane:
    """One queue and its writer."""

    def __init__(
        self,
        number: int,
        writer: Writer,
        pool: Pool,
        settings: Settings,
        observer: Observer,
        committed: Committed,
    ) -> None:
        self.writer = writer
        self._number = number
        self._pool = pool
        self._settings = settings
        self._observer = observer
        self._committed = committed
        self._queue: deque[Request] = deque()
        self._interactions = 0
        self._bytes = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False
        self._one_at_a_time = asyncio.Lock()

    def submit(self, request: Request) -> None:
        """Queue a request; raises RateLimited when too much waits already."""
        if self._closed:
            raise StorageUnavailable("The store is closed; nothing was done.")
        settings = self._settings
        if self._queue and (
            self._interactions + request.interactions > settings.lane_queue_interactions
            or self._bytes + request.bytes > settings.lane_queue_bytes
        ):
            raise RateLimited("Too much waits to be written: repeat after the delay.")
        self._queue.append(request)
        self._interactions += request.interactions
        self._bytes += request.bytes
        self._wake.set()

    async def write_together(self, requests: Sequence[Request]) -> None:
        """Write requests that are `together` as one group, all or none, in their turn among such;
        of a lane that does this and nothing else."""
        async with self._one_at_a_time:
            if self._closed:
                _refuse(requests, StorageUnavailable("The store is closed; nothing was done."))
            await self._write([*requests])

    async def run(self) -> None:
        """Write groups until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._idle.clear()
            while group := self._take():
                await self._write(group)
            self._idle.set()

    async def close(self, grace_s: float) -> None:
        """Take nothing more, and finish what waits if that is possible in time."""
        self._closed = True
        try:
            async with asyncio.timeout(grace_s):
                while self._queue or not self._idle.is_set():
                    await self._idle.wait()
                    await asyncio.sleep(0)
                async with self._one_at_a_time:
                    pass
        except TimeoutError:
            pass
        for request in self._take():
            request.refuse(request.expired())

    def _take(self) -> list[Request]:
        group, self._queue = [*self._queue], deque()
        self._observer.queued(self._number, self._interactions)
        self._interactions = self._bytes = 0
        return _waiting(group)

    async def _write(self, group: list[Request]) -> None:
        """Write a group and answer all of it, whatever happens."""
        try:
            await self._settle(group)
        except Exception as error:  # noqa: BLE001  whatever it is, the lane goes on
            asyncio.get_running_loop().call_exception_handler(
                {"message": "writing a group of appends failed", "exception": error}
            )
            for request in group:
                request.refuse(request.expired())
        except BaseException:
            for request in group:
                request.refuse(request.expired())
            raise

    async def _settle(self, group: list[Request]) -> None:
        """Try until all of the group is answered: by its write, or by its deadlines."""
        partitions = sorted({request.partition for request in group})
        careful = any(request.careful for request in group) or not (
            self.writer.memory.may_guess(partitions)
        )
        violations, pause_s = 0, _FIRST_PAUSE_S
        while group := _waiting(group):
            for request in group:
                request.stage = Stage.SENT
            try:
                await self._finish(await self.writer.write(group, careful=careful))
                return
            except WrongGuess:
                self._observer.retried("guess")
            except Doubt as doubt:
                if await self._resolved(doubt, group):
                    return
            except (JourneyError, asyncpg.PostgresError, *LOST) as error:
                violations += isinstance(error, asyncpg.UniqueViolationError)
                if violations > _MOST_VIOLATIONS or _is_poison(error):
                    await self._each_alone(group, error)
                    return
                if self._gives_up(group, error):
                    return
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            careful = True

    def _gives_up(self, group: Sequence[Request], error: BaseException) -> bool:
        """The group was surely not written: tell it so now, or let it be tried again."""
        if isinstance(error, asyncio.CancelledError):
            raise error
        self._observer.retried("contention" if isinstance(error, CONTENTION) else "unavailable")
        if isinstance(error, JourneyError) and "settings" in error.metadata:
            # Weak durability is not over in a moment.
            _refuse(group, error)
            return True
        known = error if isinstance(error, Unavailable) else None
        for request in group:
            request.failed(known or StorageUnavailable(cause=type(error).__name__))
        return False

    async def _finish(self, durable: Durable) -> None:
        if durable.now_ms:
            await failpoint_async("append:after-commit")
            durable.draft.recorded_at(durable.now_ms)
            self._committed(durable)
            await failpoint_async("append:before-answer")
        for request, outcome in durable.draft.decided:
            if isinstance(outcome, JourneyError):
                request.refuse(outcome)
            else:
                request.answer(outcome)

    async def _resolved(self, doubt: Doubt, group: Sequence[Request]) -> bool:
        """Find out whether the group was written; True = all of it is answered."""
        found = await resolve(
            self._pool,
            doubt,
            limit_s=self._settings.resolve_unknown_ms / 1_000,
            waited_for=lambda: bool(_waiting(group)),
        )
        if found is None:
            self._observer.outcome_unknown("unresolved")
            _refuse(group, OutcomeUnknown())
            return True
        self._observer.outcome_unknown("committed" if found.committed else "absent")
        if found.committed:
            self.writer.remember(doubt.draft)
            await self._finish(Durable(doubt.draft, found.now_ms))
            return True
        for request in group:
            request.doubted = request.doubted or not found.fenced
            request.failed(StorageUnavailable())
        return False

    async def _each_alone(self, group: Sequence[Request], error: BaseException) -> None:
        """One of the group breaks its statement: find it, and spare the others."""
        self._observer.retried("poison")
        if len(group) > 1 and not group[0].together:
            for request in group:
                await self._settle([request])
            return
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a batch cannot be stored", "exception": error}
        )
        _refuse(group, Bug("The batch cannot be stored.", cause=type(error).__name__))


def _is_poison(error: BaseException) -> bool:
    """Whether the group itself makes the database refuse it."""
    if isinstance(error, CONTENTION) or not isinstance(error, asyncpg.PostgresError):
        return False
    return not server_trouble(error)


def _waiting(group: Sequence[Request]) -> list[Request]:
    return [request for request in group if not request.answered.done()]


def _refuse(group: Sequence[Request], error: JourneyError) -> None:
    for request in group:
        request.refuse(error)
