import asyncpg
import pytest

from tests.contract.acts import acts, versions, whole
from tests.postgres import RoleDsn
from tests.store.databases import carry_out, connected
from tests.store.opening import open_store


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET topic = 'other'",
        "DELETE FROM events",
        "TRUNCATE events",
        "ALTER TABLE events ADD COLUMN more int",
        "DROP TABLE events",
        "CREATE TABLE mine (n int)",
        "UPDATE journal SET partition_count = 1",
        "DELETE FROM partitions",
        "INSERT INTO partitions VALUES (64, 0)",
        "UPDATE epochs SET epoch = 'mine'",
        "DELETE FROM subjects",
        "UPDATE migrations SET checksum = ''",
    ],
)
async def test_the_application_may_not_change_what_was_recorded(
    database_as: RoleDsn, statement: str
) -> None:
    async with open_store(database_as) as store:
        await store.journal.append(acts(1))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await carry_out(database_as, statement, role="application")
        assert versions(await whole(store.journal)) == [1]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events",
        "UPDATE partitions SET head = 9",
        "INSERT INTO journal VALUES ('', 1, 0)",
    ],
)
async def test_a_reader_reads_and_does_nothing_else(database_as: RoleDsn, statement: str) -> None:
    async with connected(database_as, "reader") as reader:
        assert await reader.fetchval("SELECT count(*) FROM events") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(statement)


async def test_every_table_belongs_to_the_owner(database_as: RoleDsn) -> None:
    rows = await carry_out(
        database_as,
        "SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    assert [row["owner"] for row in rows] == ["journey_owner"]
