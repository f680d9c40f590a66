"""P2: durable RecordStream of batches, one service process, beside bare COPY of the same rows.

python -m benchmarks.record_stream --quick
"""

from __future__ import annotations

import statistics
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.apart import Apart
from benchmarks.copying import Copied, Copier, CopyJob
from benchmarks.customers import bearer, check, clock, interaction
from benchmarks.figures import Figure, beside
from benchmarks.load import LoadGenerator, Metadata, StreamJob
from benchmarks.program import Measurement, Run, main
from benchmarks.rounds import interleaved
from benchmarks.service import Service, folder, serving
from benchmarks.sides import Load, Taken, costs, from_journey
from benchmarks.statements import statement
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import (
    RecordRequest,
    RecordStreamRequest,
    RecordStreamResponse,
)
from journey_client import ids

RECORD_STREAM = "/journey.v1.JourneyService/RecordStream"
BATCH = 100
IN_FLIGHT = 16
ROWS_A_CALL = 5_000
RUN_ID = ids.run_id("media", "film-1")


@dataclass(frozen=True, slots=True)
class Size:
    """Customers, and batches of all of them together in a round."""

    customers: int
    batches: int


SIZES = {"full": Size(1_000, 1_000), "quick": Size(200, 200), "tiny": Size(10, 20)}


async def measure(run: Run) -> list[Figure]:
    """Events per second of both, as ratios."""
    size = SIZES[run.mode]
    run.settings |= {"interactions a batch": str(BATCH), "batches in flight": str(IN_FLIGHT)}
    run.settings |= {"streams": "1", "batches a round": str(size.batches)}
    run.settings |= {"customers": str(size.customers)}
    run.tell("starting the service")
    with folder() as place:
        async with (
            serving(place) as service,
            Apart(LoadGenerator) as load,
            Apart(Copier) as copier,
        ):
            run.versions |= await service.versions()
            async with service.connected() as connection:
                await connection.execute(statement("make_copy_tables"))
            ours, bare = await _compared(run, size, service, load, copier)
    run.notes.append(f"processor time an event, {costs('Journey', ours, per=BATCH)}")
    commits = statistics.median(one[0].rows / one[0].calls for one in bare)
    run.notes.append(f"the journal committed {commits:.0f} events at once, and so did bare COPY")
    return figures(ours, bare)


async def _compared(
    run: Run, size: Size, service: Service, load: Load, copier: Apart[CopyJob, list[Copied]]
) -> tuple[list[Taken], list[list[Copied]]]:
    """What Journey took in each round, and what COPY took for the same rows."""
    customers = [f"customer-{uuid.uuid4()}" for _ in range(size.customers)]
    caller = bearer(service.mint.token("service", "bench"))
    copying = CopyJob(service.dsn, {"as_journal": 0, "large": ROWS_A_CALL})

    async def ours() -> Taken | list[Copied]:
        taken = await from_journey(load, service, job(service.address, caller, customers, size))
        for answer in taken.outcome.answers:
            ack = RecordStreamResponse.FromString(answer).ack
            if ack.HasField("error"):
                raise RuntimeError(f"refused: {ack.error}")
            check(ack.response)
        return taken

    async def bare() -> Taken | list[Copied]:
        return (await copier.do(copying)).outcome

    sides = {"Journey": ours, "bare COPY": bare}
    taken = await interleaved(sides, run.rounds, run.tell)
    return (
        [one for one in taken["Journey"] if isinstance(one, Taken)],
        [one for one in taken["bare COPY"] if not isinstance(one, Taken)],
    )


def job(address: str, caller: Metadata, customers: Sequence[str], size: Size) -> StreamJob:
    """One stream of a back end's batches, each of one customer, the customers in turn."""
    requests = [
        batch(number, customers[number % len(customers)]).SerializeToString()
        for number in range(1, size.batches + 1)
    ]
    return StreamJob(address, RECORD_STREAM, [requests], caller, IN_FLIGHT)


def batch(
    number: int, subject_id: str, interactions: Sequence[Interaction] = ()
) -> RecordStreamRequest:
    """A batch that no sequence orders, as a back end sends it; with what customers do, or these."""
    interactions = interactions or [interaction(place, RUN_ID) for place in range(BATCH)]
    now = clock("")
    for made in interactions:
        made.event_id = ids.event_id(now.sent_wall_ms)
        made.wall_ms = now.sent_wall_ms
    return RecordStreamRequest(
        batch=RecordRequest(
            batch_no=number,
            subject_id=subject_id,
            installation_id="bench",
            interactions=interactions,
            clock=now,
        )
    )


def figures(ours: Sequence[Taken], bare: Sequence[Sequence[Copied]]) -> list[Figure]:
    """P2, and the same beside calls as large as COPY likes them."""
    rates = [one.per_second * BATCH for one in ours]
    alike, large = ([copied.per_second for copied in side] for side in zip(*bare, strict=True))
    what = f"RecordStream, batches of {BATCH}, {IN_FLIGHT} in flight"
    peer = f"bare COPY, {ROWS_A_CALL:,} rows a call"
    return [
        beside("bare COPY", rates, alike, id="P2", what=what, unit="events/s", at_least=0.5),
        beside(peer, rates, large, what=what, unit="events/s"),
    ]


MEASUREMENT = Measurement(
    "record_stream",
    "How much of what this PostgreSQL can store is left when each event is checked and sealed?",
    measure,
)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
