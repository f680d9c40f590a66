"""`journey show`: what a customer can go on with now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from journey.v1.journey_service_pb2 import JourneyView
from journey.v1.journeys_pb2 import Journey
from journey_client import Customer
from journey_service.cli import output
from journey_service.cli.output import Output

COLUMNS = ("journey", "resume point", "left on", "when", "")


async def show(customer: Customer, out: Output, *, everything: bool, kinds: Sequence[str]) -> int:
    """Print a customer's journeys; returns how many were printed.

    Without `everything` those that could be gone on with: also archived ones, which an import of
    old facts brings in, but not what is finished, hidden or empty.
    """
    listed = {_key(journey) for journey in await customer.continue_list(kinds=kinds)}
    found = [
        journey
        async for journey in customer.journeys(JourneyView.JOURNEY_VIEW_ALL, kinds=kinds)
        if everything or _could_go_on(journey)
    ]
    for journey in found:
        if out.as_json:
            out.record(record_of(journey, listed=_key(journey) in listed))
    out.table(COLUMNS, (row_of(each, listed=_key(each) in listed) for each in found))
    return len(found)


def record_of(journey: Journey, *, listed: bool) -> dict[str, Any]:
    """A journey for programs: its place in words and numbers, and its whole state."""
    return {
        "kind": journey.ref.kind,
        "journey_id": journey.ref.journey_id,
        "resume_point": output.resume_point(journey),
        "last_device": journey.last_device_id,
        "channel": output.channel(journey.last_channel, journey.last_channel_label),
        "when": output.iso(journey.activity.t_ms),
        "finished": journey.finished,
        "hidden": journey.hidden,
        "archived": journey.archived,
        "listed": listed,
        "state": output.message(journey),
    }


def row_of(journey: Journey, *, listed: bool) -> tuple[str, ...]:
    """A journey for people."""
    marks = {
        "finished": journey.finished,
        "hidden": journey.hidden,
        "archived": journey.archived,
        "to go on with": listed,
    }
    return (
        f"{journey.ref.kind}/{journey.ref.journey_id}",
        output.resume_point(journey),
        _left_on(journey),
        output.moment(journey.activity.t_ms),
        ", ".join(mark for mark, holds in marks.items() if holds),
    )


def _left_on(journey: Journey) -> str:
    """Channel and device, e.g. tablet (mila-tablet)."""
    channel = output.channel(journey.last_channel, journey.last_channel_label)
    device = journey.last_device_id
    return f"{channel} ({device})" if channel and device else channel or device


def _could_go_on(journey: Journey) -> bool:
    empty = output.resume_point(journey) == output.EMPTY
    return not (journey.finished or journey.hidden or empty)


def _key(journey: Journey) -> tuple[str, str]:
    return journey.ref.kind, journey.ref.journey_id
