"""The service under test: `journey serve` in its own process, on its own PostgreSQL, on disk."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.processes import accepting, free_address, processor_s, processor_s_of_tree, running
from benchmarks.statements import statement
from journey_service.config import Settings, variable_of
from journey_service.embedded import Secrets, load_or_create_secrets
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.transport.mint import Mint

SETTLED_S = 120.0
LOOK_S = 0.02


@dataclass(slots=True)
class Service:
    """A running service: where it is, and what is needed to call and to weigh it."""

    address: str
    data_dir: Path
    program: subprocess.Popen[bytes]
    postgres: EmbeddedPostgres

    @property
    def mint(self) -> Mint:
        """Makes tokens that it takes."""
        return mint_of(load_or_create_secrets(self.data_dir / "secrets"))

    def processor_s(self) -> tuple[float, float]:
        """Processor time used so far: the service's process, and PostgreSQL's; seconds."""
        server = self.postgres.process_id
        postgres = processor_s_of_tree(server) if server else float("nan")
        return processor_s(self.program.pid), postgres

    async def versions(self) -> dict[str, str]:
        """The version of its PostgreSQL."""
        async with self.connected() as connection:
            return {"PostgreSQL": str(await connection.fetchval("SHOW server_version"))}

    async def settled(self) -> None:
        """Wait until its projections have folded all that is committed."""
        async with asyncio.timeout(SETTLED_S), self.connected() as connection:
            # Nothing tells of folds that were written but the table itself.
            while not await connection.fetchval(statement("settled")):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_S)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """A connection to its database that may do everything."""
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()

    @property
    def dsn(self) -> str:
        """Where its database is, as the superuser."""
        return self.postgres.dsn("superuser")


def mint_of(secrets: Secrets) -> Mint:
    """The development issuer of a data directory."""
    settings = Settings()
    return Mint(secrets.token_secret, settings.development_issuer, settings.audience)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on disk for one measurement, open to PostgreSQL's user; removed at its end."""
    path = Path(tempfile.mkdtemp(prefix="journey-bench-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def command(name: str) -> list[str]:
    """A command of the program that is measured."""
    return [str(Path(sys.executable).with_name("journey")), name]


def environment(address: str, data_dir: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Variables of a service that meets no other one on this machine."""
    own = {
        "grpc_address": address,
        "operations_address": free_address(),
        "data_dir": str(data_dir),
        "log_format": "json",
    }
    return {variable_of(name): value for name, value in (own | dict(settings)).items()}


@asynccontextmanager
async def serving(place: Path, settings: Mapping[str, str] | None = None) -> AsyncIterator[Service]:
    """The service on a new data directory below `place`; `settings` differ from the defaults."""
    address, data_dir, log = free_address(), place / "data", place / "journey.log"
    variables = environment(address, data_dir, settings or {})
    async with running(command("serve"), variables, log) as program:
        await accepting(address, program, log)
        postgres = EmbeddedPostgres(data_dir, progress=lambda _: None)
        await postgres.start()
        try:
            yield Service(address, data_dir, program, postgres)
        finally:
            await asyncio.shield(postgres.stop())
