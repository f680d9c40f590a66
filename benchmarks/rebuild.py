"""P6: a rebuild of all journeys from the log beside a bare read; ReadEvents to a gRPC client.

python -m benchmarks.rebuild --quick
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import grpc.aio

import projections
from benchmarks.apart import Apart
from benchmarks.building import SETTINGS, Building, BuildJob, Built, bare_read
from benchmarks.customers import bearer
from benchmarks.figures import Figure, Spread, beside, ratios, spread
from benchmarks.load import LoadGenerator
from benchmarks.program import Measurement, Run, main
from benchmarks.record_stream import BATCH, Size, job
from benchmarks.rounds import interleaved
from benchmarks.service import Service, folder, serving
from journey.v1.history_service_pb2 import ReadEventsRequest, ReadEventsResponse
from journey_service.embedded import load_or_create_secrets
from journey_service.ports import CommandKey
from journey_service.ports_of_rebuilds import Rebuild, RunStatus
from journey_service.store.postgres import PostgresStore
from projections.rebuilder import order_of
from projections.view import StoredView

READ_EVENTS = "/journey.v1.HistoryService/ReadEvents"
SIZES = {"full": Size(2_000, 3_000), "quick": Size(500, 300), "tiny": Size(10, 10)}
# Nobody but the measured processes takes partitions.
SERVICE = {"rebuild_look_ms": "3600000"}


@dataclass(slots=True)
class Stand:
    """The service with its events, and who builds."""

    service: Service
    store: PostgresStore
    builders: Sequence[Apart[BuildJob, Built]]
    events: int

    async def built(self, processes: int) -> float:
        """Events a second of a whole rebuild by so many processes, without comparing."""
        view = projections.VIEWS[0]
        assert isinstance(view, StoredView)
        command = CommandKey(str(uuid.uuid4()), "bench", b"")
        order = await order_of(self.store.journal, view, 0, command=command)
        rebuild = await self.store.rebuilds.begin(order)
        alone = replace(rebuild, base_generation=0)
        keys = load_or_create_secrets(self.service.data_dir / "secrets").master_keys
        asked = BuildJob(self.service.postgres.dsn("application"), keys, alone)
        builders = self.builders[:processes]
        done = [each.outcome for each in await asyncio.gather(*(one.do(asked) for one in builders))]
        seconds = max(one.ended_s for one in done) - min(one.began_s for one in done)
        await self._dropped(rebuild)
        return self.events / seconds

    async def _dropped(self, rebuild: Rebuild) -> None:
        going = (RunStatus.RUNNING, RunStatus.PAUSED)
        rebuilds = self.store.rebuilds
        await rebuilds.set_status(rebuild, RunStatus.CANCELLED, allowed=going)
        (made,) = [
            each
            for each in await rebuilds.generations(rebuild.projection)
            if each.number == rebuild.generation
        ]
        await rebuilds.drop(made)
        while await rebuilds.drop_some(made, limit=5_000):
            pass

    async def read(self) -> float:
        """Events a second of a bare read."""
        return self.events / await bare_read(self.service.dsn)

    async def streamed(self) -> float:
        """Events a second of ReadEvents, taken off the wire and not looked into."""
        caller = bearer(self.service.mint.token("service", "bench", scopes=["journal.read"]))
        asked = ReadEventsRequest(purpose="necessary").SerializeToString()
        began, last = time.perf_counter(), b""
        async with grpc.aio.insecure_channel(self.service.address) as channel:
            opener: Any = channel.unary_stream(READ_EVENTS)
            call = opener(asked, metadata=caller)
            async for frame in call:
                last = frame
        count = ReadEventsResponse.FromString(last).done.count
        if count != self.events:
            raise RuntimeError(f"{count} of {self.events} events came")
        return count / (time.perf_counter() - began)


async def measure(run: Run) -> list[Figure]:
    """Ratios to a bare read, and events a second."""
    size = SIZES[run.mode]
    run.settings |= {"events": f"{size.batches * BATCH:,}", "customers": str(size.customers)}
    run.tell("starting the service")
    with folder() as place:
        async with serving(place, SERVICE) as service, _stand(run, size, service) as stand:
            run.versions |= await service.versions()
            sides = {
                "one": lambda: stand.built(1),
                "bare": stand.read,
                "two": lambda: stand.built(2),
                "streamed": stand.streamed,
            }
            taken = await interleaved(sides, run.rounds, run.tell)
    return figures(taken["one"], taken["two"], taken["bare"], taken["streamed"])


@asynccontextmanager
async def _stand(run: Run, size: Size, service: Service) -> AsyncIterator[Stand]:
    """Record, and start the processes that build."""
    customers = [f"customer-{uuid.uuid4()}" for _ in range(size.customers)]
    caller = bearer(service.mint.token("service", "bench"))
    run.tell("recording")
    async with Apart(LoadGenerator) as load:
        await load.do(job(service.address, caller, customers, size))
    await service.settled()
    keys = load_or_create_secrets(service.data_dir / "secrets").master_keys
    dsn = service.postgres.dsn("application")
    async with (
        await PostgresStore.open(dsn, keys, settings=SETTINGS) as store,
        Apart(Building) as one,
        Apart(Building) as two,
    ):
        view = projections.VIEWS[0]
        await store.states.register(view.name, view.version)
        heads = await store.journal.heads()
        yield Stand(service, store, [one, two], sum(heads.values()))


def figures(
    one: Sequence[float], two: Sequence[float], bare: Sequence[float], streamed: Sequence[float]
) -> list[Figure]:
    """P6, how it scales, and ReadEvents."""
    return [
        beside(
            "bare read", one, bare, id="P6", what="rebuild of all journeys, one process",
            unit="events/s", at_least=0.25,
        ),
        Figure(
            id="", what="rebuild by two processes, beside one", value=ratios(two, one),
            value_unit="×", ours=statistics.median(two), theirs=statistics.median(one),
            peer="one process", unit="events/s",
        ),
        Figure(
            id="P6", what="ReadEvents to a gRPC client", value=_thousands(spread(streamed)),
            value_unit="k events/s", ours=statistics.median(streamed), unit="events/s", at_least=80,
        ),
    ]  # fmt: skip


def _thousands(values: Spread) -> Spread:
    return Spread(*(value / 1_000 for value in values))


MEASUREMENT = Measurement(
    "rebuild",
    "How much of what this PostgreSQL can read is left when each event is opened and folded?",
    measure,
)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
