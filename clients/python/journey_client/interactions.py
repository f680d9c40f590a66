"""Interactions to record, made from plain values. Any other `Interaction` can be recorded, too.

Each function returns an `Interaction` without ids and clocks: recording, or `stamp` before it,
puts them in.
"""

from __future__ import annotations

from journey.v1.interactions_pb2 import (
    CartLineAdded,
    CartLineQuantitySet,
    CartLineRemoved,
    Interaction,
    JourneyMarked,
    Line,
    ListItemAdded,
    ListItemRemoved,
    Money,
    PageViewed,
    Product,
)
from journey.v1.references_pb2 import JourneyRef


def product(sku: str, *, name: str = "", category: str = "", gtin: str = "") -> Product:
    """A product as the shop knows it."""
    return Product(sku=sku, name=name, category=category, gtin=gtin)


def cart_line_added(
    sku: str,
    quantity: int = 1,
    *,
    name: str = "",
    unit_price: Money | None = None,
    cart_id: str = "main",
) -> Interaction:
    """The customer asked for `quantity` more of a product; negative: fewer."""
    line = Line(product=product(sku, name=name), quantity=quantity, unit_price=unit_price)
    return Interaction(
        journey=JourneyRef(kind="cart", journey_id=cart_id),
        cart_line_added=CartLineAdded(line=line),
    )


def cart_line_quantity_set(
    sku: str,
    quantity: int,
    *,
    name: str = "",
    unit_price: Money | None = None,
    cart_id: str = "main",
) -> Interaction:
    """The customer chose how many of a product there are to be."""
    line = Line(product=product(sku, name=name), quantity=quantity, unit_price=unit_price)
    return Interaction(
        journey=JourneyRef(kind="cart", journey_id=cart_id),
        cart_line_quantity_set=CartLineQuantitySet(line=line),
    )


def cart_line_removed(line_key: str, *, cart_id: str = "main") -> Interaction:
    """A line was taken out of the cart; its key is the sku where it has no options."""
    return Interaction(
        journey=JourneyRef(kind="cart", journey_id=cart_id),
        cart_line_removed=CartLineRemoved(line_key=line_key),
    )


def list_item_added(list_id: str, sku: str, *, name: str = "", note: str = "") -> Interaction:
    """A product was put on a list: `favourites`, `wish`, `compare`, `shopping` or an own one."""
    return Interaction(
        journey=JourneyRef(kind="list", journey_id=list_id),
        list_item_added=ListItemAdded(product=product(sku, name=name), note=note),
    )


def list_item_removed(list_id: str, item_key: str) -> Interaction:
    """Something was taken off a list; the key of a product is its sku."""
    return Interaction(
        journey=JourneyRef(kind="list", journey_id=list_id),
        list_item_removed=ListItemRemoved(item_key=item_key),
    )


def page_viewed(
    screen_id: str, page_kind: PageViewed.Kind = PageViewed.KIND_OTHER, *, title: str = ""
) -> Interaction:
    """A screen of an app was shown."""
    return Interaction(
        page_viewed=PageViewed(screen_id=screen_id, page_kind=page_kind, title=title)
    )


def journey_marked(kind: str, journey_id: str, mark: JourneyMarked.Mark) -> Interaction:
    """The customer marked a journey as finished or not, or hid it from the continue list."""
    return Interaction(
        journey=JourneyRef(kind=kind, journey_id=journey_id),
        journey_marked=JourneyMarked(mark=mark),
    )
