"""Books and articles: the page turned last, bookmarks, and when a text is read to its end."""

import pytest

import projections
from journey.v1.interactions_pb2 import (
    JourneyMarked,
    ReadingBookmarkChanged,
    ReadingPositionSet,
)
from journey.v1.journeys_pb2 import ReadingState
from projections import thresholds
from tests.projections.acts import Device, Story, clock, fold

BOOK = "reading/book"
FINISHED, UNFINISHED = JourneyMarked.MARK_FINISHED, JourneyMarked.MARK_UNFINISHED


def turn(device: Device, page: str, ppm: int, at: str, *, restart: bool = False) -> None:
    body = ReadingPositionSet(locator=page, progress_ppm=ppm, restart=restart)
    device.record(BOOK, body, clock(at))


def bookmark(
    device: Device,
    bookmark_id: str,
    at: str,
    *,
    page: str = "page 1",
    text: str = "",
    removed: bool = False,
    seen: int | None = None,
) -> None:
    body = ReadingBookmarkChanged(bookmark_id=bookmark_id, locator=page, text=text, removed=removed)
    device.record(BOOK, body, clock(at), seen=seen)


def state(story: Story) -> ReadingState:
    return story.journey(BOOK).reading


# --- the place -----------------------------------------------------------------------------------


def test_reading_goes_on_at_the_page_turned_last_not_at_the_furthest() -> None:
    story = Story()
    phone, tablet = story.device("phone"), story.device("tablet")
    turn(phone, "page 10", 100_000, "21:00")
    turn(tablet, "page 50", 500_000, "20:00")
    book = state(story)
    assert (book.locator, book.progress_ppm, book.as_of_ms) == ("page 10", 100_000, clock("21:00"))
    assert book.furthest_ppm == 500_000
    assert story.journey(BOOK).last_device_id == "phone"


def test_a_book_is_offered_from_its_second_page_on() -> None:
    story = Story()
    phone = story.device("phone")
    turn(phone, "cover", 0, "20:00")
    assert story.continue_list(clock("20:01")) == []
    turn(phone, "page 1", 1, "20:02")
    assert story.continue_list(clock("20:03")) == [BOOK]


# --- finished ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ppm", "finished"), [(989_999, False), (990_000, True)])
def test_a_book_is_finished_on_its_last_pages(ppm: int, finished: bool) -> None:
    story = Story()
    turn(story.device("phone"), "near the end", ppm, "20:00")
    assert story.journey(BOOK).finished is finished
    assert state(story).finished is finished
    assert state(story).finished_at_ms == (clock("20:00") if finished else 0)
    assert story.continue_list(clock("20:01")) == ([] if finished else [BOOK])


def test_turning_back_does_not_make_it_unfinished_and_beginning_anew_does() -> None:
    story = Story()
    phone = story.device("phone")
    turn(phone, "the end", 1_000_000, "20:00")
    turn(phone, "page 2", 20_000, "20:01")
    assert state(story).finished
    turn(phone, "page 1", 10_000, "20:02", restart=True)
    assert not state(story).finished
    turn(phone, "the end", 995_000, "20:03")
    assert state(story).finished_at_ms == clock("20:03")


def test_of_finishing_and_beginning_anew_the_later_act_counts_whichever_arrives_first() -> None:
    story = Story()
    phone, tablet = story.device("phone"), story.device("tablet")
    turn(tablet, "page 1", 10_000, "20:10", restart=True)
    turn(phone, "the end", 1_000_000, "20:00")
    assert not state(story).finished


def test_an_end_that_is_at_once_a_beginning_is_a_beginning() -> None:
    story = Story()
    turn(story.device("phone"), "the end", 1_000_000, "20:00", restart=True)
    assert not state(story).finished


def test_marks_by_hand_finish_and_reopen() -> None:
    story = Story()
    phone = story.device("phone")
    turn(phone, "page 10", 100_000, "20:00")
    phone.mark(FINISHED, "20:01", BOOK)
    assert state(story).finished
    phone.mark(UNFINISHED, "20:02", BOOK)
    assert not state(story).finished
    assert state(story).locator == "page 10"


def test_a_hidden_book_comes_back_with_the_next_page() -> None:
    story = Story()
    phone = story.device("phone")
    turn(phone, "page 10", 100_000, "20:00")
    phone.mark(JourneyMarked.MARK_HIDDEN, "20:01", BOOK)
    assert not state(story).finished
    assert story.continue_list(clock("20:02")) == []
    turn(phone, "page 11", 110_000, "20:03")
    assert story.continue_list(clock("20:04")) == [BOOK]


# --- bookmarks -----------------------------------------------------------------------------------


def shown(story: Story) -> dict[str, tuple[str, str]]:
    return {each.bookmark_id: (each.locator, each.text) for each in state(story).bookmarks}


def test_bookmarks_are_set_changed_and_removed() -> None:
    story = Story()
    phone = story.device("phone")
    bookmark(phone, "b", "20:00", page="page 5", text="nice")
    bookmark(phone, "a", "20:01", page="page 3")
    bookmark(phone, "b", "20:02", page="page 6")
    assert shown(story) == {"a": ("page 3", ""), "b": ("page 6", "")}
    assert state(story).bookmarks[1].set_at_ms == clock("20:02")
    bookmark(phone, "b", "20:03", removed=True)
    assert [*shown(story)] == ["a"]


def test_a_bookmark_changed_offline_survives_its_removal_elsewhere() -> None:
    story = Story()
    phone, tablet = story.device("phone"), story.device("tablet")
    bookmark(phone, "b", "20:00", text="first")
    bookmark(phone, "b", "20:01", text="changed offline", seen=1)
    bookmark(tablet, "b", "20:02", removed=True, seen=1)
    assert shown(story) == {"b": ("page 1", "changed offline")}


def test_of_two_changes_at_once_the_later_one_shows() -> None:
    story = Story()
    phone, tablet = story.device("phone"), story.device("tablet")
    bookmark(tablet, "b", "20:02", text="later", seen=0)
    bookmark(phone, "b", "20:01", text="earlier", seen=0)
    assert shown(story) == {"b": ("page 1", "later")}


def test_many_bookmarks_are_cut_to_the_newest() -> None:
    story = Story()
    phone = story.device("phone")
    for number in range(thresholds.ENTRIES_MOST + 1):
        body = ReadingBookmarkChanged(bookmark_id=f"{number:04}", locator="page 1")
        phone.record(BOOK, body, clock("20:00") + number)
    book = projections.publish(fold(story.events)[BOOK]).reading
    assert book.more
    assert len(book.bookmarks) == thresholds.ENTRIES_MOST
    assert book.bookmarks[0].bookmark_id == "0001"


def test_bookmarks_with_long_notes_are_cut_to_what_fits() -> None:
    story = Story()
    phone = story.device("phone")
    for number in range(600):
        body = ReadingBookmarkChanged(bookmark_id=f"{number:04}", locator="p", text="€" * 500)
        phone.record(BOOK, body, clock("20:00") + number)
    journey = projections.publish(fold(story.events)[BOOK])
    assert journey.reading.more
    assert journey.reading.bookmarks[-1].bookmark_id == "0599"
    assert thresholds.LIST_BYTES - 2_000 < journey.ByteSize() < thresholds.STATE_BYTES


def test_a_book_that_was_only_marked_has_no_place() -> None:
    story = Story()
    story.device("phone").mark(FINISHED, "20:00", BOOK)
    assert (state(story).locator, state(story).as_of_ms, state(story).finished) == ("", 0, True)
