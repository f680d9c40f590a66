"""SUB-4: everything that consumers can say, parked events replayed beyond the window, a kill; and
windows whose events are all erased.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from journey_client import Client, Delivery
from tests.battery.client import Batch
from tests.battery.consumers import Consumer, at_rest, connect, make_group, observed
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.rows.erased_window import erased_window
from tests.battery.run import Run
from tests.battery.service import Service

GROUP = "billing"
SUBJECTS = 100
TOGETHER = 50
# What a partition of the group keeps in memory; more is parked, and replayed.
WINDOW = 16
# Parked events that are dropped; the others are delivered once more.
DROPPED = 3
ENVIRONMENT = {"JOURNEY_GROUP_WINDOW_EVENTS": str(WINDOW)}
# Of a hundred deliveries so many end in each way.
WAYS = {"ack": 82, "skip": 4, "retry": 8, "park": 4, "fail": 1, "cancel": 1}


async def settlements(run: Run) -> None:
    """`size` events, settled in every way; the service is killed meanwhile."""
    service = run.service()
    await service.start(environment=ENVIRONMENT)
    await _write(run, service.address)
    stopped = asyncio.Event()
    async with connect(service.address, run.access) as client:
        await make_group(run.recorder, client, GROUP)
        drawn = _drawn(run)
        consumers = [
            Consumer(run.recorder, client, GROUP, f"worker-{n}", drawn, credits=200, lanes=20)
            for n in range(2)
        ]
        async with observed(run.recorder, run.access, GROUP), asyncio.TaskGroup() as tasks:
            working = [tasks.create_task(one.consume(stopped)) for one in consumers]
            await _restart(run, service, consumers)
            parked = await at_rest(run.recorder, run.access, client, GROUP)
            run.expect(parked > WINDOW + DROPPED, f"only {parked} events were parked")
            await _use_parked(run, client, consumers)
            await at_rest(run.recorder, run.access, client, GROUP)
            stopped.set()
            await asyncio.wait(working)
    run.figure("deliveries", f"{sum(one.taken for one in consumers):,}")
    run.figure("parked once", f"{parked:,}")
    await read_in_the_end(run.recorder, service.address, run.access)
    await erased_window(run, service)


async def _write(run: Run, address: str) -> None:
    """The events, in large batches of a hundred subjects in turn."""
    writers = [run.client(f"writer-{n}", address, run.access.back_end()) for n in range(4)]
    subjects = itertools.cycle(f"subject-{number}" for number in range(SUBJECTS))
    batches = [
        Batch(next(subjects), [line_added(run.draw) for _ in range(TOGETHER)])
        for _ in range(run.size // TOGETHER)
    ]

    async def write(place: int) -> None:
        for batch in batches[place :: len(writers)]:
            run.expect((await writers[place].settle(batch)).ok, "a write was refused")

    async with asyncio.TaskGroup() as tasks:
        for place in range(len(writers)):
            tasks.create_task(write(place))


def _drawn(run: Run) -> Callable[[Delivery], Awaitable[str]]:
    """Every way in turn, drawn; what is delivered once more from parked succeeds."""
    ways, weights = [*WAYS], [*WAYS.values()]

    async def how(delivery: Delivery) -> str:
        if delivery.replayed:
            return "ack"
        return run.draw.choices(ways, weights)[0]

    return how


async def _restart(run: Run, service: Service, consumers: list[Consumer]) -> None:
    """Killed when an eighth is delivered; later each subject may wait behind a parked event."""
    async with asyncio.timeout(60):
        while sum(one.taken for one in consumers) < run.size // 8:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await service.kill()
    run.recorder.fault("killed", "service")
    await service.start(environment=ENVIRONMENT)


async def _use_parked(run: Run, client: Client, consumers: list[Consumer]) -> None:
    """Some of the parked are dropped, all others delivered once more, more than fit at once."""
    page = await client.parked_page(GROUP, page_size=DROPPED)
    dropped = [each.parked_id for each in page.parked]
    counted = await client.discard_parked(GROUP, parked_ids=dropped, reason="a trial", dry_run=True)
    done = await client.discard_parked(GROUP, parked_ids=dropped, reason="dropped by the battery")
    run.expect((counted.matched, done.discarded) == (DROPPED, DROPPED), f"dropped {done.discarded}")
    places = [[each.event.partition, each.event.position] for each in page.parked]
    run.recorder.group("discarded", GROUP, events=places)
    before = sum(one.taken for one in consumers)
    replayed = (await client.replay_parked(GROUP, limit=10_000)).replayed
    run.expect(replayed > WINDOW, f"only {replayed} events were replayed")
    async with asyncio.timeout(60):
        while sum(one.taken for one in consumers) < before + replayed:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
