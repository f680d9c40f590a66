"""Hard cases 1 to 13: films, books and clips on several devices."""

from __future__ import annotations

from journey.v1.interactions_pb2 import MEDIA_FORMAT_AUDIOBOOK, JourneyMarked, MediaStopped
from journey_client import interactions
from tests.stage import HOUR_MS, MINUTE_MS, ONE_HOUR, Stage, place, points


async def test_hard_case_01_a_stop_reported_late_does_not_beat_what_was_watched_since(
    stage: Stage,
) -> None:
    phone, tv = await stage.device("phone"), await stage.device("tv")
    watch = phone.session.watch()
    phone.disconnect()
    await phone.play("film", "00:00", at="19:50")
    await phone.stop("film", "10:00", at="20:00")
    await tv.play("film", "00:00", at="20:10")
    await tv.pause("film", "50:00", at="21:00")
    await phone.reconnect(at="22:00")

    film = await phone.sees("media", "film")
    assert (film.media.point_ms, film.last_device_id) == (place("50:00"), "tv")
    assert points(film.media) == [place("10:00")]
    shown = await watch.until(
        lambda view: any(points(each.media) for each in view.journeys.values())
    )
    assert [each.media.point_ms for each in shown.journeys.values()] == [place("50:00")]


async def test_hard_case_02_a_later_restart_wins_although_it_is_not_as_far(stage: Stage) -> None:
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await tv.play("film", "00:00", at="19:10")
    await tv.pause("film", "50:00", at="20:00")
    phone.disconnect()
    await phone.play("film", "00:00", at="20:50", restart=True)
    await phone.stop("film", "10:00", at="21:00")
    await phone.reconnect(at="22:00")

    film = await tv.sees("media", "film")
    assert (film.media.point_ms, film.last_device_id) == (place("10:00"), "phone")
    assert film.media.furthest_ms == place("50:00")


async def test_hard_case_03_a_paused_device_that_repeats_its_point_moves_nothing(
    stage: Stage,
) -> None:
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await tv.play("film", "00:00", at="19:00")
    await tv.pause("film", "20:00", at="19:20")
    await phone.play("film", "20:00", at="20:00")
    await phone.pause("film", "38:00", at="20:18")
    await tv.progress("film", "20:00", at="20:30")
    assert (await tv.film()).point_ms == place("38:00")

    mark = interactions.journey_marked("media", "film", JourneyMarked.MARK_FINISHED)
    await phone.act(mark, at="20:40")
    await tv.progress("film", "20:00", at="20:50")
    film = await tv.film()
    assert (film.point_ms, film.start_ms, film.finished) == (place("38:00"), 0, True)
    assert await tv.can_go_on_with() == []


async def test_hard_case_04_from_the_beginning_counts_even_if_it_was_stopped_at_once(
    stage: Stage,
) -> None:
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await phone.play("film", "00:00", at="19:00")
    await phone.pause("film", "38:00", at="19:38")
    await tv.play("film", "00:00", at="20:00", restart=True)
    await tv.stop("film", "00:02", at="20:00:02")

    film = await phone.film()
    assert (film.point_ms, film.furthest_ms) == (place("00:02"), place("38:00"))
    assert await phone.can_go_on_with() == []


async def test_hard_case_05_a_player_that_failed_to_start_moves_nothing(stage: Stage) -> None:
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await phone.play("film", "00:00", at="19:00")
    await phone.pause("film", "38:00", at="19:38")
    await tv.play("film", "38:00", at="20:00")
    await tv.stop("film", "00:00", at="20:00:03", reason=MediaStopped.REASON_ERROR)

    assert (await tv.film()).point_ms == place("38:00")


async def test_hard_case_06_of_two_devices_that_play_at_once_the_later_report_wins_everywhere(
    stage: Stage,
) -> None:
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await tv.play("film", "00:00", at="20:00")
    await phone.play("film", "30:00", at="20:00:10")
    await tv.progress("film", "05:00", at="20:05")
    await phone.progress("film", "35:00", at="20:05:10")

    on_phone, on_tv = await phone.film(), await tv.film()
    assert on_phone.SerializeToString(deterministic=True) == on_tv.SerializeToString(
        deterministic=True
    )
    assert on_phone.point_ms == place("35:00")
    assert [other.point_ms for other in on_phone.alternates] == [place("05:00")]


async def test_hard_case_09_an_earlier_pause_that_comes_late_does_not_reopen_what_is_finished(
    stage: Stage,
) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    laptop.disconnect()
    await laptop.play("film", "00:00", at="20:40")
    await laptop.pause("film", "20:00", at="21:00")
    await phone.play("film", "00:00", at="21:02")
    await phone.stop("film", "60:00", at="22:00", reason=MediaStopped.REASON_ENDED)
    await laptop.reconnect(at="23:00")

    assert (await laptop.film()).finished
    assert await laptop.can_go_on_with() == []


async def test_hard_case_10_a_real_rewatch_reopens_what_is_finished(stage: Stage) -> None:
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await phone.play("film", "00:00", at="19:00")
    await phone.stop("film", "60:00", at="20:00", reason=MediaStopped.REASON_ENDED)
    assert await tv.can_go_on_with() == []
    await tv.play("film", "00:00", at="21:00", restart=True)
    await tv.pause("film", "10:00", at="21:10")

    film = await phone.film()
    assert (film.finished, film.point_ms, film.watch_count) == (False, place("10:00"), 1)
    assert await phone.can_go_on_with() == ["film"]


async def test_hard_case_11_long_and_short_content_is_resumable_alike(stage: Stage) -> None:
    stage.titles = {
        "book": {"duration_ms": 40 * HOUR_MS, "format": MEDIA_FORMAT_AUDIOBOOK},
        "clip": {"duration_ms": 4 * MINUTE_MS},
    }
    phone = await stage.device("phone")
    await phone.play("book", "00:00", at="19:00")
    await phone.pause("book", "25:00", at="19:25")
    await phone.play("clip", "00:00", at="19:30")
    await phone.pause("clip", "00:48", at="19:31")

    assert await phone.can_go_on_with() == ["clip", "book"]
    assert not (await phone.film("book")).finished
    assert not (await phone.film("clip")).finished


async def test_hard_case_12_without_a_known_duration_the_point_is_exact_and_nothing_finishes(
    stage: Stage,
) -> None:
    stage.titles = {"live": {}}
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await phone.play("live", "00:00", at="19:00")
    await phone.pause("live", "08:00", at="19:08")

    film = await tv.film("live")
    assert (film.point_ms, film.finished) == (place("08:00"), False)
    assert await tv.can_go_on_with() == ["live"]


async def test_hard_case_13_versions_of_a_title_keep_their_points_and_share_one_entry(
    stage: Stage,
) -> None:
    stage.titles = {
        name: {"duration_ms": ONE_HOUR, "group_id": "the-film"} for name in ("hd", "uhd")
    }
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await phone.play("hd", "00:00", at="19:00")
    await phone.pause("hd", "20:00", at="19:20")
    await tv.play("uhd", "00:00", at="20:00")
    await tv.pause("uhd", "05:00", at="20:05")

    assert (await phone.film("hd")).point_ms == place("20:00")
    assert (await phone.film("uhd")).point_ms == place("05:00")
    assert await phone.can_go_on_with() == ["uhd"]
