"""SUB-1: appends that roll back, transactions that nobody ends, and readers that wait for none."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from journey.v1.reading_pb2 import EventFilter
from tests.battery.client import Batch, Client
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.battery.subscriber import Subscriber, is_level, tokens_of

WRITERS = 4
SUBJECTS = 24
# Appends of the calm part, with which those of the other are compared.
CALM = 150
LEVEL_S = 20.0
ADDED_S = 0.25
# How long the transactions idle that nobody ends.
IDLE_S = {"ci": 60, "long": 3_600}
NOW_AND_THEN_S = 0.5
_AT_A_TIME = 100


async def rolled_back(run: Run) -> None:
    """Readers follow four writers: first in peace, then beside `size` appends rolled back, an
    idle transaction that wrote, and one that holds every table as a dump does, both for long."""
    service = run.service()
    await service.start()
    tokens = await tokens_of(run.access)
    whole = Subscriber(run, "whole", service.address, tokens)
    accepted = Subscriber(run, "accepted", service.address, tokens, wanted=EventFilter())
    stopped, writing = asyncio.Event(), _Writing(run, service.address)
    async with asyncio.TaskGroup() as tasks:
        for subscriber in (whole, accepted):
            tasks.create_task(subscriber.follow(stopped))
        await writing.until(CALM, writing.acknowledged)
        async with idle_transactions(run):
            ends_at = time.monotonic() + IDLE_S[run.mode]
            # One that is new, and comes while others write, sees the same.
            late = Subscriber(run, "late", service.address, tokens)
            tasks.create_task(late.follow(stopped))
            troubled = asyncio.create_task(_roll_back(run, run.size))
            await writing.until(CALM, writing.troubled, troubled)
            await troubled
            await writing.now_and_then(ends_at, writing.late)
        for subscriber in (whole, accepted, late):
            level = await is_level(run, subscriber, LEVEL_S)
            run.expect(level, f"{subscriber.name} is not level: it stalls or skips")
        stopped.set()
    calm, troubled_s, late_s = (
        _ninth_decile(whole, acknowledged)
        for acknowledged in (writing.acknowledged, writing.troubled, writing.late)
    )
    run.figure("delivered after", f"{calm * 1e3:.0f} ms in peace, {troubled_s * 1e3:.0f} beside")
    run.figure("beside what idles for long", f"{late_s * 1e3:.0f} ms")
    for what, slow_s in (("rollbacks", troubled_s), ("what idles", late_s)):
        slow = f"delivered after {slow_s:.3f} s beside {what}, {calm:.3f} s in peace"
        run.expect(slow_s <= calm + ADDED_S, slow)
    await read_in_the_end(run.recorder, service.address, run.access)


def _ninth_decile(subscriber: Subscriber, acknowledged: dict[str, float]) -> float:
    """Seconds from the acknowledgement to the reader, nine tenths of them."""
    waits = [max(0.0, subscriber.came[one] - at) for one, at in acknowledged.items()]
    return statistics.quantiles(waits, n=10)[-1]


class _Writing:
    """Writers, and when each event was acknowledged, in seconds of the monotonic clock."""

    def __init__(self, run: Run, address: str) -> None:
        self._run = run
        self._clients = [
            run.client(f"writer-{number}", address, run.access.back_end(f"writer-{number}"))
            for number in range(WRITERS)
        ]
        self.acknowledged: dict[str, float] = {}
        self.troubled: dict[str, float] = {}
        self.late: dict[str, float] = {}

    async def until(
        self, count: int, into: dict[str, float], beside: asyncio.Task[None] | None = None
    ) -> None:
        """Write so many events at least, and as long as something goes on beside."""
        async with asyncio.TaskGroup() as tasks:
            for client in self._clients:
                tasks.create_task(self._write(client, count, into, beside))

    async def now_and_then(self, ends_at: float, into: dict[str, float]) -> None:
        """Write few events, as others want the machine, until a time of the monotonic clock."""
        while time.monotonic() < ends_at and not self._run.is_over:
            await self._write(self._clients[0], len(into) + 1, into, None)
            await asyncio.sleep(NOW_AND_THEN_S)

    async def _write(
        self,
        client: Client,
        count: int,
        into: dict[str, float],
        beside: asyncio.Task[None] | None,
    ) -> None:
        draw = self._run.draw
        while len(into) < count or (beside is not None and not beside.done()):
            batch = Batch(f"subject-{draw.randrange(SUBJECTS)}", [line_added(draw)])
            if draw.random() < 0.1:
                # Refused by the service itself, after it took the places.
                batch.expected_version = 10**6
            end = await client.settle(batch)
            run_expects = end.ok or end.reason == "VERSION_CONFLICT"
            self._run.expect(run_expects, f"a write was refused: {end.code} {end.reason}")
            if end.ok:
                into[batch.interactions[0].event_id] = time.monotonic()
            await asyncio.sleep(0.01)


@asynccontextmanager
async def idle_transactions(run: Run) -> AsyncIterator[None]:
    """One that wrote and never ends, one that read and keeps its view, as a dump does."""
    wrote = await asyncpg.connect(run.access.dsn("owner"))
    dumping = await asyncpg.connect(run.access.dsn("owner"))
    try:
        with run.recorder.during("idle transactions"):
            await wrote.execute("BEGIN; CREATE TABLE forgotten (); SELECT pg_current_xact_id()")
            await dumping.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            await dumping.execute("LOCK TABLE events, partitions, subjects IN ACCESS SHARE MODE")
            await dumping.fetchval("SELECT count(*) FROM events")
            yield
    finally:
        for connection in (wrote, dumping):
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.execute("ROLLBACK")
            await connection.close()


async def _roll_back(run: Run, count: int) -> None:
    """1, then 100, then the rest in a row: take places as an append does, and give them back."""
    connection = await asyncpg.connect(run.access.dsn("application"))
    try:
        done = 0
        while done < count:
            burst = min({0: 1, 1: _AT_A_TIME}.get(done, count - done), count - done)
            for _ in range(burst):
                partition = run.draw.randrange(64)
                transaction = connection.transaction()
                await transaction.start()
                await connection.execute(
                    "UPDATE partitions SET head = head + 3 WHERE partition = $1", partition
                )
                await transaction.rollback()
            done += burst
            run.recorder.fault("rolled back", str(burst))
    finally:
        await connection.close()
