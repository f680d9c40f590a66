"""SUB-5: a consumer stands still beyond its leases, another takes over, the first goes on."""

import asyncio
import time

from tests.battery.client import Batch
from tests.battery.consumers import (
    LANES,
    Consumer,
    Process,
    at_rest,
    connect,
    make_group,
    observed,
)
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.faults.processes import paused
from tests.history.groups import GroupHistory
from tests.history.history import load

GROUP = "billing"
LEASE_MS = 600
# Bodies of the paused one end before half their lease is over, so that they settle and not extend.
HOLD_MS = 200
# Its stream is given up and its partitions go to others within this, too.
ENVIRONMENT = {"JOURNEY_GROUP_LEASE_LEAST_MS": "100", "JOURNEY_GROUP_CONSUMER_LIFE_MS": "1000"}


async def consumer_paused(run: Run) -> None:
    """`size` deliveries are settled too late, ten in each pause."""
    service = run.service()
    await service.start(environment=ENVIRONMENT)
    async with connect(service.address, run.access) as client:
        await make_group(run.recorder, client, GROUP, lease_ms=LEASE_MS)
        async with observed(run.recorder, run.access, GROUP):
            late = 0
            pauses: list[tuple[str, int, int]] = []
            while late < run.size and not run.is_over:
                pauses.append(await _pause(run, service.address, len(pauses)))
                late = sum(len(_late(run, *each)) for each in pauses)
                run.expect(len(pauses) <= run.size, "too few deliveries were in hand")
                if len(pauses) > run.size:
                    break
            await at_rest(run.recorder, run.access, client, GROUP)
    group = load(run.history).groups[GROUP]
    answers = [group.answers.get(each) for pause in pauses for each in _late(run, *pause)]
    refused = sum(answer == "LEASE_LOST" for answer in answers)
    run.figure("late settlements refused", f"{refused} of {len(answers)}")
    run.expect(refused == len(answers), f"late settlements were answered {set(answers)}")
    await read_in_the_end(run.recorder, service.address, run.access)


async def _pause(run: Run, address: str, number: int) -> tuple[str, int, int]:
    """One pause: who stood still, from when to when. Another gets what it had in the meantime."""
    name, token = f"paused-{number}", run.access.back_end().removeprefix("Bearer ")
    writer = run.client(f"writer-{number}", address, run.access.back_end())
    for subject in range(LANES):
        batch = Batch(f"subject-{number}-{subject}", [line_added(run.draw)])
        run.expect((await writer.settle(batch)).ok, "a write was refused")
    still = Process(run.history, address, token, GROUP, name, hold_ms=HOLD_MS)
    try:
        await still.takes(LANES)
        began = time.monotonic_ns()
        run.recorder.fault("paused", name)
        with paused(still.victim):
            await _take_over(run, address, number)
            ended = time.monotonic_ns()
        # It says now what it had to say, and hears that it is too late.
        await asyncio.sleep(HOLD_MS / 1_000)
        return name, began, ended
    finally:
        still.kill()


async def _take_over(run: Run, address: str, number: int) -> None:
    """A second consumer settles everything while the first stands still."""
    stopped = asyncio.Event()
    async with connect(address, run.access) as client:
        other = Consumer(run.recorder, client, GROUP, f"other-{number}")
        consuming = asyncio.create_task(other.consume(stopped))
        async with asyncio.timeout(20):
            while (await client.group(GROUP)).stats.backlog:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.02)
        stopped.set()
        await consuming


def _late(run: Run, name: str, began: int, ended: int) -> list[str]:
    """Deliveries that a consumer got before it stood still, and settled when it went on."""
    group: GroupHistory = load(run.history).groups[GROUP]
    got = [one.delivery_id for one in group.given if one.consumer == name and one.t <= began]
    return [each for each in got if any(said.t >= ended for said in group.said.get(each, ()))]
