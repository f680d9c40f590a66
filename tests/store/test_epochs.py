import pytest

from journey_service.domain.errors import StorageUnavailable
from tests.contract.acts import acts, partition, versions, whole
from tests.postgres import RoleDsn
from tests.store.databases import carry_out
from tests.store.opening import open_store


async def test_one_timeline_is_one_epoch(database_as: RoleDsn) -> None:
    async with open_store(database_as) as first, open_store(database_as) as second:
        assert first.journal.epoch == second.journal.epoch
        assert len(first.journal.epochs) == 1


async def test_a_server_on_another_timeline_opens_an_epoch_before_its_first_write(
    database_as: RoleDsn,
) -> None:
    async with open_store(database_as) as store:
        before = store.journal.epoch
        await store.journal.append(acts(1, 2))
    # As if the server had been on another one before: tests cannot promote the shared server.
    await carry_out(database_as, "UPDATE epochs SET timeline = 77")
    async with open_store(database_as) as store, open_store(database_as) as other:
        assert store.journal.epoch != before
        assert other.journal.epoch == store.journal.epoch
        assert [epoch.number for epoch in store.journal.epochs] == [1, 2]
        assert store.journal.epochs[1].heads[partition(store.journal)] == 2
        await store.journal.append(acts(3))
        assert versions(await whole(store.journal)) == [1, 2, 3]


async def test_a_running_process_learns_of_an_epoch_with_its_next_connection(
    database_as: RoleDsn,
) -> None:
    async with open_store(database_as) as store:
        before = store.journal.epoch
        await store.journal.append(acts(1))
        await carry_out(database_as, "UPDATE epochs SET timeline = 77")
        store._epochs.all = (store._epochs.current._replace(timeline=77),)
        store._append.expire()
        await store.journal.append(acts(2))
        assert store.journal.epoch != before
        assert store.journal.epochs[1].heads[partition(store.journal)] == 1


async def test_a_clock_that_was_never_seen_or_too_long_ago_is_unknown(
    database_as: RoleDsn,
) -> None:
    async with open_store(database_as, clock_sample_life_ms=1_000) as store:
        assert store.clock.now_ms() > 0
        store.clock._sampled_s -= 2
        with pytest.raises(StorageUnavailable):
            store.clock.now_ms()
