"""The command line: which commands there are, and where each is declared.

A command's module is loaded when it is called, or when help on all of them is: `journey show` has
no use for a database driver, and loading everything takes longer than most commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer

from journey_service.cli.exits import MEANING

# Command to its module, in the order of the help.
COMMANDS = {
    "up": "serve",
    "serve": "serve",
    "migrate": "serve",
    "record": "record",
    "show": "show",
    "watch": "watch",
    "simulate": "simulate",
    "events": "events",
    "import": "bring_in",
    "tail": "tail",
    "subscribe": "tail",
    "export": "export",
    "groups": "groups",
    "parked": "parked",
    "play": "past",
    "diff": "past",
    "replay": "replay",
    "rebuild": "rebuild",
    "projections": "projections",
    "token": "tokens",
    "config": "tokens",
    "doctor": "doctor",
    "verify": "verify",
}
STATUSES = "\n\n".join(f"[bold]{status.value}[/]  {told}" for status, told in MEANING.items())


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The command line with the command that these arguments call; with all if they call none."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=f"[bold]Exit status[/]\n\n{STATUSES}",
    )
    app.callback()(journey)
    called = [name for name in arguments[:1] if name in COMMANDS] or COMMANDS
    for module in dict.fromkeys(COMMANDS[name] for name in called):
        app.add_typer(import_module(f"{__package__}.commands.{module}").app)
    return app


def journey() -> None:
    """Journey: leave off on one device, go on exactly there on another.

    Tables and colours on a terminal; one JSON object a line when piped, or with --json.
    """
