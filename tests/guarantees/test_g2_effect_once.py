"""G2: each interaction has its effect once, however often, wherever and however late it is sent."""

from __future__ import annotations

import asyncio
import random
import uuid

from journey.v1.interactions_pb2 import Interaction
from tests.guarantees.conftest import Join, Pair, Processes
from tests.guarantees.devices import added, quantities


async def test_g2_what_is_sent_often_and_at_two_services_counts_once(
    pair: Pair, join: Join
) -> None:
    phone = await join().open_session()
    draw = random.Random(2)
    for _ in range(15):
        batch = phone.number(*(added() for _ in range(draw.randint(1, 5))))
        answers = []
        for _ in range(draw.randint(1, 5)):
            phone.go_to(f"127.0.0.1:{draw.choice(pair).server.port}")
            answers.append(asyncio.create_task(phone.send(*batch)))
        places = {
            tuple((result.version, result.position) for result in answer.results)
            for answer in await asyncio.gather(*answers)
        }
        assert len(places) == 1, "a repeat gets the first answer"
    assert quantities((await phone.cart()).journey) == {"tea": phone.seq}


async def test_g2_a_repeat_after_newer_interactions_and_restarts_changes_nothing(
    processes: Processes,
) -> None:
    phone = await processes.device(processes.one)
    batch = phone.number(added(), added(), added())
    first = await phone.send(*batch)
    await phone.record(*(added("milk") for _ in range(20)))
    await processes.restart(processes.one)
    here = await phone.send(*batch)
    phone.go_to(processes.two.address)
    there = await phone.send(*batch)
    for again in (here, there):
        assert all(result.duplicate for result in again.results)
        assert [each.version for each in again.results] == [each.version for each in first.results]
    assert quantities((await phone.cart()).journey) == {"milk": 20, "tea": 3}


async def test_g2_an_interaction_that_comes_again_under_another_installation_counts_once(
    join: Join,
) -> None:
    phone = await join().open_session()
    batch = phone.number(added(), added())
    await phone.send(*batch)
    phone.installation_id, phone.seq = str(uuid.uuid4()), 0
    await phone.open_session()
    again = await phone.send(*(_renumbered(each, seq) for seq, each in enumerate(batch, 1)))
    assert [result.duplicate for result in again.results] == [True, True]
    assert again.processed_seq == 2
    assert quantities((await phone.cart()).journey) == {"tea": 2}


def _renumbered(interaction: Interaction, seq: int) -> Interaction:
    copy = Interaction()
    copy.CopyFrom(interaction)
    copy.seq = seq
    return copy
