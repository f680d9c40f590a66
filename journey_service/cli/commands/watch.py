"""`journey watch`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_service.cli import watching
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
    epilog=example(
        "watch --account mila",
        "watch user_7 --kind media --kind cart",
        "watch user_7 --once | jq",
    ),
)
def watch(
    customer: Customer = "",
    *,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind. Repeatable.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when all is shown.")] = False,
    subject: SubjectId = "",
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Watch a customer live: devices and who is there, leases, journeys and where they stand.

    On a terminal a picture that moves: what plays moves on, what just changed
    is bright for a moment, and a connection that is not live says since when
    and why. A customer of whom nothing is known yet is waited for. Piped, one
    JSON line a change. Ctrl-C ends it with status 130.

    Something to watch: `journey simulate` in another terminal.
    """
    caller = caller_of(address, token, data_dir)
    subject_id = caller.subject_id(customer or subject, account)

    async def work(out: Output) -> None:
        async with caller.client() as client:
            await watching.watch(
                client.customer(subject_id),
                out,
                account or subject_id,
                caller.address,
                kinds=kind or (),
                once=once,
            )

    call(caller, work, json=json, account=account)
