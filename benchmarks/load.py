"""The load generator: closed loops of calls over grpc.aio, in a process of its own.

Requests are serialized before the clock starts and answers are read after it has stopped, so that
it takes as little as it can of the processors that it shares with what it measures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import NamedTuple, TypeAlias

import grpc

from journey.v1.journey_service_pb2 import RecordStreamResponse

Metadata: TypeAlias = tuple[tuple[str, str], ...]
Unary: TypeAlias = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
Streaming: TypeAlias = grpc.aio.StreamStreamMultiCallable[bytes, bytes]
CALL_TIMEOUT_S = 30.0
CONNECTIONS = 4
CHANNEL_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 16 << 20),
)


class Call(NamedTuple):
    """A serialized request and the index of its caller's metadata."""

    request: bytes
    caller: int


@dataclass(frozen=True, slots=True)
class UnaryJob:
    """Lanes of calls: within a lane one after the other, all lanes at once.

    There are as many calls in flight as there are lanes. They share a few connections: many callers
    on one would meet the server's limit of calls of a connection, not of what it can do.
    """

    address: str
    method: str
    lanes: Sequence[Sequence[Call]]
    callers: Sequence[Metadata]


@dataclass(frozen=True, slots=True)
class StreamJob:
    """One stream of serialized RecordStreamRequests each, whose batches are numbered from 1;
    `in_flight` of them unanswered.
    """

    address: str
    method: str
    streams: Sequence[Sequence[bytes]]
    caller: Metadata
    in_flight: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered while all lanes were busy, and how long each call of them took.

    `elapsed_s` ends when the first lane has no more calls; `answered` counts until then.
    `answers` are all serialized answers, for a look at what they say; `refused` are the calls that
    the server had no room for and that were repeated.
    """

    elapsed_s: float
    answered: int
    latencies_ms: list[float]
    answers: list[bytes]
    refused: int = 0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return self.answered / self.elapsed_s


class LoadGenerator:
    """Carries out jobs; keeps CONNECTIONS to each address."""

    def __init__(self) -> None:
        self._channels: dict[str, list[grpc.aio.Channel]] = {}

    async def do(self, job: UnaryJob | StreamJob) -> Outcome:
        """Load the address as the job says. Raises AioRpcError at the first call that fails."""
        channels = self._connected(job.address)
        await asyncio.gather(*(channel.channel_ready() for channel in channels))
        if isinstance(job, UnaryJob):
            return await _unary(channels, job)
        return await _streams(channels, job)

    async def close(self) -> None:
        """Close the connections."""
        for channels in self._channels.values():
            await asyncio.gather(*(channel.close() for channel in channels))

    def _connected(self, address: str) -> list[grpc.aio.Channel]:
        if address not in self._channels:
            self._channels[address] = [
                grpc.aio.insecure_channel(address, CHANNEL_OPTIONS) for _ in range(CONNECTIONS)
            ]
        return self._channels[address]


class _Tally:
    """When each call of a lane was answered, and after how long; seconds."""

    __slots__ = ("answers", "ends", "refused", "tooks")

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.ends: list[float] = []
        self.tooks: list[float] = []
        self.refused = 0

    def note(self, began: float, answer: bytes) -> None:
        ended = time.perf_counter()
        self.answers.append(answer)
        self.ends.append(ended)
        self.tooks.append(ended - began)


def method(channel: grpc.aio.Channel, path: str) -> Unary:
    """A method that takes and gives serialized messages."""
    return channel.unary_unary(path)


async def _unary(channels: Sequence[grpc.aio.Channel], job: UnaryJob) -> Outcome:
    calls = cycle([method(channel, job.method) for channel in channels])

    async def work(call: Unary, lane: Sequence[Call], tally: _Tally) -> None:
        for request, caller in lane:
            began = time.perf_counter()
            answer = await _answer(call, request, job.callers[caller], tally)
            tally.note(began, answer)

    tallies = [_Tally() for _ in job.lanes]
    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for call, lane, tally in zip(calls, job.lanes, tallies, strict=False):
            tasks.create_task(work(call, lane, tally))
    return _outcome(began, tallies)


async def _answer(call: Unary, request: bytes, caller: Metadata, tally: _Tally) -> bytes:
    """The answer; refused calls are repeated at once, as the sequence of a device demands."""
    while True:
        try:
            return await call(request, metadata=caller, timeout=CALL_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                raise
            tally.refused += 1


async def _streams(channels: Sequence[grpc.aio.Channel], job: StreamJob) -> Outcome:
    opening: Streaming = channels[0].stream_stream(job.method)
    tallies = [_Tally() for _ in job.streams]
    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for requests, tally in zip(job.streams, tallies, strict=True):
            call = opening(metadata=job.caller)
            tasks.create_task(_stream(call, requests, job.in_flight, tally))
    return _outcome(began, tallies)


async def _stream(
    call: grpc.aio.StreamStreamCall[bytes, bytes],
    requests: Sequence[bytes],
    in_flight: int,
    tally: _Tally,
) -> None:
    """Send all requests, at most `in_flight` unanswered; refused ones are sent again."""
    free = asyncio.Semaphore(in_flight)
    begun: dict[int, float] = {}
    waiting: asyncio.Queue[int] = asyncio.Queue()
    for number in range(1, len(requests) + 1):
        waiting.put_nowait(number)

    async def send() -> None:
        while True:
            number = await waiting.get()
            await free.acquire()
            begun.setdefault(number, time.perf_counter())
            await call.write(requests[number - 1])

    sending = asyncio.create_task(send())
    try:
        while len(tally.ends) < len(requests):
            frame = await call.read()
            if not isinstance(frame, bytes):
                raise EOFError(f"{await call.code()} {await call.details()}")  # noqa: TRY004
            content = RecordStreamResponse.FromString(frame)
            if not content.HasField("ack"):
                continue
            free.release()
            number = content.ack.batch_no
            if content.ack.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]:
                tally.refused += 1
                waiting.put_nowait(number)
            else:
                tally.note(begun.pop(number), frame)
    finally:
        sending.cancel()
        call.cancel()


def _outcome(began: float, tallies: Sequence[_Tally]) -> Outcome:
    end = min(tally.ends[-1] for tally in tallies)
    ended = [
        took
        for tally in tallies
        for at, took in zip(tally.ends, tally.tooks, strict=True)
        if at <= end
    ]
    return Outcome(
        elapsed_s=end - began,
        answered=len(ended),
        latencies_ms=[took * 1_000 for took in ended],
        answers=[answer for tally in tallies for answer in tally.answers],
        refused=sum(tally.refused for tally in tallies),
    )
