"""`journey verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_service.cli import operating
from journey_service.cli.exits import Exit
from journey_service.cli.options import CARE, DataDir, Dsn, Json, Set, example, settings_of
from journey_service.cli.output import Output
from journey_service.cli.running import run

app = typer.Typer()


@app.command(rich_help_panel=CARE, epilog=example("verify", "verify --events-per-s 5000"))
def verify(
    *,
    dsn: Dsn = None,
    data_dir: DataDir = None,
    events_per_s: Annotated[float, typer.Option(min=1, help="At most so fast.")] = 1e9,
    assign: Set = None,
    json: Json = False,
) -> None:
    """Walk the whole journal, read-only: positions and versions have no hole, seqs rise, every
    event opens, streams end where they say, stored states are the fold of their events, customers
    are those that their links tell of."""
    settings = settings_of(assign, dsn=dsn, data_dir=data_dir)
    work = operating.verify(settings, Output.of(json_asked=json), events_per_s=events_per_s)
    if run(work):
        raise typer.Exit(Exit.REFUSED)
