from typing import Any

import projections
from journey.v1.events_pb2 import ACTOR_KIND_SYSTEM, Cut
from journey.v1.interactions_pb2 import (
    CartMerged,
    CheckoutStarted,
    CheckoutSubmitted,
    ListItemAdded,
    ListItemRemoved,
    OrderPlaced,
)
from tests.projections.acts import Story, clock, fold, frozen, line


def test_hard_case_21_an_unseen_add_counts_on_top() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    laptop.add("book", 2, "20:10")
    phone.add("book", 1, "20:00", seen=0)
    assert story.quantities() == {"book": 3}


def test_hard_case_22_a_remove_leaves_an_add_that_it_did_not_see() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    laptop.add("book", 2, "20:00")
    laptop.remove("book", "20:20")
    phone.add("book", 1, "20:10", seen=0)
    assert story.quantities() == {"book": 1}


def test_hard_case_22_a_list_keeps_an_add_that_a_removal_did_not_see() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    wish = "list/wish"
    laptop.record(wish, ListItemAdded(content_id="film"), clock("20:00"))
    laptop.record(wish, ListItemRemoved(item_key="film"), clock("20:20"))
    assert [item.item_key for item in story.items().items] == []
    phone.record(wish, ListItemAdded(content_id="film"), clock("20:10"), seen=0)
    assert [item.item_key for item in story.items().items] == ["film"]


def test_hard_case_23_of_two_concurrent_sets_the_later_wins() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    laptop.set("book", 2, "20:10", seen=0)
    phone.set("book", 3, "20:00", seen=0)
    assert story.quantities() == {"book": 2}


def test_hard_case_24_carts_that_meet_become_one_however_often_the_merge_is_read() -> None:
    visitor, account = Story("visitor"), Story("account")
    phone, laptop = visitor.device("phone"), account.device("laptop")
    phone.add("A", 2, "20:00")
    phone.add("B", 1, "20:01")
    laptop.add("A", 3, "20:02")
    laptop.add("C", 1, "20:03")
    account.device("", ACTOR_KIND_SYSTEM).record(
        "cart/main",
        CartMerged(link_id="link", lines=[line("A", 3), line("B", 1), line("C", 1)]),
        clock("20:10"),
        seen={"account": account.version, "visitor": visitor.version},
    )

    both = [*visitor.events, *account.events, *account.events]
    joined = projections.merge(fold(visitor.events)["cart/main"], fold(account.events)["cart/main"])
    assert frozen({"cart/main": joined}) == frozen(fold(both)) == frozen(fold(reversed(both)))
    lines = projections.publish(joined).cart.lines
    assert {each.line_key: each.quantity for each in lines} == {"A": 3, "B": 1, "C": 1}


def test_hard_case_25_an_add_that_an_order_did_not_see_is_in_the_next_cart() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    laptop.add("book", 2, "20:00")
    submitted = submit(laptop, "20:05")
    order(story, "20:06", cut=submitted)
    phone.add("book", 1, "20:01", seen=0)

    assert story.quantities() == {"book": 1}
    assert story.cart().generation == 1


def submit(device: Any, at: str) -> Cut:
    """Check the default cart out; returns what was in view."""
    started = CheckoutStarted(cart_id="main", cart_digest="digest")
    device.record("checkout/c1", started, clock(at))
    body = CheckoutSubmitted(attempt=1, cart_digest="digest")
    cut: Cut = device.record("checkout/c1", body, clock(at)).cut
    return cut


def order(story: Story, at: str, cut: Cut) -> None:
    """The shop takes the order; its event carries the cut of the submit."""
    placed = OrderPlaced(cart_id="main", checkout_id="c1", attempt=1)
    event = story.back_end().record("order/o1", placed, clock(at))
    event.cut.CopyFrom(cut)
