"""What is stored of events and states: sealed bytes that open only at their place (rule R5).

    events:   schema (1 byte), then the serialized Event without its columns (subject_id, version,
              partition, position, recorded_at_ms), bound to journal, subject, schema, key version,
              version, event id and topic
    the rest: any bytes, bound to journal, subject, key version and the fields of their place

An edited, swapped, renumbered or transplanted row does not open.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

from google.protobuf.message import DecodeError

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import EventUnreadable
from journey_service.store.keys import NONCE_BYTES, SubjectKeys, fields
from journey_service.store.placing import event_key

# Grows when the meaning of the sealed bytes changes; the old ones stay readable.
SCHEMA = 1
_SCHEMA_BYTE = bytes([SCHEMA])
_PLACE = struct.Struct(">BIq")


class StoredPlace(NamedTuple):
    """Where an event stands: the columns beside its sealed bytes."""

    subject_id: str
    version: int
    event_id: bytes
    topic: str
    key_version: int
    partition: int
    position: int
    recorded_at_ms: int


def seal_event(keys: SubjectKeys, event: Event) -> bytes:
    """The bytes to store of one event; see `seal_events`."""
    (sealed,) = seal_events(keys, [event])
    return sealed


def seal_events(keys: SubjectKeys, events: Sequence[Event]) -> list[bytes]:
    """The bytes to store of decided events of one subject: they have versions and no places yet."""
    nonces, subject_id = os.urandom(NONCE_BYTES * len(events)), events[0].subject_id
    sealed = []
    for start, event in zip(range(0, len(nonces), NONCE_BYTES), events, strict=True):
        version = event.version
        event.subject_id, event.version = "", 0
        plain = event.SerializeToString()
        event.subject_id, event.version = subject_id, version
        event_id = event_key(event.interaction.event_id)
        place = _event_place(SCHEMA, keys.version, version, event_id, event.type)
        nonce = nonces[start : start + NONCE_BYTES]
        sealed.append(_SCHEMA_BYTE + keys.seal(plain, place, nonce))
    return sealed


def open_event(keys: SubjectKeys, place: StoredPlace, sealed: bytes) -> Event:
    """The event as it was recorded; raises EventUnreadable with its place."""
    try:
        bound = _event_place(
            sealed[0], place.key_version, place.version, place.event_id, place.topic
        )
        event = Event.FromString(keys.open(sealed[1:], bound, place.key_version))
    except (EventUnreadable, DecodeError, IndexError):
        raise unreadable(place) from None
    event.subject_id = place.subject_id
    event.version = place.version
    event.partition = place.partition
    event.position = place.position
    event.recorded_at_ms = place.recorded_at_ms
    return event


def closed_event(place: StoredPlace) -> Event:
    """What can be told of an event that does not open: its columns."""
    return Event(
        subject_id=place.subject_id,
        version=place.version,
        partition=place.partition,
        position=place.position,
        type=place.topic,
        recorded_at_ms=place.recorded_at_ms,
    )


def unreadable(place: StoredPlace) -> EventUnreadable:
    """The error that names the damaged row."""
    return EventUnreadable(
        subject_id=place.subject_id,
        version=place.version,
        partition=place.partition,
        position=place.position,
    )


def _event_place(schema: int, key_version: int, version: int, event_id: bytes, topic: str) -> bytes:
    # Fixed sizes first, one text last: no two places have the same bytes.
    return b"event" + _PLACE.pack(schema, key_version, version) + event_id + topic.encode()


def seal(keys: SubjectKeys, plain: bytes, *place: bytes | str | int) -> bytes:
    """Bytes of a row that is no event; `place` begins with the name of its table."""
    return keys.seal(plain, fields(keys.version, *place))


def open_sealed(
    keys: SubjectKeys, sealed: bytes, key_version: int, *place: bytes | str | int
) -> bytes:
    """The reverse; raises EventUnreadable."""
    return keys.open(sealed, fields(key_version, *place), key_version)
