"""Devices of one customer over real gRPC: they pause, go on, are sent journeys and signed out."""

import asyncio
import time
import uuid
from typing import Any

import grpc
import pytest

from journey.v1.interactions_pb2 import CHANNEL_TV_APP, RUN_OPENER_PLAY, Interaction, MediaPlayed
from journey.v1.journey_service_pb2 import GetJourneyRequest, WatchRequest
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import (
    ACQUIRE_MODE_TAKE_OVER,
    HANDOFF_VIA_QR,
    TRANSFER_RESULT_TAKEN,
    AcquireLeaseRequest,
    ClaimHandoffRequest,
    CreateHandoffRequest,
    ListDevicesRequest,
    RefreshSessionRequest,
    ReleaseLeaseRequest,
    SignOutDeviceRequest,
    TransferLeaseRequest,
)
from journey.v1.sessions_pb2 import (
    COMMAND_KIND_OPEN_AT,
    COMMAND_KIND_PAUSE,
    COMMAND_KIND_SIGN_OUT,
    DEVICE_STATUS_SIGNED_OUT,
    CommandResult,
    Device,
    Session,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_SIGNED_OUT
from projections import key_of
from tests.application.scene import run_id
from tests.transport.faulty import take
from tests.transport.serving import Served, batch, clock, event_id, reason_of, serving

FILM = JourneyRef(kind="media", journey_id="film-42")


def played(seq: int = 1) -> Interaction:
    """The film begins to play."""
    interaction = Interaction(
        event_id=event_id(),
        seq=seq,
        journey=FILM,
        wall_ms=clock().sent_wall_ms,
        mono_ms=900,
        boot_id="b",
    )
    interaction.media_played.CopyFrom(
        MediaPlayed(
            run_id=run_id(FILM),
            opened_by=RUN_OPENER_PLAY,
            speed=1_000,
            cause=MediaPlayed.CAUSE_START,
        )
    )
    return interaction


def watching(served: Served, session: Session, **asked: Any) -> Any:
    """The session's watch."""
    request = WatchRequest(session_id=session.session_id, **asked)
    return served.journeys.Watch(request, metadata=served.as_("device"))


async def play(served: Served, session: Session, seq: int = 1) -> Any:
    """The film begins to play on a device; returns the result."""
    answer = await served.journeys.Record(
        batch(session, played(seq)), metadata=served.as_("device")
    )
    return answer.results[0]


async def test_whoever_plays_is_active_and_the_other_device_is_told_to_pause() -> None:
    async with serving() as served:
        tv, phone = await served.open_session(installation="tv"), await served.open_session()
        stream = watching(served, tv, presence=True)
        await take(stream, "caught_up")
        await take(stream, "presence")
        assert (await play(served, tv)).lease.epoch == 1
        assert (await play(served, phone)).lease.epoch == 2
        command = (await take(stream, "command")).command
        assert (command.kind, command.journey) == (COMMAND_KIND_PAUSE, FILM)
        refresh = RefreshSessionRequest(
            session_id=tv.session_id,
            clock=clock(),
            results=[CommandResult(id=command.id, done=True)],
        )
        answer = await served.sessions.RefreshSession(refresh, metadata=served.as_("device"))
        assert list(answer.commands) == []
        read = await served.journeys.GetJourney(
            GetJourneyRequest(journey=FILM), metadata=served.as_("device")
        )
        assert [(one.installation_id, one.epoch) for one in read.leases] == [("phone", 2)]


async def test_a_lease_is_acquired_and_given_up() -> None:
    async with serving() as served:
        phone, device = await served.open_session(), served.as_("device")
        acquire = AcquireLeaseRequest(
            session_id=phone.session_id,
            journey=FILM,
            mode=ACQUIRE_MODE_TAKE_OVER,
            command_id=str(uuid.uuid4()),
        )
        lease = (await served.sessions.AcquireLease(acquire, metadata=device)).lease
        assert (lease.installation_id, key_of(lease.journey)) == ("phone", key_of(FILM))
        release = ReleaseLeaseRequest(session_id=phone.session_id, journey=FILM, epoch=lease.epoch)
        answers = [
            (await served.sessions.ReleaseLease(release, metadata=device)).released for _ in "ab"
        ]
        assert answers == [True, False]


async def test_a_journey_is_sent_to_the_device_that_opens_it() -> None:
    async with serving() as served:
        tv, phone = await served.open_session(installation="tv"), await served.open_session()
        stream = watching(served, tv)
        await take(stream, "caught_up")
        await play(served, phone)
        request = TransferLeaseRequest(
            session_id=phone.session_id,
            journey=FILM,
            to_installation_id="tv",
            command_id=str(uuid.uuid4()),
        )
        device = served.as_("device")
        sending = asyncio.ensure_future(
            served.sessions.TransferLease(request, metadata=device, timeout=10)
        )
        order = (await take(stream, "command")).command
        assert order.kind == COMMAND_KIND_OPEN_AT
        refresh = RefreshSessionRequest(
            session_id=tv.session_id,
            clock=clock(),
            results=[CommandResult(id=order.id, done=True)],
        )
        await served.sessions.RefreshSession(refresh, metadata=device)
        answer = await sending
        assert (answer.result, answer.lease.installation_id) == (TRANSFER_RESULT_TAKEN, "tv")


async def test_a_signed_out_device_loses_its_stream_within_a_second() -> None:
    async with serving() as served:
        tv, device = await served.open_session(installation="tv"), served.as_("device")
        stream = watching(served, tv)
        await take(stream, "caught_up")
        began = time.monotonic()
        asked = SignOutDeviceRequest(
            device_id=tv.device.device_id,
            status=DEVICE_STATUS_SIGNED_OUT,
            command_id=str(uuid.uuid4()),
        )
        answer = await served.sessions.SignOutDevice(asked, metadata=device)
        assert answer.closed_sessions == 1
        assert (await take(stream, "command")).command.kind == COMMAND_KIND_SIGN_OUT
        going = (await take(stream, "going_away")).going_away
        assert going.reason == GOING_AWAY_REASON_SIGNED_OUT
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await stream.read()
        assert reason_of(ended.value) == "SIGNED_OUT"
        assert time.monotonic() - began < 1
        listed = await served.sessions.ListDevices(ListDevicesRequest(), metadata=device)
        assert [one.status for one in listed.devices] == [DEVICE_STATUS_SIGNED_OUT]


async def test_a_code_takes_the_film_to_another_device() -> None:
    async with serving() as served:
        phone, device = await served.open_session(), served.as_("device")
        await play(served, phone)
        create = CreateHandoffRequest(
            session_id=phone.session_id, journey=FILM, command_id=str(uuid.uuid4())
        )
        made = await served.sessions.CreateHandoff(create, metadata=device)
        claim = ClaimHandoffRequest(
            code=made.code,
            via=HANDOFF_VIA_QR,
            installation_id="tv",
            device=Device(device_id="tv"),
            channel=CHANNEL_TV_APP,
            clock=clock(),
            command_id=str(uuid.uuid4()),
        )
        answer = await served.sessions.ClaimHandoff(claim, metadata=device)
        assert answer.lease.installation_id == "tv"
        assert answer.session.installation_id == "tv"
        assert answer.journey.ref == FILM
        assert made.code not in served.log()
