"""A real PostgreSQL for the whole suite, and a database of its own for each test that asks.

One server, started through `journey_service.embedded` with the service's own settings, serves all
test processes of a run. It lies on a memory file system where there is one, is started by the
first test that needs it, and is gone when the run is over, however that ends; what a killed run
left is cleared by the next.

    async def test_an_event_is_read_back(database: str) -> None:
        connection = await asyncpg.connect(database)     # the owner of an empty, migrated journal

    database         owner's DSN of this test's own, migrated database
    database_as      its DSN for a role: database_as("application"), database_as("reader")
    empty_database   like `database`, without tables
    postgres_server  superuser's DSN of the server's database `postgres`
    embedded         the running EmbeddedPostgres itself; do not stop it
    data_dir         a path for a data directory of a test's own server; its PostgreSQL user,
                     too, may reach it, which is not so below `tmp_path`
"""

import asyncio
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

import asyncpg
import pytest

from journey_service.embedded import DataDirectory
from journey_service.embedded.locks import FileLock, is_held
from journey_service.embedded.postgres import EmbeddedPostgres, Role
from journey_service.embedded.postmaster import is_server_of, process, read_pid_file
from journey_service.store.postgres.migrate import migrate

RUN_VARIABLE = "JOURNEY_TEST_RUN_FOLDER"  # test processes inherit it from the one that began
TEMPLATE = "journey_template"
_PREFIX = f"journey-tests-{os.geteuid()}-"
_ENOUGH_BYTES = 4 << 30
_END_S = 20.0
# A store has ten of them; a test has up to four stores and its own, and a run several processes.
CONNECTIONS = 200
T = TypeVar("T")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class RoleDsn(Protocol):
    """The DSN of a test's database for one role."""

    def __call__(self, role: Role) -> str: ...


# --- the run and its folder -----------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's folder, if this process is the one that began the run."""
    if RUN_VARIABLE in os.environ:
        return
    for left in _left_by_killed_runs():
        with suppress(TimeoutError):  # the next run tries again
            _remove(left)
    name = f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
    os.environ[RUN_VARIABLE] = str(_place() / name)
    config.add_cleanup(_end_run)


def _end_run() -> None:
    _remove(Path(os.environ.pop(RUN_VARIABLE)))


def _places() -> list[Path]:
    named = (Path("/dev/shm"), Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))  # noqa: S108
    return [place for place in dict.fromkeys(named) if os.access(place, os.W_OK)]


def _place() -> Path:
    # Memory, if it is much: in a container it may be 64 MB.
    roomy = (place for place in _places() if shutil.disk_usage(place).free >= _ENOUGH_BYTES)
    return next(roomy, Path(tempfile.gettempdir()))


def _left_by_killed_runs() -> Iterator[Path]:
    for place in _places():
        for folder in place.glob(f"{_PREFIX}*"):
            pid = int(folder.name.removeprefix(_PREFIX).partition("-")[0])
            if process(pid) is None:
                yield folder


def _remove(folder: Path) -> None:
    for data_dir in folder.glob("*"):
        end_server(DataDirectory(data_dir))
    shutil.rmtree(folder, ignore_errors=True)


def end_server(directory: DataDirectory) -> None:
    """End the server of a data directory that is to be deleted. `TimeoutError`: after 20 s."""
    limit = time.monotonic() + _END_S
    while is_held(directory.locks / "server"):
        written = read_pid_file(directory.cluster)
        server = process(written.pid) if written else None
        if server and is_server_of(server, directory.cluster):
            server.send(signal.SIGQUIT)
        if time.monotonic() > limit:
            raise TimeoutError(f"the server in {directory.path} does not end")
        time.sleep(0.01)


def _run_folder() -> Path:
    folder = Path(os.environ[RUN_VARIABLE])
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


# --- the server -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedPostgres]:
    said: list[str] = []
    postgres = EmbeddedPostgres(
        _run_folder() / "shared", progress=said.append, connections=CONNECTIONS
    )
    _apart(postgres.start())
    postgres.mark_initialized()
    yield postgres
    # The last test process stops it.
    _apart(postgres.stop())


def _apart(work: Coroutine[Any, Any, T]) -> T:
    # In a thread and a loop of its own: the tests' loop may be running or not be there yet.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def postgres_server(embedded: EmbeddedPostgres) -> str:
    return embedded.dsn("superuser", "postgres")


@pytest.fixture(scope="session")
async def _administrator(postgres_server: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(postgres_server)
    yield connection
    # Nothing is under way any more, and nobody waits for how the server takes its leave.
    connection.terminate()


# --- databases ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
async def template_database(embedded: EmbeddedPostgres, _administrator: Connection) -> str:
    """Name of the migrated database that others are copies of; made by whoever comes first."""
    with FileLock(_run_folder() / "template.lock") as lock:
        while not lock.try_exclusive():  # noqa: ASYNC110  no event tells of another process
            await asyncio.sleep(0.01)
        if not await _is_template(_administrator):
            await _make_template(embedded, _administrator)
    return TEMPLATE


async def _is_template(administrator: Connection) -> bool:
    found = await administrator.fetchval(
        "SELECT datistemplate FROM pg_database WHERE datname = $1", TEMPLATE
    )
    return bool(found)


async def _make_template(embedded: EmbeddedPostgres, administrator: Connection) -> None:
    # One that is there and is no template was left half made.
    await administrator.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
    await administrator.execute(f"CREATE DATABASE {TEMPLATE} OWNER journey_owner")
    await migrate(embedded.dsn("owner", TEMPLATE))
    await administrator.execute(
        f"ALTER DATABASE {TEMPLATE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"
    )


@pytest.fixture
async def database_as(
    embedded: EmbeddedPostgres, template_database: str, _administrator: Connection
) -> AsyncIterator[RoleDsn]:
    async with _own_database(_administrator, template_database) as name:
        yield lambda role: embedded.dsn(role, name)


@pytest.fixture(scope="module")
async def shared_database_as(
    embedded: EmbeddedPostgres, template_database: str, _administrator: Connection
) -> AsyncIterator[RoleDsn]:
    """The same for all tests of a file, which must keep out of each other's way."""
    async with _own_database(_administrator, template_database) as name:
        yield lambda role: embedded.dsn(role, name)


@pytest.fixture
def database(database_as: RoleDsn) -> str:
    return database_as("owner")


@pytest.fixture
async def empty_database(
    embedded: EmbeddedPostgres, _administrator: Connection
) -> AsyncIterator[str]:
    async with _own_database(_administrator, "template1") as name:
        yield embedded.dsn("owner", name)


@asynccontextmanager
async def _own_database(administrator: Connection, template: str) -> AsyncIterator[str]:
    name = f"test_{secrets.token_hex(8)}"
    # Copied as files, which takes half of what a copy through the log of writes takes.
    await administrator.execute(
        f"CREATE DATABASE {name} OWNER journey_owner TEMPLATE {template} STRATEGY FILE_COPY"
    )
    try:
        yield name
    finally:
        await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


# --- a server of a test's own ---------------------------------------------------------------------


@contextmanager
def new_data_dir() -> Iterator[Path]:
    """A path for a data directory; at the end its server and its files are gone."""
    folder = _run_folder() / f"own-{secrets.token_hex(4)}"
    try:
        yield folder
    finally:
        end_server(DataDirectory(folder))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with new_data_dir() as folder:
        yield folder
