"""Our events in the words of the `eventsourcing` library, so that its users can read the log.

An event's topic is its dotted type, never the path of a class: moving a file orphans nothing.
The library knows no associated data, so what the seal is bound to and the library has no field
for stands before the sealed bytes: event id (16), key version (4).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    Compressor,
    Mapper,
    MapperDeserialisationError,
    Notification,
    StoredEvent,
    Transcoder,
)

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import EventUnreadable
from journey_service.store.codec import StoredPlace, open_event, seal_event
from journey_service.store.keys import SubjectKeys
from journey_service.store.placing import event_key
from projections.recorders.events import RecordedEvent

__all__ = ["EventMapper", "ProtobufTranscoder", "RecordedEvent"]

_HEAD = struct.Struct(">16sI")

KeysOf = Callable[[str], SubjectKeys]


class ProtobufTranscoder(Transcoder):
    """Protobuf instead of JSON."""

    def encode(self, obj: Any) -> bytes:
        """Serialize an Event."""
        serialized: bytes = obj.SerializeToString()
        return serialized

    def decode(self, data: bytes) -> Event:
        """Parse an Event."""
        return Event.FromString(data)


class EventMapper(Mapper[str]):
    """Seals and opens with the data keys of each event's subject; `keys_of` finds them.

    The library's compressor works on the sealed bytes' outside, because what is sealed is fixed;
    its cipher is not used: ours binds the place, which a cipher of the library never learns.
    """

    def __init__(self, keys_of: KeysOf, compressor: Compressor | None = None) -> None:
        super().__init__(ProtobufTranscoder(), compressor=compressor)
        self._keys_of = keys_of

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """A StoredEvent with the sealed bytes of a RecordedEvent."""
        event = _event_of(domain_event)
        return StoredEvent(
            originator_id=event.subject_id,
            originator_version=event.version,
            topic=event.type,
            state=self._state_of(event),
        )

    def to_notification(self, domain_event: DomainEventProtocol[str]) -> Notification:
        """The same with the event's position as notification id."""
        event = _event_of(domain_event)
        return Notification(
            originator_id=event.subject_id,
            originator_version=event.version,
            topic=event.type,
            state=self._state_of(event),
            id=event.position,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> RecordedEvent:
        """The RecordedEvent; raises the library's MapperDeserialisationError for damaged bytes."""
        state = stored_event.state
        try:
            if self.compressor:
                state = self.compressor.decompress(state)
            event_id, key_version = _HEAD.unpack_from(state)
            subject_id = str(stored_event.originator_id)
            place = StoredPlace(
                subject_id=subject_id,
                version=stored_event.originator_version,
                event_id=event_id,
                topic=stored_event.topic,
                key_version=key_version,
                partition=0,
                position=stored_event.id if isinstance(stored_event, Notification) else 0,
                recorded_at_ms=0,
            )
            event = open_event(self._keys_of(subject_id), place, state[_HEAD.size :])
        except (EventUnreadable, struct.error) as error:
            raise MapperDeserialisationError(
                f"Event {stored_event.originator_version} of {stored_event.originator_id} "
                f"does not open."
            ) from error
        return RecordedEvent.of(event)

    def _state_of(self, event: Event) -> bytes:
        keys = self._keys_of(event.subject_id)
        bare = Event()
        bare.CopyFrom(event)
        bare.partition = bare.position = bare.recorded_at_ms = 0
        head = _HEAD.pack(event_key(event.interaction.event_id), keys.version)
        state = head + seal_event(keys, bare)
        return self.compressor.compress(state) if self.compressor else state


def _event_of(domain_event: DomainEventProtocol[str]) -> Event:
    if not isinstance(domain_event, RecordedEvent):
        raise TypeError(f"{type(domain_event).__name__} is no RecordedEvent")
    return domain_event.event
