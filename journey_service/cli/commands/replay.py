"""`journey replay`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

import projections
from journey_service.bootstrap import declarations_of
from journey_service.cli import replaying, strange, tried
from journey_service.cli.calling import call
from journey_service.cli.counts import MOST
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.filters import Channels, Kinds, Types, filter_of
from journey_service.cli.options import LOG, Address, DataDir, Json, Token, caller_of, example
from journey_service.cli.output import Output
from journey_service.cli.replaying import Wanted
from journey_service.cli.replaying_to_group import to_the_group
from journey_service.cli.starting import ENDS, HELP, end_point, start_point
from journey_service.packages import load_packages
from projections.journeys.custom import custom_kind
from projections.shadow import pair_of

_WITH = "Try a fold"
_RANGE = "Which history"

app = typer.Typer()


@app.command(
    rich_help_panel=LOG,
    epilog=example(
        "replay --with examples/wish_list_fold.py",
        "replay --with my_fold.py:CART --customer user_7 --customer user_8",
        "replay --with my_fold.py --type 'order.*' --from 30d --report differing.jsonl",
        "replay --to-group billing --from 2h",
    ),
)
def replay(
    *,
    with_fold: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="FILE.py[:NAME]",
            help="A changed or new fold: the file sets KIND, PROJECTION or VIEW.",
            rich_help_panel=_WITH,
        ),
    ] = "",
    to_group: Annotated[
        str,
        typer.Option(
            metavar="GROUP",
            help="Deliver what was recorded --from a point --to another once more to a group.",
            rich_help_panel=_RANGE,
        ),
    ] = "",
    examples: Annotated[
        int,
        typer.Option(
            min=0,
            max=MOST,
            help="So many customers are folded again to find the event that made the difference.",
            rich_help_panel=_WITH,
        ),
    ] = 3,
    report: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines of every customer that differs, and how.", rich_help_panel=_WITH
        ),
    ] = None,
    customers: Annotated[
        list[str] | None,
        typer.Option("--customer", help="Only this one. Repeatable.", rich_help_panel=_RANGE),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(
            min=0, max=MOST, help="At most so many customers; 0: all.", rich_help_panel=_RANGE
        ),
    ] = 0,
    start: Annotated[
        str, typer.Option("--from", help=f"Recorded from: {HELP}", rich_help_panel=_RANGE)
    ] = "",
    end: Annotated[
        str, typer.Option("--to", help=f"Recorded before {ENDS}", rich_help_panel=_RANGE)
    ] = "",
    types: Types = None,
    kinds: Kinds = None,
    channels: Channels = None,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Replay history with a changed or new fold, and tell what would differ; change nothing.

    Both folds, the live one and the one in the file, see the same events: all, or
    those that the options keep. Told are how many customers would see something
    else, in which fields, and the events that made the difference. Exit status 0:
    nobody would; 1: somebody would, or the fold raised.

    With --to-group no fold is tried: the group's consumers get what was recorded
    in between once more, marked as replayed, and then go on where they were.
    Without --to the group's place is moved back, and all from there on comes
    again.
    """
    if to_group:
        chosen = (with_fold, customers, types, kinds, channels, limit)
        again = to_the_group(to_group, start, end, beside=any(chosen))
        caller = caller_of(address, token, data_dir)
        call(caller, lambda out: again(caller, out), json=json)
        return
    if not with_fold:
        raise Refusal("name the fold to try: --with FILE.py", tried.HOLDS, Exit.USAGE)
    caller = caller_of(address, token, data_dir)
    # What this deployment declares, and its packages, fold and show as they do in the service.
    projections.declare(map(custom_kind, declarations_of(caller.settings).kinds))
    views, now_ms = load_packages().catalogue(), round(time.time() * 1_000)
    fold = tried.load(with_fold)
    try:
        pair = pair_of(fold, projections.JOURNEYS, views, now_ms)
    except TypeError as error:
        raise Refusal(f"--with {with_fold}: {error}", tried.HOLDS, Exit.DATA) from error
    wanted = Wanted(
        filter_of(types=types, kinds=kinds, channels=channels, all_outcomes=True),
        customers or (),
        start_point(start) if start else None,
        end_point(end) if end else None,
        limit,
        examples,
    )
    strange.warn(wanted.events, caller.settings)

    async def work(out: Output) -> bool:
        async with caller.client("developer") as client:
            return await replaying.replay(client, pair, wanted, out, name=with_fold, report=report)

    if not call(caller, work, json=json):
        raise typer.Exit(Exit.REFUSED)
