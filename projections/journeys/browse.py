"""Products looked at: the latest hundred, each once.

Older ones are forgotten here at once. That is safe in any order: what has a hundred newer ones
beside it never comes back but by a newer look, which tells all of it anew.
"""

from __future__ import annotations

from journey.v1.folds_pb2 import BrowseFold, BrowseItemFold, JourneyFold
from journey.v1.interactions_pb2 import ProductViewed
from journey.v1.journeys_pb2 import BrowseItemState, Journey
from projections import thresholds
from projections.fold import Order, entry, join, keep_latest, order_of
from projections.projection import Act, JourneyKind, activity_by_intent, serialized
from projections.published import keep_newest

AVAILABILITIES = frozenset(ProductViewed.Availability.values())


def viewed(browse: BrowseFold, act: Act) -> None:
    """A product was looked at in detail."""
    sku = act.body.product.sku
    if not sku:
        return
    told = BrowseItemState(product=act.body.product)
    if act.body.HasField("unit_price"):
        told.unit_price.CopyFrom(act.body.unit_price)
    if act.body.availability in AVAILABILITIES:
        told.availability = act.body.availability
    keep_latest(_item(browse, sku).seen, act.write(message=serialized(told)))
    _forget_older(browse)


def _item(browse: BrowseFold, sku: str) -> BrowseItemFold:
    return entry(browse.items, BrowseItemFold, "sku", sku)


def _forget_older(browse: BrowseFold) -> None:
    while len(browse.items) > thresholds.BROWSE_ITEMS_MOST:
        browse.items.remove(min(browse.items, key=_seen))


def _seen(item: BrowseItemFold) -> Order:
    return order_of(item.seen)


def merge(mine: BrowseFold, theirs: BrowseFold) -> None:
    """Join the second state into the first."""
    for item in theirs.items:
        join(keep_latest, _item(mine, item.sku), item, "seen")
    _forget_older(mine)


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.browse`; returns the activity."""
    items = sorted(fold.browse.items, key=_seen, reverse=True)
    for item in items:
        told = BrowseItemState.FromString(item.seen.message)
        told.viewed_at_ms = item.seen.t_ms
        journey.browse.items.append(told)
    keep_newest(journey.browse.items, lambda index: _seen(items[index]))
    return activity_by_intent(fold)


BROWSE = JourneyKind(
    name="browse",
    folds={"product_viewed": viewed},
    merge=merge,
    publish=publish,
    listed=lambda _: False,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
)
