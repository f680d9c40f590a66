import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from journey_service.embedded import DataDirectoryUnusable
from journey_service.embedded.account import server_account
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.embedded.postmaster import Process, process, read_pid_file

PATIENCE_S = 60


async def test_a_killed_server_is_back_with_what_was_committed(made: Path) -> None:
    async with kept(made) as (postgres, said):
        await ask(postgres.dsn(), "CREATE TABLE kept AS SELECT 31 AS minute")
        before = server(postgres)
        before.send(signal.SIGKILL)
        assert await eventually(postgres.dsn(), "SELECT minute FROM kept") == 31
        assert server(postgres) != before
        assert any("PostgreSQL ended (status -9); starting it again in 0.2 s" in s for s in said)


async def test_every_process_of_a_server_may_be_killed_at_once(made: Path) -> None:
    async with kept(made) as (postgres, _):
        await ask(postgres.dsn(), "CREATE TABLE kept AS SELECT 31 AS minute")
        for one in family(server(postgres)):
            one.send(signal.SIGKILL)
        assert await eventually(postgres.dsn(), "SELECT minute FROM kept") == 31


async def test_a_server_killed_while_it_recovers_is_started_again(made: Path) -> None:
    async with kept(made) as (postgres, said):
        await ask(postgres.dsn(), "CREATE TABLE kept AS SELECT 31 AS minute")
        killed = {server(postgres)}
        server(postgres).send(signal.SIGKILL)
        while len(killed) < 3:
            pid = postgres.process_id
            found = process(pid) if pid else None
            if found and found not in killed:
                found.send(signal.SIGKILL)
                killed.add(found)
            await asyncio.sleep(0.001)
        assert await eventually(postgres.dsn(), "SELECT minute FROM kept") == 31
        assert any("again in 0.8 s" in line for line in said)


async def test_a_server_that_cannot_start_is_tried_again_ever_more_slowly_until_it_can(
    made: Path,
) -> None:
    async with kept(made) as (postgres, said):
        override = postgres.directory.cluster / "postgresql.auto.conf"
        good = override.read_bytes()
        override.write_bytes(b"max_connections = 'none'\n")
        server(postgres).send(signal.SIGKILL)
        await until(lambda: any("again in 0.8 s" in line for line in said))
        override.write_bytes(good)
        assert await eventually(postgres.dsn(), "SELECT 31") == 31
    attempts = [line.rpartition(" in ")[2] for line in said if "starting it again" in line]
    assert attempts[:3] == ["0.2 s", "0.4 s", "0.8 s"]
    assert any('invalid value for parameter "max_connections"' in line for line in said)


async def test_two_processes_that_share_a_server_start_one_new_one_between_them(made: Path) -> None:
    async with kept(made) as (first, _), kept(made) as (second, _):
        for _ in range(3):
            before = server(first)
            before.send(signal.SIGKILL)
            assert await eventually(first.dsn(), "SELECT 31") == 31
            assert await eventually(second.dsn(), "SELECT 31") == 31
            await until(lambda: first.process_id is not None)
            assert server(first) == server(second) != before


async def test_a_server_that_dies_before_the_marker_is_written_is_started_again(
    data_dir: Path,
) -> None:
    postgres = EmbeddedPostgres(data_dir, progress=print)
    await postgres.start()
    keeping = asyncio.create_task(postgres.supervise())
    try:
        server(postgres).send(signal.SIGKILL)
        assert await eventually(postgres.dsn(), "SELECT 31") == 31
        postgres.mark_initialized()
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        await postgres.stop()


async def test_nothing_is_started_again_after_stop(made: Path) -> None:
    postgres = EmbeddedPostgres(made, progress=print)
    await postgres.start()
    postgres.mark_initialized()
    keeping = asyncio.create_task(postgres.supervise())
    await postgres.stop()
    async with asyncio.timeout(PATIENCE_S):
        await keeping
    assert postgres.process_id is None


async def test_a_left_over_pid_file_with_the_number_of_another_process_is_no_hindrance(
    made: Path,
) -> None:
    async with kept(made) as (postgres, _):
        pid_file = postgres.directory.cluster / "postmaster.pid"
        left_over = pid_file.read_text().split("\n", 1)[1]
    account = server_account(postgres.directory.cluster)
    # Of the server's own user: such a number PostgreSQL itself takes for a server's.
    with subprocess.Popen(["sleep", "600"], **account.spawn_arguments()) as bystander:  # noqa: ASYNC220
        try:
            pid_file.write_text(f"{bystander.pid}\n{left_over}")
            os.chown(pid_file, account.uid, account.gid)
            async with kept(made) as (postgres, _):
                assert await ask(postgres.dsn(), "SELECT 31") == 31
            assert bystander.poll() is None
        finally:
            bystander.kill()


async def test_a_server_that_somebody_else_started_on_the_directory_is_refused_and_left_alone(
    made: Path,
) -> None:
    async with kept(made) as (postgres, _):
        assert postgres._running
        programs = postgres._running._programs
    arguments = programs.account.spawn_arguments()
    with subprocess.Popen(programs.server_command(), cwd="/", **arguments) as foreign:  # noqa: ASYNC220
        try:
            await until(lambda: read_pid_file(postgres.directory.cluster) is not None)
            with pytest.raises(DataDirectoryUnusable) as refusal:
                await EmbeddedPostgres(made, progress=print).start()
            assert str(refusal.value) == (
                f"journey: {made} is in use by a PostgreSQL that journey did not start "
                f"(process {foreign.pid}). Nothing was changed. "
                "Stop that server, or point --data-dir at another directory."
            )
            assert foreign.poll() is None
        finally:
            foreign.send_signal(signal.SIGQUIT)


@asynccontextmanager
async def kept(data_dir: Path) -> AsyncIterator[tuple[EmbeddedPostgres, list[str]]]:
    said: list[str] = []
    async with EmbeddedPostgres(data_dir, progress=said.append) as postgres:
        postgres.mark_initialized()
        keeping = asyncio.create_task(postgres.supervise())
        try:
            yield postgres, said
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])


def server(postgres: EmbeddedPostgres) -> Process:
    assert postgres.process_id is not None
    found = process(postgres.process_id)
    assert found is not None
    return found


def family(parent: Process) -> list[Process]:
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    return [parent, *(one for child in children if (one := process(int(child))))]


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def eventually(dsn: str, statement: str) -> object:
    limit = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await ask(dsn, statement)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            assert time.monotonic() < limit
            await asyncio.sleep(0.02)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  no event tells of another process
            await asyncio.sleep(0.01)
