"""`journey record`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from journey_service.cli import recording
from journey_service.cli.callers import NAME
from journey_service.cli.calling import call, named_channel
from journey_service.cli.counts import MOST_POSITION
from journey_service.cli.exits import Exit, Refusal, readable
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

app = typer.Typer()


@app.command(
    rich_help_panel=CUSTOMERS,
    epilog=example(
        "record user_7 cart.line_added --body "
        '\'{"line": {"product": {"sku": "tea"}, "quantity": 2}}\'',
        "record --account mila media.paused --journey media/film-42 --body @paused.json",
        "record user_7 --from interactions.jsonl --as service",
    ),
)
def record(
    customer: Customer = "",
    type_name: Annotated[
        str, typer.Argument(metavar="[TYPE]", help="Dotted name, e.g. cart.line_added.")
    ] = "",
    *,
    journey: Annotated[str, typer.Option(help="KIND/ID; some types have a default.")] = "",
    body: Annotated[str, typer.Option(help="Fields as JSON; @FILE reads them.")] = "",
    expected_rev: Annotated[
        int | None,
        typer.Option(min=0, max=MOST_POSITION, help="Rev that was on the screen; machine types."),
    ] = None,
    from_file: Annotated[
        Path | None,
        typer.Option("--from", help="Interactions as JSON lines instead; - is standard input."),
    ] = None,
    as_role: Annotated[str, typer.Option("--as", help="device or service.")] = "device",
    device: Annotated[str, typer.Option(help="Device that acts.")] = "prompt",
    channel: Annotated[str, typer.Option(help="Channel of the device.")] = "desktop_app",
    subject: SubjectId = "",
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Record what a customer did, as a device of theirs or as a back end."""
    if account or subject:
        # With the customer named by option, the first argument is the type.
        customer, type_name = "", type_name or customer
    if as_role not in {"device", "service"}:
        raise Refusal(f"--as {as_role}: device or service", status=Exit.USAGE)
    if bool(from_file) == bool(type_name):
        raise Refusal("give a TYPE, or interactions with --from", status=Exit.USAGE)
    sent = (
        list(recording.interactions_in(from_file))
        if from_file
        else [recording.interaction_of(type_name, journey, _text(body), expected_rev)]
    )
    caller = caller_of(address, token, data_dir)
    subject_id = caller.subject_id(customer or subject, account)
    named_channel(channel)

    async def work(out: Output) -> bool:
        async with caller.client(
            as_role,
            subject=subject_id if as_role == "device" else NAME,
            subject_id=subject_id if as_role == "device" else "",
            device=device,
            installation_id=recording.installation_of(device, subject_id),
        ) as client:
            return await recording.record(
                client,
                sent,
                out,
                subject_id=subject_id,
                as_device=as_role == "device",
                channel=channel,
            )

    if not call(caller, work, json=json, account=account):
        raise typer.Exit(Exit.REFUSED)


def _text(told: str) -> str:
    """An option's text, or that of a file as @FILE."""
    if not told.startswith("@"):
        return told
    with readable("--body", told):
        return Path(told[1:]).read_text(encoding="utf-8")
