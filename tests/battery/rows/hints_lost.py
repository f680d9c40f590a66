"""SUB-8: hints killed, swallowed in silence or switched off: readers catch up by polling."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.battery.client import Batch, Client
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.follower import until
from tests.battery.run import Run
from tests.battery.subscriber import Subscriber, is_level, tokens_of
from tests.faults.processes import Victim

SUBJECTS = 24
LEVEL_S = 10.0
# Heads are polled once a second when all is quiet; the rest is what a busy machine takes.
ADDED_S = 1.0
SPARE_S = 0.5
# After so long without news heads are looked at seldom again.
QUIET_S = 1.1
_LISTENING = "SELECT pid FROM pg_stat_activity WHERE application_name = 'journey hints'"


async def hints_lost(run: Run) -> None:
    """Written at one process, read at another; before each write the hints are lost in one way."""
    one, two = run.service("one"), run.service("two")
    await one.start()
    await two.start()
    subscriber = Subscriber(run, "elsewhere", two.address, await tokens_of(run.access))
    stopped = asyncio.Event()
    waits: dict[str, list[float]] = {}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(subscriber.follow(stopped))
        await subscriber.caught_up.wait()
        client = run.client("writer", one.address, run.access.back_end("writer"))
        for turn in range(run.size):
            if turn == run.size // 2:
                # From here on hardly any hint is sent at all.
                await one.kill()
                await one.start(environment={"JOURNEY_HINT_INTERVAL_MS": "3600000"})
                run.recorder.fault("hints switched off")
                await _delay(run, client, subscriber)  # the one hint that is sent
                await asyncio.sleep(QUIET_S)
                found = await _delay(run, client, subscriber)
                waits.setdefault("switched off", []).append(found)
            how = ("killed", "swallowed")[turn % 2]
            async with _lost(run, how):
                if turn < 2 or run.mode == "long":
                    await asyncio.sleep(QUIET_S)
                waits.setdefault(how, []).append(await _delay(run, client, subscriber))
        run.expect(await is_level(run, subscriber, LEVEL_S), "the reader is not level")
        stopped.set()
    for how, seconds in waits.items():
        run.figure(how, f"{max(seconds):.2f} s at most")
        in_time = max(seconds) <= ADDED_S + SPARE_S
        run.expect(in_time, f"hints {how}: an event came after {max(seconds):.2f} s")
    await read_in_the_end(run.recorder, one.address, run.access)


async def _delay(run: Run, client: Client, subscriber: Subscriber) -> float:
    """Seconds from an acknowledgement to the reader at the other process."""
    batch = Batch(f"subject-{run.draw.randrange(SUBJECTS)}", [line_added(run.draw)])
    end = await client.settle(batch)
    acknowledged = time.monotonic()
    run.expect(end.ok, f"a write was refused: {end.code} {end.reason}")
    event_id = batch.interactions[0].event_id
    await until(lambda: event_id in subscriber.came, LEVEL_S)
    return max(0.0, subscriber.came.get(event_id, time.monotonic()) - acknowledged)


@asynccontextmanager
async def _lost(run: Run, how: str) -> AsyncIterator[None]:
    """No hint arrives: the server's ends of the connections are killed, or stand still."""
    backends = [Victim.of(pid) for pid in await _listening(run)]
    victims = [victim for victim in backends if victim is not None]
    run.expect(victims, "nobody listens to hints")
    run.recorder.fault(f"hints {how}", str(len(victims)))
    if how == "killed":
        await _end_backends(run, [victim.pid for victim in victims])
        yield
        return
    for victim in victims:
        victim.pause()
    try:
        yield
    finally:
        for victim in victims:
            victim.go_on()


async def _listening(run: Run) -> list[int]:
    connection = await asyncpg.connect(run.access.dsn("application"))
    try:
        while not (found := await connection.fetch(_LISTENING)):  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.05)
        return [row["pid"] for row in found]
    finally:
        await connection.close()


async def _end_backends(run: Run, pids: list[int]) -> None:
    """A backend that gets SIGKILL takes the whole server with it; this ends it alone."""
    connection = await asyncpg.connect(run.access.dsn("application"))
    try:
        for pid in pids:
            await connection.execute("SELECT pg_terminate_backend($1)", pid)
    finally:
        await connection.close()
