"""A customer's view equals one fold of all its members' events, however they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey_service.application.customer_view import CustomerView
from tests.application.test_continue_moves import ANY, NOW_MS
from tests.projections.histories import SUBJECTS, examples, histories

# Being measured takes longer than what it does; other tests reach all lines of it.
pytestmark = pytest.mark.unmeasured


def stored(events: list[Event]) -> dict[str, JourneyFold]:
    """What a projection keeps of a stream that it folded so far."""
    states: dict[str, JourneyFold] = {}
    for event in events:
        projections.fold_event(states, event)
    return states


def shown(view: CustomerView) -> dict[str, bytes]:
    """The published journeys, as they stand."""
    return {
        key: journey.SerializeToString(deterministic=True)
        for key, journey in view.published(NOW_MS).items()
    }


@examples(30)
@given(data=st.data())
def test_members_that_come_in_any_way_give_one_fold_of_all_and_lose_no_change(
    data: st.DataObject,
) -> None:
    events = data.draw(histories(ANY, 14))
    streams = {name: [e for e in events if e.subject_id == name] for name in SUBJECTS}
    view = CustomerView(SUBJECTS[0])
    looks = [(dict(view.versions), shown(view))]
    for name in data.draw(st.lists(st.sampled_from(SUBJECTS), max_size=8)):
        stream = streams[name]
        if data.draw(st.booleans()):
            folded = data.draw(st.integers(0, len(stream)))
            view.join({name: folded}, [stored(stream[:folded])])
        else:
            more = view.versions.get(name, 0) + data.draw(st.integers(0, 4))
            view.apply(stream[:more])
        assert view.continue_list(NOW_MS) == _list_anew(view)
        looks.append((dict(view.versions), shown(view)))
    for stream in streams.values():
        view.apply(stream)
    assert shown(view) == shown(_union(events))
    for versions, before in looks:
        _check_changes(view, versions, before)


def _list_anew(view: CustomerView) -> list[str]:
    return projections.continue_list(view.published(NOW_MS), NOW_MS)


def _union(events: list[Event]) -> CustomerView:
    union = CustomerView(SUBJECTS[0])
    union.fold(events)
    return union


def _check_changes(view: CustomerView, versions: dict[str, int], before: dict[str, bytes]) -> None:
    """A copy that is brought level by what changed since is whole, and nothing else is sent."""
    changed = view.changed_since(versions)
    after = shown(view)
    assert {**before, **{key: after[key] for key in changed}} == after
    slow = projections.changed_since(view.folds, versions)
    assert changed == sorted(projections.with_wholes(view.folds, slow))


@examples(10)
@given(data=st.data())
def test_a_part_in_a_journey_is_an_event_of_ones_own(data: st.DataObject) -> None:
    events = data.draw(histories(ANY, 14))
    own = {
        key
        for event in events
        if event.subject_id == SUBJECTS[0]
        for key in projections.keys_of(event)
    }
    union = _union(events)
    narrow = union.narrowed()
    assert narrow.folds.keys() == own
    assert narrow.versions == union.versions
    assert set(narrow.continue_list(NOW_MS)) <= own | _next_of(narrow)


def _next_of(view: CustomerView) -> set[str]:
    """What comes next in the series that are seen."""
    return {projections.key_of(each.series.up_next) for each in view.published(NOW_MS).values()}
