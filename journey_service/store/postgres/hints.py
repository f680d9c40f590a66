"""How processes learn of each other's commits: hints, which may be lost, and polled heads (R16).

One connection of its own listens and tells, at most once in `hint_interval_ms`, after commits and
never with them. Losing every hint costs the pause between two polls and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import asyncpg

from journey_service.domain.errors import JourneyError
from journey_service.settings import Settings
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import LOST, Connection
from journey_service.store.postgres.tail import Tail

CHANNEL = "journal"
SIGNALS = "devices"
_PAYLOAD_BYTES = 7_900
_RECONNECT_S = 0.5
_BUSY_FOR_S = 1.0
_SIGNALS_MOST = 100_000


class Hints:
    """Tells others what was committed here, and the tail what was committed there."""

    def __init__(
        self,
        open_connection: Callable[[], Awaitable[Connection]],
        read_heads: Callable[[], Awaitable[Mapping[int, int]]],
        tail: Tail,
        settings: Settings,
    ) -> None:
        self._open = open_connection
        self._read_heads = read_heads
        self._tail = tail
        self._settings = settings
        self._moved: dict[int, int] = {}
        self._signals: set[str] = set()
        # Called with what another process signals.
        self.on_signal: Callable[[str], None] = lambda _: None
        self._wake = asyncio.Event()
        self._busy_until = 0.0
        # Whether hints of others arrive at this moment.
        self.listening = False

    def tell(self, heads: Mapping[int, int]) -> None:
        """These partitions moved, by our hand."""
        self._moved.update(heads)
        self._wake.set()

    def signal(self, signal: str) -> None:
        """Something beside the journal changed, by our hand."""
        if len(self._signals) < _SIGNALS_MOST:
            # While nobody can be told they would pile up; whoever missed one looks by itself.
            self._signals.add(signal)
        self._wake.set()

    async def exchange(self) -> None:
        """Listen and tell until cancelled; over a new connection whenever one is lost."""
        while True:
            with contextlib.suppress(JourneyError, asyncpg.PostgresError, OSError, *_LOST_HERE):
                await self._exchange_over(await self._open())
            await asyncio.sleep(_RECONNECT_S)

    async def _exchange_over(self, connection: Connection) -> None:
        try:
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(CHANNEL, self._hear)
            await connection.add_listener(SIGNALS, self._hear_signals)
            self.listening = True
            while not connection.is_closed():
                await self._wake.wait()
                self._wake.clear()
                for text in _texts(self._moved):
                    await connection.execute(sql.statement("send_hint"), CHANNEL, text)
                for text in _signal_texts(self._signals):
                    await connection.execute(sql.statement("send_hint"), SIGNALS, text)
                await asyncio.sleep(self._settings.hint_interval_ms / 1_000)
        finally:
            self.listening = False
            connection.terminate()

    def _hear(self, connection: Any, sender: int, _channel: str, payload: object) -> None:
        if sender == connection.get_server_pid():
            return
        with contextlib.suppress(ValueError):
            pairs = (pair.split(":") for pair in str(payload).split(","))
            self._learn({int(partition): int(head) for partition, head in pairs})

    def _hear_signals(self, connection: Any, sender: int, _channel: str, payload: object) -> None:
        if sender != connection.get_server_pid():
            for signal in str(payload).split(","):
                self.on_signal(signal)

    def _learn(self, heads: Mapping[int, int]) -> None:
        if self._tail.moved(heads):
            self._busy_until = asyncio.get_running_loop().time() + _BUSY_FOR_S

    async def poll(self) -> None:
        """Look at the heads until cancelled: often while others write, else seldom."""
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(JourneyError, asyncpg.PostgresError, OSError, *_LOST_HERE):
                self._learn(await self._read_heads())
            busy = self._tail.followed and loop.time() < self._busy_until
            pause_ms = (
                self._settings.head_poll_busy_ms if busy else self._settings.head_poll_idle_ms
            )
            await asyncio.sleep(pause_ms / 1_000)


_LOST_HERE = tuple(error for error in LOST if error is not asyncio.CancelledError)


def _texts(moved: dict[int, int]) -> Iterator[str]:
    """What moved, in texts that a hint can hold; forgets what it gives."""
    while moved:
        text = ""
        while moved and len(text) < _PAYLOAD_BYTES:
            partition, head = moved.popitem()
            text += f",{partition}:{head}"
        yield text[1:]


def _signal_texts(signals: set[str]) -> Iterator[str]:
    """Signals in texts that a hint can hold; forgets what it gives."""
    while signals:
        text = ""
        while signals and len(text) < _PAYLOAD_BYTES:
            text += f",{signals.pop()}"
        yield text[1:]
