"""CLK-1: the service's wall clock is wrong, jumps, runs fast, and differs between processes."""

import asyncio
import sys
import time

import asyncpg

from tests.battery.final import Follower, read_in_the_end
from tests.battery.run import Run
from tests.battery.service import Service
from tests.battery.writers import Writing
from tests.faults.clocks import SEEN_AFTER_S, WrongClock

# What each round's clocks say at first, and to what they jump under load.
ROUNDS = (
    ("+1d", "+1d"),
    ("-1d", "-1d"),
    ("+0", "-3600"),
    ("+0 x2", "+0 x2"),
)
APART = ("+45", "-45")
BATCHES = 60
_SLACK_MS = 5_000


async def wrong_clocks(run: Run) -> None:
    """A database that keeps true time, and services that do not; every restart turns the clock."""
    began_ms = time.time_ns() // 1_000_000
    service, other = run.service("one"), run.service("other")
    await service.start()
    keeper = await _keep_database(run)
    await service.stop()
    writing = Writing(run, service.address)
    elsewhere = Writing(run, other.address)
    follower = Follower(run.recorder, service.address, run.access, "follower")
    writers = [
        writing.device("device-1", "ada"),
        writing.device("device-2", "ada"),
        writing.back_end("back-end-1", ["shared-1", "shared-2"]),
        writing.careful("careful-1", "shared-1"),
        writing.streaming("stream-1", "shared-2"),
        elsewhere.device("device-3", "ada"),
        elsewhere.back_end("back-end-2", ["shared-1", "shared-2"]),
        elsewhere.careful("careful-2", "shared-1"),
        follower.follow(writing.stopped),
    ]
    clocks = [WrongClock(run.folder / f"clock-{name}", "+0") for name in ("one", "other")]
    try:
        async with run.load(writers):
            for number in range(run.size):
                before, after = ROUNDS[number % len(ROUNDS)]
                await _round(run, service, clocks[0], before, after, writing)
            await _apart(run, (service, other), clocks, (writing, elsewhere))
            writing.stop()
            elsewhere.stop()
        await read_in_the_end(run.recorder, service.address, run.access)
        await _look_at_times(run, began_ms)
    finally:
        await service.stop()
        await other.stop()
        keeper.terminate()
        await keeper.wait()


async def _round(
    run: Run, service: Service, clock: WrongClock, before: str, after: str, writing: Writing
) -> None:
    clock.set(before)
    await service.start(environment=clock.environment)
    run.recorder.fault(f"clock {before}", service.name)
    await writing.more(BATCHES)
    if after != before:
        clock.set(after)
        run.recorder.fault(f"clock jumps to {after}", service.name)
        await asyncio.sleep(SEEN_AFTER_S)
        await writing.more(BATCHES)
    await service.kill()


async def _apart(
    run: Run,
    services: tuple[Service, Service],
    clocks: list[WrongClock],
    writings: tuple[Writing, Writing],
) -> None:
    """Two processes 90 s apart write to the same streams."""
    for service, clock, offset in zip(services, clocks, APART, strict=True):
        clock.set(offset)
        await service.start(environment=clock.environment)
        run.recorder.fault(f"clock {offset}", service.name)
    await asyncio.gather(*(writing.more(BATCHES * 2) for writing in writings))


async def _keep_database(run: Run) -> asyncio.subprocess.Process:
    """A process with a true clock that shares the database and so keeps it for the others."""
    with (run.folder / "keeper.log").open("wb") as log:
        keeper = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "journey_service.embedded",
            str(run.data_dir),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert keeper.stdout is not None
    await asyncio.wait_for(keeper.stdout.readline(), 30)
    return keeper


async def _look_at_times(run: Run, began_ms: int) -> None:
    """Stamps come from the database's clock, so all lie between the run's begin and now."""
    connection = await asyncpg.connect(run.access.dsn())
    try:
        row = await connection.fetchrow(
            "SELECT min(recorded_at_ms) AS first_recorded, max(recorded_at_ms) AS last_recorded,"
            " min(occurred_ms) AS first_occurred, max(occurred_ms) AS last_occurred FROM events"
        )
    finally:
        await connection.close()
    assert row is not None
    earliest, latest = began_ms - _SLACK_MS, time.time_ns() // 1_000_000 + _SLACK_MS
    for name, value in row.items():
        run.expect(earliest <= value <= latest, f"{name} is {value}, not in {earliest} to {latest}")
