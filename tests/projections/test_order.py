import pytest

from journey.v1.interactions_pb2 import (
    OrderPaid,
    PickupUpdated,
)
from tests.projections.machines import DUPLICATE, TAKEN, Told, units
from tests.projections.orders import (
    JOURNEY_CLOSED,
    ORDER,
    STATE_CONFLICT,
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


def test_what_is_told_to_be_delivered_was_shipped_first() -> None:
    told = order(book=3)
    told.takes(delivery("SHIPPED", book=1), delivery("DELIVERED", book=2))
    assert standing(told) == {"book": {"ordered": 1, "delivered": 2}}
    ways = [(move.from_status, move.to_status) for move in told.journey.order.moves]
    assert ways == [(0, 1), (1, 5), (5, 6), (1, 5), (5, 6)]


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
        delivery("DELIVERED", book=3),
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
