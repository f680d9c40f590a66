from journey.v1.interactions_pb2 import MEDIA_FORMAT_AUDIOBOOK, JourneyMarked
from journey.v1.journeys_pb2 import MediaPlace
from projections.journeys.media import place_at
from tests.projections.acts import RESTART, Story, clock, place

FILM = "media/film"


def points(places: list[MediaPlace]) -> list[int]:
    return [each.point_ms for each in places]


def test_hard_case_01_a_late_report_of_an_earlier_stop_does_not_move_the_resume_point() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    tv.play("00:00", "20:10").pause("50:00", "21:00")
    phone.play("00:00", "19:50").stop("10:00", "20:00")

    film = story.media()
    assert (film.point_ms, film.installation_id) == (place("50:00"), "tv")
    assert points(list(film.history)) == [place("10:00")]


def test_hard_case_02_a_later_restart_elsewhere_wins_although_it_is_not_as_far() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    tv.play("00:00", "19:10").pause("50:00", "20:00")
    phone.play("00:00", "20:50", opened_by=RESTART).stop("10:00", "21:00")

    film = story.media()
    assert (film.point_ms, film.installation_id) == (place("10:00"), "phone")
    assert film.furthest_ms == place("50:00")


def test_hard_case_03_a_paused_device_that_repeats_its_point_moves_nothing() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    watched = tv.play("00:00", "19:00")
    watched.pause("20:00", "19:20")
    phone.play("20:00", "20:00").pause("38:00", "20:18")
    watched.progress("20:00", "20:30", speed=0)
    assert story.media().point_ms == place("38:00")

    phone.mark(JourneyMarked.MARK_FINISHED, "20:40")
    watched.progress("20:00", "20:50", speed=0)
    watched.stop("20:00", "21:00")
    film = story.media()
    assert (film.point_ms, film.start_ms, film.finished) == (place("38:00"), 0, True)
    assert story.continue_list(clock("21:00")) == []


def test_hard_case_04_from_the_beginning_counts_even_if_it_was_stopped_at_once() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    phone.play("00:00", "19:00").pause("38:00", "19:38")
    tv.play("00:00", "20:00", opened_by=RESTART).stop("00:02", "20:00:02")

    film = story.media()
    assert (film.point_ms, film.furthest_ms) == (place("00:02"), place("38:00"))
    assert story.continue_list(clock("20:01")) == []


def test_hard_case_05_a_failed_start_that_reports_zero_does_not_count() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    phone.play("00:00", "19:00").pause("38:00", "19:38")
    tv.play("38:00", "20:00").stop("00:00", "20:00:03")

    film = story.media()
    assert (film.point_ms, film.installation_id) == (place("38:00"), "phone")


def test_hard_case_06_of_two_devices_that_play_at_once_the_later_report_wins() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    on_tv, on_phone = tv.play("00:00", "20:00"), phone.play("30:00", "20:00:10")
    on_tv.progress("05:00", "20:05")
    on_phone.progress("35:00", "20:05:10")

    film = story.media()
    assert (film.point_ms, film.installation_id) == (place("35:00"), "phone")
    assert [(each.point_ms, each.installation_id) for each in film.alternates] == [
        (place("05:00"), "tv")
    ]


def test_hard_case_07_reports_of_an_overtaken_device_move_nothing_until_it_plays_anew() -> None:
    story = Story()
    laptop, tv = story.device("laptop"), story.device("tv")
    on_tv = tv.play("00:00", "20:00")
    on_tv.progress("30:00", "20:30")
    on_laptop = laptop.play("30:00", "20:30:05")
    on_laptop.progress("31:00", "20:31:05")
    on_tv.progress("32:00", "20:32", facts={"lease_stale": True})
    assert (story.media().point_ms, story.media().installation_id) == (place("31:00"), "laptop")

    again = tv.play("32:00", "20:33")
    again.progress("32:15", "20:33:15")
    assert (story.media().point_ms, story.media().installation_id) == (place("32:15"), "tv")


def test_hard_case_08_a_device_that_dies_is_extrapolated_until_its_lease_ends() -> None:
    story = Story()
    run = story.device("tv").play("00:00", "20:00")
    run.progress("10:00", "20:10")

    film = story.media()
    lease_until_ms = clock("20:10:45")
    assert film.point_ms == place("10:00")
    assert place_at(film, clock("20:10:20"), lease_until_ms) == place("10:20")
    assert place_at(film, clock("20:30"), lease_until_ms) == place("10:45")
    assert place_at(film, clock("20:30")) == place("10:45")
    assert place_at(film, clock("20:00"), lease_until_ms) == place("10:00")


def test_hard_case_08_nothing_is_extrapolated_beyond_the_duration() -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00").progress("59:50", "20:59:50")
    assert place_at(story.media(), clock("22:00"), clock("22:00")) == place("60:00")


def test_hard_case_09_an_earlier_pause_that_arrives_late_does_not_reopen() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    phone.play("00:00", "21:00").finish("60:00", "22:00")
    laptop.play("00:00", "20:40").pause("20:00", "21:00")

    assert story.journey(FILM).finished
    assert story.continue_list(clock("23:00")) == []


def test_hard_case_10_a_real_rewatch_reopens() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    phone.play("00:00", "19:00").finish("60:00", "20:00")
    tv.play("00:00", "21:00").pause("10:00", "21:10")

    film = story.media()
    assert (film.finished, film.point_ms, film.watch_count) == (False, place("10:00"), 1)
    assert story.continue_list(clock("21:11")) == [FILM]


def test_hard_case_11_long_and_short_items_are_both_resumable() -> None:
    story = Story()
    phone = story.device("phone")
    book = phone.play(
        "00:00", "20:00", "book", duration_ms=place("2400:00"), format=MEDIA_FORMAT_AUDIOBOOK
    )
    book.pause("25:00", "20:25")
    phone.play("00:00", "20:30", "clip", duration_ms=place("04:00")).pause("00:48", "20:31")

    assert story.continue_list(clock("20:40")) == ["media/clip", "media/book"]
    assert (story.media("book").point_ms, story.media("clip").point_ms) == (
        place("25:00"),
        place("00:48"),
    )
    assert not any(journey.finished for journey in story.journeys().values())


def test_hard_case_12_without_a_duration_the_point_is_exact_and_nothing_finishes() -> None:
    story = Story()
    story.device("phone").play("00:00", "20:00", duration_ms=0).pause("08:00", "20:08")

    film = story.media()
    assert (film.point_ms, film.finished) == (place("08:00"), False)
    assert story.continue_list(clock("20:10")) == [FILM]


def test_hard_case_13_versions_of_a_title_keep_their_points_and_share_one_entry() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    phone.play("00:00", "20:00", "film-1080p", group_id="film").pause("10:00", "20:10")
    tv.play("00:00", "21:00", "film-4k", group_id="film").pause("20:00", "21:20")

    assert story.media("film-1080p").point_ms == place("10:00")
    assert story.media("film-4k").point_ms == place("20:00")
    assert story.continue_list(clock("21:30")) == ["media/film-4k"]
