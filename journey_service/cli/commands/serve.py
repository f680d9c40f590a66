"""`journey up`, `serve` and `migrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_service.cli import operating
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.options import (
    SERVER,
    DataDir,
    Dsn,
    GrpcAddress,
    Json,
    OperationsAddress,
    Set,
    example,
    settings_of,
)
from journey_service.cli.output import Output
from journey_service.cli.running import run

app = typer.Typer()


@app.command(rich_help_panel=SERVER, epilog=example("up", "up --data-dir ~/journey --once"))
def up(
    *,
    data_dir: DataDir = None,
    dsn: Dsn = None,
    grpc_address: GrpcAddress = None,
    operations_address: OperationsAddress = None,
    assign: Set = None,
    once: Annotated[
        bool, typer.Option("--once/--stay", help="Stop after the demonstration.")
    ] = False,
    json: Json = False,
) -> None:
    """Start everything, play the first resume before your eyes, and stay.

    With no --dsn it starts a PostgreSQL of its own. Started again it finds the
    data again and plays another evening. Ctrl-C stops everything.
    """
    settings = settings_of(
        [*_QUIET, *(assign or [])],
        data_dir=data_dir,
        dsn=dsn,
        grpc_address=grpc_address,
        operations_address=operations_address,
    )
    run(operating.up(settings, Output.of(json_asked=json), stay=not once))


# One person watches: no pause for load balancers, and no line a call between the steps.
_QUIET = ("drain_notice_ms=0", "log_level=warning")


@app.command(rich_help_panel=SERVER, epilog=example("serve --set log_format=json"))
def serve(
    *,
    data_dir: DataDir = None,
    dsn: Dsn = None,
    grpc_address: GrpcAddress = None,
    operations_address: OperationsAddress = None,
    assign: Set = None,
    json: Json = False,
) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = settings_of(
        assign,
        data_dir=data_dir,
        dsn=dsn,
        grpc_address=grpc_address,
        operations_address=operations_address,
    )
    run(operating.serve(settings, Output.of(json_asked=json)))


@app.command(
    rich_help_panel=SERVER,
    epilog=example("migrate --dsn postgresql://owner@db.internal/journey"),
)
def migrate(
    *,
    dsn: Dsn = None,
    assign: Set = None,
    json: Json = False,
) -> None:
    """Bring a database of yours to today's schema, as its owner. Forward only; can be repeated."""
    settings = settings_of(assign, dsn=dsn)
    if not settings.dsn:
        step = "The service brings its own PostgreSQL to today's schema by itself."
        raise Refusal("name the database: --dsn postgresql://…", step, Exit.USAGE)
    run(operating.migrate_database(settings, Output.of(json_asked=json)))
