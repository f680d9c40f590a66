"""What the live picture of a customer shows, at a moment and in a width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from journey.v1.events_pb2 import Occurrence
from journey.v1.interactions_pb2 import CHANNEL_TV_APP
from journey.v1.journeys_pb2 import CartLineState, CartState, Journey, MediaState, SearchState
from journey.v1.references_pb2 import JourneyRef, Lease, Place
from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_LOST,
    Device,
    DeviceRecord,
    PresentSession,
)
from journey_client import ConnectionState, JourneyKey, View
from journey_client.connection import Connection
from journey_service.cli.picture import BRIGHT_MS, Picture

NOW_MS = 1_790_000_000_000
FILM = JourneyKey("media", "night-train")
LIVE = Connection(ConnectionState.LIVE, since_ms=NOW_MS)


def film(point_ms: int = 60_000, *, speed: int = 1_000, device: str = "tv") -> Journey:
    state = MediaState(point_ms=point_ms, as_of_ms=NOW_MS, speed=speed, duration_ms=5_400_000)
    return Journey(
        ref=JourneyRef(kind=FILM.kind, journey_id=FILM.journey_id),
        media=state,
        activity=Occurrence(t_ms=NOW_MS),
        last_device_id=device,
    )


def cart(quantity: int = 2) -> Journey:
    lines = [CartLineState(line_key="tea", quantity=quantity)]
    return Journey(ref=JourneyRef(kind="cart", journey_id="main"), cart=CartState(lines=lines))


def there(device: str, **fields: object) -> PresentSession:
    return PresentSession(session_id=device, device_id=device, channel=CHANNEL_TV_APP, **fields)  # type: ignore[arg-type]


def view(*journeys: Journey, **fields: object) -> View:
    by_key = {JourneyKey(each.ref.kind, each.ref.journey_id): each for each in journeys}
    told = {"connection": LIVE, "presence": (there("tv"),), **fields}
    return View(by_key, journeys, frozenset(by_key), **told)  # type: ignore[arg-type]


def drawn(
    picture: Picture, at_ms: int = NOW_MS, *, width: int = 80, height: int = 40, color: bool = False
) -> str:
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="truecolor" if color else None,
    )
    console.print(picture.drawn(at_ms, width, height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def line_of(picture: Picture, start: str, at_ms: int = NOW_MS) -> str:
    return next(line for line in drawn(picture, at_ms).splitlines() if start in line)


def test_what_plays_moves_on_until_its_lease_ends() -> None:
    lease = Lease(device_id="tv", epoch=1, lease_until_ms=NOW_MS + 30_000)
    picture = Picture("mila", view(film(), leases={FILM: lease}))
    assert "▶ media/night-train 0:01:00, lease 30 s" in line_of(picture, "● tv")
    assert "▶ media/night-train 0:01:12, lease 18 s" in line_of(picture, "● tv", NOW_MS + 12_000)
    assert "▶ 0:01:30 of 1:30:00" in line_of(picture, "media/night-train  ", NOW_MS + 90_000)
    assert "lease" not in line_of(picture, "● tv", NOW_MS + 90_000)


def test_what_is_paused_stands_still() -> None:
    picture = Picture("mila", view(film(speed=0)))
    assert "⏸ media/night-train 0:01:00" in line_of(picture, "● tv", NOW_MS + 12_000)


def test_a_device_that_has_just_begun_is_not_shown_as_paused() -> None:
    lease = Lease(device_id="tv", installation_id="tv", lease_until_ms=NOW_MS + 9_000)
    picture = Picture("mila", view(film(speed=0), leases={FILM: lease}))
    assert "begins media/night-train 0:01:00, lease 9 s" in line_of(picture, "● tv")
    assert "⏸ media/night-train 0:01:00" in line_of(picture, "● tv", NOW_MS + 9_000)


def test_whose_film_another_device_plays_is_no_longer_shown_as_playing() -> None:
    late = there(
        "tv",
        journey=JourneyRef(kind=FILM.kind, journey_id=FILM.journey_id),
        place=Place(point_ms=60_000, as_of_ms=NOW_MS, speed=1_000),
    )
    picture = Picture("mila", view(film(device="laptop"), presence=(late, there("laptop"))))
    assert "is there" in line_of(picture, "● tv")
    assert "▶ media/night-train" in line_of(picture, "● laptop")


def test_what_plays_and_is_not_watched_is_known_from_presence() -> None:
    session = there(
        "tv",
        journey=JourneyRef(kind="media", journey_id="other"),
        place=Place(point_ms=60_000, as_of_ms=NOW_MS, speed=1_000),
        lease_until_ms=NOW_MS + 5_000,
    )
    picture = Picture("mila", view(cart(), presence=(session,)))
    assert "▶ media/other 0:01:05" in line_of(picture, "● tv", NOW_MS + 60_000)


def test_a_device_that_is_not_there_says_since_when_and_how_it_stands() -> None:
    lost = DeviceRecord(
        device=Device(device_id="old"), status=DEVICE_STATUS_LOST, last_seen_at_ms=NOW_MS
    )
    away = DeviceRecord(device=Device(device_id="car"))
    picture = Picture("mila", view(cart()), devices=[lost, away])
    assert "lost, last seen 20" in line_of(picture, "○ old")
    assert line_of(picture, "○ car").split() == ["○", "car", "away"]


def test_what_just_changed_is_bright_for_a_moment_and_told() -> None:
    picture = Picture("mila")
    picture.take(view(cart(1)), NOW_MS)
    assert not picture.news
    picture.take(view(cart(3)), NOW_MS)
    assert "cart/main: tea × 3" in drawn(picture)
    bright, later = drawn(picture, color=True), drawn(picture, NOW_MS + BRIGHT_MS, color=True)
    assert "\x1b[1;30;103mcart/main" in bright
    assert "\x1b[1;30;103m" not in later


@pytest.mark.parametrize(
    ("shown", "still_from_ms"),
    [
        (view(cart()), 0),
        (view(film(speed=0)), 0),
        (view(film(), leases={FILM: Lease(device_id="tv", lease_until_ms=NOW_MS + 9_000)}), 9_000),
        (
            view(
                cart(),
                presence=(
                    there("tv", place=Place(speed=1_000), lease_until_ms=NOW_MS + 5_000),
                    there("phone"),
                ),
            ),
            5_000,
        ),
    ],
)
def test_a_picture_that_does_not_move_is_the_same_later(shown: View, still_from_ms: int) -> None:
    picture, still_ms = Picture("mila", shown), NOW_MS + still_from_ms
    assert not picture.moves(still_ms)
    assert drawn(picture, still_ms) == drawn(picture, still_ms + 60_000)
    if still_from_ms:
        assert picture.moves(still_ms - 1)


def test_a_picture_moves_while_something_is_bright() -> None:
    picture = Picture("mila")
    picture.take(view(cart(1)), NOW_MS)
    picture.take(view(cart(3)), NOW_MS)
    assert picture.moves(NOW_MS + BRIGHT_MS - 1)
    assert not picture.moves(NOW_MS + BRIGHT_MS)
    assert Picture("mila", view(film())).moves(NOW_MS + BRIGHT_MS)


def test_who_comes_who_goes_and_who_is_active_is_told() -> None:
    picture = Picture("mila")
    picture.take(view(film()), NOW_MS)
    lease = Lease(device_id="laptop", epoch=2, lease_until_ms=NOW_MS + 30_000)
    others = picture.take(view(film(), presence=(there("laptop"),), leases={FILM: lease}), NOW_MS)
    assert others
    told = [text for _, text in picture.news]
    assert told[:2] == ["tv has left", "laptop is there"]
    assert "laptop is the active device of media/night-train" in told
    assert not picture.take(picture.view, NOW_MS)


def test_a_connection_that_is_not_live_says_since_when_and_why() -> None:
    stale = Connection(ConnectionState.STALE, since_ms=NOW_MS, lag=-1, why="no heartbeat")
    heading = drawn(Picture("mila", view(cart(), connection=stale))).splitlines()[0]
    assert "● stale since 20" in heading
    assert heading.endswith("lag unknown  no heartbeat")


def test_nothing_to_go_on_with_is_said() -> None:
    assert "To go on with: nothing" in drawn(Picture("mila", View(connection=LIVE)))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 60), (200, 40)])
def test_a_customer_with_much_fits_the_terminal(width: int, height: int) -> None:
    many = [
        Journey(
            ref=JourneyRef(kind="search", journey_id=f"a-very-long-name-of-a-journey-{number}"),
            search=SearchState(query="x" * 200),
        )
        for number in range(60)
    ]
    picture = Picture("mila", view(*many))
    picture.view = View(
        {JourneyKey("search", each.ref.journey_id): each for each in many},
        tuple(many[:30]),
        presence=(there("tv"), there("phone"), there("laptop")),
        connection=LIVE,
    )
    picture.news.extend((NOW_MS, "something") for _ in range(4))
    lines = drawn(picture, width=width, height=height).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) <= height
    assert any("more" in line for line in lines)


def test_a_narrow_terminal_keeps_places_and_goes_without_devices_and_times() -> None:
    picture = Picture("mila")
    picture.take(view(film()), NOW_MS)
    narrow = drawn(picture, width=40)
    assert "0:01:00" in next(
        line for line in narrow.splitlines() if "media/nig" in line and " of " in line
    )
    assert " when" not in narrow
    assert "channel" not in narrow
    assert max(map(len, narrow.splitlines())) <= 40
    assert " when" in drawn(picture, width=80)
