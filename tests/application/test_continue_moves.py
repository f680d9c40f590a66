"""A continue list that is moved along with what changed equals one that is made anew."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import ACTOR_KIND_CUSTOMER, OUTCOME_ACCEPTED, Actor, Event, Occurrence
from journey.v1.interactions_pb2 import RUN_OPENER_SEEK, MediaPaused, MediaPlayed
from journey_service.application.customer_view import CustomerView
from tests.projections.acts import MIDNIGHT_MS, interaction
from tests.projections.bodies import MEDIA_BODIES, few
from tests.projections.histories import ACTS, ALL_ACTS, SUBJECTS, examples, histories

# Being measured takes longer than what it does; other tests reach all lines of it.
pytestmark = pytest.mark.unmeasured

# Far enough into the film to be listed; some are versions of one title, or of one series.
PLAYS = st.builds(
    lambda run, group, series: (
        MediaPaused(run_id=run, opened_by=RUN_OPENER_SEEK, point_ms=600_000, duration_ms=3_600_000)
        if not (group or series)
        else MediaPlayed(
            run_id=run,
            opened_by=RUN_OPENER_SEEK,
            run_start_ms=600_000,
            point_ms=700_000,
            duration_ms=3_600_000,
            group_id=group,
            series_id=series,
        )
    ),
    few("r1", "r2", "r3", "r4"),
    few("", "", "title"),
    few("", "", "", "series"),
)
FILMS = st.tuples(few("media/f1", "media/f2", "media/f3"), st.one_of(PLAYS, PLAYS, MEDIA_BODIES))
ANY = st.one_of(FILMS, FILMS, FILMS, ACTS["cart"], ACTS["series"], ALL_ACTS)
NOW_MS = MIDNIGHT_MS + 3_600_000


@examples(120)
@given(data=st.data())
def test_a_list_moved_by_what_changed_equals_one_made_anew(data: st.DataObject) -> None:
    events = [e for e in data.draw(histories(ANY, 14)) if e.subject_id == SUBJECTS[0]]
    looks = data.draw(st.sets(st.integers(0, len(events)), min_size=len(events) // 2))
    view = CustomerView(SUBJECTS[0])
    for index, event in enumerate(events):
        view.apply([event])
        if index in looks:
            anew = projections.continue_list(view.published(NOW_MS), NOW_MS)
            assert view.continue_list(NOW_MS) == anew


def test_lists_of_many_titles_and_series_are_moved_rightly() -> None:
    draw = random.Random(11)
    for _ in range(150):
        view = CustomerView("mila")
        for version in range(1, 11):
            film = f"film-{draw.randrange(5)}"
            group, series = draw.choice(("", "", "title")), draw.choice(("", "", "", "series"))
            event = _played(version, film, group, series)
            event.occurrence.t_ms += draw.randrange(60_000)
            view.apply([event])
            anew = projections.continue_list(view.published(NOW_MS), NOW_MS)
            assert view.continue_list(NOW_MS) == anew


def test_a_list_is_limited_to_kinds_without_being_made_anew() -> None:
    view = CustomerView("mila")
    assert view.continue_list(NOW_MS, frozenset({"cart"})) == []


def test_a_version_of_a_listed_title_takes_its_place() -> None:
    view = CustomerView("mila")
    view.apply([_played(1, "film-hd")])
    assert view.continue_list(NOW_MS) == ["media/film-hd"]
    view.apply([_played(2, "film-sd")])
    assert view.continue_list(NOW_MS) == ["media/film-sd"]


def _played(version: int, film: str, group: str = "title", series: str = "") -> Event:
    body = MediaPlayed(
        run_id=f"run-{film}",
        opened_by=RUN_OPENER_SEEK,
        run_start_ms=600_000,
        point_ms=700_000,
        duration_ms=3_600_000,
        group_id=group,
        series_id=series,
    )
    return Event(
        subject_id="mila",
        version=version,
        outcome=OUTCOME_ACCEPTED,
        occurrence=Occurrence(t_ms=MIDNIGHT_MS + version, installation_id="phone", seq=version),
        interaction=interaction(f"media/{film}", body),
        actor=Actor(kind=ACTOR_KIND_CUSTOMER),
    )
