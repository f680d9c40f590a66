"""`journey import`: old facts from a file, with progress, rate and time left."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from journey_client import Client
from journey_client.importing import Figures, Mapping, import_file
from journey_service.cli.output import Output

TELL_EVERY_S = 2.0


async def run_import(
    client: Client, file: Path, mapping: Mapping, rejects: Path, out: Output
) -> Figures:
    """Import, showing how it goes, and print what came of it."""
    with _progress(out) as told:
        figures = await import_file(client, file, mapping, rejects=rejects, told=told)
    _summary(figures, rejects, out)
    return figures


@contextlib.contextmanager
def _progress(out: Output) -> Iterator[Callable[[Figures], None]]:
    """A bar on a terminal; else a line on stderr every two seconds."""
    if not out.notes.is_terminal:
        yield _lines(out)
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns, console=out.notes) as bar:
        task = bar.add_task("import", total=1.0, text="")

        def told(figures: Figures) -> None:
            bar.update(task, completed=figures.share, text=how_it_goes(figures))

        yield told


def _lines(out: Output) -> Callable[[Figures], None]:
    last = time.monotonic()

    def told(figures: Figures) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_EVERY_S:
            last = time.monotonic()
            out.note(f"{figures.share:4.0%}  {how_it_goes(figures)}")

    return told


def how_it_goes(figures: Figures) -> str:
    """Rows answered so far, their rate and the time left."""
    left = figures.seconds_left
    until = "" if math.isinf(left) or figures.share >= 1 else f", {left:,.0f} s left"
    rejected = f", {figures.rejected:,} rejected" if figures.rejected else ""
    return f"{figures.answered:,} rows, {figures.rows_per_second:,.0f} a second{until}{rejected}"


def _summary(figures: Figures, rejects: Path, out: Output) -> None:
    """The figures: rows by what became of them, per channel, and events by type."""
    if out.as_json:
        out.record(_record_of(figures, rejects))
        return
    out.say()
    rows = [
        ("read", figures.rows, ""),
        ("recorded", figures.recorded, ""),
        ("known", figures.known, _known(figures)),
        ("rejected", figures.rejected, f"see {rejects}" if figures.rejected else ""),
        ("ignored", figures.ignored, "by the mapping" if figures.ignored else ""),
    ]
    out.table(("rows", "", ""), ((name, f"{count:,}", note) for name, count, note in rows))
    out.say()
    channels = sorted(figures.channels.items())
    out.table(
        ("channel", "rows", "new events"),
        ((name, f"{found.rows:,}", f"{found.events:,}") for name, found in channels),
    )
    out.say()
    types = [(name, f"{count:,}") for name, count in figures.types.most_common()]
    out.table(("new events", ""), types or [("none", "")])
    known = figures.events["known"]
    if known:
        out.say(f"\n{known:,} events were recorded before and are not recorded twice.")
    if figures.events["quarantined"]:
        out.say(f"\n{figures.events['quarantined']:,} events are too old and have no effect.")
    out.say(f"\n{figures.seconds:.1f} s, {figures.rows_per_second:,.0f} rows a second")


def _record_of(figures: Figures, rejects: Path) -> dict[str, Any]:
    """The figures for programs."""
    return {
        "rows": figures.rows,
        "recorded": figures.recorded,
        "known": figures.known,
        "earlier": figures.earlier,
        "rejected": figures.rejected,
        "rejects": str(rejects) if figures.rejected else "",
        "ignored": figures.ignored,
        "channels": {name: asdict(found) for name, found in sorted(figures.channels.items())},
        "events": dict(figures.events),
        "types": dict(figures.types.most_common()),
        "seconds": round(figures.seconds, 3),
        "rows_per_second": round(figures.rows_per_second),
    }


def _known(figures: Figures) -> str:
    if figures.earlier:
        return f"recorded before; {figures.earlier:,} of them not sent again"
    return "recorded before" if figures.known else ""
