"""`journey projections`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from journey_client import Client, FileCheckpoints
from journey_service.cli import projecting
from journey_service.cli.calling import call
from journey_service.cli.counts import MOST
from journey_service.cli.exits import Exit, Refusal, into_a_folder
from journey_service.cli.options import (
    CARE,
    Account,
    Address,
    DataDir,
    Json,
    Token,
    caller_of,
    example,
)
from journey_service.cli.output import Output
from journey_service.domain.state_keys import state_key


class Listing(TyperGroup):
    """Commands of which `list` is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Options alone are those of `list`, unless they ask for help."""
        is_named = args and not args[0].startswith("-")
        if not (is_named or set(args) & set(self.get_help_option_names(ctx))):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer()
projections = typer.Typer(cls=Listing, rich_markup_mode="rich")
app.add_typer(projections, name="projections", rich_help_panel=CARE)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the projection.")]


@projections.callback()
def of_projections() -> None:
    """Projections: what the service keeps of the log, ready to be read. Alone it lists them."""


def called(
    work: Callable[[Client, Output], Coroutine[Any, Any, Any]],
    address: str,
    token: str,
    data_dir: Path | None,
    *,
    json: bool,
    role: str = "developer",
) -> Any:
    """Call the service in this role."""
    caller = caller_of(address, token, data_dir)

    async def run(out: Output) -> Any:
        async with caller.client(role, scopes=projecting.SCOPES) as client:
            return await work(client, out)

    return call(caller, run, json=json)


@projections.command(
    "list", epilog=example("projections", "projections list | jq 'select(.lag_events > 0)'")
)
def list_projections(
    address: Address = "", token: Token = "", data_dir: DataDir = None, *, json: Json = False
) -> None:
    """List projections: how far behind each is, and in red those that stopped.

    Ends with status 1 where one stopped.
    """
    if called(projecting.list_projections, address, token, data_dir, json=json):
        raise typer.Exit(Exit.REFUSED)


@projections.command(epilog=example("projections show suppression"))
def show(
    name: Name,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    *,
    json: Json = False,
) -> None:
    """Show how a projection stands, where it stopped and what it was told to leave out."""
    if called(
        lambda client, out: projecting.show_projection(client, out, name),
        address,
        token,
        data_dir,
        json=json,
    ):
        raise typer.Exit(Exit.REFUSED)


@projections.command(
    epilog=example(
        "projections state profile --account mila",
        "projections state journeys --account mila cart/main",
        "projections state purchases 7f3k…/order-17",
    )
)
def state(
    name: Name,
    key: Annotated[
        str,
        typer.Argument(
            metavar="[KEY]",
            help="The subject, or subject/name of the state; with --account the name alone.",
        ),
    ] = "",
    *,
    account: Account = "",
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show one state, as of the last commit."""
    if account:
        caller = caller_of(address, token, data_dir)
        key = state_key(caller.subject_id("", account), key)
    if not key:
        raise Refusal("name a state: its key, or --account NAME", status=Exit.USAGE)
    if not called(
        lambda client, out: projecting.show_state(client, out, name, key),
        address,
        token,
        data_dir,
        json=json,
    ):
        Output.of(json_asked=json).note(f"{name} keeps nothing under {key}")
        raise typer.Exit(Exit.NOT_FOUND)


@projections.command(
    epilog=example(
        "projections states purchases --where channel=store",
        "projections states journeys --prefix mila/cart/",
    )
)
def states(
    name: Name,
    *,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUE", help="Found by this; several must all match."),
    ] = None,
    prefix: Annotated[str, typer.Option(metavar="KEY", help="Only keys that begin so.")] = "",
    limit: Annotated[int, typer.Option(min=0, max=MOST, help="At most so many; 0: all.")] = 50,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List states as they are stored, by key."""
    matches = projecting.where_of(where or ())
    if not called(
        lambda client, out: projecting.list_states(client, out, name, prefix, matches, limit=limit),
        address,
        token,
        data_dir,
        json=json,
    ):
        Output.of(json_asked=json).note(f"{name} has nothing stored that matches")


@projections.command(
    epilog=example(
        "projections watch suppression --checkpoint ads.json | jq .state",
        "projections watch journeys --key mila/cart/main",
    )
)
def watch(
    name: Name,
    *,
    key: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="Only this state. Repeatable.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Go on where this file says, and keep it there."),
    ] = None,
    consumer: Annotated[
        str, typer.Option(metavar="NAME", help="Of this reader; a newer one replaces the older.")
    ] = "journey-cli",
    once: Annotated[
        bool, typer.Option("--once", help="Stop when level with what there is.")
    ] = False,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Print states and then the changed ones as they stand, until Ctrl-C."""
    if checkpoint:
        into_a_folder("--checkpoint", checkpoint)
    called(
        lambda client, out: projecting.watch_states(
            client,
            out,
            name,
            key or (),
            consumer=consumer,
            store=FileCheckpoints(checkpoint) if checkpoint else None,
            once=once,
        ),
        address,
        token,
        data_dir,
        json=json,
    )


@projections.command(epilog=example("projections retry suppression"))
def retry(
    name: Name,
    *,
    partition: Annotated[
        list[int] | None, typer.Option(min=0, max=MOST, help="Only this partition. Repeatable.")
    ] = None,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Try again at once where a projection stopped."""
    if not called(
        lambda client, out: projecting.retry(client, out, name, partition or ()),
        address,
        token,
        data_dir,
        json=json,
        role="operator",
    ):
        Output.of(json_asked=json).note(f"{name} is stopped nowhere: there is nothing to retry")


@projections.command(
    epilog=example('projections skip suppression --event 12/3400 --reason "a price of nothing"')
)
def skip(
    name: Name,
    *,
    event: Annotated[
        str,
        typer.Option(
            metavar="PARTITION/POSITION",
            help="The event, as `projections show` names it; or its id.",
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why; it is kept and listed.")],
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Leave out, for ever, the event at which a projection stopped.

    The event stays in the log. Another version of the fold tries it again.
    """
    called(
        lambda client, out: projecting.skip(client, out, name, event, reason),
        address,
        token,
        data_dir,
        json=json,
        role="operator",
    )
