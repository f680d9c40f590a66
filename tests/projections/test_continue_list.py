"""What can be gone on with: newest activity first, one entry per title and per series."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import (
    CartLineAdded,
    JourneyMarked,
    ReadingPositionSet,
    SearchPerformed,
)
from projections import thresholds
from tests.projections.acts import Device, Story, clock, fold, line
from tests.projections.histories import examples, histories
from tests.projections.test_custom import tell as tell_fields
from tests.projections.test_series import SHOW, see, tell, watch

HIDDEN = JourneyMarked.MARK_HIDDEN
LATE = clock("23:59")


def read(device: Device, at: str, book: str = "reading/book", ppm: int = 100_000) -> None:
    device.record(book, ReadingPositionSet(locator="page", progress_ppm=ppm), clock(at))


# --- across kinds --------------------------------------------------------------------------------


def test_journeys_of_all_kinds_stand_by_their_activity() -> None:
    story = Story()
    phone = story.device("phone")
    watch(phone, "film", "20:00", "20:10")
    read(phone, "20:05")
    phone.record("cart/main", CartLineAdded(line=line("a", 1)), clock("20:20"))
    phone.record("search/main", SearchPerformed(query="shoes"), clock("20:15"))
    assert story.continue_list(LATE) == ["cart/main", "search/main", "media/film", "reading/book"]


def test_telemetry_does_not_reorder() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    run = tv.play("00:00", "20:00")
    run.progress("10:00", "20:10")
    read(phone, "20:15")
    run.progress("30:00", "20:30")
    assert story.continue_list(LATE) == ["reading/book", "media/film"]


def test_what_is_hidden_is_left_out_until_a_newer_intent() -> None:
    story = Story()
    phone = story.device("phone")
    read(phone, "20:00")
    phone.mark(HIDDEN, "20:01", "reading/book")
    assert story.continue_list(LATE) == []
    read(phone, "20:02")
    assert story.continue_list(LATE) == ["reading/book"]


# --- titles in several versions ------------------------------------------------------------------


def test_versions_of_a_title_have_one_entry_which_is_the_later() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00", "sd", group_id="title").pause("10:00", "20:10")
    tv.play("00:00", "21:00", "uhd", group_id="title").pause("20:00", "21:20")
    assert story.continue_list(LATE) == ["media/uhd"]
    tv.mark(HIDDEN, "21:30", "media/uhd")
    assert story.continue_list(LATE) == []


def test_a_version_that_tells_its_series_speaks_for_the_others_of_its_title() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "sd", "e2")
    tv.play("00:00", "20:00", "sd", group_id="title").pause("10:00", "20:10")
    assert story.continue_list(LATE) == ["media/sd"]
    tv.play("00:00", "21:00", "uhd", group_id="title").finish("60:00", "22:00")
    assert story.continue_list(LATE) == ["media/e2"]


# --- series --------------------------------------------------------------------------------------


def test_a_series_has_one_entry_which_is_its_member_in_progress() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", "e2", "e3")
    watch(tv, "e1", "20:00", "20:10")
    watch(tv, "e3", "20:20", "20:30")
    read(tv, "20:15")
    assert story.continue_list(LATE) == ["media/e3", "reading/book"]


def test_what_comes_next_is_listed_where_the_member_before_it_was_finished() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", "e2")
    see(tv, "e1", "20:00", "21:00")
    read(tv, "20:59")
    read(tv, "21:01", "reading/other")
    assert story.continue_list(LATE) == ["reading/other", "media/e2", "reading/book"]
    assert "media/e2" not in story.journeys()


def test_a_member_that_was_only_touched_is_still_what_comes_next() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", "e2")
    see(tv, "e1", "20:00", "21:00")
    tv.play("00:00", "21:10", "e2").pause("00:20", "21:11")
    assert story.continue_list(LATE) == ["media/e2"]
    tv.mark(HIDDEN, "21:12", "media/e2")
    assert story.continue_list(LATE) == []


def test_a_series_that_is_seen_to_its_end_or_whose_next_is_unknown_is_not_listed() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1")
    see(tv, "e1", "20:00", "21:00")
    assert story.continue_list(LATE) == []


@pytest.mark.parametrize("hidden", [SHOW, "media/e2"])
def test_hiding_a_series_or_its_member_in_progress_hides_the_series(hidden: str) -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", "e2")
    watch(tv, "e1", "20:00", "20:10")
    watch(tv, "e2", "20:20", "20:30")
    tv.mark(HIDDEN, "20:40", hidden)
    assert story.continue_list(LATE) == []
    watch(tv, "e1", "21:00", "21:10")
    assert story.continue_list(LATE) == ["media/e1"]


def test_episodes_that_name_a_series_nobody_told_have_one_entry_too() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00", "e1", series_id="other").pause("10:00", "20:10")
    tv.play("00:00", "20:20", "e2", series_id="other").pause("10:00", "20:30")
    assert story.continue_list(LATE) == ["media/e2"]
    tv.play("10:00", "20:40", "e2", series_id="other").finish("60:00", "21:40")
    assert story.continue_list(LATE) == ["media/e1"]
    tv.play("10:00", "21:50", "e1", series_id="other").finish("60:00", "22:50")
    assert story.continue_list(LATE) == []


def test_a_member_of_two_series_stands_for_the_one_it_names_itself() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", "e2", series="series/list-a")
    tell(tv, "19:01", "e1", "e3", series="series/list-b")
    tv.play("00:00", "20:00", "e1", series_id="list-b").finish("60:00", "21:00")
    assert story.continue_list(LATE) == ["media/e3"]


def test_what_goes_on_by_itself_and_comes_next_in_a_series_is_listed_once() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", then="special")
    watch(tv, "special", "19:30", "19:40")
    see(tv, "e1", "20:00", "21:00")
    read(tv, "20:30")
    assert story.continue_list(LATE) == ["media/special", "reading/book"]


def test_a_series_is_archived_with_the_member_that_speaks_for_it() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", "e2")
    see(tv, "e1", "20:00", "21:00")
    idle_ms = clock("21:00") + thresholds.ARCHIVE_AFTER_MS
    assert story.continue_list(idle_ms - 1) == ["media/e2"]
    assert story.continue_list(idle_ms) == []


def test_a_custom_member_that_was_finished_last_decides_by_its_activity() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "18:00", "quest/garden", "e1", "e2")
    see(tv, "e1", "19:00", "20:00")
    body = {"stage": "gate", "level": 10, "hero": "Zoé"}
    tell_fields(tv, "20:30", body)
    assert story.journey("quest/garden").finished
    assert story.continue_list(LATE) == []
    see(tv, "e1", "21:00", "22:00")
    assert story.continue_list(LATE) == ["media/e2"]


def test_all_journeys_by_activity_hold_those_that_are_not_listed() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1")
    see(tv, "e1", "20:00", "21:00")
    assert set(projections.by_activity(story.journeys())) == {SHOW, "media/e1"}


@examples(30)
@given(events=histories(), data=st.data())
def test_whatever_happened_each_entry_is_there_once_and_neither_finished_nor_hidden(
    events: list[Event], data: st.DataObject
) -> None:
    journeys = projections.publish_all(fold(events))
    entries = projections.continue_list(journeys, LATE)
    assert len(set(entries)) == len(entries)
    for key in entries:
        assert key not in journeys or not (journeys[key].finished or journeys[key].hidden)
    shuffled = data.draw(st.permutations([*journeys]))
    assert projections.continue_list({key: journeys[key] for key in shuffled}, LATE) == entries
