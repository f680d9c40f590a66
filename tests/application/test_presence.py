"""Who is present: pushed to whoever asked, noted again after errors, never in the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from journey.v1.session_service_pb2 import (
    CloseSessionRequest,
    RefreshSessionRequest,
)
from journey.v1.sessions_pb2 import (
    Presence,
)
from journey_service.domain.errors import (
    StorageUnavailable,
)
from tests.application.linking import link
from tests.application.scene import (
    CART,
    FILM,
    DeviceInUse,
    Watching,
    added,
    paused,
    played,
    progressed,
    scene,
)


async def _presence(watching: Watching) -> Presence:
    while True:
        frame = await watching.take()
        if frame.WhichOneof("content") == "presence":
            return frame.presence


async def _present(watching: Watching, *expected: DeviceInUse) -> Presence:
    """Wait until exactly these are present."""
    names = {one.session.session_id for one in expected}
    while True:
        presence = await _presence(watching)
        if {one.session_id for one in presence.sessions} == names:
            return presence


async def test_who_comes_plays_and_goes_is_pushed_to_whoever_asked() -> None:
    stage = await scene(presence_push_ms=1, presence_life_ms=200)
    phone, tv = await stage.device(), await stage.device()
    elsewhere = replace(stage, application=stage.neighbour())
    async with replace(phone, scene=elsewhere).watch(presence=True) as watching:
        async with tv.watch() as other:
            await other.level()
            await _present(watching, phone, tv)
            await tv.record(played(0), progressed(30_000))
            while True:
                presence = await _present(watching, phone, tv)
                playing = {one.session_id: one for one in presence.sessions}
                if playing[tv.session.session_id].HasField("place"):
                    break
            shown = playing[tv.session.session_id]
            assert shown.journey == FILM
            assert (shown.place.point_ms, shown.place.speed) == (30_000, 1_000)
            assert shown.lease_until_ms > shown.place.as_of_ms
            assert not playing[phone.session.session_id].HasField("place")
        await _present(watching, phone)


async def test_a_paused_device_is_shown_standing_still() -> None:
    stage = await scene(presence_push_ms=1)
    phone = await stage.device()
    await phone.record(played(0), paused(60_000))
    async with phone.watch(presence=True) as watching:
        (shown,) = (await _present(watching, phone)).sessions
    assert shown.place.speed == 0


async def test_where_a_session_says_it_is_and_that_it_closed_is_shown() -> None:
    stage = await scene(presence_push_ms=1)
    phone, tv = await stage.device(), await stage.device()
    now_ms = stage.application.now_ms()
    async with phone.watch(presence=True) as watching:
        await _present(watching, phone, tv)
        request = RefreshSessionRequest(session_id=tv.session.session_id, journey=CART)
        await stage.application.refresh_session(tv.principal, request, received_ms=now_ms)
        presence = await _present(watching, phone, tv)
        at = {one.session_id: one.journey for one in presence.sessions}
        assert at[tv.session.session_id] == CART
        closing = CloseSessionRequest(session_id=tv.session.session_id)
        await stage.application.close_session(tv.principal, closing, received_ms=now_ms)
        await _present(watching, phone)


async def test_presence_that_cannot_be_noted_disturbs_nobody() -> None:
    stage = await scene()
    phone = await stage.device()

    async def fail(*_: object) -> None:
        raise StorageUnavailable

    stage.store.devices.be_present = fail  # type: ignore[method-assign, assignment]
    async with phone.watch(presence=True) as watching:
        await watching.level()
        assert (await phone.record(added("B1"))).processed_seq == 1
        await asyncio.sleep(0)


async def test_presence_is_noted_again_after_an_error_that_nobody_expected(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await scene(presence_push_ms=1)
    phone = await stage.device()

    tried = asyncio.Event()

    async def fail(*_: object) -> None:
        tried.set()
        raise ValueError("unexpected")

    with monkeypatch.context() as broken:
        broken.setattr(stage.store.devices, "be_present", fail)
        tv = await stage.device()
        await tried.wait()
    assert "presence cannot be noted" in caplog.text
    async with phone.watch(presence=True) as watching, tv.watch() as other:
        await other.level()
        await _present(watching, phone, tv)


async def test_nothing_is_noted_any_more_when_the_application_has_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    writing, ended = asyncio.Event(), asyncio.Event()

    async def hang(*_: object) -> None:
        writing.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(stage.store.devices, "be_present", hang)
    await stage.device()
    await writing.wait()
    await stage.application.finish()
    assert ended.is_set()


async def test_sessions_of_linked_subjects_are_present_side_by_side() -> None:
    stage = await scene(presence_push_ms=1)
    visitor, other = await stage.device("visitor"), await stage.device("visitor")
    tv = await stage.device("mila")
    await visitor.record(added("B1"))
    async with tv.watch(presence=True) as watching, visitor.watch(presence=True) as visiting:
        await _present(watching, tv)
        await _present(visiting, visitor, other)
        await link(stage, "visitor", "mila", "mila")
        await _present(watching, tv, visitor, other)
        signed_in = await stage.device("mila", installation_id=visitor.session.installation_id)
        await _present(watching, tv, signed_in, other)
        # Who is not signed in learns nothing of the account's devices.
        await stage.application.close_session(
            other.principal,
            CloseSessionRequest(session_id=other.session.session_id),
            received_ms=stage.application.now_ms(),
        )
        await _present(visiting, visitor)
