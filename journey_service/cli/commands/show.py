"""`journey show`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_service.cli import looking_back, showing, who
from journey_service.cli.calling import call
from journey_service.cli.looking_back import POINTS, Happened, as_of
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
        "show user_7", "show --account mila --all --kind media", "show user_7 --as-of '2h ago'"
    ),
)
def show(
    customer: Customer = "",
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is finished, hidden or empty.")
    ] = False,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind. Repeatable.")] = None,
    point: Annotated[str, typer.Option("--as-of", help=f"All that was there then: {POINTS}.")] = "",
    happened: Happened = False,
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
            shown = client.customer(subject_id)
            if point:
                then = await as_of(client, subject_id, point, "--as-of", happened=happened)
                return await looking_back.show(shown, out, then=then, kinds=kind or ())
            count = await showing.show(shown, out, everything=everything, kinds=kind or ())
            await who.tell(shown, out)
            return count

    if not call(caller, work, json=json, account=account):
        hint = "" if everything or point else "; --all also shows what is finished, hidden or empty"
        Output.of(json_asked=json).note(
            f"{subject_id} {'had' if point else 'has'} nothing to go on with{hint}"
        )
