import os
import signal
from pathlib import Path

import asyncpg

from journey_service.embedded import DataDirectory
from journey_service.embedded.locks import is_held
from journey_service.embedded.postmaster import READY, Process, process, read_pid_file
from tests.embedded.running import serving, spawned


async def test_two_processes_share_one_server_and_the_last_stops_it(made: Path) -> None:
    async with serving(made) as first, serving(made) as second:
        assert second.dsn == first.dsn
        server = server_of(made)
        await second.until_it_says(f"runs already (process {server.pid})")
        assert await first.stop() == 0
        assert server.is_alive()
        assert await minute(second.dsn) == 31
        assert await second.stop() == 0
    assert not server.is_alive()
    assert not is_held(made / "lock" / "server")


async def test_processes_that_come_together_make_one_database(data_dir: Path) -> None:
    async with serving(data_dir) as first, serving(data_dir) as second, serving(data_dir) as third:
        services = (first, second, third)
        assert len({service.dsn for service in services}) == 1
        assert [await service.stop() for service in services] == [0, 0, 0]
    said = [line for service in services for line in service.said]
    assert sum("making a new database" in line for line in said) == 1
    assert sum("has stopped" in line for line in said) == 1


async def test_a_server_whose_service_was_killed_is_adopted(made: Path) -> None:
    async with serving(made) as killed:
        server = server_of(made)
        killed.process.kill()
        await killed.ended()
    assert server.is_alive()
    async with serving(made) as heir:
        assert server_of(made) == server
        assert await minute(heir.dsn) == 31
        assert await heir.stop() == 0
    assert not server.is_alive()


async def test_a_service_killed_while_its_server_starts_leaves_one_that_is_adopted(
    made: Path,
) -> None:
    async with serving(made) as service:
        assert await service.stop() == 0
    for _ in range(3):
        async with spawned(made, measured=False) as killed:
            while not (written := read_pid_file(made / "postgres")):
                await killed.breathe()
            killed.process.kill()
            await killed.ended()
        async with serving(made) as heir:
            assert server_of(made).pid == written.pid
            assert await minute(heir.dsn) == 31
            assert await heir.stop() == 0


async def test_ctrl_c_at_one_process_does_not_reach_the_server_that_another_uses(
    made: Path,
) -> None:
    async with serving(made) as first, serving(made) as second:
        server = server_of(made)
        # As a terminal does: to everybody in the group.
        os.killpg(first.process.pid, signal.SIGINT)
        assert await first.ended() == 0
        assert server_of(made) == server
        assert await minute(second.dsn) == 31
        assert await second.stop() == 0
        assert not any("ended" in line for line in second.said)


async def test_a_server_that_is_stopping_is_waited_for_and_followed_by_another(
    made: Path,
) -> None:
    async with serving(made) as leaving:
        before = server_of(made)
        leaving.process.terminate()
        async with serving(made) as coming:
            assert await leaving.ended() == 0
            assert await minute(coming.dsn) == 31
            assert await coming.stop() == 0
    assert not before.is_alive()


def server_of(data_dir: Path) -> Process:
    written = read_pid_file(DataDirectory(data_dir).cluster)
    assert written is not None
    assert written.status == READY
    found = process(written.pid)
    assert found is not None
    return found


async def minute(dsn: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("SELECT 31")
    finally:
        await connection.close()
