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
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from google.protobuf.message import DecodeError

from journey.v1.events_pb2 import Event
from journey.v1.passing_pb2 import EventGlance
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.wire_event import WireEvent
from journey_service.store.keys import NONCE_BYTES, SubjectKeys, fields
from journey_service.store.placing import event_key

# Grows when the meaning of the sealed bytes changes; the old ones stay readable.
SCHEMA = 1
_SCHEMA_BYTE = bytes([SCHEMA])
_PLACE = struct.Struct(">5sBIq")
# By subject; None = erased.
Keys: TypeAlias = Mapping[str, SubjectKeys | None]


class StoredPlace(NamedTuple):
    """Where an event stands: the columns beside its sealed bytes."""

    partition: int
    position: int
    subject_id: str
    version: int
    event_id: bytes
    topic: str
    recorded_at_ms: int
    key_version: int


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
        event = Event.FromString(keys.open(sealed, bound, place.key_version, behind=1))
    except (EventUnreadable, DecodeError, IndexError):
        raise unreadable(place) from None
    event.subject_id = place.subject_id
    event.version = place.version
    event.partition = place.partition
    event.position = place.position
    event.recorded_at_ms = place.recorded_at_ms
    return event


def wire_events(keys: Keys, rows: Iterable[Any]) -> list[WireEvent]:
    """What `open_event` opens, not parsed, for who passes it on; raises the same.

    A row has the columns of its place, and what was sealed. Messages that stand one behind the
    other are one message: so the columns of an event stand behind what was sealed without them.
    Here is no call that could be spared: it is done for every event that a bulk reader reads.
    """
    events: list[WireEvent] = []
    # Filled anew for each.
    glance, columns = EventGlance(), Event()
    for row in rows:
        (
            partition,
            position,
            subject_id,
            version,
            event_id,
            topic,
            recorded_at_ms,
            number,
            sealed,
        ) = row
        subject_keys = keys.get(subject_id)
        if subject_keys is None:
            events.append(WireEvent.of(erased_event(keys, StoredPlace(*row[:-1]))))
            continue
        try:
            place = _event_place(sealed[0], number, version, event_id, topic)
            plain = subject_keys.open(sealed, place, number, behind=1)
            glance.ParseFromString(plain)
        except (EventUnreadable, DecodeError, IndexError):
            raise unreadable(StoredPlace(*row[:-1])) from None
        columns.subject_id = subject_id
        columns.version = version
        columns.partition = partition
        columns.position = position
        columns.recorded_at_ms = recorded_at_ms
        data = plain + columns.SerializeToString()
        events.append(
            WireEvent(subject_id, version, position, topic, recorded_at_ms, glance.outcome, data)
        )
    return events


def erased_event(keys: Keys, place: StoredPlace) -> Event:
    """What is left where the subject's keys are: its place. Raises EventUnreadable where they are
    not erased but missing, or damaged."""
    if place.subject_id not in keys:
        raise unreadable(place)
    event = closed_event(place)
    event.redacted = True
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
    return _PLACE.pack(b"event", schema, key_version, version) + event_id + topic.encode()


def seal(keys: SubjectKeys, plain: bytes, *place: bytes | str | int) -> bytes:
    """Bytes of a row that is no event; `place` begins with the name of its table."""
    return keys.seal(plain, fields(keys.version, *place))


def open_sealed(
    keys: SubjectKeys, sealed: bytes, key_version: int, *place: bytes | str | int
) -> bytes:
    """The reverse; raises EventUnreadable."""
    return keys.open(sealed, fields(key_version, *place), key_version)
