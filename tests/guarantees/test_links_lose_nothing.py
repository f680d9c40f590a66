"""P7 over gRPC and PostgreSQL: linking subjects neither loses nor doubles an event for an open
watch, whichever of two services it is at, and however busy they are."""

from __future__ import annotations

import asyncio

from journey_service.domain.errors import IdentityContention, VersionConflict
from journey_service.store.postgres.store import PostgresStore
from tests.contract.customers import Linking
from tests.guarantees.conftest import Join, Pair
from tests.guarantees.devices import Device, added

ACTS = 30


async def test_links_lose_and_double_nothing_for_watches_that_are_open_at_two_services(
    pair: Pair, stores: tuple[PostgresStore, PostgresStore], join: Join
) -> None:
    phone, visitor, other = [
        await join(pair[number % 2], name).open_session()
        for number, name in enumerate(("mila", "visitor", "other"))
    ]
    screens = [await join(served).open_session() for served in pair]
    watches = [screen.watch() for screen in (*screens, phone)]
    for watch in watches:
        await watch.caught_up()
    acting = [asyncio.create_task(_act(device)) for device in (phone, visitor, other)]
    linking = [
        asyncio.create_task(_link(store, one, phone))
        for store, one in zip(stores, (visitor, other), strict=True)
    ]
    everything = {device.installation_id: ACTS for device in (phone, visitor, other)}
    for watch in watches:
        while watch.copy.cart() != everything:
            await watch.next()
            if watch is watches[-1]:
                # What it did itself is there exactly as far as it is told to be processed.
                assert watch.copy.cart().get(phone.installation_id, 0) == watch.copy.processed
        assert watch.copy.restarts == 0
    await asyncio.gather(*acting, *linking)
    fresh = (await join(pair[1]).open_session()).watch()
    await fresh.caught_up()
    for watch in watches:
        assert watch.copy.bytes() == fresh.copy.bytes()
        assert watch.copy.continue_list == fresh.copy.continue_list


async def _act(device: Device) -> None:
    for _ in range(ACTS):
        await device.record(added(device.installation_id))


async def _link(store: PostgresStore, one: Device, account: Device) -> None:
    """Decided anew as often as somebody records in between."""
    while True:
        ends = (one.subject_id, account.subject_id)
        linking = await Linking(store, *ends, [account.subject_id]).read()
        try:
            await linking.write()
        except (IdentityContention, VersionConflict):
            await asyncio.sleep(0)
        else:
            return
