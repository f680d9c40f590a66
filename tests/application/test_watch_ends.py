"""How watches end: planned, with a reason, and never in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journey.v1.session_service_pb2 import CloseSessionRequest, RefreshSessionRequest
from journey.v1.sessions_pb2 import SESSION_STATUS_CLOSED, Session
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_AUTH_EXPIRING,
    GOING_AWAY_REASON_DRAINING,
    GOING_AWAY_REASON_REPLACED,
    GOING_AWAY_REASON_ROTATION,
    GOING_AWAY_REASON_SIGNED_OUT,
)
from journey_service.domain.errors import Draining, SignedOut, TokenExpired
from tests.application.scene import added, scene


async def test_a_newer_watch_of_a_session_replaces_the_older() -> None:
    stage = await scene()
    phone = await stage.device()
    older, newer = phone.watch(), phone.watch()
    await older.level()
    await newer.level()
    away = (await older.next("going_away")).going_away
    assert away.reason == GOING_AWAY_REASON_REPLACED
    with pytest.raises(StopAsyncIteration):
        await older.take()
    await phone.record(added("B1"))
    await newer.next("delta")


async def test_closing_the_session_ends_its_watch_for_good() -> None:
    stage = await scene()
    phone = await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        await stage.application.close_session(
            phone.principal,
            CloseSessionRequest(session_id=phone.session.session_id, sign_out=True),
            received_ms=stage.application.now_ms(),
        )
        away = (await watching.next("going_away")).going_away
        assert away.reason == GOING_AWAY_REASON_SIGNED_OUT
        with pytest.raises(SignedOut):
            await watching.take()


async def test_a_session_whose_end_nobody_told_ends_its_watch_at_the_next_look() -> None:
    stage = await scene(heartbeat_ms=20, watch_look_ms=20)
    phone = await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        await stage.store.sessions.sign_out(_closed(phone.session))
        frame = await watching.take()
        while frame.WhichOneof("content") == "heartbeat":
            frame = await watching.take()
    assert frame.going_away.reason == GOING_AWAY_REASON_SIGNED_OUT


async def test_draining_sends_every_watch_away_and_lets_none_in() -> None:
    stage = await scene()
    phone = await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        stage.application.drain()
        away = (await watching.next("going_away")).going_away
    assert away.reason == GOING_AWAY_REASON_DRAINING
    assert 0 <= away.retry_after_ms <= stage.settings.drain_streams_ms
    with pytest.raises(Draining):
        await phone.watch().take()


async def test_streams_rotate_after_their_life_give_or_take_a_tenth() -> None:
    stage = await scene()
    phone = await stage.device()
    lives = []
    for _ in range(40):
        async with phone.watch() as watching:
            opened = (await watching.next("opened")).opened
        lives.append((opened.rotate_at_ms - opened.server_ms) / stage.settings.stream_life_ms)
    assert stage.settings.stream_life_ms == 30 * 60_000
    assert all(0.89 < life < 1.11 for life in lives)
    assert max(lives) - min(lives) > 0.05


async def test_a_stream_rotates_after_its_life() -> None:
    stage = await scene(stream_life_ms=1)
    phone = await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        away = (await watching.next("going_away")).going_away
    assert away.reason == GOING_AWAY_REASON_ROTATION


async def test_a_stream_ends_planned_before_its_credential_unless_that_is_renewed() -> None:
    stage = await scene(heartbeat_ms=20)
    phone = await stage.device()
    now_ms = stage.application.now_ms()
    phone.principal = replace(phone.principal, expires_at_ms=now_ms + 90_000)
    async with phone.watch() as watching:
        await watching.level()
        renewed = replace(phone.principal, expires_at_ms=now_ms + 3_600_000)
        await stage.application.refresh_session(
            renewed,
            RefreshSessionRequest(session_id=phone.session.session_id),
            received_ms=now_ms,
        )
        stage.pass_by(70_000)
        for _ in range(3):
            await watching.next("heartbeat")
    phone.principal = replace(phone.principal, expires_at_ms=stage.application.now_ms() + 90_000)
    async with phone.watch() as watching:
        await watching.level()
        stage.pass_by(70_000)
        frame = await watching.take()
        while frame.WhichOneof("content") == "heartbeat":
            frame = await watching.take()
    assert frame.going_away.reason == GOING_AWAY_REASON_AUTH_EXPIRING


async def test_a_credential_that_has_ended_ends_the_stream_with_an_error() -> None:
    stage = await scene(heartbeat_ms=20)
    phone = await stage.device()
    phone.principal = replace(phone.principal, expires_at_ms=stage.application.now_ms() - 1)
    async with phone.watch() as watching:
        await watching.level()
        with pytest.raises(TokenExpired):
            await watching.take()


def _closed(session: Session) -> Session:
    closed = Session()
    closed.CopyFrom(session)
    closed.status = SESSION_STATUS_CLOSED
    return closed
