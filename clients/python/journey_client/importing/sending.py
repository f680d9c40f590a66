"""Send facts in batches: each subject in its order, several subjects at once, bounded memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey_client._error import JourneyError
from journey_client.client import Client
from journey_client.connection import Backoff
from journey_client.importing.facts import Fact
from journey_client.recording import Recorded

Answered = Callable[[Fact, Interaction, RecordResult], None]
LookUp = Callable[[], Awaitable[None]]
IN_FLIGHT = 8
# Facts that wait for more of their subject; beyond it the longest waiting subject is sent.
WAITING = 10_000
FULL = 400
RECORD_TIMEOUT_MS = 60_000
# How long a batch is tried while the service is busy or away.
PATIENCE_S = 300.0


class _Stream(NamedTuple):
    """Facts of one stream and one installation go together."""

    subject_id: str
    installation_id: str


class Sender:
    """Takes facts in file order and sends them; `answered` hears of every interaction.

    The tasks belong to `group`: what fails in them ends the import.
    """

    def __init__(self, client: Client, group: asyncio.TaskGroup, answered: Answered) -> None:
        self._client = client
        self._group = group
        self._answered = answered
        self._waiting: dict[_Stream, list[Fact]] = {}
        self._waiting_facts = 0
        self._last: dict[_Stream, asyncio.Task[None]] = {}
        self._on_the_way: dict[asyncio.Task[None], int] = {}
        self._room = asyncio.Semaphore(IN_FLIGHT)

    def oldest_line(self, last_line: int) -> int:
        """The first line without all its answers; behind `last_line` if there is none."""
        waiting = (facts[0].row.line for facts in self._waiting.values())
        return min([*waiting, *self._on_the_way.values()], default=last_line + 1)

    async def add(self, fact: Fact) -> None:
        """Take one fact; waits while too much is on its way."""
        stream = _Stream(fact.subject_id, fact.installation_id)
        facts = self._waiting.setdefault(stream, [])
        facts.append(fact)
        self._waiting_facts += 1
        if len(facts) >= FULL:
            await self._send(stream)
        elif self._waiting_facts > WAITING:
            await self._send(next(iter(self._waiting)))

    async def flush(self, look_up: LookUp) -> None:
        """Send all that waits, and wait for all answers; `look_up` runs in between."""
        while self._waiting:
            await self._send(next(iter(self._waiting)))
            await look_up()
        while self._last:
            await asyncio.wait(self._last.values(), return_when=asyncio.FIRST_COMPLETED)
            await look_up()

    async def _send(self, stream: _Stream) -> None:
        await self._room.acquire()
        facts = self._waiting.pop(stream)
        self._waiting_facts -= len(facts)
        before = self._last.get(stream)
        task = self._group.create_task(self._record(stream, facts, before))
        self._last[stream] = task
        self._on_the_way[task] = facts[0].row.line
        task.add_done_callback(lambda done: self._ended(stream, done))

    def _ended(self, stream: _Stream, task: asyncio.Task[None]) -> None:
        self._room.release()
        # What failed or was broken off stays: nobody knows whether it arrived.
        if not task.cancelled() and task.exception() is None:
            del self._on_the_way[task]
        if self._last.get(stream) is task:
            del self._last[stream]

    async def _record(
        self, stream: _Stream, facts: list[Fact], before: asyncio.Task[None] | None
    ) -> None:
        """One batch, behind the one before it of the same stream."""
        if before is not None:
            await asyncio.wait([before])
        sent = [(fact, interaction) for fact in facts for interaction in fact.interactions]
        recorded = await self._patiently(stream, [interaction for _, interaction in sent])
        for (fact, interaction), result in zip(sent, recorded.results, strict=True):
            self._answered(fact, interaction, result)

    async def _patiently(self, stream: _Stream, interactions: list[Interaction]) -> Recorded:
        """Record a batch, also while the service is busy or away for a while.

        Nobody waits for an import: it gives way to people who wait for the service.
        """
        loop, backoff = asyncio.get_running_loop(), Backoff()
        end = loop.time() + PATIENCE_S
        while True:
            try:
                return await self._client.record(
                    stream.subject_id,
                    interactions,
                    installation_id=stream.installation_id,
                    timeout_ms=RECORD_TIMEOUT_MS,
                )
            except JourneyError as error:
                wait_s = max(backoff.next_wait_ms(), error.retry_after_ms or 0) / 1_000
                if not error.retryable or loop.time() + wait_s >= end:
                    raise
                await asyncio.sleep(wait_s)
