"""Transfer: a journey is sent to another device, and moves when that one takes it."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from journey.v1.session_service_pb2 import (
    TRANSFER_RESULT_NO_ANSWER,
    TRANSFER_RESULT_REFUSED,
    TRANSFER_RESULT_TAKEN,
    TransferLeaseRequest,
    TransferLeaseResponse,
)
from journey.v1.sessions_pb2 import (
    COMMAND_KIND_OPEN_AT,
    COMMAND_KIND_PAUSE,
    Command,
    CommandResult,
)
from journey_service.domain.errors import CustomerMismatch
from tests.application.scene import CART, FILM, DeviceInUse, played, progressed
from tests.application.test_devices import refresh
from tests.application.test_leases import commands, held, two


async def transfer(
    one: DeviceInUse, other: DeviceInUse, command_id: str = "", **asked: object
) -> TransferLeaseResponse:
    """The device sends the film to another one."""
    application = one.scene.application
    request = TransferLeaseRequest(
        session_id=one.session.session_id,
        journey=FILM,
        to_installation_id=other.session.installation_id,
        command_id=command_id or str(uuid.uuid4()),
    )
    request.MergeFrom(TransferLeaseRequest(**asked))  # type: ignore[arg-type]
    return await application.transfer_lease(
        one.principal, request, received_ms=application.now_ms(), deadline=None
    )


async def _told(one: DeviceInUse) -> Command:
    """Wait until the device is told something."""
    async with asyncio.timeout(5):
        while True:
            if found := await commands(one):
                return found[0]
            await asyncio.sleep(0.01)


async def test_who_answers_an_order_and_is_cut_off_has_the_lease_all_the_same() -> None:
    stage, phone, tv = await two()
    await phone.record(played(0), progressed(30_000))
    sending = asyncio.create_task(transfer(phone, tv))
    order = await _told(tv)
    session = tv.session
    result = CommandResult(id=order.id, done=True)
    await stage.store.devices.answer(session.subject_id, session.installation_id, [result])
    answer = await sending
    assert (answer.result, answer.lease.epoch) == (TRANSFER_RESULT_TAKEN, 2)


@pytest.mark.parametrize("done", [True, False])
async def test_a_journey_is_sent_and_moves_with_the_answer_of_the_other_device(
    done: bool,
) -> None:
    stage, phone, tv = await two()
    await phone.record(played(0), progressed(30_000))
    sending = asyncio.create_task(transfer(phone, tv))
    order = await _told(tv)
    assert (order.kind, order.place.point_ms, order.place.speed) == (
        COMMAND_KIND_OPEN_AT,
        30_000,
        1_000,
    )
    assert order.playing
    assert [one.epoch for one in await held(phone)] == [1]
    await refresh(tv, CommandResult(id=order.id, done=done))
    answer = await sending
    types = [one.type for one in await stage.store.journal.read_stream("mila")]
    if done:
        assert answer.result == TRANSFER_RESULT_TAKEN
        assert (answer.lease.device_id, answer.lease.epoch) == ("tv", 2)
        assert [one.kind for one in await commands(phone)] == [COMMAND_KIND_PAUSE]
        assert types[-1] == "journey.transferred"
    else:
        assert answer.result == TRANSFER_RESULT_REFUSED
        assert answer.lease.epoch == 1
        assert "journey.transferred" not in types


async def test_the_play_of_the_other_device_completes_a_transfer() -> None:
    stage, phone, tv = await two()
    await phone.record(played(0), progressed(30_000))
    sending = asyncio.create_task(transfer(phone, tv))
    await _told(tv)
    await tv.record(played(30_000, run="b"))
    answer = await sending
    assert (answer.result, answer.lease.epoch) == (TRANSFER_RESULT_TAKEN, 2)
    events = await stage.store.journal.read_stream("mila")
    (moved,) = [one for one in events if one.type == "journey.transferred"]
    assert moved.interaction.journey_transferred.epoch == 2


async def test_without_an_answer_nothing_has_changed() -> None:
    stage, phone, tv = await two(transfer_answer_ms=100)
    await phone.record(played(0))
    command = str(uuid.uuid4())
    answer = await transfer(phone, tv, command)
    assert answer.result == TRANSFER_RESULT_NO_ANSWER
    assert (answer.lease.epoch, answer.lease.device_id) == (1, "phone")
    assert await commands(tv) == []
    assert (await transfer(phone, tv, command)).result == TRANSFER_RESULT_NO_ANSWER
    types = [one.type for one in await stage.store.journal.read_stream("mila")]
    assert "journey.transferred" not in types


async def test_a_journey_is_sent_to_own_devices_alone() -> None:
    stage, phone, _ = await two()
    stranger = await stage.device("noah")
    with pytest.raises(CustomerMismatch):
        await transfer(phone, stranger)


async def test_a_journey_without_a_place_is_opened_without_one() -> None:
    _, phone, tv = await two()
    sending = asyncio.create_task(transfer(phone, tv, journey=CART))
    order = await _told(tv)
    assert not order.HasField("place")
    await refresh(tv, CommandResult(id=order.id, done=True))
    assert (await sending).result == TRANSFER_RESULT_TAKEN
