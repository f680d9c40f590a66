import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from journey_service.transport.operations import Operations


@dataclass
class Port:
    """An operations port with switches."""

    operations: Operations
    alive: bool = True
    ready: bool = True

    async def send(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.operations.port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    async def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        answer = await self.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head, _, body = answer.decode().partition("\r\n\r\n")
        return int(head.split()[1]), body


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    found: list[Port] = []
    operations = Operations(
        alive=lambda: found[0].alive, ready=lambda: found[0].ready, metrics=lambda: b"figures 1\n"
    )
    found.append(Port(operations))
    await operations.start("127.0.0.1:0")
    yield found[0]
    await operations.stop()


async def test_health_follows_the_process_and_readiness_the_journal(port: Port) -> None:
    assert await port.get("/healthz") == (200, "alive\n")
    assert await port.get("/readyz") == (200, "ready\n")
    port.alive = port.ready = False
    assert await port.get("/healthz") == (503, "not alive\n")
    assert await port.get("/readyz") == (503, "not ready\n")


async def test_figures_are_a_page_for_prometheus(port: Port) -> None:
    assert await port.get("/metrics?x=1") == (200, "figures 1\n")


async def test_other_paths_and_methods_say_what_there_is(port: Port) -> None:
    code, body = await port.get("/")
    assert code == 404
    assert "/readyz" in body
    assert (await port.get("/healthz", "POST"))[0] == 405


async def test_head_has_no_body(port: Port) -> None:
    assert await port.get("/healthz", "HEAD") == (200, "")


@pytest.mark.parametrize("request_", [b"x" * 20_000, b"\r\n\r\n", b"GET"])
async def test_nonsense_ends_its_own_connection_only(port: Port, request_: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port.operations.port)
    writer.write(request_)
    writer.write_eof()
    await reader.read()
    writer.close()
    assert (await port.get("/healthz"))[0] == 200


async def test_a_taken_port_is_an_error(port: Port) -> None:
    other = Operations(alive=lambda: True, ready=lambda: True, metrics=lambda: b"")
    with pytest.raises(OSError, match="address"):
        await other.start(f"127.0.0.1:{port.operations.port}")
