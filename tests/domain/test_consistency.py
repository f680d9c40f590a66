from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from journey.v1.interactions_pb2 import (
    BookingChanged,
    BoundIdentifier,
    CartFulfilmentSet,
    InputValue,
    Line,
    Money,
    OfferGranted,
    OrderPlaced,
    PickupUpdated,
    QuoteGiven,
    Rating,
)
from journey_service.domain.consistency import consistency_rules, run_id_checksum
from journey_service.domain.formats import Declared

RULES = consistency_rules(Declared())
ONE, TWO = 1_700_000_000_000, 1_700_000_000_001


def problems(message: Message) -> dict[str, str]:
    return dict(RULES[message.DESCRIPTOR.full_name](message))


@pytest.mark.parametrize(
    ("units", "nanos", "right"),
    [(1, 5, True), (-1, -5, True), (0, -5, True), (-1, 0, True), (1, -5, False), (-1, 5, False)],
)
def test_units_and_nanos_have_one_sign(units: int, nanos: int, right: bool) -> None:
    expected = {} if right else {".nanos": "must have the sign of units"}
    assert problems(Money(currency="EUR", units=units, nanos=nanos)) == expected


@pytest.mark.parametrize(("value", "right"), [(0, True), (5, True), (6, False)])
def test_a_rating_is_not_better_than_the_best(value: int, right: bool) -> None:
    expected = {} if right else {".value": "must be at most best, 5; is 6"}
    assert problems(Rating(value=value, best=5)) == expected


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [(0, 0, True), (ONE, 0, True), (0, ONE, True), (ONE, ONE, True), (TWO, ONE, False)],
)
def test_a_wanted_slot_does_not_end_before_it_starts(start: int, end: int, right: bool) -> None:
    assert (problems(CartFulfilmentSet(slot_start_ms=start, slot_end_ms=end)) == {}) is right


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [(ONE, 0, True), (0, ONE, True), (ONE, TWO, True), (ONE, ONE, False), (TWO, ONE, False)],
)
def test_what_is_booked_or_valid_ends_after_it_starts(start: int, end: int, right: bool) -> None:
    """Missing ends are told as missing."""
    assert (problems(BookingChanged(slot_start_ms=start, slot_end_ms=end)) == {}) is right
    assert (problems(OfferGranted(valid_from_ms=start, valid_until_ms=end)) == {}) is right


def test_a_cleared_field_is_cleared() -> None:
    assert problems(InputValue(cleared=True)) == problems(InputValue(text="")) == {}
    assert problems(InputValue(cleared=False)) == {".cleared": "must be true where it is set"}


@pytest.mark.parametrize("priced", [OrderPlaced, QuoteGiven])
def test_a_total_is_in_the_currency_of_its_lines(priced: Any) -> None:
    lines = [Line(), Line(unit_price=Money(currency="EUR")), Line(unit_price=Money(currency="USD"))]
    found = problems(priced(lines=lines, total=Money(currency="EUR")))
    assert found == {".lines[2].unit_price.currency": "must be the currency of total"}


def test_goods_are_ready_with_a_code_and_an_end() -> None:
    ready = PickupUpdated(status=PickupUpdated.STATUS_READY)
    assert list(problems(ready)) == [".collect_code", ".expires_at_ms"]
    ready.collect_code, ready.expires_at_ms = "K7", ONE
    assert problems(ready) == {}
    assert problems(PickupUpdated(status=PickupUpdated.STATUS_RESERVED)) == {}


@pytest.mark.parametrize(
    ("kind", "value", "right"),
    [
        ("email", "ada@example.org", True),
        ("email", "ada", False),
        ("phone", "+43660123", True),
        ("phone", "0660123", False),
        ("loyalty_card", "any", True),
    ],
)
def test_a_consent_is_bound_to_what_can_be_written_to(kind: str, value: str, right: bool) -> None:
    assert (problems(BoundIdentifier(type=kind, value=value)) == {}) is right


def test_the_checksum_of_a_run_is_the_crc_of_its_journey() -> None:
    assert run_id_checksum("media", "film") == "b8d1813e"
    assert len(run_id_checksum("media", "é")) == 8
