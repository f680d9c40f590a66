import pytest

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
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PickupCollected,
    PickupUpdated,
    Product,
    ReturnReceived,
    ReturnRequested,
    Store,
    Touchpoint,
)
from journey.v1.journeys_pb2 import LineOption, OrderStatus
from tests.projections.acts import clock
from tests.projections.machines import DUPLICATE, TAKEN, Told, units

ORDER = "order/o1"
BERLIN = Store(store_id="berlin")
STATE_CONFLICT, JOURNEY_CLOSED = "STATE_CONFLICT", "JOURNEY_CLOSED"


def order(**quantities: int) -> Told:
    """An order of these lines."""
    told = Told(ORDER)
    told.takes(placed(**quantities))
    return told


def placed(**quantities: int) -> OrderPlaced:
    return OrderPlaced(lines=units(**quantities), total=euro(10))


def euro(amount: int, cents: int = 0) -> Money:
    return Money(currency="EUR", units=amount, nanos=cents * 10_000_000)


def pickup(status: str, code: str = "", **quantities: int) -> PickupUpdated:
    return PickupUpdated(
        store=BERLIN,
        lines=units(**quantities),
        status=f"STATUS_{status}",
        collect_code=code,
        expires_at_ms=7 if code else 0,
    )


def collected(code: str, **quantities: int) -> PickupCollected:
    return PickupCollected(store=BERLIN, lines=units(**quantities), collect_code=code)


def delivery(status: str, **quantities: int) -> DeliveryUpdated:
    return DeliveryUpdated(lines=units(**quantities), status=f"STATUS_{status}")


def cancelled(**quantities: int) -> OrderCancelled:
    return OrderCancelled(lines=units(**quantities))


def announced(return_id: str, **quantities: int) -> ReturnRequested:
    return ReturnRequested(return_id=return_id, lines=units(**quantities))


def returned(return_id: str, **quantities: int) -> ReturnReceived:
    return ReturnReceived(return_id=return_id, lines=units(**quantities), store=BERLIN)


def refunded(payment_ref: str, **quantities: int) -> OrderRefunded:
    return OrderRefunded(payment_ref=payment_ref, lines=units(**quantities), amount=euro(5))


def standing(told: Told) -> dict[str, dict[str, int]]:
    """line -> status -> quantity."""
    return {
        line.line_key: {
            OrderStatus.Name(each.status).removeprefix("ORDER_STATUS_").lower(): each.quantity
            for each in line.quantities
        }
        for line in told.journey.order.lines
    }


def finished(told: Told) -> bool:
    return told.journey.finished


def collectable(code: str = "1234", **quantities: int) -> Told:
    told = order(**quantities)
    told.takes(pickup("RESERVED", "", **quantities), pickup("READY", code, **quantities))
    return told


# --- where units go ------------------------------------------------------------------------------


def test_every_unit_is_ordered_at_first() -> None:
    assert standing(order(book=2, pen=1)) == {"book": {"ordered": 2}, "pen": {"ordered": 1}}


def test_click_and_collect_goes_from_reserved_over_ready_to_picked_up() -> None:
    told = order(book=2)
    told.takes(pickup("RESERVED", book=2))
    assert standing(told) == {"book": {"reserved": 2}}
    told.takes(pickup("READY", "1234", book=2))
    assert standing(told) == {"book": {"ready_for_pickup": 2}}
    told.takes(collected("1234", book=1))
    assert standing(told) == {"book": {"picked_up": 1, "ready_for_pickup": 1}}


def test_a_delivery_goes_from_shipped_to_delivered() -> None:
    told = order(book=2)
    told.takes(delivery("SHIPPED", book=1))
    assert standing(told) == {"book": {"ordered": 1, "shipped": 1}}
    told.takes(delivery("UNDERWAY", book=1), delivery("FAILED", book=1))
    assert standing(told) == {"book": {"ordered": 1, "shipped": 1}}
    told.takes(delivery("DELIVERED", book=1))
    assert standing(told) == {"book": {"ordered": 1, "delivered": 1}}


def test_a_return_goes_from_announced_over_returned_to_refunded() -> None:
    told = order(book=2)
    told.takes(delivery("SHIPPED", book=2), delivery("DELIVERED", book=2))
    told.takes(announced("r1", book=2))
    assert standing(told) == {"book": {"return_requested": 2}}
    told.takes(returned("r1", book=1), refunded("p1", book=1))
    assert standing(told) == {"book": {"return_requested": 1, "refunded": 1}}


def test_goods_may_come_back_without_having_been_announced() -> None:
    told = collectable(book=1)
    told.takes(collected("1234", book=1), returned("r1", book=1))
    assert standing(told) == {"book": {"returned": 1}}


def test_a_return_takes_the_units_that_were_announced_first() -> None:
    told = order(book=2)
    told.takes(delivery("SHIPPED", book=2), delivery("DELIVERED", book=2))
    told.takes(announced("r1", book=1), returned("r1", book=1))
    assert standing(told) == {"book": {"delivered": 1, "returned": 1}}


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_units_are_cancelled_until_they_are_handed_over(steps: int) -> None:
    told = order(book=1)
    told.takes(*[pickup("RESERVED", book=1), pickup("READY", "1", book=1)][:steps])
    told.takes(cancelled(book=1))
    assert standing(told) == {"book": {"cancelled": 1}}


def test_a_cancellation_without_lines_takes_all_that_can_go() -> None:
    told = order(book=3, pen=1)
    told.takes(pickup("RESERVED", book=1), delivery("SHIPPED", book=1), cancelled())
    assert standing(told) == {"book": {"shipped": 1, "cancelled": 2}, "pen": {"cancelled": 1}}


def test_what_was_not_collected_in_time_is_cancelled() -> None:
    told = collectable(book=2)
    told.takes(pickup("EXPIRED", book=2))
    assert standing(told) == {"book": {"cancelled": 2}}


# --- what may not be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pickup("READY", "1", book=1),
        pickup("EXPIRED", book=1),
        collected("1", book=1),
        delivery("UNDERWAY", book=1),
        delivery("DELIVERED", book=1),
        delivery("FAILED", book=1),
        announced("r1", book=1),
        returned("r1", book=1),
        refunded("p1", book=1),
        pickup("RESERVED", book=3),
        pickup("RESERVED", book=1, pen=1),
        delivery("SHIPPED", book=3),
        cancelled(book=3),
    ],
    ids=lambda body: f"{body.DESCRIPTOR.name} {body.lines[0].quantity}",
)
def test_units_move_only_from_where_they_stand(body: object) -> None:
    told = order(book=2)
    assert told.tell(body) == STATE_CONFLICT  # type: ignore[arg-type]
    assert standing(told) == {"book": {"ordered": 2}}


def test_lines_of_one_key_in_one_body_are_counted_together() -> None:
    told = order(book=2)
    twice = PickupUpdated(
        lines=[*units(book=1), *units(book=2)], status=PickupUpdated.STATUS_RESERVED
    )
    assert told.tell(twice) == STATE_CONFLICT


def test_of_an_order_that_was_not_placed_nothing_moves_and_nothing_is_paid() -> None:
    told = Told(ORDER)
    assert told.tell(pickup("RESERVED", book=1)) == STATE_CONFLICT
    assert told.tell(OrderPaid(payment_ref="p", amount=euro(1))) == STATE_CONFLICT


def test_what_cannot_be_cancelled_any_more_is_a_conflict() -> None:
    told = order(book=1)
    told.takes(delivery("SHIPPED", book=1))
    assert told.tell(cancelled()) == STATE_CONFLICT


def test_nothing_happens_to_an_order_that_is_all_cancelled_but_payments() -> None:
    told = order(book=1)
    told.takes(cancelled())
    assert told.tell(pickup("RESERVED", book=1)) == JOURNEY_CLOSED
    assert told.tell(OrderPaid(payment_ref="p", amount=euro(1))) == TAKEN


def test_delivered_goods_still_come_back() -> None:
    told = order(book=1)
    told.takes(delivery("SHIPPED", book=1), delivery("DELIVERED", book=1))
    assert finished(told)
    assert told.tell(announced("r1", book=1)) == TAKEN
    assert not finished(told)


# --- codes ---------------------------------------------------------------------------------------


def test_another_code_collects_nothing() -> None:
    told = collectable(book=1)
    assert told.tell(collected("4321", book=1)) == "COLLECT_CODE_WRONG"
    assert told.tell(collected("", book=1)) == "COLLECT_CODE_WRONG"
    assert standing(told) == {"book": {"ready_for_pickup": 1}}


def test_a_code_works_once_and_another_may_be_given_for_the_rest() -> None:
    told = collectable(book=2)
    told.takes(collected("1234", book=1))
    assert told.tell(collected("1234", book=1)) == "COLLECT_CODE_WRONG"
    told.takes(pickup("READY", "5678", book=1), collected("5678", book=1))
    assert standing(told) == {"book": {"picked_up": 2}}


def test_units_elsewhere_are_a_conflict_before_the_code_is_looked_at() -> None:
    assert order(book=1).tell(collected("1234", book=1)) == STATE_CONFLICT


# --- keys ----------------------------------------------------------------------------------------


def test_an_order_is_placed_once_whoever_tells_it() -> None:
    told = order(book=1)
    assert told.tell(placed(book=1), "20:05") == DUPLICATE
    assert told.tell(placed(book=2)) == "KEY_TAKEN"


def test_payments_and_returns_are_known_by_their_keys() -> None:
    told = order(book=2)
    told.takes(OrderPaid(payment_ref="p1", amount=euro(5)))
    assert told.tell(OrderPaid(payment_ref="p1", amount=euro(5))) == DUPLICATE
    assert told.tell(OrderPaid(payment_ref="p1", amount=euro(6))) == "KEY_TAKEN"
    told.takes(delivery("SHIPPED", book=2), delivery("DELIVERED", book=2))
    told.takes(announced("r1", book=1))
    assert told.tell(announced("r1", book=1)) == DUPLICATE
    assert told.tell(announced("r1", book=2)) == "KEY_TAKEN"
    assert told.tell(returned("r1", book=1)) == TAKEN


def test_a_key_of_a_payment_says_nothing_of_a_refund() -> None:
    told = order(book=1)
    told.takes(OrderPaid(payment_ref="p1", amount=euro(5)))
    told.takes(delivery("SHIPPED", book=1), delivery("DELIVERED", book=1), returned("r1", book=1))
    assert told.tell(refunded("p1", book=1)) == TAKEN


# --- published -----------------------------------------------------------------------------------


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
