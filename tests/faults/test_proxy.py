from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import grpc
import grpc.aio
import pytest

from tests.faults.proxy import Frames, Proxy, Replies


class Echo(grpc.GenericRpcHandler):
    def __init__(self) -> None:
        self.served: list[bytes] = []

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[bytes, bytes]:
        return grpc.unary_unary_rpc_method_handler(self.echo)

    async def echo(self, request: bytes, context: object) -> bytes:
        self.served.append(request)
        return request


@pytest.fixture
async def echo() -> AsyncIterator[tuple[Echo, Proxy]]:
    handler = Echo()
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with Proxy(port) as proxy:
        yield handler, proxy
    await server.stop(0)


async def call(channel: grpc.aio.Channel, request: bytes) -> bytes:
    method: Callable[..., grpc.aio.UnaryUnaryCall[bytes, bytes]] = channel.unary_unary("/a/Echo")
    reply: bytes = await method(request, timeout=5)
    return reply


async def call_again(channel: grpc.aio.Channel, request: bytes) -> bytes:
    """Until it gets through: what is sent in the moment of a cut goes down with it."""
    async with asyncio.timeout(10):
        while True:
            await channel.channel_ready()
            with contextlib.suppress(grpc.aio.AioRpcError):
                return await call(channel, request)


def connect(proxy: Proxy) -> grpc.aio.Channel:
    options = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.enable_retries", 0)]
    return grpc.aio.insecure_channel(proxy.address, options=options)


async def test_a_call_gets_through(echo: tuple[Echo, Proxy]) -> None:
    _, proxy = echo
    async with connect(proxy) as channel:
        assert await call(channel, b"ada") == b"ada"


@pytest.mark.parametrize("how", [Replies.LOSE, Replies.HALVE])
async def test_a_lost_reply_is_lost_after_the_work_was_done(
    echo: tuple[Echo, Proxy], how: Replies
) -> None:
    handler, proxy = echo
    async with connect(proxy) as channel:
        await call(channel, b"one")
        with proxy.losing(how), pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(channel, b"two")
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert handler.served == [b"one", b"two"]
        assert proxy.replies_lost == 1
        assert await call_again(channel, b"three") == b"three"


async def test_a_lost_reply_is_the_first_of_a_new_connection_too(
    echo: tuple[Echo, Proxy],
) -> None:
    handler, proxy = echo
    with proxy.losing():
        async with connect(proxy) as channel:
            with pytest.raises(grpc.aio.AioRpcError):
                await call(channel, b"one")
    assert handler.served == [b"one"]


async def test_a_cut_ends_every_connection_and_clients_come_back(
    echo: tuple[Echo, Proxy],
) -> None:
    _, proxy = echo
    async with connect(proxy) as channel:
        await call(channel, b"one")
        assert proxy.cut() == 1
        assert await call_again(channel, b"two") == b"two"
        assert proxy.connections == 2


def frame(kind: int, length: int) -> bytes:
    return length.to_bytes(3) + bytes([kind, 0]) + (1).to_bytes(4) + b"x" * length


@pytest.mark.parametrize("chunk", [1, 2, 7, 10, 1_000])
def test_headers_are_found_wherever_chunks_are_cut(chunk: int) -> None:
    data = frame(4, 6) + frame(1, 20) + frame(0, 5) + frame(1, 0) + frame(8, 4)
    frames = Frames()
    found = [frames.headers_in(data[at : at + chunk]) for at in range(0, len(data), chunk)]
    assert sum(map(len, found)) == 2
    if chunk == 1_000:
        assert found == [[(15, 44), (58, 67)]]
