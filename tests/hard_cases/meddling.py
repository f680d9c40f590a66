"""Something between a device and the service that loses frames of a stream, or doubles them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

WATCH = "/journey.v1.JourneyService/Watch"


@dataclass
class Meddler:
    """Passes every call on as it is; `drop` and `repeat` count frames to be lost or doubled."""

    channel: Any
    drop: int = 0
    repeat: int = 0
    watches: int = 0
    dropped: list[bytes] = field(default_factory=list)
    has_dropped: asyncio.Event = field(default_factory=asyncio.Event)

    async def unary(self, path: str, request: bytes, context: Any) -> bytes:
        """One call and its answer."""
        call = self.channel.unary_unary(path)(request, metadata=_metadata(context))
        try:
            answer: bytes = await call
        except grpc.aio.AioRpcError as error:
            context.set_trailing_metadata(tuple(error.trailing_metadata() or ()))
            await context.abort(error.code(), error.details() or "")
            raise
        return answer

    async def watch(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        """A stream of frames."""
        self.watches += 1
        frames = self.channel.unary_stream(WATCH)(request, metadata=_metadata(context))
        async for frame in frames:
            if self.drop:
                self.drop -= 1
                self.dropped.append(frame)
                self.has_dropped.set()
                continue
            yield frame
            if self.repeat:
                self.repeat -= 1
                yield frame


class _Everything(grpc.GenericRpcHandler):
    def __init__(self, meddler: Meddler) -> None:
        self._meddler = meddler

    def service(self, handler_call_details: Any) -> Any:
        path = handler_call_details.method
        if path == WATCH:
            return grpc.unary_stream_rpc_method_handler(self._meddler.watch)

        async def unary(request: bytes, context: Any) -> bytes:
            return await self._meddler.unary(path, request, context)

        return grpc.unary_unary_rpc_method_handler(unary)


def _metadata(context: Any) -> Any:
    return tuple(
        (key, value)
        for key, value in context.invocation_metadata()
        if key in {"authorization", "journey-request-id"}
    )


@asynccontextmanager
async def meddling(port: int) -> AsyncIterator[tuple[Meddler, str]]:
    """The meddler before the service at `port`, and its own address."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        meddler = Meddler(channel)
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((_Everything(meddler),))
        own = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            yield meddler, f"127.0.0.1:{own}"
        finally:
            await server.stop(0)
