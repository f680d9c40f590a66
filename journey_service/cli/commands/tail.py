"""`journey tail` and `journey subscribe`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from journey.v1.reading_pb2 import StartPoint
from journey_client import FileCheckpoints
from journey_service.cli import following, history, strange
from journey_service.cli.calling import call
from journey_service.cli.counts import MOST
from journey_service.cli.exits import Exit, Refusal, into_a_folder
from journey_service.cli.filters import (
    Actors,
    After,
    AllOutcomes,
    Channels,
    Journeys,
    Kinds,
    NoTelemetry,
    OneCustomer,
    Since,
    Types,
    filter_of,
    start_of,
)
from journey_service.cli.options import (
    LOG,
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

app = typer.Typer()


@app.command(
    rich_help_panel=LOG,
    epilog=example(
        "tail --no-telemetry",
        "tail --since 10m --type 'cart.*' --channel web",
        "tail --account mila --since 1d --once | jq .type",
    ),
)
def tail(
    customer: Customer = "",
    *,
    types: Types = None,
    kinds: Kinds = None,
    journeys: Journeys = None,
    channels: Channels = None,
    actors: Actors = None,
    all_outcomes: AllOutcomes = False,
    no_telemetry: NoTelemetry = False,
    since: Since = "",
    after: After = "",
    limit: Annotated[int, typer.Option(min=0, max=MOST, help="Stop after so many; 0: never.")] = 0,
    once: Annotated[
        bool, typer.Option("--once", help="Stop when level with what there is.")
    ] = False,
    subject: SubjectId = "",
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Print events as they are recorded, of everybody or of one customer, until Ctrl-C.

    From now on, unless --since or --after says from where. One line an event on
    a terminal, one JSON object a line when piped. A connection that breaks is
    opened again, and nothing is missed or printed twice.
    """
    caller = caller_of(address, token, data_dir)
    named = bool(customer or subject or account)
    subject_id = caller.subject_id(customer or subject, account) if named else ""
    wanted = filter_of(
        types=types,
        kinds=kinds,
        journeys=journeys,
        channels=channels,
        actors=actors,
        all_outcomes=all_outcomes,
        no_telemetry=no_telemetry,
    )
    strange.warn(wanted, caller.settings)
    start = start_of(since, after) or StartPoint(end=True)

    async def work(out: Output) -> int:
        async with caller.client("developer") as client:
            return await following.follow(
                client,
                out,
                history.own_name("tail"),
                subject_id=subject_id,
                wanted=wanted,
                start=start,
                store=None,
                limit=limit,
                once=once,
            )

    call(caller, work, json=json, account=account)


@app.command(
    rich_help_panel=LOG,
    epilog=example(
        "subscribe billing --store billing.json --type 'order.*'",
        "subscribe billing --store billing.json --type 'order.*' --once | wc -l",
    ),
)
def subscribe(
    name: Annotated[str, typer.Argument(help="Name of this reader: for its lag, and its place.")],
    *,
    store: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where its place is kept.  [default: NAME.checkpoint.json]"
        ),
    ] = None,
    types: Types = None,
    kinds: Kinds = None,
    journeys: Journeys = None,
    channels: Channels = None,
    actors: Actors = None,
    all_outcomes: AllOutcomes = False,
    no_telemetry: NoTelemetry = False,
    since: Since = "",
    after: After = "",
    once: Annotated[
        bool, typer.Option("--once", help="Stop when level with what there is.")
    ] = False,
    subject: OneCustomer = "",
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Print events and keep the place in a file: called again, it goes on there.

    The first call begins with the first event, or where --since or --after says.
    The place is stored when events were printed, so a kill repeats the last few
    and loses none. It belongs to the filter: with another one it is refused. Two
    calls of one NAME at a time: the newer goes on, the older ends.
    """
    caller = caller_of(address, token, data_dir)
    subject_id = caller.subject_id(subject, account) if subject or account else ""
    wanted = filter_of(
        types=types,
        kinds=kinds,
        journeys=journeys,
        channels=channels,
        actors=actors,
        all_outcomes=all_outcomes,
        no_telemetry=no_telemetry,
    )
    strange.warn(wanted, caller.settings)
    start = start_of(since, after)
    kept_in = store or Path(f"{name}.checkpoint.json")
    into_a_folder("--store", kept_in)
    places = FileCheckpoints(kept_in)

    async def work(out: Output) -> int:
        async with caller.client("developer") as client:
            try:
                return await following.follow(
                    client,
                    out,
                    name,
                    subject_id=subject_id,
                    wanted=wanted,
                    start=start,
                    store=places,
                    limit=0,
                    once=once,
                )
            except ValueError as error:
                raise Refusal(str(error), "Name another --store.", Exit.DATA) from error

    call(caller, work, json=json, account=account)
