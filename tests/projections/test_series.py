"""Series: members as their catalogue told, the one in progress, and what comes next."""

import pytest

import projections
from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import (
    JourneyMarked,
    ListItemAdded,
    ReadingPositionSet,
    SeriesMember,
    SeriesUpdated,
)
from journey.v1.journeys_pb2 import SeriesState
from journey.v1.references_pb2 import JourneyRef
from projections import thresholds
from tests.projections.acts import Device, Story, clock, fold

SHOW = "series/show"
EPISODES = ("e1", "e2", "e3")


def ref(episode: str) -> JourneyRef:
    kind, _, journey_id = episode.rpartition("/")
    return JourneyRef(kind=kind or "media", journey_id=journey_id)


def tell(
    device: Device,
    at: str,
    *episodes: str,
    then: str = "",
    seen: int | None = None,
    series: str = SHOW,
) -> Event:
    """The catalogue tells members in this order, and what comes next."""
    members = [
        SeriesMember(journey=ref(episode), order_key=f"{number:03}")
        for number, episode in enumerate(episodes)
    ]
    body = SeriesUpdated(members=members, next=ref(then) if then else None)
    return device.record(series, body, clock(at), seen=seen)


def watch(device: Device, episode: str, start: str, end: str) -> None:
    """Ten minutes of an episode of an hour."""
    device.play("00:00", start, episode).pause("10:00", end)


def see(device: Device, episode: str, start: str, end: str) -> None:
    """An episode from beginning to end."""
    device.play("00:00", start, episode).finish("60:00", end)


def state(story: Story, series: str = SHOW) -> SeriesState:
    return story.journey(series).series


def members(story: Story) -> list[str]:
    return [member.journey.journey_id for member in state(story).members]


# --- members -------------------------------------------------------------------------------------


def test_members_stand_in_the_order_that_was_told() -> None:
    story = Story()
    tell(story.device("phone"), "20:00", "e2", "e1", "reading/e3")
    assert members(story) == ["e2", "e1", "e3"]
    assert state(story).members[2].journey.kind == "reading"
    assert state(story).members[2].order_key == "002"


def test_a_later_telling_takes_the_place_of_those_it_had_in_view() -> None:
    story = Story()
    phone = story.device("phone")
    tell(phone, "20:00", "e1", "e2")
    tell(phone, "20:01", "e2", "e3")
    assert members(story) == ["e2", "e3"]


def test_members_told_by_two_devices_at_once_are_all_kept() -> None:
    story = Story()
    tell(story.device("phone"), "20:00", "e1", seen=0)
    tell(story.device("tv"), "20:01", "e2", seen=0)
    assert sorted(members(story)) == ["e1", "e2"]


def test_a_telling_that_arrives_after_one_that_had_seen_it_brings_nothing_back() -> None:
    story = Story()
    phone = story.device("phone")
    early = tell(phone, "20:00", "e1", "e2")
    tell(phone, "20:01", "e2")
    states = fold([story.events[1], early])
    assert [m.journey.journey_id for m in projections.publish(states[SHOW]).series.members] == [
        "e2"
    ]


def test_a_member_without_name_is_none() -> None:
    story = Story()
    body = SeriesUpdated(members=[SeriesMember(journey=JourneyRef(kind="media")), SeriesMember()])
    story.device("phone").record(SHOW, body, clock("20:00"))
    assert members(story) == []
    assert not story.journey(SHOW).finished


@pytest.mark.unmeasured  # a thousand members take long to measure, and other tests see those lines
def test_long_series_are_cut_to_the_members_told_last_and_count_all() -> None:
    story = Story()
    phone = story.device("phone")
    count = thresholds.ENTRIES_MOST + 1
    for number in range(count):
        told = SeriesMember(journey=ref(f"{number:04}"), order_key=f"{number:04}")
        body = SeriesUpdated(members=[told])
        phone.record(SHOW, body, clock("20:00") + number, seen=0).cut.ClearField("before")
    show = projections.publish(fold(story.events)[SHOW]).series
    assert show.more
    assert len(show.members) == thresholds.ENTRIES_MOST
    assert show.members[0].journey.journey_id == "0001"


# --- what goes on, what comes next ---------------------------------------------------------------


def test_the_member_watched_last_goes_on_and_the_one_behind_it_comes_next() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", *EPISODES)
    watch(tv, "e1", "20:00", "20:10")
    watch(tv, "e2", "20:30", "20:40")
    show = state(story)
    assert (show.current, show.up_next) == (ref("e2"), ref("e3"))
    assert show.finished_count == 0


def test_after_the_end_of_a_member_the_next_one_comes() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", *EPISODES)
    see(tv, "e1", "20:00", "21:00")
    show = state(story)
    assert not show.HasField("current")
    assert (show.up_next, show.finished_count) == (ref("e2"), 1)


def test_of_several_finished_members_the_one_finished_last_decides() -> None:
    story = Story()
    tv, phone = story.device("tv"), story.device("phone")
    tell(tv, "18:00", *EPISODES)
    see(tv, "e2", "20:00", "21:00")
    see(phone, "e1", "18:30", "19:30")
    assert state(story).up_next == ref("e3")


def test_a_member_that_died_in_its_credits_was_finished_when_it_came_to_them() -> None:
    story = Story()
    tv, phone = story.device("tv"), story.device("phone")
    tell(tv, "18:00", *EPISODES)
    phone.play("00:00", "20:00", "e2").progress("59:00", "20:59")
    see(tv, "e1", "19:30", "20:30")
    assert state(story).up_next == ref("e3")


def test_what_the_catalogue_told_as_next_goes_before_the_order() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", *EPISODES, then="e3")
    see(tv, "e1", "20:00", "21:00")
    assert state(story).up_next == ref("e3")
    tell(tv, "21:30", *EPISODES, then="special")
    assert state(story).up_next == ref("special")


def test_what_was_told_as_next_and_is_seen_already_gives_way_to_the_order() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", *EPISODES, then="e2")
    see(tv, "e1", "20:00", "21:00")
    see(tv, "e2", "21:00", "22:00")
    assert state(story).up_next == ref("e3")


def test_what_was_told_as_next_and_goes_on_is_followed_by_what_is_behind_it() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", *EPISODES, then="e2")
    watch(tv, "e2", "20:00", "20:10")
    assert (state(story).current, state(story).up_next) == (ref("e2"), ref("e3"))


def test_nothing_comes_next_where_that_is_finished_or_unknown() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "18:00", *EPISODES)
    assert not state(story).HasField("up_next")
    see(tv, "e2", "18:00", "19:00")
    see(tv, "e1", "20:00", "21:00")
    assert not state(story).HasField("up_next")
    see(tv, "e3", "21:00", "22:00")
    assert not state(story).HasField("up_next")


def test_a_series_is_finished_with_its_last_member_and_goes_on_with_a_new_one() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "18:00", "e1", "e2")
    see(tv, "e1", "20:00", "21:00")
    assert not story.journey(SHOW).finished
    see(tv, "e2", "21:00", "22:00")
    assert (story.journey(SHOW).finished, state(story).finished_count) == (True, 2)
    tell(tv, "22:30", "e1", "e2", "e3")
    assert not story.journey(SHOW).finished
    assert state(story).up_next == ref("e3")


def test_books_and_lists_can_be_members_too() -> None:
    story = Story()
    phone = story.device("phone")
    tell(phone, "19:00", "reading/one", "reading/two", "list/extras")
    read = ReadingPositionSet(locator="end", progress_ppm=1_000_000)
    phone.record("reading/one", read, clock("20:00"))
    phone.record("list/extras", ListItemAdded(content_id="x"), clock("20:01"))
    assert (state(story).up_next, state(story).finished_count) == (ref("reading/two"), 1)


def test_a_series_in_a_series_counts_as_unknown_so_that_there_are_no_circles() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "series/show", "e1")
    tell(tv, "19:01", "series/show", series="series/saga")
    see(tv, "e1", "20:00", "21:00")
    assert state(story).finished_count == 1
    assert state(story, "series/saga").finished_count == 0


# --- activity and hiding -------------------------------------------------------------------------


def test_the_activity_of_a_series_is_that_of_its_members() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "22:00", *EPISODES)
    assert story.journey(SHOW).activity.t_ms == clock("22:00")
    watch(tv, "e1", "20:00", "20:10")
    assert story.journey(SHOW).activity.t_ms == clock("20:10")


def test_a_member_without_activity_leaves_that_of_the_catalogue() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1")
    tv.play("00:00", "20:00", "e1")
    assert story.journey(SHOW).activity.t_ms == clock("19:00")


def test_the_catalogue_does_not_bring_a_hidden_series_back_and_watching_does() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", *EPISODES)
    watch(tv, "e1", "20:00", "20:10")
    tv.mark(JourneyMarked.MARK_HIDDEN, "20:20", SHOW)
    tell(tv, "20:30", *EPISODES)
    assert story.journey(SHOW).hidden
    watch(tv, "e1", "21:00", "21:10")
    assert not story.journey(SHOW).hidden


# --- what else changes with a journey ------------------------------------------------------------


def test_a_series_changes_with_its_members_and_with_what_was_told_as_next() -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", then="special")
    watch(tv, "e1", "20:00", "20:10")
    states = story.folds()
    assert projections.with_wholes(states, {"media/e1"}) == {"media/e1", SHOW}
    assert projections.with_wholes(states, {"media/special"}) == {"media/special", SHOW}
    assert projections.with_wholes(states, {"media/other"}) == {"media/other"}
    assert projections.members_of(states["media/e1"]) == []


@pytest.mark.parametrize("published_first", [SHOW, "media/e1"])
def test_all_journeys_are_published_with_their_members_whatever_their_order(
    published_first: str,
) -> None:
    story = Story()
    tv = story.device("tv")
    tell(tv, "19:00", "e1", "e2")
    see(tv, "e1", "20:00", "21:00")
    states = story.folds()
    ordered = sorted(states, key=lambda key: key != published_first)
    journeys = projections.publish_all({key: states[key] for key in ordered})
    assert [*journeys] == ordered
    assert journeys[SHOW].series.up_next == ref("e2")
