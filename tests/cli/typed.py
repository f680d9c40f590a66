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
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import coverage

from journey_service.cli import main
from journey_service.cli.app import COMMANDS

_MODULES = sorted({f"journey_service.cli.commands.{module}" for module in COMMANDS.values()})
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [__name__, "journey_service.bootstrap", *_MODULES, "tests.cli.imported"]
)
STREAMS = ("in", "out", "err")


def stop_forking() -> None:
    """End the process that forks."""
    # The library ends it without waiting for it; only its own tests wait, in this way.
    forkserver._forkserver._stop()  # type: ignore[attr-defined]


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


def type_in(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    within_s: float,
    stdin: str = "",
) -> Ended:
    """Run a command in a folder to its end, piped. Raises TimeoutError."""
    with TemporaryDirectory() as files:
        streams = {name: Path(files, name) for name in STREAMS}
        for name, file in streams.items():
            file.write_text(stdin if name == "in" else "")
        arguments = (list(words), str(folder), dict(environment), files)
        process = _CONTEXT.Process(target=_run, args=arguments)
        process.start()
        process.join(within_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{' '.join(words)} took longer than {within_s} s")
        return Ended(process.exitcode, streams["out"].read_text(), streams["err"].read_text())


def _run(words: list[str], folder: str, environment: dict[str, str], files: str) -> None:
    for number, name in enumerate(STREAMS):
        flags = os.O_RDONLY if name == "in" else os.O_WRONLY
        opened = os.open(Path(files, name), flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the whole process
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # As at the start of any other program: only if the environment says so.
    coverage.process_startup(force=True)
    sys.argv = words
    main()
