"""Reads contain what this client wrote; what a restore lost is not asked for twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

import journey_client
from journey.v1.journey_service_pb2 import JourneyView
from journey_client import interactions
from journey_client.session import Session
from journey_service.domain.identity import partition_of
from journey_service.store.memory import MemoryStore
from tests.contract.rewinding import restore_in_memory
from tests.transport.serving import serving


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def session(store: MemoryStore) -> AsyncIterator[Session]:
    """A phone's session."""
    async with serving(store) as served:
        token = served.mint.token("device", "mila")
        address = f"127.0.0.1:{served.server.port}"
        async with journey_client.connect(address, token=token, device="phone") as client:
            yield await client.open_session()


async def lose_the_last_write(store: MemoryStore, session: Session) -> None:
    """Add tea twice; a restore keeps the first."""
    number = partition_of(session.subject_id, store.journal.partition_count)
    await session.do(interactions.cart_line_added("tea", 1))
    kept = len(await store.journal.read_partition(number))
    await session.do(interactions.cart_line_added("tea", 1))
    restore_in_memory(store, number, kept)


async def test_a_journey_is_read_again_without_the_write_that_a_restore_lost(
    store: MemoryStore, session: Session
) -> None:
    await lose_the_last_write(store, session)
    for _ in range(2):
        assert [line.quantity for line in (await session.journey("cart")).cart.lines] == [1]


async def test_a_list_is_read_again_without_the_write_that_a_restore_lost(
    store: MemoryStore, session: Session
) -> None:
    await lose_the_last_write(store, session)
    listed = [each async for each in session.journeys(JourneyView.JOURNEY_VIEW_ALL)]
    assert [each.cart.lines[0].quantity for each in listed] == [1]


async def test_a_customer_lists_devices_last_seen_first(session: Session) -> None:
    known = [record async for record in session.devices()]
    assert [record.device.device_id for record in known] == ["phone"]
    assert known[0].installation_ids == [session.installation_id]
