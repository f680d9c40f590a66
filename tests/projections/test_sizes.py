"""A published state takes at most 256 KiB, however much was recorded: the newest entries stay."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import Message

import projections
from journey.v1.events_pb2 import MachineOrder
from journey.v1.interactions_pb2 import (
    CartCouponSet,
    CartLineAdded,
    DeliveryUpdated,
    FormSubmitted,
    InputSaved,
    InputValue,
    Line,
    Money,
    OfferGranted,
    OrderPlaced,
    Product,
    Store,
)
from journey.v1.journeys_pb2 import Journey
from projections import thresholds
from tests.projections.acts import Story, clock, fold

LONG = "€" * 2_000


def after(journey: str, bodies: Iterable[Message]) -> Journey:
    """The journey after a back end told all of this, one after the other."""
    story = Story()
    shop = story.back_end()
    for number, body in enumerate(bodies, 1):
        machine = MachineOrder(home="anna", rev=number)
        event = shop.record(journey, body, clock("20:00") + number, machine=machine, seen=0)
        event.interaction.touchpoint.store.CopyFrom(Store(store_id="s" * 128))
        event.interaction.actor_place = "p" * 128
    published = projections.publish(fold(story.events)[journey])
    assert published.ByteSize() < thresholds.STATE_BYTES
    return published


def saved(prefix: str, number: int, attempt: int) -> InputSaved:
    return InputSaved(attempt=attempt, fields={f"{prefix}{number:03}": InputValue(text=LONG)})


def test_a_form_fits_with_what_was_submitted_what_is_wrong_and_what_is_entered_next() -> None:
    whole = FormSubmitted(attempt=1, answers={f"f{number}": LONG for number in range(10)})
    errors = [saved("error.f", number, 1) for number in range(50)]
    entered = [saved("f", number, 2) for number in range(50)]
    form = after("form/f", [*errors, whole, *entered]).form
    assert form.more
    assert form.submitted.attempt == 1
    assert form.answers[-1].field == "f049"
    assert form.errors[-1].field == "f049"
    assert len(form.answers) < 50 > len(form.errors)


def test_an_order_that_went_to_and_fro_shows_its_newest_moves() -> None:
    skus = [f"{number:02}" + "x" * 120 for number in range(90)]
    lines = [Line(product=Product(sku=sku, name="n" * 200), quantity=9) for sku in skus]
    ship = [
        DeliveryUpdated(
            lines=[Line(product=Product(sku=sku), quantity=1) for sku in skus],
            status=DeliveryUpdated.STATUS_SHIPPED,
        )
        for _ in range(9)
    ]
    order = after("order/o", [OrderPlaced(lines=lines), *ship]).order
    assert order.more
    assert len(order.lines) == len(skus)
    assert order.moves[-1].line_key == skus[-1]
    assert 100 < len(order.moves) < thresholds.ENTRIES_MOST


def test_offers_for_many_products_show_those_granted_last() -> None:
    skus = [f"{number:03}" + "x" * 120 for number in range(100)]
    offers = [
        OfferGranted(offer_id=f"{number:03}", skus=skus, uses=1, amount=Money(units=1))
        for number in range(40)
    ]
    rewards = after("rewards/main", offers).rewards
    assert rewards.more
    assert rewards.offers[-1].offer_id == "039"
    assert [*rewards.offers] == sorted(rewards.offers, key=lambda offer: offer.offer_id)


def test_a_cart_fits_with_long_lines_and_many_coupons() -> None:
    lines = [
        CartLineAdded(
            line=Line(
                product=Product(sku=f"{number:03}", name=LONG[:200], category=LONG[:200]),
                quantity=1,
            )
        )
        for number in range(300)
    ]
    coupons = [
        CartCouponSet(code=f"{number:04}" + LONG[:60], status=CartCouponSet.STATUS_ENTERED)
        for number in range(400)
    ]
    cart = after("cart/main", [*lines, *coupons]).cart
    assert cart.more
    assert cart.lines[-1].line_key == "299"
    assert cart.coupons[-1].code.startswith("0399")
    assert len(cart.lines) < 300
    assert len(cart.coupons) < 400
