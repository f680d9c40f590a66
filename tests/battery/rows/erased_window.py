"""A group's window is full of customers who are erased: it opens for those behind them.

Nothing of it goes into the judged history: what was acknowledged here is gone in the end.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import asyncpg

from journey.v1.groups_pb2 import Group
from journey_client import Client, Deliveries
from journey_service.domain.identity import partition_of
from journey_service.settings import Settings
from journey_service.store.postgres.erasing import erase_keys
from tests.battery import client as client_of
from tests.battery.client import Batch
from tests.battery.consumers import at_rest, connect
from tests.battery.content import line_added
from tests.battery.final import read_stream
from tests.battery.run import Run
from tests.battery.service import Service
from tests.history.recorder import Recorder

GROUP = "erasures"
ROUNDS = 3
# All of a round lie in one partition: the first event of those who are erased, many more of them,
# and those who stay.
ERASED, EVENTS = 10, 20
STAYING, AFTERWARDS = 5, 4
# The window is full long before the last event of those who are erased.
ENVIRONMENT = {"JOURNEY_GROUP_WINDOW_EVENTS": "16", "JOURNEY_GROUP_GAP_EVENTS": "64"}
OPEN_WITHIN_S = 1.0


@dataclass(slots=True)
class Crowd:
    """Who a round is about, and what a consumer got of them: (version, time) by subject."""

    erased: list[str]
    staying: list[str]
    released: asyncio.Event = field(default_factory=asyncio.Event)
    got: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def versions(self, subject: str) -> list[int]:
        return [version for version, _ in self.got.get(subject, [])]


async def erased_window(run: Run, service: Service) -> None:
    """Three times, in three partitions; the time is that of the one in the middle."""
    await service.kill()
    await service.start(environment=ENVIRONMENT)
    took = []
    with Recorder(run.folder / "aside", "erasures") as recorder:
        async with connect(service.address, run.access) as client:
            await client.create_group(Group(group_id=GROUP, purpose="necessary"))
            for number in range(ROUNDS):
                took.append(await _round(run, service, recorder, client, _crowd(number)))
            await at_rest(recorder, run.access, client, GROUP)
            stats = (await client.group(GROUP)).stats
            left = stats.in_flight + stats.backlog + stats.parked + stats.held
            run.expect(not left, f"{left} events of the group are left behind erasures")
    middle = statistics.median(took)
    run.figure("erased window open after", f"{middle:.2f} s")
    run.expect(middle <= OPEN_WITHIN_S, f"a window of erased events stayed shut for {middle:.2f} s")


def _crowd(number: int) -> Crowd:
    names = (f"round-{number}-{each}" for each in itertools.count())
    partitions = Settings().partition_count
    place = partition_of(first := next(names), partitions)
    beside = (name for name in names if partition_of(name, partitions) == place)
    erased = [first, *itertools.islice(beside, ERASED - 1)]
    return Crowd(erased, [*itertools.islice(beside, STAYING)])


async def _round(
    run: Run, service: Service, recorder: Recorder, client: Client, crowd: Crowd
) -> float:
    """Fill the window, erase, and return how long the others waited then, in s."""
    writer = client_of.Client(recorder, "erasures", service.address, run.access.back_end())
    run.clients.append(writer)
    for subjects, events in (
        (crowd.erased, 1),
        (crowd.erased, EVENTS),
        (crowd.staying, AFTERWARDS),
    ):
        for subject in subjects:
            lines = [line_added(run.draw) for _ in range(events)]
            run.expect((await writer.settle(Batch(subject, lines))).ok, "a write was refused")
    lost: list[str] = []
    deliveries = client.consume(GROUP, on_lost=lambda _, error: lost.append(error.reason))
    async with asyncio.timeout(60), deliveries, asyncio.TaskGroup() as tasks:
        for _ in range(ERASED + STAYING):
            tasks.create_task(_work(deliveries, crowd))
        await _until(lambda: all(crowd.versions(name) for name in crowd.erased))
        run.expect(not any(map(crowd.versions, crowd.staying)), "the window was not full")
        await _erase(run, crowd.erased)
        erased_at = time.monotonic()
        await _until(lambda: any(map(crowd.versions, crowd.staying)))
        waited_s = min(at for got in map(crowd.got.get, crowd.staying) for _, at in got or ())
        crowd.released.set()
        await _until(lambda: all(len(crowd.versions(one)) == AFTERWARDS for one in crowd.staying))
        late = Batch(crowd.staying[0], [line_added(run.draw)])
        run.expect((await writer.settle(late)).ok, "a write was refused")
        await _until(lambda: len(crowd.versions(crowd.staying[0])) > AFTERWARDS)
        deliveries.drain()
    run.expect(not lost, f"settlements of erased deliveries were refused: {lost}")
    await _judge(run, service, crowd)
    return waited_s - erased_at


async def _work(deliveries: Deliveries, crowd: Crowd) -> None:
    """Whoever is erased is held until the others go on, and then acknowledged."""
    async for delivery in deliveries:
        async with delivery:
            event = delivery.event
            crowd.got.setdefault(event.subject_id, []).append((event.version, time.monotonic()))
            if event.subject_id in crowd.erased:
                await crowd.released.wait()
        await delivery.settled()


async def _erase(run: Run, subjects: list[str]) -> None:
    connection = await asyncpg.connect(run.access.dsn("application"))
    try:
        for subject in subjects:
            place = partition_of(subject, Settings().partition_count)
            run.expect(await erase_keys(connection, place, subject), "nothing was erased")
    finally:
        await connection.close()


async def _judge(run: Run, service: Service, crowd: Crowd) -> None:
    """Everything of those who stay, in order and once; of the others nothing more."""
    wanted = {name: [1] for name in crowd.erased}
    wanted |= {name: [*range(1, AFTERWARDS + 1)] for name in crowd.staying}
    wanted[crowd.staying[0]] = [*range(1, AFTERWARDS + 2)]
    for name, versions in wanted.items():
        run.expect(crowd.versions(name) == versions, f"{name}: delivered {crowd.versions(name)}")
    for name in crowd.erased:
        said = await read_stream(service.address, run.access, name)
        run.expect(not any(said), f"{name} was erased and is read")


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  another process tells nobody
        await asyncio.sleep(0.005)
