import contextlib
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import CheckoutStarted, Interaction
from journey.v1.reading_pb2 import EventFilter
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import SignOutDeviceRequest
from journey.v1.sessions_pb2 import DeviceStatus
from journey_client import (
    ConnectionState,
    Device,
    JourneyKey,
    MediaRuns,
    StoreInUse,
    View,
    errors,
    interactions,
    open_device,
)
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


async def events_of(connect: Connect) -> list[Event]:
    """What was recorded of a customer's acts."""
    async with connect("reader") as reader:
        session = await reader.open_session()
        return [event async for event in session.events() if event.interaction.seq]


async def test_a_refused_act_raises_its_error_and_is_told_once_also_after_a_restart(
    device: Callable[..., Device],
) -> None:
    async with device() as phone:
        await phone.until(live)
        with pytest.raises(errors.FieldViolations):
            await phone.do(interactions.cart_line_added("tea", 0))
        result = await phone.do(interactions.cart_line_added("tea", 1))
        await phone.until(lambda view: lines(view) == {"tea": 1})
    assert result.version == 3
    async with device() as phone:
        async with contextlib.aclosing(phone.refusals()) as refusals:
            refusal = await anext(refusals)
            assert refusal.interaction.cart_line_added.line.product.sku == "tea"
            assert refusal.result.version == 2
        await phone.until(settled)
    told: list[str] = []
    async with device(on_rejected=lambda error, _: told.append(error.reason)) as phone:
        await phone.record(interactions.cart_line_added("milk", 0))
        await phone.until(lambda _: bool(told))
    assert told == ["FIELD_VIOLATIONS"]


async def test_a_copied_store_becomes_another_installation_and_nothing_is_lost(
    device: Callable[..., Device], connect: Connect, tmp_path: Path
) -> None:
    async with device("phone") as phone:
        await phone.record(interactions.cart_line_added("tea"))
        await phone.until(settled)
        first = phone.installation_id
    shutil.copy(tmp_path / "phone.db", tmp_path / "copy.db")
    async with device("phone") as phone:
        await phone.record(interactions.cart_line_added("tea"), interactions.cart_line_added("tea"))
        await phone.until(settled)
    async with device("copy") as copy:
        assert copy.installation_id == first
        await copy.record(interactions.cart_line_added("tea"))
        await copy.until(lambda view: settled(view) and lines(view) == {"tea": 4})
        assert copy.installation_id != first
    events = await events_of(connect)
    assert [event.interaction.seq for event in events] == [1, 2, 3, 1]
    assert len({event.interaction.event_id for event in events}) == 4


async def test_hard_case_42_two_processes_on_one_store_use_no_number_twice(
    device: Callable[..., Device], connect: Connect, tmp_path: Path
) -> None:
    async with device("phone") as phone:
        with pytest.raises(StoreInUse, match="another installation"):
            await device("phone").start()
        async with device("phone-2") as second:
            for _ in range(3):
                await phone.record(interactions.cart_line_added("tea"))
                await second.record(interactions.cart_line_added("tea"))
            await phone.until(lambda view: settled(view) and lines(view) == {"tea": 6})
            await second.until(lambda view: settled(view) and lines(view) == {"tea": 6})
    numbers: dict[str, list[int]] = {}
    for event in await events_of(connect):
        numbers.setdefault(event.occurrence.installation_id, []).append(event.interaction.seq)
    assert list(numbers.values()) == [[1, 2, 3], [1, 2, 3]]


async def test_who_signs_out_leaves_no_copy_and_what_was_unsent_waits(
    device: Callable[..., Device],
) -> None:
    async with device() as phone:
        await phone.record(interactions.cart_line_added("tea"))
        await phone.until(settled)
        await phone.sign_out()
        assert phone.connection.state is ConnectionState.ENDED
        assert phone.view.journeys == {}
        await phone.record(interactions.cart_line_added("milk"))
        assert phone.connection.queue == 1
        await phone.start()
        await phone.until(lambda view: settled(view) and "tea" in lines(view))


async def test_a_queue_of_the_first_sign_in_is_sent_whole_after_sign_out_and_another_sign_in(
    device: Callable[..., Device], connect: Connect
) -> None:
    phone = await device().start()
    await phone.until(live)
    phone.network_down()
    await phone.record(interactions.cart_line_added("tea"), interactions.cart_line_added("milk"))
    installation_id = phone.installation_id
    await phone.close(flush=False)
    async with connect("phone", installation_id=installation_id) as client:
        session = await client.open_session()
        assert session.record_of.epoch == 0
        await session.close(sign_out=True)
    async with device() as phone:
        await phone.until(lambda view: settled(view) and lines(view) == {"tea": 1, "milk": 1})
    async with connect("phone", installation_id=installation_id) as client:
        assert (await client.open_session()).record_of.epoch == 1
    assert [event.interaction.seq for event in await events_of(connect)] == [1, 2]


async def test_a_device_signed_out_from_elsewhere_ends_and_keeps_what_is_unsent(
    device: Callable[..., Device], served: Served
) -> None:
    async with device() as phone:
        await phone.until(live)
        asked = SignOutDeviceRequest(
            device_id="phone",
            status=DeviceStatus.DEVICE_STATUS_SIGNED_OUT,
            command_id=str(uuid.uuid4()),
        )
        await served.sessions.SignOutDevice(asked, metadata=served.as_("device", "mila"))
        await phone.until(lambda view: view.connection.state is ConnectionState.ENDED)
        await phone.record(interactions.cart_line_added("tea"))
        assert phone.connection.queue == 1


async def test_what_the_copy_does_not_hold_is_asked_for_or_said_not_to_be_there(
    device: Callable[..., Device],
) -> None:
    async with device() as phone:
        phone.network_down()
        with pytest.raises(errors.JourneyNotFound):
            await phone.journey("media", "film-0")
        phone.network_up()
        await phone.until(live)
        with pytest.raises(errors.JourneyNotFound) as missing:
            await phone.resume("media", "film-0")
        assert missing.value.request_id
        phone.background()
        phone.foreground()
        await phone.flush()
        assert phone.subject_id
        assert (phone.lost, phone.quarantined) == ("", 0)
    with pytest.raises(RuntimeError, match="not started"):
        phone.network_up()


async def test_the_first_act_of_a_journey_has_all_in_view_that_was_shown(
    device: Callable[..., Device], connect: Connect
) -> None:
    async with connect("laptop") as laptop, device() as phone:
        session = await laptop.open_session()
        await session.do(interactions.cart_line_added("tea"))
        shown = await phone.until(lambda view: lines(view) == {"tea": 1})
        started = CheckoutStarted(cart_id="main", cart_digest=shown.journeys[CART].cart.digest)
        begun = Interaction(
            journey=JourneyRef(kind="checkout", journey_id="k1"), checkout_started=started
        )
        await phone.do(begun)
        wanted = EventFilter(types=["cart.line_added", "checkout.started"])
        added, checkout = [event async for event in session.events(filter=wanted)]
    assert checkout.cut.versions[0].version >= added.version
