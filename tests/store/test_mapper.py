from dataclasses import replace
from zlib import compress, decompress

import pytest
from eventsourcing.persistence import Compressor, MapperDeserialisationError, StoredEvent
from eventsourcing.utils import Environment

from journey.v1.events_pb2 import Event
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.mapper import EventMapper, ProtobufTranscoder, RecordedEvent
from tests.contract.acts import acts
from tests.domain.samples import Stream


class Zlib(Compressor):
    def __init__(self, environment: Environment | None = None) -> None:
        pass

    def compress(self, data: bytes) -> bytes:
        return compress(data)

    def decompress(self, data: bytes) -> bytes:
        return decompress(data)


RING = KeyRing("j", {1: b"m" * 32}, entries=10, life_s=5)
KEYS: dict[str, SubjectKeys] = {}


def keys_of(subject_id: str) -> SubjectKeys:
    return KEYS.setdefault(subject_id, RING.make(subject_id))


def event() -> Event:
    found = Stream().append(acts(1)).events[0]
    found.position = 7
    return found


@pytest.mark.parametrize("compressor", [None, Zlib()])
def test_an_event_comes_back_from_its_stored_form(compressor: Compressor | None) -> None:
    mapper = EventMapper(keys_of, compressor)
    wanted = event()
    stored = mapper.to_stored_event(RecordedEvent.of(wanted))
    assert (stored.originator_id, stored.originator_version) == (wanted.subject_id, 1)
    assert stored.topic == "media.paused"
    assert b"film" not in stored.state
    back = mapper.to_domain_event(stored)
    wanted.position = 0
    assert (back.originator_id, back.originator_version) == (wanted.subject_id, 1)
    assert back.event == wanted


def test_a_notification_carries_the_position() -> None:
    mapper = EventMapper(keys_of)
    wanted = event()
    notification = mapper.to_notification(RecordedEvent.of(wanted))
    assert notification.id == 7
    assert mapper.to_domain_event(notification).event == wanted


@pytest.mark.parametrize(
    "change",
    [
        {"originator_version": 2},
        {"originator_id": "somebody else"},
        {"topic": "order.placed"},
        {"state": b""},
        {"state": b"x" * 100},
    ],
)
def test_a_stored_event_opens_only_as_it_was_stored(change: dict[str, object]) -> None:
    mapper = EventMapper(keys_of)
    stored = mapper.to_stored_event(RecordedEvent.of(event()))
    changed: StoredEvent = replace(stored, **change)  # type: ignore[arg-type]
    with pytest.raises(MapperDeserialisationError):
        mapper.to_domain_event(changed)


def test_the_transcoder_is_protobuf() -> None:
    wanted = event()
    assert ProtobufTranscoder().decode(ProtobufTranscoder().encode(wanted)) == wanted


def test_other_things_than_recorded_events_are_refused() -> None:
    with pytest.raises(TypeError, match="no RecordedEvent"):
        EventMapper(keys_of).to_stored_event(event())  # type: ignore[arg-type]
