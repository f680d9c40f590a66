from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event
from journey.v1.folds_pb2 import JourneyFold
from projections.fold import order_of
from projections.portions import fold_portions
from projections.projection import Act
from tests.projections.acts import fold, frozen, in_portions, joined
from tests.projections.histories import ACTS, examples, histories

# Being measured takes longer than what it does; other tests reach all lines of it.
pytestmark = pytest.mark.unmeasured

States = dict[str, JourneyFold]
ABOUT = pytest.mark.parametrize("acts", [*ACTS.values()], ids=[*ACTS])


def stored(states: States) -> States:
    """The same after being written and read."""
    return {
        key: projections.JOURNEYS.parse(state.SerializeToString(deterministic=True))
        for key, state in states.items()
    }


@ABOUT
@examples(15)
@given(data=st.data())
def test_hard_case_40_no_order_and_no_repetition_changes_a_byte(acts: Any, data: Any) -> None:
    events = data.draw(histories(acts))
    again = data.draw(st.lists(st.sampled_from(events), max_size=6))
    shuffled = data.draw(st.permutations(events + again))
    assert frozen(fold(shuffled)) == frozen(fold(events))


@ABOUT
@examples(15)
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
@examples(10)
@given(data=st.data())
def test_hard_case_40_events_folded_state_by_state_give_the_bytes_of_one_by_one(
    acts: Any, data: Any
) -> None:
    events = data.draw(histories(acts))
    states: States = {}
    for some in in_portions(data.draw(st.permutations(events)), data.draw(st.integers(1, 9))):
        fold_portions(states, projections.JOURNEYS.portions(some))
    assert frozen(states) == frozen(fold(events))


@ABOUT
@examples(20)
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


@examples(15)
@given(events=histories())
def test_only_the_keys_named_before_are_touched_and_all_of_them(events: list[Event]) -> None:
    states: States = {}
    for event in events:
        before = frozen(states)
        touched = projections.fold_event(states, event)
        assert touched == set(projections.keys_of(event))
        after = frozen(states)
        changed = {key for key in after if after[key] != before.get(key)}
        assert changed <= projections.with_wholes(states, touched)


def counts(event: Event) -> bool:
    """Whether a report of playing moves anything."""
    report = event.interaction.media_progressed
    accepted = event.outcome == OUTCOME_ACCEPTED and not event.lease_stale
    return accepted and bool(report.run_id) and report.point_ms >= report.run_start_ms


def thinned(events: list[Event]) -> list[Event]:
    """What retention keeps of old telemetry: of each run the first report and the furthest."""
    reports = [event for event in events if event.interaction.HasField("media_progressed")]
    kept: list[Event] = []
    for run_id in {event.interaction.media_progressed.run_id for event in reports}:
        counting = [
            event
            for event in reports
            if event.interaction.media_progressed.run_id == run_id and counts(event)
        ]
        counting.sort(key=lambda event: order_of(Act(event, "media_progressed", "film").write()))
        kept += counting[:1]
        kept += sorted(
            counting, key=lambda event: event.interaction.media_progressed.point_ms, reverse=True
        )[:1]
    return [event for event in events if event not in reports or event in kept]


@examples(60)
@given(events=histories(ACTS["media"]), old=st.integers(0, 10))
def test_thinning_changes_nothing_that_is_published_also_when_more_comes_afterwards(
    events: list[Event], old: int
) -> None:
    thin = thinned(events[:old]) + events[old:]
    whole = {key: projections.publish(state) for key, state in fold(events).items()}
    left = {key: projections.publish(state) for key, state in fold(thin).items()}
    assert left.items() <= whole.items()
    for key in whole.keys() - left.keys():
        assert not whole[key].media.run_id
