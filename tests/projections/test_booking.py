from typing import Any

import pytest

import projections
from journey.v1.interactions_pb2 import BookingChanged, Store
from tests.projections.acts import clock
from tests.projections.machines import TAKEN, Told

TABLE = "booking/b1"
REQUESTED, HELD, CONFIRMED, DONE, CANCELLED, EXPIRED = (
    "REQUESTED",
    "HELD",
    "CONFIRMED",
    "DONE",
    "CANCELLED",
    "EXPIRED",
)
PATHS = {
    "": [],
    REQUESTED: [REQUESTED],
    HELD: [REQUESTED, HELD],
    CONFIRMED: [REQUESTED, HELD, CONFIRMED],
    DONE: [REQUESTED, HELD, CONFIRMED, DONE],
    CANCELLED: [REQUESTED, CANCELLED],
    EXPIRED: [REQUESTED, EXPIRED],
}
FOLLOWING = {
    "": {REQUESTED},
    REQUESTED: {HELD, CANCELLED, EXPIRED},
    HELD: {CONFIRMED, CANCELLED, EXPIRED},
    CONFIRMED: {DONE, CANCELLED},
}


def changed(status: str, **more: Any) -> BookingChanged:
    return BookingChanged(status=f"STATUS_{status}", slot_start_ms=1, slot_end_ms=2, **more)


def booking(status: str) -> Told:
    """A booking that came as far as this."""
    told = Told(TABLE)
    told.takes(*map(changed, PATHS[status]))
    return told


@pytest.mark.parametrize("before", PATHS)
@pytest.mark.parametrize("after", [*PATHS][1:])
def test_one_step_follows_the_other(before: str, after: str) -> None:
    told = booking(before)
    over = before in {DONE, CANCELLED, EXPIRED}
    refused = "JOURNEY_CLOSED" if over else "STATE_CONFLICT"
    expected = TAKEN if after in FOLLOWING.get(before, ()) else refused
    assert told.tell(changed(after)) == expected


def test_the_last_change_is_what_holds() -> None:
    told = booking(REQUESTED)
    whole = changed(HELD, store=Store(store_id="s"), resource="table", party=4, hold_until_ms=9)
    told.takes(whole)
    journey = told.journey
    state = journey.booking
    assert (state.status, state.slot_start_ms, state.slot_end_ms) == (whole.status, 1, 2)
    assert (state.store.store_id, state.resource, state.party) == ("s", "table", 4)
    assert (state.hold_until_ms, journey.rev, journey.finished) == (9, 2, False)


@pytest.mark.parametrize("status", [*PATHS][1:])
def test_a_booking_is_listed_until_it_is_agreed_and_finished_when_it_is_over(status: str) -> None:
    told = booking(status)
    listed = told.story.continue_list(clock("21:00")) == [TABLE]
    assert listed is (status in {REQUESTED, HELD})
    assert told.journey.finished is (status in {DONE, CANCELLED, EXPIRED})


def test_what_came_without_a_place_in_the_order_counts_for_nothing() -> None:
    told = booking(REQUESTED)
    event = told.asked(changed(CANCELLED), "20:30")
    event.machine.rev = 0
    told.story.events.append(event)
    assert told.journey.booking.status == BookingChanged.STATUS_REQUESTED


def test_a_confirmed_booking_is_finished_when_its_slot_is_over_and_others_are_not() -> None:
    confirmed, held = booking(CONFIRMED).journey, booking(HELD).journey
    end_ms = confirmed.booking.slot_end_ms
    assert not confirmed.finished
    assert not projections.finished(confirmed, end_ms - 1)
    assert projections.finished(confirmed, end_ms)
    assert not projections.finished(held, end_ms)
    assert projections.finished(booking(CANCELLED).journey, 0)
    cart = Told("cart/main")
    cart.phone.add("a", 1, "20:00")
    assert not projections.finished(cart.journey, 2**62)
