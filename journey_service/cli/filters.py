"""Options that say which events are wanted, and from where, in one place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, TypeVar, cast

import typer

from journey.v1.events_pb2 import ActorKind, Outcome
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey.v1.references_pb2 import JourneyRef
from journey_service.cli.calling import named_channel
from journey_service.cli.durations import duration_ms
from journey_service.cli.exits import Exit, Refusal

_WHICH = "Which events"
_WHERE = "From where"
T = TypeVar("T")

Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Dotted name, or cart.*. Repeatable.", rich_help_panel=_WHICH),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", help="Only this kind of journey. Repeatable.", rich_help_panel=_WHICH),
]
Journeys = Annotated[
    list[str] | None,
    typer.Option(
        "--journey",
        metavar="KIND/ID",
        help="Only this journey. Repeatable.",
        rich_help_panel=_WHICH,
    ),
]
Channels = Annotated[
    list[str] | None,
    typer.Option("--channel", help="Only this channel. Repeatable.", rich_help_panel=_WHICH),
]
Actors = Annotated[
    list[str] | None,
    typer.Option(
        "--actor",
        help="Only of these: customer, staff, service, system. Repeatable.",
        rich_help_panel=_WHICH,
    ),
]
AllOutcomes = Annotated[
    bool,
    typer.Option("--all", help="Also rejected and quarantined ones.", rich_help_panel=_WHICH),
]
NoTelemetry = Annotated[
    bool,
    typer.Option(
        "--no-telemetry", help="Without what apps report by themselves.", rich_help_panel=_WHICH
    ),
]
OneCustomer = Annotated[
    str,
    typer.Option(
        "--subject", metavar="ID", help="Only of this customer.", rich_help_panel="Customer"
    ),
]
Since = Annotated[
    str,
    typer.Option(
        metavar="AGO|TIME",
        help="Recorded since: 10m, 2h, 3d, or 2026-11-22T09:30 in UTC.",
        rich_help_panel=_WHERE,
    ),
]
After = Annotated[
    str,
    typer.Option(
        metavar="CHECKPOINT",
        help="Behind this place, which an export with the same filter told.",
        rich_help_panel=_WHERE,
    ),
]
EVERY_OUTCOME = (
    Outcome.OUTCOME_ACCEPTED,
    Outcome.OUTCOME_QUARANTINED,
    Outcome.OUTCOME_REJECTED,
)


def filter_of(
    *,
    types: Iterable[str] | None = None,
    kinds: Iterable[str] | None = None,
    journeys: Iterable[str] | None = None,
    channels: Iterable[str] | None = None,
    actors: Iterable[str] | None = None,
    all_outcomes: bool = False,
    no_telemetry: bool = False,
) -> EventFilter:
    """The filter that was typed. Raises Refusal."""
    return EventFilter(
        types=types or (),
        kinds=kinds or (),
        journeys=[_journey(each) for each in journeys or ()],
        channels=[named_channel(each) for each in channels or ()],
        actors=[_actor(each) for each in actors or ()],
        outcomes=EVERY_OUTCOME if all_outcomes else (),
        exclude_telemetry=no_telemetry,
    )


def start_of(since: str = "", after: str = "") -> StartPoint | None:
    """The place that was typed; None for none. Raises Refusal."""
    if since and after:
        raise Refusal("--since and --after exclude one another", status=Exit.USAGE)
    if after:
        return StartPoint(checkpoint=after)
    return StartPoint(recorded_ms=_typed("--since", since, moment_ms)) if since else None


def moment_ms(text: str) -> int:
    """Ms since 1970 UTC of a moment, or of so long ago. Raises ValueError."""
    if text[:4].isdigit() and text[4:5] == "-":
        moment = datetime.fromisoformat(text)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000)
    return round(time.time() * 1_000) - duration_ms(text)


def _typed(option: str, text: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise Refusal(f"{option} {text}: {error}", status=Exit.USAGE) from error


def _journey(text: str) -> JourneyRef:
    kind, slash, journey_id = text.partition("/")
    if not (kind and slash and journey_id):
        raise Refusal(f"--journey {text}: write KIND/ID, e.g. cart/main", status=Exit.USAGE)
    return JourneyRef(kind=kind, journey_id=journey_id)


def _actor(name: str) -> ActorKind:
    try:
        return cast("ActorKind", ActorKind.Value(f"ACTOR_KIND_{name.upper()}"))
    except ValueError:
        known = ", ".join(each.removeprefix("ACTOR_KIND_").lower() for each in ActorKind.keys()[1:])
        raise Refusal(f"--actor {name}: there are {known}", status=Exit.USAGE) from None
