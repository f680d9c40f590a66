"""Looking at a test's database from the outside, and doing to it what the service may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from journey_service.embedded.postgres import EmbeddedPostgres, Role
from tests.postgres import Connection, RoleDsn


def as_role(embedded: EmbeddedPostgres, dsn: str, role: Role) -> str:
    """The DSN of the same database for another role."""
    return embedded.dsn(role, urlsplit(dsn).path.lstrip("/"))


@asynccontextmanager
async def connected(database_as: RoleDsn, role: Role = "superuser") -> AsyncIterator[Connection]:
    """A connection to the test's database."""
    connection = await asyncpg.connect(database_as(role))
    try:
        yield connection
    finally:
        await connection.close()


async def carry_out(
    database_as: RoleDsn, statement: str, *arguments: Any, role: Role = "superuser"
) -> list[asyncpg.Record]:
    """One statement over a connection of its own."""
    async with connected(database_as, role) as connection:
        rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
        return rows
