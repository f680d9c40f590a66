"""P1: durable single Record, 64 in flight, beside the same calls to a server that answers at once.

python -m benchmarks.record --quick
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from benchmarks.apart import Apart
from benchmarks.bare import bare_rpc
from benchmarks.customers import RECORD, Phone, phones, record, recorded
from benchmarks.figures import Figure, beside
from benchmarks.load import CONNECTIONS, Call, LoadGenerator, UnaryJob
from benchmarks.program import Measurement, Run, main
from benchmarks.rounds import interleaved
from benchmarks.service import folder, serving
from benchmarks.sides import Taken, costs, from_bare, from_journey

IN_FLIGHT = 64


@dataclass(frozen=True, slots=True)
class Size:
    """Devices, and calls of all of them together in a round."""

    phones: int
    calls: int


SIZES = {"full": Size(512, 16_384), "quick": Size(256, 2_048), "tiny": Size(64, 128)}


async def measure(run: Run) -> list[Figure]:
    """Requests per second and p99 of both, as ratios."""
    size = SIZES[run.mode]
    run.settings |= {"in flight": str(IN_FLIGHT), "connections": str(CONNECTIONS)}
    run.settings |= {"devices": str(size.phones)}
    run.settings |= {"calls a round": str(size.calls), "interactions a call": "1"}
    run.tell("starting the service")
    with folder() as place:
        async with serving(place) as service, Apart(LoadGenerator) as load:
            run.versions |= await service.versions()
            crowd = await phones(service.address, service.mint, size.phones)
            answers = await record(service.address, crowd, 1)
            ready = {"Record": answers[0].SerializeToString()}
            async with bare_rpc(place, ready) as limit:
                latest: list[UnaryJob] = []

                async def ours() -> Taken:
                    latest[:] = [job(service.address, crowd, size.calls)]
                    taken = await from_journey(load, service, latest[0])
                    recorded(taken.outcome.answers)
                    return taken

                async def bare() -> Taken:
                    same = dataclasses.replace(latest[0], address=limit.address)
                    return await from_bare(load, limit.program.pid, same)

                taken = await interleaved({"Journey": ours, "bare RPC": bare}, run.rounds, run.tell)
    run.notes += [f"processor time a call, {costs(name, some)}" for name, some in taken.items()]
    return figures(taken)


def job(address: str, crowd: Sequence[Phone], calls: int, in_flight: int = IN_FLIGHT) -> UnaryJob:
    """`calls` new single records. Each lane takes phones of its own: none overtakes itself."""
    lanes = [
        [
            Call(crowd[number].record_request().SerializeToString(), number)
            for number in islice(cycle(range(lane, len(crowd), in_flight)), calls // in_flight)
        ]
        for lane in range(in_flight)
    ]
    return UnaryJob(address, RECORD, lanes, [phone.metadata for phone in crowd])


def figures(taken: Mapping[str, Sequence[Taken]]) -> list[Figure]:
    """P1's two, and the median latency beside them."""
    ours, bare = taken["Journey"], taken["bare RPC"]
    rates = [[one.per_second for one in side] for side in (ours, bare)]
    p99 = [[one.latency_ms(0.99) for one in side] for side in (ours, bare)]
    p50 = [[one.latency_ms(0.5) for one in side] for side in (ours, bare)]
    what = f"Record, {IN_FLIGHT} in flight"
    return [
        beside("bare RPC", *rates, id="P1", what=what, unit="/s", at_least=0.8),
        beside("bare RPC", *p99, id="P1", what=f"{what}, p99", unit="ms", at_most=3),
        beside("bare RPC", *p50, what=f"{what}, p50", unit="ms"),
    ]


MEASUREMENT = Measurement(
    "record", "How much of what gRPC can answer is left when each call is made durable?", measure
)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
