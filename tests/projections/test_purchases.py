"""Purchases: one order on many channels, who sold it where, and what came back."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from journey.v1.events_pb2 import ACTOR_KIND_STAFF, Actor, Event
from journey.v1.interactions_pb2 import (
    CHANNEL_MARKETPLACE,
    CHANNEL_STORE,
    CHANNEL_WEB,
    FULFILMENT_METHOD_DELIVERY,
    OWNERSHIP_EXTERNAL,
    OWNERSHIP_INTERNAL,
    ExternalRef,
    Fulfilment,
    Line,
    Money,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PageViewed,
    Product,
    ReturnReceived,
    ReturnRequested,
    Store,
    Touchpoint,
)
from journey.v1.views_pb2 import PurchaseState, PurchaseStatus
from projections import thresholds
from projections.views.purchases import PURCHASES
from tests.projections.acts import Device, Story, clock
from tests.projections.machines import units
from tests.projections.orders import cancelled, collectable, delivery, placed, refunded
from tests.projections.test_purchased import Shop
from tests.projections.views import fold, found_by, read

UTRECHT, ROTTERDAM = Store(store_id="UTR-1"), Store(store_id="RTM-2")


class Till(Shop):
    """Records orders with whoever acts, on a channel."""

    def act(
        self, body: Message, at: str = "12:00", *, by: Device | None = None, **facts: Any
    ) -> Event:
        """The fact of order 1001, as it was recorded; `facts` are of the interaction."""
        channel, before = facts.pop("channel", CHANNEL_STORE), self.back_end
        self.back_end = by or before
        self.record("1001", body, at)
        self.back_end = before
        event = self.story.events[-1]
        event.interaction.channel = channel
        for name, value in facts.items():
            if isinstance(value, str):
                setattr(event.interaction, name, value)
            else:
                getattr(event.interaction, name).CopyFrom(value)
        return event

    @property
    def purchase(self) -> PurchaseState:
        """The published purchase."""
        found: PurchaseState = read(PURCHASES, self.story.events, "1001")
        return found

    @property
    def status(self) -> str:
        """What became of it."""
        return PurchaseStatus.Name(self.purchase.status).removeprefix("PURCHASE_STATUS_")


def till() -> Till:
    return Till(Story())


def sold(**quantities: int) -> Till:
    """An order of these lines, all delivered."""
    made = till()
    made.act(placed(**quantities))
    made.act(delivery("DELIVERED", **quantities))
    return made


def test_what_a_clerk_orders_for_a_customer_names_clerk_store_price_and_when() -> None:
    shop = till()
    clerk = shop.story.device("till-3", ACTOR_KIND_STAFF)
    book = Line(
        product=Product(sku="book", gtin="9789000000005"),
        quantity=1,
        unit_price=Money(currency="EUR", units=24, nanos=990_000_000),
        options={"cover": "hard"},
    )
    body = OrderPlaced(
        lines=[book],
        total=book.unit_price,
        fulfilment=Fulfilment(method=FULFILMENT_METHOD_DELIVERY),
        payment_at=OrderPlaced.PAYMENT_PLACE_STORE,
        store=UTRECHT,
        claim_secret="1234AB",
    )
    event = shop.act(body, "11:00", by=clerk, actor_place="desk 2", actor_ref="badge 9")
    event.actor.CopyFrom(Actor(kind=ACTOR_KIND_STAFF, id="emp-9"))
    paid = OrderPaid(payment_ref="p", amount=book.unit_price, method="card")
    shop.act(paid, "11:05", by=clerk)
    purchase = shop.purchase
    where = purchase.placed
    assert (where.at_ms, where.channel, where.store) == (clock("11:00"), CHANNEL_STORE, UTRECHT)
    assert (where.actor.id, where.actor_place, where.actor_ref) == ("emp-9", "desk 2", "badge 9")
    assert where.device_id == "till-3"
    line = purchase.lines[0]
    assert (line.product.gtin, line.unit_price, line.options[0].value) == (
        "9789000000005",
        book.unit_price,
        "hard",
    )
    assert (line.ordered, line.kept, line.received) == (1, 1, 0)
    assert purchase.totals.paid[0] == book.unit_price
    assert purchase.ownership == OWNERSHIP_INTERNAL
    assert purchase.updated_at_ms == clock("11:05")
    assert PURCHASES.updated_at_ms(fold(PURCHASES, shop.story.events)["1001"]) == clock("11:05")
    assert b"1234AB" not in fold(PURCHASES, shop.story.events)["1001"].SerializeToString()


def test_a_marketplace_sale_is_of_another_owner_and_keeps_its_id_there() -> None:
    shop = till()
    ref = ExternalRef(source="market", id="9")
    there = Touchpoint(campaign_id="spring", referrer_url="https://market.example/?q=1")
    shop.act(placed(tv=1), channel=CHANNEL_MARKETPLACE, external_ref=ref, touchpoint=there)
    purchase = shop.purchase
    assert (purchase.ownership, purchase.external_ref) == (OWNERSHIP_EXTERNAL, ref)
    assert purchase.campaign_id == "spring"


def test_a_place_of_contact_says_itself_whose_it_is_and_a_back_end_which_device_it_was() -> None:
    shop = till()
    there = Touchpoint(ownership=OWNERSHIP_EXTERNAL)
    shop.act(placed(tv=1), channel=CHANNEL_WEB, touchpoint=there, device_id="laptop")
    assert shop.purchase.ownership == OWNERSHIP_EXTERNAL
    assert shop.purchase.placed.device_id == "laptop"


def test_ordered_online_and_returned_at_a_till_tells_both_places() -> None:
    shop = till()
    app, desk = shop.story.device("phone"), shop.story.device("till", ACTOR_KIND_STAFF)
    shop.act(placed(jacket=1, scarf=2), "10:00", channel=CHANNEL_WEB)
    shop.act(delivery("DELIVERED", jacket=1, scarf=2), "11:00")
    asked = ReturnRequested(
        return_id="r1",
        lines=units(scarf=2),
        method=ReturnRequested.METHOD_STORE,
        reason="size",
    )
    shop.act(asked, "12:00", by=app, channel=CHANNEL_WEB)
    came = ReturnReceived(
        return_id="r1",
        lines=units(scarf=1),
        store=ROTTERDAM,
        condition=ReturnReceived.CONDITION_SELLABLE,
    )
    shop.act(came, "13:00", by=desk)
    came.lines[0].quantity, came.condition = 1, ReturnReceived.CONDITION_DAMAGED
    came.return_id = "r1"
    shop.act(came, "13:10", by=desk)
    shop.act(
        OrderRefunded(return_id="r1", lines=units(scarf=1), amount=Money(), payment_ref="b"),
        "14:00",
        by=desk,
    )
    purchase = shop.purchase
    assert [each.return_id for each in purchase.returns] == ["r1"]
    told = purchase.returns[0]
    assert (told.method, told.reason) == (ReturnRequested.METHOD_STORE, "size")
    assert (told.requested.channel, told.requested.device_id) == (CHANNEL_WEB, "phone")
    assert (told.received.channel, told.received.store) == (CHANNEL_STORE, ROTTERDAM)
    assert (told.received.at_ms, told.condition) == (
        clock("13:00"),
        ReturnReceived.CONDITION_SELLABLE,
    )
    assert told.refunded.at_ms == clock("14:00")
    line = told.lines[0]
    assert (line.line_key, line.requested, line.returned, line.refunded) == ("scarf", 2, 2, 1)
    scarf = purchase.lines[1]
    assert (scarf.ordered, scarf.kept, scarf.returned) == (2, 0, 2)
    assert scarf.status == PurchaseStatus.PURCHASE_STATUS_RETURNED
    assert purchase.status == PurchaseStatus.PURCHASE_STATUS_PARTLY_RETURNED
    found = found_by(PURCHASES, shop.story.events, "1001")
    assert found["store"] == {"RTM-2"}


def test_money_that_is_given_back_without_a_return_stands_under_no_id() -> None:
    shop = sold(tv=1)
    shop.act(ReturnReceived(return_id="r", lines=units(tv=1)))
    shop.act(refunded("p", tv=1))
    assert {each.return_id: each.lines[0].refunded for each in shop.purchase.returns} == {
        "r": 0,
        "": 1,
    }
    assert shop.status == "RETURNED"


def test_each_way_an_order_can_go_has_its_status() -> None:
    assert till_after(placed(a=2)).status == "OPEN"
    assert till_after(placed(a=2), cancelled(a=1)).status == "OPEN"
    assert till_after(placed(a=2), cancelled()).status == "CANCELLED"
    assert till_after(placed(a=2), delivery("SHIPPED", a=2)).status == "OPEN"
    assert till_after(placed(a=2), delivery("DELIVERED", a=2)).status == "RECEIVED"
    partly = till_after(placed(a=2), cancelled(a=1), delivery("DELIVERED", a=1))
    assert partly.status == "PARTLY_CANCELLED"
    back = ReturnReceived(return_id="r", lines=units(a=1))
    assert till_after(placed(a=2), delivery("DELIVERED", a=2), back).status == "PARTLY_RETURNED"
    rest = till_after(placed(a=2), cancelled(a=1), delivery("DELIVERED", a=1), back)
    assert rest.status == "RETURNED"


def till_after(*bodies: Message) -> Till:
    """A till after these facts of one order."""
    made = till()
    for body in bodies:
        made.act(body)
    return made


def test_what_was_collected_with_a_code_is_received_and_the_code_is_not_kept() -> None:
    told = collectable("4711XY", a=1)
    states = fold(PURCHASES, told.story.events)
    assert PURCHASES.publish(states["o1"]).lines[0].ordered == 1  # type: ignore[union-attr]
    assert b"4711XY" not in states["o1"].SerializeToString()


def test_a_payment_that_came_before_its_order_is_a_purchase_without_lines() -> None:
    shop = till()
    shop.act(OrderPaid(payment_ref="p", amount=Money(currency="EUR", units=1)))
    purchase = shop.purchase
    assert (purchase.order_id, len(purchase.lines), purchase.HasField("placed")) == (
        "1001",
        0,
        False,
    )
    assert shop.status == "UNSPECIFIED"


def test_facts_without_a_place_in_the_servers_order_count_for_nothing() -> None:
    story = Story()
    story.back_end().record("order/1001", placed(a=1), clock("10:00"))
    assert not read(PURCHASES, story.events, "1001").lines


def test_what_is_no_order_makes_no_purchase() -> None:
    story = Story()
    story.device("phone").record("order/1001", PageViewed(), clock("10:00"))
    story.back_end().record("cart/1001", placed(a=1), clock("10:00"))
    story.back_end().record("order/", placed(a=1), clock("10:00"))
    assert fold(PURCHASES, story.events) == {}


def test_purchases_are_found_by_product_store_clerk_channel_status_and_conversation() -> None:
    shop = till()
    body = placed(a=1, b=1)
    body.store.CopyFrom(UTRECHT)
    body.conversation_id = "cv-5"
    body.fulfilment.store.CopyFrom(ROTTERDAM)
    event = shop.act(body, by=shop.story.device("till", ACTOR_KIND_STAFF))
    event.actor.CopyFrom(Actor(kind=ACTOR_KIND_STAFF, id="emp-9"))
    assert found_by(PURCHASES, shop.story.events, "1001") == {
        "order": {"1001"},
        "sku": {"a", "b"},
        "store": {"UTR-1", "RTM-2"},
        "clerk": {"emp-9"},
        "channel": {"store"},
        "status": {"open"},
        "conversation": {"cv-5"},
    }
    online = till()
    online.act(placed(a=1), channel=99)
    assert found_by(PURCHASES, online.story.events, "1001") == {
        "order": {"1001"},
        "sku": {"a"},
        "channel": {"unspecified"},
        "status": {"open"},
    }


def test_returns_beyond_the_most_are_cut_to_the_newest_and_say_so() -> None:
    shop = sold(a=200)
    for number in range(thresholds.RETURNS_MOST + 5):
        shop.act(ReturnReceived(return_id=f"{number:03}", lines=units(a=1)))
    purchase = PURCHASES.publish(fold(PURCHASES, shop.story.events)["1001"])
    assert isinstance(purchase, PurchaseState)
    assert purchase.more
    assert len(purchase.returns) == thresholds.RETURNS_MOST
    assert purchase.returns[0].return_id == "005"
    assert purchase.lines[0].returned == thresholds.RETURNS_MOST + 5
