import os
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.processes import unmeasured
from tests.postgres import RUN_VARIABLE

SUITE = """
import os, signal
import asyncpg, pytest

pytest_plugins = ["tests.postgres"]

async def ask(dsn, statement):
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()

@pytest.mark.parametrize("n", range(4))
async def test_each_test_has_a_database_of_its_own(database, n):
    await ask(database, "CREATE TABLE only_mine ()")
    with open("FOLDERS", "a") as folders:
        print(database.partition("host=")[2].partition("/shared")[0], file=folders)

async def test_a_failing_test_that_leaves_a_connection_open(empty_database):
    left = await asyncpg.connect(empty_database)
    assert await left.fetchval("SELECT 1") == 2

async def test_a_role_reaches_the_same_database(database, database_as):
    assert await ask(database_as("reader"), "SELECT current_database()") == await ask(
        database, "SELECT current_database()")
"""
KILLED = (
    SUITE
    + """
async def test_the_run_is_killed(database):
    os.kill(os.getpid(), signal.SIGKILL)
"""
)


def run(folder: Path, suite: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(suite)
    environment = {name: text for name, text in unmeasured().items() if name != RUN_VARIABLE}
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-s", "--rootdir", str(folder), "-c", os.devnull),
            *("-p", "no:cacheprovider", "-p", "tests.postgres", "-o", "asyncio_mode=auto"),
            *("-o", "asyncio_default_fixture_loop_scope=session"),
            *("-o", "asyncio_default_test_loop_scope=session"),
            *arguments,
            str(folder),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def processes_naming(text: str) -> list[str]:
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(entry.read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [line for line in lines if text in line]


def folder_of(run_in: Path) -> Path:
    folders = set((run_in / "FOLDERS").read_text().split())
    assert len(folders) == 1, "one server for all test processes"
    return Path(folders.pop())


def test_nothing_remains_of_a_run_in_two_processes_whose_tests_fail(tmp_path: Path) -> None:
    ran = run(tmp_path, SUITE, "-n", "2")
    assert "1 failed, 5 passed" in ran.stdout, ran.stdout + ran.stderr
    folder = folder_of(tmp_path)
    assert not folder.exists()
    assert processes_naming(str(folder)) == []


def test_what_a_killed_run_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    killed = run(tmp_path, KILLED)
    assert killed.returncode == -9, killed.stdout + killed.stderr
    folder = folder_of(tmp_path)
    # A process that the server has just forked has its command line for a moment.
    while len(left := processes_naming(f"-D {folder}")) > 1:
        time.sleep(0.01)
    assert len(left) == 1
    run(tmp_path, SUITE)
    assert not folder.exists()
    assert processes_naming(str(folder)) == []
