"""Which events a reader wants: one rule for lists, bulk reads, subscriptions and groups."""

from __future__ import annotations

from collections.abc import Callable

from journey.v1.events_pb2 import OUTCOME_ACCEPTED
from journey.v1.interactions_pb2 import Interaction
from journey.v1.reading_pb2 import EventFilter
from journey_service.domain.catalogue import is_telemetry
from journey_service.domain.tokens import fingerprint
from journey_service.domain.wire_event import AnyEvent

Keep = Callable[[AnyEvent], bool]


def keeps(wanted: EventFilter) -> Keep:
    """Whether an event passes the filter; a filter that is not set keeps what was accepted."""
    outcomes = frozenset(wanted.outcomes) or {OUTCOME_ACCEPTED}
    types = frozenset(name for name in wanted.types if not name.endswith(".*"))
    groups = tuple(name[:-1] for name in wanted.types if name.endswith(".*"))
    kinds = frozenset(wanted.kinds)
    journeys = frozenset((ref.kind, ref.journey_id) for ref in wanted.journeys)
    channels, actors = frozenset(wanted.channels), frozenset(wanted.actors)
    any_type = not wanted.types
    inside = bool(kinds or journeys or channels)
    if any_type and not (inside or actors or wanted.exclude_telemetry):
        return lambda event: event.outcome in outcomes

    def is_of(interaction: Interaction) -> bool:
        named = interaction.journey
        return (
            (not kinds or named.kind in kinds)
            and (not journeys or (named.kind, named.journey_id) in journeys)
            and (not channels or interaction.channel in channels)
        )

    def keep(event: AnyEvent) -> bool:
        """What costs least is asked first."""
        return (
            event.outcome in outcomes
            and (any_type or event.type in types or event.type.startswith(groups or "\0"))
            and (not inside or is_of(event.interaction))
            and (not actors or event.actor.kind in actors)
            and not (wanted.exclude_telemetry and is_telemetry(event))
        )

    return keep


def filter_fingerprint(wanted: EventFilter) -> int:
    """Equal for filters that keep the same, however they are written; 0 for one that is not set.

    It stands in checkpoints: behind a place lies what that filter hid, too.
    """
    outcomes = frozenset(wanted.outcomes) or {OUTCOME_ACCEPTED}
    parts = {
        "types": sorted(set(wanted.types)),
        "kinds": sorted(set(wanted.kinds)),
        "journeys": sorted({f"{ref.kind}/{ref.journey_id}" for ref in wanted.journeys}),
        "channels": sorted({str(channel) for channel in wanted.channels}),
        "outcomes": sorted(map(str, outcomes - {OUTCOME_ACCEPTED})),
        "accepted": [] if OUTCOME_ACCEPTED in outcomes else ["no"],
        "actors": sorted({str(actor) for actor in wanted.actors}),
        "telemetry": ["no"] if wanted.exclude_telemetry else [],
    }
    set_parts = {name: values for name, values in parts.items() if values}
    told = [
        text for name, values in set_parts.items() for text in (f"{name} {len(values)}", *values)
    ]
    return fingerprint(*told)
