import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.clocks import SEEN_AFTER_S, WrongClock

TELL = "import sys, time\nfor line in sys.stdin: print(time.time(), time.monotonic(), flush=True)"
DAY_S = 86_400


class Told:
    """A process with a wrong clock that tells its times when asked."""

    def __init__(self, clock: WrongClock) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", TELL],
            env={**os.environ, **clock.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self) -> tuple[float, float]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        wall, monotonic = self.process.stdout.readline().split()
        return float(wall), float(monotonic)


@pytest.fixture
def clock(tmp_path: Path) -> WrongClock:
    return WrongClock(tmp_path / "offset", "+1d")


@pytest.fixture
def told(clock: WrongClock) -> Iterator[Told]:
    told = Told(clock)
    yield told
    told.process.communicate()


def test_the_wall_clock_is_wrong_and_the_monotonic_one_is_not(told: Told) -> None:
    wall, monotonic = told.ask()
    assert wall - time.time() == pytest.approx(DAY_S, abs=5)
    assert monotonic == pytest.approx(time.monotonic(), abs=5)


def test_the_clock_jumps_while_the_process_runs(clock: WrongClock, told: Told) -> None:
    told.ask()
    clock.set("-3600")
    until = time.monotonic() + 10 * SEEN_AFTER_S
    while told.ask()[0] > time.time() and time.monotonic() < until:
        time.sleep(0.05)
    wall, _ = told.ask()
    assert wall - time.time() == pytest.approx(-3_600, abs=5)
