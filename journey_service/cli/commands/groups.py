"""`journey groups`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from journey.v1.groups_pb2 import Group
from journey_client import Client
from journey_service.cli import grouping, starting, strange
from journey_service.cli.calling import call
from journey_service.cli.counts import MOST
from journey_service.cli.durations import option_ms
from journey_service.cli.filters import Channels, Kinds, Types, filter_of
from journey_service.cli.options import (
    LOG,
    Address,
    DataDir,
    Json,
    Token,
    caller_of,
    example,
)
from journey_service.cli.output import Output

app = typer.Typer()
groups = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(groups, name="groups", rich_help_panel=LOG)

GroupId = Annotated[str, typer.Argument(metavar="GROUP", help="Name of the group.")]
Lease = Annotated[
    str, typer.Option(metavar="TIME", help="How long one delivery is a consumer's, e.g. 30s.")
]
Attempts = Annotated[
    int | None, typer.Option(min=1, max=MOST, help="Attempts before an event is parked.")
]
MinBackoff = Annotated[
    str, typer.Option(metavar="TIME", help="Wait before a second attempt; it doubles.")
]
MaxBackoff = Annotated[str, typer.Option(metavar="TIME", help="Longest wait before another one.")]
OnPark = Annotated[
    str,
    typer.Option(
        metavar="hold|continue",
        help="Whether a parked event holds later ones of its customer's stream.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count.")]


@groups.callback()
def of_groups() -> None:
    """Groups of consumers: the service keeps their progress and shares the work among them."""


def called(
    work: Callable[[Client, Output], Coroutine[Any, Any, Any]],
    address: str,
    token: str,
    data_dir: Any,
    *,
    json: bool,
) -> Any:
    """Call the service as a back end that has all groups."""
    caller = caller_of(address, token, data_dir)

    async def run(out: Output) -> Any:
        async with caller.client("service", scopes=grouping.SCOPES) as client:
            return await work(client, out)

    return call(caller, run, json=json)


@groups.command("list", epilog=example("groups list", "groups list | jq .stats.backlog"))
def list_groups(
    address: Address = "", token: Token = "", data_dir: DataDir = None, *, json: Json = False
) -> None:
    """List groups: consumers, events in flight, to be settled, parked, held.

    All figures are counted, in all processes. Where so much lies ahead of a
    group that the service does not look at it, its backlog is told as at most so
    much.
    """
    if not called(grouping.list_groups, address, token, data_dir, json=json):
        Output.of(json_asked=json).note("there are no groups; `journey groups create` makes one")


@groups.command(epilog=example("groups show billing"))
def show(
    group: GroupId,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    *,
    json: Json = False,
) -> None:
    """Show a group's figures and settings."""
    called(
        lambda client, out: grouping.show_group(client, out, group),
        address,
        token,
        data_dir,
        json=json,
    )


@groups.command(
    epilog=example(
        "groups create billing --purpose necessary --from beginning",
        "groups create mail --purpose marketing --type 'cart.*' --on-park continue",
    )
)
def create(
    group: GroupId,
    *,
    purpose: Annotated[str, typer.Option(help="Consent purpose of the reader.")] = "necessary",
    start: Annotated[str, typer.Option("--from", metavar="WHERE", help=starting.HELP)] = "end",
    types: Types = None,
    kinds: Kinds = None,
    channels: Channels = None,
    lease: Lease = "",
    attempts: Attempts = None,
    min_backoff: MinBackoff = "",
    max_backoff: MaxBackoff = "",
    on_park: OnPark = "",
    new: Annotated[
        bool, typer.Option("--new", help="Refuse if an equal group is there already.")
    ] = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a group. Its filter and purpose never change; the rest can be updated."""
    wanted = Group(
        group_id=group,
        purpose=purpose,
        filter=filter_of(types=types, kinds=kinds, channels=channels),
    )
    wanted.MergeFrom(_settings(lease, attempts, min_backoff, max_backoff, on_park))
    where = starting.start_point(start)
    strange.warn(wanted.filter, caller_of(address, token, data_dir).settings)
    called(
        lambda client, out: grouping.create_group(
            client, out, wanted, where, allow_existing=not new
        ),
        address,
        token,
        data_dir,
        json=json,
    )


@groups.command(epilog=example("groups update billing --lease 2m --attempts 5"))
def update(
    group: GroupId,
    *,
    lease: Lease = "",
    attempts: Attempts = None,
    min_backoff: MinBackoff = "",
    max_backoff: MaxBackoff = "",
    on_park: OnPark = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Change settings of a group."""
    changes = _settings(lease, attempts, min_backoff, max_backoff, on_park)
    fields = [field.name for field, _ in changes.ListFields()]
    changes.group_id = group
    called(
        lambda client, out: grouping.update_group(client, out, changes, fields),
        address,
        token,
        data_dir,
        json=json,
    )


@groups.command(epilog=example("groups delete billing --force"))
def delete(
    group: GroupId,
    *,
    force: Annotated[bool, typer.Option("--force", help="Also with parked events.")] = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Remove a group with its progress."""
    called(
        lambda client, out: grouping.delete_group(client, out, group, force=force),
        address,
        token,
        data_dir,
        json=json,
    )


@groups.command(epilog=example("groups seek billing --to 2h --dry-run"))
def seek(
    group: GroupId,
    *,
    target: Annotated[str, typer.Option("--to", metavar="WHERE", help=starting.HELP)],
    discard_parked: Annotated[
        bool, typer.Option("--discard-parked", help="Drop parked events, too.")
    ] = False,
    dry_run: DryRun = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Move a group's progress, e.g. back, to deliver again what its consumers got wrong.

    A range alone is delivered once more by journey replay --to-group.
    """
    where = starting.start_point(target, "--to")
    called(
        lambda client, out: grouping.seek_group(
            client, out, group, where, discard_parked=discard_parked, dry_run=dry_run
        ),
        address,
        token,
        data_dir,
        json=json,
    )


@groups.command(epilog=example("groups consume billing --limit 10", "groups consume billing | jq"))
def consume(
    group: GroupId,
    *,
    consumer: Annotated[
        str, typer.Option(metavar="ID", help="Who consumes; a second one of an id replaces it.")
    ] = "",
    credits: Annotated[  # noqa: A002 - the word of the protocol
        int, typer.Option(min=1, max=1_000, help="Deliveries at hand at once.")
    ] = 10,
    limit: Annotated[int, typer.Option(min=0, max=MOST, help="Stop after so many; 0: never.")] = 0,
    retry: Annotated[
        bool, typer.Option("--retry", help="Give each back instead of acknowledging it.")
    ] = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Try a group out: take its deliveries, print and acknowledge each. Ctrl-C ends it in order."""
    called(
        lambda client, out: grouping.consume(
            client,
            out,
            group,
            consumer_id=consumer,
            # One by one, so that none is taken that is not wanted: it would count as an attempt.
            credits=1 if limit else credits,
            limit=limit,
            retry=retry,
        ),
        address,
        token,
        data_dir,
        json=json,
    )


def _settings(
    lease: str, attempts: int | None, min_backoff: str, max_backoff: str, on_park: str
) -> Group:
    """The settings that were typed; those that were not are unset."""
    return Group(
        lease_ms=_ms("--lease", lease),
        max_attempts=attempts or 0,
        min_backoff_ms=_ms("--min-backoff", min_backoff),
        max_backoff_ms=_ms("--max-backoff", max_backoff),
        on_park=grouping.on_park_of(on_park),
    )


def _ms(option: str, typed: str) -> int:
    """0 = not typed."""
    return option_ms(option, typed) if typed else 0
