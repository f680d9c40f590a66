"""The library's events as Journey's interactions, and all of Journey's events as the library's.

An event of the library is a custom interaction whose JSON holds

    topic, version     as the library gave them
    application        which application's sequence it belongs to
    id                 "uuid" where the originator's id is one, else "text"
    text | base64      the state: as text where it is some, else its bytes

Events that devices and back ends record have their dotted name as topic and the serialized Event
as state; JourneyMapper gives them to projections as RecordedEvent.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import DataError, Mapper, Notification, StoredEvent

from journey.v1.events_pb2 import Event, Outcome
from journey.v1.interactions_pb2 import Interaction
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT
from journey_service.domain.formats import broken_id

# Names to declare with role "service" where a service is to take them over the wire.
EVENT: Final = "eventsourcing.event"
SNAPSHOT: Final = "eventsourcing.snapshot"
TRACKING: Final = "eventsourcing.tracking"
# As the rules of Custom.json say.
MOST_JSON_BYTES: Final = 12_288
NAMES: Final = (EVENT, SNAPSHOT, TRACKING)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An Event as the library wants to see it."""

    originator_id: str
    originator_version: int
    event: Event

    @classmethod
    def of(cls, event: Event) -> RecordedEvent:
        """Wrap an event that has its place in a stream."""
        return cls(event.subject_id, event.version, event)


class JourneyMapper(Mapper[Any]):
    """The library's mapper for its own events; Journey's come as RecordedEvent."""

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[Any]:
        """The domain event. A topic of the library names a class: it has a colon."""
        if ":" in stored_event.topic:
            return super().to_domain_event(stored_event)
        return RecordedEvent.of(Event.FromString(stored_event.state))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a custom interaction says of the library's event in it."""

    name: str
    application: str
    version: int
    topic: str
    state: bytes
    is_uuid: bool

    @classmethod
    def of(cls, event: Event) -> Kept | None:
        """What is kept in the event; None where it is none of the library's."""
        custom = event.interaction.custom
        if custom.name not in NAMES:
            return None
        said = json.loads(custom.json)
        return cls(
            name=custom.name,
            application=said["application"],
            version=said["version"],
            topic=said["topic"],
            state=said["text"].encode() if "text" in said else base64.b64decode(said["base64"]),
            is_uuid=said["id"] == "uuid",
        )


def interaction_of(stored: StoredEvent, name: str, application: str) -> Interaction:
    """The interaction of one of NAMES, made now; whoever sends it gives it its event id.

    Raises DataError for a state that is too large.
    """
    said: dict[str, str | int] = {
        "topic": stored.topic,
        "version": stored.originator_version,
        "application": application,
        "id": "uuid" if isinstance(stored.originator_id, UUID) else "text",
        **_state(stored.state),
    }
    interaction = Interaction(wall_ms=time.time_ns() // 1_000_000)
    interaction.custom.name = name
    interaction.custom.interaction_class = INTERACTION_CLASS_INTENT
    interaction.custom.json = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    if (size := len(interaction.custom.json.encode())) > MOST_JSON_BYTES:
        raise DataError(
            f"Version {stored.originator_version} of {stored.originator_id} takes {size:,} bytes "
            f"as JSON; a custom interaction holds at most {MOST_JSON_BYTES:,}."
        )
    return interaction


def _state(state: bytes) -> dict[str, str]:
    try:
        text = state.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return {"base64": base64.b64encode(state).decode()}
    return {"text": text}


def stored_event(event: Event, kept: Kept | None, originator_id: UUID | str) -> StoredEvent:
    """The event as the library stored it, or would count it: from 0."""
    if kept is None:
        return StoredEvent(
            originator_id, event.version - 1, topic_of(event), event.SerializeToString()
        )
    return StoredEvent(originator_id, kept.version, kept.topic, kept.state)


def notification(event: Event, kept: Kept | None) -> Notification:
    """The same with its position."""
    originator_id: UUID | str = event.subject_id
    if kept is not None and kept.is_uuid:
        originator_id = UUID(event.subject_id)
    found = stored_event(event, kept, originator_id)
    return Notification(
        found.originator_id, found.originator_version, found.topic, found.state, event.position
    )


def topic_of(event: Event) -> str:
    """What an event of Journey is filtered by: its dotted name, a custom one's own."""
    return event.interaction.custom.name or event.type


def accepted(event: Event) -> bool:
    """Whether it counts: refused interactions are recorded, too."""
    return event.outcome == Outcome.OUTCOME_ACCEPTED


def subject_of(originator_id: UUID | str) -> str:
    """The stream of an originator. Raises DataError for an id that no stream can have."""
    subject_id = str(originator_id)
    if problem := broken_id(subject_id):
        raise DataError(f"The originator's id {problem}.")
    return subject_id
