"""A real gRPC server whose side of Consume a test plays: for what a sound service does seldom."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio

from journey.v1.events_pb2 import Event
from journey.v1.groups_pb2 import (
    Assignment,
    ConsumeRequest,
    ConsumeResponse,
    Delivery,
    DeliveryBatch,
    Settlement,
    SettlementResult,
)
from journey.v1.stream_pb2 import GoingAway, GoingAwayReason, Heartbeat, StreamOpened

PATIENCE_S = 10


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Stream:
    """One stream of a consumer, from the service's side."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.ended = asyncio.Event()

    async def read(self) -> ConsumeRequest | None:
        """The next frame of the consumer; None where it sends no more."""
        async with asyncio.timeout(PATIENCE_S):
            data = await self._context.read()
        return None if data is grpc.aio.EOF else ConsumeRequest.FromString(data)

    async def take(self, kind: str) -> Any:
        """The next frame of a kind; others are left out."""
        while (frame := await self.read()) is not None:
            if frame.WhichOneof("content") == kind:
                return getattr(frame, kind)
        raise AssertionError(f"the stream ended before any {kind}")

    async def open(self, *, heartbeat_ms: int = 15_000) -> Any:
        """Take the start, say that the stream is open; returns the start."""
        start = await self.take("start")
        opened = StreamOpened(stream_id="s", heartbeat_ms=heartbeat_ms, server_ms=now_ms())
        await self.send(ConsumeResponse(opened=opened))
        await self.send(ConsumeResponse(assignment=Assignment(partitions=[0], epoch=1)))
        return start

    async def deliver(self, *ids: str, lease_ms: int = 30_000, size: int = 100) -> None:
        """Hand these out; the number behind the letter is the event's version."""
        until = now_ms() + lease_ms
        deliveries = [
            Delivery(
                delivery_id=delivery_id,
                event=Event(subject_id=delivery_id[0], version=number),
                attempt=1,
                lease_expires_at_ms=until,
                bytes=size,
            )
            for number, delivery_id in enumerate(ids, 1)
        ]
        await self.send(ConsumeResponse(deliveries=DeliveryBatch(deliveries=deliveries)))

    async def confirm(self) -> Settlement:
        """Take a settlement and say that all of it counts."""
        settlement: Settlement = await self.take("settlement")
        nacked = [nack.delivery_id for nack in settlement.nacks]
        extended = [extension.delivery_id for extension in settlement.extensions]
        ids = [*settlement.ack_ids, *nacked, *extended]
        await self.send(ConsumeResponse(result=SettlementResult(settled_ids=ids)))
        return settlement

    async def beat(self) -> None:
        await self.send(ConsumeResponse(heartbeat=Heartbeat(server_ms=now_ms())))

    async def send(self, frame: ConsumeResponse) -> None:
        await self._context.write(frame.SerializeToString())

    async def go_away(self, reason: GoingAwayReason) -> None:
        """Say good-bye and end."""
        await self.send(ConsumeResponse(going_away=GoingAway(reason=reason, retry_after_ms=1)))
        self.ended.set()


class Playing(grpc.GenericRpcHandler):
    """The streams that consumers open, one after the other."""

    def __init__(self) -> None:
        self.address = ""
        self._streams: asyncio.Queue[Stream] = asyncio.Queue()

    async def stream(self) -> Stream:
        """The next stream that a consumer opens."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._streams.get()

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any]:
        return grpc.stream_stream_rpc_method_handler(self._serve)

    async def _serve(self, _: Any, context: Any) -> None:
        stream = Stream(context)
        self._streams.put_nowait(stream)
        await stream.ended.wait()


@asynccontextmanager
async def playing() -> AsyncIterator[Playing]:
    """A server on a free port."""
    played = Playing()
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((played,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    played.address = f"127.0.0.1:{port}"
    try:
        yield played
    finally:
        await server.stop(grace=None)
