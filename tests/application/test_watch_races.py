"""Watches while others write, read, close and fail: no change is lost, none is told too early."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from journey.v1.journey_service_pb2 import WatchRequest, WatchResponse
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import CloseSessionRequest
from journey.v1.stream_pb2 import GOING_AWAY_REASON_SIGNED_OUT
from journey_service.domain.errors import Draining, StorageUnavailable
from tests.application.scene import (
    DEVELOPER,
    Scene,
    Watching,
    added,
    paused,
    played,
    progressed,
    scene,
)

CARTS = [JourneyRef(kind="cart", journey_id=f"cart-{number}") for number in range(30)]


async def test_a_token_never_covers_a_change_that_no_frame_before_it_held() -> None:
    stage = await scene()
    phone = await stage.device()
    copy: dict[str, Journey] = {}
    async with phone.watch() as watching:
        await watching.level()
        await phone.record(added("B1"))
        # The journal is asked after what a device did itself.
        _before_the_next_read(stage, lambda: phone.record(played(0)))
        delta = await watching.next("delta")
        _apply(copy, delta)
    async with phone.watch(delta.token) as watching:
        _apply(copy, await watching.level())
    assert sorted(copy) == ["cart/main", "media/film-42"]


async def test_parts_and_their_token_are_of_one_read_whoever_reads_meanwhile() -> None:
    stage = await scene(frame_bytes=4_096)
    phone, tv = await stage.device(), await stage.device()
    await phone.record(*(added("B1", cart=ref) for ref in CARTS))
    copy: dict[str, Journey] = {}
    async with tv.watch() as watching:
        await watching.next("opened")
        part = await watching.next("snapshot")
        _apply(copy, part)
        assert len(copy) < len(CARTS)
        await phone.record(*(added("B1", cart=ref) for ref in CARTS))
        await phone.resume(CARTS[0])
        while not part.snapshot.last:
            part = await watching.next("snapshot")
            _apply(copy, part)
    assert _quantities(copy) == {1}
    async with tv.watch(part.token) as watching:
        await watching.next("opened")
        while (part := await watching.take()).WhichOneof("content") == "delta":
            _apply(copy, part)
    assert _quantities(copy) == {2}


async def test_a_batch_of_which_nothing_is_recorded_still_tells_its_watermark() -> None:
    stage = await scene()
    phone = await stage.device()
    first = added("B1")
    await phone.record(first)
    async with phone.watch() as watching:
        await watching.level()
        other = added("B2")
        other.event_id = first.event_id
        await phone.record(other)
        delta = (await watching.next("delta")).delta
    assert not delta.journeys
    assert delta.processed[0].seq == 2


async def test_a_session_named_by_who_has_none_ends_nobodys_watch() -> None:
    stage = await scene()
    phone = await stage.device()
    await stage.device("eve")
    named = WatchRequest(subject_id="eve", session_id=phone.session.session_id)
    async with (
        phone.watch() as watching,
        Watching(stage.application.watch(DEVELOPER, named)) as other,
    ):
        await watching.level()
        await other.level()
        await phone.record(added("B1"))
        await watching.next("delta")


async def test_a_session_that_is_closed_at_another_process_ends_its_watch_at_once() -> None:
    stage = await scene()
    phone = await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        await stage.neighbour().close_session(
            phone.principal,
            CloseSessionRequest(session_id=phone.session.session_id),
            received_ms=stage.application.now_ms(),
        )
        away = await watching.next("going_away")
    assert away.going_away.reason == GOING_AWAY_REASON_SIGNED_OUT


async def test_the_end_of_another_session_ends_no_watch() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        await stage.application.close_session(
            tv.principal,
            CloseSessionRequest(session_id=tv.session.session_id),
            received_ms=stage.application.now_ms(),
        )
        await phone.record(added("B1"))
        await watching.next("delta")


async def test_an_open_watch_keeps_its_session_alive_however_busy_it_is() -> None:
    stage = await scene(
        heartbeat_ms=20, watch_look_ms=20, session_idle_ms=60_000, telemetry_push_ms=0
    )
    phone, tv = await stage.device(), await stage.device()

    async def expires_at_ms() -> int:
        stored = await stage.store.sessions.load(tv.session.session_id)
        return stored.expires_at_ms if stored is not None else 0

    async with tv.watch() as watching, asyncio.timeout(20):
        await watching.level()
        point_ms = 0
        for _ in range(3):
            stage.pass_by(25_000)
            while await expires_at_ms() < stage.application.now_ms() + 50_000:
                point_ms += 1_000
                await phone.record(progressed(point_ms))
                await watching.take()
        assert stage.application.now_ms() > tv.session.expires_at_ms
        await tv.record(paused(point_ms))


async def test_a_session_that_cannot_be_looked_at_now_ends_no_watch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene(heartbeat_ms=20, watch_look_ms=20)
    phone = await stage.device()

    async def unavailable(session_id: str) -> None:
        raise StorageUnavailable(session_id)

    async with phone.watch() as watching:
        await watching.level()
        monkeypatch.setattr(stage.store.sessions, "load", unavailable)
        for _ in range(3):
            await watching.next("heartbeat")


async def test_a_process_that_begins_to_stop_while_a_watch_opens_lets_it_not_in() -> None:
    stage = await scene(session_cache_ms=0)
    phone = await stage.device()
    load, draining = stage.store.sessions.load, asyncio.Event()

    async def slowly(session_id: str) -> object:
        stage.application.drain()
        draining.set()
        return await load(session_id)

    stage.store.sessions.load = slowly  # type: ignore[method-assign, assignment]
    with pytest.raises(Draining):
        await phone.watch().take()
    assert draining.is_set()


async def test_a_journal_that_cannot_be_read_now_ends_no_silent_watch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene(heartbeat_ms=20, watch_look_ms=20)
    phone = await stage.device()

    async def unavailable(*_: object, **__: object) -> None:
        raise StorageUnavailable("away")

    async with phone.watch() as watching:
        await watching.level()
        monkeypatch.setattr(stage.store.states, "read_subject", unavailable)
        for _ in range(3):
            await watching.next("heartbeat")


def _before_the_next_read(stage: Scene, act: Callable[[], Awaitable[object]]) -> None:
    """Something is committed between waking up and reading."""
    states = stage.store.states
    read = states.read_subject

    async def later(*arguments: object, **named: object) -> object:
        del states.read_subject
        await act()
        return await read(*arguments, **named)  # type: ignore[arg-type]

    states.read_subject = later  # type: ignore[method-assign, assignment]


def _apply(copy: dict[str, Journey], frame: WatchResponse) -> None:
    content = frame.snapshot if frame.HasField("snapshot") else frame.delta
    for journey in content.journeys:
        copy[f"{journey.ref.kind}/{journey.ref.journey_id}"] = journey


def _quantities(copy: dict[str, Journey]) -> set[int]:
    assert len(copy) == len(CARTS)
    return {journey.cart.lines[0].quantity for journey in copy.values()}
