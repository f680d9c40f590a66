"""Read many events: pages with checkpoints, over broken connections, to an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc.aio

from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import ReadEventsRequest, ReadEventsResponse
from journey_client._calls import Calls
from journey_client._error import JourneyError, Unreachable, from_call
from journey_client._methods import READ_EVENTS
from journey_client.connection import Backoff

FAILURES_IN_A_ROW = 8


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events and the checkpoint after them; the last page may be empty."""

    events: tuple[Event, ...]
    checkpoint: str


async def read_pages(calls: Calls, request: ReadEventsRequest) -> AsyncIterator[EventPage]:
    """Pages until all was sent; a broken stream goes on behind the last page."""
    wanted = ReadEventsRequest()
    wanted.CopyFrom(request)
    backoff = Backoff()
    while True:
        try:
            async for page in _one_stream(calls, wanted):
                backoff.healthy()
                if page.checkpoint:
                    wanted.start.checkpoint = page.checkpoint
                if wanted.limit:
                    wanted.limit = max(0, wanted.limit - len(page.events))
                yield page
            return
        except JourneyError as error:
            if not error.retryable or backoff.tries >= FAILURES_IN_A_ROW:
                raise
            if request.limit and not wanted.limit:
                return  # All that was asked for is here; a limit of 0 would ask for everything.
            await asyncio.sleep(backoff.next_wait_ms(error.retry_after_ms) / 1_000)


async def _one_stream(calls: Calls, request: ReadEventsRequest) -> AsyncIterator[EventPage]:
    """Pages of one stream; raises when it ends before all was sent."""
    call = await calls.stream(READ_EVENTS, request)
    try:
        while True:
            frame = await call.read()
            if not isinstance(frame, ReadEventsResponse):
                raise Unreachable("The stream ended before all was sent.")
            match frame.WhichOneof("content"):
                case "batch":
                    yield EventPage(tuple(frame.batch.events), frame.checkpoint)
                case "done":
                    yield EventPage((), frame.checkpoint)
                    return
                case "going_away":
                    raise Unreachable(
                        "The service ends the stream.",
                        retry_after_ms=frame.going_away.retry_after_ms,
                    )
    except grpc.aio.AioRpcError as error:
        raise from_call(error) from error
    finally:
        call.cancel()
