"""Consumers of a group whose frames are taken one by one, and events to be consumed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self

from journey.v1.access_pb2 import ROLE_OPERATOR, ROLE_SERVICE
from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    ConsumeRequest,
    ConsumeResponse,
    ConsumeStart,
    CreateGroupRequest,
    Credit,
    Delivery,
    Extension,
    GetGroupRequest,
    Group,
    Nack,
    NackAction,
    Settlement,
    SettlementResult,
)
from journey.v1.reading_pb2 import StartPoint
from journey_service.application import Application
from journey_service.domain.identity import Principal
from journey_service.settings import Settings
from tests.application.scene import Scene, scene
from tests.contract.acts import acts

BILLING = Principal(ROLE_SERVICE, "billing", scopes=frozenset({"group.*"}))
OPERATOR = Principal(ROLE_OPERATOR, "op")
BEGINNING = StartPoint(beginning=True)
END = StartPoint(end=True)
# Short intervals, so that nothing is waited for; but a process that stands still for a while loses
# no consumer, unless that is what a test is about.
QUICK = {
    "group_lease_least_ms": 1,
    "group_backoff_ms": 1,
    "group_attend_ms": 20,
    "group_consumer_life_ms": 60_000,
    "group_checkpoint_ms": 20,
    "drain_streams_ms": 0,
}


def group(group_id: str = "billing", **settings: object) -> Group:
    """Settings as a caller sends them."""
    return Group(group_id=group_id, purpose="necessary", **settings)  # type: ignore[arg-type]


def command() -> str:
    """A new command id."""
    return str(uuid.uuid4())


class StreamEnded(Exception):
    """The stream ended, with status OK."""


@dataclass(slots=True)
class Consuming:
    """A consumer's stream, with credit for as many deliveries as it may have out."""

    application: Application
    consumer_id: str
    group_id: str = "billing"
    deliveries: int = 100
    bytes: int = 1 << 24
    principal: Principal = BILLING
    _requests: asyncio.Queue[ConsumeRequest | None] = field(default_factory=asyncio.Queue)
    _frames: asyncio.Queue[ConsumeResponse | Exception] = field(default_factory=asyncio.Queue)
    _pumping: asyncio.Task[None] | None = None
    _waiting: list[Delivery] = field(default_factory=list)
    assigned: list[int] = field(default_factory=list)
    epoch: int = 0

    async def __aenter__(self) -> Self:
        credit = Credit(deliveries=self.deliveries, bytes=self.bytes)
        start = ConsumeStart(group_id=self.group_id, consumer_id=self.consumer_id, credit=credit)
        self._requests.put_nowait(ConsumeRequest(start=start))
        self._pumping = asyncio.create_task(self._pump())
        try:
            assert (await self.next()).WhichOneof("content") == "opened"
        except BaseException:
            # Cancelled, say: nobody would leave for one who never came in.
            await self.cut()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def cut(self) -> None:
        """As when the connection breaks."""
        assert self._pumping is not None
        self._pumping.cancel()
        await asyncio.wait([self._pumping])

    async def _pump(self) -> None:
        """Take frames as they come; the end is an error, too."""
        frames = self.application.consume(self.principal, self._sent())
        try:
            async with aclosing(frames):  # type: ignore[type-var]  # it is a generator
                async for frame in frames:
                    self._frames.put_nowait(frame)
            self._frames.put_nowait(StreamEnded())
        except Exception as error:  # noqa: BLE001  whoever takes frames gets it
            self._frames.put_nowait(error)

    async def _sent(self) -> AsyncIterator[ConsumeRequest]:
        while (request := await self._requests.get()) is not None:
            yield request

    def send(self, **content: object) -> None:
        """Send a frame."""
        self._requests.put_nowait(ConsumeRequest(**content))  # type: ignore[arg-type]

    def end(self) -> None:
        """Send no more."""
        self._requests.put_nowait(None)

    async def next(self) -> ConsumeResponse:
        """The next frame, whatever it is. Raises what the stream raised; StreamEnded."""
        async with asyncio.timeout(5):
            frame = await self._frames.get()
        if isinstance(frame, Exception):
            raise frame
        if frame.HasField("assignment"):
            self.assigned = list(frame.assignment.partitions)
            self.epoch = frame.assignment.epoch
        return frame

    async def frame(self, content: str) -> ConsumeResponse:
        """The next frame with this content; deliveries on the way there are kept."""
        while True:
            frame = await self.next()
            if frame.WhichOneof("content") == content:
                return frame
            self._waiting += frame.deliveries.deliveries

    async def take(self, count: int = 1) -> list[Delivery]:
        """So many deliveries."""
        while len(self._waiting) < count:
            frame = await self.next()
            self._waiting += frame.deliveries.deliveries
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    async def one(self) -> Delivery:
        """One delivery."""
        return (await self.take())[0]

    async def nothing(self, for_s: float = 0.05) -> bool:
        """Whether no delivery comes within a few rounds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                while not self._waiting:
                    self._waiting += (await self.next()).deliveries.deliveries
        return not self._waiting

    async def settle(self, **settlement: object) -> SettlementResult:
        """Settle, and wait for the result."""
        self.send(settlement=Settlement(**settlement))  # type: ignore[arg-type]
        return (await self.frame("result")).result

    async def ack(self, *deliveries: Delivery) -> SettlementResult:
        """They succeeded."""
        return await self.settle(ack_ids=[each.delivery_id for each in deliveries])

    async def nack(
        self, delivery: Delivery, action: NackAction, reason: str = "", delay_ms: int = 0
    ) -> SettlementResult:
        """It did not."""
        nack = Nack(
            delivery_id=delivery.delivery_id, action=action, reason=reason, delay_ms=delay_ms
        )
        return await self.settle(nacks=[nack])

    async def extend(self, delivery: Delivery, lease_ms: int) -> SettlementResult:
        """It takes longer."""
        more = Extension(delivery_id=delivery.delivery_id, lease_ms=lease_ms)
        return await self.settle(extensions=[more])


@dataclass(slots=True)
class GroupScene:
    """An application with a group, and people of whom something is recorded."""

    scene: Scene
    application: Application

    def consumer(self, consumer_id: str = "one", **about: object) -> Consuming:
        """A consumer that connects when it is entered."""
        return Consuming(self.application, consumer_id, **about)  # type: ignore[arg-type]

    async def stands(self, group_id: str = "billing") -> Group:
        """The group with its figures."""
        response = await self.application.get_group(BILLING, GetGroupRequest(group_id=group_id))
        return response.group

    async def create(self, start: StartPoint = BEGINNING, **settings: object) -> Group:
        """Make the group."""
        request = CreateGroupRequest(group=group(**settings), start=start)  # type: ignore[arg-type]
        return (await self.application.create_group(BILLING, request)).group

    async def record(self, subject_id: str, count: int = 1) -> None:
        """A service records so much of a subject."""
        head = await self.scene.store.journal.stream_head(subject_id)
        for number in range(head.version + 1, head.version + 1 + count):
            await self.scene.store.journal.append(acts(number, subject=subject_id))


async def group_scene(**changes: int) -> GroupScene:
    """A fresh application whose groups do not wait."""
    made = await scene(replace(Settings(), **{**QUICK, **changes}))  # type: ignore[arg-type]
    return GroupScene(made, made.application)


async def parked_scene(count: int = 3, **settings: Any) -> GroupScene:
    """So many subjects have their first event parked, and a second one."""
    stage = await group_scene()
    await stage.create(**settings)
    async with stage.consumer() as consumer:
        for number in range(count):
            await stage.record(f"s{number}", 2)
            delivery = await consumer.one()
            await consumer.nack(delivery, NACK_ACTION_PARK, f"because {number}")
    return stage
