"""PlayEvents: a customer's events at a pace, with the state after each."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.history_service_pb2 import (
    EVENT_ORDER_RECORDED,
    PlayedEvent,
    PlayEventsRequest,
    PlayEventsResponse,
    ReadEventsRequest,
)
from journey.v1.interactions_pb2 import Interaction, SeriesMember, SeriesUpdated
from journey.v1.reading_pb2 import EndPoint, StartPoint
from journey.v1.references_pb2 import JourneyRef
from journey.v1.stream_pb2 import GOING_AWAY_REASON_AUTH_EXPIRING, GOING_AWAY_REASON_DRAINING
from journey_service.domain.errors import (
    CheckpointAhead,
    CustomerNotFound,
    Draining,
    TokenExpired,
    TokenMismatch,
)
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import hashed
from journey_service.store.memory.journal import Stream
from tests.application.scene import (
    CART,
    DEVELOPER,
    FILM,
    Scene,
    added,
    paused,
    played,
    scene,
)
from tests.application.taking import read_events
from tests.application.test_past import made
from tests.client.virtual import play
from tests.projections.histories import examples, histories

SERIES = JourneyRef(kind="series", journey_id="nights")


async def frames(
    stage: Scene, principal: Principal = DEVELOPER, **fields: Any
) -> list[PlayEventsResponse]:
    """All frames of a play of mila."""
    request = PlayEventsRequest(subject_id="mila", **fields)
    async with asyncio.timeout(10):
        return [frame async for frame in stage.application.play_events(principal, request)]


async def steps(stage: Scene, **fields: Any) -> list[PlayedEvent]:
    """The events of a play that ends well."""
    found = await frames(stage, **fields)
    assert [frame.WhichOneof("content") for frame in (found[0], found[-1])] == ["opened", "done"]
    assert found[-1].done.count == len(found) - 2
    return [frame.step for frame in found[1:-1]]


def skus(found: list[PlayedEvent]) -> list[str]:
    return [step.event.interaction.cart_line_added.line.product.sku for step in found]


async def two_devices(**settings: Any) -> Scene:
    """A laptop adds tea now; after it the phone tells that it added a mug an hour ago."""
    stage = await scene(**settings)
    laptop, phone = await stage.device(), await stage.device()
    await laptop.record(added("tea"))
    await phone.record(added("mug"), ago_ms=3_600_000)
    return stage


async def test_events_come_as_they_happened_with_the_state_after_each() -> None:
    stage = await two_devices()
    found = await steps(stage, journey=CART, include_state=True)
    assert skus(found) == ["mug", "tea"]
    assert [len(step.journey.cart.lines) for step in found] == [1, 2]
    assert [step.journey.last_device_id for step in found][1]
    assert found[0].pause_ms == 0
    assert 3_590_000 < found[1].pause_ms < 3_610_000


async def test_events_come_as_they_were_recorded_if_asked() -> None:
    stage = await two_devices()
    found = await steps(stage, journey=CART, order=EVENT_ORDER_RECORDED, include_state=True)
    assert skus(found) == ["tea", "mug"]
    assert [len(step.journey.cart.lines) for step in found] == [1, 2]
    assert found[1].pause_ms < 60_000


async def test_without_a_journey_all_are_played_each_with_the_state_of_its_own() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0), added("tea"))
    found = await steps(stage, include_state=True)
    assert [step.journey.ref for step in found][-2:] == [FILM, CART]
    assert not any(step.HasField("journey") for step in await steps(stage))


async def test_a_series_is_played_with_its_members() -> None:
    stage = await scene()
    phone = await stage.device()
    told = SeriesUpdated(members=[SeriesMember(journey=FILM, order_key="1")])
    await phone.record(Interaction(journey=SERIES, series_updated=told))
    await phone.record(played(0), paused(120_000), added("tea"))
    found = await steps(stage, journey=SERIES, include_state=True)
    assert [step.event.type for step in found[1:]] == ["media.played", "media.paused"]
    assert found[-1].journey.series.current == FILM


@pytest.mark.parametrize("order", [0, EVENT_ORDER_RECORDED])
async def test_a_play_of_many_pages_is_the_play_of_one(
    order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await two_devices()
    phone = await stage.device()
    await phone.record(*(added(f"tea-{number}") for number in range(9)))
    whole = await frames(stage, order=order, include_state=True)
    for module in ("play", "past"):
        monkeypatch.setattr(f"journey_service.application.{module}.PAGE", 2)
    start = StartPoint(checkpoint=whole[4].checkpoint)
    rest = await steps(stage, order=order, include_state=True, start=start)
    assert await steps(stage, order=order, include_state=True) == [
        frame.step for frame in whole[1:-1]
    ]
    assert [each.event for each in rest] == [frame.step.event for frame in whole[5:-1]]


async def test_what_was_recorded_before_the_start_is_in_the_states() -> None:
    stage = await scene()
    phone = await stage.device()
    for _ in range(3):
        await phone.record(added("tea"))
    read = [
        frame.checkpoint
        async for frame in read_events(
            stage.application, DEVELOPER, ReadEventsRequest(subject_id="mila")
        )
    ]
    await phone.record(added("tea"))
    found = await steps(stage, start=StartPoint(checkpoint=read[-1]), include_state=True)
    assert [step.journey.cart.lines[0].quantity for step in found] == [4]
    until = await steps(stage, journey=CART, end=EndPoint(checkpoint=read[-1]))
    assert len(until) == 3


async def test_a_play_can_be_limited_to_a_time() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("tea"), added("mug"), added("rug"))
    stream = stage.store.journal.streams["mila"].events
    for event in stream[:-1]:
        event.recorded_at_ms -= 60_000
    edge = stream[-1].recorded_at_ms
    assert skus(await steps(stage, start=StartPoint(recorded_ms=edge))) == ["rug"]
    assert "rug" not in skus(await steps(stage, end=EndPoint(recorded_ms=edge)))
    assert await steps(stage, start=StartPoint(end=True)) == []


@pytest.mark.parametrize("order", [0, EVENT_ORDER_RECORDED])
async def test_a_play_goes_on_behind_any_of_its_frames(order: int) -> None:
    stage = await two_devices()
    whole = await frames(stage, order=order, include_state=True)
    for index, frame in enumerate(whole[1:-1], 2):
        # What is recorded meanwhile is no part of a play of what happened.
        start = StartPoint(checkpoint=frame.checkpoint)
        rest = await frames(stage, order=order, include_state=True, start=start)
        assert rest[0].opened.resumed
        assert [each.step.event for each in rest[1:-1]] == [
            each.step.event for each in whole[index:-1]
        ]
        assert [each.step.journey for each in rest[1:-1]] == [
            each.step.journey for each in whole[index:-1]
        ]


async def test_a_checkpoint_of_one_order_is_refused_in_the_other_and_by_other_calls() -> None:
    stage = await two_devices()
    start = StartPoint(checkpoint=(await frames(stage))[-1].checkpoint)
    with pytest.raises(TokenMismatch, match="another order"):
        await frames(stage, order=EVENT_ORDER_RECORDED, start=start)
    request = ReadEventsRequest(subject_id="mila", start=start)
    with pytest.raises(TokenMismatch, match="play of events"):
        [frame async for frame in read_events(stage.application, DEVELOPER, request)]
    with pytest.raises(TokenMismatch) as refused:
        await frames(stage, end=EndPoint(checkpoint="rubbish"))
    assert refused.value.metadata["field"] == "end.checkpoint"
    ahead = made(of=stage, versions=hashed({"mila": 99}))
    with pytest.raises(CheckpointAhead):
        await frames(stage, start=StartPoint(checkpoint=ahead))


async def test_of_nobody_nothing_is_played() -> None:
    with pytest.raises(CustomerNotFound):
        await frames(await scene())


def test_the_pause_is_the_real_one_by_the_pace_and_not_longer_than_wanted() -> None:
    def took(**pace: int) -> float:
        async def story() -> float:
            await steps(await two_devices(), journey=CART, **pace)
            return asyncio.get_running_loop().time()

        return play(story)

    assert took() == 0
    # An hour by 24,000, less what passed between the two acts by the clock on the wall.
    assert 0.14 < took(speed=24_000_000) <= 0.15
    assert took(speed=1_000, max_pause_ms=50) == 0.05


def test_a_long_pause_is_not_silent() -> None:
    async def story() -> None:
        stage = await two_devices(heartbeat_ms=125)
        found = await frames(stage, journey=CART, speed=1_000, max_pause_ms=600)
        beats = [frame for frame in found if frame.WhichOneof("content") == "heartbeat"]
        assert len(beats) == 4
        # A heartbeat passes nothing that is still to be played.
        rest = await steps(stage, journey=CART, start=StartPoint(checkpoint=beats[0].checkpoint))
        assert skus(rest) == ["tea"]

    play(story)


async def test_a_play_says_good_bye_when_the_process_stops_and_goes_on_elsewhere() -> None:
    stage = await two_devices()
    request = PlayEventsRequest(subject_id="mila", journey=CART, speed=1, max_pause_ms=60_000)
    async with (
        asyncio.timeout(5),
        aclosing(
            stage.application.play_events(DEVELOPER, request)  # type: ignore[type-var]
        ) as playing,
    ):
        await anext(playing)
        await anext(playing)
        waiting = asyncio.ensure_future(anext(playing))
        await asyncio.sleep(0)
        stage.application.drain()
        last = await waiting
        assert last.going_away.reason == GOING_AWAY_REASON_DRAINING
        assert await anext(playing, None) is None
    with pytest.raises(Draining):
        await frames(stage)
    stage = Scene(stage.neighbour(), stage.store, stage.settings)
    assert skus(await steps(stage, journey=CART, start=StartPoint(checkpoint=last.checkpoint))) == [
        "tea"
    ]


async def test_a_play_lives_as_long_as_its_credential() -> None:
    stage = await two_devices()
    soon = Principal(DEVELOPER.role, "dev", expires_at_ms=stage.application.now_ms() + 20_000)
    found = await frames(stage, soon, speed=1)
    assert found[-1].going_away.reason == GOING_AWAY_REASON_AUTH_EXPIRING
    over = Principal(DEVELOPER.role, "dev", expires_at_ms=1)
    with pytest.raises(TokenExpired):
        await frames(stage, over)


@examples(25)
@given(history=histories(most=12), by_version=st.booleans(), data=st.data())
async def test_the_state_after_each_event_is_the_fold_of_what_was_played(
    history: list[Event], by_version: bool, data: st.DataObject
) -> None:
    stage = await scene()
    events = [event for event in history if event.subject_id == history[0].subject_id]
    for event in events:
        event.subject_id = "mila"
    stage.store.journal.streams["mila"] = Stream(events=events)
    low = data.draw(st.integers(0, len(events)))
    order = EVENT_ORDER_RECORDED if by_version else 0
    start = StartPoint(checkpoint=made(of=stage, versions=hashed({"mila": low})))
    found = await steps(stage, order=order, start=start, include_state=True)
    in_order = events[low:] if by_version else sorted(events[low:], key=_happened)
    folds: dict[str, JourneyFold] = {}
    for event in events[:low]:
        projections.fold_event(folds, event)
    expected = []
    for event in in_order:
        touched = projections.keys_of(event)
        projections.fold_event(folds, event)
        if event.outcome == OUTCOME_ACCEPTED:
            expected.append(projections.publish_all(folds)[touched[0]] if touched else None)
    assert len(found) == len(expected)
    for step, journey in zip(found, expected, strict=True):
        assert step.HasField("journey") == (journey is not None)
        if journey is not None:
            assert step.journey.checksum == journey.checksum


def _happened(event: Event) -> tuple[int, int, bytes, int]:
    at = event.occurrence
    return (at.t_ms, at.counter, at.installation_id.encode(), at.seq)
