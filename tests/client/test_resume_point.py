from journey.v1.journeys_pb2 import CartState, Journey, MediaState
from journey_client import resume_point

PAUSED = Journey(media=MediaState(point_ms=60_000, as_of_ms=1_000_000, duration_ms=90_000))
PLAYING = Journey(
    media=MediaState(point_ms=60_000, as_of_ms=1_000_000, duration_ms=90_000, speed=2_000)
)


def test_a_paused_point_stays_where_it_is() -> None:
    point = resume_point(PAUSED, 9_000_000)
    assert (point.point_ms, point.start_ms, point.playing) == (60_000, 60_000, False)


def test_a_playing_point_moves_on_with_its_speed() -> None:
    point = resume_point(PLAYING, 1_005_000)
    assert (point.point_ms, point.playing) == (70_000, True)


def test_a_playing_point_does_not_run_past_its_lease_or_the_content() -> None:
    assert resume_point(PLAYING, 1_009_000, lease_until_ms=1_004_000).point_ms == 68_000
    assert resume_point(PLAYING, 9_000_000).point_ms == 90_000


def test_a_playing_point_never_goes_back() -> None:
    assert resume_point(PLAYING, 900_000).point_ms == 60_000


def test_what_was_seen_to_its_end_begins_at_the_start() -> None:
    finished = Journey(media=MediaState(point_ms=89_000, duration_ms=90_000, finished=True))
    assert resume_point(finished, 0).start_ms == 0


def test_of_other_kinds_the_state_is_the_place() -> None:
    cart = Journey(cart=CartState(digest="d"))
    point = resume_point(cart, 0)
    assert point.journey == cart
    assert (point.point_ms, point.playing) == (0, False)
