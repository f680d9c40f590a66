"""Consumers of a group, by the client library, who put on record what they get and say.

In this process, or in one of their own that can be killed or made to stand still.
"""

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

import journey_client
from journey.v1.groups_pb2 import Group
from journey.v1.reading_pb2 import StartPoint
from journey_client import Client, Deliveries, Delivery, JourneyError, Park, Retry, Skip
from journey_service.domain.groups import delivery_name
from tests.battery.access import Access
from tests.faults.processes import Victim
from tests.history.recorder import Recorder

# Says what becomes of a delivery: ack, skip, retry, park, fail or cancel.
How = Callable[[Delivery], Awaitable[str]]
# What a body that fails or is cancelled says, whatever it meant.
_RETRIES = frozenset({"fail", "cancel"})
_REST_S = 60.0
# Bodies of a process of its own run beside each other.
LANES = 10
_LOOK_S = 0.05
_LEFT = """
    SELECT (SELECT count(*) FROM deliveries WHERE group_id = $1 AND standing IN (1, 2))
         + (SELECT count(*) FROM partitions p LEFT JOIN group_progress g
              ON g.partition = p.partition AND g.group_id = $1
            WHERE p.head > coalesce(g.checkpoint, 0))
"""
_PROGRESS = "SELECT partition, checkpoint FROM group_progress WHERE group_id = $1"


async def acknowledges(_: Delivery) -> str:
    """Everything succeeds at once."""
    return "ack"


@dataclass(slots=True)
class Consumer:
    """One consumer. `lanes` bodies run beside each other; `taken` counts deliveries."""

    recorder: Recorder
    client: Client
    group: str
    name: str
    how: How = acknowledges
    credits: int = 20
    lanes: int = 4
    taken: int = 0
    told: Callable[[int], None] = lambda _: None
    answers: set[asyncio.Task[None]] = field(default_factory=set)

    async def consume(self, stopped: asyncio.Event) -> None:
        """Until told to stop; what was settled is confirmed then."""
        deliveries = self.client.consume(
            self.group,
            consumer_id=self.name,
            credits=self.credits,
            on_error=lambda *_: None,
            on_lost=lambda *_: None,
        )
        async with deliveries, asyncio.TaskGroup() as tasks:
            for _ in range(self.lanes):
                tasks.create_task(self._lane(deliveries))
            await stopped.wait()
            deliveries.drain()
        await asyncio.gather(*self.answers)

    async def _lane(self, deliveries: Deliveries) -> None:
        async for delivery in deliveries:
            self._note(
                "delivery",
                delivery,
                consumer=self.name,
                subject=delivery.event.subject_id,
                version=delivery.event.version,
                partition=delivery.event.partition,
                position=delivery.event.position,
                event_id=delivery.event.interaction.event_id,
                attempt=delivery.attempt,
                epoch=_epoch_of(delivery),
                replayed=delivery.replayed,
            )
            self.taken += 1
            self.told(self.taken)
            how = await self.how(delivery)
            stream_id = deliveries.connection.stream_id
            self._note("settle", delivery, how="retry" if how in _RETRIES else how)
            await _leave(delivery, how)
            answer = asyncio.create_task(self._hear(delivery, deliveries, stream_id))
            self.answers.add(answer)
            answer.add_done_callback(self.answers.discard)

    async def _hear(self, delivery: Delivery, deliveries: Deliveries, stream_id: str) -> None:
        reason = ""
        try:
            await delivery.settled()
        except JourneyError as error:
            reason = error.reason
        again = deliveries.connection.stream_id != stream_id
        self._note("settled", delivery, reason=reason, again=again)

    def _note(self, kind: str, delivery: Delivery, **fields: object) -> None:
        at = {"t": time.monotonic_ns(), "delivery_id": delivery.delivery_id}
        self.recorder.group(kind, self.group, **at, **fields)


def _epoch_of(delivery: Delivery) -> int:
    name = delivery_name(delivery.delivery_id.partition("/")[2])
    assert name is not None
    return name.epoch


async def _leave(delivery: Delivery, how: str) -> None:
    """End the body so."""
    if how == "cancel":
        body = asyncio.create_task(_until_cancelled(delivery))
        await asyncio.sleep(0)
        body.cancel()
        await asyncio.wait([body])
        return
    async with delivery:
        if how == "fail":
            raise RuntimeError("this body fails")
        if how == "retry":
            raise Retry(1, "not now")
        if how == "park":
            raise Park("put aside by the consumer")
        if how == "skip":
            raise Skip


async def _until_cancelled(delivery: Delivery) -> None:
    async with delivery:
        await asyncio.Event().wait()


# --- the group -----------------------------------------------------------------------------------


def connect(address: str, access: Access) -> Client:
    """A back end of the client library that has all groups."""
    token = access.back_end().removeprefix("Bearer ")
    return journey_client.connect(address, token=token, service=True)


async def make_group(
    recorder: Recorder, client: Client, name: str, *, max_attempts: int = 1_000, lease_ms: int = 0
) -> None:
    """Make a group of all events from the beginning, and note how it is meant."""
    group = Group(
        group_id=name,
        purpose="necessary",
        max_attempts=max_attempts,
        lease_ms=lease_ms,
        min_backoff_ms=1,
        max_backoff_ms=50,
    )
    await client.create_group(group, start=StartPoint(beginning=True))
    recorder.group("group", name, hold=True, max_attempts=max_attempts)


@asynccontextmanager
async def observed(recorder: Recorder, access: Access, name: str) -> AsyncIterator[None]:
    """Note again and again how far the group is, while this is open."""
    looking = asyncio.create_task(_look(recorder, access, name))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def _look(recorder: Recorder, access: Access, name: str) -> None:
    connection = await asyncpg.connect(access.dsn())
    try:
        while True:
            rows = await connection.fetch(_PROGRESS, name)
            seen = {str(partition): checkpoint for partition, checkpoint in rows}
            recorder.group("progress", name, t=time.monotonic_ns(), checkpoints=seen)
            await asyncio.sleep(_LOOK_S)
    finally:
        await connection.close()


async def at_rest(recorder: Recorder, access: Access, client: Client, name: str) -> int:
    """Wait until nothing of the group is left to do; note what is parked, and return how much."""
    connection = await asyncpg.connect(access.dsn())
    try:
        async with asyncio.timeout(_REST_S):
            while await connection.fetchval(_LEFT, name):  # noqa: ASYNC110  the table tells nobody
                await asyncio.sleep(_LOOK_S)
    finally:
        await connection.close()
    parked = [event.event async for event in client.parked(name, page_size=500)]
    recorder.group("aside", name, events=[[each.partition, each.position] for each in parked])
    return len(parked)


# --- a process of its own ------------------------------------------------------------------------

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


class Process:
    """A consumer that is a process. `taken` is how many deliveries it says it got."""

    def __init__(
        self, folder: Path, address: str, token: str, group: str, name: str, *, hold_ms: int = 0
    ) -> None:
        # Without a lock: one writes, and it may be killed.
        self._taken = _CONTEXT.RawValue("q", 0)
        self._process = _CONTEXT.Process(
            target=_be, args=(str(folder), address, token, group, name, hold_ms, self._taken)
        )
        self.name = name
        self._process.start()
        victim = Victim.of(self._process.pid or 0)
        assert victim is not None
        self.victim = victim

    @property
    def taken(self) -> int:
        """Deliveries so far."""
        return int(self._taken.value)

    async def takes(self, count: int, within_s: float = 20.0) -> None:
        """Wait until it has got so many. `TimeoutError`: it has not."""
        async with asyncio.timeout(within_s):
            while self.taken < count:  # noqa: ASYNC110  another process tells nobody
                await asyncio.sleep(0.005)

    def kill(self) -> None:
        """End it at once."""
        self.victim.kill()
        self._process.join()


def _be(
    folder: str, address: str, token: str, group: str, name: str, hold_ms: int, taken: Any
) -> None:
    """Consume until killed; each body takes `hold_ms`."""

    async def hold(_: Delivery) -> str:
        await asyncio.sleep(hold_ms / 1_000)
        return "ack"

    def tell(count: int) -> None:
        taken.value = count

    async def live() -> None:
        with Recorder(Path(folder), f"{name}-{time.monotonic_ns()}") as recorder:
            async with journey_client.connect(address, token=token, service=True) as client:
                consumer = Consumer(recorder, client, group, name, hold, lanes=LANES, told=tell)
                await consumer.consume(asyncio.Event())

    asyncio.run(live())
