"""The `eventsourcing` library's PostgreSQL recorder at work, in a process of its own."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment

APPLICATION = "bench"
# Saves of each thread before the clock starts: connections open, statements are prepared.
WARM = 4


@dataclass(frozen=True, slots=True)
class RecorderJob:
    """Save single events with so many threads, each on streams of its own.

    `environment` is the library's; the table is made if it is not there.
    """

    environment: Mapping[str, str]
    threads: int
    events: int
    state_bytes: int


@dataclass(frozen=True, slots=True)
class Saved:
    """How many events were saved, one at a time, and how long that took."""

    events: int
    elapsed_s: float

    @property
    def per_second(self) -> float:
        """Saves per second."""
        return self.events / self.elapsed_s


class Recorder:
    """Keeps one recorder while the environment stays the same, as an application does."""

    def __init__(self) -> None:
        self._environment: Mapping[str, str] = {}
        self._factory: PostgresFactory | None = None
        self._recorder: ApplicationRecorder | None = None

    async def do(self, job: RecorderJob) -> Saved:
        """Save; the events are made before the clock starts."""
        recorder = self._of(job.environment)
        lanes = [_events(job) for _ in range(job.threads)]
        return await asyncio.to_thread(_save, recorder, lanes)

    async def close(self) -> None:
        """Close the connections."""
        if self._factory:
            self._factory.close()

    def _of(self, environment: Mapping[str, str]) -> ApplicationRecorder:
        if self._recorder is None or environment != self._environment:
            if self._factory:
                self._factory.close()
            self._environment = environment
            self._factory = PostgresFactory(Environment(APPLICATION, dict(environment)))
            self._recorder = self._factory.application_recorder()
        return self._recorder


def _events(job: RecorderJob) -> list[StoredEvent]:
    """A new aggregate's events, with payloads as long as the journal's."""
    aggregate = uuid.uuid4()
    return [
        StoredEvent(
            originator_id=aggregate,
            originator_version=version,
            topic="media.progressed",
            state=uuid.uuid4().bytes * (job.state_bytes // 16 + 1),
        )
        for version in range(1, WARM + job.events // job.threads + 1)
    ]


def _save(recorder: ApplicationRecorder, lanes: Sequence[Sequence[StoredEvent]]) -> Saved:
    with ThreadPoolExecutor(len(lanes)) as threads:
        list(threads.map(_save_one, [recorder] * len(lanes), [lane[:WARM] for lane in lanes]))
        began = time.perf_counter()
        list(threads.map(_save_one, [recorder] * len(lanes), [lane[WARM:] for lane in lanes]))
        elapsed_s = time.perf_counter() - began
    return Saved(sum(map(len, lanes)) - WARM * len(lanes), elapsed_s)


def _save_one(recorder: ApplicationRecorder, events: Sequence[StoredEvent]) -> None:
    for event in events:
        recorder.insert_events([event])
