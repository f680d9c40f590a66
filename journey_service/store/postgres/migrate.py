"""Bringing a database to today's schema: forward only, each file once, one process at a time.

    lock ──▶ roles ──▶ each migration that is not in the ledger, one transaction each
         ──▶ the journal itself, once ──▶ privileges

Killed anywhere, the next run goes on: what was committed is in the ledger, the rest is not there.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from journey_service.failpoints import failpoint_async
from journey_service.store.postgres import sql
from journey_service.store.postgres.errors import DatabaseUnfit
from journey_service.store.postgres.pooler import refuse_shared

OLDEST_SERVER = 15
LOCK_KEY = 0x4A6F75726E6579  # "Journey"
PATIENCE_S = 120.0
_PAUSE_S = 0.25

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Progress: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a run found and did: names of the migrations applied, and the journal as it is."""

    applied: tuple[str, ...]
    journal_id: str
    partition_count: int
    roles: bool


async def migrate(
    dsn: str, *, partition_count: int = 64, progress: Progress = lambda _: None
) -> Migrated:
    """Bring the database behind `dsn` (a direct connection, its owner's) to today's schema.

    `partition_count` counts when the journal is made and never again. Raises DatabaseUnfit for a
    server that is too old, a schema that is newer or was changed by hand, and when another
    process migrates for longer than two minutes; asyncpg's errors where the login may not.
    """
    await refuse_shared(dsn)
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "journey migrate"})
    try:
        _check_server(connection)
        await _lock(connection, progress)
        run = await _Run.begin(connection, progress)
        applied = [await run.apply(migration) for migration in await run.missing()]
        journal_id, count = await run.make_journal(partition_count)
        await run.grant()
    finally:
        await connection.close()
    return Migrated(tuple(applied), journal_id, count, run.roles)


async def unapplied(connection: Connection) -> list[sql.Migration]:
    """The migrations that this database still needs.

    Raises DatabaseUnfit if it is newer than this release, or was made by another content.
    """
    rows: Sequence[asyncpg.Record] = ()
    if await connection.fetchval(sql.statement("migrate_has_ledger")):
        rows = await connection.fetch(sql.statement("migrate_read_ledger"))
    done = {row["number"]: row for row in rows}
    for migration in sql.migrations():
        row = done.pop(migration.number, None)
        if row is not None and row["checksum"] != migration.checksum:
            raise DatabaseUnfit(
                f"journey: migration {row['name']} was carried out with other content than "
                "this release has. Nothing was changed. Use the release that made it."
            )
    if done:
        raise DatabaseUnfit(
            f"journey: the database's schema is newer ({max(done)}) than this release "
            f"({sql.migrations()[-1].number}). Nothing was changed. Use the newer release."
        )
    return list(sql.migrations()[len(rows) :])


def new_id() -> str:
    """16 random base32 letters, for names that are made once."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def _check_server(connection: Connection) -> None:
    major = connection.get_server_version().major
    if major < OLDEST_SERVER:
        raise DatabaseUnfit(
            f"journey: the server is PostgreSQL {major}, this release runs on {OLDEST_SERVER} "
            "and newer. Nothing was changed. Upgrade the server first."
        )


async def _lock(connection: Connection, progress: Progress) -> None:
    limit = time.monotonic() + PATIENCE_S
    statement = sql.statement("lock_migrations")
    while not await connection.fetchval(statement, LOCK_KEY):
        if time.monotonic() > limit:
            raise DatabaseUnfit(
                "journey: another process has been migrating this database for two minutes. "
                "Nothing was changed. Look at what it waits for, or try again."
            )
        progress("waiting for another process that migrates this database")
        await asyncio.sleep(_PAUSE_S)
    await failpoint_async("migrate:locked")


class _Run:
    """One run under the lock."""

    def __init__(self, connection: Connection, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self.roles = False
        self._as_owner = False

    @classmethod
    async def begin(cls, connection: Connection, progress: Progress) -> _Run:
        """Find the roles, or make them where the login may."""
        run = cls(connection, progress)
        found = await connection.fetchrow(sql.statement("migrate_roles"))
        if found and not found["present"] and found["may_create"]:
            await connection.execute(sql.statement("migrate_make_roles"))
            await failpoint_async("migrate:roles-made")
            found = await connection.fetchrow(sql.statement("migrate_roles"))
        run.roles = bool(found and found["present"])
        run._as_owner = bool(found and found["may_be_owner"] and found["owned"])
        if not run.roles:
            progress(
                "the roles journey_owner, journey_application and journey_reader are missing and "
                "this login may not make them: the log is append-only by habit, not by privilege"
            )
        if run._as_owner:
            await connection.execute(sql.statement("migrate_admit_owner"))
        return run

    async def missing(self) -> list[sql.Migration]:
        """The migrations still to be applied; raises DatabaseUnfit if the ledger disagrees."""
        return await unapplied(self._connection)

    async def apply(self, migration: sql.Migration) -> str:
        """Carry one migration out and note it, in one transaction."""
        self._progress(f"migrating: {migration.name}")

        async def work() -> None:
            for text in migration.statements:
                await self._connection.execute(text)
                await failpoint_async("migrate:after-statement")
            note = sql.statement("migrate_note")
            await self._connection.execute(
                note, migration.number, migration.name, migration.checksum
            )
            await failpoint_async("migrate:before-commit")

        await self._patiently(work)
        await failpoint_async("migrate:after-commit")
        return migration.name

    async def make_journal(self, partition_count: int) -> tuple[str, int]:
        """Make the journal if there is none; returns its id and its number of partitions."""

        async def work() -> None:
            make = sql.statement("migrate_make_journal")
            await self._connection.execute(make, new_id(), partition_count, new_id())

        await self._patiently(work)
        await failpoint_async("migrate:journal-made")
        row = await self._connection.fetchrow(sql.statement("read_journal"))
        assert row is not None
        return row["journal_id"], row["partition_count"]

    async def grant(self) -> None:
        """Say anew what each role may do."""

        async def work() -> None:
            for text in sql.privileges():
                await self._connection.execute(text)

        if self.roles:
            await self._patiently(work)

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work in one transaction; again if it had to wait for a lock for too long."""
        limit = time.monotonic() + PATIENCE_S
        while True:
            try:
                async with self._connection.transaction(isolation="read_committed"):
                    await self._connection.execute(sql.statement("migrate_wait_briefly"))
                    if self._as_owner:
                        await self._connection.execute(sql.statement("migrate_as_owner"))
                    await work()
                return
            except asyncpg.LockNotAvailableError:
                if time.monotonic() > limit:
                    raise
                self._progress("waiting for somebody who uses a table that is to be changed")
                await asyncio.sleep(_PAUSE_S)
