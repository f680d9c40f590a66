"""G5: on one installation a token never goes back, over reconnects and nodes."""

from __future__ import annotations

import asyncio
import random

import asyncpg
import grpc
import pytest

from journey_service.domain.tokens import Tokens, subject_hash
from tests.guarantees.conftest import Processes
from tests.guarantees.devices import Device, Watch, added

ROUNDS = 16


@pytest.mark.timeout(150)
async def test_g5_a_token_never_goes_back_over_reconnects_restarts_and_two_processes(
    processes: Processes,
) -> None:
    phone, tv = await processes.device(processes.one), await processes.device(processes.two)
    tokens = await _tokens(processes, phone)
    draw, stopped = random.Random(5), asyncio.Event()
    acting = asyncio.create_task(_act(phone, processes, stopped))
    reached = 0
    try:
        for number in range(ROUNDS):
            tv.go_to(draw.choice((processes.one, processes.two)).address)
            watch = tv.watch()
            for version in await _versions(watch, tokens, tv, draw.randint(2, 8)):
                assert version >= reached, f"round {number}: {version} after {reached}"
                reached = version
            watch.close()
            if number % 5 == 4:
                await processes.restart(draw.choice((processes.one, processes.two)))
    finally:
        stopped.set()
        await acting
    assert tv.copy.restarts == 0, "every token was taken"
    watch = tv.watch()
    await watch.caught_up()
    assert tv.copy.cart() == {"tea": phone.seq}


async def _act(device: Device, processes: Processes, stopped: asyncio.Event) -> None:
    """Now here, now there; what was not answered is sent again."""
    homes = [processes.one.address, processes.two.address]
    while not stopped.is_set():
        batch = device.number(added())
        while True:
            homes.reverse()
            device.go_to(homes[0])
            try:
                await device.send(*batch, timeout=2)
                break
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.01)


async def _versions(watch: Watch, tokens: Tokens, device: Device, frames: int) -> list[int]:
    """What the tokens of the next frames contain; a process may end meanwhile."""
    found: list[int] = []
    try:
        while len(found) < frames:
            frame = await watch.next()
            if frame.token:
                token = tokens.open_state(frame.token)
                found.append(token.versions[subject_hash(device.subject_id)])
    except (grpc.aio.AioRpcError, EOFError):
        await asyncio.sleep(0.2)
    return found


async def _tokens(processes: Processes, device: Device) -> Tokens:
    """What opens the tokens of the services."""
    await device.record(added())
    connection = await asyncpg.connect(processes.access.dsn())
    try:
        journal_id = await connection.fetchval("SELECT journal_id FROM journal")
    finally:
        await connection.close()
    return Tokens([processes.access.secrets.signing_key], journal_id)
