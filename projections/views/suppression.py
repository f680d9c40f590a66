"""What is not to be advertised to a customer, because it was bought.

That is every product of which units are ordered and neither called off nor given back, on whatever
channel. A product that is given back may be advertised again, from the moment of the last unit on.

One state for each customer holds what moves goods, without prices, places and persons; a customer
with very many orders therefore costs more at each further order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import Interaction, Line, Product
from journey.v1.journeys_pb2 import OrderStatus
from journey.v1.view_folds_pb2 import SuppressionFold, SuppressionOrderFold
from journey.v1.views_pb2 import (
    SuppressedCategory,
    SuppressedProduct,
    SuppressionReason,
    SuppressionState,
)
from projections import thresholds
from projections.fold import entry, join_machine, record_transition
from projections.journeys.cart import key_of_line
from projections.journeys.order import Goods, goods_of
from projections.projection import Act, serialized
from projections.published import keep_newest
from projections.reactions import Reactions, only_key
from projections.view import StoredView
from projections.views.purchased import GIVEN_UP

# What is announced to come back is still the customer's, and where refunded goods are does not
# matter: these two change nothing here, nor does a payment.
MOVES = (
    "order_placed",
    "order_cancelled",
    "pickup_updated",
    "pickup_collected",
    "delivery_updated",
    "return_received",
)
BOUGHT = SuppressionReason.SUPPRESSION_REASON_BOUGHT
WITH_STATUS = frozenset({"pickup_updated", "delivery_updated"})


# --- fold ----------------------------------------------------------------------------------------


def stepped(suppression: SuppressionFold, act: Act) -> None:
    """Goods of an order moved."""
    place = act.event.machine
    order_id = act.event.interaction.journey.journey_id
    if place.rev and order_id:
        order = _order(suppression, order_id)
        write = act.write(message=serialized(_said(act)))
        record_transition(order.machine, place.home, place.rev, write)


def _order(suppression: SuppressionFold, order_id: str) -> SuppressionOrderFold:
    return entry(suppression.orders, SuppressionOrderFold, "order_id", order_id)


def _said(act: Act) -> Event:
    """Lines and status alone."""
    told = Interaction()
    body = getattr(told, act.name)
    body.SetInParent()
    placed = act.name == "order_placed"
    body.lines.extend(_line(line, placed=placed) for line in act.body.lines)
    if act.name in WITH_STATUS:
        body.status = act.body.status
    return Event(interaction=told)


def _line(line: Line, *, placed: bool) -> Line:
    """The key; of what is ordered the product, too."""
    told = Line(line_key=key_of_line(line), quantity=line.quantity)
    if placed:
        product = line.product
        told.product.sku, told.product.gtin = product.sku, product.gtin
        told.product.pim_ref, told.product.category = product.pim_ref, product.category
    return told


def join(mine: SuppressionFold, theirs: SuppressionFold) -> None:
    """Join the second state into the first."""
    for order in theirs.orders:
        join_machine(_order(mine, order.order_id).machine, order.machine)


# --- published state -----------------------------------------------------------------------------


@dataclass(slots=True)
class Ordered:
    """A product in one order: when it was ordered, whether units are kept, and if not, until when
    they were and why no longer."""

    order_id: str
    product: Product
    at_ms: int
    kept: bool = False
    until_ms: int = 0
    returned: bool = False


@dataclass(slots=True)
class Bought:
    """A product in all orders, the earliest first."""

    ordered: list[Ordered] = field(default_factory=list)

    def told(self) -> SuppressedProduct:
        """As readers get it."""
        kept = [each for each in self.ordered if each.kept]
        of = kept or self.ordered
        last = self.ordered[-1].product
        told = SuppressedProduct(
            sku=last.sku,
            gtin=last.gtin,
            pim_ref=last.pim_ref,
            category=last.category,
            since_ms=of[0].at_ms,
            reason=BOUGHT,
            order_ids=[each.order_id for each in of[-thresholds.SUPPRESSING_ORDERS_MOST :]],
        )
        if not kept:
            returned = any(each.returned for each in self.ordered)
            told.until_ms = max(each.until_ms for each in self.ordered)
            told.reason = (
                SuppressionReason.SUPPRESSION_REASON_RETURNED
                if returned
                else SuppressionReason.SUPPRESSION_REASON_CANCELLED
            )
        return told


def published(suppression: SuppressionFold) -> SuppressionState:
    """What readers get of it."""
    products = [each.told() for each in _bought(suppression)]
    kept = [each for each in products if each.reason == BOUGHT]
    released = [each for each in products if each.reason != BOUGHT]
    state = SuppressionState(
        products=kept, released=released, updated_at_ms=_updated_at_ms(suppression)
    )
    cut = keep_newest(
        state.products, _by_age(kept), thresholds.SUPPRESSED_MOST, thresholds.SUPPRESSED_BYTES
    )
    cut |= keep_newest(
        state.released, _by_age(released), thresholds.RELEASED_MOST, thresholds.SIDE_LIST_BYTES
    )
    state.more = cut
    state.categories.extend(_categories(state.products))
    return state


def _by_age(products: Sequence[SuppressedProduct]) -> Callable[[int], int]:
    return lambda index: max(products[index].since_ms, products[index].until_ms)


def _bought(suppression: SuppressionFold) -> Iterable[Bought]:
    """By sku."""
    found: list[tuple[int, str, Ordered]] = []
    for order in suppression.orders:
        found += [(each.at_ms, each.order_id, each) for each in _products(order)]
    products: dict[str, Bought] = {}
    for _, _, each in sorted(found, key=lambda one: one[:2]):
        products.setdefault(each.product.sku, Bought()).ordered.append(each)
    return (products[sku] for sku in sorted(products))


def _products(order: SuppressionOrderFold) -> Iterable[Ordered]:
    """The products of an order of which units were ordered; several lines of one are one, and a
    line that was told twice holds what was told first, as in the order itself."""
    goods = goods_of(order.machine)
    if goods.placed is None:
        return ()
    found: dict[str, Ordered] = {}
    gone = _given_up(goods)
    told = {line.line_key: line.product for line in reversed(goods.placed.body.lines)}
    for line_key, product in told.items():
        standing = goods.units[line_key]
        if product.sku and any(standing.values()):
            fresh = Ordered(order.order_id, product, goods.placed.order[0])
            ordered = found.setdefault(product.sku, fresh)
            ordered.kept |= _is_kept(standing)
            until_ms, returned = gone.get(line_key, (0, False))
            ordered.until_ms = max(ordered.until_ms, until_ms)
            ordered.returned |= returned
    return found.values()


def _given_up(goods: Goods) -> dict[str, tuple[int, bool]]:
    """By line: when units were last called off or came back, and whether any came back."""
    found: dict[str, tuple[int, bool]] = {}
    for step, move in goods.moves:
        if move.target in GIVEN_UP:
            at_ms, returned = found.get(move.line_key, (0, False))
            came_back = move.target == OrderStatus.ORDER_STATUS_RETURNED
            found[move.line_key] = (max(at_ms, step.order[0]), returned or came_back)
    return found


def _is_kept(standing: Mapping[OrderStatus, int]) -> bool:
    return any(count > 0 for status, count in standing.items() if status not in GIVEN_UP)


def _categories(products: Iterable[SuppressedProduct]) -> Iterable[SuppressedCategory]:
    """By name; each since the first product of it that is kept."""
    found: dict[str, SuppressedCategory] = {}
    for product in products:
        if product.category:
            fresh = SuppressedCategory(category=product.category, since_ms=product.since_ms)
            category = found.setdefault(product.category, fresh)
            category.since_ms = min(category.since_ms, product.since_ms)
            category.skus.append(product.sku)
    return (found[name] for name in sorted(found))


def _updated_at_ms(suppression: SuppressionFold) -> int:
    times = (each.write.t_ms for order in suppression.orders for each in order.machine.transitions)
    return max(times, default=0)


SUPPRESSION = StoredView(
    Reactions(
        "suppression",
        version=1,
        begin=lambda _: SuppressionFold(),
        folds=dict.fromkeys(MOVES, stepped),
        keys=only_key,
        join=join,
    ),
    "Products and categories not to be advertised to a customer, because they are bought and kept.",
    publish=published,
    index={
        "sku": lambda shown: (each.sku for each in shown.products),
        "category": lambda shown: (each.category for each in shown.categories),
    },
    updated_at_ms=_updated_at_ms,
)
