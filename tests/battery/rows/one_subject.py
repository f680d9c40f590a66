"""CON-1: sixteen writers on one stream, with and without conditions."""

import asyncio
import time

from tests.battery.client import Batch, Client, End
from tests.battery.content import line_added
from tests.battery.final import Follower, read_in_the_end
from tests.battery.run import Run

WRITERS = 16
RACES_OF = 5  # so many appends to one race
RACING = (2, 2, 3, 4, WRITERS)  # few race more often than all of them
SUBJECT = "ada"


async def one_subject(run: Run) -> None:
    """First everybody appends, then everybody races for the same version, again and again."""
    service = run.service()
    await service.start()
    clients = [
        run.client(f"writer-{number}", service.address, run.access.back_end())
        for number in range(WRITERS)
    ]
    stopped = asyncio.Event()
    follower = Follower(run.recorder, service.address, run.access, "follower")
    async with run.load([follower.follow(stopped)]):
        began = time.monotonic()
        await asyncio.gather(*(_append(run, client, run.size // WRITERS + 1) for client in clients))
        run.figure("appends", f"{run.size / (time.monotonic() - began):,.0f}/s")
        began = time.monotonic()
        races = await _race(run, clients, run.size // RACES_OF)
        run.figure("races", f"{races:,}, {races / (time.monotonic() - began):,.0f}/s")
        stopped.set()
    await read_in_the_end(run.recorder, service.address, run.access)


async def _append(run: Run, client: Client, count: int) -> None:
    for _ in range(count):
        end = await client.settle(Batch(SUBJECT, [line_added(run.draw)]))
        run.expect(end.ok, f"an append was refused: {end.code} {end.reason}")
        if run.is_over:
            return


async def _race(run: Run, clients: list[Client], races: int) -> int:
    """Start together at one version. One wins, the others are told the head and nothing else."""
    first = await clients[0].settle(Batch(SUBJECT, [line_added(run.draw)]))
    assert first.response is not None
    head = first.response.results[0].version
    for race in range(races):
        racing = run.draw.sample(clients, run.draw.choice(RACING))
        batches = [Batch(SUBJECT, [line_added(run.draw)], expected_version=head) for _ in racing]
        ends = await asyncio.gather(*map(_try, racing, batches))
        run.expect(
            sum(end.ok for end in ends) == 1,
            f"race {race} at version {head} has {sum(end.ok for end in ends)} winners",
        )
        for end in ends:
            lost = end.reason == "VERSION_CONFLICT" and end.code == "ABORTED"
            run.expect(
                end.ok or (lost and end.head == head + 1),
                f"race {race} at version {head}: {end.code} {end.reason}, head {end.head}",
            )
        head += 1
        if run.is_over:
            return race + 1
    return races


async def _try(client: Client, batch: Batch) -> End:
    return await client.settle(batch)
