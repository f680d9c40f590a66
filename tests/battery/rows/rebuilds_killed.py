"""SUB-9: rebuilds killed at a batch, at a write, at the switch; cancelled and begun again."""

import asyncio
import statistics
import time
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import grpc
import grpc.aio

from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.journey_service_pb2 import JourneyView, ListJourneysRequest
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from journey.v1.projection_service_pb2_grpc import ProjectionServiceStub
from journey.v1.rebuilds_pb2 import (
    REBUILD_STATUS_CANCELLED,
    REBUILD_STATUS_COMPARED,
    REBUILD_STATUS_SWITCHED,
    CancelRebuildRequest,
    GetRebuildRequest,
    ListRebuildsRequest,
    Rebuild,
    StartRebuildRequest,
)
from journey_service.store.postgres import PostgresStore
from journey_service.store.postgres.verify import Finding, Folding
from projections import JOURNEYS
from projections.projection import serialized
from tests.battery.client import Batch
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.battery.service import Service
from tests.battery.writers import Writing

MOMENTS = (
    "rebuild:after-batch",
    "rebuild:before-save",
    "rebuild:after-save",
    "rebuild:before-switch",
    "rebuild:after-switch",
)
SUBJECTS = [f"subject-{number}" for number in range(24)]
QUIET = "quiet"
BATCHES, IN_A_BATCH = 40, 20
ENVIRONMENT = {
    "JOURNEY_REBUILD_BATCH_EVENTS": "20",
    "JOURNEY_REBUILD_LOOK_MS": "10",
    "JOURNEY_REBUILD_SHARE_PERCENT": "100",
    "JOURNEY_PARTITION_COUNT": "8",
    "JOURNEY_PROJECTION_LEASE_MS": "300",
}
# Of the comparison of reads: nothing is different from what a service does by itself, but that it
# looks for rebuilds at once.
USUAL = {"JOURNEY_REBUILD_LOOK_MS": "10", "JOURNEY_PARTITION_COUNT": "8"}
IN_A_GREAT_BATCH = 100
READS_A_LOOK = 4
SLOWER_AT_MOST = 1.2


class Beside(NamedTuple):
    """Customers recorded before live reads are compared, and how many reads those are."""

    batches: int
    reads: int


READ_BESIDE = {"ci": Beside(4, 40), "long": Beside(400, 4_000)}
WITHIN_S = 30.0
LOOK_S = 0.02
LOOKED_AT_MS = 60_000
WRITE_PAUSE_S = 0.02


async def rebuilds_killed(run: Run) -> None:
    """Rebuild under load and be killed, at every moment; then see that all is as it was."""
    service = run.service()
    moments = _moments(run)
    await service.start(failpoints=_failpoint(run, moments[0]), environment=ENVIRONMENT)
    await _fill(run, service)
    desk = Desk(run, service)
    before = await desk.quiet()
    writing = Writing(run, service.address)
    async with run.load([_write(run, writing)]):
        await writing.more(4)
        for number, moment in enumerate(moments):
            if number:
                failpoint = _failpoint(run, moment)
                await service.start(failpoints=failpoint, environment=ENVIRONMENT, wait=False)
            await _killed(service, desk)
            run.recorder.fault(moment, "service")
        await service.start(environment=ENVIRONMENT)
        last = await desk.ended(await desk.newest())
        run.expect(last.status == REBUILD_STATUS_SWITCHED, f"the last rebuild is {last.status}")
        await _cancelled_and_begun_again(run, desk)
        run.expect(await desk.quiet() == before, "a customer whom nobody touched reads otherwise")
        writing.stop()
    await _compare(run, desk)
    await desk.close()
    await _read_beside(run, service)
    await read_in_the_end(run.recorder, service.address, run.access)
    await _states_are_folds(run)


async def _fill(run: Run, service: Service) -> None:
    client = run.client("filler", service.address, run.access.back_end("filler"))
    for number in range(BATCHES):
        subject = QUIET if number == 0 else SUBJECTS[number % len(SUBJECTS)]
        lines = [line_added(run.draw) for _ in range(IN_A_BATCH)]
        end = await client.settle(Batch(subject, lines))
        run.expect(end.ok, f"a write was refused: {end.code} {end.reason}")


async def _write(run: Run, writing: Writing) -> None:
    """A line now and then, so that rebuilds have the machine."""
    client = run.client("writer", writing.address, run.access.back_end("writer"))
    while not writing.stopped.is_set():
        batch = Batch(run.draw.choice(SUBJECTS), [line_added(run.draw)])
        writing.settled(await client.settle(batch), "writer")
        await asyncio.sleep(WRITE_PAUSE_S)


def _moments(run: Run) -> list[str]:
    """Every moment equally often, in an order of chance."""
    moments = [MOMENTS[number % len(MOMENTS)] for number in range(run.size)]
    run.draw.shuffle(moments)
    return moments


def _failpoint(run: Run, moment: str) -> str:
    nth = 1 if moment.endswith("switch") else run.draw.randint(1, 20)
    return f"{moment}=kill@{nth}"


async def _killed(service: Service, desk: "Desk") -> None:
    """The process goes on with the last rebuild, or begins one, until it dies of it."""
    async with asyncio.timeout(WITHIN_S):
        while service.is_alive:
            await desk.begin()
            await asyncio.sleep(LOOK_S)


async def _cancelled_and_begun_again(run: Run, desk: "Desk") -> None:
    """What is cancelled leaves the live states; the next rebuild begins from nothing."""
    begun = await desk.begin()
    assert begun is not None
    cancelled = (await desk.projections.CancelRebuild(
        CancelRebuildRequest(rebuild_id=begun.rebuild_id), metadata=desk.metadata
    )).rebuild  # fmt: skip
    ends = (REBUILD_STATUS_CANCELLED, REBUILD_STATUS_SWITCHED)
    run.expect(cancelled.status in ends, f"a cancelled rebuild is {cancelled.status}")
    again = await desk.begin()
    assert again is not None
    ended = await desk.ended(again.rebuild_id)
    run.expect(ended.status == REBUILD_STATUS_SWITCHED, f"begun again it is {ended.status}")
    run.expect(ended.states_differing == 0, f"{ended.states_differing} states differ")


async def _compare(run: Run, desk: "Desk") -> None:
    """The live states, made by many processes that died, with those that one process makes."""
    begun = await desk.begin(dry_run=True)
    assert begun is not None
    ended = await desk.ended(begun.rebuild_id)
    run.expect(ended.status == REBUILD_STATUS_COMPARED, f"a dry run is {ended.status}")
    run.expect(ended.states_compared > 0, "nothing was compared")
    run.expect(ended.states_differing == 0, f"{ended.states_differing} states differ")
    run.figure("states", f"{ended.states_compared:,}")
    run.figure("read while it was rebuilt", f"{desk.slowest_s * 1_000:.0f} ms at most")


async def _read_beside(run: Run, service: Service) -> None:
    """Live reads beside rebuilds, in turns with reads alone, as the service is set by itself."""
    await service.stop()
    await service.start(environment=USUAL)
    desk = Desk(run, service)
    for number in range(READ_BESIDE[run.mode].batches):
        await _record_more(run, service, number)
    alone: list[float] = []
    beside: list[float] = []
    while len(beside) < READ_BESIDE[run.mode].reads:
        begun = await desk.begin(dry_run=True)
        assert begun is not None
        while not (await desk.rebuild(begun.rebuild_id)).ended_at_ms:
            beside += [await desk.read_s() for _ in range(READS_A_LOOK)]
        while len(alone) < len(beside):
            await desk.rebuild(begun.rebuild_id)
            alone += [await desk.read_s() for _ in range(READS_A_LOOK)]
    await desk.close()
    _tell(run, alone, beside)


async def _record_more(run: Run, service: Service, number: int) -> None:
    """One more customer, so that a rebuild has something to do."""
    client = run.client(f"more-{number}", service.address, run.access.back_end("more"))
    lines = [line_added(run.draw) for _ in range(IN_A_GREAT_BATCH)]
    end = await client.settle(Batch(f"more-{number}", lines))
    run.expect(end.ok, f"a write was refused: {end.code} {end.reason}")


def _tell(run: Run, alone: Sequence[float], beside: Sequence[float]) -> None:
    """The limit binds in long mode: CI machines are shared, and a rebuild and reads share what is
    left. That it leaves the event loop to them is judged by tests/store/test_rebuild_turns.py."""
    quiet, loud = _p99(alone), _p99(beside)
    told = (
        f"p50 {statistics.median(beside) * 1_000:.1f} ms, alone "
        f"{statistics.median(alone) * 1_000:.1f}; p99 {loud * 1_000:.1f} ms, alone "
        f"{quiet * 1_000:.1f}: {loud / quiet:.2f} x, of {len(beside)} reads each"
    )
    judged = "judged" if run.mode == "long" else "judged in long mode"
    run.figure("reads beside a rebuild", f"{told}; limit {SLOWER_AT_MOST} x, {judged}")
    if run.mode == "long":
        run.expect(loud <= SLOWER_AT_MOST * quiet, f"reads beside a rebuild took {told}")


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]


async def _states_are_folds(run: Run) -> None:
    """H14 by an independent fold: what is stored is the fold of the events, byte for byte."""
    master_keys = run.access.secrets.master_keys
    async with await PostgresStore.open(run.access.dsn("application"), master_keys) as store:
        generation = await store.states.register(JOURNEYS.name, JOURNEYS.version)
        folding = Folding(JOURNEYS.name, generation, _folded)
        async for seen in store.verify(folding=folding):
            if isinstance(seen, Finding):
                run.expect(None, f"{seen.what}: {seen.text}")


def _folded(_: str, events: Sequence[Event]) -> dict[str, bytes]:
    states: dict[str, JourneyFold] = {}
    for event in events:
        JOURNEYS.fold_event(states, event)
    return {key: serialized(state) for key, state in states.items()}


class Desk:
    """Who looks after rebuilds, and reads meanwhile."""

    def __init__(self, run: Run, service: Service) -> None:
        self._run = run
        options = [("grpc.initial_reconnect_backoff_ms", 20), ("grpc.max_reconnect_backoff_ms", 50)]
        self._channel = grpc.aio.insecure_channel(service.address, options=options)
        self.projections: Any = ProjectionServiceStub(self._channel)
        self._journeys: Any = JourneyServiceStub(self._channel)
        self.slowest_s = 0.0

    async def close(self) -> None:
        await self._channel.close()

    @property
    def metadata(self) -> list[tuple[str, str]]:
        return [("authorization", self._run.access.developer())]

    async def begin(self, *, dry_run: bool = False) -> Rebuild | None:
        """Begin a rebuild; None where one goes on, or nobody serves."""
        asked = StartRebuildRequest(
            projection=JOURNEYS.name,
            command_id=str(uuid.uuid4()),
            dry_run=dry_run,
            # What a dry run found goes with its states: it is looked at before.
            keep_old_ms=LOOKED_AT_MS if dry_run else 1,
        )
        try:
            answer = await self.projections.StartRebuild(
                asked, metadata=self.metadata, timeout=WITHIN_S
            )
        except grpc.aio.AioRpcError:
            return None
        found: Rebuild = answer.rebuild
        return found

    async def newest(self) -> str:
        asked = ListRebuildsRequest(projection=JOURNEYS.name, page_size=1)
        answer = await self.projections.ListRebuilds(asked, metadata=self.metadata)
        return str(answer.rebuilds[0].rebuild_id)

    async def ended(self, rebuild_id: str) -> Rebuild:
        """The rebuild when it is over; customers read all the while."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                found = await self.rebuild(rebuild_id)
                if found.ended_at_ms:
                    return found
                await self.quiet()
                await asyncio.sleep(LOOK_S)

    async def rebuild(self, rebuild_id: str) -> Rebuild:
        """How it stands."""
        asked = GetRebuildRequest(rebuild_id=rebuild_id)
        answer = await self.projections.GetRebuild(asked, metadata=self.metadata)
        found: Rebuild = answer.rebuild
        return found

    async def read_s(self) -> float:
        """Seconds that one live read takes."""
        began = time.perf_counter()
        await self.quiet()
        return time.perf_counter() - began

    async def quiet(self) -> list[bytes]:
        """What a customer reads whom nobody touches."""
        began = time.perf_counter()
        asked = ListJourneysRequest(subject_id=QUIET, view=JourneyView.JOURNEY_VIEW_ALL)
        authorization = self._run.access.back_end()
        answer = await self._journeys.ListJourneys(
            asked, metadata=[("authorization", authorization)], wait_for_ready=True
        )
        self.slowest_s = max(self.slowest_s, time.perf_counter() - began)
        return [each.SerializeToString(deterministic=True) for each in answer.journeys]
