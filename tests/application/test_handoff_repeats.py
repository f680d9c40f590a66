"""Claims of codes that break off, are repeated, or are refused to a device."""

from __future__ import annotations

import uuid

import pytest

from journey.v1.session_service_pb2 import SignOutDeviceRequest
from journey.v1.sessions_pb2 import DEVICE_STATUS_LOST, Device
from journey_service.domain.errors import (
    ClaimLocked,
    HandoffUnknown,
    InstallationLost,
    OutcomeUnknown,
)
from tests.application.scene import paused, played, scene
from tests.application.test_handoff import claim, claiming, create


async def test_a_claim_whose_answers_are_lost_gets_the_same_one_however_often_it_is_typed() -> None:
    stage = await scene(typed_code_tries=2)
    phone, noah = await stage.device(), await stage.device("noah")
    await phone.record(played(0), paused(60_000))
    made = await create(phone, typed_code=True)
    request = claiming(made.typed_code)
    answers = []
    for _ in range(5):
        now_ms = stage.application.now_ms()
        answers.append(
            await stage.application.claim_handoff(noah.principal, request, received_ms=now_ms)
        )
    first = answers[0]
    assert first.journey.media.point_ms == 60_000
    for again in answers[1:]:
        assert (again.session, again.journey) == (first.session, first.journey)
        assert again.lease.epoch == first.lease.epoch
    for code in ("aaaaaaaa", "bbbbbbbb"):
        with pytest.raises((HandoffUnknown, ClaimLocked)):
            await claim(stage, noah.principal, code)
    with pytest.raises(ClaimLocked):
        await claim(stage, noah.principal, made.typed_code)


@pytest.mark.parametrize("broken", ["handoffs.claim", "sessions.open", "journal.append"])
async def test_a_claim_that_broke_off_on_the_way_is_finished_by_its_repeat(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    await phone.record(played(0), paused(60_000))
    request = claiming((await create(phone)).code)
    port, name = broken.split(".")

    async def lost(*_: object, **__: object) -> None:
        raise OutcomeUnknown

    with monkeypatch.context() as faulty:
        faulty.setattr(getattr(stage.store, port), name, lost)
        with pytest.raises(OutcomeUnknown):
            await stage.application.claim_handoff(
                tv.principal, request, received_ms=stage.application.now_ms()
            )
    answer = await stage.application.claim_handoff(
        tv.principal, request, received_ms=stage.application.now_ms()
    )
    assert answer.journey.media.point_ms == 60_000
    assert answer.lease.installation_id == request.installation_id
    types = [one.type for one in await stage.store.journal.read_stream("mila")]
    assert types.count("handoff.claimed") == 1


async def test_a_device_that_may_not_go_on_spends_no_code() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device(device_id="tv")
    now_ms = stage.application.now_ms()
    lost = SignOutDeviceRequest(
        device_id="tv", status=DEVICE_STATUS_LOST, command_id=str(uuid.uuid4())
    )
    await stage.application.sign_out_device(phone.principal, lost, received_ms=now_ms)
    code = (await create(phone)).code
    with pytest.raises(InstallationLost):
        await claim(stage, tv.principal, code)
    answer = await claim(stage, phone.principal, code, device=Device(device_id="laptop"))
    assert answer.session.subject_id == "mila"
