"""Commands that are typed without waiting for imports: a process that has them forks for each.

The same code in a process of its own as the installed script, which most other tests start.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import coverage

from journey_service.cli import main
from journey_service.cli.app import COMMANDS
from tests.faults.processes import Victim

_MODULES = sorted({f"journey_service.cli.commands.{module}" for module in COMMANDS.values()})
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [__name__, "journey_service.bootstrap", *_MODULES, "tests.cli.imported"]
)


def stop_forking() -> None:
    """End the process that forks, and every command that still runs."""
    forking: Any = vars(forkserver)["_forkserver"]
    # By itself it ends after the last of the commands, perhaps never.
    if forking._forkserver_pid and (victim := Victim.of(forking._forkserver_pid)):
        for one in victim.family():
            one.kill()
    # The library ends it without waiting for it; only its own tests wait, in this way.
    forking._stop()


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """What it printed for programs."""
        return [json.loads(line) for line in self.out.splitlines()]


class Typed:
    """A command that runs, as `subprocess.Popen` shows it; `streams` are its input, its output and
    where it tells of errors.
    """

    def __init__(
        self,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        streams: tuple[int, int, int],
    ) -> None:
        self._words = words
        handed = [Connection(os.dup(stream)) for stream in streams]
        arguments = (list(words), str(folder), dict(environment), handed)
        # Of a test that fails it may be left; the tests' end does not wait for it.
        self._process = _CONTEXT.Process(target=_run, args=arguments, daemon=True)
        self._process.start()
        for stream in handed:
            stream.close()

    def send_signal(self, number: int) -> None:
        """As the library's: nothing is sent to one that has ended."""
        if self._process.exitcode is None:
            os.kill(self._process.pid or 0, number)

    def wait(self, within_s: float) -> int:
        """Its status, at its end. Raises TimeoutError, and ends it."""
        self._process.join(within_s)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
            raise TimeoutError(f"{' '.join(self._words)} took longer than {within_s} s")
        return self._process.exitcode


def type_in(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    within_s: float,
    stdin: str = "",
) -> Ended:
    """Run a command in a folder to its end, piped. Raises TimeoutError."""
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        streams = (given.fileno(), out.fileno(), err.fileno())
        status = Typed(words, folder, environment, streams).wait(within_s)
        for told in (out, err):
            told.seek(0)
        return Ended(status, out.read().decode(), err.read().decode())


def _run(
    words: list[str], folder: str, environment: dict[str, str], streams: list[Connection]
) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the whole process
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # As at the start of any other program: only if the environment says so.
    coverage.process_startup(force=True)
    sys.argv = words
    main()
