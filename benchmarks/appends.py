"""P3, first part: single-event appends over gRPC, 32 callers, beside the PostgreSQL recorder of
the `eventsourcing` library in process, on the same PostgreSQL.

    python -m benchmarks.appends --quick
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

from benchmarks.apart import Apart
from benchmarks.customers import phones, record, recorded
from benchmarks.figures import Figure, beside
from benchmarks.load import CONNECTIONS, LoadGenerator
from benchmarks.program import Measurement, Run, main
from benchmarks.record import job
from benchmarks.recorder import Recorder, RecorderJob, Saved
from benchmarks.rounds import Measure, interleaved
from benchmarks.service import Service, folder, serving
from benchmarks.sides import Taken, costs, from_journey
from benchmarks.statements import statement

CALLERS = 32
# The library's two ways to insert. Its default takes a table lock, so that readers of its log miss
# nothing; its database function takes none, is faster, and lets them miss events.
DEFAULT, UNORDERED = "eventsourcing", "eventsourcing's database function"
WAYS = {DEFAULT: "no", UNORDERED: "yes"}


@dataclass(frozen=True, slots=True)
class Size:
    """Devices and calls a round of Journey; saves a round of the library; of its trial, saves and
    numbers of threads.
    """

    phones: int
    calls: int
    saves: int
    trial: int
    threads: tuple[int, ...] = (1, 2, 4, 8, 32)


SIZES = {
    "full": Size(256, 8_192, 2_048, 1_024),
    "quick": Size(128, 2_048, 512, 256),
    "tiny": Size(32, 64, 32, 32, (1, 4)),
}


async def measure(run: Run) -> list[Figure]:
    """Events per second of both, as a ratio."""
    size = SIZES[run.mode]
    run.settings |= {
        "callers": str(CALLERS),
        "connections": str(CONNECTIONS),
        "devices": str(size.phones),
    }
    run.settings |= {"calls a round": str(size.calls), "saves a round": str(size.saves)}
    run.tell("starting the service")
    with folder() as place:
        async with (
            serving(place) as service,
            Apart(LoadGenerator) as load,
            Apart(Recorder) as library,
        ):
            run.versions |= await service.versions()
            crowd = await phones(service.address, service.mint, size.phones)
            await record(service.address, crowd, 1)
            state_bytes = await _prepared(service)

            async def ours() -> Taken | Saved:
                work = job(service.address, crowd, size.calls, CALLERS)
                taken = await from_journey(load, service, work)
                recorded(taken.outcome.answers)
                return taken

            sides: dict[str, Measure[Taken | Saved]] = {"Journey": ours}
            for way in WAYS:
                threads = await _fastest(run, service, library, way, size, state_bytes)
                best = _saving(service, way, threads, size.saves, state_bytes)
                sides[way] = partial(_saved, library, best)
            taken = await interleaved(sides, run.rounds, run.tell)
    journey = [one for one in taken["Journey"] if isinstance(one, Taken)]
    run.notes.append(f"processor time a call, {costs('Journey', journey)}")
    return figures(journey, {way: [one.per_second for one in taken[way]] for way in WAYS})


async def _saved(library: Apart[RecorderJob, Saved], job: RecorderJob) -> Taken | Saved:
    return (await library.do(job)).outcome


def figures(ours: Sequence[Taken], theirs: Mapping[str, Sequence[float]]) -> list[Figure]:
    """P3's first part, and the same beside the library's way that keeps no order."""
    rates = [one.per_second for one in ours]
    what = f"single appends over gRPC, {CALLERS} callers"
    return [
        beside(DEFAULT, rates, theirs[DEFAULT], id="P3", what=what, unit="events/s", at_least=5),
        beside(UNORDERED, rates, theirs[UNORDERED], what=what, unit="events/s"),
    ]


async def _prepared(service: Service) -> int:
    """Make a database for the library; the length of the journal's payloads."""
    async with service.connected() as connection:
        await connection.execute(statement("make_library_database"))
        return int(await connection.fetchval(statement("state_bytes")))


async def _fastest(
    run: Run,
    service: Service,
    library: Apart[RecorderJob, Saved],
    way: str,
    size: Size,
    state_bytes: int,
) -> int:
    """The number of threads with which the library is fastest here."""
    rates: dict[int, float] = {}
    for threads in size.threads:
        saving = _saving(service, way, threads, size.trial, state_bytes)
        await library.do(saving)
        rates[threads] = (await library.do(saving)).outcome.per_second
        run.tell(f"{way}, {threads} threads: {rates[threads]:.0f}/s")
    best = max(rates, key=lambda tried: rates[tried])
    run.notes.append(f"{way} is fastest with {best} threads")
    return best


def _saving(service: Service, way: str, threads: int, events: int, state_bytes: int) -> RecorderJob:
    return RecorderJob(_environment(service.dsn, way, threads), threads, events, state_bytes)


def _environment(dsn: str, way: str, threads: int) -> Mapping[str, str]:
    """The library's settings for a DSN whose host is a socket's folder."""
    parts = urlsplit(dsn)
    where = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "POSTGRES_DBNAME": "bench_library",
        "POSTGRES_HOST": where["host"],
        "POSTGRES_PORT": where["port"],
        "POSTGRES_USER": unquote(parts.username or ""),
        "POSTGRES_PASSWORD": unquote(parts.password or ""),
        "POSTGRES_POOL_SIZE": str(threads),
        "POSTGRES_MAX_OVERFLOW": "0",
        "POSTGRES_MAX_WAITING": str(threads),
        "POSTGRES_SCHEMA": "public",
        "POSTGRES_ENABLE_DB_FUNCTIONS": WAYS[way],
    }


MEASUREMENT = Measurement(
    "appends", "How much faster than what a Python user would pick instead?", measure
)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
