"""`journey show`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_service.cli import showing
from journey_service.cli.calling import call
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
    epilog=example("show user_7", "show --account mila --all --kind media"),
)
def show(
    customer: Customer = "",
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is finished, hidden or empty.")
    ] = False,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind. Repeatable.")] = None,
    subject: SubjectId = "",
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what a customer can go on with, where exactly, and on which device they left it."""
    caller = caller_of(address, token, data_dir)
    subject_id = caller.subject_id(customer or subject, account)

    async def work(out: Output) -> int:
        async with caller.client() as client:
            return await showing.show(
                client.customer(subject_id), out, everything=everything, kinds=kind or ()
            )

    if not call(caller, work, json=json, account=account):
        hint = "" if everything else "; --all also shows what is finished, hidden or empty"
        Output.of(json_asked=json).note(f"{subject_id} has nothing to go on with{hint}")
