"""What calls and whole batches must be like."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, ROLE_STAFF, Role
from journey.v1.clocks_pb2 import ClientClock
from journey.v1.interactions_pb2 import (
    ConsentRecorded,
    Interaction,
    Touchpoint,
)
from journey.v1.journey_service_pb2 import GetJourneyRequest, RecordRequest
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.errors import FieldViolations, TooLarge
from journey_service.domain.validation import (
    Validation,
)
from tests.domain.samples import event_id, pause

RULES = Validation()


def act(**body: Any) -> Interaction:
    """An interaction of a device with the body given; the journey is the media one unless given."""
    envelope: dict[str, Any] = {"event_id": event_id(1), "seq": 1, "wall_ms": 1}
    return Interaction(**envelope | body)


# --- calls ---------------------------------------------------------------------------------------


def violations(message: Message) -> dict[str, str]:
    with pytest.raises(FieldViolations) as raised:
        RULES.validate_request(message)
    return {violation.path: violation.rule for violation in raised.value.violations}


def test_a_call_is_refused_with_all_its_violations() -> None:
    assert violations(GetJourneyRequest(subject_id="s" * 129)) == {
        "subject_id": "must have at most 128 characters; has 129",
        "journey": "is required",
    }


def test_a_good_call_passes() -> None:
    RULES.validate_request(GetJourneyRequest(journey=JourneyRef(kind="media", journey_id="f")))


def test_a_bad_interaction_does_not_refuse_the_call() -> None:
    RULES.validate_request(RecordRequest(interactions=[act(event_id="?")]))


def test_what_only_the_service_sets_is_cleared_before_it_is_checked() -> None:
    consent = ConsentRecorded(covers=["not an id"] * 600)
    assert "covers" not in violations(consent)
    assert list(consent.covers) == []


def test_urls_lose_their_query_wherever_they_stand() -> None:
    viewed = act(
        page_viewed={"url": "https://e.org/?utm_id=1&mail=a@b.c"},
        touchpoint=Touchpoint(referrer_url="https://e.org/?session=1"),
    )
    RULES.arrive(viewed)
    assert viewed.page_viewed.url == "https://e.org/?utm_id=1"
    assert viewed.touchpoint.referrer_url == "https://e.org/"


def test_the_interactions_of_a_call_arrive_one_by_one() -> None:
    viewed = act(page_viewed={"url": "https://e.org/?session=1"})
    request = RecordRequest(interactions=[viewed])
    RULES.arrive(request)
    assert request.interactions[0] == viewed


# --- batches -------------------------------------------------------------------------------------


def request(*numbers: int, **fields: Any) -> RecordRequest:
    whole: dict[str, Any] = {"session_id": "1.s", "clock": ClientClock(sent_wall_ms=1)}
    acts = [pause(at) for at, _ in enumerate(numbers)]
    for sent, number in zip(acts, numbers, strict=True):
        sent.seq = number
    return RecordRequest(interactions=acts, **whole | fields)


def refused(batch: RecordRequest, role: Role = ROLE_DEVICE) -> dict[str, str]:
    with pytest.raises(FieldViolations) as raised:
        RULES.check_batch(batch, role)
    return {violation.path: violation.rule for violation in raised.value.violations}


def test_a_batch_of_consecutive_numbers_is_sequenced() -> None:
    assert RULES.check_batch(request(7, 8, 9), ROLE_DEVICE) is True


@pytest.mark.parametrize("role", [ROLE_STAFF, ROLE_SERVICE])
def test_a_batch_without_numbers_is_not_sequenced(role: Role) -> None:
    assert RULES.check_batch(request(0, 0), role) is False


def test_a_device_must_number() -> None:
    assert refused(request(0)) == {"interactions[0].seq": "must be 1 or more from a device"}


@pytest.mark.parametrize(
    ("numbers", "at"),
    [((1, 3), 1), ((2, 1), 1), ((1, 1), 1), ((1, 0), 1), ((0, 1), 0), ((2**63,), 0)],
)
def test_numbers_follow_one_another(numbers: tuple[int, ...], at: int) -> None:
    rule = "must be one more than the one before, from 1 on"
    assert refused(request(*numbers)) == {f"interactions[{at}].seq": rule}


def test_a_back_end_that_numbers_says_whose_numbers_they_are() -> None:
    assert list(refused(request(1), ROLE_SERVICE)) == ["installation_id"]
    assert RULES.check_batch(request(1, installation_id="till-4"), ROLE_SERVICE) is True


def test_a_device_sends_its_clocks_and_its_session() -> None:
    bare = RecordRequest(interactions=[pause(1)])
    assert refused(bare) == {
        "session_id": "is required of devices and staff",
        "clock": "is required of devices",
    }
    assert list(refused(bare, ROLE_STAFF)) == ["session_id"]


def test_devices_and_staff_write_without_conditions() -> None:
    conditional = request(1, atomic=True, expected_version=0)
    for role in (ROLE_DEVICE, ROLE_STAFF):
        assert list(refused(conditional, role)) == ["atomic", "expected_version"]
    conditional.installation_id = "till-4"
    assert RULES.check_batch(conditional, ROLE_SERVICE)


@pytest.mark.parametrize(("role", "most"), [(ROLE_DEVICE, 200), (ROLE_SERVICE, 500)])
def test_a_batch_has_so_many_interactions_at_most(role: Role, most: int) -> None:
    fits = request(*range(1, most + 1), installation_id="i")
    assert RULES.check_batch(fits, role)
    fits.interactions.append(pause(most + 1))
    with pytest.raises(TooLarge, match=f"at most {most} interactions; this has {most + 1}"):
        RULES.check_batch(fits, role)


@pytest.mark.parametrize(("role", "most"), [(ROLE_DEVICE, 262_144), (ROLE_SERVICE, 1_048_576)])
def test_a_batch_has_so_many_bytes_at_most(role: Role, most: int) -> None:
    heavy = request(1, installation_id="i")
    heavy.interactions[0].seen = "x" * (most - heavy.ByteSize() - 16)
    while heavy.ByteSize() < most:
        heavy.interactions[0].seen += "x"
    assert RULES.check_batch(heavy, role)
    heavy.interactions[0].seen += "x"
    with pytest.raises(TooLarge, match=f"at most {most:,} bytes"):
        RULES.check_batch(heavy, role)
