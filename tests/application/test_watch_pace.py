"""When a watch speaks: intents at once, telemetry now and then, a heartbeat into the silence."""

from __future__ import annotations

import asyncio

from journey.v1.references_pb2 import JourneyRef
from tests.application.scene import (
    added,
    paused,
    played,
    progressed,
    run_id,
    scene,
)
from tests.client.virtual import play


async def test_silence_is_broken_by_heartbeats_that_carry_the_token() -> None:
    stage = await scene(heartbeat_ms=20)
    phone = await stage.device()
    async with phone.watch() as watching:
        token = (await watching.level()).token
        heartbeat = await watching.next("heartbeat")
    assert heartbeat.token == token


async def test_the_heartbeats_token_moves_past_what_the_filter_hid() -> None:
    stage = await scene(heartbeat_ms=30)
    phone, laptop = await stage.device(), await stage.device()
    async with laptop.watch(kinds=["cart"]) as watching:
        first = (await watching.level()).token
        await phone.record(played(0))
        heartbeat = await watching.next("heartbeat")
    assert heartbeat.token != first


def test_what_a_filter_hides_keeps_no_heartbeat_back() -> None:
    async def story() -> None:
        stage = await scene(heartbeat_ms=150, telemetry_push_ms=0)
        phone, laptop = await stage.device(), await stage.device()
        async with laptop.watch(kinds=["cart"]) as watching:
            await watching.level()
            heartbeat = asyncio.ensure_future(watching.next("heartbeat"))
            point_ms = 0
            while not heartbeat.done():
                point_ms += 1_000
                await phone.record(progressed(point_ms))
                await asyncio.sleep(0.01)
            assert point_ms > 2_000
            assert (await heartbeat).token

    play(story)


async def test_a_heartbeat_tells_how_many_events_wait_and_its_token_is_not_past_them() -> None:
    stage = await scene(heartbeat_ms=50, telemetry_push_ms=60_000)
    phone, laptop = await stage.device(), await stage.device()
    async with laptop.watch() as watching:
        await watching.level()
        await phone.record(progressed(15_000))
        delta = await watching.next("delta")
        assert (await watching.next("heartbeat")).heartbeat.lag_events == 0
        await phone.record(progressed(30_000), progressed(45_000))
        heartbeat = await watching.next("heartbeat")
        assert heartbeat.heartbeat.lag_events == 2
        assert heartbeat.token == delta.token
    async with laptop.watch(heartbeat.token) as watching:
        assert (await watching.level()).delta.journeys[0].media.point_ms == 45_000


async def test_telemetry_of_one_journey_holds_no_other_journeys_back() -> None:
    stage = await scene(telemetry_push_ms=60_000)
    phone, laptop = await stage.device(), await stage.device()
    other = JourneyRef(kind="media", journey_id="film-43")
    async with laptop.watch() as watching:
        await watching.level()
        await phone.record(progressed(15_000))
        await watching.next("delta")
        report = progressed(20_000)
        report.journey.CopyFrom(other)
        report.media_progressed.run_id = run_id(other)
        await phone.record(report)
        delta = (await watching.next("delta")).delta
    assert [journey.ref for journey in delta.journeys] == [other]


async def test_a_watermark_that_another_process_moved_without_an_event_is_told_in_the_end() -> None:
    stage = await scene(heartbeat_ms=20, watch_look_ms=60)
    phone = await stage.device()
    first = added("B1")
    await phone.record(first)
    async with phone.watch() as watching:
        await watching.level()
        other = added("B2")
        other.event_id = first.event_id
        await phone.elsewhere().record(other)
        frame = await watching.take()
        while frame.WhichOneof("content") == "heartbeat":
            frame = await watching.take()
    assert frame.delta.processed[0].seq == 2


async def test_telemetry_alone_is_pushed_at_most_once_a_while_and_an_intent_at_once() -> None:
    stage = await scene(telemetry_push_ms=60_000)
    phone, laptop = await stage.device(), await stage.device()
    async with laptop.watch() as watching:
        await watching.level()
        await phone.record(played(0))
        await watching.next("delta")
        await phone.record(progressed(15_000))
        first = (await watching.next("delta")).delta
        await phone.record(progressed(30_000))
        held_back = asyncio.ensure_future(watching.take())
        await asyncio.sleep(0.05)
        assert not held_back.done()
        await phone.record(paused(31_000))
        at_once = (await held_back).delta
    assert first.journeys[0].media.point_ms == 15_000
    assert at_once.journeys[0].media.point_ms == 31_000


async def test_a_slow_reader_gets_the_last_state_once_and_not_every_change() -> None:
    stage = await scene()
    phone, laptop = await stage.device(), await stage.device()
    async with laptop.watch() as watching:
        await watching.level()
        for _ in range(100):
            await phone.record(added("B1"))
        delta = (await watching.next("delta")).delta
        held = asyncio.ensure_future(watching.take())
        await asyncio.sleep(0.05)
        assert not held.done()
        held.cancel()
        await asyncio.wait([held])
    assert delta.journeys[0].cart.lines[0].quantity == 100
