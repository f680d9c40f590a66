"""Watches of a projection whose frames are taken one by one, and what they keep."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager

import projections
from journey.v1.projection_service_pb2 import ProjectionState
from journey.v1.stream_pb2 import (
    ResetReason,
)
from journey.v1.subscription_service_pb2 import WatchProjectionRequest, WatchProjectionResponse
from tests.application.scene import SERVICE, Scene
from tests.application.views import adds, runner_of

VIEWS = (*projections.VIEWS, adds())


async def folded(stage: Scene) -> None:
    await runner_of(adds(), stage.store).catch_up()


class Reader:
    """Takes frames one by one and keeps what they say."""

    def __init__(self, frames: AsyncIterator[WatchProjectionResponse]) -> None:
        self.frames = frames
        self.held: dict[str, dict[str, int]] = {}
        self.checkpoint = ""

    async def next(self) -> WatchProjectionResponse:
        async with asyncio.timeout(5):
            frame = await anext(self.frames)
        self.checkpoint = frame.checkpoint or self.checkpoint
        self.hold(frame.snapshot.states)
        self.hold(frame.changes.states)
        for key in frame.changes.removed_keys:
            del self.held[key]
        return frame

    def hold(self, states: Iterable[ProjectionState]) -> None:
        for state in states:
            self.held[state.key] = json.loads(state.json or "{}").get("quantities", {})

    async def until(self, content: str) -> WatchProjectionResponse:
        while (frame := await self.next()).WhichOneof("content") != content:
            pass
        return frame


@asynccontextmanager
async def watching(
    stage: Scene, *keys: str, name: str = "adds", checkpoint: str = "", consumer: str = "ads"
) -> AsyncIterator[Reader]:
    asked = WatchProjectionRequest(
        projection=name, keys=keys, checkpoint=checkpoint, consumer=consumer
    )
    async with aclosing(stage.application.watch_projection(SERVICE, asked)) as frames:  # type: ignore[type-var]
        yield Reader(frames)


async def why_not(stage: Scene, checkpoint: str, *keys: str) -> ResetReason:
    async with watching(stage, *keys, checkpoint=checkpoint) as reader:
        opened = (await reader.next()).opened
        assert not opened.resumed
        assert (await reader.next()).WhichOneof("content") == "snapshot"
        return opened.why_not


async def another_generation(stage: Scene) -> None:
    """As when a rebuild is switched to."""
    lists = stage.store.state_lists
    now = await lists.generation_of("adds", 1)

    async def generation_of(projection: str, version: int) -> int:
        return now + 1

    lists.generation_of = generation_of  # type: ignore[method-assign]
