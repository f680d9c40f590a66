import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.battery.forking import ROW, forked
from tests.battery.playing import _status, play
from tests.faults.processes import unmeasured


def test_a_forked_program_says_what_it_says_and_ends_as_it_ends() -> None:
    played = play("--only", "NOTHING", within_s=60)
    assert (played.returncode, "no row begins with NOTHING" in played.stdout) == (2, True)
    assert played.stderr == ""


async def test_a_forked_program_is_killed_as_any_other(tmp_path: Path) -> None:
    with (tmp_path / "said").open("wb") as said:
        row = forked(ROW, ["--only", "CON-5", "--size", "100000"], unmeasured(), said.fileno())
        row.send_signal(signal.SIGKILL)
        assert await row.wait() == -signal.SIGKILL
    assert row.returncode == -signal.SIGKILL
    row.terminate()


def test_a_row_ends_with_whoever_waits_for_it() -> None:
    near, far = socket.socketpair()
    with near, far, subprocess.Popen(["sleep", "60"]) as row:
        near.settimeout(0.01)
        with pytest.raises(TimeoutError):
            _status(near, row.pid)
        assert row.wait() == -signal.SIGKILL
