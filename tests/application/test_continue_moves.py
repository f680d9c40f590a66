"""A continue list that is moved along with what changed equals one that is made anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import projections
from journey_service.application.reader import SubjectView
from tests.projections.acts import MIDNIGHT_MS
from tests.projections.bodies import MARKS, MEDIA_BODIES, few
from tests.projections.histories import ACTS, ALL_ACTS, SUBJECTS, examples, histories

FILMS = st.tuples(few("media/f1", "media/f2", "media/f3"), st.one_of(MEDIA_BODIES, MARKS))
ANY = st.one_of(FILMS, FILMS, ACTS["cart"], ACTS["series"], ALL_ACTS)
NOW_MS = MIDNIGHT_MS + 3_600_000


@examples(300)
@given(data=st.data())
def test_a_list_moved_by_what_changed_equals_one_made_anew(data: st.DataObject) -> None:
    events = [e for e in data.draw(histories(ANY, 14)) if e.subject_id == SUBJECTS[0]]
    looks = data.draw(st.sets(st.integers(0, len(events))))
    view = SubjectView(SUBJECTS[0])
    for index, event in enumerate(events):
        view.apply([event])
        if index in looks:
            anew = projections.continue_list(view.published(NOW_MS), NOW_MS)
            assert view.continue_list(NOW_MS) == anew


def test_a_list_is_limited_to_kinds_without_being_made_anew() -> None:
    view = SubjectView("mila")
    assert view.continue_list(NOW_MS, frozenset({"cart"})) == []
