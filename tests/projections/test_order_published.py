from journey.v1.events_pb2 import ACTOR_KIND_STAFF
from journey.v1.interactions_pb2 import (
    CHANNEL_API,
    CHANNEL_MARKETPLACE,
    CHANNEL_STORE,
    CHANNEL_WEB,
    DeliveryUpdated,
    Fulfilment,
    Line,
    Money,
    OrderPaid,
    OrderPlaced,
    Product,
    Store,
    Touchpoint,
)
from journey.v1.journeys_pb2 import LineOption, OrderStatus
from tests.projections.acts import clock
from tests.projections.machines import Told, units
from tests.projections.orders import (
    BERLIN,
    ORDER,
    announced,
    cancelled,
    collectable,
    collected,
    delivery,
    euro,
    finished,
    order,
    pickup,
    placed,
    refunded,
    returned,
    standing,
)


def test_an_order_is_finished_when_every_unit_is_where_nothing_is_left_to_do() -> None:
    told = order(book=1, pen=1)
    assert not finished(told)
    told.takes(delivery("SHIPPED", book=1), delivery("DELIVERED", book=1))
    assert not finished(told)
    told.takes(cancelled())
    assert finished(told)


def test_what_came_back_waits_for_its_money_if_any_was_paid() -> None:
    told = collectable(book=1)
    told.takes(collected("1234", book=1), returned("r1", book=1))
    assert finished(told)
    told.takes(OrderPaid(payment_ref="p1", amount=euro(5)))
    assert not finished(told)
    told.takes(refunded("p2", book=1))
    assert finished(told)


def test_moves_tell_channel_actor_place_store_time_and_return() -> None:
    told = collectable(book=1)
    told.tell(collected("1234", book=1), "20:10", by=told.clerk, channel=CHANNEL_STORE)
    event = told.asked(announced("r1", book=1), "20:20", by=told.phone, channel=CHANNEL_WEB)
    event.interaction.actor_place = "sofa"
    event.interaction.touchpoint.CopyFrom(Touchpoint(store=Store(store_id="munich")))
    told.story.events.append(event)
    first, _, _, collecting, announcing = told.journey.order.moves
    assert (first.from_status, first.to_status) == (0, OrderStatus.ORDER_STATUS_ORDERED)
    assert (collecting.line_key, collecting.quantity) == ("book", 1)
    assert collecting.from_status == OrderStatus.ORDER_STATUS_READY_FOR_PICKUP
    assert collecting.to_status == OrderStatus.ORDER_STATUS_PICKED_UP
    assert (collecting.channel, collecting.actor.kind) == (CHANNEL_STORE, ACTOR_KIND_STAFF)
    assert (collecting.store, collecting.at_ms) == (BERLIN, clock("20:10"))
    assert (announcing.return_id, announcing.actor_place) == ("r1", "sofa")
    assert announcing.store.store_id == "munich"
    assert not first.HasField("store")


def test_the_order_tells_what_was_placed() -> None:
    told = Told(ORDER)
    body = OrderPlaced(
        lines=[
            Line(
                product=Product(sku="tee", name="Tee"),
                quantity=2,
                unit_price=euro(9),
                options={"size": "M", "colour": "red"},
            )
        ],
        total=euro(18),
        discount=euro(1),
        fulfilment=Fulfilment(store=BERLIN),
        payment_at=OrderPlaced.PAYMENT_PLACE_STORE,
        store=BERLIN,
        cart_id="main",
        checkout_id="c1",
        conversation_id="t1",
        offer_ids=["ten"],
    )
    told.tell(body, "19:00", channel=CHANNEL_MARKETPLACE)
    journey = told.journey
    state = journey.order
    (line,) = state.lines
    assert (line.line_key, line.unit, line.ordered) == ("tee;colour=red;size=M", "C62", 2)
    assert (line.product.name, line.unit_price) == ("Tee", euro(9))
    assert [*line.options] == [
        LineOption(name="colour", value="red"),
        LineOption(name="size", value="M"),
    ]
    assert (state.totals.ordered, state.totals.discount) == (euro(18), euro(1))
    assert (state.fulfilment.store, state.store, state.payment_at) == (BERLIN, BERLIN, 2)
    assert (state.placed_at_ms, state.placed_channel) == (clock("19:00"), CHANNEL_MARKETPLACE)
    assert (state.cart_id, state.checkout_id, state.conversation_id) == ("main", "c1", "t1")
    assert ([*state.offer_ids], state.more, journey.rev) == (["ten"], False, 1)


def test_amounts_add_up_by_currency() -> None:
    told = collectable(book=2)
    told.takes(
        OrderPaid(payment_ref="p1", amount=euro(5, 60)),
        OrderPaid(payment_ref="p2", amount=euro(1, 50)),
        OrderPaid(payment_ref="p3", amount=Money(currency="CHF", units=-3, nanos=-500_000_000)),
        collected("1234", book=2),
        returned("r1", book=1),
        refunded("p4", book=1),
    )
    totals = told.journey.order.totals
    assert [*totals.paid] == [
        Money(currency="CHF", units=-3, nanos=-500_000_000),
        euro(7, 10),
    ]
    assert [*totals.refunded] == [euro(5)]


def test_carrier_parcel_and_end_of_a_pickup_are_those_last_told() -> None:
    told = order(book=2)
    told.takes(
        pickup("RESERVED", book=1),
        pickup("READY", "1", book=1),
        DeliveryUpdated(
            lines=units(book=1),
            status=DeliveryUpdated.STATUS_SHIPPED,
            carrier="post",
            tracking_ref="t1",
        ),
        delivery("UNDERWAY", book=1),
    )
    state = told.journey.order
    assert (state.pickup_until_ms, state.carrier, state.tracking_ref) == (7, "post", "t1")


def test_an_order_is_listed_until_it_is_finished() -> None:
    told = order(book=1)
    assert told.story.continue_list(clock("21:00")) == [ORDER]
    told.takes(cancelled())
    assert told.story.continue_list(clock("21:00")) == []


def test_the_same_order_told_in_two_homes_is_one() -> None:
    """After a link: whoever placed it first is believed, moves of both count as far as they fit."""
    told = order(book=1)
    event = told.asked(placed(book=5), "19:00", channel=CHANNEL_API)
    event.machine.home, event.machine.rev = "other", 1
    told.story.events.append(event)
    assert sum(sum(line.values()) for line in standing(told).values()) == 1


def test_more_lines_than_a_state_holds_are_cut_and_said() -> None:
    told = Told(ORDER)
    told.takes(OrderPlaced(lines=units(**{f"sku{n:03}": 1 for n in range(501)})))
    state = told.journey.order
    assert (len(state.lines), len(state.moves), state.more) == (500, 501, True)
