"""`journey parked`."""

from __future__ import annotations

from typing import Annotated

import typer

from journey.v1.groups_pb2 import ParkedFilter
from journey_service.cli import parking, starting
from journey_service.cli.commands.groups import DryRun, GroupId, called
from journey_service.cli.counts import MOST
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.filters import Types
from journey_service.cli.options import LOG, Address, DataDir, Json, Token, example
from journey_service.cli.output import Output

app = typer.Typer()
parked = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(parked, name="parked", rich_help_panel=LOG)

Ids = Annotated[
    list[str] | None,
    typer.Option("--id", metavar="ID", help="This one, as `parked list` names it. Repeatable."),
]
Subject = Annotated[str, typer.Option(metavar="ID", help="Of this customer's stream.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="With this in its reason.")]
Since = Annotated[
    str, typer.Option("--since", metavar="WHEN", help="Parked since: a moment, or so long ago.")
]
Until = Annotated[
    str, typer.Option("--until", metavar="WHEN", help="Parked before: a moment, or so long ago.")
]
Everything = Annotated[bool, typer.Option("--all", help="All of the group.")]
Limit = Annotated[int, typer.Option(min=0, max=10_000, help="At most so many; 0: 1,000.")]


@parked.callback()
def of_parked() -> None:
    """What groups put aside after too many failed attempts, or because a consumer said so."""


@parked.command(
    "list", epilog=example("parked list billing", "parked list billing --reason timeout --limit 0")
)
def list_parked(
    group: GroupId,
    *,
    types: Types = None,
    subject: Subject = "",
    reason: Reason = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=0, max=MOST, help="At most so many; 0: all.")] = 100,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List parked events, with reason, attempts and how many wait behind each."""
    wanted = _filter(types, subject, reason, since, until)
    total = called(
        lambda client, out: parking.list_parked(client, out, group, wanted, limit=limit),
        address,
        token,
        data_dir,
        json=json,
    )
    if not total:
        Output.of(json_asked=json).note(f"{group} has nothing parked that matches")


@parked.command(
    epilog=example("parked replay billing --all --dry-run", "parked replay billing --id 12.3400")
)
def replay(
    group: GroupId,
    *,
    ids: Ids = None,
    types: Types = None,
    subject: Subject = "",
    reason: Reason = "",
    since: Since = "",
    until: Until = "",
    everything: Everything = False,
    limit: Limit = 0,
    dry_run: DryRun = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Deliver parked events again, of each customer in order, marked as replayed."""
    wanted = _filter(types, subject, reason, since, until)
    _check_chosen(ids, wanted, everything=everything)
    called(
        lambda client, out: parking.replay_parked(
            client, out, group, ids or (), wanted, limit=limit, dry_run=dry_run
        ),
        address,
        token,
        data_dir,
        json=json,
    )


@parked.command(epilog=example("parked discard billing --type cart.merged --why 'before the fix'"))
def discard(
    group: GroupId,
    *,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the audit log.")],
    ids: Ids = None,
    types: Types = None,
    subject: Subject = "",
    reason: Reason = "",
    since: Since = "",
    until: Until = "",
    everything: Everything = False,
    limit: Limit = 0,
    dry_run: DryRun = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Drop parked events: this group never sees them again, unless it is asked for their place.

    A seek, and a replay of a range (`journey replay --to-group`), ask for all
    that lies there.
    """
    wanted = _filter(types, subject, reason, since, until)
    _check_chosen(ids, wanted, everything=everything)
    called(
        lambda client, out: parking.discard_parked(
            client, out, group, ids or (), wanted, limit=limit, dry_run=dry_run, reason=why
        ),
        address,
        token,
        data_dir,
        json=json,
    )


def _check_chosen(ids: list[str] | None, wanted: ParkedFilter, *, everything: bool) -> None:
    """Which ones must be said, so that nobody means all by saying nothing."""
    chosen = (bool(ids), bool(wanted.ListFields()), everything)
    if sum(chosen) != 1:
        raise Refusal(
            "say which: --id, or a filter, or --all",
            "Add --dry-run to count first.",
            Exit.USAGE,
        )


def _filter(
    types: list[str] | None, subject: str, reason: str, since: str, until: str
) -> ParkedFilter:
    return ParkedFilter(
        types=types or (),
        subject_id=subject,
        reason_contains=reason,
        parked_from_ms=_moment("--since", since),
        parked_to_ms=_moment("--until", until),
    )


def _moment(option: str, typed: str) -> int:
    if not typed:
        return 0
    at_ms = starting.moment_ms(typed, option)
    if at_ms is None:
        raise Refusal(
            f"{option} {typed}: is no moment", "Write 2026-11-22T08:00, or 2h.", Exit.USAGE
        )
    return at_ms
