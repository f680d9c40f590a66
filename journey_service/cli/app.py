"""The commands and their options. What they do stands in the modules beside this one."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_service.cli import customers, operating, tokens
from journey_service.cli import doctor as doctoring
from journey_service.cli.exits import MEANING, Exit, Refusal
from journey_service.cli.options import (
    Address,
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

STATUSES = "\n\n".join(f"[bold]{status.value}[/]  {told}" for status, told in MEANING.items())
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"[bold]Exit status[/]\n\n{STATUSES}",
)
_SERVER = "The service on this machine"
_CARE = "Looking after it"


@app.callback()
def journey() -> None:
    """Journey: leave off on one device, go on exactly there on another.

    Tables and colours on a terminal; one JSON object a line when piped, or with --json.
    """


# --- the service on this machine ---


@app.command(rich_help_panel=_SERVER, epilog=example("up", "up --data-dir ~/journey --once"))
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

    With no --dsn it starts a PostgreSQL of its own. Started again it finds the data again and
    plays another evening. Ctrl-C stops everything.
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


@app.command(rich_help_panel=_SERVER, epilog=example("serve --set log_format=json"))
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
    rich_help_panel=_SERVER,
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


app.add_typer(customers.app)


# --- looking after it ---


@app.command(
    rich_help_panel=_CARE,
    epilog=example(
        "token device mila",
        "token service importer --scope clock.trusted --life-s 3600",
        'show --account mila --token "$(journey token device mila)"',
    ),
)
def token(
    role: Annotated[str, typer.Argument(help="device, staff, service, developer or operator.")],
    subject: Annotated[str, typer.Argument(help="Who: account of a device, else a name.")],
    *,
    life_s: Annotated[int | None, typer.Option(help="Seconds.  [default: the longest]")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Repeatable.")] = None,
    subject_id: Annotated[
        str, typer.Option(help="Device: the subject, if not its account's.")
    ] = "",
    case: Annotated[str, typer.Option(help="Staff: subject id of the open case.")] = "",
    installation: Annotated[str, typer.Option(help="Device: only this installation.")] = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a development token with the data directory's secret; good on this machine alone."""
    claims = {"subject_id": subject_id, "case": case, "installation_id": installation}
    tokens.token(
        settings_of(data_dir=data_dir),
        Output.of(json_asked=json),
        role,
        subject,
        life_s=life_s,
        scopes=scope or [],
        claims=claims,
        json=json,
    )


@app.command(rich_help_panel=_CARE, epilog=example("config", "config --set page_size=20"))
def config(
    *,
    assign: Set = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Print every setting: value, unit, where it comes from, what it means."""
    settings = settings_of(assign, data_dir=data_dir)
    given = {name.partition("=")[0].strip().lower(): None for name in assign or []}
    given |= {"data_dir": None} if data_dir else {}
    tokens.print_settings(settings, given, Output.of(json_asked=json))


@app.command(rich_help_panel=_CARE, epilog=example("doctor"))
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


@app.command(rich_help_panel=_CARE, epilog=example("verify", "verify --events-per-s 5000"))
def verify(
    *,
    dsn: Dsn = None,
    data_dir: DataDir = None,
    events_per_s: Annotated[float, typer.Option(min=1, help="At most so fast.")] = 1e9,
    assign: Set = None,
    json: Json = False,
) -> None:
    """Walk the whole journal, read-only: no hole, every event opens, streams end where they say."""
    settings = settings_of(assign, dsn=dsn, data_dir=data_dir)
    work = operating.verify(settings, Output.of(json_asked=json), events_per_s=events_per_s)
    if run(work):
        raise typer.Exit(Exit.REFUSED)
