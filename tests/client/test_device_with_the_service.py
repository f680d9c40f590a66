from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journey_client import JourneyKey, MediaRuns, View, interactions
from journey_client.connection import ConnectionState
from journey_client.device import Device, open_device
from tests.client.conftest import Connect
from tests.transport.serving import Served

FILM = JourneyKey("media", "film-42")
CART = JourneyKey("cart", "main")


@pytest.fixture
def device(served: Served, tmp_path: Path) -> Callable[..., Device]:
    def make(name: str = "phone", subject: str = "mila", **options: Any) -> Device:
        return open_device(
            f"127.0.0.1:{served.server.port}",
            tmp_path / f"{name}.db",
            token=served.mint.token("device", subject),
            device=name,
            **options,
        )

    return make


def lines(view: View) -> dict[str, int]:
    cart = view.journeys.get(CART)
    return {line.line_key: line.quantity for line in cart.cart.lines} if cart else {}


def live(view: View) -> bool:
    return view.connection.state is ConnectionState.LIVE


def settled(view: View) -> bool:
    return live(view) and not view.connection.queue


async def test_what_is_recorded_offline_is_shown_at_once_and_sent_later(
    device: Callable[..., Device], connect: Connect
) -> None:
    async with device() as phone:
        phone.network_down()
        await phone.record(interactions.cart_line_added("tea", 2))
        assert lines(phone.view) == {"tea": 2}
        assert phone.connection.queue == 1
        phone.network_up()
        await phone.until(settled)
        assert lines(phone.view) == {"tea": 2}
    async with connect("laptop") as laptop:
        session = await laptop.open_session()
        cart = await session.journey(*CART)
    assert [line.quantity for line in cart.cart.lines] == [2]


async def test_what_a_phone_leaves_a_laptop_goes_on_with_although_both_were_offline(
    device: Callable[..., Device],
) -> None:
    film = MediaRuns("film-42", duration_ms=3_600_000)
    async with device("phone") as phone:
        phone.network_down()
        await phone.record(film.played(0), film.progressed(600_000), film.paused(1_873_250))
        assert (await phone.resume(*FILM)).point_ms == 1_873_250
        assert [each.ref.journey_id for each in await phone.continue_list()] == ["film-42"]
    async with device("phone") as phone, device("laptop") as laptop:
        assert (await phone.resume(*FILM)).point_ms == 1_873_250
        view = await laptop.until(lambda view: FILM in view.journeys)
        assert view.journeys[FILM].media.point_ms == 1_873_250
        assert view.journeys[FILM].last_device_id == "phone"
