"""The battery as a person would run it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from tests.battery import forking
from tests.faults.processes import unmeasured

ROOT = Path(__file__).parents[2]


def play(*arguments: str, within_s: float) -> subprocess.CompletedProcess[str]:
    """Run the battery as a person would, and show what it says."""
    play_it = _forked if forking.VARIABLE in os.environ else _begun
    played = play_it(list(arguments), within_s)
    print(played.stdout, played.stderr)
    return played


def _begun(arguments: list[str], within_s: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.battery", *arguments],
        cwd=ROOT,
        env=unmeasured(),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


def _forked(arguments: list[str], within_s: float) -> subprocess.CompletedProcess[str]:
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        link, pid = forking.ask(forking.ROW, arguments, unmeasured(), (out.fileno(), err.fileno()))
        with link:
            link.settimeout(within_s)
            try:
                status = _status(link, pid)
            except TimeoutError as late:
                raise subprocess.TimeoutExpired(arguments, within_s) from late
        said = [(file.seek(0), file.read())[1] for file in (out, err)]
    return subprocess.CompletedProcess(arguments, status, *said)


def _status(link: socket.socket, pid: int) -> int:
    """How a row ended. Whatever ends the waiting, as Ctrl-C, ends the row, too."""
    try:
        return int(link.recv(16))
    except BaseException:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        raise
