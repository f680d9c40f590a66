"""P7: P1, P4 and P5 with a great journal beside a small one, and reads of a long stream beside a
short one.

    python -m benchmarks.growth --quick
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg
import grpc

from benchmarks import get_journey, propagation, record
from benchmarks.apart import Apart
from benchmarks.customers import FILM, FILM_MS, Phone, bearer, check, pairs, phones, recorded
from benchmarks.customers import record as recorded_by
from benchmarks.figures import Figure, ratios, spread
from benchmarks.filling import MOST_EVENTS, Filled, Filler, FillJob
from benchmarks.load import CALL_TIMEOUT_S, Call, LoadGenerator, StreamJob, UnaryJob, method
from benchmarks.program import Measurement, Run, main
from benchmarks.propagation import UNLIMITED, Propagation
from benchmarks.record_stream import BATCH, IN_FLIGHT, RECORD_STREAM, batch
from benchmarks.rounds import Measure, interleaved, quantile
from benchmarks.service import Service, folder, serving
from benchmarks.sides import Load, Taken, from_journey
from benchmarks.statements import statement
from journey.v1.interactions_pb2 import Interaction, MediaPlayed, MediaProgressed, RunOpener
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    GetJourneyResponse,
    RecordStreamResponse,
)
from journey.v1.references_pb2 import JourneyRef
from journey_client import ids
from journey_service.embedded import load_or_create_secrets
from journey_service.embedded.postgres import EmbeddedPostgres

ORIGINALS = 16
AT_MOST = 1.2
REPORT_MS = 15_000
# Of the long stream, films other than the one that is read.
EVENTS_A_FILM = 1_000


@dataclass(frozen=True, slots=True)
class Size:
    """Customers of both journals with so many events each; events of the long stream, the short
    one has BATCH. Of a round: devices and calls of P1 and P4, pairs, other devices and samples of
    P5, reads of each stream.
    """

    great: int
    small: int
    events: int
    long: int
    phones: int
    calls: int
    pairs: int
    others: int
    samples: int
    reads: int


SIZES = {
    "full": Size(1_000_000, 10_000, 10, 1_000_000, 256, 8_192, 64, 100, 1_000, 1_000),
    "quick": Size(100_000, 1_000, 10, 100_000, 128, 1_024, 32, 50, 200, 200),
    "tiny": Size(64, 16, 8, 200, 64, 64, 2, 4, 4, 4),
}
SMALL, GREAT = "small", "great"
Outcome = Taken | propagation.Taken
LONG, SHORT = f"customer-{uuid.uuid4()}", f"customer-{uuid.uuid4()}"


async def measure(run: Run) -> list[Figure]:
    """How many times slower each is."""
    size = SIZES[run.mode]
    customers = {SMALL: size.small, GREAT: size.great}
    run.settings |= {
        name: f"{count * size.events:,} events of {count:,} customers"
        for name, count in customers.items()
    }
    run.settings |= {
        "long stream": f"{size.long:,} events, beside {BATCH}",
        "a round": f"{size.calls} calls of P1 and P4, {size.samples} frames, {size.reads} reads",
    }
    with folder() as small, folder() as great:
        places = {SMALL: small, GREAT: great}
        await _begun(run, small, great, size)
        async with Apart(Filler) as first, Apart(Filler) as second:
            copies = [
                await _filled(run, name, places[name], count, (first, second))
                for name, count in customers.items()
            ]
        return figures(size, await _compared(run, size, places, copies[-1]))


async def _compared(
    run: Run, size: Size, places: Mapping[str, Path], copies: Sequence[str]
) -> dict[str, list[Outcome]]:
    """What each side gave, with both services running; `copies` are some of the great journal."""
    run.tell("starting both services")
    async with (
        serving(places[SMALL], UNLIMITED) as one,
        serving(places[GREAT], UNLIMITED) as other,
        Apart(LoadGenerator) as load,
        Apart(Propagation) as devices,
    ):
        run.versions |= await one.versions()
        await _record_streams(run, other, size.long)
        await _first_reads(run, other, copies)
        little = await _stand(one, load, devices, size)
        much = await _stand(other, load, devices, size)
        sides: dict[str, Measure[Outcome]] = {
            "P1 small": little.records,
            "P1 great": much.records,
            "P4 small": little.reads,
            "P4 great": much.reads,
            "P5 small": little.frames,
            "P5 great": much.frames,
            "short": partial(much.stream, SHORT),
            "long": partial(much.stream, LONG),
        }
        return await interleaved(sides, run.rounds, run.tell)


# --- filling -------------------------------------------------------------------------------------


async def _begun(run: Run, small: Path, great: Path, size: Size) -> None:
    """Two data directories with those who are copied, served by nobody."""
    run.tell("recording those who are copied")
    async with serving(small, UNLIMITED) as service:
        crowd = await phones(service.address, service.mint, ORIGINALS)
        await recorded_by(service.address, crowd, min(size.events, MOST_EVENTS))
        await service.settled()
    # Files of the database belong to another user, and stay that user's.
    copying = ["cp", "-a", str(small / "data"), str(great)]
    await asyncio.to_thread(subprocess.run, copying, check=True)


async def _filled(
    run: Run, name: str, place: Path, customers: int, fillers: Sequence[Apart[FillJob, Filled]]
) -> list[str]:
    """Fill a journal with so many customers; some of them."""
    run.tell(f"filling the {name} journal")
    began = time.monotonic()
    async with _database(place) as dsn:
        keys = load_or_create_secrets(place / "data" / "secrets").master_keys
        parts = len(fillers)
        jobs = [FillJob(dsn, keys, customers // parts, parts, rest) for rest in range(parts)]
        working = (filler.do(job) for filler, job in zip(fillers, jobs, strict=True))
        filled = [done.outcome for done in await asyncio.gather(*working)]
        await _tidied(dsn)
    _tell(run, name, filled, time.monotonic() - began)
    return [one.last for one in filled]


def _tell(run: Run, name: str, filled: Sequence[Filled], took_s: float) -> None:
    customers, events = sum(one.customers for one in filled), sum(one.events for one in filled)
    told = f"{name} journal: {events:,} events of {customers:,} customers in {took_s:.0f} s"
    run.tell(told)
    run.notes.append(f"filled the {told}")


@asynccontextmanager
async def _database(place: Path) -> AsyncIterator[str]:
    """The database of a data directory without the service; its DSN as the superuser."""
    postgres = EmbeddedPostgres(place / "data", progress=lambda _: None)
    await postgres.start()
    try:
        yield postgres.dsn("superuser")
    finally:
        await asyncio.shield(postgres.stop())


async def _tidied(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement("tidy"))
        await connection.execute(statement("flush"))
    finally:
        await connection.close()


async def _record_streams(run: Run, service: Service, events: int) -> None:
    """Both streams, through the service: the short one is one film, the long one that and more."""
    run.tell(f"recording a stream of {events:,} events")
    caller = bearer(service.mint.token("service", "bench"))
    watched = [(SHORT, FILM.journey_id), (LONG, FILM.journey_id)]
    more = events // BATCH - 1
    watched += [(LONG, f"film-of-{place * BATCH // EVENTS_A_FILM}") for place in range(more)]
    requests = [
        batch(number, subject_id, list(_watching(film, number * BATCH))).SerializeToString()
        for number, (subject_id, film) in enumerate(watched, 1)
    ]
    job = StreamJob(service.address, RECORD_STREAM, [requests], caller, IN_FLIGHT)
    async with Apart(LoadGenerator) as load:
        for answer in (await load.do(job)).outcome.answers:
            check(RecordStreamResponse.FromString(answer).ack.response)
    await service.settled()
    await _tidied(service.dsn)


def _watching(film: str, since: int) -> Iterator[Interaction]:
    """One run of playing: a play and its reports."""
    journey, run_id = JourneyRef(kind="media", journey_id=film), ids.run_id("media", film)
    opener = RunOpener.RUN_OPENER_PLAY
    played = MediaPlayed(
        run_id=run_id,
        opened_by=opener,
        speed=1_000,
        duration_ms=FILM_MS,
        cause=MediaPlayed.CAUSE_START,
    )
    yield Interaction(journey=journey, media_played=played)
    for report in range(1, BATCH):
        progressed = MediaProgressed(
            run_id=run_id,
            opened_by=opener,
            point_ms=(since + report) * REPORT_MS % FILM_MS,
            speed=1_000,
        )
        yield Interaction(journey=journey, media_progressed=progressed)


# --- measuring -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Stand:
    """One of the services, with the devices that use it."""

    service: Service
    load: Load
    devices: Apart[propagation.Job, propagation.Taken]
    size: Size
    crowd: Sequence[Phone]
    watched: list[tuple[Phone, Phone]]
    others: list[Phone]

    async def records(self) -> Outcome:
        """P1: single records, many in flight."""
        work = record.job(self.service.address, self.crowd, self.size.calls)
        taken = await from_journey(self.load, self.service, work)
        recorded(taken.outcome.answers)
        return taken

    async def reads(self) -> Outcome:
        """P4: reads of customers in use, many in flight."""
        work = get_journey.job(
            self.service.address, self.crowd, self.size.calls, get_journey.IN_FLIGHT
        )
        taken = await from_journey(self.load, self.service, work)
        get_journey.read(taken)
        return taken

    async def frames(self) -> Outcome:
        """P5: from a record on one device to the frame on another."""
        at = self.service.address
        job = propagation.Job(at, at, self.watched, self.others, self.size.samples)
        taken = (await self.devices.do(job)).outcome
        await self.service.settled()
        return taken

    async def stream(self, subject_id: str) -> Outcome:
        """Reads of one film of a customer, one after the other."""
        call = Call(_asked(subject_id), 0)
        caller = bearer(self.service.mint.token("service", "bench"))
        work = UnaryJob(
            self.service.address, get_journey.GET_JOURNEY, [[call] * self.size.reads], [caller]
        )
        taken = await from_journey(self.load, self.service, work)
        get_journey.read(taken)
        return taken


def _asked(subject_id: str) -> bytes:
    return GetJourneyRequest(subject_id=subject_id, journey=FILM).SerializeToString()


async def _stand(
    service: Service,
    load: Load,
    devices: Apart[propagation.Job, propagation.Taken],
    size: Size,
) -> Stand:
    address, mint = service.address, service.mint
    crowd = await phones(address, mint, size.phones)
    await recorded_by(address, crowd, size.events)
    watched = await pairs(address, mint, size.pairs)
    others = await phones(address, mint, size.others)
    await service.settled()
    return Stand(service, load, devices, size, crowd, watched, others)


async def _first_reads(run: Run, service: Service, copies: Sequence[str]) -> None:
    """Note what first reads take, of which the service remembers nothing.

    Those of copies come first: they show that copies are customers like others.
    """
    caller = bearer(service.mint.token("service", "bench"))
    took_ms = []
    async with grpc.aio.insecure_channel(service.address) as channel:
        call = method(channel, get_journey.GET_JOURNEY)
        for subject_id in (*copies, LONG, SHORT):
            began = time.perf_counter()
            answer = await call(_asked(subject_id), metadata=caller, timeout=CALL_TIMEOUT_S)
            took_ms.append((time.perf_counter() - began) * 1_000)
            if GetJourneyResponse.FromString(answer).journey.ref != FILM:
                raise RuntimeError(f"not the film of {subject_id}")
    long, short = took_ms[-2:]
    run.notes.append(
        "the first read, of which nothing is remembered: "
        f"{long:.1f} ms of the long stream, {short:.1f} ms of the short one"
    )


# --- figures -------------------------------------------------------------------------------------


def figures(size: Size, taken: Mapping[str, Sequence[Outcome]]) -> list[Figure]:
    """P7's four, and the slow ends of P1 and P5 for orientation."""
    beside = f"{size.great * size.events:,} events, beside {size.small * size.events:,}"
    streams = f"GetJourney of a stream of {size.long:,} events, beside {BATCH}"
    return [
        _slower(f"Record, {beside}", _each_ms(taken, "P1 great"), _each_ms(taken, "P1 small")),
        _slower(f"GetJourney, {beside}", _each_ms(taken, "P4 great"), _each_ms(taken, "P4 small")),
        _slower(
            f"record to frame, p50, {beside}",
            _latencies(taken, "P5 great", 0.5),
            _latencies(taken, "P5 small", 0.5),
        ),
        _slower(streams, _latencies(taken, "long", 0.5), _latencies(taken, "short", 0.5)),
        *(
            _slower(
                f"{what}, p99, {beside}",
                _latencies(taken, f"{row} great", 0.99),
                _latencies(taken, f"{row} small", 0.99),
                judged=False,
            )
            for row, what in (("P1", "Record"), ("P5", "record to frame"))
        ),
    ]


def _slower(
    what: str, ours: Sequence[float], theirs: Sequence[float], *, judged: bool = True
) -> Figure:
    """How many times as long as with little stored; medians of milliseconds."""
    return Figure(
        id="P7" if judged else "",
        what=what,
        value=ratios(ours, theirs),
        value_unit="x",
        ours=spread(ours).median,
        theirs=spread(theirs).median,
        peer="with little stored",
        unit="ms",
        at_most=AT_MOST if judged else None,
    )


def _each_ms(taken: Mapping[str, Sequence[Outcome]], side: str) -> list[float]:
    """Time for each answer, many calls in flight: the reverse of the rate."""
    return [1_000 / one.per_second for one in taken[side] if isinstance(one, Taken)]


def _latencies(taken: Mapping[str, Sequence[Outcome]], side: str, part: float) -> list[float]:
    return [
        one.latency_ms(part) if isinstance(one, Taken) else quantile(one.latencies_ms, part)
        for one in taken[side]
    ]


MEASUREMENT = Measurement(
    "growth", "How much slower is it when a lot is stored, or a lot of one customer?", measure
)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
