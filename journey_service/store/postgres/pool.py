"""A few connections, each used by one task at a time.

    idle ──acquire──▶ used ──released whole──▶ idle
                       └──in doubt──▶ terminated; the next acquire opens another

Ours, because asyncpg's own pool can lose a connection when an acquire is cancelled and can hang on
releasing one whose server is gone. Connections are opened by tasks that no caller can cancel.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

from journey_service.domain.errors import (
    JourneyError,
    RateLimited,
    StorageUnavailable,
    Unavailable,
)
from journey_service.store.postgres import sql
from journey_service.store.postgres.observer import Observer

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Opener: TypeAlias = Callable[[], Awaitable[Connection]]
# What says that nobody knows how a connection stands (rule R8).
LOST = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
    asyncio.CancelledError,
)
# SQLSTATE classes in which the database, and not the statement, is the trouble: a failed or a
# wrongly begun transaction, contention, no resources, locks, an operator's act, a system's error.
_TROUBLE = ("08", "25", "40", "53", "55", "57", "58")
_SETTLE_S = 1.0


def lost_connection(error: BaseException) -> bool:
    """Whether an error leaves a connection, or a commit sent over it, in doubt (rule R8)."""
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate or "")
        return state.startswith("08") or state in {"57P01", "57P02", "57P03", "25P03", "25P04"}
    return isinstance(error, LOST)


def server_trouble(error: BaseException) -> bool:
    """Whether the database refused because of its own state; nothing was written."""
    if not isinstance(error, asyncpg.PostgresError):
        return False
    return str(error.sqlstate or "").startswith(_TROUBLE)


class Pool:
    """At most `size` connections, opened when they are first needed."""

    def __init__(
        self, name: str, size: int, opener: Opener, *, wait_s: float, observer: Observer
    ) -> None:
        self.name = name
        self._size = size
        self._open = opener
        self._wait_s = wait_s
        self._observer = observer
        self._idle: list[Connection] = []
        self._used: set[Connection] = set()
        self._stale: set[Connection] = set()
        self._waiters: deque[asyncio.Future[Connection]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening = 0
        self._closed = False
        # Called with every new connection, before its first use.
        self.opened: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def connection(
        self, *, lost: type[Unavailable] = StorageUnavailable
    ) -> AsyncIterator[Connection]:
        """A connection for one task.

        Raises RateLimited when all are in use for the whole wait, StorageUnavailable when the
        database cannot be reached or cannot work, and `lost` when the connection is lost in the
        body: OutcomeUnknown is the truth around a commit.
        """
        connection = await self.acquire()
        try:
            yield connection
        except BaseException as error:
            self.release(connection, error)
            if lost_connection(error) and not isinstance(error, asyncio.CancelledError):
                raise lost from error
            if server_trouble(error):
                raise StorageUnavailable(cause=type(error).__name__) from error
            raise
        self.release(connection)

    async def warm(self) -> None:
        """Open all connections now, so that nobody's short wait is spent on opening one."""
        for connection in await asyncio.gather(*(self._open() for _ in range(self._size))):
            self.opened()
            self._hand_over(connection)

    async def acquire(self) -> Connection:
        """Take a connection; give it back with `release`. Errors as with `connection`."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                self._used.add(connection)
                return connection
        return await self._wait_for_one()

    async def _wait_for_one(self) -> Connection:
        if self._closed:
            raise StorageUnavailable("The store is closed; nothing was done.")
        began = time.perf_counter()
        waiter: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._open_more()
        try:
            await asyncio.wait([waiter], timeout=self._wait_s)
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise
        self._observer.pool_waited(self.name, time.perf_counter() - began)
        if not waiter.done():
            self._abandon(waiter)
            raise self._exhausted()
        return waiter.result()

    def _abandon(self, waiter: asyncio.Future[Connection]) -> None:
        if not waiter.done():
            self._waiters.remove(waiter)
            waiter.cancel()
        elif waiter.exception() is None:
            # The caller was cancelled in the same moment in which it was served.
            self.release(waiter.result())

    def _exhausted(self) -> JourneyError:
        if len(self._used) < self._size:
            return StorageUnavailable("The database does not answer; nothing was done.")
        return RateLimited(f"All {self._size} connections for {self.name} are in use.")

    def _open_more(self) -> None:
        if len(self._idle) + len(self._used) + self._opening < self._size:
            self._opening += 1
            self._spawn(self._open_one())

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open_one(self) -> None:
        try:
            connection = await self._open()
        except JourneyError as error:
            self._refuse(error)
        except (asyncpg.PostgresError, *LOST) as error:
            self._refuse(StorageUnavailable(cause=type(error).__name__))
            if isinstance(error, asyncio.CancelledError):
                raise
        else:
            self.opened()
            self._hand_over(connection)
        finally:
            self._opening -= 1

    def _refuse(self, error: JourneyError) -> None:
        """Nobody can be served: tell all who wait, instead of letting them wait for nothing."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(error)

    def _hand_over(self, connection: Connection) -> None:
        if self._closed:
            connection.terminate()
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                self._used.add(connection)
                waiter.set_result(connection)
                return
        self._idle.append(connection)

    def release(self, connection: Connection, error: BaseException | None = None) -> None:
        """Give a connection back; `error` is what its use ended with."""
        if connection not in self._used:
            return
        if isinstance(error, asyncio.CancelledError) and not connection.is_closed():
            self._spawn(self._settle(connection))
            return
        self._used.discard(connection)
        whole = not connection.is_closed() and not connection.is_in_transaction()
        if whole and connection not in self._stale and not (error and lost_connection(error)):
            self._hand_over(connection)
        else:
            self.discard(connection)

    def discard(self, connection: Connection) -> None:
        """Cut a connection that is in doubt, instead of giving it back."""
        self._used.discard(connection)
        self._stale.discard(connection)
        connection.terminate()
        if self._waiters:
            self._open_more()

    async def _settle(self, connection: Connection) -> None:
        """A cancelled query is being cancelled at the server; wait for it a second, not longer."""
        try:
            async with asyncio.timeout(_SETTLE_S):
                await connection.execute(sql.statement("ping"))
        except (asyncpg.PostgresError, *LOST):
            self.discard(connection)
        else:
            self.release(connection)

    def expire(self) -> None:
        """Use no connection again that is open now: new ones would be other ones."""
        self._stale.update(self._used)
        while self._idle:
            self._idle.pop().terminate()

    async def close(self) -> None:
        """Close all; what is in use is cut."""
        self._closed = True
        self._refuse(StorageUnavailable("The store is closed; nothing was done."))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._used:
            connection.terminate()
        idle, self._idle = self._idle, []
        await asyncio.gather(*map(_close, idle))


async def _close(connection: Connection) -> None:
    try:
        await connection.close(timeout=_SETTLE_S)
    except (asyncpg.PostgresError, *LOST):
        connection.terminate()
