"""`journey rebuild`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from journey_service.cli import rebuilding
from journey_service.cli.calling import call
from journey_service.cli.durations import option_ms
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.options import CARE, Address, DataDir, Json, Token, caller_of, example
from journey_service.cli.output import Output

app = typer.Typer()

TOLD: dict[str, Callable[..., Coroutine[Any, Any, object]]] = {
    "status": rebuilding.status,
    "watch": rebuilding.watch,
    "pause": rebuilding.pause,
    "resume": rebuilding.resume,
    "cancel": rebuilding.cancel,
    "switch-back": rebuilding.switch_back,
    "drop": rebuilding.drop,
}


@app.command(
    rich_help_panel=CARE,
    epilog=example(
        "rebuild journeys",
        "rebuild journeys --dry-run",
        "rebuild status",
        "rebuild switch-back journeys",
    ),
)
def rebuild(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[status|watch|pause|resume|cancel|switch-back|drop] NAME",
            help="A projection; behind a word that says what to do, also the id of a rebuild.",
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Compare with the live states, never switch.")
    ] = False,
    keep_old: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="How long what is replaced is kept, e.g. 2h.  [default: as the settings say]",
        ),
    ] = "",
    detach: Annotated[bool, typer.Option("--detach", help="Begin it, and do not wait.")] = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a projection anew beside the live one, compare both, switch; or look after a rebuild.

    It is done by the services that run, beside their calls; reads are answered
    from the live states until the switch. Killed services go on where they were.
    """
    caller = caller_of(address, token, data_dir)
    told, name = _parts(words)

    async def work(out: Output) -> object:
        async with caller.client("developer") as client:
            if told:
                return await TOLD[told](client, out, name)
            return await rebuilding.start(
                client,
                out,
                name,
                dry_run=dry_run,
                keep_old_ms=option_ms("--keep-old", keep_old) if keep_old else None,
                follow=not detach,
            )

    if call(caller, work, json=json) is False:
        if told == "status":
            Output.of(json_asked=json).note("nothing was rebuilt; `journey rebuild NAME` does it")
            return
        raise typer.Exit(Exit.REFUSED)


def _parts(words: list[str]) -> tuple[str, str]:
    """What to do, empty = begin one, and with which. Raises Refusal."""
    told = words[0] if words[0] in TOLD else ""
    named = words[1:] if told else words
    needs_none = told == "status" and not named
    if needs_none:
        return told, ""
    if len(named) != 1:
        raise Refusal(
            f"journey rebuild {' '.join(words)}: name one projection or rebuild, behind one of "
            f"{', '.join(TOLD)} if it is not to be begun",
            status=Exit.USAGE,
        )
    return told, named[0]
