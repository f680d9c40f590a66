"""`journey token` and `journey config`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_service.cli import tokens
from journey_service.cli.options import CARE, DataDir, Json, Set, example, settings_of
from journey_service.cli.output import Output

app = typer.Typer()


@app.command(
    rich_help_panel=CARE,
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


@app.command(rich_help_panel=CARE, epilog=example("config", "config --set page_size=20"))
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
