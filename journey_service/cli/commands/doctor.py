"""`journey doctor`."""

from __future__ import annotations

import typer

from journey_service.cli import doctor as doctoring
from journey_service.cli.exits import Exit
from journey_service.cli.options import (
    CARE,
    Address,
    DataDir,
    Dsn,
    Json,
    Set,
    example,
    settings_of,
)
from journey_service.cli.output import Output
from journey_service.cli.running import run

app = typer.Typer()


@app.command(rich_help_panel=CARE, epilog=example("doctor"))
def doctor(
    *,
    dsn: Dsn = None,
    address: Address = "",
    data_dir: DataDir = None,
    assign: Set = None,
    json: Json = False,
) -> None:
    """Check programs, data directory, keys, ports, database, clock and tokens."""
    settings = settings_of(assign, dsn=dsn, data_dir=data_dir)
    where = address or settings.grpc_address
    if run(doctoring.doctor(settings, where, Output.of(json_asked=json))):
        raise typer.Exit(Exit.REFUSED)
