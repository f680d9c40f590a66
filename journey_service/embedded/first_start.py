"""Making the cluster and its roles: once in the life of a data directory."""

import shutil
from pathlib import Path

import asyncpg

from journey_service.embedded.files import name_durably, write_durably
from journey_service.embedded.keys import Secrets
from journey_service.embedded.locks import FileLock
from journey_service.embedded.programs import Programs
from journey_service.embedded.settings import INCLUDE
from journey_service.embedded.waiting import Progress, wait_for
from journey_service.failpoints import failpoint, failpoint_async

_BUILTIN_LOCALES_SINCE = 17
_SQL = Path(__file__).parent


async def make_cluster(
    programs: Programs, secrets: Secrets, lock: FileLock, progress: Progress
) -> None:
    """Run initdb, add our settings, and give the cluster its name when it is whole on disk."""
    making = programs.directory.making("postgres")
    await _run_initdb(programs, secrets.passwords["superuser"], making, lock, progress)
    await failpoint_async("first-start:after-initdb")
    configuration = making / "postgresql.conf"
    write_durably(
        configuration,
        configuration.read_bytes() + INCLUDE.encode(),
        owner=programs.account.owner,
    )
    failpoint("first-start:settings-written")
    name_durably(making, programs.directory.cluster)
    failpoint("first-start:cluster-named")


async def _run_initdb(
    programs: Programs, password: str, making: Path, lock: FileLock, progress: Progress
) -> None:
    password_file = programs.directory.run / "password"
    password_file.unlink(missing_ok=True)
    write_durably(password_file, f"{password}\n".encode(), owner=programs.account.owner)
    try:
        _make_owned(making, programs)
        initdb = programs.spawn(_initdb_command(programs, making, password_file), lock)
        failpoint("first-start:during-initdb")
        # A status of 0 is found, too.
        status = await wait_for(
            lambda: None if initdb.poll() is None else (initdb.returncode,),
            saying="making the database directory",
            progress=progress,
        )
    finally:
        password_file.unlink(missing_ok=True)
    if status != (0,):
        raise programs.failed("initdb", status[0])


def _make_owned(making: Path, programs: Programs) -> None:
    # initdb could make it only if its user might write to the data directory, where keys lie.
    making.mkdir(mode=0o700)
    if programs.account.owner is not None:
        shutil.chown(making, *programs.account.owner)


def _initdb_command(programs: Programs, making: Path, password_file: Path) -> list[str | Path]:
    # Both sort by bytes, whatever locales the system has.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        programs.binaries.initdb,
        f"--pgdata={making}",
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--data-checksums",
        "--encoding=UTF8",
        "--locale=C",
        *(builtin if programs.binaries.major >= _BUILTIN_LOCALES_SINCE else []),
        "--no-instructions",
    ]


async def make_roles_and_database(superuser_dsn: str, secrets: Secrets) -> None:
    """Make journey_owner, journey_application, journey_reader, and the owner's database."""
    connection = await asyncpg.connect(superuser_dsn)
    try:
        async with connection.transaction():
            await connection.execute(_sql("rounds"))
            for role in ("owner", "application", "reader"):
                await connection.execute(_sql("password"), role, secrets.passwords[role])
            await connection.execute(_sql("roles"))
        await failpoint_async("first-start:roles-made")
        await connection.execute(_sql("database"))
        await failpoint_async("first-start:database-made")
    finally:
        await connection.close()


def _sql(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
