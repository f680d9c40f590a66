import asyncio
import socket
import time

import pytest

import journey_client
from journey.v1.journey_service_pb2 import JourneyView
from journey.v1.reading_pb2 import AsOf, EventFilter
from journey_client import (
    ConnectionState,
    JourneyKey,
    MediaRuns,
    NotAnswered,
    TimedOut,
    View,
    errors,
    interactions,
)
from journey_service.domain.identity import subject_id_of_account
from journey_service.store.postgres.store import PostgresStore
from tests.client.conftest import Connect
from tests.transport.serving import IDENTITY_KEY, Served, serving

FILM = JourneyKey("media", "film-42")
CART = JourneyKey("cart", "main")
LEFT_MS = 1_873_250
MILA = subject_id_of_account(IDENTITY_KEY, "mila")


def lines(view: View) -> dict[str, int]:
    cart = view.journeys.get(CART)
    return {line.line_key: line.quantity for line in cart.cart.lines} if cart else {}


async def test_what_a_phone_leaves_a_laptop_goes_on_with_to_the_millisecond(
    connect: Connect,
) -> None:
    async with connect("phone") as phone, connect("laptop") as laptop:
        on_phone = await phone.open_session(channel="mobile_app")
        player = MediaRuns("film-42", duration_ms=5_400_000)
        await on_phone.do(player.played(0))
        await on_phone.do(player.paused(LEFT_MS))
        on_laptop = await laptop.open_session(channel="web")
        listed = await on_laptop.continue_list()
        point = await on_laptop.resume(*FILM)
    assert [journey.ref.journey_id for journey in listed] == ["film-42"]
    assert (point.point_ms, point.start_ms, point.playing) == (LEFT_MS, LEFT_MS, False)
    assert point.journey.last_device_id == "phone"


async def test_a_watch_on_one_device_shows_what_another_does(connect: Connect) -> None:
    async with connect("phone") as phone, connect("laptop") as laptop:
        on_phone, on_laptop = await phone.open_session(), await laptop.open_session()
        watch = on_laptop.watch()
        await watch.until(lambda view: view.connection.state is ConnectionState.LIVE)
        await on_phone.do(interactions.cart_line_added("tea", 2))
        # Only what is iterated over tells what changed; the frame may be there before the answer.
        async for view in watch:
            if lines(view) == {"tea": 2}:
                break
    assert view.changed == {CART}
    assert [journey.ref.kind for journey in view.continue_list] == ["cart"]


async def test_what_was_kept_offline_comes_in_with_its_own_time(connect: Connect) -> None:
    async with connect("phone", installation_id="phone-1") as phone:
        session = await phone.open_session()
        await session.do(interactions.cart_line_added("tea"))
        kept = session.stamp(interactions.cart_line_added("milk"))
        await phone.disconnect()
    await asyncio.sleep(0.05)
    async with connect("phone", installation_id="phone-1") as phone:
        session = await phone.open_session()
        assert (await session.record(kept)).results[0].seq == 2
        events = [event async for event in session.events(filter=EventFilter(types=["cart.*"]))]
        happened = events[-1]
    assert happened.interaction.event_id == kept.event_id
    assert happened.received_ms - happened.occurrence.t_ms >= 50


async def test_reads_contain_what_was_written_before(connect: Connect) -> None:
    async with connect() as client:
        session = await client.open_session()
        for number in range(1, 6):
            await session.do(interactions.cart_line_added("tea"))
            cart = await session.journey(*CART)
            assert cart.cart.lines[0].quantity == number


async def test_a_repeat_is_known_and_changes_nothing(connect: Connect) -> None:
    async with connect() as client:
        session = await client.open_session()
        added = session.stamp(interactions.cart_line_added("tea"))
        first = (await session.record(added)).results[0]
        again = (await session.record(added)).results[0]
        assert again.duplicate
        assert (again.version, again.position) == (first.version, first.position)
        assert (await session.journey(*CART)).cart.lines[0].quantity == 1


async def test_a_bad_interaction_is_refused_and_spoils_no_other(connect: Connect) -> None:
    async with connect() as client:
        session = await client.open_session()
        recorded = await session.record(
            interactions.cart_line_added("tea"),
            interactions.cart_line_added("milk", 0),
            interactions.cart_line_added("bread"),
        )
        cart = await session.journey(*CART)
        with pytest.raises(errors.FieldViolations) as refused:
            await session.do(interactions.cart_line_added("milk", 0))
    assert [type(error) for error in recorded.errors] == [errors.FieldViolations]
    assert recorded.processed_seq == 3
    assert [line.line_key for line in cart.cart.lines] == ["bread", "tea"]
    assert refused.value.violations[0].path == "cart_line_added.line.quantity"


async def test_a_journey_that_is_not_there_is_said_to_be_so(connect: Connect) -> None:
    async with connect() as client:
        session = await client.open_session()
        with pytest.raises(errors.JourneyNotFound) as missing:
            await session.resume("media", "film-0")
    assert missing.value.request_id
    assert missing.value.metadata["journey_id"] == "film-0"


async def test_a_device_reads_its_own_customer_and_no_other(connect: Connect) -> None:
    async with connect() as client:
        with pytest.raises(errors.CustomerMismatch):
            await client.customer("somebody-else").continue_list()


async def test_a_journey_can_be_read_as_it_was(connect: Connect) -> None:
    async with connect() as client:
        session = await client.open_session()
        await session.do(interactions.cart_line_added("tea"))
        watch = session.watch()
        before = await watch.until(lambda view: lines(view) == {"tea": 1})
        await session.do(interactions.cart_line_added("tea", 5))
        then = await session.journey(*CART, as_of=AsOf(token=before.token))
        now = await session.journey(*CART)
    assert (then.cart.lines[0].quantity, now.cart.lines[0].quantity) == (1, 6)


async def test_all_pages_of_journeys_and_events_are_read(connect: Connect) -> None:
    async with connect() as client:
        session = await client.open_session()
        await session.record(*[interactions.list_item_added(f"l{n}", "tea") for n in range(7)])
        view = JourneyView.JOURNEY_VIEW_ALL
        journeys = [each.ref.journey_id async for each in session.journeys(view, page_size=3)]
        wanted = EventFilter(types=["list.item_added"])
        events = [each async for each in session.events(filter=wanted, page_size=3)]
    assert journeys == [f"l{n}" for n in (6, 5, 4, 3, 2, 1, 0)]
    assert [event.interaction.seq for event in events] == list(range(1, 8))


async def test_sessions_of_a_customer_are_listed_newest_first(connect: Connect) -> None:
    async with connect("phone") as phone, connect("laptop") as laptop:
        await phone.open_session()
        session = await laptop.open_session()
        listed = [each.device.device_id async for each in session.sessions()]
    assert listed == ["laptop", "phone"]


async def test_a_back_end_records_under_a_condition(connect: Connect) -> None:
    async with connect(role="service", subject="shop") as shop:
        added = [interactions.cart_line_added("tea"), interactions.cart_line_added("milk")]
        recorded = await shop.record("guest-7", added)
        assert [result.version for result in recorded.results] == [1, 2]
        with pytest.raises(errors.VersionConflict) as conflict:
            await shop.record("guest-7", [interactions.cart_line_added("jam")], expected_version=1)
        bad = [interactions.cart_line_added("jam"), interactions.cart_line_added("jam", 0)]
        with pytest.raises(errors.FieldViolations):
            await shop.record("guest-7", bad, atomic=True)
        cart = await shop.customer("guest-7").journey(*CART)
    assert conflict.value.metadata["current_version"] == "2"
    assert [line.line_key for line in cart.cart.lines] == ["milk", "tea"]


async def test_a_back_end_reads_the_journal_in_pages_with_checkpoints(connect: Connect) -> None:
    async with (
        connect(role="service", subject="shop") as shop,
        connect(role="developer", subject="dev") as developer,
    ):
        for number in range(3):
            await shop.record(f"guest-{number}", [interactions.cart_line_added("tea")])
        pages = [page async for page in developer.read_events()]
        found = {event.subject_id for page in pages for event in page.events}
        assert pages[-1].checkpoint
        info = await shop.server_info()
    assert found == {"guest-0", "guest-1", "guest-2"}
    assert info.api == ["journey.v1"]


async def test_a_watch_lives_on_when_the_service_is_started_again(
    store: PostgresStore,
) -> None:
    async with serving(store) as first:
        address = f"127.0.0.1:{first.server.port}"
        token = first.mint.token("device", "mila")
        phone = journey_client.connect(address, token=token, device="phone")
        session = await phone.open_session()
        watch = session.watch()
        await watch.until(lambda view: view.connection.state is ConnectionState.LIVE)
        stream = watch.connection.stream_id
    async with serving(store, grpc_address=address):
        await session.do(interactions.cart_line_added("tea"))
        view = await watch.until(lambda view: lines(view) == {"tea": 1})
        await phone.close()
    assert view.connection.stream_id not in {"", stream}


async def test_a_call_that_nobody_answers_ends_when_its_time_is_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        async with journey_client.connect(address, token="any", timeout_ms=200) as client:
            began = time.monotonic()
            with pytest.raises(TimedOut):
                await client.open_session()
            assert 0.15 <= time.monotonic() - began < 4, "and not after the 5 s of others"


async def test_calls_without_any_time_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="timeout_ms must be at least 1; is 0"):
        journey_client.connect("127.0.0.1:8080", token="any", timeout_ms=0)


async def test_who_leaves_is_not_held_up_by_a_service_that_is_away_as_patient_calls_are() -> None:
    patience_ms = 3_600_000
    async with serving() as served:
        address = f"127.0.0.1:{served.server.port}"
        token = served.mint.token("device", "mila")
        phone = journey_client.connect(address, token=token, device="phone", timeout_ms=patience_ms)
        await phone.open_session()
    async with asyncio.timeout(20):
        await phone.close()


async def test_an_expired_token_without_a_provider_is_an_error(served: Served) -> None:
    token = served.mint.token("device", "mila", now_s=1_700_000_000)
    async with journey_client.connect(f"127.0.0.1:{served.server.port}", token=token) as client:
        with pytest.raises(errors.TokenExpired):
            await client.open_session()


async def test_a_watch_ends_with_its_session(connect: Connect) -> None:
    async with connect() as client:
        session = await client.open_session()
        watch = session.watch()
        await watch.until(lambda view: view.connection.state is ConnectionState.LIVE)
        await session.close(sign_out=True)
        assert watch.connection.state is ConnectionState.ENDED
        with pytest.raises(NotAnswered):
            await watch.until(lambda view: False)
