"""A changed fold to try on history: what is put into the basket leaves the wish list by itself.

    journey replay --with examples/wish_list_fold.py

It keeps what the live fold of lists does, and adds one reaction to another kind's interaction.
A wish that was made on another device meanwhile, and not seen by who filled the basket, stays.
"""

from dataclasses import replace

from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import ListFold, ListItemFold
from projections.fold import cancel, entry
from projections.journeys.lists import LIST
from projections.projection import Act


def put_into_basket(wishes: ListFold, act: Act) -> None:
    """What is in the basket is not wished for any more."""
    item = entry(wishes.items, ListItemFold, "item_key", act.body.line.product.sku)
    cancel(item.adds, act.marks)


def wish_list(_: Event) -> list[str]:
    """The list that something in the basket concerns."""
    return ["wish"]


KIND = replace(
    LIST,
    folds={**LIST.folds, "cart_line_added": put_into_basket},
    concerns={"cart_line_added": wish_list},
)
