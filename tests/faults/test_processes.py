import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.faults.processes import Victim, paused

SLEEPER = "import time; print('ready', flush=True); time.sleep(60)"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child
        child.kill()


def victim_of(child: subprocess.Popen[str]) -> Victim:
    found = Victim.of(child.pid)
    assert found is not None
    return found


async def test_a_killed_process_is_gone(sleeper: subprocess.Popen[str]) -> None:
    victim = victim_of(sleeper)
    assert victim.kill()
    await victim.gone()
    assert not victim.is_alive()
    assert sleeper.wait() == -9


async def test_a_process_that_has_gone_cannot_be_killed_again(
    sleeper: subprocess.Popen[str],
) -> None:
    victim = victim_of(sleeper)
    victim.kill()
    sleeper.wait()
    assert not victim.kill()


def test_another_process_with_the_same_number_is_left_alone(
    sleeper: subprocess.Popen[str],
) -> None:
    known = victim_of(sleeper)
    earlier = Victim(known.pid, known.began - 1, known.parent, known.command)
    assert not earlier.is_alive()
    assert not earlier.kill()
    assert sleeper.poll() is None


def test_a_paused_process_stands_still_and_goes_on(sleeper: subprocess.Popen[str]) -> None:
    victim = victim_of(sleeper)
    with paused(victim):
        assert victim.is_paused()
    assert not victim.is_paused()
    assert victim.is_alive()


async def test_waiting_for_a_process_that_lives_on_ends(sleeper: subprocess.Popen[str]) -> None:
    with pytest.raises(TimeoutError):
        await victim_of(sleeper).gone(within_s=0.02)


async def test_a_family_is_a_process_with_all_it_started() -> None:
    script = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', sys.argv[1]]); "
        "print(child.pid, flush=True); child.wait()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, SLEEPER, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    child = int(await process.stdout.readline())
    victim = Victim.of(process.pid)
    assert victim is not None
    assert [one.pid for one in victim.family()] == [process.pid, child]
    for one in victim.family():
        one.kill()
    await process.communicate()
