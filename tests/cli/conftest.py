"""The real command, as a process of its own, beside a service that the command `serve` started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.typed import Ended, stop_forking, type_in
from tests.faults.processes import unmeasured
from tests.postgres import new_data_dir

JOURNEY = str(Path(sys.executable).with_name("journey"))
PATIENCE_S = 90.0


@dataclass
class Prompt:
    """Where `journey` is typed. `options` go behind the command's name."""

    folder: Path
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __call__(self, command: str, *arguments: str, stdin: str = "") -> Ended:
        """Type a command and wait for its end, piped."""
        words = self.words(command, *arguments)
        return type_in(words, self.folder, environment(), within_s=PATIENCE_S, stdin=stdin)

    def words(self, command: str, *arguments: str) -> list[str]:
        """The command line."""
        return [JOURNEY, command, *self.options.get(command, ()), *arguments]


def environment(*, measured: bool = True, **more: str) -> dict[str, str]:
    """The test's environment without settings of Journey."""
    whole = os.environ if measured else unmeasured()
    kept = {key: value for key, value in whole.items() if not key.startswith("JOURNEY_")}
    return {**kept, "COLUMNS": "140", **more}


@pytest.fixture(scope="session", autouse=True)
def _forks() -> Iterator[None]:
    yield
    stop_forking()


@pytest.fixture(scope="session")
def service() -> Iterator[dict[str, str]]:
    """A service of `journey serve`: its address and data directory. Its stop is tried, too.

    Its lines are counted where its layers are tried; the commands are what these tests are about.
    """
    with new_data_dir() as data_dir:
        words = [JOURNEY, "serve", "--data-dir", str(data_dir), "--set", "drain_notice_ms=0"]
        free = "127.0.0.1:0"
        process = subprocess.Popen(
            [*words, "--grpc-address", free, "--operations-address", free],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment(measured=False, JOURNEY_LOG_LEVEL="error"),
        )
        assert process.stdout is not None
        with process.stdout:
            yield json.loads(process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0


@pytest.fixture
def prompt(service: dict[str, str], tmp_path: Path) -> Prompt:
    """A prompt whose commands call that service."""
    data_dir = ("--data-dir", service["data_dir"])
    call = (*data_dir, "--address", service["address"])
    called = (
        "record", "show", "watch", "simulate", "events", "import", "doctor", "tail", "subscribe",
        "export", "play", "diff", "replay", "rebuild",
    )  # fmt: skip
    options = dict.fromkeys(called, call)
    return Prompt(tmp_path, {**options, "token": data_dir, "verify": data_dir})


@pytest.fixture
def bare(tmp_path: Path) -> Prompt:
    """A prompt with nothing beside it."""
    return Prompt(tmp_path)
