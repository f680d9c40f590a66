"""Opening connections: what each sets (rule R13), what is looked at before its use (R6, R17)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from journey_service.domain.errors import StorageUnavailable
from journey_service.settings import Settings
from journey_service.store.postgres import sql
from journey_service.store.postgres.durability import DurabilityGuard, weaknesses
from journey_service.store.postgres.errors import DatabaseUnfit
from journey_service.store.postgres.migrate import OLDEST_SERVER, unapplied
from journey_service.store.postgres.pool import Connection
from journey_service.store.postgres.pooler import refuse_shared

APPLICATION_ROLE = "journey_application"
CONNECT_TIMEOUT_S = 5.0
_TRANSACTION_TIMEOUT_SINCE = 17
# Our statements are planned once and kept, often while the tables are still empty; so the planner
# is told to plan without looking at parameters, and not to build what only suits empty tables.
_PLANS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}

Epochs = Callable[[Connection, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Server:
    """What was found out about the server once, before any pool was made."""

    major: int
    role: str
    warning: str = ""


async def probe(dsn: str) -> Server:
    """Look at the server and the login; raises DatabaseUnfit with what to do."""
    await refuse_shared(dsn)
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S)
    try:
        major = connection.get_server_version().major
        if major < OLDEST_SERVER:
            raise DatabaseUnfit(
                f"journey: the server is PostgreSQL {major}, this release runs on {OLDEST_SERVER} "
                "and newer. Nothing was changed. Upgrade the server first."
            )
        missing = await unapplied(connection)
        if missing:
            raise DatabaseUnfit(
                f"journey: this database lacks {missing[0].name}. Nothing was changed. Run "
                '"journey migrate" first.'
            )
        found = await connection.fetchrow(sql.statement("find_role"))
        assert found is not None
    finally:
        await connection.close()
    if found["is_application"]:
        return Server(major, "")
    if found["may_act"]:
        return Server(major, APPLICATION_ROLE)
    if found["present"]:
        raise DatabaseUnfit(
            f"journey: the login may not act as {APPLICATION_ROLE}. Nothing was changed. Run as an "
            f"administrator: GRANT {APPLICATION_ROLE} TO the login of the DSN."
        )
    return Server(major, "", f"there is no role {APPLICATION_ROLE}: the login itself appends")


@dataclass(slots=True)
class Connector:
    """Opens the connections of one store."""

    dsn: str
    server: Server
    settings: Settings
    guard: DurabilityGuard
    embedded: bool
    epochs: Epochs

    async def open(self, name: str, *, bulk: bool = False) -> Connection:
        """A connection that was looked at.

        Raises StorageUnavailable when the server cannot be used now, asyncpg's errors and OSError
        when it cannot be reached.
        """
        connection: Connection = await asyncpg.connect(
            self.dsn,
            timeout=CONNECT_TIMEOUT_S,
            server_settings=self._session(name, bulk=bulk),
            statement_cache_size=200,
            max_cached_statement_lifetime=0,
        )
        try:
            await self.look(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def open_first(self, name: str) -> Connection:
        """The same at the start, where a pooler that refuses our settings is told of in words."""
        try:
            return await self.open(name)
        except asyncpg.ProtocolViolationError as refused:
            names = ",".join(self._session(name, bulk=False))
            raise DatabaseUnfit(
                f"journey: a pooler refuses the settings of a session ({refused}). Nothing was "
                f"changed. Connect directly, or set ignore_startup_parameters = {names} "
                "in PgBouncer and give the role of the login a statement_timeout."
            ) from refused

    async def open_hints(self) -> Connection:
        """The connection for hints. They may be lost, so their commits wait for no disk."""
        return await asyncpg.connect(
            self.dsn,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={**self._session("hints", bulk=False), "synchronous_commit": "off"},
        )

    async def look(self, connection: Connection) -> None:
        """Look at the settings and the timeline behind a connection."""
        row = await connection.fetchrow(sql.statement("check_connection"))
        assert row is not None
        if row["timeline"] is None:
            raise StorageUnavailable("The database is a standby; nothing was done.")
        if row["statement_timeout"] in {None, "0"}:
            raise StorageUnavailable(
                "A pooler between the service and the database drops session settings "
                "(statement_timeout is 0): connect directly, or set them for the role."
            )
        self.guard.note(weaknesses(dict(row), checksums=self.embedded))
        await self.epochs(connection, row["timeline"])

    def _session(self, name: str, *, bulk: bool) -> dict[str, str]:
        settings = self.settings
        statement_ms = settings.bulk_statement_timeout_ms if bulk else settings.statement_timeout_ms
        session: Mapping[str, Any] = {
            "application_name": f"journey {name}",
            "default_transaction_isolation": "read committed",
            "timezone": "UTC",
            "statement_timeout": statement_ms,
            "lock_timeout": settings.lock_timeout_ms,
            "idle_in_transaction_session_timeout": settings.idle_in_transaction_timeout_ms,
            "client_connection_check_interval": settings.connection_check_ms,
            "tcp_user_timeout": settings.tcp_user_timeout_ms,
            **_PLANS,
        }
        text = {key: str(value) for key, value in session.items()}
        if self.server.major >= _TRANSACTION_TIMEOUT_SINCE:
            longest_ms = statement_ms if bulk else settings.transaction_timeout_ms
            text["transaction_timeout"] = str(longest_ms)
        if self.server.role:
            text["role"] = self.server.role
        return text
