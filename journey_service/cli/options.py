"""Options that several commands share, each with its help, in one place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from journey_service import config
from journey_service.cli.callers import Caller
from journey_service.settings import Settings

# Panels of commands in the help, then those of options.
SERVER = "The service on this machine"
CUSTOMERS = "What customers do"
LOG = "The log, for back ends and developers"
CARE = "Looking after it"
_SERVICE = "Service to call"
_CUSTOMER = "Customer"
_OUTPUT = "Output"

Json = Annotated[
    bool,
    typer.Option("--json", help="JSON lines, also on a terminal.", rich_help_panel=_OUTPUT),
]
Address = Annotated[
    str,
    typer.Option(
        envvar="JOURNEY_ADDRESS",
        help="host:port of the service's gRPC port.  [default: as the settings say]",
        rich_help_panel=_SERVICE,
    ),
]
Token = Annotated[
    str,
    typer.Option(
        envvar="JOURNEY_TOKEN",
        help="Access token; without it one is made from the data directory's secret.",
        rich_help_panel=_SERVICE,
        show_envvar=True,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Data directory of the service on this machine.",
        rich_help_panel=_SERVICE,
    ),
]
Customer = Annotated[
    str, typer.Argument(metavar="[CUSTOMER]", help="Any subject id of the customer.")
]
SubjectId = Annotated[
    str,
    typer.Option("--subject", metavar="ID", help="The same by option.", rich_help_panel=_CUSTOMER),
]
Account = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="The customer of an account: the `sub` of its device tokens.",
        rich_help_panel=_CUSTOMER,
    ),
]
Dsn = Annotated[
    str | None,
    typer.Option(help="PostgreSQL to use, postgresql://…; without it an own one is started."),
]
GrpcAddress = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Where to serve gRPC; port 0: a free one.")
]
OperationsAddress = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Where to serve health and metrics.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Any setting; `journey config` lists them. Repeatable."
    ),
]


def settings_of(assignments: list[str] | None = None, **overrides: Any) -> Settings:
    """Settings from command line, environment and defaults. Raises SettingsError."""
    given: dict[str, object] = {}
    for assignment in assignments or []:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise config.SettingsError(f"--set {assignment}: write NAME=VALUE")
        given[_setting(name)] = value
    return config.load(os.environ, given | {k: v for k, v in overrides.items() if v is not None})


def _setting(typed: str) -> str:
    """The setting that was typed, however it is written. Raises SettingsError with the nearest."""
    name = typed.strip().lower().replace("-", "_").removeprefix("journey_")
    if name not in config.FIELDS:
        near = config.nearest(name)
        told = f"did you mean {near}?" if near else "`journey config` lists them."
        raise config.SettingsError(f"--set {typed}: there is no such setting; {told}")
    return name


def caller_of(address: str, token: str, data_dir: Path | None) -> Caller:
    """Where to call and as whom."""
    settings = settings_of(data_dir=data_dir)
    return Caller(settings, address or settings.grpc_address, token)


def example(*lines: str) -> str:
    """The examples below a command's help."""
    listed = "\n\n".join(f"  $ journey {escape(line)}" for line in lines)
    return f"[bold]Example[/]\n\n{listed}"
