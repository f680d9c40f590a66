import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from journey_service.domain.errors import StorageUnavailable
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.store.postgres import migrate
from journey_service.store.postgres.durability import DurabilityGuard, weaknesses
from tests.contract.acts import acts, until, versions, whole
from tests.contract.sessions import command, session
from tests.postgres import Connection, RoleDsn, new_data_dir
from tests.store.databases import carry_out
from tests.store.opening import open_store

STRONG = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_checksums": "on",
    "data_sync_retry": "off",
    "zero_damaged_pages": "off",
    "ignore_checksum_failure": "off",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
        ("data_checksums", "off"),
        ("data_sync_retry", "on"),
        ("zero_damaged_pages", "on"),
        ("ignore_checksum_failure", "on"),
        ("fsync", None),
        ("synchronous_commit", None),
    ],
)
def test_every_weak_setting_is_named(name: str, value: str | None) -> None:
    assert weaknesses(STRONG, checksums=True) == ()
    assert weaknesses(STRONG | {name: value}, checksums=True) == (f"{name}={value}",)


def test_checksums_are_asked_of_embedded_servers_alone() -> None:
    assert weaknesses(STRONG | {"data_checksums": "off"}, checksums=False) == ()


@pytest.mark.parametrize("level", ["on", "local", "remote_write", "remote_apply"])
def test_a_commit_that_waits_for_a_disk_is_strong(level: str) -> None:
    assert weaknesses(STRONG | {"synchronous_commit": level}, checksums=True) == ()


def test_a_guard_that_is_told_to_be_unsafe_lets_writes_through_and_remembers_why() -> None:
    guard = DurabilityGuard(unsafe=True)
    guard.note(("fsync=off",))
    guard.check()
    assert guard.weak == ("fsync=off",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("synchronous_commit", "off"),
        ("zero_damaged_pages", "on"),
        ("ignore_checksum_failure", "on"),
    ],
)
@pytest.mark.parametrize("level", ["DATABASE {database}", "ROLE {role} IN DATABASE {database}"])
async def test_a_database_or_role_that_weakens_a_setting_is_not_written_to(
    database_as: RoleDsn, name: str, value: str, level: str
) -> None:
    (row,) = await carry_out(database_as, "SELECT current_database() AS name")
    place = level.format(database=row["name"], role="journey_application")
    await carry_out(database_as, f"ALTER {place} SET {name} = {value}")
    async with open_store(database_as) as store:
        with pytest.raises(StorageUnavailable) as caught:
            await store.journal.append(acts(1))
        assert caught.value.metadata["settings"] == f"{name}={value}"
        with pytest.raises(StorageUnavailable):
            await store.sessions.open(command(), session())
        assert await whole(store.journal) == []
        health = store.health()
        assert (health.writable, health.reachable) == (False, True)
        assert health.weak == (f"{name}={value}",)


async def test_unsafe_durability_writes_and_says_so(database_as: RoleDsn) -> None:
    (row,) = await carry_out(database_as, "SELECT current_database() AS name")
    await carry_out(database_as, f"ALTER DATABASE {row['name']} SET synchronous_commit = off")
    async with open_store(database_as, unsafe_durability=True) as store:
        await store.journal.append(acts(1))
        assert store.health().writable
        assert "synchronous_commit=off" in store.health().warnings[0]


@pytest.fixture
async def own_server() -> AsyncIterator[EmbeddedPostgres]:
    with new_data_dir() as folder:
        postgres = EmbeddedPostgres(folder, progress=lambda _: None)
        await migrate(await postgres.start())
        postgres.mark_initialized()
        yield postgres
        await postgres.stop()


async def test_a_setting_that_is_weakened_while_running_stops_writes_until_it_is_strong_again(
    own_server: EmbeddedPostgres,
) -> None:
    administrator: Connection = await asyncpg.connect(own_server.dsn("superuser"))
    # All connections are opened anew when a setting was weak, which may take its time.
    async with open_store(own_server.dsn, pool_read_wait_ms=5_000) as store:
        await store.journal.append(acts(1))
        await administrator.execute("ALTER SYSTEM SET fsync = off")
        await administrator.execute("SELECT pg_reload_conf()")
        await settled(administrator, "off")
        store.look_now()
        await until(lambda: not store.health().writable)
        assert store.health().weak == ("fsync=off",)
        with pytest.raises(StorageUnavailable, match="fsync=off"):
            await store.journal.append(acts(2))
        await administrator.execute("ALTER SYSTEM SET fsync = on")
        await administrator.execute("SELECT pg_reload_conf()")
        await until(lambda: store.health().writable)
        await store.journal.append(acts(2))
        assert versions(await whole(store.journal)) == [1, 2]
    await administrator.close()


async def settled(administrator: Connection, value: str) -> None:
    async with asyncio.timeout(10):
        while await administrator.fetchval("SHOW fsync") != value:  # noqa: ASYNC110  no event tells
            await asyncio.sleep(0.01)
