"""Points in the past as people type them; what `show --as-of`, `diff` and `play` tell."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from journey.v1.history_service_pb2 import DiffJourneyResponse, EventOrder, PlayedEvent
from journey.v1.journey_service_pb2 import JourneyView
from journey.v1.reading_pb2 import AsOf, EndPoint, EventFilter, StartPoint
from journey_client import Client, Customer, JourneyKey
from journey_client.errors import JourneyNotFound
from journey_service.cli import history, output, showing
from journey_service.cli.counts import MOST_POSITION, whole
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.filters import EVERY_OUTCOME
from journey_service.cli.fitting import NARROW, READABLE_NARROW, short_id, short_moment
from journey_service.cli.output import Output
from journey_service.cli.starting import moment_ms, token

POINTS = (
    "a moment in UTC (2026-11-22T08:00), so long ago (10m ago), a version of the stream, or a token"
)
Happened = Annotated[
    bool,
    typer.Option(
        "--happened",
        help="Moments mean what had happened by then, as known today; without it what the service "
        "knew then.",
    ),
]
DIFF_COLUMNS = ("field", "before", "after")
PLAY_COLUMNS = ("when", "after", "type", "channel", "journey", "where it stands")


async def as_of(
    client: Client, subject_id: str, typed: str, option: str, *, happened: bool
) -> AsOf:
    """The point that was typed. Raises Refusal."""
    if typed.isdecimal():
        version = whole(option, typed, typed, most=MOST_POSITION)
        return AsOf(token=await _token_at(client, subject_id, version, option))
    at_ms = moment_ms(typed.removesuffix("ago").strip(), option, f"{POINTS}.")
    if at_ms is None:
        return AsOf(token=token(typed, option, f"{POINTS}."))
    return AsOf(occurred_ms=at_ms) if happened else AsOf(recorded_ms=at_ms)


async def _token_at(client: Client, subject_id: str, version: int, option: str) -> str:
    """The checkpoint behind an event, which a read up to it tells."""
    last, checkpoint = 0, ""
    every = EventFilter(outcomes=EVERY_OUTCOME)
    async for page in client.read_events(
        subject_id, stream_only=True, filter=every, limit=version, purpose=history.PURPOSE
    ):
        if page.events:
            last, checkpoint = page.events[-1].version, page.checkpoint
    if not 0 < last == version:
        there = f"has versions 1 to {last}" if last else "has no events"
        raise Refusal(
            f"{option} {version}: the stream of {subject_id} {there}",
            f"`journey events {subject_id}` lists them.",
            Exit.USAGE,
        )
    return checkpoint


def journey_key(typed: str) -> JourneyKey:
    """KIND/ID as typed. Raises Refusal."""
    kind, slash, journey_id = typed.partition("/")
    if not (kind and slash and journey_id):
        raise Refusal(f"{typed}: write KIND/ID, e.g. cart/main", status=Exit.USAGE)
    return JourneyKey(kind, journey_id)


async def show(customer: Customer, out: Output, *, then: AsOf, kinds: Sequence[str]) -> int:
    """Print the journeys that a customer had then, as they stood; returns how many."""
    found = []
    async for now in customer.journeys(JourneyView.JOURNEY_VIEW_ALL, kinds=kinds):
        try:
            found.append(await customer.journey(now.ref.kind, now.ref.journey_id, as_of=then))
        except JourneyNotFound:
            continue
    for journey in found:
        if out.as_json:
            # What was listed then depends on all journeys of then.
            told = showing.record_of(journey, listed=False)
            out.record({name: told[name] for name in told if name != "listed"})
    out.table(showing.COLUMNS, (showing.row_of(each, listed=False) for each in found))
    return len(found)


def tell_diff(out: Output, found: DiffJourneyResponse) -> None:
    """Print which fields differ between two points, and the events in between."""
    if out.as_json:
        out.record(output.message(found))
        return
    rows = [(each.path, each.before_json or "–", each.after_json or "–") for each in found.changes]
    if not rows:
        out.say("Nothing differs.")
        return
    out.table(DIFF_COLUMNS, rows)
    out.say()
    several = len({event.subject_id for event in found.events}) > 1
    history.tell(out, found.events, several=several)
    if found.truncated:
        out.say("… and more events")


@dataclass(frozen=True, slots=True)
class Play:
    """What to play of a customer, and how fast."""

    journey: JourneyKey | None = None
    start: StartPoint | None = None
    end: EndPoint | None = None
    recorded: bool = False
    speed: float = 0
    max_pause_ms: int = 0


async def play(customer: Customer, out: Output, wanted: Play) -> int:
    """Print events at a pace, each with where its journey stood after it; returns how many."""
    by_version = wanted.recorded
    played = 0
    async for step in customer.play(
        wanted.journey,
        start=wanted.start,
        end=wanted.end,
        order=EventOrder.EVENT_ORDER_RECORDED if by_version else EventOrder.EVENT_ORDER_OCCURRENCE,
        speed=wanted.speed,
        max_pause_ms=wanted.max_pause_ms,
    ):
        if out.as_json:
            out.record(_record_of(step))
        else:
            if not played:
                out.say(_line(PLAY_COLUMNS, out.console.width), style="bold", soft_wrap=True)
            out.say(line_of(step, out.console.width), markup=False, soft_wrap=True)
        played += 1
    return played


def _record_of(step: PlayedEvent) -> dict[str, Any]:
    made: dict[str, Any] = {"event": history.record_of(step.event), "pause_ms": step.pause_ms}
    if step.HasField("journey"):
        made["resume_point"] = output.resume_point(step.journey)
        made["state"] = output.message(step.journey)
    return made


def _row_of(step: PlayedEvent) -> tuple[str, ...]:
    event, named = step.event, step.event.interaction.journey
    return (
        output.moment(event.occurrence.t_ms),
        _duration(step.pause_ms),
        event.type,
        output.channel(event.interaction.channel, event.interaction.channel_label),
        f"{named.kind}/{named.journey_id}" if named.kind else "",
        output.resume_point(step.journey) if step.HasField("journey") else "",
    )


_WIDTHS = (16, 7, 20, 10, 20, 0)
_WIDTHS_NARROW = (11, 7, 17, 17)


def line_of(step: PlayedEvent, width: int) -> str:
    """A step for people, on a terminal of so many columns."""
    return _line(_row_of(step), width)


def _line(cells: Sequence[str], width: int) -> str:
    """Cells below each other, although they are printed one line after the other.

    A narrow terminal goes without the channel, and wraps where the journey stands below itself.
    """
    if width >= NARROW:
        padded = (cell.ljust(of) for cell, of in zip(cells, _WIDTHS, strict=True))
        return "  ".join(padded).rstrip()
    when, after, kind, _, journey, stands = cells
    told = (short_moment(when), after, kind, short_id(journey, _WIDTHS_NARROW[-1]))
    begin = "".join(f"{cell:<{of}}  " for cell, of in zip(told, _WIDTHS_NARROW, strict=True))
    room = max(width - len(begin), READABLE_NARROW)
    lines = textwrap.wrap(stands, room) or [""]
    return (begin + f"\n{' ' * len(begin)}".join(lines)).rstrip()


def _duration(ms: int) -> str:
    """How long after the event before, in the largest unit that fits."""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
        if ms >= size:
            return f"+{ms / size:.0f} {unit}"
    return f"+{ms} ms" if ms else ""
