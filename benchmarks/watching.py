"""Devices that watch, in a process of their own: opened, woken by a record, opened again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import grpc

from benchmarks.customers import RECORD, Phone, check, clock
from benchmarks.load import CHANNEL_OPTIONS, method
from journey.v1.journey_service_pb2 import (
    RecordRequest,
    RecordResponse,
    WatchRequest,
    WatchResponse,
)
from journey_client import ids
from journey_client.interactions import cart_line_added

WATCH = "/journey.v1.JourneyService/Watch"
STREAMS_A_CONNECTION = 100
FRAME_S = 30.0
BUSY_S = 0.25


@dataclass(slots=True)
class Watcher:
    """One open watch: where it stands, and who waits for its next change."""

    phone: Phone
    channel: grpc.aio.Channel
    token: str = ""
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    changed_at: float = 0.0
    reading: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Open the stream, going on from the last token."""
        self.caught_up.clear()
        self.reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Hang up."""
        if self.reading is not None:
            self.reading.cancel()
            await asyncio.wait([self.reading])

    async def _read(self) -> None:
        while True:
            try:
                return await self._read_on()
            except grpc.aio.AioRpcError as error:
                if (
                    self.caught_up.is_set()
                    or error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED
                ):
                    raise
                # As any client does with a service that is busy; the wait counts.
                await asyncio.sleep(BUSY_S)

    async def _read_on(self) -> None:
        watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = self.channel.unary_stream(WATCH)
        call = watch(
            WatchRequest(session_id=self.phone.session_id, token=self.token).SerializeToString(),
            metadata=self.phone.metadata,
        )
        try:
            async for data in call:
                frame = WatchResponse.FromString(data)
                self.token = frame.token or self.token
                if frame.HasField("caught_up"):
                    self.caught_up.set()
                elif frame.HasField("delta") and self.caught_up.is_set():
                    self.changed_at = time.perf_counter()
                    self.changed.set()
        finally:
            call.cancel()


class Crowd:
    """Watchers that share connections, a hundred streams each."""

    def __init__(self) -> None:
        self.channels: list[grpc.aio.Channel] = []
        self.watchers: list[Watcher] = []

    async def join(self, address: str, phones: list[Phone], at_once: int) -> None:
        """Open a watch for each, some at a time, and wait until all are level."""
        for start in range(0, len(phones), STREAMS_A_CONNECTION):
            channel = grpc.aio.insecure_channel(address, CHANNEL_OPTIONS)
            self.channels.append(channel)
            some = phones[start : start + STREAMS_A_CONNECTION]
            self.watchers += [Watcher(phone, channel) for phone in some]
        for start in range(0, len(self.watchers), at_once):
            await level(self.watchers[start : start + at_once])

    async def close(self) -> None:
        """Hang up all."""
        for watcher in self.watchers:
            await watcher.close()
        for channel in self.channels:
            await channel.close()


async def level(watchers: list[Watcher]) -> float:
    """Open these watches at once; seconds until the last of them is level."""
    began = time.perf_counter()
    for watcher in watchers:
        watcher.open()
    for watcher in watchers:
        assert watcher.reading is not None
        caught_up = asyncio.ensure_future(watcher.caught_up.wait())
        await asyncio.wait(
            [caught_up, watcher.reading], timeout=FRAME_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not caught_up.done():
            caught_up.cancel()
            raise RuntimeError(f"a watch did not open: {watcher.reading}")
    return time.perf_counter() - began


def intent(phone: Phone) -> RecordRequest:
    """A batch with one intent, stamped now; intents are pushed at once."""
    phone.sent += 1
    now = clock(phone.boot_id)
    made = cart_line_added(f"sku-{phone.sent % 20}", name="Coat, blue, size 40")
    made.event_id, made.seq = ids.event_id(), phone.sent
    made.wall_ms, made.mono_ms, made.boot_id = now.sent_wall_ms, now.sent_mono_ms, now.boot_id
    return RecordRequest(
        batch_no=phone.sent, session_id=phone.session_id, interactions=[made], clock=now
    )


async def propagated(channel: grpc.aio.Channel, acting: Phone, watcher: Watcher) -> float:
    """Milliseconds from a record on one device to its frame on the other."""
    watcher.changed.clear()
    request = intent(acting).SerializeToString()
    began = time.perf_counter()
    recording = asyncio.ensure_future(
        method(channel, RECORD)(request, metadata=acting.metadata, timeout=FRAME_S)
    )
    async with asyncio.timeout(FRAME_S):
        await watcher.changed.wait()
    check(RecordResponse.FromString(await recording))
    return (watcher.changed_at - began) * 1_000
