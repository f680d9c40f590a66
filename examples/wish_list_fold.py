"""A changed fold to try on history: what was ordered leaves the wish list by itself.

    journey replay --with examples/wish_list_fold.py

It keeps what the live fold of lists does, and adds one reaction to another kind's interaction.
An entry that the order had not in view, because it was made on another device meanwhile, stays.
"""

from dataclasses import replace

from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import ListFold, ListItemFold
from projections.fold import cancel, entry
from projections.journeys.lists import LIST
from projections.projection import Act


def ordered(wishes: ListFold, act: Act) -> None:
    """What was ordered is not wished for any more."""
    for line in act.body.lines:
        item = entry(wishes.items, ListItemFold, "item_key", line.product.sku)
        cancel(item.adds, act.marks)


def wish_list(_: Event) -> list[str]:
    """The journey that an order concerns besides its own."""
    return ["wish"]


KIND = replace(
    LIST,
    folds={**LIST.folds, "order_placed": ordered},
    concerns={"order_placed": wish_list},
)
