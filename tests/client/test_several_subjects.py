"""All reads of a customer of several subjects, over gRPC and PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest

from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import EVENT_ORDER_OCCURRENCE, EVENT_ORDER_RECORDED
from journey.v1.journeys_pb2 import Journey
from journey.v1.reading_pb2 import AsOf, StartPoint
from journey.v1.session_service_pb2 import ListSessionsRequest
from journey.v1.sessions_pb2 import Session
from journey_client import Client, interactions
from journey_client.errors import CustomerMismatch
from journey_service.domain.identity import subject_id_of_account
from journey_service.settings import Settings
from journey_service.store.postgres import PostgresStore
from tests.application.linking import link
from tests.application.scene import SERVICE, Scene
from tests.client.conftest import Connect
from tests.transport.serving import IDENTITY_KEY, Served

MILA = subject_id_of_account(IDENTITY_KEY, "mila")
# Imported facts of two visitors, by when they happened.
LONG_AGO_MS = 1_700_000_000_000
FACTS = (("anon", "mug", 3), ("anon", "tea", 1), ("visitor", "rug", 3), ("visitor", "lamp", 2))
APART_MS = 100
BOTH_ORDERS = [EVENT_ORDER_OCCURRENCE, EVENT_ORDER_RECORDED]


@pytest.fixture
async def stage(store: PostgresStore, served: Served, connect: Connect) -> Scene:
    """Mila's phone, and two visitors who were she; what the second did, did the first, too."""
    async with connect(subject="mila") as phone:
        session = await phone.open_session()
        await session.do(interactions.cart_line_added("milk", 1))
    async with connect(subject="shop", role="service", scopes=("clock.trusted",)) as shop:
        for subject_id, sku, second in FACTS:
            fact = interactions.cart_line_added(sku, 1)
            fact.wall_ms = LONG_AGO_MS + 1_000 * second
            await shop.record(subject_id, [fact])
    made = Scene(served.application, store, Settings())  # type: ignore[arg-type]
    await link(made, "visitor", "anon")
    # The journal's clock and that of who links may be some ms apart.
    await asyncio.sleep(APART_MS / 1_000)
    await link(made, "anon", MILA, MILA)
    return made


def shop(connect: Connect) -> Any:
    return connect(subject="shop", role="service")


def places(events: list[Event]) -> list[tuple[str, int]]:
    return [(each.subject_id, each.version) for each in events]


async def test_the_history_is_listed_and_read_whole_page_by_page(
    stage: Scene, connect: Connect
) -> None:
    async with shop(connect) as client:
        customer = client.customer("visitor")
        for order, descending in itertools.product(BOTH_ORDERS, (False, True)):
            asked: dict[str, Any] = {"order": order, "descending": descending}
            whole = [each async for each in customer.events(**asked)]
            assert {each.subject_id for each in whole} == {MILA, "visitor", "anon"}
            for size in (1, 3):
                again = [each async for each in customer.events(**asked, page_size=size)]
                assert places(again) == places(whole)
            if order == EVENT_ORDER_RECORDED:
                assert places(await in_two_reads(client, backwards=descending)) == places(whole)
            else:
                skus = [each.interaction.cart_line_added.line.product.sku for each in whole]
                happened = [sku for sku in skus if sku][:: -1 if descending else 1]
                assert happened == ["tea", "lamp", "mug", "rug", "milk"]


async def in_two_reads(client: Client, *, backwards: bool) -> list[Event]:
    """The whole history, of which the second read brings what is behind the first."""
    asked: dict[str, Any] = {"backwards": backwards, "purpose": "necessary"}
    first = [page async for page in client.read_events("anon", limit=4, **asked)]
    place = StartPoint(checkpoint=first[-1].checkpoint)
    second = [page async for page in client.read_events("anon", start=place, **asked)]
    return [event for page in (*first, *second) for event in page.events]


async def test_a_play_shows_the_states_of_all(stage: Scene, connect: Connect) -> None:
    async with shop(connect) as client:
        for order in BOTH_ORDERS:
            steps = [step async for step in client.customer(MILA).play(order=order)]
            carts = [step.journey for step in steps if step.event.type == "cart.line_added"]
            assert [len(cart.cart.lines) for cart in carts] == [1, 2, 3, 4, 5]
            assert len(steps) == len([each async for each in client.customer(MILA).events()])


async def test_journeys_states_and_who_it_is_are_those_of_all(
    stage: Scene, connect: Connect
) -> None:
    async with shop(connect) as client:
        customer = client.customer("anon")
        cart = await customer.journey("cart")
        assert len(cart.cart.lines) == 5
        found = await client.state("journeys", "visitor/cart/main")
        told = Journey()
        assert found.message.Unpack(told)
        assert (found.subject_id, len(told.cart.lines)) == (MILA, 5)
        listed = await client.state("continue_list", "anon")
        assert json.loads(listed.json)["journeys"] == [{"journey_id": "main", "kind": "cart"}]
        links = (await customer.who()).links
        before = AsOf(recorded_ms=links[1].made_at_ms - APART_MS // 2)
        then = await customer.journey("cart", as_of=before)
        assert sorted(line.product.sku for line in then.cart.lines) == ["lamp", "mug", "rug", "tea"]
        changes = await client.customer(MILA).diff("cart", before=before)
        assert [len(each.cart.lines) for each in (changes.before, changes.after)] == [1, 5]
        assert len(changes.events) == 4


async def test_its_sessions_and_devices_are_listed_of_all(stage: Scene, connect: Connect) -> None:
    async with connect(device="till", subject="shop", role="service") as shop:
        for subject_id in ("anon", "visitor", MILA):
            await shop.open_session(subject_id=subject_id)
        request = ListSessionsRequest(subject_id="visitor", page_size=1)
        found: list[Session] = []
        while not found or request.page_token:
            answer = await stage.application.list_sessions(SERVICE, request)
            found += answer.sessions
            request.page_token = answer.next_page_token
        assert [each.subject_id for each in found] == [MILA, "visitor", "anon"]
        used = [each async for each in shop.customer("visitor").devices()]
    assert [(each.subject_id, each.device.device_id) for each in used] == [
        (MILA, "till"),
        ("visitor", "till"),
        ("anon", "till"),
        (MILA, "phone"),
    ]


async def test_a_device_names_itself_and_nobody_else(stage: Scene, connect: Connect) -> None:
    async with connect(subject="mila") as phone:
        assert (await phone.customer().who()).customer_id == MILA
        with pytest.raises(CustomerMismatch):
            await phone.customer("anon").who()
