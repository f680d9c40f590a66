from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from tests.projections.acts import fold, frozen, joined
from tests.projections.histories import ACTS, examples, histories

States = dict[str, JourneyFold]
ABOUT = pytest.mark.parametrize("acts", [*ACTS.values()], ids=[*ACTS])


def stored(states: States) -> States:
    """The same after being written and read."""
    return {
        key: projections.JOURNEYS.parse(state.SerializeToString(deterministic=True))
        for key, state in states.items()
    }


@ABOUT
@examples(30)
@given(data=st.data())
def test_hard_case_40_no_order_and_no_repetition_changes_a_byte(acts: Any, data: Any) -> None:
    events = data.draw(histories(acts))
    again = data.draw(st.lists(st.sampled_from(events), max_size=6))
    shuffled = data.draw(st.permutations(events + again))
    assert frozen(fold(shuffled)) == frozen(fold(events))


@ABOUT
@examples(30)
@given(data=st.data())
def test_hard_case_40_a_fold_stopped_and_resumed_anywhere_goes_on_as_if_it_had_not(
    acts: Any, data: Any
) -> None:
    events = data.draw(histories(acts))
    stops = data.draw(st.sets(st.integers(0, len(events))))
    states: States = {}
    for index, event in enumerate(events):
        if index in stops:
            states = stored(states)
        projections.fold_event(states, event)
    assert frozen(states) == frozen(fold(events))


@ABOUT
@examples(40)
@given(data=st.data())
def test_hard_case_40_any_split_of_the_events_joins_to_the_same_bytes(acts: Any, data: Any) -> None:
    events = data.draw(histories(acts))
    parts: list[list[Event]] = [[], [], []]
    for event in events:
        for index in data.draw(st.sets(st.integers(0, 2), min_size=1)):
            parts[index].append(event)
    states = [stored(fold(data.draw(st.permutations(part)))) for part in parts]
    whole = frozen(fold(events))
    assert frozen(joined(states)) == whole
    assert frozen(joined(states[::-1])) == whole


@ABOUT
@examples(10)
@given(data=st.data())
def test_a_merge_leaves_both_sides_as_they_are_and_with_itself_changes_nothing(
    acts: Any, data: Any
) -> None:
    mine, theirs = fold(data.draw(histories(acts))), fold(data.draw(histories(acts)))
    before = frozen(mine), frozen(theirs)
    joined([mine, theirs])
    assert (frozen(mine), frozen(theirs)) == before
    assert frozen(joined([mine, mine])) == before[0]


@examples(30)
@given(events=histories())
def test_only_the_keys_named_before_are_touched_and_all_of_them(events: list[Event]) -> None:
    states: States = {}
    for event in events:
        before = frozen(states)
        touched = projections.fold_event(states, event)
        assert touched == set(projections.keys_of(event))
        after = frozen(states)
        changed = {key for key in after if after[key] != before.get(key)}
        assert changed <= touched
