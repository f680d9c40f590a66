"""Suppression: what is bought is not advertised; what is called off or came back is again."""

from __future__ import annotations

from journey.v1.interactions_pb2 import Line, OrderCancelled, Product, ReturnReceived
from journey.v1.views_pb2 import SuppressionReason, SuppressionState
from projections import thresholds
from projections.views.suppression import SUPPRESSION
from tests.projections.acts import Story, clock, line
from tests.projections.orders import collected, pickup, placed
from tests.projections.test_purchased import Shop
from tests.projections.views import fold, found_by, read


def stage() -> tuple[Story, Shop]:
    story = Story()
    return story, Shop(story)


def suppressed(story: Story) -> SuppressionState:
    found: SuppressionState = read(SUPPRESSION, story.events)
    return found


def skus(story: Story) -> list[str]:
    return [each.sku for each in suppressed(story).products]


def tv(sku: str = "TV-55", category: str = "tv") -> Line:
    product = Product(sku=sku, gtin="4006381333931", pim_ref="P-1", category=category, name="TV")
    return Line(product=product, quantity=1)


def test_a_product_is_suppressed_from_its_order_on_with_what_names_it() -> None:
    story, shop = stage()
    shop.place("5005", "10:00", tv())
    product = suppressed(story).products[0]
    assert (product.sku, product.gtin, product.pim_ref, product.category) == (
        "TV-55",
        "4006381333931",
        "P-1",
        "tv",
    )
    assert (product.since_ms, product.until_ms) == (clock("10:00"), 0)
    assert product.reason == SuppressionReason.SUPPRESSION_REASON_BOUGHT
    assert list(product.order_ids) == ["5005"]
    assert found_by(SUPPRESSION, story.events) == {"sku": {"TV-55"}, "category": {"tv"}}


def test_what_is_called_off_may_be_advertised_again() -> None:
    story, shop = stage()
    shop.place("1", "10:00", tv(), line("cable", 2))
    shop.record("1", OrderCancelled(lines=[line("cable", 1)]), "10:30")
    assert skus(story) == ["TV-55", "cable"]
    shop.record("1", OrderCancelled(lines=[tv(), line("cable", 1)]), "11:00")
    state = suppressed(story)
    assert not state.products
    assert not state.categories
    assert [(each.sku, each.since_ms, each.until_ms) for each in state.released] == [
        ("TV-55", clock("10:00"), clock("11:00")),
        ("cable", clock("10:00"), clock("11:00")),
    ]
    assert state.released[0].reason == SuppressionReason.SUPPRESSION_REASON_CANCELLED
    assert state.updated_at_ms == clock("11:00")
    assert SUPPRESSION.updated_at_ms(fold(SUPPRESSION, story.events)[""]) == clock("11:00")


def test_what_came_back_may_be_advertised_again_until_it_is_bought_anew() -> None:
    story, shop = stage()
    shop.place("1", "10:00", tv())
    shop.deliver("1", "11:00", tv())
    shop.record("1", ReturnReceived(return_id="r", lines=[tv()]), "12:00")
    released = suppressed(story).released[0]
    assert released.reason == SuppressionReason.SUPPRESSION_REASON_RETURNED
    assert released.until_ms == clock("12:00")
    shop.place("2", "13:00", tv())
    product = suppressed(story).products[0]
    assert (product.since_ms, list(product.order_ids)) == (clock("13:00"), ["2"])
    assert not suppressed(story).released


def test_one_of_two_orders_that_came_back_leaves_the_product_suppressed() -> None:
    story, shop = stage()
    shop.place("1", "10:00", tv())
    shop.place("2", "10:30", tv())
    shop.record("1", OrderCancelled(lines=[]), "11:00")
    product = suppressed(story).products[0]
    assert (product.since_ms, list(product.order_ids)) == (clock("10:30"), ["2"])


def test_categories_tell_their_products_since_the_first_of_them() -> None:
    story, shop = stage()
    shop.place("1", "10:00", tv("b"), tv("plain", ""))
    shop.place("2", "09:00", tv("c"), tv("hat", "hats"))
    told = [(each.category, each.since_ms, [*each.skus]) for each in suppressed(story).categories]
    assert told == [
        ("hats", clock("09:00"), ["hat"]),
        ("tv", clock("09:00"), ["b", "c"]),
    ]


def test_what_is_collected_in_a_store_stays_suppressed_and_codes_are_not_kept() -> None:
    story, shop = stage()
    shop.record("1", placed(a=1), "10:00")
    shop.record("1", pickup("RESERVED", a=1), "10:10")
    shop.record("1", pickup("READY", "4711XY", a=1), "10:20")
    shop.record("1", collected("4711XY", a=1), "10:30")
    assert skus(story) == ["a"]
    state = fold(SUPPRESSION, story.events)[""].SerializeToString()
    assert b"4711XY" not in state
    assert b"berlin" not in state


def test_a_return_of_an_order_that_was_never_told_suppresses_nothing() -> None:
    story, shop = stage()
    shop.record("1", ReturnReceived(return_id="r", lines=[tv()]), "12:00")
    assert suppressed(story) == SuppressionState(updated_at_ms=clock("12:00"))


def test_products_without_a_sku_or_without_units_and_facts_out_of_order_are_left_out() -> None:
    story, shop = stage()
    shop.place("1", "10:00", Line(line_key="k", quantity=1), line("none", 0))
    shop.back_end.record("order/2", placed(a=1), clock("10:00"))
    shop.back_end.record("order/", placed(a=1), clock("10:00"))
    assert skus(story) == []


def test_a_sku_on_several_lines_of_an_order_is_one_product() -> None:
    story, shop = stage()
    red = Line(product=Product(sku="shirt"), quantity=1, options={"colour": "red"})
    blue = Line(product=Product(sku="shirt"), quantity=1, options={"colour": "blue"})
    shop.place("1", "10:00", red, blue)
    shop.record("1", OrderCancelled(lines=[red]), "11:00")
    assert skus(story) == ["shirt"]
    shop.record("1", OrderCancelled(lines=[blue]), "12:00")
    assert suppressed(story).released[0].until_ms == clock("12:00")


def test_a_customer_who_buys_very_much_is_cut_to_what_was_bought_last() -> None:
    story, shop = stage()
    long = "€" * 100
    for number in range(8):
        many = [
            tv(f"{number}-{index:02}-{long}"[:120], f"{index % 7}{long}") for index in range(90)
        ]
        shop.place(str(number), f"{10 + number}:00", *many)
    shop.place("none", "20:00", *(line(f"n{index}", 1) for index in range(90)))
    shop.record("none", OrderCancelled(lines=[]), "21:00")
    state = SUPPRESSION.publish(fold(SUPPRESSION, story.events)[""])
    assert isinstance(state, SuppressionState)
    assert state.more
    assert state.products[-1].sku.startswith("7-")
    assert len(state.products) < 8 * 90
    assert len(state.released) == 90
    assert state.ByteSize() < thresholds.STATE_BYTES
