"""`journey events`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey.v1.events_pb2 import Outcome
from journey.v1.reading_pb2 import EventFilter
from journey_service.cli import history, strange
from journey_service.cli.calling import call, named_channel
from journey_service.cli.counts import MOST
from journey_service.cli.exits import Exit, Refusal
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
        "events user_7 --type 'cart.*'", "events --journal --follow", "events user_7 --newest 5"
    ),
)
def events(
    customer: Customer = "",
    *,
    journal: Annotated[bool, typer.Option("--journal", help="Of all customers.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="And what is recorded from now on.")
    ] = False,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Dotted name, or cart.*. Repeatable.")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind. Repeatable.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only this. Repeatable.")] = None,
    outcomes: Annotated[
        bool, typer.Option("--all", help="Also rejected and quarantined ones.")
    ] = False,
    limit: Annotated[int, typer.Option(min=0, max=MOST, help="At most so many; 0: all.")] = 0,
    newest: Annotated[
        int, typer.Option(min=0, max=MOST, help="The newest so many, newest first.")
    ] = 0,
    subject: SubjectId = "",
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what was recorded, of a customer as it happened, or of everybody as it came in."""
    if follow and newest:
        raise Refusal("--follow and --newest exclude one another", status=Exit.USAGE)
    caller = caller_of(address, token, data_dir)
    named = bool(customer or subject or account)
    if named == journal:
        raise Refusal("name a customer, or --journal", status=Exit.USAGE)
    subject_id = caller.subject_id(customer or subject, account) if named else ""
    wanted = EventFilter(
        types=types or (),
        kinds=kind or (),
        channels=[named_channel(each) for each in channel or ()],
        outcomes=_EVERY_OUTCOME if outcomes else (),
    )
    strange.warn(wanted, caller.settings)

    async def work(out: Output) -> int:
        # Of the whole journal developers read; of one customer a back end, too, for a purpose.
        async with caller.client("developer" if journal else "service") as client:
            return await history.events(
                client,
                out,
                subject_id=subject_id,
                wanted=wanted,
                limit=newest or limit,
                backwards=bool(newest),
                follow=follow,
            )

    call(caller, work, json=json, account=account)


_EVERY_OUTCOME = (
    Outcome.OUTCOME_ACCEPTED,
    Outcome.OUTCOME_QUARANTINED,
    Outcome.OUTCOME_REJECTED,
)
