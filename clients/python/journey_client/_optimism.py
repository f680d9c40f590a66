"""What is shown: the server's copy with own interactions that it does not hold yet on top.

Own interactions are folded by the folds of the service itself, onto a seed of the copied state;
what that changed is shown in place of the copy's. A copy that holds them all is shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

import projections
from journey.v1.events_pb2 import (
    ACTOR_KIND_CUSTOMER,
    OUTCOME_ACCEPTED,
    Actor,
    Cut,
    Event,
    Occurrence,
    StreamVersion,
)
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.journeys_pb2 import Journey
from journey_client._copy import JourneyKey
from journey_client._kept import Item
from journey_client._seeds import SEED_SUBJECT, SEED_VERSION, begin, seed_of
from journey_client.catalogue import dotted_name, rules_of

# Versions of events that have none yet: behind all that the service gave.
_AHEAD = 1 << 40
# A number that counts events is moved by as many, not replaced.
_COUNTERS = frozenset({"watch_count"})
Journeys = Mapping[JourneyKey, Journey]


@dataclass(frozen=True, slots=True)
class Self:
    """Whose interactions they are."""

    installation_id: str
    device_id: str


def shown_journeys(copy: Journeys, items: Iterable[Item], own: Self) -> dict[JourneyKey, Journey]:
    """The journeys as the customer sees them: `copy` with the effect of `items` on top."""
    shown = dict(copy)
    for key, events in _events_by_journey(items, own).items():
        shown[key] = _with_events(key, copy.get(key), events, own)
    return shown


def continue_list(journeys: Journeys, now_ms: int) -> tuple[JourneyKey, ...]:
    """What to go on with, by the rules of the service."""
    by_key = {f"{key.kind}/{key.journey_id}": journey for key, journey in journeys.items()}
    listed = projections.continue_list(by_key, now_ms)
    return tuple(JourneyKey(*key.split("/", 1)) for key in listed)


def newest_ms(journey: Journey | None) -> int:
    """The latest moment that a state tells of, ms since 1970 UTC: an act upon it came after."""
    if journey is None:
        return 0
    return max(journey.updated_at_ms, journey.activity.t_ms, journey.media.as_of_ms)


def _events_by_journey(items: Iterable[Item], own: Self) -> dict[JourneyKey, list[Event]]:
    found: dict[JourneyKey, list[Event]] = {}
    for place, item in enumerate(items, 1):
        body = item.interaction.WhichOneof("body")
        if body is None or rules_of(body).machine:
            continue  # The service decides, and shows what it decided.
        event = _event(item, place, own)
        for key in projections.keys_of(event):
            found.setdefault(JourneyKey(*key.split("/", 1)), []).append(event)
    return found


def _event(item: Item, place: int, own: Self) -> Event:
    """The event that the service will probably make of it."""
    occurrence = Occurrence(t_ms=item.t_ms, installation_id=own.installation_id, seq=place)
    seen = StreamVersion(subject_id=SEED_SUBJECT, version=SEED_VERSION)
    return Event(
        subject_id=item.subject_id,
        version=_AHEAD + place,
        type=dotted_name(item.interaction),
        occurrence=occurrence,
        outcome=OUTCOME_ACCEPTED,
        cut=Cut(versions=[seen], installation_id=own.installation_id, before=occurrence),
        interaction=item.interaction,
        actor=Actor(kind=ACTOR_KIND_CUSTOMER),
    )


def _with_events(
    key: JourneyKey, journey: Journey | None, events: Sequence[Event], own: Self
) -> Journey:
    if journey is None:
        return _own(_folded(key, None, events), own)
    seed = seed_of(journey, events)
    start = begin(journey) if seed is None else seed
    shown = Journey()
    shown.CopyFrom(journey)
    after = _own(_folded(key, start, events), own)
    _take_difference(shown, _folded(key, start, ()), after, whole=seed is not None)
    if shown != journey:
        shown.checksum = 0
    return shown


def _folded(key: JourneyKey, start: JourneyFold | None, events: Iterable[Event]) -> Journey:
    name = f"{key.kind}/{key.journey_id}"
    states: dict[str, JourneyFold] = {}
    if start is not None:
        states[name] = JourneyFold()
        states[name].CopyFrom(start)
    for event in events:
        projections.fold_event(states, event)
    return projections.publish(states[name])


def _own(journey: Journey, own: Self) -> Journey:
    """The device in place of its installation, as the service tells it."""
    if journey.last_device_id == own.installation_id:
        journey.last_device_id = own.device_id
    return journey


# --- the difference ------------------------------------------------------------------------------


def _take_difference(shown: Message, before: Message, after: Message, *, whole: bool) -> None:
    """Carry over what differs between two states. `whole`: lists are told whole, not in part."""
    for field in shown.DESCRIPTOR.fields:
        if hasattr(getattr(shown, field.name), "extend"):
            _take_list(shown, before, after, field.name, whole=whole)
        elif field.message_type is None:
            _take_value(shown, before, after, field.name)
        elif field.containing_oneof is not None:
            if after.HasField(field.name):
                parts = (getattr(each, field.name) for each in (shown, before, after))
                _take_difference(*parts, whole=whole)
        elif getattr(before, field.name) != getattr(after, field.name):
            getattr(shown, field.name).CopyFrom(getattr(after, field.name))


def _take_value(shown: Message, before: Message, after: Message, name: str) -> None:
    old, new = getattr(before, name), getattr(after, name)
    if name in _COUNTERS:
        setattr(shown, name, getattr(shown, name) + new - old)
    elif old != new:
        setattr(shown, name, new)


def _take_list(shown: Message, before: Message, after: Message, name: str, *, whole: bool) -> None:
    old, new, mine = (getattr(each, name) for each in (before, after, shown))
    if old != new:
        kept = [] if whole else _others(mine, new)
        del mine[:]
        mine.extend([*kept, *new])


def _others(mine: Iterable[Any], new: Iterable[Any]) -> list[Any]:
    """The entries that the new ones do not replace, by their key: the first field."""
    replaced = {_key(entry) for entry in new}
    return [entry for entry in mine if _key(entry) not in replaced]


def _key(entry: Any) -> str:
    if not isinstance(entry, Message):
        return str(entry)
    return str(getattr(entry, entry.DESCRIPTOR.fields[0].name))
