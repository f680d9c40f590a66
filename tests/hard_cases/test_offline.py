"""Hard cases 35, 36, 39, 41 and 42: devices with a queue and a copy of their own."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo

from journey.v1.journey_service_pb2 import WatchRequest, WatchResponse
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from journey_client import ConnectionState, JourneyKey, MediaRuns, QueueFull, StoreInUse, View
from journey_client import interactions as acts
from journey_client.connection import ConnectionMachine
from journey_client.device import Device, open_device
from journey_client.device_settings import DeviceSettings, QueueLimits
from journey_service.domain.identity import subject_id_of_account
from tests.hard_cases.meddling import meddling
from tests.stage import Stage, TrueClock, quantities
from tests.transport.serving import IDENTITY_KEY, Served, detail, status_of

CART = JourneyKey("cart", "main")
DEVICES, CHANGES = 1_000, 10_000
STREAMS_A_CONNECTION, STREAMS_A_CALLER = 150, 50
GIVEN_UP_S = 25.0
MILA = subject_id_of_account(IDENTITY_KEY, "mila")


def lines(view: View) -> dict[str, int]:
    """The cart as shown."""
    return quantities(view.journeys[CART].cart) if CART in view.journeys else {}


def settled(view: View) -> bool:
    """Level with the service, nothing unsent."""
    return view.connection.state is ConnectionState.LIVE and not view.connection.queue


class RealClock(TrueClock):
    """These stories take the time that they take."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


@pytest.fixture
def clock() -> TrueClock:
    """The time of this machine, at which the story stands still for devices of the stage."""
    clock = RealClock()
    clock.time_ms = clock.now_ms()
    return clock


@pytest.fixture
def open_offline(stage: Stage, tmp_path: Path) -> Callable[..., Device]:
    """Makes devices that work offline: open_offline("phone", address=…, settings=…)."""

    def make(name: str, *, address: str = "", store: str = "", **options: Any) -> Device:
        return open_device(
            address or f"127.0.0.1:{stage.served.server.port}",
            tmp_path / f"{store or name}.db",
            token=stage.token("device", "mila"),
            device=name,
            **options,
        )

    return make


async def test_hard_case_35_a_frame_that_comes_twice_is_ignored_and_a_missing_one_is_made_good(
    stage: Stage, open_offline: Callable[..., Device]
) -> None:
    laptop = await stage.device("laptop")
    async with (
        meddling(stage.served.server.port) as (meddler, address),
        open_offline("phone", address=address) as phone,
    ):
        await phone.until(settled)
        meddler.repeat = 1
        await laptop.add("tea")
        await phone.until(lambda view: lines(view) == {"tea": 1})
        assert meddler.watches == 1
        meddler.drop = 1
        await laptop.add("milk")
        await meddler.has_dropped.wait()
        await laptop.add("bread")
        await phone.until(lambda view: lines(view) == {"bread": 1, "milk": 1, "tea": 1})
        assert meddler.watches == 2, "opened again once"
        assert WatchResponse.FromString(meddler.dropped[0]).HasField("delta")


async def test_hard_case_36_a_device_that_hardly_reads_gets_the_last_state_and_little_else(
    stage: Stage,
) -> None:
    shop, slow = await stage.back_end(), await stage.device("phone")
    call = stage.served.journeys.Watch(
        WatchRequest(session_id=slow.session.session_id),
        metadata=stage.as_("device"),
    )
    opened = await call.read()
    assert opened.HasField("opened")
    for first in range(0, CHANGES, 500):
        changes = [
            acts.cart_line_quantity_set(f"sku-{number % 40}", number + 1)
            for number in range(first, first + 500)
        ]
        (await shop.record(MILA, changes)).require()
    expected = (await slow.sees("cart")).cart
    frames, journeys = 0, []
    async with asyncio.timeout(30):
        while (frame := await call.read()) is not grpc.aio.EOF:
            frames += 1
            journeys = frame.delta.journeys or frame.snapshot.journeys
            if journeys and journeys[0].cart == expected:
                break
    call.cancel()
    assert journeys[0].cart == expected
    assert frames < CHANGES // 20, "10,000 changes are not 10,000 frames"


async def test_hard_case_39_a_full_queue_refuses_intents_visibly_and_compacts_telemetry(
    open_offline: Callable[..., Device],
) -> None:
    refused: list[Any] = []
    settings = DeviceSettings(queue=QueueLimits(interactions=20))
    film = MediaRuns("film", duration_ms=3_600_000)
    async with open_offline("phone", settings=settings, on_overflow=refused.append) as phone:
        await phone.until(settled)
        phone.network_down()
        await phone.record(film.played(0))
        for minute in range(1, 40):
            await phone.record(film.progressed(minute * 15_000))
        assert phone.connection.queue < 20, "of a run its first and furthest report are kept"
        room = await fill(phone)
        assert refused, "the application is told"
        assert len(lines(phone.view)) == room
        phone.network_up()
        await phone.until(settled)
        assert len(lines(phone.view)) == room
        assert (await phone.journey("media", "film")).media.point_ms == 39 * 15_000


async def fill(phone: Device) -> int:
    """Put things into the cart until there is no room; how many there was room for."""
    for number in range(100):
        try:
            await phone.record(acts.cart_line_added(f"sku-{number}"))
        except QueueFull:
            return number
    raise AssertionError("the queue has no limit")


async def test_hard_case_41_a_thousand_devices_spread_their_tries_after_a_node_died() -> None:
    chance = random.Random(41)
    machines = [ConnectionMachine(chance=chance.random) for _ in range(DEVICES)]
    for machine in machines:
        machine.start(0)
        machine.failed(0, "the node died")
    tries = sorted(machine.due for machine in machines)
    assert tries[0] >= 0
    assert tries[-1] <= 500
    tenths = [sum(1 for at in tries if low <= at < low + 50) for low in range(0, 500, 50)]
    assert min(tenths) > DEVICES // 20, "no tenth of the time is left out"
    assert max(tenths) < DEVICES // 5, "and none gets a fifth"


async def test_hard_case_41_a_thousand_watches_go_on_at_another_node_and_none_misses_a_change(
    two_services: Stage,
) -> None:
    first, second = two_services.services
    phone, laptop = await two_services.device("phone"), await two_services.device("laptop")
    await phone.add("tea")
    watching = await level(first, [""] * DEVICES)
    assert all(lines_of(each) == {"tea": 1} for each in watching)
    await phone.client.close()
    await first.server.stop()
    await laptop.add("milk")
    again = await level(second, [each[-1].token for each in watching])
    assert all(each[0].opened.resumed for each in again)
    assert all(lines_of(each) == {"milk": 1, "tea": 1} for each in again)


async def test_hard_case_42_two_tabs_share_a_store_one_at_a_time_or_are_two_installations(
    open_offline: Callable[..., Device],
) -> None:
    async with open_offline("tab-1") as one:
        with pytest.raises(StoreInUse):
            await open_offline("tab-2", store="tab-1").start()
        async with open_offline("tab-2") as two:
            assert one.installation_id != two.installation_id
            both = [
                tab.record(acts.cart_line_added(f"{name}-{number}"))
                for number in range(50)
                for name, tab in (("one", one), ("two", two))
            ]
            kept = await asyncio.gather(*both)
            results = await asyncio.gather(*(each.answers() for each in kept))
            expected = {f"{name}-{number}": 1 for name in ("one", "two") for number in range(50)}
            for tab in (one, two):
                await tab.until(lambda view: settled(view) and lines(view) == expected)
    numbers = [sorted(each[0].seq for each in results[start::2]) for start in (0, 1)]
    assert numbers == [list(range(1, 51))] * 2, "no gap and no number twice"


async def level(served: Served, tokens: list[str]) -> list[list[WatchResponse]]:
    """A watch of the customer from each token, until it is level; then they all end."""
    address = f"127.0.0.1:{served.server.port}"
    callers = [served.as_("developer", f"dev-{n}") for n in range(0, DEVICES, STREAMS_A_CALLER)]
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(address, options=options))
            for _ in range(0, len(tokens), STREAMS_A_CONNECTION)
        ]
        stubs: list[Any] = [JourneyServiceStub(channel) for channel in channels]
        watches = [
            until_level(
                stubs[number // STREAMS_A_CONNECTION],
                WatchRequest(subject_id=MILA, token=token),
                callers[number // STREAMS_A_CALLER],
            )
            for number, token in enumerate(tokens)
        ]
        async with asyncio.timeout(120):
            return await asyncio.gather(*watches)


async def until_level(stub: Any, request: WatchRequest, caller: Any) -> list[WatchResponse]:
    """Frames up to the state that is level; a service that is busy is asked again, as it says.

    Of a call that it has not begun for 30 s it says nothing: gRPC gives that up.
    """
    while True:
        frames: list[WatchResponse] = []
        asked = time.monotonic()
        call = stub.Watch(request, metadata=caller)
        try:
            while not frames or not frames[-1].token:
                frames.append(await call.read())
        except grpc.aio.AioRpcError as error:
            waited_s = time.monotonic() - asked
            if error.code() is grpc.StatusCode.CANCELLED and not frames and waited_s > GIVEN_UP_S:
                continue
            if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                raise
            retry: RetryInfo = detail(status_of(error), RetryInfo)
            await asyncio.sleep(retry.retry_delay.ToTimedelta().total_seconds())
        else:
            return frames


def lines_of(frames: list[WatchResponse]) -> dict[str, int]:
    """The cart in the last frame."""
    last = frames[-1]
    journeys = last.delta.journeys or last.snapshot.journeys
    return quantities(journeys[0].cart)
