"""What a customer has bought and kept, so that it is no longer advertised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from journey.v1.interactions_pb2 import Product
from journey.v1.journeys_pb2 import Journey, OrderLineState, OrderStatus

# What is called off or came back is no longer the customer's; what is to come back still is.
GIVEN_UP = frozenset(
    {
        OrderStatus.ORDER_STATUS_CANCELLED,
        OrderStatus.ORDER_STATUS_RETURNED,
        OrderStatus.ORDER_STATUS_REFUNDED,
    }
)


class Purchase(NamedTuple):
    """Units bought and kept under one line key, over all orders, in `unit` (UN/ECE Rec 20)."""

    line_key: str
    unit: str
    product: Product
    quantity: int


def purchased(journeys: Mapping[str, Journey]) -> list[Purchase]:
    """The purchases of a customer by line key; the product is as it was ordered last."""
    found: dict[tuple[str, str], Purchase] = {}
    for line in _lines_of_orders(journeys):
        name = (line.line_key, line.unit)
        before = found[name].quantity if name in found else 0
        found[name] = Purchase(*name, line.product, before + _kept(line))
    return [found[name] for name in sorted(found) if found[name].quantity > 0]


def _lines_of_orders(journeys: Mapping[str, Journey]) -> Iterable[OrderLineState]:
    """Those of the earliest order first."""
    orders = sorted(journeys, key=lambda key: (journeys[key].order.placed_at_ms, key))
    for key in orders:
        yield from journeys[key].order.lines


def _kept(line: OrderLineState) -> int:
    return sum(each.quantity for each in line.quantities if each.status not in GIVEN_UP)
