"""Frames as a client takes them off the wire, whatever the service put them together from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TypeVar, cast

from google.protobuf.message import Message

from journey.v1.history_service_pb2 import ReadEventsRequest, ReadEventsResponse
from journey_service.application import Application
from journey_service.domain.identity import Principal

M = TypeVar("M", bound=Message)


async def taken(frames: AsyncIterator[Message], response: type[M]) -> AsyncGenerator[M]:
    """Each frame as a response of the method."""
    async with aclosing(cast("AsyncGenerator[Message]", frames)):
        async for frame in frames:
            yield response.FromString(frame.SerializeToString())


def read_events(
    application: Application, principal: Principal, request: ReadEventsRequest
) -> AsyncGenerator[ReadEventsResponse]:
    """The frames of a bulk read."""
    return taken(application.read_events(principal, request), ReadEventsResponse)
