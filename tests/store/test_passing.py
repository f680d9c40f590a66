"""What is passed on unparsed is what would be read, parsed and serialized again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from journey.v1.events_pb2 import (
    ACTOR_KIND_CUSTOMER,
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
    OUTCOME_UNSPECIFIED,
    Event,
)
from journey.v1.history_service_pb2 import ReadEventsResponse
from journey.v1.interactions_pb2 import CHANNEL_STORE, CHANNEL_WEB
from journey.v1.passing_pb2 import EventGlance, PassedBatch, PassedFrame
from journey.v1.reading_pb2 import EventBatch, EventFilter
from journey.v1.references_pb2 import JourneyRef
from journey.v1.subscription_service_pb2 import SubscribeResponse
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.event_filter import keeps
from journey_service.domain.wire_event import WireEvent, parsed
from journey_service.store.codec import (
    StoredPlace,
    closed_event,
    open_event,
    seal_event,
    wire_events,
)
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.placing import event_key
from tests.projections.histories import examples

RING = KeyRing("j", {1: b"m" * 32}, entries=10, life_s=5)
KEYS = {name: RING.make(name) for name in ("ann", "bób")}
MOST_DEEP = 3
TYPES = ("media.played", "media.progressed", "cart.line_added", "custom.act", "no such type")
FILTERS = [
    EventFilter(),
    EventFilter(outcomes=[OUTCOME_UNSPECIFIED, OUTCOME_QUARANTINED]),
    EventFilter(types=["cart.*", "media.played"]),
    EventFilter(kinds=["cart"]),
    EventFilter(journeys=[JourneyRef(kind="cart", journey_id="main")]),
    EventFilter(channels=[CHANNEL_WEB, CHANNEL_STORE]),
    EventFilter(actors=[ACTOR_KIND_CUSTOMER], outcomes=[OUTCOME_ACCEPTED, OUTCOME_REJECTED]),
    EventFilter(exclude_telemetry=True),
]


@dataclass(frozen=True)
class Stored:
    """A row: where it stands, and what was sealed."""

    keys: SubjectKeys
    place: StoredPlace
    sealed: bytes


def scalar(field: Any, random: Random) -> object:
    """A value of the field's type; the default one now and then."""
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_BYTES:
            return random.randbytes(random.randrange(20))
        case FieldDescriptor.CPPTYPE_STRING:
            return random.choice(["", "cart", "main", "né", "x" * 200])
        case FieldDescriptor.CPPTYPE_BOOL:
            return random.random() < 0.5
        case FieldDescriptor.CPPTYPE_ENUM:
            return random.choice(field.enum_type.values).number
    return random.choice([0, 1, 127, 128, 2**31 - 1])


def fill(message: Message, random: Random, depth: int = 0) -> None:
    """Set some of its fields, down to a depth."""
    for field in message.DESCRIPTOR.fields:
        if random.random() < 0.6:
            continue
        here = getattr(message, field.name)
        if field.is_repeated:
            if field.message_type is None:
                here.extend(scalar(field, random) for _ in range(2))
            elif not field.message_type.GetOptions().map_entry and depth < MOST_DEEP:
                fill(here.add(), random, depth + 1)
        elif field.message_type is None:
            setattr(message, field.name, scalar(field, random))
        elif depth < MOST_DEEP:
            here.SetInParent()
            fill(here, random, depth + 1)


def stored(random: Random) -> Stored:
    """A row of an event as nobody would record it."""
    event = Event()
    fill(event, random)
    # Decided, and not placed yet.
    event.ClearField("partition")
    event.ClearField("position")
    event.ClearField("recorded_at_ms")
    event.subject_id = random.choice([*KEYS])
    event.version = random.choice([1, 200, 2**40])
    event.type = random.choice(TYPES)
    event.interaction.event_id = "11112222-3333-4444-8555-666677778888"
    keys = KEYS[event.subject_id]
    place = StoredPlace(
        subject_id=event.subject_id,
        version=event.version,
        event_id=event_key(event.interaction.event_id),
        topic=event.type,
        key_version=1,
        partition=random.choice([0, 1, 63]),
        position=random.choice([1, 300, 2**50]),
        recorded_at_ms=random.choice([0, 1_700_000_000_000]),
    )
    return Stored(keys, place, seal_event(keys, event))


def passed_on(*rows: Stored) -> list[WireEvent]:
    return wire_events(KEYS, [(*row.place, row.sealed) for row in rows])


@examples(20)
@given(st.integers(0, 2**32))
def test_what_is_passed_on_is_what_is_read(seed: int) -> None:
    random = Random(seed)
    rows = [stored(random) for _ in range(8)]
    for row, passed in zip(rows, passed_on(*rows), strict=True):
        read = open_event(row.keys, row.place, row.sealed)
        assert parsed(passed) == read
        assert passed == WireEvent.of(read)._replace(data=passed.data)
        assert passed.ByteSize() == read.ByteSize() == len(passed.SerializeToString())
        for wanted in FILTERS:
            assert keeps(wanted)(passed) is keeps(wanted)(read), wanted


@pytest.mark.parametrize("what", ["place", "byte", "nothing"])
def test_what_does_not_open_is_not_passed_on(what: str) -> None:
    row = stored(Random(7))
    spoilt = {
        "place": Stored(row.keys, row.place._replace(version=9), row.sealed),
        "byte": Stored(row.keys, row.place, row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])),
        "nothing": Stored(row.keys, row.place, b""),
    }[what]
    with pytest.raises(EventUnreadable) as caught:
        passed_on(row, spoilt)
    assert caught.value.metadata["position"] == str(spoilt.place.position)
    assert caught.value.metadata["version"] == str(spoilt.place.version)


def test_what_was_sealed_and_is_no_event_is_not_passed_on() -> None:
    row = stored(Random(7))
    place = row.place
    bound = b"event\x01" + (1).to_bytes(4) + place.version.to_bytes(8) + place.event_id
    rubbish = b"\x01" + row.keys.seal(b"\xff", bound + place.topic.encode())
    with pytest.raises(EventUnreadable):
        open_event(row.keys, place, rubbish)
    with pytest.raises(EventUnreadable):
        passed_on(Stored(row.keys, place, rubbish))


def test_of_who_was_erased_the_place_is_passed_on_and_without_a_key_nothing() -> None:
    (row,) = rows = [(*stored(Random(7)).place, b"sealed")]
    place = StoredPlace(*row[:-1])
    (passed,) = wire_events({place.subject_id: None}, rows)
    gone = closed_event(place)
    gone.redacted = True
    assert parsed(passed) == gone
    with pytest.raises(EventUnreadable):
        wire_events({}, rows)


@pytest.mark.parametrize("response", [ReadEventsResponse, SubscribeResponse])
def test_a_frame_of_what_is_passed_on_is_a_frame_of_the_stream(
    response: type[ReadEventsResponse | SubscribeResponse],
) -> None:
    rows = [stored(Random(seed)) for seed in range(5)]
    events = [open_event(row.keys, row.place, row.sealed) for row in rows]
    batch = PassedBatch(events=[event.SerializeToString() for event in events])
    frame = PassedFrame(batch=batch, checkpoint="place")
    wanted = response(batch=EventBatch(events=events), checkpoint="place")
    assert response.FromString(frame.SerializeToString()) == wanted
    assert frame.SerializeToString() == wanted.SerializeToString()
    assert frame.WhichOneof("content") == wanted.WhichOneof("content")


@pytest.mark.parametrize(
    ("part", "whole"),
    [(EventGlance, Event), (PassedBatch, EventBatch), (PassedFrame, ReadEventsResponse)],
)
def test_each_field_has_the_number_of_the_one_that_it_stands_for(
    part: type[Message], whole: type[Message]
) -> None:
    for field in part.DESCRIPTOR.fields:
        other = whole.DESCRIPTOR.fields_by_name[field.name]
        assert (field.number, field.is_repeated) == (other.number, other.is_repeated)
