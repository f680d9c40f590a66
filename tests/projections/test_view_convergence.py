"""Views under every order, repetition, split and stop, also where what they keep is cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from projections import thresholds
from projections.portions import fold_portions
from projections.reactions import Reactions
from projections.view import StoredView
from projections.views.purchased import purchased
from projections.views.suppression import SUPPRESSION
from tests.projections import acts
from tests.projections.histories import examples, histories
from tests.projections.view_histories import OTHER_ACTS, VIEW_ACTS
from tests.projections.views import VIEWS, States, fold, frozen, joined, stored

# Being measured takes longer than what it does; other tests reach all lines of it.
pytestmark = pytest.mark.unmeasured

# So tight that every list of a few acts is cut.
TIGHT = {
    "USE_DAYS_MOST": 1,
    "TOUCHPOINTS_MOST": 2,
    "SENT_MOST": 2,
    "CONTACTS_MOST": 2,
    "OUTCOMES_MOST": 2,
    "CAMPAIGNS_MOST": 1,
    "ASKS_MOST": 2,
}


@contextmanager
def tight(most: dict[str, int]) -> Iterator[None]:
    """Let the views keep no more than this."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in most.items():
            patch.setattr(thresholds, name, value)
        yield


ABOUT = pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
KEPT = pytest.mark.parametrize("most", [{}, TIGHT], ids=["roomy", "tight"])
View = StoredView[Any]


@ABOUT
@KEPT
@examples(5)
@given(data=st.data())
def test_no_order_no_repetition_and_no_stop_changes_a_byte_of_a_view(
    view: View, most: dict[str, int], data: Any
) -> None:
    events = data.draw(histories(VIEW_ACTS[view.name], least=5))
    again = data.draw(st.lists(st.sampled_from(events), max_size=6))
    shuffled = data.draw(st.permutations(events + again))
    stops = data.draw(st.sets(st.integers(0, len(shuffled))))
    with tight(most):
        whole = frozen(view, fold(view, events))
        states: States = {}
        for index, event in enumerate(shuffled):
            if index in stops:
                states = stored(view, states)
            view.projection.fold_event(states, event)
        assert frozen(view, states) == whole


@ABOUT
@KEPT
@examples(3)
@given(data=st.data())
def test_events_folded_state_by_state_give_the_view_of_one_by_one(
    view: View, most: dict[str, int], data: Any
) -> None:
    events = data.draw(histories(VIEW_ACTS[view.name], least=5))
    states: States = {}
    assert isinstance(view.projection, Reactions)
    with tight(most):
        for some in acts.in_portions(data.draw(st.permutations(events)), 3):
            fold_portions(states, view.projection.portions(some))
        assert frozen(view, states) == frozen(view, fold(view, events))


@ABOUT
@KEPT
@examples(5)
@given(data=st.data())
def test_any_split_of_the_events_joins_to_the_same_view(
    view: View, most: dict[str, int], data: Any
) -> None:
    events = data.draw(histories(VIEW_ACTS[view.name], least=5))
    parts: list[list[Any]] = [[], [], []]
    for event in events:
        for index in data.draw(st.sets(st.integers(0, 2), min_size=1)):
            parts[index].append(event)
    with tight(most):
        states = [stored(view, fold(view, data.draw(st.permutations(part)))) for part in parts]
        before = [frozen(view, each) for each in states]
        whole = frozen(view, fold(view, events))
        assert frozen(view, joined(view, states)) == whole
        assert frozen(view, joined(view, states[::-1])) == whole
        assert [frozen(view, each) for each in states] == before


@ABOUT
@examples(5)
@given(data=st.data())
def test_a_view_touches_the_keys_that_it_names_before_and_changes_no_other(
    view: View, data: Any
) -> None:
    states: States = {}
    for event in data.draw(histories(OTHER_ACTS)):
        before = frozen(view, states)
        touched = view.projection.fold_event(states, event)
        assert touched == set(view.projection.keys_of(event))
        after = frozen(view, states)
        assert {key for key in after if after[key] != before.get(key)} <= touched


@examples(15)
@given(events=histories(VIEW_ACTS["suppression"]))
def test_what_is_suppressed_is_what_is_bought_and_kept(events: list[Any]) -> None:
    journeys = projections.publish_all(acts.fold(events))
    orders = ({key: journey} for key, journey in journeys.items())
    kept = (each for order in orders for each in purchased(order))
    bought = {each.product.sku for each in kept if each.product.sku}
    suppressed = {
        each.sku
        for state in fold(SUPPRESSION, events).values()
        for each in SUPPRESSION.publish(state).products  # type: ignore[union-attr]
    }
    assert suppressed == bought
