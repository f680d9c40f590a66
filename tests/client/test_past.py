"""The client looks into the past: as of a point, between two points, event by event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

import journey_client
from journey.v1.history_service_pb2 import (
    EVENT_ORDER_OCCURRENCE,
    EVENT_ORDER_RECORDED,
    PlayedEvent,
    PlayEventsRequest,
    PlayEventsResponse,
)
from journey.v1.reading_pb2 import AsOf
from journey.v1.stream_pb2 import GoingAway, StreamDone, StreamOpened
from journey_client import JourneyKey, errors, interactions
from journey_client.connection import ConnectionSettings
from tests.client.conftest import Connect
from tests.client.scripted import REQUESTS, Script, serving

CART = JourneyKey("cart", "main")
OPENED = PlayEventsResponse(opened=StreamOpened())
DONE = PlayEventsResponse(done=StreamDone())


async def test_a_customer_is_read_as_of_points_between_them_and_event_by_event(
    connect: Connect,
) -> None:
    """On PostgreSQL, by every sort of token."""
    async with connect("shop", role="service", scopes=("journal.read",)) as client:
        tokens, places = [], []
        for count in (1, 2):
            put = interactions.cart_line_added("tea", count)
            tokens.append((await client.record("mila", [put])).write_token)
            pages = [page async for page in client.read_events(purpose="test")]
            places.append(pages[-1].checkpoint)
        mila = client.customer("mila")
        for then in (AsOf(token=tokens[0]), AsOf(token=places[0])):
            assert (await mila.journey(*CART, as_of=then)).cart.lines[0].quantity == 1
            found = await mila.diff(*CART, before=then)
            assert 'cart.lines["tea"].quantity' in {change.path for change in found.changes}
            assert len(found.events) == 1
        for order, first in ((EVENT_ORDER_RECORDED, 1), (EVENT_ORDER_OCCURRENCE, None)):
            played = [step.journey async for step in mila.play(CART, order=order)]
            quantities = [journey.cart.lines[0].quantity for journey in played]
            assert (len(quantities), quantities[-1]) == (2, 3)
            assert quantities[0] == (first or quantities[0])
        with pytest.raises(errors.JourneyNotFound):
            await mila.diff("media", "film", before=AsOf(token=tokens[0]))
        with pytest.raises(errors.TokenMismatch):
            await client.customer("ben").journey(*CART, as_of=AsOf(token=tokens[0]))


def step(place: int) -> PlayEventsResponse:
    played = PlayedEvent()
    played.event.version = place
    return PlayEventsResponse(step=played, checkpoint=f"c{place}")


def plays(*streams: list[PlayEventsResponse]) -> Any:
    left = list(streams)

    async def play(_: Any, __: Any) -> AsyncIterator[PlayEventsResponse]:
        for frame in left.pop(0) if left else []:
            yield frame

    return play


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    quick = ConnectionSettings(first_wait_ms=1)
    monkeypatch.setattr("journey_client.connection.DEFAULTS", quick)
    monkeypatch.setitem(REQUESTS, "PlayEvents", PlayEventsRequest)
    return Script()


async def played(script: Script) -> list[int]:
    async with (
        serving(script),
        journey_client.connect(script.address, token="t", service=True) as client,
    ):
        return [step.event.version async for step in client.customer("mila").play(speed=0.5)]


async def test_a_play_that_breaks_goes_on_behind_the_last_event(script: Script) -> None:
    away = PlayEventsResponse(going_away=GoingAway(retry_after_ms=1), checkpoint="c2")
    script.stream["PlayEvents"] = plays([OPENED, step(1), step(2), away], [OPENED, step(3), DONE])
    assert await played(script) == [1, 2, 3]
    first, second = script.of("PlayEvents")
    assert (first.speed, first.HasField("start")) == (500, False)
    assert second.start.checkpoint == "c2"


async def test_a_play_that_breaks_again_and_again_is_given_up(script: Script) -> None:
    script.stream["PlayEvents"] = plays([OPENED, step(1)])
    with pytest.raises(journey_client.Unreachable):
        await played(script)
