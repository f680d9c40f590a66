"""Lists: favourites, wishes, comparisons. An add that a removal did not see survives it."""

from __future__ import annotations

from journey.v1.folds_pb2 import JourneyFold, ListFold, ListItemFold
from journey.v1.interactions_pb2 import ListItemAdded
from journey.v1.journeys_pb2 import Journey, ListItemState
from projections import thresholds
from projections.fold import (
    Order,
    add_tag,
    cancel,
    entry,
    join,
    join_tagged,
    keep_latest,
    order_of,
)
from projections.projection import Act, JourneyKind, activity_by_intent, serialized
from projections.published import keep_newest


def added(fold: ListFold, act: Act) -> None:
    """Something was put on the list; what is sent is the whole entry."""
    item = _item(fold, key_of_item(act.body))
    add_tag(item.adds, act.write(message=serialized(_content(act.body))))
    told = ListItemState(note=act.body.note, order_key=act.body.order_key)
    keep_latest(item.told, act.write(message=serialized(told)))


def removed(fold: ListFold, act: Act) -> None:
    """Something was taken off the list."""
    cancel(_item(fold, act.body.item_key).adds, act.marks)


def _item(fold: ListFold, item_key: str) -> ListItemFold:
    return entry(fold.items, ListItemFold, "item_key", item_key)


def key_of_item(body: ListItemAdded) -> str:
    """Its key, or where that is empty the id of what was added."""
    return body.item_key or body.product.sku or body.content_id or body.search_id


def _content(body: ListItemAdded) -> ListItemState:
    match body.WhichOneof("item"):
        case "product":
            return ListItemState(product=body.product)
        case "content_id":
            return ListItemState(content_id=body.content_id)
        case "search_id":
            return ListItemState(search_id=body.search_id)
        case _:
            return ListItemState()


def merge(mine: ListFold, theirs: ListFold) -> None:
    """Join the second state into the first."""
    for item in theirs.items:
        known = _item(mine, item.item_key)
        join_tagged(known.adds, item.adds)
        join(keep_latest, known, item, "told")


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.list`; returns the activity."""
    state = journey.list
    items = [item for item in fold.list.items if item.adds.tags]
    state.items.extend(map(_published, items))
    state.more = keep_newest(state.items, lambda index: _touched(items[index]))
    state.items.sort(key=_place)
    return activity_by_intent(fold)


def _touched(item: ListItemFold) -> Order:
    return max(map(order_of, item.adds.tags))


def _published(item: ListItemFold) -> ListItemState:
    tags = sorted(item.adds.tags, key=order_of)
    state = ListItemState.FromString(tags[-1].message)
    state.MergeFromString(item.told.message)
    state.item_key = item.item_key
    state.added_at_ms = tags[0].t_ms
    return state


def _place(item: ListItemState) -> tuple[bool, str, str]:
    """By order key, those without at the end; then by key."""
    return (not item.order_key, item.order_key, item.item_key)


LIST = JourneyKind(
    name="list",
    folds={"list_item_added": added, "list_item_removed": removed},
    merge=merge,
    publish=publish,
    listed=lambda _: False,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
)
