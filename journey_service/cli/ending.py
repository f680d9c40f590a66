"""A command line to its end: the exit status, and what went wrong in words."""

from __future__ import annotations

import traceback

from rich.console import Console

from journey_service.cli.app import app_for
from journey_service.cli.exits import Ending, Exit, ending_of


def run(arguments: list[str]) -> int:
    """The exit status of a command line; what went wrong is on stderr."""
    try:
        app_for(arguments)(arguments, prog_name="journey")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else Exit.OK
    except KeyboardInterrupt:
        return Exit.STOPPED
    except Exception as error:  # noqa: BLE001 - the one place where all errors end
        return _tell(error)
    return Exit.OK


def _tell(error: Exception) -> int:
    """Say what happened and what to do next; a traceback only for faults of ours."""
    address = str(error.__dict__.get("journey_address", ""))
    account = str(error.__dict__.get("journey_account", ""))
    ending = ending_of(error, address, account) or _fault(error)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in ending.what.removeprefix("journey: ").splitlines():
        console.print("journey:", line, style="red", markup=False)
    if ending.next_step:
        console.print("      →", ending.next_step, markup=False)
    return ending.status


def _fault(error: Exception) -> Ending:
    traceback.print_exception(error)
    return Ending(Exit.FAULT, f"a fault of journey itself: {error!r}", "Please tell us of it.")
