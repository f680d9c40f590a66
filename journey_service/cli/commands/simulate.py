"""`journey simulate`."""

from __future__ import annotations

import random
from typing import Annotated

import typer

from journey_service.cli import simulating
from journey_service.cli.callers import id_typed
from journey_service.cli.calling import call
from journey_service.cli.durations import option_ms
from journey_service.cli.options import CUSTOMERS, Address, DataDir, Json, caller_of, example
from journey_service.cli.output import Output
from journey_service.cli.simulation.day import CAST, FEWEST_DEVICES
from journey_service.cli.simulation.day import plan as plan_day

app = typer.Typer()
# A day from 7 to 23 o'clock in a minute.
SPEED = 960.0
_HIGHEST_SEED = 9_999


@app.command(
    rich_help_panel=CUSTOMERS,
    epilog=example(
        "simulate",
        "simulate --account noor --seed 7 --devices 5 --speed 4000",
        "simulate --offline 0.6 --clock-error 3y",
    ),
)
def simulate(
    *,
    account: Annotated[
        str, typer.Option(metavar="NAME", help="Whose day: the account of the devices.")
    ] = "mila",
    seed: Annotated[
        int | None,
        typer.Option(help="The same seed gives the same acts and ids; drawn if not given."),
    ] = None,
    devices: Annotated[
        int,
        typer.Option(min=FEWEST_DEVICES, max=len(CAST), help="How many devices take part."),
    ] = 3,
    speed: Annotated[
        float,
        typer.Option(
            min=0, help="How many times faster than life; 960: a day in a minute, 0: no waiting."
        ),
    ] = SPEED,
    offline: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of the day that a device has no network."),
    ] = 0.2,
    clock_error: Annotated[
        str,
        typer.Option(
            metavar="DURATION", help="Clocks are wrong by up to this: 90s, 5m, 3h, 2d, 4y."
        ),
    ] = "0s",
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Only what fails, and how it ends.")
    ] = False,
    address: Address = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Play a day of a customer with real devices, and see that all of them end the same.

    A phone, a laptop and a TV fill a basket, go on with a form and a
    conversation, order and collect, and watch a film that one takes over
    from the other; some of it without network.

    Each act is a line: time of day, who, network, what, and what came back.
    At the end every device must show the same as the service, byte for byte;
    if not, the exit status is 1.
    """
    id_typed("--account", account)
    caller = caller_of(address, "", data_dir)
    drawn = random.randint(1, _HIGHEST_SEED) if seed is None else seed  # noqa: S311 - a story
    error_ms = option_ms("--clock-error", clock_error)
    day = plan_day(drawn, account, devices=devices, offline=offline)
    wanted = simulating.Wanted(account, day, speed=speed, clock_error_ms=error_ms, quiet=quiet)

    async def work(out: Output) -> None:
        await simulating.simulate(caller, wanted, out)

    call(caller, work, json=json)
