"""A code takes a journey to another client; a device that was signed out is told so."""

import pytest

from journey.v1.sessions_pb2 import DEVICE_STATUS_SIGNED_OUT
from journey_client import MediaRuns, connect, errors
from tests.transport.serving import Served

FILM = ("media", "film-42")


async def test_a_code_gives_the_session_the_journey_and_its_lease(served: Served) -> None:
    address = f"127.0.0.1:{served.server.port}"
    token = served.mint.token("device", "mila")
    async with (
        connect(address, token=token, device="phone") as phone,
        connect(address, token=token, device="tv") as tv,
    ):
        on_phone = await phone.open_session()
        film = MediaRuns("film-42", duration_ms=3_600_000)
        await on_phone.record(film.played(0), film.paused(61_500))
        made = await on_phone.leases.create_handoff(*FILM, typed_code=True)
        on_tv, answer = await tv.claim_handoff(made.typed_code, channel="tv_app")
        assert answer.journey.media.point_ms == 61_500
        assert answer.lease.installation_id == on_tv.installation_id
        run = MediaRuns("film-42", duration_ms=3_600_000)
        assert (await on_tv.record(run.played(61_500))).processed_seq == 1
        with pytest.raises(errors.HandoffSpent):
            await phone.claim_handoff(made.code, via="qr")


async def test_a_device_is_signed_out_from_another_one(served: Served) -> None:
    address = f"127.0.0.1:{served.server.port}"
    token = served.mint.token("device", "mila")
    async with (
        connect(address, token=token, device="phone") as phone,
        connect(address, token=token, device="tv") as tv,
    ):
        on_phone, on_tv = await phone.open_session(), await tv.open_session()
        record = await on_phone.sign_out_device(on_tv.device.device_id)
        assert record.status == DEVICE_STATUS_SIGNED_OUT
        film = MediaRuns("film-42", duration_ms=3_600_000)
        with pytest.raises(errors.SignedOut):
            await on_tv.record(film.played(0))
