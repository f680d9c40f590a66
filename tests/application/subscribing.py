"""Subscriptions whose frames are taken one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Self

from journey.v1.events_pb2 import Event
from journey.v1.reading_pb2 import StartPoint
from journey.v1.subscription_service_pb2 import SubscribeRequest, SubscribeResponse
from journey_service.domain.identity import Principal
from tests.application.scene import DEVELOPER, Scene
from tests.application.taking import taken

BEGINNING = StartPoint(beginning=True)
END = StartPoint(end=True)


def behind(checkpoint: str) -> StartPoint:
    """The place behind a checkpoint."""
    return StartPoint(checkpoint=checkpoint)


def subscribe(
    stage: Scene,
    start: StartPoint = BEGINNING,
    principal: Principal = DEVELOPER,
    **fields: object,
) -> Subscription:
    """A subscription of a developer, unless it is somebody else's."""
    fields.setdefault("consumer", "billing")
    request = SubscribeRequest(start=start, **fields)  # type: ignore[arg-type]
    frames = stage.application.subscribe(principal, request)
    return Subscription(taken(frames, SubscribeResponse))


class Subscription:
    """Frames of one stream, and the events that were in them."""

    def __init__(self, frames: AsyncIterator[SubscribeResponse]) -> None:
        self.frames = frames
        self.events: list[Event] = []
        self.checkpoint = ""

    async def take(self) -> SubscribeResponse:
        """The next frame, whatever it is."""
        async with asyncio.timeout(5):
            frame = await anext(self.frames)
        self.events += frame.batch.events
        self.checkpoint = frame.checkpoint or self.checkpoint
        return frame

    async def until(self, content: str) -> SubscribeResponse:
        """The next frame with this content; others before it are taken."""
        while (frame := await self.take()).WhichOneof("content") != content:
            pass
        return frame

    async def live(self) -> Self:
        """Past caught_up."""
        await self.until("caught_up")
        return self

    @property
    def places(self) -> list[tuple[int, int]]:
        """Partition and position of what came."""
        return [(event.partition, event.position) for event in self.events]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await aclosing(self.frames).__aexit__(None, None, None)  # type: ignore[type-var]
