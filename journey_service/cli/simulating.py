"""`journey simulate`: a day of a customer, played by real devices against a running service."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from journey_service.cli.callers import Caller
from journey_service.cli.exits import Refusal
from journey_service.cli.output import Output
from journey_service.cli.simulation.day import Day
from journey_service.cli.simulation.playing import SETTLES_WITHIN_S, Playing
from journey_service.cli.simulation.service import RunningService
from journey_service.cli.simulation.telling import Telling


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to play. `speed`: times faster than life, 0 = without waiting."""

    account: str
    day: Day
    speed: float
    clock_error_ms: int = 0
    quiet: bool = False


async def simulate(caller: Caller, wanted: Wanted, out: Output) -> None:
    """Play the day and compare all devices; raises Refusal if anything is not as it must be."""
    telling = Telling(out, wanted.quiet)
    with tempfile.TemporaryDirectory(prefix="journey-simulate-") as folder:
        service = RunningService(caller, wanted.account, Path(folder))
        playing = Playing(
            wanted.day, service, clock_error_ms=wanted.clock_error_ms, tell=telling.act
        )
        await _refuse_a_day_that_was_played(playing, wanted)
        telling.beginning(wanted.day, wanted.account)
        async with playing:
            await playing.play(wanted.speed)
            await finish(playing, telling)


async def finish(playing: Playing, telling: Telling, *, within_s: float = SETTLES_WITHIN_S) -> None:
    """Compare and tell. Raises Refusal with what differs, or if an act was not recorded."""
    found = await playing.compare(within_s)
    if found:
        telling.different(found)
        raise Refusal("not all is the same:\n" + "\n".join(found), "This is a fault: tell us.")
    telling.ending(playing.day, journeys=playing.journeys, failed=playing.failed)
    if playing.failed:
        what = f"{playing.failed} acts were not recorded; they are the lines in red"
        raise Refusal(what, "--json tells the reasons.")


async def _refuse_a_day_that_was_played(playing: Playing, wanted: Wanted) -> None:
    if await playing.was_played():
        raise Refusal(
            f"the day of seed {wanted.day.seed} was played for {wanted.account} before: "
            "its ids are taken",
            "Give another --seed, or another --account.",
        )
