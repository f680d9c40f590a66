"""`journey play` and `journey diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_service.cli import looking_back
from journey_service.cli.calling import call
from journey_service.cli.counts import MOST_SPEED
from journey_service.cli.durations import option_ms
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.looking_back import POINTS, Happened, Play, as_of, journey_key
from journey_service.cli.options import (
    CUSTOMERS,
    Account,
    Address,
    Customer,
    DataDir,
    Json,
    SubjectId,
    Token,
    caller_of,
    example,
)
from journey_service.cli.output import Output
from journey_service.cli.starting import ENDS, HELP, end_point, start_point

app = typer.Typer()


@app.command(
    rich_help_panel=CUSTOMERS,
    epilog=example(
        "play user_7", "play user_7 --journey cart/main --speed 100", "play user_7 --from 2h"
    ),
)
def play(
    customer: Customer = "",
    *,
    journey: Annotated[
        str, typer.Option(metavar="KIND/ID", help="Only what concerns this journey.")
    ] = "",
    speed: Annotated[
        float,
        typer.Option(
            min=0,
            max=MOST_SPEED,
            help="Times the real pace; 0: without pauses.",
        ),
    ] = 0,
    max_pause: Annotated[str, typer.Option(help="No pause is longer.")] = "5s",
    recorded: Annotated[
        bool, typer.Option("--recorded", help="As it came in, not as it happened.")
    ] = False,
    start: Annotated[str, typer.Option("--from", help=f"Recorded from: {HELP}")] = "",
    end: Annotated[str, typer.Option("--to", help=f"Recorded before {ENDS}")] = "",
    subject: SubjectId = "",
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Play what a customer did, at a pace, with where each journey stood after each event."""
    caller = caller_of(address, token, data_dir)
    subject_id = caller.subject_id(customer or subject, account)
    wanted = Play(
        journey_key(journey) if journey else None,
        start_point(start) if start else None,
        end_point(end) if end else None,
        recorded=recorded,
        speed=speed,
        max_pause_ms=option_ms("--max-pause", max_pause),
    )

    async def work(out: Output) -> int:
        async with caller.client("service") as client:
            return await looking_back.play(client.customer(subject_id), out, wanted)

    if not call(caller, work, json=json, account=account):
        Output.of(json_asked=json).note(f"{subject_id} has no events to play there")


@app.command(
    rich_help_panel=CUSTOMERS,
    epilog=example(
        "diff user_7 cart/main --before 2h",
        "diff user_7 media/film-42 --before 12 --after 15",
        "diff --account mila cart/main --before 2h",
    ),
)
def diff(
    named: Annotated[
        list[str],
        typer.Argument(
            metavar="[CUSTOMER] KIND/ID",
            help="Any subject id of the customer, unless --account says who; and which journey.",
        ),
    ],
    *,
    account: Account = "",
    before: Annotated[str, typer.Option(help=f"First point: {POINTS}.")],
    after: Annotated[str, typer.Option(help="Second point, likewise; without it: now.")] = "",
    happened: Happened = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Tell in which fields a journey differs between two points, and the events in between."""
    caller = caller_of(address, token, data_dir)
    *customer, journey = named
    if len(customer) > 1:
        raise Refusal("name one customer and one journey", status=Exit.USAGE)
    subject_id, key = caller.subject_id("".join(customer), account), journey_key(journey)

    async def work(out: Output) -> None:
        async with caller.client("service") as client:
            points = [
                await as_of(client, subject_id, typed, option, happened=happened)
                for typed, option in ((before, "--before"), (after, "--after"))
                if typed
            ]
            found = await client.customer(subject_id).diff(
                *key, before=points[0], after=points[1] if after else None
            )
            looking_back.tell_diff(out, found)

    call(caller, work, json=json, account=account)
