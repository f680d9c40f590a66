"""Moments at which a watch of a projection could name a place that the reader has not reached."""

import asyncio
from typing import Any

import pytest

from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_DRAINING,
    RESET_REASON_JOURNAL_REWOUND,
    RESET_REASON_PROJECTION_REBUILT,
)
from journey_service.domain.errors import (
    Overloaded,
)
from journey_service.domain.identity import partition_of
from journey_service.ports import SubjectSnapshot
from tests.application.scene import Scene, added, played, scene
from tests.application.watching import VIEWS, another_generation, folded, watching, why_not
from tests.contract.rewinding import restore_in_memory


@pytest.fixture
async def stage() -> Scene:
    return await scene(views=VIEWS)


async def test_a_switch_before_the_first_look_voids_what_was_resumed() -> None:
    stage = await scene(views=VIEWS, heartbeat_ms=10)
    await (await stage.device("mila")).record(added("milk"))
    async with watching(stage) as before:
        await before.until("caught_up")
    async with watching(stage, checkpoint=before.checkpoint) as reader:
        assert (await reader.next()).opened.resumed
        await another_generation(stage)
        async with asyncio.timeout(5):
            frame = await reader.until("reset")
    assert frame.reset.reason == RESET_REASON_PROJECTION_REBUILT


async def test_a_busy_store_delays_changed_states_and_no_place_passes_them(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await stage.device("mila")
    states = stage.store.states
    read = states.read_subject
    refused: list[str] = []

    async def busy_at_first(*asked: Any, **more: Any) -> SubjectSnapshot:
        if not refused:
            refused.append(reader.checkpoint)
            raise Overloaded
        assert reader.checkpoint == refused[0]
        return await read(*asked, **more)

    async with watching(stage) as reader:
        await reader.until("caught_up")
        monkeypatch.setattr(states, "read_subject", busy_at_first)
        await phone.record(added("milk"))
        await reader.until("changes")
    assert refused
    assert reader.held == {"mila/main": {"milk": 1}}


async def test_who_is_sent_away_while_the_store_is_busy_gets_no_place_behind_what_waits(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await stage.device("mila")
    busy = asyncio.Event()

    async def always_busy(*_asked: Any, **_more: Any) -> SubjectSnapshot:
        busy.set()
        raise Overloaded

    async with watching(stage) as reader:
        await reader.until("caught_up")
        monkeypatch.setattr(stage.store.states, "read_subject", always_busy)
        await phone.record(added("milk"))
        ended = asyncio.create_task(reader.until("going_away"))
        await busy.wait()
        stage.application.drain()
        assert not (await ended).checkpoint


async def test_a_heartbeat_names_no_place_of_an_epoch_that_began_meanwhile() -> None:
    stage = await scene(views=VIEWS, heartbeat_ms=0)
    phone = await stage.device("mila")
    await phone.record(added("lost"))
    async with watching(stage) as reader:
        await reader.until("caught_up")
        restore_in_memory(stage.store, partition_of("mila"), 1)
        heartbeat = await reader.next()
        assert heartbeat.WhichOneof("content") == "heartbeat"
    phone.seq -= 1
    await phone.record(added("kept"), added("more"))
    assert await why_not(stage, heartbeat.checkpoint) == RESET_REASON_JOURNAL_REWOUND


async def test_a_service_that_stops_ends_a_snapshot_too_and_names_no_place_for_it() -> None:
    stage = await scene(views=VIEWS, page_size_max=1, frame_bytes=1)
    for name in ("eve", "kim", "mila"):
        await (await stage.device(name)).record(added("milk"))
    await folded(stage)
    async with watching(stage) as reader:
        await reader.until("snapshot")
        stage.application.drain()
        ended = await reader.next()
    assert ended.going_away.reason == GOING_AWAY_REASON_DRAINING
    assert not reader.checkpoint
    assert list(reader.held) == ["eve/main"]


async def test_a_reader_hears_of_the_service_while_much_that_concerns_nothing_is_read() -> None:
    stage = await scene(views=VIEWS, heartbeat_ms=0, event_frame_events=1)
    phone = await stage.device("mila")
    await phone.record(*(played(minute) for minute in range(3)))
    async with watching(stage) as reader:
        await reader.until("snapshot")
        frame = await reader.next()
    assert frame.WhichOneof("content") == "heartbeat"
    assert frame.heartbeat.lag_events > 0
