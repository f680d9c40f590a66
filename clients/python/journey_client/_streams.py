"""A server stream that is opened again whenever it ends, from where its reader stands by then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc.aio
from google.protobuf.message import Message

from journey.v1 import errors_pb2 as reasons
from journey.v1.stream_pb2 import GOING_AWAY_REASON_REPLACED, GoingAway
from journey_client._calls import Calls, Method
from journey_client._error import JourneyError, Replaced, Unreachable, from_call
from journey_client.connection import DEFAULTS, Backoff

Ask = TypeVar("Ask", bound=Message)
Answer = TypeVar("Answer", bound=Message)
_AGAIN = frozenset(
    {
        reasons.CLIENT_ACTION_RETRY,
        reasons.CLIENT_ACTION_RECONNECT,
    }
)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A stream has ended and is opened again after a wait; `why` says what ended it."""

    why: JourneyError
    wait_ms: float


async def reopened(
    calls: Calls,
    method: Method[Ask, Answer],
    request: Callable[[], Ask],
    *,
    progress: frozenset[str],
) -> AsyncGenerator[Answer | Interrupted]:
    """Frames of one stream after the other, for ever; between two streams an Interrupted.

    `request` is asked for each stream, so that it names the place to go on from; a frame with
    content in `progress` makes the waits short again. Raises the JourneyError that makes further
    tries useless; Replaced where a newer stream of the same name took over.
    """
    backoff = Backoff()
    renewed = False
    while True:
        try:
            async with aclosing(_frames(calls, method, request())) as frames:
                async for frame in frames:
                    if frame.WhichOneof("content") in progress:
                        backoff.healthy()
                        renewed = False
                    yield frame
        except JourneyError as error:
            if error.action == reasons.CLIENT_ACTION_RENEW_CREDENTIAL and not renewed:
                renewed = True
                await calls.renew_credential()
            elif not (error.retryable or error.action in _AGAIN):
                raise
            wait_ms = backoff.next_wait_ms(error.retry_after_ms)
            yield Interrupted(error, wait_ms)
            await asyncio.sleep(wait_ms / 1_000)


async def _frames(
    calls: Calls, method: Method[Ask, Answer], request: Ask
) -> AsyncGenerator[Answer]:
    """Frames of one stream; raises how it ends."""
    call: Any = await calls.stream(method, request)
    silence_s = DEFAULTS.opens_within_ms / 1_000
    try:
        while True:
            frame = await _next(call, silence_s)
            match frame.WhichOneof("content"):
                case "opened":
                    told_s = frame.opened.heartbeat_ms / 1_000
                    silence_s = DEFAULTS.silent_heartbeats * told_s or silence_s
                case "going_away":
                    raise _farewell(frame.going_away)
            yield frame
    finally:
        call.cancel()


async def _next(call: Any, silence_s: float) -> Any:
    """The next frame. Raises Unreachable when none comes in time, or when there are no more."""
    try:
        async with asyncio.timeout(silence_s):
            frame = await call.read()
    except TimeoutError:
        raise Unreachable(f"The stream was silent for {silence_s:g} s.") from None
    except grpc.aio.AioRpcError as error:
        raise from_call(error) from error
    if frame is grpc.aio.EOF:
        raise Unreachable("The stream ended without a word.")
    return frame


def _farewell(away: GoingAway) -> JourneyError:
    if away.reason == GOING_AWAY_REASON_REPLACED:
        return Replaced()
    return Unreachable("The service ends the stream.", retry_after_ms=away.retry_after_ms)
