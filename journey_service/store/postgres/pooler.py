"""Whether something between us and PostgreSQL shares connections out by the transaction (rule R14).

Limits of a session, prepared statements and the lock of migrations belong to a connection, so one
transaction must find them where the last one left them. Direct connections and poolers in session
mode keep them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from journey_service.store.postgres import sql
from journey_service.store.postgres.errors import DatabaseUnfit
from journey_service.store.postgres.pool import Connection

_ROUNDS = 3
_WAIT_S = 5.0
# What a server says that another connection's statements were prepared on.
_NOT_KEPT = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
_USE = (
    "Nothing was changed. Connect directly, or use the pooler's session mode "
    "(pool_mode = session of PgBouncer)."
)


async def refuse_shared(dsn: str) -> None:
    """Look at two connections at once; raises DatabaseUnfit where they are not ours alone."""
    async with _connected(dsn) as first, _connected(dsn) as second:
        try:
            shared = await _share(first, second)
        except _NOT_KEPT as lost:
            raise DatabaseUnfit(
                "journey: a pooler between the service and PostgreSQL gives every transaction "
                "another connection and does not keep prepared statements "
                f"(max_prepared_statements of PgBouncer is 0, or it is older than 1.21). {_USE}"
            ) from lost
    if shared:
        raise DatabaseUnfit(
            "journey: a pooler between the service and PostgreSQL gives every transaction another "
            "connection. It keeps prepared statements (max_prepared_statements), but neither the "
            f"limits of a session, such as statement_timeout, nor the lock of migrations. {_USE}"
        )


async def _share(first: Connection, second: Connection) -> bool:
    """Whether one of them is answered by two backends, or both by the same one."""
    text = sql.statement("which_backend")
    async with first.transaction():
        prepared = await first.prepare(text)
        mine = {await prepared.fetchval(timeout=_WAIT_S)}
    theirs: set[str] = set()
    for _ in range(_ROUNDS):
        async with second.transaction():
            theirs.add(await second.fetchval(text, timeout=_WAIT_S))
            # Where both share backends, the one of before is the other's now.
            async with first.transaction():
                mine.add(await prepared.fetchval(timeout=_WAIT_S))
    return len(mine) > 1 or len(theirs) > 1 or bool(mine & theirs)


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Connection]:
    connection: Connection = await asyncpg.connect(dsn, timeout=_WAIT_S)
    try:
        yield connection
    finally:
        connection.terminate()
