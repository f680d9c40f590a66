"""A proxy that understands enough of PostgreSQL's protocol to cut a connection at a statement."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PORT = 5432


class Cut(enum.Enum):
    """What happens to the message that was waited for."""

    BEFORE = "it never arrives"
    AFTER = "it arrives, its answer is lost"
    LATE = "the client loses its connection at once, the message arrives when it is let go"
    HELD = "it arrives, its answer is kept back until it is let go"


@dataclass(slots=True)
class Message:
    """One message of the client: its letter, its bytes, and the SQL it is about, if any."""

    letter: str
    raw: bytes
    sql: str = ""


Matches = Callable[[Message], bool]


def executing(start: str) -> Matches:
    """The execution of a prepared statement whose text holds `start`."""
    return lambda message: message.letter == "B" and start in message.sql


def saying(start: str) -> Matches:
    """A simple query that begins so."""
    return lambda message: message.letter == "Q" and message.sql.startswith(start)


def copying(message: Message) -> bool:
    """The rows of a COPY."""
    return message.letter == "d"


@dataclass(slots=True)
class _Trap:
    matches: Matches
    cut: Cut
    sprung: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Wire:
    """Stands between a store and its server, on a socket of its own."""

    def __init__(self, folder: Path, server: str) -> None:
        self._folder = folder
        self._server = server
        self._traps: list[_Trap] = []
        self._connections: set[_Connection] = set()
        self.refusing = False

    def dsn(self) -> str:
        """The server's DSN, by way of here."""
        parts = urlsplit(self._server)
        query = f"host={self._folder}&port={PORT}"
        return parts._replace(query=query).geturl()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen."""
        server = await asyncio.start_unix_server(self._accept, self._folder / f".s.PGSQL.{PORT}")
        try:
            yield
        finally:
            server.close()
            self.cut_all()

    @contextlib.contextmanager
    def trap(self, matches: Matches, cut: Cut) -> Iterator[_Trap]:
        """Do `cut` to the first message that matches; the block must come to pass it."""
        trap = _Trap(matches, cut)
        self._traps.append(trap)
        yield trap
        assert trap.sprung.is_set(), "nothing of what was waited for was sent"

    def cut_all(self) -> None:
        """End every connection, in the middle of whatever it does."""
        for connection in tuple(self._connections):
            connection.end()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        query = parse_qs(urlsplit(self._server).query)
        path = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
        up_reader, up_writer = await asyncio.open_unix_connection(path)
        connection = _Connection(self, reader, writer, up_reader, up_writer)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    def sprung(self, message: Message) -> _Trap | None:
        """The trap that this message falls into."""
        for trap in self._traps:
            if trap.matches(message):
                self._traps.remove(trap)
                trap.sprung.set()
                return trap
        return None


class _Connection:
    def __init__(
        self,
        wire: Wire,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
    ) -> None:
        self._wire = wire
        self._reader, self._writer = reader, writer
        self._up_reader, self._up_writer = up_reader, up_writer
        self._texts: dict[bytes, str] = {}
        self._losing = False
        self._holding: asyncio.Event | None = None

    def end(self) -> None:
        self._writer.transport.abort()
        self._up_writer.transport.abort()

    async def run(self) -> None:
        back = asyncio.create_task(self._back())
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            await self._forth()
        if not self._losing:
            self.end()
        await asyncio.gather(back, return_exceptions=True)

    async def _forth(self) -> None:
        (length,) = struct.unpack(">I", start := await self._reader.readexactly(4))
        self._up_writer.write(start + await self._reader.readexactly(length - 4))
        while True:
            message = await self._message()
            trap = self._wire.sprung(message)
            if trap is not None and not await self._spring(trap, message):
                return
            if trap is None:
                self._up_writer.write(message.raw)
                await self._up_writer.drain()

    async def _message(self) -> Message:
        head = await self._reader.readexactly(5)
        letter, (length,) = head[:1].decode(), struct.unpack(">I", head[1:])
        body = await self._reader.readexactly(length - 4)
        sql = ""
        if letter == "P":
            name, text = body.split(b"\0")[:2]
            self._texts[name] = text.decode()
        elif letter == "B":
            sql = self._texts.get(body.split(b"\0")[1], "")
        elif letter == "Q":
            sql = body[:-1].decode()
        return Message(letter, head + body, sql)

    async def _spring(self, trap: _Trap, message: Message) -> bool:
        """Do what the trap says; returns whether the connection lives on."""
        match trap.cut:
            case Cut.BEFORE:
                self.end()
                return False
            case Cut.HELD:
                self._holding = trap.let_go
                self._up_writer.write(message.raw)
                return True
            case Cut.AFTER:
                self._losing = True
                self._up_writer.write(message.raw + await self._rest())
                await self._up_writer.drain()
                # The server has done it when it answers.
                await asyncio.sleep(0.05)
                self.end()
                return False
            case Cut.LATE:
                rest = await self._rest()
                self._losing = True
                self._writer.transport.abort()
                await trap.let_go.wait()
                with contextlib.suppress(OSError):
                    self._up_writer.write(message.raw + rest)
                    await self._up_writer.drain()
                    await asyncio.sleep(0.1)
                self._up_writer.transport.abort()
                trap.over.set()
                return False

    async def _rest(self) -> bytes:
        """What the client sent with the message: Execute and Sync, the end of a COPY."""
        rest = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                while True:
                    rest += (await self._message()).raw
        return rest

    async def _back(self) -> None:
        with contextlib.suppress(OSError):
            while data := await self._up_reader.read(65_536):
                if self._holding is not None:
                    await self._holding.wait()
                if not self._losing:
                    self._writer.write(data)
                    await self._writer.drain()
        if not self._losing:
            self.end()
