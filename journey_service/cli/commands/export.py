"""`journey export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from journey_service.cli import exporting, strange
from journey_service.cli.calling import call
from journey_service.cli.filters import (
    Actors,
    AllOutcomes,
    Channels,
    Journeys,
    Kinds,
    NoTelemetry,
    OneCustomer,
    Types,
    filter_of,
)
from journey_service.cli.options import (
    LOG,
    Account,
    Address,
    DataDir,
    Json,
    Token,
    caller_of,
    example,
)
from journey_service.cli.output import Output

app = typer.Typer()


@app.command(
    rich_help_panel=LOG,
    epilog=example(
        "export events.jsonl.gz",
        "export orders.jsonl --type 'order.*'",
        "export mila.jsonl --account mila",
    ),
)
def export(
    file: Annotated[Path, typer.Argument(help="Where to: JSON lines; packed if it ends in .gz.")],
    *,
    types: Types = None,
    kinds: Kinds = None,
    journeys: Journeys = None,
    channels: Channels = None,
    actors: Actors = None,
    all_outcomes: AllOutcomes = False,
    no_telemetry: NoTelemetry = False,
    subject: OneCustomer = "",
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Write what was recorded until now into a file, one JSON object a line.

    In order within each partition, so within each customer. Broken off, the same
    command goes on where it was: until it is done the file is FILE.part, with a
    bookmark beside it. At the end it tells the file's SHA-256 and a checkpoint,
    from which `journey tail --after` and `journey subscribe --after` go on.
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

    async def work(out: Output) -> None:
        async with caller.client("developer") as client:
            await exporting.export(client, file, out, subject_id=subject_id, wanted=wanted)

    call(caller, work, json=json, account=account)
