"""Databases of one partition, and the environment of an application on one."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from journey_service.embedded import load_or_create_secrets
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.recorders import Factory
from journey_service.store.postgres import migrate
from tests.postgres import RoleDsn, _own_database

PERSISTENCE_MODULE = "journey_service.recorders"
# The machine that runs the tests may be busy.
PATIENT = {
    "JOURNEY_POOL_WAIT_MS": "5000",
    "JOURNEY_POOL_READ_WAIT_MS": "5000",
    "JOURNEY_CALL_DEADLINE_MS": "60000",
}


@pytest.fixture(scope="session")
async def one_partition_template(
    embedded: EmbeddedPostgres, _administrator: "asyncpg.Connection[asyncpg.Record]"
) -> str:
    """Its name; it goes with the server."""
    name = f"one_partition_{secrets.token_hex(4)}"
    await _administrator.execute(f"CREATE DATABASE {name} OWNER journey_owner")
    await migrate(embedded.dsn("owner", name), partition_count=1)
    return name


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    load_or_create_secrets(folder / "secrets")
    return folder


@pytest.fixture
async def one_partition(
    embedded: EmbeddedPostgres,
    one_partition_template: str,
    keys: Path,
    _administrator: "asyncpg.Connection[asyncpg.Record]",
) -> AsyncIterator[dict[str, str]]:
    """The environment of an application on a database of one partition."""
    async with _own_database(_administrator, one_partition_template) as name:
        yield environment(embedded.dsn("application", name), keys)


@pytest.fixture(scope="module")
async def shared_partition(
    embedded: EmbeddedPostgres,
    one_partition_template: str,
    keys: Path,
    _administrator: "asyncpg.Connection[asyncpg.Record]",
) -> AsyncIterator[dict[str, str]]:
    """The same, on one database for a file of tests, whose store stays open."""
    async with _own_database(_administrator, one_partition_template) as name:
        env = environment(embedded.dsn("application", name), keys)
        holder = Factory(env)
        await asyncio.to_thread(holder.aggregate_recorder)
        yield env
        await asyncio.to_thread(holder.close)


@pytest.fixture
def many_partitions(database_as: RoleDsn, keys: Path) -> dict[str, str]:
    """The same with the 64 partitions that a database has by default."""
    return environment(database_as("application"), keys)


def environment(dsn: str, keys: Path) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": PERSISTENCE_MODULE,
        "JOURNEY_DSN": dsn,
        "JOURNEY_DATA_DIR": str(keys),
        **PATIENT,
    }


# They do a thousand times what the other cases do, so they are not measured.
A_THOUSAND_TIMES = frozenset(
    {"test_concurrent_no_conflicts", "test_concurrent_throughput", "test_performance"}
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and item.name in A_THOUSAND_TIMES:
            item.add_marker("unmeasured")
