import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journey.v1.session_service_pb2 import TransferResult
from journey.v1.sessions_pb2 import Command, CommandKind
from journey_client import ConnectionState, Device, MediaRuns, View, errors, open_device
from tests.transport.serving import Served

FILM = ("media", "film-42")


@pytest.fixture
def device(served: Served, tmp_path: Path) -> Callable[[str], Device]:
    def make(name: str) -> Device:
        return open_device(
            f"127.0.0.1:{served.server.port}",
            tmp_path / f"{name}.db",
            token=served.mint.token("device", "mila"),
            device=name,
        )

    return make


def live(view: View) -> bool:
    return view.connection.state is ConnectionState.LIVE


async def command(device: Device, kind: CommandKind) -> Command:
    """The next command of a kind; it is answered as done."""

    async def next_one() -> Any:
        async for told in device.commands():
            await device.answer(told)
            if told.kind == kind:
                return told
        raise AssertionError

    return await asyncio.wait_for(next_one(), 20)


async def test_a_device_takes_over_and_the_other_is_told_to_pause(
    device: Callable[[str], Device],
) -> None:
    async with device("tv") as tv, device("laptop") as laptop:
        await asyncio.gather(tv.until(live), laptop.until(live))
        film = MediaRuns("film-42", duration_ms=3_600_000)
        await tv.do(film.played(0))
        with pytest.raises(errors.LeaseHeld):
            await laptop.leases.acquire(*FILM)
        taken = await laptop.leases.acquire(*FILM, take_over=True)
        assert taken.lease.installation_id == laptop.installation_id
        assert taken.journey.ref.journey_id == "film-42"
        told = await command(tv, CommandKind.COMMAND_KIND_PAUSE)
        assert told.journey.journey_id == "film-42"
        assert await laptop.leases.release(taken.lease)
        assert not await laptop.leases.release(taken.lease)


async def test_a_journey_is_handed_to_another_device_that_takes_it(
    device: Callable[[str], Device],
) -> None:
    async with device("phone") as phone, device("tv") as tv:
        await asyncio.gather(phone.until(live), tv.until(live))
        film = MediaRuns("film-42", duration_ms=3_600_000)
        await phone.do(film.played(0))
        opened = asyncio.create_task(command(tv, CommandKind.COMMAND_KIND_OPEN_AT))
        answer = await phone.leases.transfer(tv.installation_id, *FILM)
        assert answer.result == TransferResult.TRANSFER_RESULT_TAKEN
        assert answer.lease.installation_id == tv.installation_id
        assert (await opened).journey.journey_id == "film-42"


async def test_a_code_is_made_for_another_device(device: Callable[[str], Device]) -> None:
    async with device("phone") as phone:
        await phone.until(live)
        await phone.do(MediaRuns("film-42").played(0))
        made = await phone.leases.create_handoff(*FILM, typed_code=True)
        assert len(made.code) == 26
        assert made.typed_code
