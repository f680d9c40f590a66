"""Devices: listed, signed out from elsewhere, told what to do; and who is present."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_AFTER_SIGN_OUT
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_REJECTED
from journey.v1.journey_service_pb2 import GetJourneyRequest, WatchResponse
from journey.v1.session_service_pb2 import (
    ACQUIRE_MODE_IF_FREE,
    AcquireLeaseRequest,
    ListDevicesRequest,
    ListDevicesResponse,
    ListSessionsRequest,
    RefreshSessionRequest,
    RefreshSessionResponse,
    SignOutDeviceRequest,
    SignOutDeviceResponse,
)
from journey.v1.sessions_pb2 import (
    COMMAND_KIND_PAUSE,
    COMMAND_KIND_SIGN_OUT,
    COMMAND_KIND_UPGRADE,
    COMMAND_KIND_WIPE,
    DEVICE_STATUS_ACTIVE,
    DEVICE_STATUS_LOST,
    DEVICE_STATUS_SIGNED_OUT,
    DEVICE_STATUS_WIPED,
    SESSION_STATUS_CLOSED,
    Command,
    CommandResult,
    DeviceStatus,
    Session,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_SIGNED_OUT
from journey_service.domain.errors import (
    CustomerMismatch,
    CustomerNotFound,
    FieldViolations,
    InstallationLost,
    LeaseHeld,
    SignedOut,
    StorageUnavailable,
)
from tests.application.scene import (
    CART,
    FILM,
    SERVICE,
    DeviceInUse,
    Scene,
    Watching,
    added,
    scene,
)


async def sign_out(
    one: DeviceInUse,
    other: DeviceInUse,
    status: DeviceStatus = DEVICE_STATUS_SIGNED_OUT,
    command_id: str = "",
) -> SignOutDeviceResponse:
    """One device signs the other out."""
    application = one.scene.application
    request = SignOutDeviceRequest(
        device_id=other.session.device.device_id,
        status=status,
        command_id=command_id or str(uuid.uuid4()),
    )
    return await application.sign_out_device(
        one.principal, request, received_ms=application.now_ms()
    )


async def refresh(one: DeviceInUse, *results: CommandResult) -> RefreshSessionResponse:
    """The device's keep-alive."""
    application = one.scene.application
    request = RefreshSessionRequest(session_id=one.session.session_id, results=results)
    return await application.refresh_session(
        one.principal, request, received_ms=application.now_ms()
    )


async def listed(one: DeviceInUse, **asked: object) -> ListDevicesResponse:
    """Its customer's devices."""
    request = ListDevicesRequest(**asked)  # type: ignore[arg-type]
    return await one.scene.application.list_devices(one.principal, request)


async def pause(stage: Scene, one: DeviceInUse, name: str = "p") -> Command:
    """The device is told to pause."""
    command = Command(
        id=name,
        kind=COMMAND_KIND_PAUSE,
        journey=FILM,
        expires_at_ms=stage.application.now_ms() + 60_000,
    )
    session = one.session
    await stage.store.devices.order(session.subject_id, session.installation_id, command)
    stage.store.devices.tell(session.subject_id)
    return command


async def test_devices_are_listed_last_seen_first_page_by_page() -> None:
    stage = await scene()
    phone = await stage.device(device_id="phone")
    tv = await stage.device(device_id="tv")
    tv.session.last_seen_at_ms += 5_000
    await stage.store.sessions.save(tv.session)
    first = await listed(phone, page_size=1)
    assert [one.device.device_id for one in first.devices] == ["tv"]
    assert list(first.devices[0].installation_ids) == [tv.session.installation_id]
    assert first.devices[0].status == DEVICE_STATUS_ACTIVE
    rest = await listed(phone, page_token=first.next_page_token)
    assert [one.device.device_id for one in rest.devices] == ["phone"]
    assert not rest.next_page_token


async def test_a_service_learns_that_there_is_no_such_customer() -> None:
    stage = await scene()
    with pytest.raises(CustomerNotFound):
        await stage.application.list_devices(SERVICE, ListDevicesRequest(subject_id="nobody"))


async def test_signing_out_ends_the_streams_also_of_another_process() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    elsewhere = replace(stage, application=stage.neighbour())
    async with replace(tv, scene=elsewhere).watch() as watching:
        await watching.level()
        answer = await sign_out(phone, tv)
        assert (answer.device.status, answer.closed_sessions) == (DEVICE_STATUS_SIGNED_OUT, 1)
        command = await _until(watching, "command")
        assert command.command.kind == COMMAND_KIND_SIGN_OUT
        going = await _until(watching, "going_away")
        assert going.going_away.reason == GOING_AWAY_REASON_SIGNED_OUT
        with pytest.raises(SignedOut):
            await watching.take()
    types = [event.type for event in await stage.store.journal.read_stream("mila")]
    assert types == ["session.opened", "session.opened", "session.closed"]


async def test_a_sign_out_that_was_cut_off_records_the_end_of_its_sessions_when_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()

    async def fail(*_: object) -> None:
        raise StorageUnavailable

    repeated = str(uuid.uuid4())
    with monkeypatch.context() as cut:
        cut.setattr(stage.store.journal, "append", fail)
        with pytest.raises(StorageUnavailable):
            await sign_out(phone, tv, command_id=repeated)
    for _ in range(2):
        await sign_out(phone, tv, command_id=repeated)
        types = [event.type for event in await stage.store.journal.read_stream("mila")]
        assert types == ["session.opened", "session.opened", "session.closed"]


async def test_a_repeated_sign_out_leaves_the_lease_of_who_signed_in_again() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    repeated = str(uuid.uuid4())
    await sign_out(phone, tv, command_id=repeated)
    (known,) = [
        one
        for one in await stage.store.devices.installations_of("mila")
        if one.installation_id == tv.session.installation_id
    ]
    again = replace(tv.principal, issued_at_ms=known.signed_out_ms + 1)
    opened = await stage.application.open_session(
        again,
        stage.opening(installation_id=tv.session.installation_id),
        received_ms=known.signed_out_ms + 60_000,
    )
    now_ms = stage.application.now_ms()

    def asking(one: Session) -> AcquireLeaseRequest:
        return AcquireLeaseRequest(
            session_id=one.session_id,
            journey=FILM,
            mode=ACQUIRE_MODE_IF_FREE,
            command_id=str(uuid.uuid4()),
        )

    await stage.application.acquire_lease(again, asking(opened.session), received_ms=now_ms)
    await sign_out(phone, tv, command_id=repeated)
    with pytest.raises(LeaseHeld):
        await stage.application.acquire_lease(
            phone.principal, asking(phone.session), received_ms=now_ms
        )


async def _until(watching: Watching, content: str) -> WatchResponse:
    """The next frame with this content; deltas may come before it."""
    while True:
        frame = await watching.take()
        if frame.WhichOneof("content") == content:
            return frame
        assert frame.WhichOneof("content") == "delta"


async def test_a_signed_out_device_records_and_reads_nothing() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    await phone.record(added("B1"))
    await sign_out(phone, tv)
    with pytest.raises(SignedOut):
        await tv.record(added("B2"))
    bound = replace(tv.principal, installation_id=tv.session.installation_id)
    with pytest.raises(SignedOut):
        await stage.application.get_journey(bound, GetJourneyRequest(journey=CART), deadline=None)
    assert (await phone.resume(CART)).HasField("cart")


async def test_after_signing_in_again_only_what_was_done_meanwhile_is_refused() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device(device_id="tv")
    await sign_out(phone, tv)
    (known,) = [
        one
        for one in await stage.store.devices.installations_of("mila")
        if one.installation_id == tv.session.installation_id
    ]
    request = stage.opening(device_id="tv", installation_id=tv.session.installation_id)
    now_ms = known.signed_out_ms + 60_000
    with pytest.raises(SignedOut):
        await stage.application.open_session(tv.principal, request, received_ms=now_ms)
    again = replace(tv.principal, issued_at_ms=known.signed_out_ms + 1)
    opened = await stage.application.open_session(again, request, received_ms=now_ms)
    assert opened.session.signed_out_at_ms == known.signed_out_ms
    device = DeviceInUse(stage, again, opened.session)
    before, after = added("B1"), added("B2")
    while stage.application.now_ms() <= known.signed_out_ms + 1:
        pass
    answers = [
        (await device.record(before, ago_ms=10_000)).results[0],
        (await device.record(after)).results[0],
    ]
    assert answers[0].outcome == OUTCOME_ACCEPTED
    assert (answers[1].outcome, answers[1].reason) == (
        OUTCOME_REJECTED,
        ERROR_REASON_AFTER_SIGN_OUT,
    )


async def test_a_lost_device_is_told_to_wipe_and_confirms_it() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    await sign_out(phone, tv, DEVICE_STATUS_LOST)
    with pytest.raises(InstallationLost):
        await refresh(tv)
    (order,) = await stage.store.devices.orders("mila", tv.session.installation_id)
    assert order.kind == COMMAND_KIND_WIPE
    answer = await refresh(tv, CommandResult(id=order.id, done=True))
    assert answer.session.status == SESSION_STATUS_CLOSED
    standing = {one.device.device_id: one.status for one in (await listed(phone)).devices}
    assert standing[tv.session.device.device_id] == DEVICE_STATUS_WIPED
    with pytest.raises(InstallationLost):
        await refresh(tv, CommandResult(id=order.id, done=True))
    request = stage.opening(installation_id=tv.session.installation_id)
    with pytest.raises(InstallationLost):
        await stage.application.open_session(
            tv.principal, request, received_ms=stage.application.now_ms()
        )


async def test_only_three_standings_can_be_given_and_only_to_own_devices() -> None:
    stage = await scene()
    phone, stranger = await stage.device(), await stage.device("noah")
    with pytest.raises(FieldViolations, match="status"):
        await sign_out(phone, phone, DEVICE_STATUS_ACTIVE)
    with pytest.raises(CustomerMismatch):
        await sign_out(phone, stranger)
    assert (await refresh(stranger)).session.session_id == stranger.session.session_id


async def test_a_command_comes_once_on_a_watch_and_in_answers_until_its_result() -> None:
    stage = await scene()
    phone = await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        command = await pause(stage, phone)
        assert (await watching.next("command")).command == command
        stage.store.devices.tell("mila")
        other = await pause(stage, phone, "q")
        assert (await watching.next("command")).command == other
    assert [one.id for one in (await refresh(phone)).commands] == ["p", "q"]
    async with phone.watch() as watching:
        await watching.level()
        assert [(await watching.next("command")).command.id for _ in "pq"] == ["p", "q"]
    left = await refresh(phone, CommandResult(id="p", done=True))
    assert [one.id for one in left.commands] == ["q"]


async def test_an_app_that_is_too_old_is_told_to_upgrade() -> None:
    stage = await scene(min_app_version="2.10")  # type: ignore[arg-type]
    phone = await stage.device()
    for version, expected in (("2.9.1", [COMMAND_KIND_UPGRADE]), ("2.10", []), ("", [])):
        request = stage.opening()
        request.device.app_version = version
        opened = await stage.application.open_session(
            phone.principal, request, received_ms=stage.application.now_ms()
        )
        assert [one.kind for one in opened.commands] == expected
        assert opened.min_app_version == "2.10"


async def test_sessions_are_listed_without_saying_whose_guest_they_are() -> None:
    stage = await scene()
    phone = await stage.device()
    phone.session.claimant = "somebody"
    await stage.store.sessions.save(phone.session)
    found = await stage.application.list_sessions(phone.principal, ListSessionsRequest())
    assert [one.claimant for one in found.sessions] == [""]
