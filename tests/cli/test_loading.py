"""What a command loads: what it needs, and nothing of the service where it only calls it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
from typer.main import get_group

from journey_service.cli import exits
from journey_service.cli.app import COMMANDS, app_for
from journey_service.cli.ending import run
from tests.cli.conftest import environment

NAMED = {
    exits.CALL_FAILED,
    exits.NOT_ANSWERED,
    exits.REFUSED_ON_THE_WAY,
    exits.SERVER_FAILED,
    *(name for kinds, *_ in exits.ENDINGS for name in kinds),
}
OF_THE_SERVICE = {
    "asyncpg",
    "cryptography",
    "jwt",
    "grpc_reflection.v1alpha",
    "prometheus_client",
    "structlog",
    "journey_service.application",
    "journey_service.bootstrap",
    "journey_service.store",
    "journey_client.importing",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_declared_where_the_table_says(command: str) -> None:
    declared = import_module(f"journey_service.cli.commands.{COMMANDS[command]}").app
    assert command in get_group(declared).commands
    assert command in get_group(app_for([command])).commands


def test_without_a_command_there_are_all_of_them() -> None:
    assert set(get_group(app_for(["--help"])).commands) == set(COMMANDS)


def test_a_command_that_is_mistyped_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["shwo"]) == exits.Exit.USAGE
    assert "Did you mean 'show'" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_error_that_is_told_by_its_name_is_one(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(import_module(module), kind), BaseException)


@pytest.mark.parametrize(
    "command", ["show", "watch", "events", "record", "token", "tail", "export"]
)
def test_a_command_that_calls_the_service_loads_nothing_of_it(command: str) -> None:
    asked = (
        "import sys\n"
        "from journey_service.cli.app import app_for\n"
        f"app_for([{command!r}])\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        env=environment(measured=False),
        check=True,
    )
    assert not OF_THE_SERVICE & set(done.stdout.split())
