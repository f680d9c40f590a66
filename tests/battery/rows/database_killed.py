"""DUR-2: PostgreSQL is killed under load: in part, whole, with the service, while it recovers."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.battery.database import client_backends, kill_whole, server_of, servers_at
from tests.battery.final import Follower, read_in_the_end
from tests.battery.measures import Outages
from tests.battery.rows.service_killed import eight
from tests.battery.run import Run
from tests.battery.service import Service
from tests.battery.writers import Writing
from tests.faults.processes import Victim

_BACK_S = 30.0


async def database_killed(run: Run) -> None:
    """Each way of killing in turn; the service heals by itself, on one server at any time."""
    service = run.service()
    await service.start()
    writing = Writing(run, service.address)
    outages = Outages(run, service.address)
    follower = Follower(run.recorder, service.address, run.access, "follower")
    beside = [follower.follow(writing.stopped), outages.probe(writing.stopped)]
    async with run.load([*eight(writing), *beside]):
        for number in range(run.size):
            await writing.more(16)
            name, strike = WAYS[number % len(WAYS)]
            await strike(run, service, outages)
            run.recorder.fault(name, "postgres")
            await outages.over()
            found = servers_at(run.data_dir)
            run.expect(len(found) <= 1, f"after {name} {len(found)} servers are at one directory")
            if run.is_over:
                break
        await writing.more(16)
        writing.stop()
    outages.tell("serving again after a kill", at_most_s=6.0)
    await read_in_the_end(run.recorder, service.address, run.access)


async def _one_backend(run: Run, _: Service, outages: Outages) -> None:
    """The server ends all other backends and recovers."""
    async with asyncio.timeout(_BACK_S):
        while not (found := client_backends(await _server(run))):  # noqa: ASYNC110  another's child
            await asyncio.sleep(0.005)
    run.draw.choice(found).kill()
    outages.strike()


async def _all(run: Run, _: Service, outages: Outages) -> None:
    kill_whole(await _server(run))
    outages.strike()


async def _with_the_service(run: Run, service: Service, outages: Outages) -> None:
    kill_whole(await _server(run))
    await service.kill()
    outages.strike()
    await service.start(wait=False)


async def _again_in_recovery(run: Run, _: Service, outages: Outages) -> None:
    """The service starts a new server; that one is killed 0 to 2 s into its life."""
    first = await _server(run)
    kill_whole(first)
    second = await _server(run, other_than=first)
    await asyncio.sleep(run.draw.uniform(0, 2))
    kill_whole(second)
    outages.strike()
    run.recorder.fault("again in recovery", "postgres")


async def _orphan_left(run: Run, service: Service, outages: Outages) -> None:
    """The service alone is killed; the next one adopts the server that it left."""
    left = await _server(run)
    await service.kill()
    outages.strike()
    await service.start()
    adopted = server_of(run.data_dir)
    same = adopted is not None and (adopted.pid, adopted.began) == (left.pid, left.began)
    run.expect(same, f"the server {left} was not adopted: {adopted} is there")


async def _server_without_its_backends(run: Run, _: Service, outages: Outages) -> None:
    """Its backends are orphans until they notice; no second server may come in before."""
    killed = await _server(run)
    killed.kill()
    outages.strike()
    await _server(run, other_than=killed)


async def _server(run: Run, *, other_than: Victim | None = None) -> Victim:
    """The server; waited for, because after a kill it is a while until there is another."""
    async with asyncio.timeout(_BACK_S):
        while True:
            found = server_of(run.data_dir)
            if found is not None and (other_than is None or found.pid != other_than.pid):
                return found
            await asyncio.sleep(0.005)


WAYS: tuple[tuple[str, Callable[[Run, Service, Outages], Awaitable[None]]], ...] = (
    ("one backend", _one_backend),
    ("all", _all),
    ("again in recovery", _again_in_recovery),
    ("with the service", _with_the_service),
    ("orphan left", _orphan_left),
    ("server without its backends", _server_without_its_backends),
)
