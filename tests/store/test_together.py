import asyncio
from collections.abc import AsyncIterator

import pytest

from journey_service.domain.errors import (
    ExpiredInQueue,
    OutcomeUnknown,
    StorageUnavailable,
    VersionConflict,
)
from journey_service.store.postgres import PostgresStore
from tests.contract.acts import outcomes, reports, versions, whole
from tests.postgres import RoleDsn
from tests.store.databases import connected
from tests.store.opening import open_store

PEOPLE = tuple(f"person-{number}" for number in range(4))


@pytest.fixture
async def store(database_as: RoleDsn) -> AsyncIterator[PostgresStore]:
    async with open_store(database_as) as opened:
        yield opened


async def test_batches_of_several_streams_are_written_in_one_transaction(
    store: PostgresStore, database_as: RoleDsn
) -> None:
    appended = await store.journal.append_together([reports(1, 2, subject=one) for one in PEOPLE])
    assert [each.version for each in appended] == [2] * 4
    async with connected(database_as, "owner") as connection:
        transactions = await connection.fetch("SELECT DISTINCT xmin::text FROM events")
    assert len(transactions) == 1


async def test_one_refusal_leaves_all_streams_as_they_were(store: PostgresStore) -> None:
    await store.journal.append(reports(1, subject=PEOPLE[3]))
    heads = await store.journal.heads()
    batches = [reports(2, subject=one, expected_version=0) for one in PEOPLE]
    with pytest.raises(VersionConflict) as refused:
        await store.journal.append_together(batches)
    assert refused.value.current_version == 1
    assert [len(await whole(store.journal, one)) for one in PEOPLE] == [0, 0, 0, 1]
    assert await store.journal.heads() == heads


async def test_the_next_appends_know_of_what_was_written_together(store: PostgresStore) -> None:
    journal = store.journal
    for number in range(1, 7, 2):
        await journal.append_together([reports(number, subject=one) for one in PEOPLE])
        again = await journal.append(reports(number, subject=PEOPLE[0]))
        assert again.results[0].duplicate
        for one in PEOPLE:
            await journal.append(reports(number + 1, subject=one, expected_version=number))
    assert versions(await whole(journal, PEOPLE[0])) == [1, 2, 3, 4, 5, 6]


async def test_many_that_write_together_and_alone_leave_no_hole(store: PostgresStore) -> None:
    journal = store.journal
    together = [
        journal.append_together([reports(number, subject=one) for one in PEOPLE])
        for number in range(10)
    ]
    alone = [journal.append(reports(100 + n, subject=PEOPLE[n % 4])) for n in range(40)]
    assert not [one for one in await outcomes([*together, *alone]) if isinstance(one, Exception)]
    for one in PEOPLE:
        assert versions(await whole(journal, one)) == [*range(1, 21)]


async def test_followers_get_what_was_written_together(store: PostgresStore) -> None:
    arrived: asyncio.Queue[str] = asyncio.Queue()
    journal = store.journal
    (appended,) = await journal.append_together([reports(1, subject=PEOPLE[0])])
    with journal.follow(appended.partition, lambda events: arrived.put_nowait(events[0].type)):
        await journal.append_together([reports(2, subject=PEOPLE[0])])
        assert await asyncio.wait_for(arrived.get(), 10) == "media.paused"


async def test_nobody_waits_for_them_beyond_the_deadline(database_as: RoleDsn) -> None:
    async with (
        open_store(database_as, call_deadline_ms=200) as store,
        connected(database_as, "owner") as owner,
        owner.transaction(),
    ):
        await owner.execute("SELECT head FROM partitions FOR UPDATE")
        waiting = [
            store.journal.append_together([reports(n, subject=one) for one in PEOPLE])
            for n in range(2)
        ]
        found = await outcomes(waiting)
    assert {type(each) for each in found} <= {StorageUnavailable, ExpiredInQueue, OutcomeUnknown}
    assert all(isinstance(each, Exception) for each in found)


async def test_a_closed_store_takes_none(database_as: RoleDsn) -> None:
    async with open_store(database_as) as store:
        journal = store.journal
    with pytest.raises(StorageUnavailable):
        await journal.append_together([reports(1)])


async def test_a_batch_that_cannot_be_stored_spares_no_other_of_its_group(
    store: PostgresStore, database_as: RoleDsn
) -> None:
    async with connected(database_as, "owner") as owner:
        await owner.execute("ALTER TABLE events ADD CHECK (originator_id <> 'person-2')")
    with pytest.raises(Exception, match="cannot be stored"):
        await store.journal.append_together([reports(1, subject=one) for one in PEOPLE])
    assert [len(await whole(store.journal, one)) for one in PEOPLE] == [0, 0, 0, 0]
