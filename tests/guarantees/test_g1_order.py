"""G1: events of one (installation, subject) are stored in seq order without holes."""

from __future__ import annotations

import asyncio
import random

import grpc
import pytest

from journey.v1.errors_pb2 import ERROR_REASON_FIELD_VIOLATIONS
from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import Interaction
from tests.guarantees.conftest import Join, Pair
from tests.guarantees.devices import Device, added
from tests.transport.serving import info_of, status_of


async def test_g1_events_of_an_installation_are_stored_in_seq_order_without_holes(
    pair: Pair, join: Join
) -> None:
    devices = [await join(served).open_session() for served in (*pair, *pair)]
    await asyncio.gather(*(_live(device, number) for number, device in enumerate(devices)))
    events = await devices[0].events()
    assert [event.version for event in events] == list(range(1, len(events) + 1))
    for device in devices:
        own = [event for event in events if _is_of(event, device)]
        assert [event.interaction.seq for event in own] == list(range(1, device.seq + 1))


async def test_g1_a_batch_behind_a_gap_stores_nothing_and_names_what_is_expected(
    join: Join,
) -> None:
    phone = await join().open_session()
    happened = phone.number(*(added() for _ in range(9)))
    await phone.send(*happened[:2])
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await phone.send(*happened[4:])
    told = info_of(status_of(raised.value))
    assert (told.reason, told.metadata["expected_seq"]) == ("SEQ_GAP", "3")
    assert len([event for event in await phone.events() if _is_of(event, phone)]) == 2
    answer = await phone.send(*happened[2:])
    assert answer.processed_seq == 9
    own = [event.interaction.seq for event in await phone.events() if _is_of(event, phone)]
    assert own == list(range(1, 10))


async def test_g1_a_refused_interaction_leaves_no_hole(join: Join) -> None:
    phone = await join().open_session()
    answer = await phone.record(added(), added(quantity=0), added())
    assert answer.results[1].reason == ERROR_REASON_FIELD_VIOLATIONS
    own = [event.interaction.seq for event in await phone.events() if _is_of(event, phone)]
    assert own == [1, 2, 3]


async def _live(device: Device, seed: int) -> None:
    """Batches of all sizes, some of them bad, many sent more than once and at the same time."""
    draw = random.Random(seed)
    for _ in range(12):
        batch = device.number(*(_something(draw) for _ in range(draw.randint(1, 6))))
        times = draw.randint(1, 3)
        await asyncio.gather(*(device.send(*batch) for _ in range(times)))


def _something(draw: random.Random) -> Interaction:
    return added(quantity=0 if draw.random() < 0.2 else 1)


def _is_of(event: Event, device: Device) -> bool:
    return event.occurrence.installation_id == device.installation_id and event.interaction.seq > 0
