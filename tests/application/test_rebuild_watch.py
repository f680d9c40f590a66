"""A rebuild is followed to its end, over a database that is away, until the stream is to end."""

from __future__ import annotations

from typing import Any

import pytest

from journey.v1 import rebuilds_pb2 as pb
from journey.v1.stream_pb2 import GOING_AWAY_REASON_DRAINING, GOING_AWAY_REASON_ROTATION
from journey_service.domain.errors import RebuildNotFound, StorageUnavailable
from tests.application.rebuilding import stage


async def test_a_watch_follows_the_progress_to_the_end() -> None:
    on = await stage()
    begun = await on.start()
    frames = []
    async for frame in on.watch(begun):
        frames.append(frame)
        if frame.HasField("rebuild"):
            await on.rebuilder.turn()
    kinds = [frame.WhichOneof("content") for frame in frames]
    assert kinds[0] == "opened"
    assert set(kinds[1:]) == {"rebuild"}
    told = [frame.rebuild for frame in frames[1:]]
    assert told[0].status == pb.REBUILD_STATUS_PENDING
    assert told[-1].status == pb.REBUILD_STATUS_SWITCHED
    done = [each.events_done for each in told]
    assert done == sorted(done)
    assert any(each.events_per_s for each in told[1:-1]) or len(told) < 4


async def test_a_watch_of_one_that_rests_beats_and_ends_when_the_service_drains() -> None:
    on = await stage(heartbeat_ms=20)
    begun = await on.start()
    kinds = []
    async for frame in on.watch(begun):
        kinds.append(frame.WhichOneof("content"))
        if kinds[-1] == "heartbeat":
            on.scene.application.drain()
    assert kinds[0] == "opened"
    assert kinds[-2:] == ["heartbeat", "going_away"]
    assert frame.going_away.reason == GOING_AWAY_REASON_DRAINING


async def test_a_watch_rotates_and_outlives_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on = await stage(stream_life_ms=1_000)
    begun = await on.start()
    find, away = on.scene.store.rebuilds.find, [StorageUnavailable()]
    looks = 0

    async def found(*place: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks == 2 and away:
            raise away.pop()
        return await find(*place)

    monkeypatch.setattr(on.scene.store.rebuilds, "find", found)
    clock, started = on.scene.store.clock, on.scene.store.clock.now_ms()
    frames = []
    async for frame in on.watch(begun):
        frames.append(frame)
        if frame.HasField("rebuild"):
            monkeypatch.setattr(clock, "now_ms", lambda: started + 60_000)
    assert not away
    assert [frame.WhichOneof("content") for frame in frames] == ["opened", "rebuild", "going_away"]
    assert frames[-1].going_away.reason == GOING_AWAY_REASON_ROTATION


async def test_an_unknown_rebuild_cannot_be_watched() -> None:
    on = await stage()
    with pytest.raises(RebuildNotFound):
        await anext(on.watch(pb.Rebuild(rebuild_id="journeys.7")))
