import pytest

from journey.v1.interactions_pb2 import MediaPlayed, RunOpener
from journey_client import MediaRuns


def test_every_report_of_a_run_repeats_the_run() -> None:
    player = MediaRuns("film-42", duration_ms=5_400_000)
    played = player.played(0).media_played
    progressed = player.progressed(15_000).media_progressed
    paused = player.paused(1_873_250).media_paused
    for report in (progressed, paused):
        assert report.run_id == played.run_id
        assert report.run_start_ms == 0
        assert report.opened_by == RunOpener.RUN_OPENER_PLAY
    assert paused.point_ms == 1_873_250
    assert played.cause == MediaPlayed.CAUSE_START


def test_going_on_after_a_pause_opens_another_run() -> None:
    player = MediaRuns("film-42")
    first = player.played(0).media_played
    player.paused(10_000)
    second = player.played(10_000).media_played
    assert second.run_id != first.run_id
    assert second.run_start_ms == 10_000
    assert second.cause == MediaPlayed.CAUSE_RESUME


def test_a_seek_opens_a_run_at_its_target() -> None:
    player = MediaRuns("film-42")
    first = player.played(0).media_played
    seeked = player.seeked(600_000, from_point_ms=30_000).media_seeked
    assert seeked.run_id != first.run_id
    assert (seeked.run_start_ms, seeked.point_ms) == (600_000, 600_000)
    assert seeked.speed == 1_000
    assert player.progressed(615_000).media_progressed.opened_by == RunOpener.RUN_OPENER_SEEK


def test_a_seek_while_paused_stands_still() -> None:
    player = MediaRuns("film-42")
    player.played(0)
    player.paused(5_000)
    assert player.seeked(600_000, from_point_ms=5_000).media_seeked.speed == 0


def test_beginning_anew_is_a_run_from_the_start() -> None:
    player = MediaRuns("film-42")
    played = player.played(0, restart=True).media_played
    assert played.opened_by == RunOpener.RUN_OPENER_RESTART
    assert played.run_start_ms == 0


def test_a_player_that_never_played_cannot_pause() -> None:
    with pytest.raises(ValueError, match="film-42 does not play"):
        MediaRuns("film-42").paused(1)


def test_reports_name_their_journey() -> None:
    journey = MediaRuns("film-42").played(0).journey
    assert (journey.kind, journey.journey_id) == ("media", "film-42")
