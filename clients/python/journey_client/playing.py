"""Play a customer's events at a chosen pace, over broken connections, to an end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from journey.v1.history_service_pb2 import PlayedEvent, PlayEventsRequest
from journey_client._calls import Calls
from journey_client._methods import PLAY_EVENTS
from journey_client._streams import Interrupted, reopened
from journey_client.bulk import FAILURES_IN_A_ROW

_PROGRESS = frozenset({"step", "heartbeat"})


async def play(calls: Calls, request: PlayEventsRequest) -> AsyncIterator[PlayedEvent]:
    """Events until all were played; a broken play goes on behind the last one.

    Raises the JourneyError that makes further tries useless, or the last of many in a row.
    """
    wanted = PlayEventsRequest()
    wanted.CopyFrom(request)
    failures = 0
    frames = reopened(calls, PLAY_EVENTS, lambda: wanted, progress=_PROGRESS)
    async with aclosing(frames):
        async for frame in frames:
            if isinstance(frame, Interrupted):
                failures += 1
                if failures >= FAILURES_IN_A_ROW:
                    raise frame.why
                continue
            content = frame.WhichOneof("content")
            if content in _PROGRESS:
                failures = 0
                wanted.start.checkpoint = frame.checkpoint
            if content == "step":
                yield frame.step
            elif content == "done":
                return
