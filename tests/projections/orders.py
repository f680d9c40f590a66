"""Facts of an order, and where its units stand."""

from journey.v1.interactions_pb2 import (
    DeliveryUpdated,
    Money,
    OrderCancelled,
    OrderPlaced,
    OrderRefunded,
    PickupCollected,
    PickupUpdated,
    ReturnReceived,
    ReturnRequested,
    Store,
)
from journey.v1.journeys_pb2 import OrderStatus
from tests.projections.machines import Told, units

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
