"""Searches: the last setting as a whole, on every device."""

import projections
from journey.v1.interactions_pb2 import SearchFilter, SearchPerformed
from journey.v1.journeys_pb2 import SearchState
from projections import thresholds
from tests.projections.acts import Device, Story, clock

SHOES = "search/shoes"


def search(device: Device, at: str, **setting: object) -> None:
    device.record(SHOES, SearchPerformed(**setting), clock(at))  # type: ignore[arg-type]


def state(story: Story) -> SearchState:
    return story.journey(SHOES).search


def test_the_search_that_was_set_last_stands_as_a_whole_whenever_it_arrives() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    size = SearchFilter(name="size", values=["42", "43"])
    search(laptop, "20:10", query="boots", filters=[size], sort="price", result_count=7)
    search(phone, "20:00", query="shoes", anchor="sku-9")
    expected = SearchState(query="boots", filters=[size], sort="price", result_count=7)
    assert state(story) == expected


def test_what_is_left_out_is_no_longer_set() -> None:
    story = Story()
    phone = story.device("phone")
    search(phone, "20:00", query="shoes", sort="price", anchor="sku-9", result_count=0)
    assert state(story).HasField("result_count")
    search(phone, "20:01", query="shoes")
    assert state(story) == SearchState(query="shoes")


def test_a_search_without_id_is_the_main_one() -> None:
    story = Story()
    story.device("phone").record("search/", SearchPerformed(query="shoes"), clock("20:00"))
    assert story.journey("search/main").search.query == "shoes"


def test_a_search_with_words_can_be_gone_on_with_until_it_is_thirty_days_old() -> None:
    story = Story()
    search(story.device("phone"), "20:00", query="shoes")
    idle_ms = clock("20:00") + thresholds.SEARCH_ARCHIVE_AFTER_MS
    assert story.continue_list(idle_ms - 1) == [SHOES]
    assert story.continue_list(idle_ms) == []
    assert projections.archived(story.journey(SHOES), idle_ms)
    assert not story.journey(SHOES).finished


def test_a_search_by_filters_alone_is_kept_and_not_offered() -> None:
    story = Story()
    search(story.device("phone"), "20:00", filters=[SearchFilter(name="size", values=["42"])])
    assert state(story).filters[0].name == "size"
    assert story.continue_list(clock("20:01")) == []
