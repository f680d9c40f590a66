"""The client reads, lists and watches projections, and mends those that stopped."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import grpc
import pytest

import journey_client
import projections
from journey.v1.projection_service_pb2 import (
    PROJECTION_STATUS_FAILED,
    PROJECTION_STATUS_LIVE,
    ProjectionState,
)
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_ROTATION,
    CaughtUp,
    GoingAway,
    Heartbeat,
    StreamOpened,
    StreamReset,
)
from journey.v1.subscription_service_pb2 import (
    StatesChanged,
    StatesSnapshot,
    WatchProjectionRequest,
    WatchProjectionResponse,
)
from journey_client import MemoryCheckpoints, connect, errors, interactions
from journey_client.connection import ConnectionSettings
from journey_service.store.memory import MemoryStore
from tests.application.views import BAD, adds, runner_of
from tests.client.scripted import REQUESTS, Script, refuse, serving
from tests.transport import serving as transport

OPENED = WatchProjectionResponse(opened=StreamOpened(heartbeat_ms=15_000))
RESUMED = WatchProjectionResponse(opened=StreamOpened(heartbeat_ms=15_000, resumed=True))
LEVEL = WatchProjectionResponse(caught_up=CaughtUp(), checkpoint="level")
ROTATED = WatchProjectionResponse(
    going_away=GoingAway(reason=GOING_AWAY_REASON_ROTATION, retry_after_ms=1)
)


async def test_states_are_read_listed_and_watched_over_the_wire() -> None:
    store = MemoryStore()
    async with transport.serving(store, views=(*projections.VIEWS, adds())) as served:
        address = f"127.0.0.1:{served.server.port}"
        token = served.mint.token("service", "shop", scopes=["projection.read:adds"])
        async with connect(address, token=token, service=True) as client:
            for subject in ("anna", "mila"):
                await client.record(subject, [interactions.cart_line_added("tea", 2)])
            state = await client.state("adds", "mila/main")
            assert json.loads(state.json) == {"quantities": {"tea": 2}}

            await runner_of(adds(), store).catch_up()
            found = [state.key async for state in client.states("adds", index={"sku": "tea"})]
            assert found == ["anna/main", "mila/main"]
            assert [state.key async for state in client.states("adds", key_prefix="m")] == found[1:]

            async with client.watch_projection("adds", "ads", keys=["mila/main"]) as watched:
                changes = aiter(watched)
                assert [state.key for state in (await anext(changes)).states] == ["mila/main"]
                await client.record("mila", [interactions.cart_line_added("tea", 1)])
                (state,) = (await anext(changes)).states
                assert json.loads(state.json) == {"quantities": {"tea": 3}}
            with pytest.raises(errors.ScopeMissing):
                await anext(aiter(client.states("journeys")))


async def test_a_projection_that_stopped_is_told_to_go_on_over_the_wire() -> None:
    store, view = MemoryStore(), adds()
    async with transport.serving(store, views=(*projections.VIEWS, view)) as served:
        address = f"127.0.0.1:{served.server.port}"
        token = served.mint.token("operator", "root")
        shop = served.mint.token("service", "shop")
        async with connect(address, token=shop, service=True) as client:
            for sku in ("tea", BAD, "milk"):
                await client.record("mila", [interactions.cart_line_added(sku, 1)])
        runner = runner_of(view, store, pause_after_fault_s=3_600)
        await runner.catch_up()
        async with connect(address, token=token, service=True) as client:
            stands = {each.name: each async for each in client.projections()}
            assert stands["journeys"].status == PROJECTION_STATUS_LIVE
            failed = stands["adds"]
            assert failed.status == PROJECTION_STATUS_FAILED
            (stop,) = failed.stops
            assert (stop.position, stop.type, stop.subject_id) == (2, "cart.line_added", "mila")
            assert failed.error.endswith("views.py:" + stop.error.partition("views.py:")[2])
            assert BAD not in failed.error
            assert (failed.lag_events, failed.lag_ms >= 0) == (2, True)

            assert await client.retry_projection("adds") == (stop,)
            await runner.catch_up()
            with pytest.raises(errors.FieldViolations, match=f"{stop.partition}/2"):
                await client.skip_event("adds", stop.partition, 3, reason="no such place")
            told = await client.skip_event("adds", stop.partition, 2, reason="it has gone off")
            assert (told.reason, told.actor) == ("it has gone off", "root")
            await runner.catch_up()
            mended = {each.name: each async for each in client.projections()}["adds"]
            assert mended.status == PROJECTION_STATUS_LIVE
            assert (list(mended.skips), mended.lag_events) == ([told], 0)
            with pytest.raises(errors.FieldViolations, match="adds is stopped nowhere"):
                await client.skip_event("adds", stop.partition, 3, reason="no such place")
        async with connect(address, token=shop, service=True) as client:
            state = await client.state("adds", "mila/main")
            assert json.loads(state.json) == {"quantities": {"milk": 1, "tea": 1}}


# --- over breaks, against a service that a test plays --------------------------------------------


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = ConnectionSettings(first_wait_ms=1)
    monkeypatch.setattr("journey_client.connection.DEFAULTS", quick)
    monkeypatch.setattr("journey_client._streams.DEFAULTS", quick)
    monkeypatch.setitem(REQUESTS, "WatchProjection", WatchProjectionRequest)


def snapshot(*keys: str, last: bool = True, checkpoint: str = "") -> WatchProjectionResponse:
    states = [ProjectionState(key=key) for key in keys]
    return WatchProjectionResponse(
        snapshot=StatesSnapshot(states=states, last=last), checkpoint=checkpoint
    )


def changes(*keys: str, gone: tuple[str, ...] = (), checkpoint: str) -> WatchProjectionResponse:
    states = [ProjectionState(key=key) for key in keys]
    return WatchProjectionResponse(
        changes=StatesChanged(states=states, removed_keys=gone), checkpoint=checkpoint
    )


def plays(*streams: list[WatchProjectionResponse]) -> Script:
    """A service that plays these streams, and then refuses for good."""
    script, left = Script(), list(streams)

    async def watch(_: Any, context: Any) -> AsyncIterator[WatchProjectionResponse]:
        if not left:
            await refuse(context, "PROJECTION_NOT_FOUND", grpc.StatusCode.NOT_FOUND)
        for frame in left.pop(0):
            yield frame

    script.stream["WatchProjection"] = watch
    return script


async def watched(script: Script, *, told: bool = False) -> tuple[list[Any], Any]:
    """Keys, what is gone and whether all is new, of each change until the service refuses."""
    seen = []
    async with serving(script), connect(script.address, token="t", service=True) as client:
        watch = client.watch_projection("suppression", "ads", store=MemoryCheckpoints())
        with suppress(errors.ProjectionNotFound):
            async for change in watch.told() if told else watch:
                keys = [state.key for state in change.states]
                seen.append((keys, list(change.removed_keys), change.reset))
    return seen, watch


@pytest.mark.usefixtures("no_waiting")
async def test_a_broken_stream_goes_on_behind_the_last_change() -> None:
    script = plays(
        [OPENED, snapshot("a", last=False), snapshot("b", checkpoint="c1")],
        [RESUMED, changes("a", gone=("b",), checkpoint="c2"), ROTATED],
        [RESUMED, LEVEL],
    )
    seen, watch = await watched(script)
    assert seen == [(["a"], [], True), (["b"], [], False), (["a"], ["b"], False)]
    asked = [request.checkpoint for request in script.of("WatchProjection")]
    assert asked == ["", "c1", "c2", "level"]
    assert isinstance(watch.interrupted_by, journey_client.Unreachable)
    assert not watch.live


@pytest.mark.usefixtures("no_waiting")
async def test_all_that_was_handed_over_is_void_after_a_reset() -> None:
    reset = WatchProjectionResponse(reset=StreamReset())
    silence = WatchProjectionResponse(heartbeat=Heartbeat(lag_events=3), checkpoint="c2")
    script = plays(
        [OPENED, snapshot("a", checkpoint="c1"), LEVEL, silence, reset, snapshot(checkpoint="c3")]
    )
    seen, watch = await watched(script, told=True)
    assert seen == [(["a"], [], True), ([], [], False), ([], [], True)]
    assert watch.lag_events == 3
    assert watch.checkpoint == "c3"


@pytest.mark.usefixtures("no_waiting")
async def test_a_change_can_be_stored_by_its_body_and_is_then_not_stored_again() -> None:
    class Counting(MemoryCheckpoints):
        saved: list[str] = []  # noqa: RUF012  of one test

        async def save(self, consumer: str, checkpoint: str) -> None:
            self.saved.append(checkpoint)
            await super().save(consumer, checkpoint)

    script, store = plays([OPENED, snapshot("a", checkpoint="c1"), LEVEL]), Counting()
    async with serving(script), connect(script.address, token="t", service=True) as client:
        with suppress(errors.ProjectionNotFound):
            async for change in client.watch_projection("suppression", "ads", store=store):
                await change.save()
    assert store.saved == ["c1", "level"]
