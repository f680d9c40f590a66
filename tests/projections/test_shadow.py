"""Shadow replay: a fold that is tried beside the live one, on the same events."""

from __future__ import annotations

import runpy
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import CartFold, ListFold
from journey.v1.interactions_pb2 import Line, ListItemAdded, OrderPlaced, Product
from journey.v1.journeys_pb2 import Journey, SearchState
from projections.journeys.cart import CART
from projections.journeys.lists import LIST
from projections.journeys.search import SEARCH
from projections.projection import Act
from projections.reactions import Reactions, only_key
from projections.shadow import (
    CHANGED,
    GONE,
    NEW,
    Customer,
    Figures,
    FoldFailed,
    Pair,
    first_difference,
    order_differences,
    pair_of,
)
from projections.view import DerivedView, StoredView
from tests.projections.acts import Story, clock
from tests.projections.histories import examples, histories

EXAMPLE = Path(__file__).parents[2] / "examples" / "wish_list_fold.py"
WISH_LIST = runpy.run_path(str(EXAMPLE))["KIND"]
NOON_MS = clock("12:00")


def beside(tried: object) -> Pair:
    return pair_of(tried, projections.JOURNEYS, projections.VIEWS, NOON_MS)


def folded(tried: object, events: Iterable[Event]) -> Customer:
    customer = Customer(beside(tried))
    for event in events:
        customer.fold(event)
    return customer


def wishes() -> Story:
    """A tea is wished for and put into the basket, a mug only wished for."""
    story = Story()
    phone = story.device("phone")
    for sku in ("tea", "mug"):
        phone.record("list/wish", ListItemAdded(product=Product(sku=sku)), clock("10:00"))
    phone.add("tea", 1, "11:00")
    return story


def lists(folds: dict[str, Any]) -> Any:
    """A view of its own with the number of list entries."""

    def count(state: ListFold, act: Act) -> None:
        state.items.add(item_key=act.event.interaction.event_id)

    return Reactions(
        "suppression", 9, begin=lambda _: ListFold(), folds=folds or {"list_item_added": count},
        keys=only_key, join=lambda mine, theirs: None,
    )  # fmt: skip


def test_the_live_fold_differs_in_nothing_from_itself() -> None:
    for tried in (LIST, projections.JOURNEYS, *projections.VIEWS):
        assert folded(tried, wishes().events).differing() == []


def test_a_changed_kind_is_tried_in_place_of_the_live_one() -> None:
    customer = folded(WISH_LIST, wishes().events)
    (found,) = customer.differing()
    assert (found.key, found.kind) == ("list/wish", CHANGED)
    assert {change.path for change in found.changes} > {'list.items["tea"].item_key'}
    assert not any("mug" in change.path for change in found.changes)
    assert "list.items.item_key" in found.fields


def test_the_event_that_made_the_first_difference_is_found() -> None:
    story = wishes()
    found = first_difference(beside(WISH_LIST), story.events)
    assert found is not None
    event, (differing,) = found
    assert (event.type, differing.key) == ("cart.line_added", "list/wish")
    assert first_difference(beside(WISH_LIST), story.events[:-1]) is None


def test_states_that_one_side_alone_has_are_new_or_gone() -> None:
    story = Story()
    story.device("phone").add("tea", 1, "10:00")
    forgetful = replace(CART, folds={})
    (gone,) = folded(forgetful, story.events).differing()
    assert (gone.key, gone.kind, gone.changes, list(gone.fields)) == (
        "cart/main", GONE, [], [GONE],
    )  # fmt: skip
    diary = replace(LIST, name="diary", state="list", concerns={"cart_line_added": lambda _: "d"})
    diary = replace(diary, folds={**LIST.folds, "cart_line_added": lambda state, act: None})
    (new,) = folded(diary, story.events).differing()
    assert (new.key, new.kind) == ("diary/d", NEW)


def test_a_view_is_tried_beside_the_live_one_of_its_name() -> None:
    live = next(view for view in projections.VIEWS if view.name == "suppression")
    assert isinstance(live, StoredView)
    story = wishes()
    lines = [Line(product=Product(sku="tea"), quantity=1)]
    story.device("laptop").record("order/o1", OrderPlaced(lines=lines), NOON_MS)
    assert folded(live.projection, story.events).differing() == []
    told = replace(live, publish=lambda state: {"states": 1})
    (found,) = folded(told, story.events).differing()
    assert found.kind == CHANGED


def test_a_view_that_is_made_of_the_journeys_is_tried_on_them() -> None:
    view = DerivedView("continue_list", 9, "", lambda journeys, _: {"count": len(journeys)})
    (found,) = folded(view, wishes().events).differing()
    assert any(change.path == "count" for change in found.changes)
    assert Customer(beside(view)).differing() == []


def test_a_fold_of_a_new_name_has_nothing_beside_it() -> None:
    own = lists({})
    own.name = "entries"
    customer = folded(own, wishes().events)
    assert customer.pair.live is None
    (found,) = customer.differing()
    assert (found.key, found.kind) == ("", NEW)


def test_a_fold_that_depends_on_the_order_of_events_is_found_out() -> None:
    def last_come(state: Any, act: Act) -> None:
        """What arrived last, which another order makes something else."""
        shown = SearchState(query=act.body.line.product.sku)
        state.setting.message = shown.SerializeToString()

    events = wishes().events
    story = Story()
    phone = story.device("phone")
    phone.add("tea", 1, "10:00")
    phone.add("mug", 1, "10:01")
    notes = replace(
        SEARCH,
        folds={"cart_line_added": last_come},
        concerns={"cart_line_added": lambda _: ["main"]},
    )
    (found,) = order_differences(beside(notes).tried, story.events)
    assert (found.key, found.kind) == ("search/main", CHANGED)
    assert order_differences(beside(WISH_LIST).tried, events) == []
    assert order_differences(beside(LIST).tried, events) == []


def test_what_is_no_fold_is_refused() -> None:
    for thing in (7, Story):
        with pytest.raises(TypeError, match="is no fold"):
            beside(thing)


def test_a_fold_that_raises_tells_the_event() -> None:
    def broken(state: CartFold, act: Act) -> None:
        raise ZeroDivisionError(act.name)

    story = wishes()
    tried = replace(CART, folds={**CART.folds, "cart_line_added": broken})
    with pytest.raises(FoldFailed, match="the tried fold raised ZeroDivisionError") as failed:
        folded(tried, story.events)
    assert failed.value.event.type == "cart.line_added"
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


def test_a_fold_that_cannot_be_published_tells_the_last_event() -> None:
    def broken(fold: object, journey: Journey) -> None:
        raise KeyError(journey.ref.kind)

    story = wishes()
    customer = folded(replace(CART, publish=broken), story.events)
    with pytest.raises(FoldFailed, match="KeyError") as failed:
        customer.differing()
    assert failed.value.event == story.events[-1]


def test_customers_states_and_fields_are_counted_once_each() -> None:
    assert Figures().same
    figures = Figures()
    for events in (wishes().events, wishes().events, wishes().events[:-1]):
        customer = folded(WISH_LIST, events)
        figures.add(customer, customer.differing())
    assert (figures.customers, figures.customers_differing, figures.states_differing) == (3, 2, 2)
    assert (figures.events, figures.states) == (8, 5)
    assert figures.fields["list.items.item_key"] == 2
    assert not figures.same
    failing = Figures()
    failing.add_failed(folded(WISH_LIST, wishes().events))
    assert (failing.customers, failing.failed, failing.events, failing.same) == (1, 1, 3, False)


@examples(15)
@given(history=histories(most=12))
def test_the_first_difference_is_where_the_folds_of_the_prefix_begin_to_differ(
    history: list[Event],
) -> None:
    events = [event for event in history if event.subject_id == history[0].subject_id]
    found = first_difference(beside(WISH_LIST), events)
    differs = [
        bool(folded(WISH_LIST, events[:count]).differing()) for count in range(1, len(events) + 1)
    ]
    first = differs.index(True) if True in differs else None
    assert (None if found is None else events.index(found[0])) == first


@examples(15)
@given(history=histories(most=12))
def test_the_example_takes_events_in_any_order(history: list[Event]) -> None:
    forth, back = (
        folded(WISH_LIST, events)._tried for events in (history, list(reversed(history)))
    )
    journeys = projections.JOURNEYS.with_kind(WISH_LIST)
    assert journeys.publish_all(forth) == journeys.publish_all(back)
