import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

import journey_service.store.postgres
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.failpoints import POINTS
from journey_service.store.postgres import DatabaseUnfit, PostgresStore, migrate, sql
from tests.contract.acts import acts
from tests.postgres import Connection, RoleDsn
from tests.store.databases import as_role
from tests.store.opening import MASTER_KEYS

SCHEMA = Path(journey_service.store.postgres.__file__).with_name("schema.sql")
STEPS = [name for name in POINTS if name.startswith("migrate:")]
# Everything about tables that a migration can say, as rows of text.
CATALOGUE = """
SELECT format('%s.%s %s %s %s %s %s', relname, attname, format_type(atttypid, atttypmod),
    attnotnull, attstorage, attcollation::regcollation, attnum)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT format('%s %s', relname, reloptions) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
UNION ALL
SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
ORDER BY 1
"""


async def catalogue(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await connection.fetch(CATALOGUE)]
    finally:
        await connection.close()


async def test_the_migrations_add_up_to_the_schema(database: str, empty_database: str) -> None:
    connection: Connection = await asyncpg.connect(empty_database)
    await connection.execute(SCHEMA.read_text())
    await connection.close()
    assert await catalogue(database) == await catalogue(empty_database)


async def test_migrating_twice_changes_nothing(empty_database: str) -> None:
    first = await migrate(empty_database, partition_count=4)
    again = await migrate(empty_database, partition_count=8)
    assert first.applied == tuple(migration.name for migration in sql.migrations())
    assert again.applied == ()
    assert (again.journal_id, again.partition_count) == (first.journal_id, 4)
    assert first.roles


async def test_two_processes_that_migrate_at_once_make_one_journal(empty_database: str) -> None:
    both = await asyncio.gather(migrate(empty_database), migrate(empty_database))
    assert both[0].journal_id == both[1].journal_id
    assert sorted(len(one.applied) for one in both) == [0, len(sql.migrations())]


async def test_progress_names_every_migration(empty_database: str) -> None:
    said: list[str] = []
    await migrate(empty_database, progress=said.append)
    for migration in sql.migrations():
        assert f"migrating: {migration.name}" in said


@pytest.mark.parametrize("step", [s for s in STEPS if s != "migrate:roles-made"])
@pytest.mark.parametrize("nth", [1, 7])
async def test_a_run_that_was_killed_is_finished_by_the_next(
    empty_database: str, embedded: EmbeddedPostgres, step: str, nth: int
) -> None:
    program = (
        "import asyncio, sys; from journey_service.store.postgres import migrate; "
        "asyncio.run(migrate(sys.argv[1], partition_count=4))"
    )
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, empty_database],
        env=os.environ | {"JOURNEY_FAILPOINTS": f"{step}=kill@{nth}"},
        check=False,
    )
    migrations = sql.migrations()
    passes = {
        "migrate:after-statement": sum(len(each.statements) for each in migrations),
        "migrate:before-commit": len(migrations),
        "migrate:after-commit": len(migrations),
    }
    reached = nth <= passes.get(step, 1)
    assert killed.returncode == (-9 if reached else 0)
    found = await migrate(empty_database, partition_count=4)
    assert found.partition_count == 4
    application = as_role(embedded, empty_database, "application")
    async with await PostgresStore.open(application, MASTER_KEYS) as store:
        assert await store.journal.heads() == dict.fromkeys(range(4), 0)


async def test_a_migration_that_was_changed_afterwards_is_refused(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE migrations SET checksum = 'other' WHERE number = 1")
    await connection.close()
    with pytest.raises(DatabaseUnfit, match="other content"):
        await migrate(database)


async def test_a_newer_schema_is_refused(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("INSERT INTO migrations VALUES (9999, '9999_later', '', 'done', 0)")
    await connection.close()
    with pytest.raises(DatabaseUnfit, match="newer"):
        await migrate(database)


async def test_a_database_without_a_journal_is_refused_with_what_to_do(
    empty_database: str, embedded: EmbeddedPostgres
) -> None:
    with pytest.raises(DatabaseUnfit, match="journey migrate"):
        await PostgresStore.open(as_role(embedded, empty_database, "application"), MASTER_KEYS)


async def test_a_login_that_may_not_act_as_the_application_is_refused(
    database_as: RoleDsn,
) -> None:
    with pytest.raises(DatabaseUnfit, match="GRANT journey_application"):
        await PostgresStore.open(database_as("reader"), MASTER_KEYS)


async def test_a_login_that_is_a_member_acts_as_the_application(database_as: RoleDsn) -> None:
    async with await PostgresStore.open(database_as("superuser"), MASTER_KEYS) as store:
        assert (await store.journal.append(acts(1))).version == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with store._append.connection() as connection:
                await connection.execute("DELETE FROM events")
