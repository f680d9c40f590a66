"""A simulated day, act by act: lines for people, JSON lines for programs."""

from __future__ import annotations

from dataclasses import dataclass

from rich.markup import escape

from journey_service.cli.output import Output
from journey_service.cli.simulation.day import Day
from journey_service.cli.simulation.playing import Happened, types_of


@dataclass(slots=True)
class Telling:
    """Prints a day. `quiet`: only what it begins with, what fails, and the end."""

    out: Output
    quiet: bool = False

    def beginning(self, day: Day, account: str) -> None:
        """What will be played, and how to see it."""
        told = f"A day of {account} on {', '.join(day.devices)}: {len(day.acts)} acts"
        if self.out.as_json:
            names = {"account": account, "devices": list(day.devices), "film": day.film}
            self.out.record({"seed": day.seed, **names, "acts": len(day.acts)})
        self.out.say(f"{escape(told)}, seed {day.seed}", soft_wrap=True)
        self.out.say(f"[dim]In another terminal: journey watch --account {escape(account)}[/]\n")

    def act(self, happened: Happened) -> None:
        """One act: time of day, who, with or without network, what, and what came back."""
        if self.quiet and not happened.failed:
            return
        act = happened.act
        if self.out.as_json:
            self.out.record(
                {
                    "time": act.time,
                    "who": act.who,
                    "network": happened.network,
                    "act": act.told,
                    "types": types_of(act),
                    "event_ids": [each.event_id for each in act.interactions],
                    "answer": happened.answer,
                    "failed": happened.failed,
                }
            )
        network = {True: "[green]on [/]", False: "[yellow]off[/]", None: "   "}[happened.network]
        style = "red" if happened.failed else "dim"
        self.out.say(
            f"{act.time} [cyan]{act.who:7}[/] {network} {escape(act.told)} "
            f"[{style}]→ {escape(happened.answer)}[/]",
            soft_wrap=True,
        )

    def ending(self, day: Day, *, journeys: int, failed: int) -> None:
        """All is the same."""
        if self.out.as_json:
            self.out.record({"equal": True, "journeys": journeys, "failed": failed})
        self.out.say(
            f"\n[green]✓[/] {len(day.devices)} devices and the service show {journeys} journeys,"
            " byte for byte the same."
        )

    def different(self, found: list[str]) -> None:
        """Not all is the same; what differs goes to whoever reads."""
        if self.out.as_json:
            self.out.record({"equal": False, "differences": found})
