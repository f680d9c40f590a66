"""The two sides of a comparison of calls: Journey, and the server that answers at once."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.apart import Apart
from benchmarks.load import Outcome, StreamJob, UnaryJob
from benchmarks.processes import processor_s
from benchmarks.rounds import quantile
from benchmarks.service import Service

Load = Apart[UnaryJob | StreamJob, Outcome]
MICRO = 1e6


@dataclass(frozen=True, slots=True)
class Taken:
    """What one job gave, and the processor time, seconds, of everybody who took part in it."""

    outcome: Outcome
    load_cpu_s: float
    server_cpu_s: float
    postgres_cpu_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return self.outcome.per_second

    def latency_ms(self, part: float) -> float:
        """Time to the answer that `part` of the calls kept."""
        return quantile(self.outcome.latencies_ms, part)


async def from_journey(load: Load, service: Service, job: UnaryJob | StreamJob) -> Taken:
    """Load the service; before returning, wait until its folds have caught up."""
    own, postgres = service.processor_s()
    done = await load.do(job)
    own_after, postgres_after = service.processor_s()
    await service.settled()
    return Taken(done.outcome, done.cpu_s, own_after - own, postgres_after - postgres)


async def from_bare(load: Load, process_id: int, job: UnaryJob | StreamJob) -> Taken:
    """Load the server that answers at once."""
    before = processor_s(process_id)
    done = await load.do(job)
    return Taken(done.outcome, done.cpu_s, processor_s(process_id) - before)


def costs(name: str, taken: Sequence[Taken], per: float = 1) -> str:
    """Processor time per answer, or per `per`-th part of one, medians, in words."""

    def micros(part: str) -> str:
        used = [getattr(one, part) / len(one.outcome.answers) / per * MICRO for one in taken]
        return f"{statistics.median(used):.0f} µs"

    postgres = f", PostgreSQL {micros('postgres_cpu_s')}" if taken[0].postgres_cpu_s else ""
    refused = sum(one.outcome.refused for one in taken)
    return (
        f"{name}: server process {micros('server_cpu_s')}{postgres}, "
        f"load generator {micros('load_cpu_s')}"
        + (f"; {refused} calls were refused for lack of room, and repeated" if refused else "")
    )
