"""The commands on customers and their options: record, show, watch, events, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from journey.v1.events_pb2 import Outcome
from journey.v1.reading_pb2 import EventFilter
from journey_client import channel_of
from journey_client.importing import Mapping
from journey_service.cli import history, importing, recording, showing
from journey_service.cli.callers import NAME, Caller
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.options import (
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
from journey_service.cli.running import run

PANEL = "What customers do"
app = typer.Typer()


@app.command(
    rich_help_panel=PANEL,
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
        int | None, typer.Option(help="Rev that was on the screen; machine types.")
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
    _channel(channel)

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

    if not _call(caller, work, json=json):
        raise typer.Exit(Exit.REFUSED)


@app.command(
    rich_help_panel=PANEL, epilog=example("show user_7", "show --account mila --all --kind media")
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

    if not _call(caller, work, json=json):
        hint = "" if everything else "; --all also shows what is finished, hidden or empty"
        Output.of(json_asked=json).note(f"{subject_id} has nothing to go on with{hint}")


@app.command(rich_help_panel=PANEL, epilog=example("watch user_7", "watch user_7 --once | jq"))
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
    """Watch a customer's journeys change, until Ctrl-C."""
    caller = caller_of(address, token, data_dir)
    subject_id = caller.subject_id(customer or subject, account)

    async def work(out: Output) -> None:
        async with caller.client() as client:
            await showing.watch(client.customer(subject_id), out, kinds=kind or (), once=once)

    _call(caller, work, json=json)


@app.command(
    rich_help_panel=PANEL,
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
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0: all.")] = 0,
    newest: Annotated[int, typer.Option(min=0, help="The newest so many, newest first.")] = 0,
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
        channels=[_channel(each) for each in channel or ()],
        outcomes=_EVERY_OUTCOME if outcomes else (),
    )

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

    _call(caller, work, json=json)


_EVERY_OUTCOME = (
    Outcome.OUTCOME_ACCEPTED,
    Outcome.OUTCOME_QUARANTINED,
    Outcome.OUTCOME_REJECTED,
)


@app.command(
    "import",
    rich_help_panel=PANEL,
    epilog=example("import examples/ecom-sample.csv --mapping examples/ecom.toml"),
)
def import_rows(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or CloudEvents; may be gzip.")],
    *,
    mapping: Annotated[Path, typer.Option(help="TOML that says how rows become interactions.")],
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="Where rejected rows go; the bookmark is REJECTS.bookmark beside it."
            "  [default: FILE.rejected.jsonl and FILE.rejected.jsonl.bookmark, in this folder]"
        ),
    ] = None,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Bring in old facts of another system, at their own times.

    Importing again adds nothing, since ids follow from source and row. Killed, it goes on where it
    was: how far it came stands in a bookmark beside the rejected rows, until it is done.
    """
    read = Mapping.load(mapping, file)
    caller = caller_of(address, token, data_dir)
    bad = rejects or Path(f"{file.name}.rejected.jsonl")

    async def work(out: Output) -> int:
        async with caller.client("service", scopes=["clock.trusted"]) as client:
            return (await importing.run_import(client, file, read, bad, out)).rejected

    if _call(caller, work, json=json):
        raise typer.Exit(Exit.REFUSED)


# --- shared ---


def _call(caller: Caller, work: Any, *, json: bool) -> Any:
    """Run a client command; errors tell the address that was called."""
    try:
        return run(work(Output.of(json_asked=json)))
    except Exception as error:
        error.__dict__["journey_address"] = caller.address
        raise


def _text(told: str) -> str:
    """An option's text, or that of a file as @FILE."""
    return Path(told[1:]).read_text(encoding="utf-8") if told.startswith("@") else told


def _channel(name: str) -> Any:
    try:
        return channel_of(name)
    except ValueError as error:
        raise Refusal(str(error), status=Exit.USAGE) from error
