"""P4: GetJourney of customers in use, beside the same calls to a server that answers at once.

python -m benchmarks.get_journey --quick
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.apart import Apart
from benchmarks.bare import bare_rpc
from benchmarks.customers import FILM, Phone, phones, record
from benchmarks.figures import Figure, beside, spread
from benchmarks.load import CONNECTIONS, Call, LoadGenerator, UnaryJob
from benchmarks.program import Measurement, Run, main
from benchmarks.rounds import interleaved
from benchmarks.service import Service, folder, serving
from benchmarks.sides import Load, Taken, costs, from_bare, from_journey
from journey.v1.journey_service_pb2 import GetJourneyRequest, GetJourneyResponse

GET_JOURNEY = "/journey.v1.JourneyService/GetJourney"
IN_FLIGHT = 64


@dataclass(frozen=True, slots=True)
class Size:
    """Customers with their events, and calls a round: many in flight, and one after the other."""

    customers: int
    events: int
    calls: int
    alone: int


SIZES = {
    "full": Size(256, 40, 16_384, 2_000),
    "quick": Size(64, 40, 2_048, 300),
    "tiny": Size(64, 8, 128, 10),
}


async def measure(run: Run) -> list[Figure]:
    """Requests per second of both as a ratio, and what Journey adds to a call that comes alone."""
    size = SIZES[run.mode]
    run.settings |= {"in flight": f"{IN_FLIGHT} and 1", "connections": str(CONNECTIONS)}
    run.settings |= {"customers": str(size.customers)}
    run.settings |= {"events a customer": str(size.events), "calls a round": str(size.calls)}
    run.tell("starting the service")
    with folder() as place:
        async with serving(place) as service, Apart(LoadGenerator) as load:
            run.versions |= await service.versions()
            crowd = await phones(service.address, service.mint, size.customers)
            await record(service.address, crowd, size.events)
            await service.settled()
            taken = await _compared(run, size, service, load, crowd)
    for name, some in taken.items():
        run.notes.append(f"processor time a call, {costs(name, some)}")
    return figures(taken)


async def _compared(
    run: Run, size: Size, service: Service, load: Load, crowd: Sequence[Phone]
) -> dict[str, list[Taken]]:
    many = job(service.address, crowd, size.calls, IN_FLIGHT)
    alone = job(service.address, crowd, size.alone, 1)
    first = await from_journey(load, service, many)
    ready = {"GetJourney": read(first)[0].SerializeToString()}
    async with bare_rpc(service.data_dir.parent, ready) as limit:

        async def ours(what: UnaryJob) -> Taken:
            taken = await from_journey(load, service, what)
            read(taken)
            return taken

        async def bare(what: UnaryJob) -> Taken:
            same = dataclasses.replace(what, address=limit.address)
            return await from_bare(load, limit.program.pid, same)

        sides = {
            "Journey": lambda: ours(many),
            "bare RPC": lambda: bare(many),
            "Journey, one in flight": lambda: ours(alone),
            "bare RPC, one in flight": lambda: bare(alone),
        }
        return await interleaved(sides, run.rounds, run.tell)


def job(address: str, crowd: Sequence[Phone], calls: int, in_flight: int) -> UnaryJob:
    """Reads of the film of each customer in turn."""
    request = GetJourneyRequest(journey=FILM).SerializeToString()
    lanes = [
        [Call(request, number % len(crowd)) for number in range(lane, calls, in_flight)]
        for lane in range(in_flight)
    ]
    return UnaryJob(address, GET_JOURNEY, lanes, [phone.metadata for phone in crowd])


def read(taken: Taken) -> list[GetJourneyResponse]:
    """The answers; raises if one of them is not the film."""
    answers = [GetJourneyResponse.FromString(answer) for answer in taken.outcome.answers]
    if wrong := next((answer for answer in answers if answer.journey.ref != FILM), None):
        raise RuntimeError(f"not the film: {wrong}")
    return answers


def figures(taken: Mapping[str, Sequence[Taken]]) -> list[Figure]:
    """P4's two."""
    ours, bare = taken["Journey"], taken["bare RPC"]
    rates = [[one.per_second for one in side] for side in (ours, bare)]
    what = f"GetJourney, {IN_FLIGHT} in flight"
    return [
        beside("bare RPC", *rates, id="P4", what=what, unit="/s", at_least=0.7),
        _added(taken["Journey, one in flight"], taken["bare RPC, one in flight"]),
    ]


def _added(ours: Sequence[Taken], bare: Sequence[Taken]) -> Figure:
    mine, limits = ([one.latency_ms(0.5) for one in side] for side in (ours, bare))
    return Figure(
        id="P4",
        what="GetJourney, one in flight, added to p50",
        value=spread([mine - limit for mine, limit in zip(mine, limits, strict=True)]),
        value_unit="ms",
        ours=spread(mine).median,
        theirs=spread(limits).median,
        peer="bare RPC",
        unit="ms",
        at_most=1,
    )


MEASUREMENT = Measurement(
    "get_journey", "How much of what gRPC can answer is left when each answer is exact?", measure
)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
