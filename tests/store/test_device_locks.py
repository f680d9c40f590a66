"""Sign-out of a device beside calls of that very device: none waits for the other in a circle."""

from __future__ import annotations

import asyncio

import pytest

from journey_service.domain.batch import LeaseLimit
from journey_service.domain.errors import SignedOut
from tests.application.scene import played
from tests.contract.acts import NOW
from tests.contract.devices import sign_out, use
from tests.contract.leases import Player, lease, report
from tests.contract.sessions import command, session
from tests.postgres import Connection, RoleDsn
from tests.store.databases import connected
from tests.store.opening import open_store

WAITING = """SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()"""


async def wait_for(looking: Connection, waiting: int) -> None:
    """Until so many calls wait for a lock."""
    async with asyncio.timeout(5):
        while await looking.fetchval(WAITING) < waiting:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.01)


async def test_a_call_that_keeps_a_session_alive_waits_for_no_sign_out_that_waits(
    database_as: RoleDsn,
) -> None:
    async with open_store(database_as) as store, connected(database_as) as looking:
        await use(store)
        opened = session()
        async with connected(database_as, "application") as blocker:
            async with blocker.transaction():
                await blocker.execute("SELECT FROM installation_epochs FOR UPDATE")
                signing = asyncio.create_task(sign_out(store))
                await wait_for(looking, 1)
                # Held up by the same lock it would wait for the sign-out, which waits for it.
                saving = asyncio.create_task(store.sessions.save(opened))
                await asyncio.wait([saving], timeout=0.3)
            await saving
            assert (await signing).closed_count == 1


async def test_a_session_that_opens_during_the_sign_out_is_refused_or_closed(
    database_as: RoleDsn,
) -> None:
    async with open_store(database_as) as store, connected(database_as) as looking:
        await use(store)
        async with connected(database_as, "application") as blocker:
            async with blocker.transaction():
                await blocker.execute("SELECT FROM sessions FOR UPDATE")
                signing = asyncio.create_task(sign_out(store))
                await wait_for(looking, 1)
                opening = asyncio.create_task(
                    store.sessions.open(command("late"), session(2), issued_ms=NOW - 1)
                )
                await wait_for(looking, 2)
            await signing
            with pytest.raises(SignedOut):
                await opening


async def test_a_report_that_waited_while_its_device_gave_way_renews_nothing(
    database_as: RoleDsn,
) -> None:
    limit = LeaseLimit("home", {"media": 1}, evict=True)
    async with (
        open_store(database_as) as first,
        open_store(database_as) as second,
        connected(database_as) as looking,
    ):
        old, new = Player(first, "a", "mila", limit), Player(second, "b", "noah", limit)
        await old.record(played(0))
        async with connected(database_as, "application") as blocker, blocker.transaction():
            await blocker.execute("SELECT FROM limit_groups FOR UPDATE")
            taking = asyncio.create_task(new.record(played(0)))
            await wait_for(looking, 1)
            reporting = asyncio.create_task(old.record(report(10_000, 1)))
            await wait_for(looking, 2)
        assert (await taking).lease.installation_id == "b"
        await reporting
        assert await lease(first, "mila") is None
