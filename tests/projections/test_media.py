from typing import Any

import pytest

from journey.v1.events_pb2 import ACTOR_KIND_SYSTEM, OUTCOME_QUARANTINED, OUTCOME_REJECTED
from journey.v1.interactions_pb2 import (
    CHANNEL_TV_APP,
    MEDIA_FORMAT_AUDIOBOOK,
    MEDIA_FORMAT_COURSE,
    MEDIA_FORMAT_VIDEO,
    JourneyMarked,
    MediaPlayed,
    MediaTracksSet,
)
from journey.v1.journeys_pb2 import MediaState
from projections.journeys.media import listing_floor
from projections.journeys.media_runs import finish_line
from tests.projections.acts import RESTART, Story, clock, fold, place

FILM = "media/film"
MINUTE_MS = 60_000
FINISHED, UNFINISHED = JourneyMarked.MARK_FINISHED, JourneyMarked.MARK_UNFINISHED


# --- resume point --------------------------------------------------------------------------------


def test_a_run_without_a_close_ends_at_its_greatest_point_when_that_was_first_reported() -> None:
    story = Story()
    run = story.device("tv").play("00:00", "20:00")
    run.progress("05:00", "20:05")
    run.progress("05:00", "20:30")
    film = story.media()
    assert (film.point_ms, film.as_of_ms, film.speed) == (place("05:00"), clock("20:05"), 1_000)


def test_a_television_switched_off_hours_after_its_last_report_ended_when_it_got_there() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    asleep = tv.play("00:00", "20:00")
    asleep.progress("10:00", "20:10")
    phone.play("10:00", "21:00").pause("20:00", "21:10")
    asleep.stop("10:20", "23:00")
    assert (story.media().point_ms, story.media().installation_id) == (place("20:00"), "phone")


@pytest.mark.parametrize(
    ("speed", "reached"), [(1_000, "20:10:20"), (2_000, "20:10:10"), (0, "20:10:20")]
)
def test_the_moment_a_place_was_reached_follows_from_the_speed(speed: int, reached: str) -> None:
    story = Story()
    run = story.device("tv").play("00:00", "20:00", speed=speed)
    run.progress("10:00", "20:10", speed=speed)
    run.stop("10:20", "23:00")
    assert story.media().as_of_ms == clock(reached)


def test_a_close_before_the_place_could_be_reached_keeps_its_own_time() -> None:
    story = Story()
    run = story.device("tv").play("00:00", "20:00")
    run.pause("10:00", "20:05")
    assert story.media().as_of_ms == clock("20:05")


@pytest.mark.parametrize(("close", "resume"), [("09:55", "09:55"), ("09:54", "10:00")])
def test_a_close_more_than_five_seconds_behind_is_a_player_that_reset_itself(
    close: str, resume: str
) -> None:
    story = Story()
    run = story.device("tv").play("00:00", "20:00")
    run.progress("10:00", "20:10")
    run.stop(close, "20:10:05")
    assert (story.media().point_ms, story.media().speed) == (place(resume), 0)


def test_a_close_whose_run_is_otherwise_unknown_counts_as_it_is() -> None:
    story = Story()
    tv = story.device("tv")
    run = tv.play("00:00", "20:00")
    story.events.clear()
    run.pause("10:00", "20:10")
    film = story.media()
    assert (film.point_ms, film.as_of_ms) == (place("10:00"), clock("20:10"))


@pytest.mark.parametrize(("seconds", "resume"), [("05", "00:05"), ("04", "00:00")])
def test_a_run_counts_from_five_seconds_on(seconds: str, resume: str) -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00").pause(f"00:{seconds}", f"20:00:{seconds}")
    assert story.media().point_ms == place(resume)
    assert (story.media().run_id != "") == (resume == "00:05")


def test_a_seek_counts_at_once_and_stays_where_it_went() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").pause("10:00", "20:10")
    tv.seek("30:00", "20:11", speed=0)
    film = story.media()
    assert (film.point_ms, film.speed, film.furthest_ms) == (place("30:00"), 0, place("10:00"))


def test_a_resume_point_is_exact_but_never_beyond_the_duration() -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00", duration_ms=600_000).pause("10:01", "20:10:01")
    assert story.media().point_ms == 600_000


def test_a_report_below_the_start_of_its_run_tells_its_facts_all_the_same() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("38:00", "20:00", duration_ms=0).stop("00:00", "20:00:03")
    story.device("phone").play("00:00", "20:01").stop("00:02", "20:01:02")
    assert (story.media().duration_ms, story.media().point_ms) == (place("60:00"), 0)


def test_a_report_below_the_start_of_its_run_moves_nothing_even_if_it_is_the_only_one() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").pause("38:00", "20:38")
    failed = tv.seek("40:00", "20:39")
    story.events.pop()
    failed.stop("00:00", "20:40")
    assert story.media().point_ms == place("38:00")


def test_marking_as_unfinished_goes_back_to_the_start() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").finish("60:00", "21:00")
    tv.mark(UNFINISHED, "21:10")
    film = story.media()
    assert (film.point_ms, film.as_of_ms, film.finished) == (0, clock("21:10"), False)
    assert (film.installation_id, film.run_id, film.watch_count) == ("tv", "", 1)
    assert [each.point_ms for each in film.history] == [place("60:00")]


def test_a_mark_of_an_unknown_sort_moves_nothing() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").pause("10:00", "20:10")
    tv.record(FILM, JourneyMarked(mark=99), clock("20:20"))  # type: ignore[arg-type]
    assert (story.media().point_ms, story.media().finished) == (place("10:00"), False)


# --- facts ---------------------------------------------------------------------------------------


def test_the_latest_facts_told_are_kept_and_what_is_not_told_erases_nothing() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play(
        "00:00",
        "20:00",
        credits_at_ms=place("58:00"),
        format=MEDIA_FORMAT_VIDEO,
        group_id="title",
        series_id="series",
    )
    tv.play("00:00", "20:01", duration_ms=0, format=99)
    film = story.media()
    assert (film.duration_ms, film.credits_at_ms) == (place("60:00"), place("58:00"))
    assert (film.format, film.group_id, film.series_id) == (MEDIA_FORMAT_VIDEO, "title", "series")


def test_tracks_are_chosen_as_a_whole() -> None:
    story = Story()
    tv = story.device("tv")
    tv.record(FILM, MediaTracksSet(audio_language="de", speed=1_250), clock("20:00"))
    tv.record(FILM, MediaTracksSet(subtitle_language="und"), clock("20:01"))
    tracks = story.media().tracks
    assert (tracks.audio_language, tracks.subtitle_language, tracks.speed) == ("", "und", 0)


def test_a_report_without_a_run_tells_nothing_of_places() -> None:
    story = Story()
    story.device("tv").record(FILM, MediaPlayed(point_ms=60_000), clock("20:00"))
    assert not fold(story.events)[FILM].media.runs


# --- finished ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "line_ms"),
    [
        ({"duration_ms": 100 * MINUTE_MS}, 97 * MINUTE_MS),
        ({"duration_ms": 10 * MINUTE_MS}, 10 * MINUTE_MS * 92 // 100),
        ({"duration_ms": 100 * MINUTE_MS, "format": MEDIA_FORMAT_AUDIOBOOK}, 99 * MINUTE_MS),
        ({"duration_ms": 10 * MINUTE_MS, "format": MEDIA_FORMAT_COURSE}, 588_000),
        ({"duration_ms": 100 * MINUTE_MS, "credits_at_ms": 90 * MINUTE_MS}, 90 * MINUTE_MS),
        ({"duration_ms": 100 * MINUTE_MS, "credits_at_ms": 101 * MINUTE_MS}, 97 * MINUTE_MS),
        ({"duration_ms": 0, "credits_at_ms": 90 * MINUTE_MS}, None),
    ],
)
def test_the_finish_line_follows_from_what_is_known(
    facts: dict[str, Any], line_ms: int | None
) -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00", **facts)
    assert finish_line(fold(story.events)[FILM].media) == line_ms


def finished(story: Story) -> tuple[bool, str, int]:
    """Whether, until when and how often the film was seen."""
    film: MediaState = story.media()
    minute = (film.finished_at_ms - clock("00:00")) // MINUTE_MS
    return film.finished, f"{minute} min" if film.finished_at_ms else "", film.watch_count


def test_playing_past_the_finish_line_finishes_without_a_word_of_the_app() -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00").pause("57:00", "20:57")
    assert finished(story) == (True, "1257 min", 1)


def test_stopping_below_the_finish_line_finishes_nothing_whatever_the_app_says() -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00").finish("56:59", "20:57")
    assert finished(story) == (False, "", 0)


def test_the_end_of_something_of_unknown_length_finishes_it() -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00", duration_ms=0).finish("10:00", "20:10")
    assert finished(story) == (True, "1210 min", 1)


def test_playing_something_of_unknown_length_to_its_end_again_does_not_reopen_it() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00", duration_ms=0).finish("10:00", "20:10")
    tv.play("00:00", "20:20", duration_ms=0).finish("10:00", "20:30")
    assert finished(story) == (True, "1210 min", 1)


def test_a_seek_to_the_end_alone_does_not_finish() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").pause("10:00", "20:10")
    tv.seek("59:00", "20:11", speed=0)
    assert finished(story) == (False, "", 0)


def test_a_seek_back_reopens_and_a_seek_behind_the_line_does_not() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").finish("60:00", "21:00")
    tv.seek("59:00", "21:01", speed=0)
    assert finished(story) == (True, "1260 min", 1)
    tv.seek("10:00", "21:02", speed=0)
    assert finished(story) == (False, "", 1)


def test_a_run_that_was_going_when_another_device_finished_does_not_reopen() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    on_tv = tv.play("00:00", "20:00")
    phone.play("30:00", "20:10").finish("60:00", "20:40")
    on_tv.progress("45:00", "20:45")
    assert finished(story) == (True, "1240 min", 1)
    on_tv.pause("45:00", "20:46")
    tv.play("45:00", "20:50").progress("45:15", "20:50:15")
    assert finished(story) == (False, "", 1)


def test_watching_again_counts_again_and_a_mark_upon_a_finish_does_not() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "18:00").finish("60:00", "19:00")
    tv.mark(FINISHED, "19:01")
    tv.play("00:00", "20:00", opened_by=RESTART).finish("60:00", "21:00")
    assert finished(story) == (True, "1260 min", 2)
    tv.mark(UNFINISHED, "21:10")
    tv.mark(FINISHED, "21:20")
    assert finished(story) == (True, "1280 min", 3)


def test_of_a_single_report_that_opens_and_finishes_the_finish_counts() -> None:
    story = Story()
    run = story.device("tv").play("00:00", "20:00", opened_by=RESTART)
    story.events.clear()
    run.finish("60:00", "21:00")
    assert finished(story) == (True, "1260 min", 1)


# --- history and alternates ----------------------------------------------------------------------


def test_history_holds_the_ten_latest_other_runs_newest_first() -> None:
    story = Story()
    tv = story.device("tv")
    for minute in range(12):
        tv.play(f"{minute}:00", f"20:{minute}").pause(f"{minute}:30", f"20:{minute}:30")
    points = [each.point_ms for each in story.media().history]
    assert points == [place(f"{minute}:30") for minute in range(10, 0, -1)]


def test_alternates_are_other_devices_that_were_still_playing() -> None:
    story = Story()
    for number in range(5):
        device = story.device(f"tv-{number}")
        device.play("00:00", "20:00").progress(f"09:0{number}", f"20:09:0{number}")
    story.device("old").play("00:00", "20:00").progress("08:00", "20:08:15")
    story.device("paused").play("00:00", "20:00").pause("09:00", "20:09:00")
    phone = story.device("phone")
    phone.play("00:00", "20:00").progress("09:01", "20:09:01")
    phone.play("30:00", "20:09:02").progress("30:30", "20:09:32")
    alternates = [each.installation_id for each in story.media().alternates]
    assert alternates == ["tv-4", "tv-3", "tv-2"]


def test_a_device_that_stopped_later_is_no_alternate_by_an_older_run() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").progress("09:00", "20:09:00")
    tv.play("09:00", "20:09:01").pause("09:10", "20:09:11")
    story.device("phone").play("00:00", "20:00").progress("09:30", "20:09:30")
    assert not story.media().alternates


@pytest.mark.parametrize(("reported", "listed"), [("20:08:45", True), ("20:08:44", False)])
def test_an_alternate_reported_at_most_45_seconds_before(reported: str, *, listed: bool) -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00").progress("08:00", reported)
    story.device("phone").play("00:00", "20:00").progress("09:00", "20:09:30")
    assert bool(story.media().alternates) is listed


# --- activity, listing ---------------------------------------------------------------------------


def test_telemetry_never_reorders() -> None:
    story = Story()
    run = story.device("tv").play("00:00", "20:00")
    run.progress("10:00", "20:10")
    assert story.journey(FILM).activity.t_ms == clock("20:00")
    run.pause("11:00", "20:11")
    assert story.journey(FILM).activity.t_ms == clock("20:11")


def test_marks_by_hand_are_activity() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").pause("10:00", "20:10")
    tv.mark(FINISHED, "20:20")
    assert story.journey(FILM).activity.t_ms == clock("20:20")
    tv.mark(UNFINISHED, "20:30")
    assert story.journey(FILM).activity.t_ms == clock("20:30")


def test_what_was_never_really_played_has_no_activity() -> None:
    story = Story()
    story.device("tv").play("38:00", "20:00")
    assert not story.journey(FILM).HasField("activity")
    assert not story.journey(FILM).hidden


@pytest.mark.parametrize(
    ("duration_ms", "floor_ms"),
    [(0, 30_000), (240_000, 4_800), (100 * MINUTE_MS, MINUTE_MS)],
)
def test_the_listing_floor(duration_ms: int, floor_ms: int) -> None:
    assert listing_floor(duration_ms) == floor_ms


def test_nothing_is_listed_without_a_resume_point() -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00", duration_ms=40)
    assert story.continue_list(clock("20:01")) == []


# --- what does not count -------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [OUTCOME_QUARANTINED, OUTCOME_REJECTED])
def test_events_that_are_not_accepted_do_nothing(outcome: int) -> None:
    story = Story()
    run = story.device("tv").play("00:00", "20:00")
    before = story.media()
    run.report(MediaPlayed, "10:00", "20:10", facts={"outcome": outcome})
    assert story.media() == before


def test_the_device_and_channel_of_the_last_intent_are_told() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    run = phone.play("00:00", "20:00")
    tv.record(FILM, MediaTracksSet(audio_language="de"), clock("20:05"), channel=CHANNEL_TV_APP)
    run.progress("10:00", "20:10")
    film = story.journey(FILM)
    assert (film.last_device_id, film.last_channel) == ("tv", CHANNEL_TV_APP)
    assert film.updated_at_ms == clock("20:10")


def test_system_events_are_no_intents() -> None:
    story = Story()
    story.device("", ACTOR_KIND_SYSTEM).record(FILM, MediaTracksSet(), clock("20:00"))
    assert not story.journey(FILM).last_device_id
    assert not fold(story.events)[FILM].HasField("last_intent")
