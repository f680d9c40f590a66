"""A TCP proxy between client and service that loses replies, delays them, or cuts connections.

It understands just enough HTTP/2 to know where a reply begins, so that exactly the replies are
lost, after the service has done its work, and not what the connection itself needs.
"""

import asyncio
import contextlib
import enum
from collections.abc import Iterator
from typing import Self

_CHUNK = 64 * 1024
_FRAME_HEAD = 9  # length (3), type (1), flags (1), stream (4)
_HEADERS = 0x1
_LISTEN = "127.0.0.1"


class Replies(enum.Enum):
    """What becomes of the service's replies."""

    PASS = "passed on"
    LOSE = "lost: the connection is cut where a reply begins"
    HALVE = "cut in the frame: the first half of a reply gets through"


class Frames:
    """Where frames begin in one direction of an HTTP/2 connection."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0

    def headers_in(self, data: bytes) -> list[tuple[int, int]]:
        """(start, end) in `data` of HEADERS frames that begin here; the end may lie behind it."""
        found = []
        at = 0
        while at < len(data):
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
                continue
            missing = _FRAME_HEAD - len(self._head)
            start = at - len(self._head)
            self._head += data[at : at + missing]
            at += missing
            if len(self._head) == _FRAME_HEAD:
                self._left = int.from_bytes(self._head[:3])
                if self._head[3] == _HEADERS:
                    found.append((max(start, 0), start + _FRAME_HEAD + self._left))
                self._head = b""
        return found


class Proxy:
    """Listens on a free port and speaks to `port`. As a context manager it starts and stops."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.replies = Replies.PASS
        self.delay_s = 0.0
        self.connections = 0
        self.replies_lost = 0
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, _LISTEN, 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    @property
    def address(self) -> str:
        """Where clients connect."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    def cut(self) -> int:
        """Reset every connection, as if a cable were pulled. Returns how many."""
        cut = len(self._pairs)
        for pair in tuple(self._pairs):
            _abort(pair)
        return cut

    @contextlib.contextmanager
    def losing(self, how: Replies = Replies.LOSE) -> Iterator[None]:
        """Lose every reply for a while."""
        self.replies = how
        try:
            yield
        finally:
            self.replies = Replies.PASS

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(_LISTEN, self.target)
        except OSError:
            writer.transport.abort()
            return
        self.connections += 1
        pair = (writer, far_writer)
        self._pairs.add(pair)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forth(reader, far_writer))
                both.create_task(self._back(far_reader, writer))
        except* (OSError, _Ended):
            pass
        finally:
            self._pairs.discard(pair)
            _abort(pair)

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        raise _Ended

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames()
        while data := await reader.read(_CHUNK):
            headers = frames.headers_in(data)
            if headers and self.replies is not Replies.PASS:
                self.replies_lost += 1
                start, end = headers[0]
                kept = start if self.replies is Replies.LOSE else (start + end) // 2
                writer.write(data[:kept])
                with contextlib.suppress(OSError):
                    await writer.drain()
                raise _Ended
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            writer.write(data)
            await writer.drain()
        raise _Ended


class _Ended(Exception):
    """One direction is over, so the other is."""


def _abort(pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
    for writer in pair:
        writer.transport.abort()
