"""A reader of the journal that goes on behind its checkpoint, and writes down what it is sent."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import asyncpg
import grpc
import grpc.aio

from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey.v1.subscription_service_pb2 import SubscribeRequest, SubscribeResponse
from journey.v1.subscription_service_pb2_grpc import SubscriptionServiceStub
from journey_service.domain.tokens import Tokens
from tests.battery.access import Access
from tests.battery.client import OPTIONS, outcome_name
from tests.battery.final import ALL
from tests.battery.follower import until
from tests.battery.run import Run

_AGAIN_S = 0.02


async def tokens_of(access: Access) -> Tokens:
    """What opens and seals the checkpoints of the journal under test."""
    connection = await asyncpg.connect(access.dsn())
    try:
        journal_id = await connection.fetchval("SELECT journal_id FROM journal")
    finally:
        await connection.close()
    return Tokens([access.secrets.signing_key], journal_id)


class Subscriber:
    """Subscribes, and opens again with its last checkpoint whenever the stream ends."""

    def __init__(
        self,
        run: Run,
        name: str,
        address: str,
        tokens: Tokens,
        *,
        wanted: EventFilter = ALL,
    ) -> None:
        self.name = name
        self.address = address
        self.checkpoint = ""
        self.streams = 0
        self.heartbeats = 0
        # When each event came, in seconds of the monotonic clock, by event id.
        self.came: dict[str, float] = {}
        self.caught_up = asyncio.Event()
        self._run = run
        self._tokens = tokens
        self._wanted = wanted
        self._places: dict[int, int] = {}

    @property
    def places(self) -> Mapping[int, int]:
        """Up to where its last checkpoint says that it read, by partition."""
        return self._places

    def go_on_from(self, checkpoint: str) -> None:
        """Begin behind a checkpoint that was told earlier."""
        self.checkpoint = checkpoint
        self._places = dict(self._tokens.open_checkpoint(checkpoint).positions)

    async def follow(self, stopped: asyncio.Event) -> None:
        """Until told to stop. Raises AioRpcError where the service refuses for good."""
        while not stopped.is_set():
            try:
                await self.stream(stopped)
            except grpc.aio.AioRpcError as error:
                lost = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
                if error.code() not in lost:
                    raise
            await asyncio.sleep(_AGAIN_S)

    async def stream(self, stopped: asyncio.Event) -> None:
        """One stream, to its end."""
        self.streams += 1
        wants = [outcome_name(outcome) for outcome in self._wanted.outcomes] or ["ACCEPTED"]
        self._run.recorder.stream(self.name, self._places, wants)
        async with grpc.aio.insecure_channel(self.address, options=OPTIONS) as channel:
            stub: Any = SubscriptionServiceStub(channel)
            metadata = [("authorization", self._run.access.back_end(self.name))]
            call = stub.Subscribe(self._request(), metadata=metadata, wait_for_ready=True)
            ending = asyncio.ensure_future(stopped.wait())
            try:
                while not stopped.is_set():
                    reading = asyncio.ensure_future(call.read())
                    await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
                    if not reading.done():
                        reading.cancel()
                        return
                    frame = reading.result()
                    if frame is grpc.aio.EOF:
                        return
                    self.take(frame)
            finally:
                ending.cancel()
                call.cancel()

    def _request(self) -> SubscribeRequest:
        start = StartPoint(beginning=True)
        if self.checkpoint:
            start = StartPoint(checkpoint=self.checkpoint)
        return SubscribeRequest(
            start=start, filter=self._wanted, consumer=self.name, purpose="necessary"
        )

    def take(self, frame: SubscribeResponse) -> None:
        """Note a frame and the place after it."""
        now = time.monotonic()
        content = frame.WhichOneof("content")
        self.heartbeats += content == "heartbeat"
        if content == "caught_up":
            self.caught_up.set()
        events = [
            (event.partition, event.position, event.interaction.event_id)
            for event in frame.batch.events
        ]
        for *_, event_id in events:
            self.came.setdefault(event_id, now)
        moved: dict[int, int] = {}
        if frame.checkpoint:
            told = self._tokens.open_checkpoint(frame.checkpoint).positions
            moved = {at: place for at, place in told.items() if place != self._places.get(at, 0)}
            self._places |= moved
            self.checkpoint = frame.checkpoint
        if events or moved:
            self._run.recorder.frame(self.name, events, moved)


async def heads_of(access: Access) -> dict[int, int]:
    """Last position of every partition, as the database tells it."""
    connection = await asyncpg.connect(access.dsn())
    try:
        return dict(map(tuple, await connection.fetch("SELECT partition, head FROM partitions")))
    finally:
        await connection.close()


async def is_level(run: Run, subscriber: Subscriber, within_s: float) -> bool:
    """Whether the subscriber comes to where the journal ends, in time."""
    heads = {at: head for at, head in (await heads_of(run.access)).items() if head}
    return await until(
        lambda: all(subscriber.places.get(at, 0) >= head for at, head in heads.items()), within_s
    )
