"""P5: from a record on one device to the frame on another, while others record.

python -m benchmarks.propagation --quick
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import grpc

from benchmarks import nats
from benchmarks.apart import Apart
from benchmarks.customers import RECORD, Phone, pairs, phones
from benchmarks.figures import Figure, ratios, spread
from benchmarks.load import CHANNEL_OPTIONS, method
from benchmarks.processes import accepting, free_address, running
from benchmarks.program import Measurement, Run, main
from benchmarks.rounds import interleaved, quantile
from benchmarks.service import Service, command, environment, folder, serving
from benchmarks.watching import Crowd, propagated

BACKGROUND_PER_S = 500
BATCH = 10
LANES = 2
PAUSE_S = 0.005


@dataclass(frozen=True, slots=True)
class Size:
    """Customers that are watched, others that record, and samples a round."""

    watched: int
    others: int
    samples: int


SIZES = {"full": Size(64, 100, 2_000), "quick": Size(32, 50, 400), "tiny": Size(4, 10, 20)}


@dataclass(slots=True)
class Job:
    """Who acts at one address and who watches at another; `pushes`: through nats-server instead."""

    acting_at: str
    watching_at: str
    pairs: list[tuple[Phone, Phone]]
    others: list[Phone]
    samples: int
    nats_at: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of each sample, and what was recorded beside them."""

    latencies_ms: list[float]
    background_per_s: float


class Propagation:
    """Carries out jobs, in a process of its own."""

    def __init__(self) -> None:
        self._sent: dict[str, int] = {}

    async def do(self, job: Job) -> Taken:
        """One round."""
        for phone in (*job.others, *(acting for acting, _ in job.pairs)):
            phone.sent = self._sent.get(phone.session_id, phone.sent)
        stopped = asyncio.Event()
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            background = tasks.create_task(_background(job, stopped))
            latencies = await (_pushed(job) if job.nats_at else _propagated(job))
            stopped.set()
        elapsed = asyncio.get_running_loop().time() - began
        for phone in (*job.others, *(acting for acting, _ in job.pairs)):
            self._sent[phone.session_id] = phone.sent
        return Taken(latencies, background.result() / elapsed)

    async def close(self) -> None:
        """Nothing is held."""


async def _propagated(job: Job) -> list[float]:
    crowd = Crowd()
    await crowd.join(job.watching_at, [watching for _, watching in job.pairs], len(job.pairs))
    channel = grpc.aio.insecure_channel(job.acting_at, CHANNEL_OPTIONS)
    latencies: list[float] = []

    async def lane(number: int) -> None:
        for turn in range(number, job.samples, LANES):
            # A customer of its own for each lane: one at a time acts and is watched.
            place = (turn // LANES * LANES + number) % len(job.pairs)
            took = await propagated(channel, job.pairs[place][0], crowd.watchers[place])
            latencies.append(took)
            await asyncio.sleep(PAUSE_S)

    try:
        await asyncio.gather(*(lane(number) for number in range(LANES)))
    finally:
        await crowd.close()
        await channel.close()
    return latencies


async def _pushed(job: Job) -> list[float]:
    pusher = nats.Pusher()
    await pusher.connect(job.nats_at)
    latencies = []
    try:
        for _ in range(job.samples):
            latencies.append(await pusher.push())
            await asyncio.sleep(PAUSE_S)
    finally:
        pusher.close()
    return latencies


async def _background(job: Job, stopped: asyncio.Event) -> int:
    """Batches at an even pace; returns how many events.

    A phone waits for its own answer. Where that takes until its next turn all wait, and what is
    late then goes at once.
    """
    if job.nats_at:
        await stopped.wait()
        return 0
    recorded = 0
    loop = asyncio.get_running_loop()
    due = loop.time()
    async with grpc.aio.insecure_channel(job.acting_at, CHANNEL_OPTIONS) as channel:
        call = method(channel, RECORD)
        latest: dict[str, asyncio.Future[bytes]] = {}
        for phone in cycle(job.others):
            if before := latest.get(phone.session_id):
                await before
            if stopped.is_set():
                break
            request = phone.record_request(BATCH).SerializeToString()
            answer = asyncio.ensure_future(call(request, metadata=phone.metadata, timeout=30))
            latest[phone.session_id] = answer
            recorded += BATCH
            due += BATCH / BACKGROUND_PER_S
            await asyncio.sleep(max(0.0, due - loop.time()))
        await asyncio.gather(*latest.values())
    return recorded


async def measure(run: Run) -> list[Figure]:
    """One process, two processes, and bare push beside them."""
    size = SIZES[run.mode]
    run.settings |= {"background": f"{BACKGROUND_PER_S} events/s in batches of {BATCH}"}
    run.settings |= {"customers watched": str(size.watched), "samples a round": str(size.samples)}
    run.tell("starting the service, twice")
    with folder() as place:
        async with (
            serving(place, UNLIMITED) as service,
            _second(place, service) as second,
            Apart(Propagation) as load,
        ):
            run.versions |= await service.versions()
            both = await pairs(service.address, service.mint, size.watched)
            others = await phones(service.address, service.mint, size.others)
            taken = await _compared(run, size, service, second, load, both, others)
    rate = statistics.median(one.background_per_s for one in taken["one process"])
    run.notes.append(f"background reached in the one process: {rate:.0f} events/s")
    return figures(taken)


# The background is a few devices that act for many.
UNLIMITED = {
    "rate_interactions_per_s": "0",
    "rate_bytes_per_s": "0",
    "rate_subject_per_s": "0",
}


@asynccontextmanager
async def _second(place: Path, service: Service) -> AsyncIterator[str]:
    """Another process on the same database; its address."""
    address, log = free_address(), place / "second.log"
    variables = environment(address, service.data_dir, UNLIMITED)
    async with running(command("serve"), variables, log) as program:
        await accepting(address, program, log)
        yield address


async def _compared(
    run: Run,
    size: Size,
    service: Service,
    second: str,
    load: Apart[Job, Taken],
    both: list[tuple[Phone, Phone]],
    others: list[Phone],
) -> dict[str, list[Taken]]:
    async def side(watching_at: str, nats_at: str = "") -> Taken:
        job = Job(service.address, watching_at, both, others, size.samples, nats_at)
        taken = (await load.do(job)).outcome
        await service.settled()
        return taken

    sides = {
        "one process": lambda: side(service.address),
        "two processes": lambda: side(second),
    }
    if nats.program() is None:
        run.notes.append("nats-server is not installed (`make bench` installs it): no peer")
        return await interleaved(sides, run.rounds, run.tell)
    async with nats.serving(service.data_dir.parent) as address:
        sides["bare push"] = lambda: side(service.address, address)
        return await interleaved(sides, run.rounds, run.tell)


def figures(taken: Mapping[str, Sequence[Taken]]) -> list[Figure]:
    """P5: median and 99 % in one process, and how many times that over two."""
    one, two = taken["one process"], taken["two processes"]
    return [
        _latency("p50", 0.5, taken, at_most=3),
        _latency("p99", 0.99, taken, at_most=15),
        *(
            Figure(
                id="P5",
                what=f"record to frame over two processes, {name}",
                value=ratios(_quantiles(two, part), _quantiles(one, part)),
                value_unit="x",
                ours=spread(_quantiles(two, part)).median,
                theirs=spread(_quantiles(one, part)).median,
                peer="one process",
                unit="ms",
                at_most=2,
            )
            for name, part in (("p50", 0.5), ("p99", 0.99))
        ),
    ]


def _latency(
    name: str, part: float, taken: Mapping[str, Sequence[Taken]], *, at_most: float
) -> Figure:
    ours = spread(_quantiles(taken["one process"], part))
    peer = taken.get("bare push", ())
    return Figure(
        id="P5",
        what=f"record on A to frame on B, one process, {name}",
        value=ours,
        value_unit="ms",
        ours=ours.median,
        theirs=spread(_quantiles(peer, part)).median if peer else None,
        peer="bare push, nothing stored" if peer else "",
        unit="ms",
        at_most=at_most,
    )


def _quantiles(taken: Sequence[Taken], part: float) -> list[float]:
    return [quantile(one.latencies_ms, part) for one in taken]


MEASUREMENT = Measurement(
    "propagation", "How soon does a device see what another one did?", measure
)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
