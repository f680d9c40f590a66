from typing import Any

import pytest

import projections
from journey.v1.interactions_pb2 import (
    CartLineAdded,
    CheckoutRefused,
    CheckoutStarted,
    CheckoutSubmitted,
    InputSaved,
    InputValue,
    OrderPlaced,
    StepEntered,
)
from journey.v1.journeys_pb2 import CheckoutStatus
from tests.projections.acts import clock, line
from tests.projections.machines import TAKEN, Told, units

CHECKOUT, CART = "checkout/c1", "cart/main"
CONFLICT, CLOSED, CHANGED = "STATE_CONFLICT", "JOURNEY_CLOSED", "CART_CHANGED"


def checkout() -> Told:
    """A checkout of a cart with a book."""
    told = Told(CHECKOUT)
    add(told, "book")
    told.takes(CheckoutStarted(cart_id="main", cart_digest=digest(told)), at="20:01")
    return told


def add(told: Told, sku: str, cart: str = CART) -> None:
    told.phone.record(cart, CartLineAdded(line=line(sku, 1)), clock("19:59"))


def digest(told: Told, cart: str = CART) -> str:
    return told.story.journey(cart).cart.digest


def submitted(told: Told, attempt: int = 1, cart: str = CART) -> CheckoutSubmitted:
    return CheckoutSubmitted(attempt=attempt, cart_digest=digest(told, cart))


def refused(attempt: int = 1, **more: Any) -> CheckoutRefused:
    return CheckoutRefused(attempt=attempt, **more)


def entered(**fields: str) -> InputSaved:
    return InputSaved(fields={name: InputValue(text=text) for name, text in fields.items()})


def order(told: Told, attempt: int = 1) -> None:
    """The shop takes the order."""
    body = OrderPlaced(lines=units(book=1), cart_id="main", checkout_id="c1", attempt=attempt)
    assert told.tell(body, journey="order/o1") == TAKEN


def status(told: Told) -> str:
    return CheckoutStatus.Name(told.journey.checkout.status).removeprefix("CHECKOUT_STATUS_")


def test_a_checkout_tells_its_cart_its_step_and_what_was_entered() -> None:
    told = checkout()
    told.takes(StepEntered(step="address", step_no=2), entered(street="Main St 1"), at="20:02")
    told.takes(entered(payment_ref="pay-7"), at="20:03")
    state = told.journey.checkout
    assert (state.cart_id, state.cart_digest) == ("main", digest(told))
    assert (state.step, state.step_no, state.payment_ref) == ("address", 2, "pay-7")
    assert [(each.field, each.value) for each in state.address] == [("street", "Main St 1")]
    assert (status(told), state.attempt, state.more) == ("OPEN", 0, False)


def test_the_latest_value_of_a_field_counts_and_an_emptied_one_is_gone() -> None:
    told = checkout()
    told.tell(entered(city="Bonn", street="A"), "20:05")
    told.tell(entered(city="Ulm"), "20:06")
    told.tell(InputSaved(fields={"street": InputValue(cleared=True)}), "20:07")
    assert [(each.field, each.value) for each in told.journey.checkout.address] == [("city", "Ulm")]


def test_what_was_entered_at_the_same_time_is_told_as_a_conflict() -> None:
    told = checkout()
    told.phone.record(CHECKOUT, entered(city="Bonn"), clock("20:05"), seen=0)
    laptop = told.story.device("laptop")
    laptop.record(CHECKOUT, entered(city="Ulm"), clock("20:06"), seen=0)
    (city,) = told.journey.checkout.address
    assert (city.value, [each.json for each in city.conflicts]) == ("Ulm", ['"Bonn"'])
    assert [each.json for each in told.journey.conflicts] == ['"Bonn"']


def test_a_submit_is_about_the_cart_that_was_shown() -> None:
    told = checkout()
    shown = submitted(told)
    add(told, "pen")
    assert told.tell(shown) == CHANGED
    assert told.tell(submitted(told)) == TAKEN
    assert (status(told), told.journey.checkout.attempt, told.rev(CHECKOUT)) == ("SUBMITTED", 1, 1)


def test_a_checkout_of_another_cart_is_about_that_one() -> None:
    told = Told(CHECKOUT)
    add(told, "pen", "cart/office")
    told.takes(CheckoutStarted(cart_id="office", cart_digest="x"))
    add(told, "book")
    assert told.tell(submitted(told)) == CHANGED
    assert told.tell(submitted(told, cart="cart/office")) == TAKEN


def test_a_checkout_that_was_not_started_is_about_the_default_cart() -> None:
    told = Told(CHECKOUT)
    add(told, "book")
    assert told.tell(submitted(told)) == TAKEN


def test_attempts_follow_each_other() -> None:
    told = checkout()
    told.takes(submitted(told))
    assert told.tell(submitted(told, 2)) == CONFLICT
    told.takes(refused())
    assert told.tell(submitted(told, 1)) == CONFLICT
    assert told.tell(submitted(told, 2**31 - 1)) == CONFLICT
    assert told.tell(submitted(told, 3)) == TAKEN


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_refusal_answers_the_submit_that_is_unanswered(attempt: int) -> None:
    told = checkout()
    assert told.tell(refused(attempt)) == CONFLICT
    told.takes(submitted(told))
    assert told.tell(refused(attempt)) == (TAKEN if attempt == 1 else CONFLICT)


def test_a_refusal_says_why_and_opens_the_checkout_again() -> None:
    told = checkout()
    told.takes(submitted(told))
    assert told.tell(entered(city="Ulm")) == CLOSED
    assert told.tell(StepEntered(step="pay", step_no=3)) == CLOSED
    told.takes(refused(reason=CheckoutRefused.REASON_OUT_OF_STOCK, detail="sold out"))
    state = told.journey.checkout
    assert (status(told), state.refused, state.refused_detail) == ("REFUSED", 2, "sold out")
    told.takes(entered(city="Ulm"), submitted(told, 2))
    assert (status(told), told.journey.checkout.refused) == ("SUBMITTED", 0)


def test_the_order_ends_the_checkout() -> None:
    told = checkout()
    told.takes(submitted(told))
    assert told.story.cart().status == 2
    order(told)
    journey = told.journey
    assert (status(told), journey.checkout.order_id, journey.finished) == ("ORDERED", "o1", True)
    for late in (entered(city="Ulm"), submitted(told, 2), refused()):
        assert told.tell(late) == CLOSED


def test_an_order_takes_over_the_cut_of_the_submit_it_names() -> None:
    told = checkout()
    told.takes(submitted(told))
    submit = told.story.events[-1]
    bodies = [OrderPlaced(checkout_id="c1", attempt=attempt) for attempt in (1, 2)]
    events = [told.asked(body, "20:30", journey="order/o1") for body in (*bodies, OrderPlaced())]
    standing = projections.RULES.open([CHECKOUT], {}, told.story.events)
    assert [standing.cut_for(event) for event in events] == [submit.cut, None, None]


def test_an_order_of_no_checkout_ends_none() -> None:
    told = checkout()
    told.tell(OrderPlaced(lines=units(book=1), cart_id="main"), journey="order/o1")
    assert status(told) == "OPEN"


def test_one_cart_is_not_submitted_by_two_checkouts() -> None:
    told = checkout()
    assert told.tell(submitted(told), journey="checkout/other") == TAKEN
    assert told.tell(submitted(told)) == CONFLICT
    told.tell(refused(), journey="checkout/other")
    assert told.tell(submitted(told)) == TAKEN


def test_a_checkout_is_listed_from_its_start_to_its_order() -> None:
    told = checkout()
    at = clock("21:00")
    assert CHECKOUT in told.story.continue_list(at)
    told.takes(submitted(told))
    order(told)
    assert CHECKOUT not in told.story.continue_list(at)


def test_a_payment_reference_that_was_emptied_is_none() -> None:
    told = checkout()
    told.tell(entered(payment_ref="pay-7"), "20:05")
    told.tell(InputSaved(fields={"payment_ref": InputValue(cleared=True)}), "20:06")
    assert told.journey.checkout.payment_ref == ""
