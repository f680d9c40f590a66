"""People without account, and what becomes of them when they sign in, with the real service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

import journey_client
from journey.v1.events_pb2 import Event
from journey_client import (
    Client,
    ConnectionState,
    Device,
    JourneyKey,
    View,
    errors,
    interactions,
    open_device,
)
from journey_service.domain.identity import subject_id_of_account, subject_id_of_visitor
from tests.transport.serving import APP_KEY, IDENTITY_KEY, Served, serving

CART = JourneyKey("cart", "main")
MILA = subject_id_of_account(IDENTITY_KEY, "mila")
BEN = subject_id_of_account(IDENTITY_KEY, "ben")
MERGED = {"A": 3, "B": 1, "C": 1}


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as running:
        yield running


@pytest.fixture
def visitor(served: Served, tmp_path: Path) -> Callable[..., Device]:
    def make(name: str = "phone", **options: Any) -> Device:
        return open_device(
            f"127.0.0.1:{served.server.port}",
            tmp_path / f"{name}.db",
            app_key=APP_KEY,
            device=name,
            **options,
        )

    return make


def client(served: Served, **options: Any) -> Client:
    return journey_client.connect(f"127.0.0.1:{served.server.port}", **options)


def token(served: Served, account: str = "mila") -> str:
    return served.mint.token("device", account)


def lines(view: View) -> dict[str, int]:
    cart = view.journeys.get(CART)
    return {line.line_key: line.quantity for line in cart.cart.lines} if cart else {}


def settled(view: View) -> bool:
    return view.connection.state is ConnectionState.LIVE and not view.connection.queue


async def account_with_a_cart(served: Served) -> None:
    async with client(served, token=token(served), device="desk") as desk:
        session = await desk.open_session()
        await session.record(
            interactions.cart_line_added("A", 3), interactions.cart_line_added("C", 1)
        )


async def fill(phone: Device) -> None:
    await phone.record(interactions.cart_line_added("A", 2), interactions.cart_line_added("B", 1))


async def events(served: Served, subject_id: str) -> list[Event]:
    metadata = served.mint.token("service", "test")
    async with client(served, token=metadata, service=True) as shop:
        customer = shop.customer(subject_id)
        return [event async for event in customer.events()]


async def test_a_visitor_records_and_is_found_again_after_a_restart(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async with visitor() as phone:
        await phone.record(interactions.cart_line_added("tea", 2))
        await phone.until(lambda view: settled(view) and lines(view) == {"tea": 2})
        subject_id, installation_id = phone.subject_id, phone.installation_id
    assert subject_id == subject_id_of_visitor(IDENTITY_KEY, installation_id, 0)
    async with visitor() as phone:
        await phone.record(interactions.cart_line_added("tea", 1))
        await phone.until(lambda view: settled(view) and lines(view) == {"tea": 3})
        assert phone.subject_id == subject_id


async def test_who_signs_in_has_what_the_visitor_had(
    served: Served, visitor: Callable[..., Device]
) -> None:
    await account_with_a_cart(served)
    async with visitor() as phone:
        await fill(phone)
        await phone.until(settled)
        was = phone.subject_id
        await phone.sign_in(token=token(served))
        await phone.until(lambda view: settled(view) and lines(view) == MERGED)
        assert phone.subject_id == MILA
        await phone.record(interactions.cart_line_added("D", 1))
        await phone.until(lambda view: settled(view) and lines(view) == MERGED | {"D": 1})
    assert [one.type for one in await events(served, MILA)].count("cart.merged") == 1
    assert was != MILA


async def test_what_a_visitor_did_offline_is_sent_for_the_visitor_before_the_account(
    served: Served, visitor: Callable[..., Device]
) -> None:
    await account_with_a_cart(served)
    async with visitor() as phone:
        phone.network_down()
        await fill(phone)
        await phone.sign_in(token=token(served))
        await phone.record(interactions.cart_line_added("D", 1))
        assert lines(phone.view) == {"A": 2, "B": 1, "D": 1}
        phone.network_up()
        await phone.until(lambda view: settled(view) and lines(view) == MERGED | {"D": 1})
        installation_id = phone.installation_id
    visited = subject_id_of_visitor(IDENTITY_KEY, installation_id, 0)
    recorded = {
        (event.subject_id, event.interaction.cart_line_added.line.product.sku)
        for event in await events(served, MILA)
        if event.type == "cart.line_added" and event.occurrence.installation_id == installation_id
    }
    assert recorded == {(visited, "A"), (visited, "B"), (MILA, "D")}


async def test_what_is_recorded_while_the_visit_ends_is_the_accounts_and_stays_in_sight(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async with visitor() as phone:
        phone.network_down()
        await fill(phone)
        await phone.sign_in(token=token(served))
        await phone.record(interactions.cart_line_added("C", 1))
        phone.network_up()
        ending = await phone.until(lambda view: view.connection.state is ConnectionState.PAUSED)
        assert lines(ending) == {"A": 2, "B": 1, "C": 1}
        assert ending.connection.queue == 1
        await phone.record(interactions.cart_line_added("D", 1))
        everything = {"A": 2, "B": 1, "C": 1, "D": 1}
        await phone.until(lambda view: settled(view) and lines(view) == everything)
        assert phone.subject_id == MILA


async def test_who_signs_out_while_the_visit_ends_leaves_a_visitor_who_knows_nothing(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async with visitor() as phone:
        phone.network_down()
        await fill(phone)
        await phone.sign_in(token=token(served))
        phone.network_up()
        await phone.until(lambda view: view.connection.state is ConnectionState.PAUSED)
        first = phone.subject_id
        await phone.sign_out()
        view = await phone.until(lambda view: settled(view) and bool(view.token))
        assert not view.journeys
        assert phone.subject_id not in {first, MILA}


async def test_what_is_recorded_beside_a_sign_in_is_the_visitors_or_the_accounts_and_recorded(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async def shop(phone: Device) -> None:
        for _ in range(20):
            await phone.record(interactions.cart_line_added("A", 1))

    async with visitor() as phone:
        await phone.until(settled)
        await asyncio.gather(shop(phone), phone.sign_in(token=token(served)), shop(phone))
        await phone.until(lambda view: settled(view) and lines(view) == {"A": 40})
    recorded = [event for event in await events(served, MILA) if event.type == "cart.line_added"]
    assert len(recorded) == 40


async def test_a_visitors_queue_is_sent_first_also_when_the_app_was_ended_meanwhile(
    served: Served, visitor: Callable[..., Device]
) -> None:
    await account_with_a_cart(served)
    async with visitor() as phone:
        phone.network_down()
        await fill(phone)
    async with visitor(token=token(served)) as phone:
        await phone.until(lambda view: settled(view) and lines(view) == MERGED)
        assert phone.subject_id == MILA


async def test_who_signs_out_leaves_a_device_to_the_next_visitor_who_knows_nothing(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async with visitor() as phone:
        await fill(phone)
        await phone.until(settled)
        first = phone.subject_id
        await phone.sign_in(token=token(served))
        await phone.until(lambda view: settled(view) and phone.subject_id == MILA)
        await phone.sign_out()
        assert lines(phone.view) == {}
        await phone.record(interactions.cart_line_added("E", 1))
        await phone.until(lambda view: settled(view) and lines(view) == {"E": 1})
        second = phone.subject_id
        assert second == subject_id_of_visitor(IDENTITY_KEY, phone.installation_id, 1)
    assert len({first, second, MILA}) == 3
    async with visitor() as phone:
        await phone.until(lambda view: settled(view) and lines(view) == {"E": 1})
        assert phone.subject_id == second


async def test_who_signed_in_without_network_and_signs_out_leaves_nothing_unsent(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async with visitor() as phone:
        phone.network_down()
        await fill(phone)
        await phone.sign_in(token=token(served))
        await phone.record(interactions.cart_line_added("C", 1))
        with pytest.raises(journey_client.JourneyError):
            await phone.sign_out()
        assert lines(phone.view) == {"A": 2, "B": 1, "C": 1}
        phone.network_up()
        await phone.sign_out()
        assert lines(phone.view) == {}
    recorded = [one for one in await events(served, MILA) if one.type == "cart.line_added"]
    skus = {one.interaction.cart_line_added.line.product.sku for one in recorded}
    assert skus == {"A", "B", "C"}


async def test_signing_out_needs_the_network_and_changes_nothing_without(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async with visitor() as phone:
        await fill(phone)
        await phone.until(settled)
        await served.server.stop()
        with pytest.raises(journey_client.JourneyError):
            await phone.sign_out()
        assert lines(phone.view) == {"A": 2, "B": 1}
        assert phone.connection.state is not ConnectionState.ENDED


async def test_a_store_that_lost_its_secret_begins_anew_and_loses_nothing_unsent(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async with visitor() as phone:
        await phone.until(settled)
        first, installation_id = phone.subject_id, phone.installation_id
        phone.network_down()
        await fill(phone)
        phone._core.visits.secret = ""
        phone._core.link.forget(installation_id)
        phone.network_up()
        await phone.until(lambda view: settled(view) and lines(view) == {"A": 2, "B": 1})
        assert phone.installation_id != installation_id
        assert phone.subject_id != first


async def test_a_client_without_store_visits_signs_in_and_signs_out(served: Served) -> None:
    await account_with_a_cart(served)
    async with client(served, app_key=APP_KEY, device="browser") as browser:
        visit = await browser.open_session(channel="web")
        await visit.record(
            interactions.cart_line_added("A", 2), interactions.cart_line_added("B", 1)
        )
        assert len(browser.installation_secret) == 26
        session = await browser.sign_in(visit, token=token(served))
        cart = await session.journey(*CART)
        assert {line.line_key: line.quantity for line in cart.cart.lines} == MERGED
        assert session.installation_id == visit.installation_id
        assert session.opened.customer_id == session.subject_id == MILA
        await browser.sign_out(session)
        again = await browser.open_session()
        assert again.subject_id == subject_id_of_visitor(IDENTITY_KEY, visit.installation_id, 1)
        with pytest.raises(errors.JourneyNotFound):
            await again.journey(*CART)


async def test_a_sign_in_that_is_refused_can_be_tried_with_another_token(served: Served) -> None:
    async with client(served, app_key=APP_KEY) as browser:
        visit = await browser.open_session()
        await visit.record(interactions.cart_line_added("A", 2))
        with pytest.raises(errors.TokenInvalid):
            await browser.sign_in(visit, token="none.of.ours")
        session = await browser.sign_in(visit, token=token(served))
        cart = await session.journey(*CART)
        assert {line.line_key: line.quantity for line in cart.cart.lines} == {"A": 2}


async def test_a_client_that_kept_id_and_secret_is_the_same_visitor(served: Served) -> None:
    async with client(served, app_key=APP_KEY) as browser:
        visit = await browser.open_session()
        kept = {
            "installation_id": visit.installation_id,
            "installation_secret": browser.installation_secret,
        }
        await visit.refresh()
    async with client(served, app_key=APP_KEY, **kept) as browser:
        assert (await browser.open_session()).subject_id == visit.subject_id
    async with client(served, app_key=APP_KEY, installation_id=kept["installation_id"]) as thief:
        stranger = await thief.open_session()
        assert stranger.subject_id != visit.subject_id
        assert stranger.installation_id != visit.installation_id


async def test_the_credential_of_a_visitor_is_renewed_with_the_secret(served: Served) -> None:
    async with client(served, app_key=APP_KEY) as browser:
        visit = await browser.open_session(keep_alive_ms=0)
        calls = visit._calls
        before = await calls.credentials.current()
        after = await calls.renew_credential()
        assert after != before
        await visit.do(interactions.cart_line_added("tea", 1))


async def test_a_device_of_one_person_is_a_visitors_and_then_anothers(
    served: Served, visitor: Callable[..., Device]
) -> None:
    async with visitor(token=token(served)) as tablet:
        await tablet.record(interactions.cart_line_added("A", 1))
        await tablet.until(settled)
        assert tablet.subject_id == MILA
        await tablet.sign_out()
        await tablet.record(interactions.cart_line_added("B", 1))
        await tablet.until(lambda view: settled(view) and lines(view) == {"B": 1})
        await tablet.sign_in(token=token(served, "ben"))
        await tablet.until(lambda view: settled(view) and tablet.subject_id == BEN)
        await tablet.until(lambda view: lines(view) == {"B": 1})
    async with client(served, token=token(served), device="desk") as desk:
        cart = await (await desk.open_session()).journey(*CART)
        assert [line.line_key for line in cart.cart.lines] == ["A"]


async def test_a_provider_that_gives_nothing_keeps_the_person_waiting_and_the_acts_stored(
    served: Served, visitor: Callable[..., Device]
) -> None:
    given = [""]

    async def provide() -> str:
        if not given[0]:
            raise OSError("the login is away")
        return given[0]

    async with visitor() as phone:
        await phone.until(settled)
        await phone.sign_in(credentials=provide, account="mila")
        await phone.record(interactions.cart_line_added("A", 1))
        assert phone.connection.queue == 1
        given[0] = token(served)
        phone.network_down()
        phone.network_up()
        await phone.until(lambda view: settled(view) and lines(view) == {"A": 1})
        assert phone.subject_id == MILA
