"""Commands that are typed without waiting for imports: a process that has them forks for each.

The same code in a process of its own as the installed script, which most other tests start.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from pathlib import Path

from journey_service.cli import main
from journey_service.cli.app import COMMANDS

_MODULES = sorted({f"journey_service.cli.commands.{module}" for module in COMMANDS.values()})
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, "journey_service.bootstrap", *_MODULES])
STREAMS = ("in", "out", "err")


def stop_forking() -> None:
    """End the process that forks; it writes down what it measured, as all others do."""
    # The library ends it without waiting for it; only its own tests wait, in this way.
    forkserver._forkserver._stop()  # type: ignore[attr-defined]


def type_in(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], files: Path, within_s: float
) -> int:
    """Run a command in a folder to its end; returns its exit status.

    Its standard streams are the files "in", "out" and "err" of `files`. Raises TimeoutError.
    """
    arguments = (list(words), str(folder), dict(environment), str(files))
    process = _CONTEXT.Process(target=_run, args=arguments)
    process.start()
    process.join(within_s)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"{' '.join(words)} took longer than {within_s} s")
    return process.exitcode


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
    sys.argv = words
    main()
