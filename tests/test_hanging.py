import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HANGS = """
import asyncio
import pytest

@pytest.fixture
async def never_ended():
    yield
    await asyncio.Event().wait()

async def test_that_is_well(never_ended):
    pass

async def test_that_leaves_a_task():
    async def hold_out():
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                pass

    async def give_in():
        await asyncio.sleep(60)

    left.extend(asyncio.create_task(give_in()) for _ in range(9))
    left.append(asyncio.create_task(hold_out()))
    await asyncio.sleep(0)

left = []

def test_that_waits():
    asyncio.run(asyncio.Event().wait())
"""


def test_what_takes_too_long_says_in_its_last_line_where_it_stood(tmp_path: Path) -> None:
    (tmp_path / "test_hangs.py").write_text(HANGS)
    options = ["-p", "tests.hanging", "--asyncio-mode", "auto", "--timeout", "1", "-ra"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(tmp_path), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "CI": "true"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in ended.stdout.splitlines() if " - Failed" in line]
    assert len(told) == 3
    assert all("selectors.py:" in line for line in told)
    assert any("call of test_that_waits: " in line for line in told)
    assert any("teardown of test_that_is_well: fixture never_ended; " in line for line in told)
    assert any("hold_out at" in line and "_cancel_all_tasks" in line for line in told)
    assert "give_in" not in "".join(told)
    assert ended.stdout.count("where it stood") == 3
