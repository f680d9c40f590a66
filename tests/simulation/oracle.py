"""What carts, lists and films must show, by plain definition: all events at once, nothing folded.

Deliberately slow and without any code of the projections.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event, Occurrence
from journey.v1.interactions_pb2 import RUN_OPENER_RESTART, RUN_OPENER_SEEK

SPAN_MS = 5_000
SKIPPED_BACK_MS = 5_000

Order = tuple[int, int, bytes, int, int]


def order_of(event: Event) -> Order:
    """Place in the order of occurrence."""
    return (*_happened(event.occurrence), event.version)


def _happened(occurrence: Occurrence) -> tuple[int, int, bytes, int]:
    return (
        occurrence.t_ms,
        occurrence.counter,
        occurrence.installation_id.encode(),
        occurrence.seq,
    )


def had_seen(event: Event, other: Event) -> bool:
    """Whether an event had another in view."""
    for head in event.cut.versions:
        if head.subject_id == other.subject_id and other.version <= head.version:
            return True
    own = event.cut.installation_id
    return (
        own != ""
        and own == other.occurrence.installation_id
        and _happened(other.occurrence) < _happened(event.cut.before)
    )


def accepted(events: Iterable[Event], *bodies: str) -> list[Event]:
    """Those that count, of these bodies."""
    return [
        event
        for event in events
        if event.outcome == OUTCOME_ACCEPTED and event.interaction.WhichOneof("body") in bodies
    ]


def cart(events: Sequence[Event]) -> dict[str, int]:
    """Quantity by line: the latest live set, plus all live adds."""
    adds = accepted(events, "cart_line_added")
    sets = accepted(events, "cart_line_quantity_set")
    removes = accepted(events, "cart_line_removed")

    def line_of(event: Event) -> str:
        interaction = event.interaction
        body = interaction.WhichOneof("body") or ""
        named = getattr(interaction, body)
        return str(named.line_key if body == "cart_line_removed" else named.line.line_key)

    found = {}
    for line in {line_of(event) for event in (*adds, *sets, *removes)}:
        ends = [event for event in (*sets, *removes) if line_of(event) == line]

        def lives(event: Event, line: str = line, ends: list[Event] = ends) -> bool:
            return line_of(event) == line and not any(had_seen(end, event) for end in ends)

        base = max(filter(lives, sets), key=order_of, default=None)
        total = base.interaction.cart_line_quantity_set.line.quantity if base else 0
        total += sum(
            event.interaction.cart_line_added.line.quantity for event in filter(lives, adds)
        )
        if total > 0:
            found[line] = total
    return found


def wishes(events: Sequence[Event]) -> set[str]:
    """Items of which an add was seen by no removal."""
    removes = accepted(events, "list_item_removed")
    return {
        add.interaction.list_item_added.item_key
        for add in accepted(events, "list_item_added")
        if not any(
            had_seen(remove, add)
            for remove in removes
            if remove.interaction.list_item_removed.item_key
            == add.interaction.list_item_added.item_key
        )
    }


def resume_points(events: Sequence[Event]) -> dict[str, int]:
    """Resume point by film: where the established run ended that ended last."""
    runs: dict[tuple[str, str], list[Event]] = {}
    names = ("media_played", "media_progressed", "media_paused", "media_stopped")
    films = set()
    for event in accepted(events, *names):
        body = _body(event)
        films.add(event.interaction.journey.journey_id)
        if body.point_ms >= body.run_start_ms:
            runs.setdefault((event.interaction.journey.journey_id, body.run_id), []).append(event)
    points: dict[str, int] = {}
    for film in films:
        ends = [_end(reports) for (of, _), reports in runs.items() if of == film]
        counting = [end for end in ends if end is not None]
        points[film] = max(counting)[-1] if counting else 0
    return points


def _end(reports: list[Event]) -> tuple[Order, int] | None:
    """When and where a run ended; None if it is not established."""
    first = min(reports, key=order_of)
    going = [event for event in reports if _name(event) in {"media_played", "media_progressed"}]
    closing = [event for event in reports if _name(event) in {"media_paused", "media_stopped"}]
    top = min(going, key=lambda event: (-_body(event).point_ms, order_of(event)), default=None)
    close = min(closing, key=order_of, default=None)
    if top is not None and (
        close is None or _body(close).point_ms < _body(top).point_ms - SKIPPED_BACK_MS
    ):
        when, point = order_of(top), _body(top).point_ms
    elif close is not None:
        when, point = order_of(close), _body(close).point_ms
        if top is not None:
            speed = _body(top).speed or 1_000
            played = max(0, point - _body(top).point_ms) * 1_000 // speed
            when = (min(when[0], top.occurrence.t_ms + played), *when[1:])
    else:
        return None
    deliberate = _body(first).opened_by in {RUN_OPENER_RESTART, RUN_OPENER_SEEK}
    if deliberate or point - _body(first).run_start_ms >= SPAN_MS:
        return when, point
    return None


def _name(event: Event) -> str:
    return event.interaction.WhichOneof("body") or ""


def _body(event: Event):  # type: ignore[no-untyped-def]  # noqa: ANN202  one of four alike
    return getattr(event.interaction, _name(event))
