"""Rule R14 with a real PgBouncer between the service and the server."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import pytest

from journey_service.settings import Settings
from journey_service.store.postgres import DatabaseUnfit, PostgresStore, migrate
from journey_service.store.postgres.connecting import Connector
from tests.contract.acts import acts, versions, whole
from tests.postgres import RoleDsn
from tests.store.databases import carry_out
from tests.store.opening import MASTER_KEYS

_READY_S = 10.0


def pgbouncer() -> str:
    """The program; a test without it fails where everything is tested, elsewhere it is not run."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None and not os.environ.get("CI"):
        pytest.skip("not run: there is no pgbouncer (tests/install-system-packages installs it)")
    assert found is not None, "pgbouncer is missing: tests/install-system-packages installs it"
    return found


def version() -> tuple[int, ...]:
    """Of PgBouncer, as numbers."""
    said = subprocess.run([pgbouncer(), "--version"], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in said.stdout.split()[1].split("."))


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that another user reaches, too: PgBouncer refuses to run as root."""
    with tempfile.TemporaryDirectory(prefix="journey-pooler-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def pooling(dsn: str, folder: Path, **settings: object) -> AsyncIterator[str]:
    """A DSN behind a PgBouncer with these settings."""
    parts = urlsplit(dsn)
    host = parts.hostname or parse_qs(parts.query)["host"][0]
    database, port = parts.path.lstrip("/"), free_port()
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    server_port = parts.port or parse_qs(parts.query).get("port", ["5432"])[0]
    server = f"host={unquote(host)} port={server_port}"
    lines = [
        "[databases]",
        f"{database} = {server} user={user} password={password}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = any",
        "default_pool_size = 40",
        *(f"{name} = {value}" for name, value in settings.items()),
    ]
    config = folder / "pgbouncer.ini"
    config.write_text("\n".join(lines) + "\n")
    config.chmod(0o644)
    command = [pgbouncer(), str(config)]
    if os.geteuid() == 0:
        owner = pwd.getpwuid(Path(unquote(host)).stat().st_uid).pw_name
        command = [command[0], "-u", owner, command[1]]
    with (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        pooled = f"postgresql://{user}@127.0.0.1:{port}/{database}"
        await _answers(pooled, folder / "log")
        yield pooled
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(dsn: str, log: Path) -> None:
    limit = time.monotonic() + _READY_S
    while True:
        try:
            connection = await asyncpg.connect(dsn, timeout=2)
        except (OSError, asyncpg.PostgresError) as error:
            if time.monotonic() > limit:
                raise AssertionError(f"{error}: {log.read_text()}") from error
            await asyncio.sleep(0.02)
        else:
            connection.terminate()
            return


def of_sessions() -> str:
    """What PgBouncer has to let through: every setting that a session of ours brings."""
    connector = Connector.__new__(Connector)
    connector.settings = Settings()
    connector.server = type("Server", (), {"major": 99, "role": "x"})()
    return ",".join(connector._session("any", bulk=False))


async def test_a_pooler_that_loses_prepared_statements_is_refused_and_nothing_is_written(
    empty_database: str, folder: Path
) -> None:
    async with pooling(empty_database, folder, pool_mode="transaction") as dsn:
        for refused in (migrate(dsn), PostgresStore.open(dsn, MASTER_KEYS)):
            with pytest.raises(DatabaseUnfit, match=r"max_prepared_statements.*pool_mode"):
                await refused
    connection = await asyncpg.connect(empty_database)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0
    assert DatabaseUnfit.exit_code == 78


async def test_a_pooler_that_keeps_them_still_loses_what_belongs_to_a_session(
    database_as: RoleDsn, folder: Path
) -> None:
    if version() < (1, 21):
        pytest.skip("not run: this PgBouncer is older than max_prepared_statements (1.21)")
    settings = {"pool_mode": "transaction", "max_prepared_statements": 200}
    async with pooling(database_as("application"), folder, **settings) as dsn:
        with pytest.raises(DatabaseUnfit, match=r"statement_timeout.*pool_mode = session"):
            await PostgresStore.open(dsn, MASTER_KEYS)


async def test_a_pooler_that_refuses_our_settings_is_told_how_to_let_them_through(
    database_as: RoleDsn, folder: Path
) -> None:
    async with pooling(database_as("application"), folder, pool_mode="session") as dsn:
        with pytest.raises(DatabaseUnfit, match=r"ignore_startup_parameters = .*statement_timeout"):
            await PostgresStore.open(dsn, MASTER_KEYS)


async def test_through_a_pooler_in_session_mode_the_journal_is_written_and_read(
    database_as: RoleDsn, folder: Path
) -> None:
    login = urlsplit(database_as("application"))
    database = login.path.lstrip("/")
    await carry_out(
        database_as,
        f'ALTER ROLE "{login.username}" IN DATABASE "{database}" SET statement_timeout = \'5s\'',
    )
    settings = {"pool_mode": "session", "ignore_startup_parameters": of_sessions()}
    async with (
        pooling(database_as("application"), folder, **settings) as dsn,
        await PostgresStore.open(dsn, MASTER_KEYS) as store,
    ):
        await asyncio.gather(*(store.journal.append(acts(1, subject=name)) for name in "abcd"))
        assert [versions(await whole(store.journal, name)) for name in "abcd"] == [[1]] * 4
