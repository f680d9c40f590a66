"""G6: a read with at_least contains it or fails with a reason."""

from __future__ import annotations

import asyncio
import time

import grpc
import pytest

from journey.v1.journey_service_pb2 import GetJourneyRequest, ListJourneysRequest
from journey_service.domain.tokens import Tokens, WriteToken, hashed
from tests.guarantees.conftest import Join, Pair, Processes
from tests.guarantees.devices import CART, Device, added, quantities
from tests.transport.serving import reason_of, trailing

WRITES = 40


@pytest.mark.timeout(150)
async def test_g6_a_read_in_another_process_contains_the_write_also_over_restarts(
    processes: Processes,
) -> None:
    phone = await processes.device(processes.one)
    reader = await processes.device(processes.two)
    for written in range(1, WRITES + 1):
        if written % 15 == 0:
            await processes.restart(processes.two)
            await processes.restart(processes.one)
        answer = await phone.record(added())
        found = await reader.cart(at_least=answer.write_token)
        assert quantities(found.journey)["tea"] == written


async def test_g6_reads_that_race_with_writes_never_answer_with_less(
    pair: Pair, join: Join
) -> None:
    phone, reader = await join().open_session(), await join(pair[1]).open_session()

    async def write_then_read(line: str) -> None:
        for written in range(1, 21):
            answer = await phone.record(added(line))
            found = await reader.cart(at_least=answer.write_token)
            assert quantities(found.journey)[line] == written

    await write_then_read("tea")
    await asyncio.gather(_reads_again(reader), write_then_read("milk"))


@pytest.mark.parametrize("call", ["GetJourney", "ListJourneys"])
async def test_g6_a_read_of_what_is_not_there_yet_waits_and_then_says_so(
    pair: Pair, join: Join, call: str
) -> None:
    phone = await join().open_session()
    answer = await phone.record(added())
    ahead = _token(pair, phone, version=answer.results[0].version + 2)
    read = getattr(phone.journeys, call)
    request = (
        GetJourneyRequest(journey=CART, at_least=ahead)
        if call == "GetJourney"
        else ListJourneysRequest(at_least=ahead)
    )
    while True:
        began = time.monotonic()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await read(request, metadata=phone.metadata, timeout=0.5)
        # The service answers a tenth of a second before its caller gives up: one that stood still
        # for longer at the end is asked again.
        if trailing(raised.value) or time.monotonic() - began < 0.5:
            break
    assert reason_of(raised.value) == "PROJECTION_BEHIND"
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - began >= 0.3
    waiting = asyncio.ensure_future(read(request, metadata=phone.metadata, timeout=10))
    await phone.record(added())
    await phone.record(added())
    await waiting


async def _reads_again(reader: Device) -> None:
    """An answer never holds less than the one before it."""
    version = 0
    for _ in range(20):
        found = await reader.cart()
        total = sum(quantities(found.journey).values())
        assert total >= version
        version = total


def _token(pair: Pair, device: Device, version: int) -> str:
    """Of a write that is still to come."""
    journal = pair[0].application._context.journal
    tokens = Tokens([b"t" * 32], journal.journal_id)
    return tokens.seal_write(
        WriteToken(epoch=journal.epoch, versions=hashed({device.subject_id: version}), positions={})
    )
