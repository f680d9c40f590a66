"""SUB-6: events that nobody can handle, consumers that fail in every way, a parking that fails."""

import asyncio
from collections import Counter

import asyncpg

from journey_client import Client, Delivery
from tests.battery.client import Batch
from tests.battery.consumers import Consumer, at_rest, connect, make_group, observed
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.follower import until
from tests.battery.run import Run

GROUP = "billing"
ATTEMPTS = 4
FAILURES = ("fail", "cancel", "retry")
POISON = "poison"
LOUD_S = 20.0
# While this holds no event can be parked.
_FORBID = "ALTER TABLE deliveries ADD CONSTRAINT nothing_is_parked CHECK (standing <> 5) NOT VALID"
_ALLOW = "ALTER TABLE deliveries DROP CONSTRAINT nothing_is_parked"


async def poison(run: Run) -> None:
    """`size` poisoned subjects among as many sound ones, each with a few events."""
    service = run.service()
    await service.start()
    stopped = asyncio.Event()
    failures = Counter[str]()

    async def how(delivery: Delivery) -> str:
        event = delivery.event
        if not event.subject_id.startswith(POISON) or event.version > 1 or delivery.replayed:
            return "ack"
        way = run.draw.choice(FAILURES)
        failures[way] += 1
        return way

    async with connect(service.address, run.access) as client:
        await make_group(run.recorder, client, GROUP, max_attempts=ATTEMPTS)
        await _write(run, service.address)
        consumers = [Consumer(run.recorder, client, GROUP, f"worker-{n}", how) for n in range(2)]
        async with observed(run.recorder, run.access, GROUP), asyncio.TaskGroup() as tasks:
            await _change(run, _FORBID)
            run.recorder.fault("parking fails", "database")
            working = [tasks.create_task(one.consume(stopped)) for one in consumers]
            loud = await until(lambda: "event cannot be parked" in service.told(20_000), LOUD_S)
            run.expect(loud, "a parking failed in silence")
            kept = (await client.group(GROUP)).stats.parked
            run.expect(kept == 0, f"{kept} events are parked, which cannot be stored")
            await _change(run, _ALLOW)
            await at_rest(run.recorder, run.access, client, GROUP)
            await _look_at_parked(run, client)
            stopped.set()
            await asyncio.wait(working)
    run.figure("failures", ", ".join(f"{count} {way}" for way, count in failures.items()))
    run.expect(set(failures) == {*FAILURES}, f"consumers failed as {set(failures)} alone")
    await read_in_the_end(run.recorder, service.address, run.access)


async def _write(run: Run, address: str) -> None:
    writer = run.client("writer", address, run.access.back_end())
    for number in range(run.size):
        for subject in (f"{POISON}-{number}", f"sound-{number}"):
            batch = Batch(subject, [line_added(run.draw) for _ in range(3)])
            run.expect((await writer.settle(batch)).ok, "a write was refused")


async def _look_at_parked(run: Run, client: Client) -> None:
    """Each poisoned event is there with its cause, after all its attempts; its subject waits."""
    parked = [each async for each in client.parked(GROUP)]
    names = {each.event.subject_id for each in parked}
    expected = {f"{POISON}-{number}" for number in range(run.size)}
    run.expect(names == expected, f"{len(names)} of {len(expected)} subjects are parked")
    for each in parked:
        run.expect(each.attempts == ATTEMPTS, f"parked after {each.attempts} attempts")
        run.expect(each.reason, f"parked without a reason: {each.parked_id}")
        run.expect(each.held == 2, f"{each.held} events wait behind {each.parked_id}")


async def _change(run: Run, statement: str) -> None:
    """Change the database as its owner."""
    connection = await asyncpg.connect(run.access.dsn("owner"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
