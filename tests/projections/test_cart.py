import hashlib

import pytest

import projections
from journey.v1.interactions_pb2 import (
    FULFILMENT_METHOD_DELIVERY,
    FULFILMENT_METHOD_PICKUP,
    FULFILMENT_METHOD_UNSPECIFIED,
    CartCouponSet,
    CartFulfilmentSet,
    CartLineAdded,
    CartLineLimitSet,
    CartLineQuantitySet,
    InputSaved,
    InputValue,
    JourneyMarked,
    Line,
    Money,
    OrderPlaced,
    Product,
    Store,
)
from journey.v1.journeys_pb2 import CartState
from journey.v1.references_pb2 import JourneyRef
from projections import thresholds
from projections.journeys.cart import key_of_line
from tests.projections.acts import Story, clock, fold, line

MAIN = "cart/main"
SHIRT = Product(sku="shirt")


# --- lines ---------------------------------------------------------------------------------------


def test_an_empty_cart_id_means_the_default_cart() -> None:
    story = Story()
    event = story.device("phone").record("cart/", CartLineAdded(line=line("a", 1)), clock("20:00"))
    assert projections.keys_of(event) == (MAIN,)
    assert story.quantities() == {"a": 1}


def test_a_set_replaces_what_was_on_the_screen() -> None:
    story = Story()
    phone = story.device("phone")
    phone.add("a", 3, "20:00")
    phone.set("a", 2, "20:01")
    phone.add("a", -1, "20:02")
    assert story.quantities() == {"a": 1}


def test_a_line_that_was_set_to_nothing_is_gone() -> None:
    story = Story()
    phone = story.device("phone")
    phone.add("a", 3, "20:00")
    phone.add("b", 1, "20:00")
    phone.set("a", 0, "20:01")
    assert story.quantities() == {"b": 1}


def test_a_line_shows_what_was_told_of_it_last_and_keeps_what_was_not_told_again() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    told = Line(
        line_key="a",
        product=Product(sku="shirt", name="Shirt"),
        quantity=1,
        unit="PR",
        unit_price=Money(currency="EUR", units=20),
        options={"size": "M", "colour": "red", "fit": "slim", "collar": "wide", "sleeve": "long"},
    )
    wish = JourneyRef(kind="list", journey_id="wish")
    phone.record(MAIN, CartLineAdded(line=told, added_from=wish), clock("20:00"))
    again = Line(line_key="a", product=Product(sku="shirt", name="Blouse"), quantity=1)
    laptop.record(MAIN, CartLineAdded(line=again), clock("20:01"))

    (shown,) = story.cart().lines
    assert (shown.product.name, shown.unit, shown.quantity) == ("Blouse", "C62", 2)
    assert (shown.unit_price.units, shown.added_from) == (20, wish)
    assert [(each.name, each.value) for each in shown.options] == [
        ("collar", "wide"),
        ("colour", "red"),
        ("fit", "slim"),
        ("size", "M"),
        ("sleeve", "long"),
    ]


def test_a_line_of_which_only_the_key_is_known_is_shown_all_the_same() -> None:
    story = Story()
    story.device("phone").record(
        MAIN, CartLineAdded(line=Line(line_key="a", quantity=2)), clock("20:00")
    )
    assert story.quantities() == {"a": 2}


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (Line(line_key="own", product=SHIRT, options={"size": "M"}), "own"),
        (Line(product=SHIRT), "shirt"),
        (Line(product=SHIRT, options={"size": "M", "colour": "red"}), "shirt;colour=red;size=M"),
        (Line(product=SHIRT, options={"a=b": "c; d"}), "shirt;a%3Db=c%3B%20d"),
        (Line(), ""),
    ],
)
def test_a_line_without_a_key_is_named_by_sku_and_options(given: Line, key: str) -> None:
    assert key_of_line(given) == key


def test_a_key_made_of_long_options_is_still_an_id() -> None:
    long = Line(product=Product(sku="s" * 128), options={"text": "x" * 128})
    other = Line(product=Product(sku="s" * 128), options={"text": "x" * 127 + "y"})
    assert len(key_of_line(long)) == 128
    assert key_of_line(long) != key_of_line(other)


def test_lines_are_sorted_by_key_and_cut_to_the_newest() -> None:
    story = Story()
    phone = story.device("phone")
    for number in range(thresholds.CART_LINES_MOST + 2):
        phone.record(
            MAIN, CartLineAdded(line=line(f"{number:03}", 1)), clock("20:00") + number * 1_000
        )
    phone.add("001", 1, "23:00")
    cart = projections.publish(fold(story.events)[MAIN]).cart
    keys = [each.line_key for each in cart.lines]
    assert cart.more
    assert keys == ["001", *(f"{number:03}" for number in range(3, 502))]


def test_a_cart_that_shows_all_its_lines_has_no_more() -> None:
    story = Story()
    story.device("phone").add("a", 1, "20:00")
    assert not story.cart().more


# --- limits --------------------------------------------------------------------------------------


def limit(story: Story, maximum: int | None, at: str) -> None:
    body = CartLineLimitSet(line_key="a", max_quantity=maximum)
    story.back_end().record(MAIN, body, clock(at))


def test_a_limit_caps_what_is_shown_and_forgets_nothing() -> None:
    story = Story()
    story.device("phone").add("a", 5, "20:00")
    limit(story, 3, "20:01")
    (shown,) = story.cart().lines
    assert (shown.quantity, shown.wanted, shown.capped) == (3, 5, True)

    limit(story, None, "20:02")
    (shown,) = story.cart().lines
    assert (shown.quantity, shown.wanted, shown.capped) == (5, 5, False)


def test_a_line_that_is_sold_out_stays_in_sight() -> None:
    story = Story()
    limit(story, 0, "19:00")
    story.device("phone").add("a", 2, "20:00")
    (shown,) = story.cart().lines
    assert (shown.quantity, shown.wanted, shown.capped) == (0, 2, True)


# --- coupons, fulfilment, note -------------------------------------------------------------------


def test_the_latest_standing_of_each_coupon_counts_and_removed_ones_are_not_shown() -> None:
    story = Story()
    phone, shop = story.device("phone"), story.back_end()
    for code in ("TEN", "FREE"):
        entered = CartCouponSet(code=code, status=CartCouponSet.STATUS_ENTERED)
        phone.record(MAIN, entered, clock("20:00"))
    accepted = CartCouponSet(
        code="TEN",
        status=CartCouponSet.STATUS_ACCEPTED,
        discount=Money(currency="EUR", units=10),
    )
    shop.record(MAIN, accepted, clock("20:01"))
    removed = CartCouponSet(code="FREE", status=CartCouponSet.STATUS_REMOVED)
    phone.record(MAIN, removed, clock("20:02"))

    (coupon,) = story.cart().coupons
    assert (coupon.code, coupon.status, coupon.discount.units) == (
        "TEN",
        CartCouponSet.STATUS_ACCEPTED,
        10,
    )


def test_a_coupon_of_an_unknown_standing_folds_as_unspecified() -> None:
    story = Story()
    body = CartCouponSet(code="TEN", status=99)  # type: ignore[arg-type]
    story.device("phone").record(MAIN, body, clock("20:00"))
    assert story.cart().coupons[0].status == CartCouponSet.STATUS_UNSPECIFIED


def test_fulfilment_is_chosen_as_a_whole() -> None:
    story = Story()
    phone = story.device("phone")
    assert not story.journeys()
    pickup = CartFulfilmentSet(
        method=FULFILMENT_METHOD_PICKUP, store=Store(store_id="north"), slot_start_ms=1
    )
    phone.record(MAIN, pickup, clock("20:00"))
    assert story.cart().fulfilment.store.store_id == "north"
    delivery = CartFulfilmentSet(method=FULFILMENT_METHOD_DELIVERY)
    phone.record(MAIN, delivery, clock("20:01"))
    chosen = story.cart().fulfilment
    assert chosen.method == FULFILMENT_METHOD_DELIVERY
    assert (chosen.HasField("store"), chosen.slot_start_ms) == (False, 0)


def test_an_unknown_way_of_handing_over_folds_as_unspecified() -> None:
    story = Story()
    body = CartFulfilmentSet(method=99)  # type: ignore[arg-type]
    story.device("phone").record(MAIN, body, clock("20:00"))
    assert story.cart().fulfilment.method == FULFILMENT_METHOD_UNSPECIFIED


def test_the_latest_note_counts_and_can_be_cleared() -> None:
    story = Story()
    phone = story.device("phone")

    def save(at: str, **fields: InputValue) -> None:
        phone.record(MAIN, InputSaved(fields=fields), clock(at))

    save("20:00", note=InputValue(text="ring twice"))
    save("20:01", other=InputValue(text="x"))
    assert story.cart().note == "ring twice"
    save("20:02", note=InputValue(cleared=True))
    assert story.cart().note == ""


def test_input_of_other_kinds_of_journeys_is_none_of_the_cart() -> None:
    story = Story()
    body = InputSaved(fields={"note": InputValue(text="x")})
    event = story.device("phone").record("checkout/c1", body, clock("20:00"))
    assert projections.keys_of(event) == ("checkout/c1",)


# --- digest --------------------------------------------------------------------------------------


def test_the_digest_covers_lines_coupons_and_fulfilment_as_serialized() -> None:
    story = Story()
    phone = story.device("phone")
    phone.add("a", 1, "20:00")
    delivery = CartFulfilmentSet(method=FULFILMENT_METHOD_DELIVERY)
    phone.record(MAIN, delivery, clock("20:01"))
    cart = story.cart()
    shown = CartState(lines=cart.lines, coupons=cart.coupons, fulfilment=cart.fulfilment)
    expected = hashlib.sha256(shown.SerializeToString(deterministic=True)).hexdigest()[:16]
    assert cart.digest == expected

    note = InputSaved(fields={"note": InputValue(text="ring twice")})
    phone.record(MAIN, note, clock("20:02"))
    assert story.cart().digest == expected
    phone.add("a", 1, "20:03")
    assert story.cart().digest != expected


# --- listing -------------------------------------------------------------------------------------


def test_a_cart_is_listed_while_it_has_lines_and_archived_sooner_when_it_is_empty() -> None:
    story = Story()
    phone = story.device("phone")
    phone.add("a", 1, "20:00")
    assert story.continue_list(clock("20:01")) == [MAIN]
    idle_ms = clock("20:00") + thresholds.EMPTY_CART_ARCHIVE_AFTER_MS
    assert not projections.archived(story.journey(MAIN), idle_ms)

    phone.remove("a", "20:00")
    assert story.continue_list(clock("20:01")) == []
    assert projections.archived(story.journey(MAIN), idle_ms)
    assert not projections.archived(story.journey(MAIN), idle_ms - 1)


def test_the_system_and_back_ends_do_not_move_a_cart_that_the_customer_uses() -> None:
    story = Story()
    story.device("phone").add("a", 1, "20:00")
    limit(story, 3, "21:00")
    cart = story.journey(MAIN)
    assert (cart.activity.t_ms, cart.last_device_id) == (clock("20:00"), "phone")
    assert cart.updated_at_ms == clock("21:00")


def test_an_imported_cart_is_as_active_as_the_import_says() -> None:
    story = Story()
    body = CartLineQuantitySet(line=line("a", 1))
    story.back_end().record(MAIN, body, clock("20:00"))
    assert story.journey(MAIN).activity.t_ms == clock("20:00")


def test_a_cart_of_which_only_orders_are_known_has_no_activity_and_ages_all_the_same() -> None:
    story = Story()
    story.back_end().record("order/o1", OrderPlaced(cart_id="main"), clock("20:00"))
    cart = story.journey(MAIN)
    assert not cart.HasField("activity")
    ripe_ms = cart.updated_at_ms + thresholds.EMPTY_CART_ARCHIVE_AFTER_MS
    assert projections.archived(cart, ripe_ms)
    assert not projections.archived(cart, ripe_ms - 1)


def test_a_cart_can_be_hidden_until_it_is_used_again() -> None:
    story = Story()
    phone = story.device("phone")
    phone.add("a", 1, "20:00")
    phone.mark(JourneyMarked.MARK_HIDDEN, "20:01", "cart/")
    assert story.journey(MAIN).hidden
    assert story.journey(MAIN).activity.t_ms == clock("20:00")
    assert story.continue_list(clock("20:02")) == []
    phone.add("a", 1, "20:03")
    assert story.continue_list(clock("20:04")) == [MAIN]
