"""Whatever is told, what a rule lets through is sound: units are conserved, keys count once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import Event, MachineOrder
from journey.v1.interactions_pb2 import OfferGranted, OfferRedeemed
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.catalogue import TYPES
from tests.projections.acts import FIELDS, Story, clock, fold, frozen
from tests.projections.bodies import (
    BOOKING_BODIES,
    CONVERSATION_BODIES,
    FORM_BODIES,
    ORDER_BODIES,
    REWARDS_BODIES,
)
from tests.projections.histories import examples

KINDS = {
    "order/o1": ORDER_BODIES,
    "rewards/main": REWARDS_BODIES,
    "booking/b": BOOKING_BODIES,
    "conversation/t": CONVERSATION_BODIES,
    "form/f": FORM_BODIES,
}
EACH = pytest.mark.parametrize("key", KINDS)


def recorded(key: str, bodies: Iterable[Message], minutes: Iterable[int]) -> list[Event]:
    """What the rules let through of these bodies, told one after the other."""
    story, taken = Story(), list[Event]()
    shop, rev = story.back_end(), 0
    standing = projections.RULES.open([key], {}, [])
    for body, minute in zip(bodies, minutes, strict=False):
        facts: dict[str, Any] = {}
        if TYPES[FIELDS[body.DESCRIPTOR.full_name]].machine:
            facts["machine"] = MachineOrder(home=story.subject_id, rev=rev + 1)
        event = shop.record(key, body, clock("20:00") + minute * 60_000, **facts)
        if standing.ended(event) or standing.forbidden(event):
            story.events.pop()
            continue
        rev += "machine" in facts
        standing.record(event)
        taken.append(event)
    return taken


MINUTES = st.lists(st.integers(0, 30), min_size=25, max_size=25)


def published(key: str, events: Iterable[Event]) -> Journey | None:
    found = fold(events).get(key)
    return projections.publish(found) if found is not None else None


@EACH
@examples(25)
@given(data=st.data())
def test_what_is_let_through_gives_one_state_in_any_order(key: str, data: st.DataObject) -> None:
    bodies = data.draw(st.lists(KINDS[key], max_size=20))
    events = recorded(key, bodies, data.draw(MINUTES))
    assert frozen(fold(data.draw(st.permutations(events)))) == frozen(fold(events))
    journey = published(key, events)
    if journey is not None:
        revs = [event.machine.rev for event in events if event.HasField("machine")]
        assert revs == [*range(1, journey.rev + 1)]


@examples(60)
@given(bodies=st.lists(ORDER_BODIES, max_size=20), minutes=MINUTES)
def test_no_unit_of_an_order_is_lost_or_made(bodies: list[Message], minutes: list[int]) -> None:
    journey = published("order/o1", recorded("order/o1", bodies, minutes))
    if journey is None:
        return
    for line in journey.order.lines:
        assert sum(each.quantity for each in line.quantities) == line.ordered
        moved = [move for move in journey.order.moves if move.line_key == line.line_key]
        for each in line.quantities:
            came = sum(move.quantity for move in moved if move.to_status == each.status)
            went = sum(move.quantity for move in moved if move.from_status == each.status)
            assert came - went == each.quantity > 0


@examples(40)
@given(uses=st.integers(1, 5), orders=st.lists(st.integers(0, 9), max_size=20))
def test_an_offer_is_never_used_more_often_than_granted(uses: int, orders: list[int]) -> None:
    until = clock("23:59")
    granted = OfferGranted(offer_id="x", uses=uses, valid_until_ms=until)
    redeems = [OfferRedeemed(offer_id="x", order_id=f"o{number}") for number in orders]
    events = recorded("rewards/main", [granted, *redeems], [0] * 25)
    assert len(events) == 1 + min(uses, len(set(orders)))
