"""Carts at the till: frozen by a submit, freed by its answer, emptied by an order."""

import projections
from journey.v1.events_pb2 import Cut
from journey.v1.interactions_pb2 import (
    CheckoutRefused,
    CheckoutStarted,
    CheckoutSubmitted,
    OrderPlaced,
)
from journey.v1.journeys_pb2 import CART_STATUS_ACTIVE, CART_STATUS_FROZEN
from tests.projections.acts import Device, Story, clock, fold, frozen

MAIN = "cart/main"


def start(device: Device, checkout: str, cart: str) -> None:
    device.record(f"checkout/{checkout}", CheckoutStarted(cart_id=cart), clock("20:10"))


def submit(device: Device, checkout: str, attempt: int) -> Cut:
    body = CheckoutSubmitted(attempt=attempt)
    cut: Cut = device.record(f"checkout/{checkout}", body, clock("20:11")).cut
    return cut


def refuse(story: Story, checkout: str, attempt: int) -> None:
    body = CheckoutRefused(attempt=attempt)
    story.back_end().record(f"checkout/{checkout}", body, clock("20:12"))


def place_order(story: Story, order: str, cut: Cut | None = None, **fields: object) -> None:
    body = OrderPlaced(**fields)  # type: ignore[arg-type]
    event = story.back_end().record(f"order/{order}", body, clock("20:13"))
    event.cut.CopyFrom(cut or Cut())


def test_a_cart_is_frozen_until_the_submit_is_refused() -> None:
    story = Story()
    phone = story.device("phone")
    start(phone, "c1", "main")
    phone.add("a", 1, "20:00")
    assert story.cart().status == CART_STATUS_ACTIVE
    submit(phone, "c1", 1)
    assert story.cart().status == CART_STATUS_FROZEN
    refuse(story, "c1", 1)
    assert story.cart().status == CART_STATUS_ACTIVE
    submit(phone, "c1", 2)
    assert story.cart().status == CART_STATUS_FROZEN
    assert story.quantities() == {"a": 1}


def test_a_cart_is_free_once_its_submit_became_an_order() -> None:
    story = Story()
    phone = story.device("phone")
    phone.add("a", 1, "20:00")
    cut = submit(phone, "c1", 1)
    place_order(story, "o1", cut, checkout_id="c1", attempt=1)
    assert (story.cart().status, story.cart().generation) == (CART_STATUS_ACTIVE, 1)
    assert story.quantities() == {}


def test_an_order_that_names_no_attempt_answers_all_of_its_checkout() -> None:
    story = Story()
    submit(story.device("phone"), "c1", 7)
    place_order(story, "o1", cart_id="main", checkout_id="c1")
    assert story.cart().status == CART_STATUS_ACTIVE


def test_an_order_that_names_no_submit_leaves_all_lines() -> None:
    story = Story()
    story.device("phone").add("a", 1, "20:00")
    place_order(story, "o1", cart_id="main")
    assert (story.quantities(), story.cart().generation) == ({"a": 1}, 1)


def test_an_order_of_the_till_is_none_of_the_cart() -> None:
    story = Story()
    place_order(story, "o1")
    assert [*story.journeys()] == ["order/o1"]


def test_an_order_counts_once_however_often_it_is_told() -> None:
    story = Story()
    for order in ("o1", "o1", "o2"):
        place_order(story, order, cart_id="main")
    assert story.cart().generation == 2


def test_the_checkout_of_another_cart_does_not_freeze_the_default_one() -> None:
    story = Story()
    phone = story.device("phone")
    start(phone, "c1", "other")
    submit(phone, "c1", 1)
    assert story.cart().status == CART_STATUS_ACTIVE
    place_order(story, "o1", cart_id="other", checkout_id="c1", attempt=1)
    assert (story.cart().generation, story.cart("other").generation) == (0, 1)


def test_an_order_on_one_side_of_a_merge_empties_lines_that_only_the_other_side_knows() -> None:
    story = Story()
    phone = story.device("phone")
    phone.add("a", 1, "20:00")
    cut = submit(phone, "c1", 1)
    place_order(story, "o1", cut, checkout_id="c1", attempt=1)
    before, after = fold(story.events[:1])[MAIN], fold(story.events[1:])[MAIN]
    whole = frozen({MAIN: story.folds()[MAIN]})
    assert frozen({MAIN: projections.merge(before, after)}) == whole
    assert frozen({MAIN: projections.merge(after, before)}) == whole
