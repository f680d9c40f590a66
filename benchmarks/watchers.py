"""P8: idle watchers: what each costs, how soon one of them is told, and all coming back at once.

python -m benchmarks.watchers --quick
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import grpc

from benchmarks.apart import Apart
from benchmarks.customers import Phone, pairs, phones
from benchmarks.figures import Figure, spread
from benchmarks.load import CHANNEL_OPTIONS
from benchmarks.processes import resident_bytes
from benchmarks.program import Measurement, Run, main
from benchmarks.rounds import quantile
from benchmarks.service import Service, folder, serving
from benchmarks.watching import Crowd, level, propagated

AT_ONCE = 100
KB = 1_000
SETTLE_S = 2.0
PAUSE_S = 0.005


@dataclass(frozen=True, slots=True)
class Size:
    """Watchers that are idle, customers of which one is told, samples, and how many come back."""

    idle: int
    told: int
    samples: int
    back: int


SIZES = {
    "full": Size(10_000, 50, 1_000, 1_000),
    "quick": Size(2_000, 50, 300, 1_000),
    "tiny": Size(60, 4, 20, 30),
}


@dataclass(slots=True)
class Join:
    """Open these watches."""

    address: str
    phones: list[Phone]


@dataclass(slots=True)
class Tell:
    """Of these customers one acts; its other device watches."""

    address: str
    pairs: list[tuple[Phone, Phone]]
    samples: int


@dataclass(slots=True)
class Back:
    """So many hang up and come back at once."""

    count: int


class Watchers:
    """Holds the open watches, in a process of its own."""

    def __init__(self) -> None:
        self._idle = Crowd()

    async def do(self, job: Join | Tell | Back) -> list[float]:
        """Milliseconds of each sample; of coming back one number, seconds."""
        if isinstance(job, Join):
            await self._idle.join(job.address, job.phones, AT_ONCE)
            return []
        if isinstance(job, Tell):
            return await _told(job)
        back = random.Random(job.count).sample(self._idle.watchers, job.count)
        for watcher in back:
            await watcher.close()
        return [await level(back)]

    async def close(self) -> None:
        """Hang up all."""
        await self._idle.close()


async def _told(job: Tell) -> list[float]:
    crowd = Crowd()
    await crowd.join(job.address, [watching for _, watching in job.pairs], AT_ONCE)
    latencies = []
    async with grpc.aio.insecure_channel(job.address, CHANNEL_OPTIONS) as channel:
        for turn in range(job.samples):
            place = turn % len(job.pairs)
            acting, watcher = job.pairs[place][0], crowd.watchers[place]
            latencies.append(await propagated(channel, acting, watcher))
            await asyncio.sleep(PAUSE_S)
    await crowd.close()
    return latencies


async def measure(run: Run) -> list[Figure]:
    """Each round on a new service, because memory that was used once says nothing."""
    size = SIZES[run.mode]
    run.settings |= {"watchers": f"{size.idle:,}", "coming back at once": f"{size.back:,}"}
    run.settings |= {"samples of delivery": str(size.samples)}
    rounds = [await _round(run, size, number) for number in range(1, run.rounds + 1)]
    return figures(size, rounds)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one round gave."""

    each_kb: float
    delivery_ms: list[float]
    back_s: float


async def _round(run: Run, size: Size, number: int) -> Taken:
    run.tell(f"round {number} of {run.rounds}: starting the service")
    with folder() as place:
        async with serving(place, UNLIMITED) as service, Apart(Watchers) as load:
            run.versions |= await service.versions()
            return await _taken(run, size, service, load)


UNLIMITED = {"rate_interactions_per_s": "0", "rate_subject_per_s": "0"}


async def _taken(
    run: Run, size: Size, service: Service, load: Apart[Join | Tell | Back, list[float]]
) -> Taken:
    crowd = await phones(service.address, service.mint, size.idle)
    both = await pairs(service.address, service.mint, size.told)
    # Once before, so that what it takes to do it at all is not counted as the watchers'.
    await load.do(Tell(service.address, both, len(both)))
    await service.settled()
    await asyncio.sleep(SETTLE_S)
    before = resident_bytes(service.program.pid)
    await load.do(Join(service.address, crowd))
    await asyncio.sleep(SETTLE_S)
    each_kb = (resident_bytes(service.program.pid) - before) / size.idle / KB
    run.tell(f"{size.idle:,} are open, {each_kb:.0f} KB each")
    for acting, _ in both:
        acting.sent += 1  # what it did in the other process
    delivery = (await load.do(Tell(service.address, both, size.samples))).outcome
    back_s = (await load.do(Back(size.back))).outcome[0]
    return Taken(each_kb, delivery, back_s)


def figures(size: Size, taken: Sequence[Taken]) -> list[Figure]:
    """P8's three."""
    each = spread([one.each_kb for one in taken])
    slow = spread([quantile(one.delivery_ms, 0.99) for one in taken])
    half = spread([quantile(one.delivery_ms, 0.5) for one in taken])
    back = spread([one.back_s for one in taken])
    idle = f"{size.idle:,} idle watchers"
    return [
        Figure(
            id="P8", what=f"{idle}, memory each", value=each, value_unit="KB",
            ours=each.median, unit="KB", at_most=40,
        ),
        Figure(
            id="P8", what=f"{idle}, record to frame of one, p99", value=slow, value_unit="ms",
            ours=slow.median, unit="ms", at_most=10,
        ),
        Figure(
            id="", what=f"{idle}, record to frame of one, p50", value=half, value_unit="ms",
            ours=half.median, unit="ms",
        ),
        Figure(
            id="P8", what=f"{size.back:,} come back at once, all level", value=back,
            value_unit="s", ours=back.median, unit="s", at_most=5,
        ),
    ]  # fmt: skip


MEASUREMENT = Measurement("watchers", "What do devices cost that watch and see nothing?", measure)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
