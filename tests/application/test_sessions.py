"""Sessions: opened once a command, kept alive by use, closed for good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_STAFF
from journey.v1.interactions_pb2 import CHANNEL_OTHER
from journey.v1.session_service_pb2 import (
    CloseSessionRequest,
    CloseSessionResponse,
    ListSessionsRequest,
    RefreshSessionRequest,
)
from journey.v1.sessions_pb2 import (
    SESSION_STATUS_ACTIVE,
    SESSION_STATUS_CLOSED,
    SESSION_STATUS_EXPIRED,
)
from journey_service.domain.errors import (
    CommandIdReused,
    CustomerMismatch,
    FieldViolations,
    SessionNotFound,
    SignedOut,
    StorageUnavailable,
)
from journey_service.domain.identity import Principal
from tests.application.scene import FILM, SERVICE, DeviceInUse, Scene, added, played, scene


async def test_opening_tells_limits_partitions_and_what_was_processed() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0), added("B1"))
    request = stage.opening(installation_id=phone.session.installation_id)
    response = await stage.application.open_session(
        phone.principal, request, received_ms=stage.application.now_ms()
    )
    assert response.processed[0].seq == 2
    assert response.limits.max_batch_interactions == 200
    assert response.partition_count == 64
    assert "watch" in response.capabilities


async def test_a_repeated_command_gets_the_same_session_and_records_nothing() -> None:
    stage = await scene()
    phone = await stage.device()
    request = stage.opening()
    answers = [
        await stage.application.open_session(
            phone.principal, request, received_ms=stage.application.now_ms()
        )
        for _ in range(2)
    ]
    assert answers[0].session.session_id == answers[1].session.session_id
    events = await stage.store.journal.read_stream("mila")
    assert [event.type for event in events] == ["session.opened", "session.opened"]


async def test_a_command_id_with_other_content_is_refused() -> None:
    stage = await scene()
    phone = await stage.device()
    request = stage.opening()
    now_ms = stage.application.now_ms()
    await stage.application.open_session(phone.principal, request, received_ms=now_ms)
    request.device.name = "other"
    with pytest.raises(CommandIdReused):
        await stage.application.open_session(phone.principal, request, received_ms=now_ms)


async def test_refreshing_moves_the_expiry_and_notes_where_the_session_is() -> None:
    stage = await scene()
    phone = await stage.device()
    later = phone.session.opened_at_ms + 60_000
    refreshed = await stage.application.refresh_session(
        phone.principal,
        RefreshSessionRequest(session_id=phone.session.session_id, journey=FILM),
        received_ms=later,
    )
    assert refreshed.session.expires_at_ms == later + stage.settings.session_idle_ms
    assert refreshed.session.journey == FILM
    assert refreshed.auth_expires_at_ms == phone.principal.expires_at_ms


async def test_a_session_never_outlives_its_longest_life() -> None:
    stage = await scene(session_longest_ms=90_000)
    phone = await stage.device()
    refreshed = await stage.application.refresh_session(
        phone.principal,
        RefreshSessionRequest(session_id=phone.session.session_id),
        received_ms=phone.session.opened_at_ms + 60_000,
    )
    assert refreshed.session.expires_at_ms == phone.session.opened_at_ms + 90_000


async def test_recording_keeps_a_session_alive() -> None:
    stage = await scene(session_idle_ms=60_000)
    phone = await stage.device()
    first_end = phone.session.expires_at_ms
    stage.pass_by(30_000)
    await phone.record(played(0))
    stored = await stage.store.sessions.load(phone.session.session_id)
    assert stored is not None
    assert stored.expires_at_ms > first_end


async def test_closing_twice_answers_alike_and_signing_out_raises_the_epoch() -> None:
    stage = await scene()
    phone = await stage.device()
    closed = [await _close(stage, phone, sign_out=True) for _ in range(2)]
    assert [answer.session.status for answer in closed] == [SESSION_STATUS_CLOSED] * 2
    assert [answer.epoch for answer in closed] == [phone.session.epoch + 1] * 2
    types = [event.type for event in await stage.store.journal.read_stream("mila")]
    assert types == ["session.opened", "session.closed"]


async def test_signing_out_counts_also_when_the_session_was_closed_before() -> None:
    stage = await scene()
    phone = await stage.device()
    await _close(stage, phone, sign_out=False)
    assert (await _close(stage, phone, sign_out=True)).epoch == phone.session.epoch + 1


async def test_a_close_that_broke_off_is_recorded_by_its_repeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    phone = await stage.device()

    async def away(*arguments: object, **named: object) -> None:
        raise StorageUnavailable(f"{arguments} {named}")

    with monkeypatch.context() as broken:
        broken.setattr(stage.store.journal, "append", away)
        with pytest.raises(StorageUnavailable):
            await _close(stage, phone, sign_out=False)
    await _close(stage, phone, sign_out=False)
    types = [event.type for event in await stage.store.journal.read_stream("mila")]
    assert types == ["session.opened", "session.closed"]


async def test_a_repeated_opening_does_not_revive_a_session_that_was_closed() -> None:
    stage = await scene()
    phone = await stage.device()
    request = stage.opening()
    for _ in range(2):
        opened = await stage.application.open_session(
            phone.principal, request, received_ms=stage.application.now_ms()
        )
        phone.session = opened.session
        await _close(stage, phone, sign_out=False)
    await stage.application.open_session(
        phone.principal, request, received_ms=stage.application.now_ms()
    )
    with pytest.raises(SignedOut):
        await phone.record(played(0))


async def test_staff_without_an_open_case_reaches_no_session() -> None:
    stage = await scene()
    phone = await stage.device()
    clerk = DeviceInUse(stage, Principal(ROLE_STAFF, "clerk"), phone.session)
    with pytest.raises(CustomerMismatch):
        await _close(stage, clerk, sign_out=False)
    with pytest.raises(CustomerMismatch):
        await stage.application.refresh_session(
            clerk.principal,
            RefreshSessionRequest(session_id=phone.session.session_id),
            received_ms=stage.application.now_ms(),
        )


async def test_a_credential_of_one_installation_uses_no_session_of_another() -> None:
    stage = await scene()
    phone = await stage.device()
    phone.principal = replace(phone.principal, installation_id="mine")
    with pytest.raises(CustomerMismatch):
        await phone.record(played(0))
    with pytest.raises(CustomerMismatch):
        await _close(stage, phone, sign_out=False)


async def test_closing_another_customers_or_an_unknown_session_is_refused() -> None:
    stage = await scene()
    mila, eve = await stage.device("mila"), await stage.device("eve")
    with pytest.raises(CustomerMismatch):
        await _close(stage, DeviceInUse(stage, eve.principal, mila.session), sign_out=False)
    mila.session.session_id = "1." + "b" * 26
    with pytest.raises(CustomerMismatch):
        await _close(stage, mila, sign_out=False)
    with pytest.raises(SessionNotFound):
        await _close(stage, DeviceInUse(stage, SERVICE, mila.session), sign_out=False)


async def test_sessions_are_listed_newest_first_in_pages_without_the_ended() -> None:
    stage = await scene()
    phones = [await stage.device() for _ in range(3)]
    await _close(stage, phones[1], sign_out=False)
    listed = await stage.application.list_sessions(
        phones[0].principal, ListSessionsRequest(page_size=2, include_ended=True)
    )
    rest = await stage.application.list_sessions(
        phones[0].principal,
        ListSessionsRequest(page_size=2, include_ended=True, page_token=listed.next_page_token),
    )
    open_ones = await stage.application.list_sessions(phones[0].principal, ListSessionsRequest())
    assert len(listed.sessions) + len(rest.sessions) == 3
    assert not rest.next_page_token
    assert {session.session_id for session in open_ones.sessions} == {
        phones[0].session.session_id,
        phones[2].session.session_id,
    }
    assert all(session.status == SESSION_STATUS_ACTIVE for session in open_ones.sessions)


async def test_an_active_session_whose_time_is_over_is_listed_as_expired() -> None:
    stage = await scene(session_idle_ms=1)
    phone = await stage.device()
    while stage.application.now_ms() < phone.session.expires_at_ms:
        pass
    listed = await stage.application.list_sessions(
        phone.principal, ListSessionsRequest(include_ended=True)
    )
    assert listed.sessions[0].status == SESSION_STATUS_EXPIRED


async def test_a_service_opens_a_session_for_the_subject_it_names() -> None:
    stage = await scene()
    request = stage.opening()
    request.subject_id = "mila"
    response = await stage.application.open_session(
        SERVICE, request, received_ms=stage.application.now_ms()
    )
    assert response.session.subject_id == "mila"


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("app_key", "key", "app_key"),
        ("subject_id", "mila", "subject_id"),
        ("protocol", 2, "protocol"),
        ("channel", CHANNEL_OTHER, "channel_label"),
        ("channel_label", "label", "channel_label"),
    ],
)
async def test_what_a_device_may_not_ask_for_is_refused_by_name(
    field: str, value: object, rule: str
) -> None:
    stage = await scene()
    phone = await stage.device()
    request = stage.opening()
    setattr(request, field, value)
    with pytest.raises(FieldViolations, match=rule):
        await stage.application.open_session(
            phone.principal, request, received_ms=stage.application.now_ms()
        )


async def test_a_credential_of_one_installation_opens_no_other() -> None:
    stage = await scene()
    bound = Principal(ROLE_DEVICE, "mila", "mila", installation_id="mine")
    with pytest.raises(CustomerMismatch):
        await stage.application.open_session(
            bound, stage.opening(), received_ms=stage.application.now_ms()
        )


async def _close(stage: Scene, phone: DeviceInUse, *, sign_out: bool) -> CloseSessionResponse:
    return await stage.application.close_session(
        phone.principal,
        CloseSessionRequest(session_id=phone.session.session_id, sign_out=sign_out),
        received_ms=stage.application.now_ms(),
    )
