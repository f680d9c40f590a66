import grpc
import pytest

from journey.v1.events_pb2 import Event
from journey.v1.journey_service_pb2 import JOURNEY_VIEW_ALL, ListJourneysRequest
from journey_service.domain.errors import StorageUnavailable
from tests.contract.acts import acts, partition, until, versions, whole
from tests.contract.rewinding import reconnect, restore_database
from tests.postgres import RoleDsn
from tests.store.databases import carry_out
from tests.store.opening import open_store
from tests.transport.serving import batch, listed, reason_of, serving


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


async def test_a_follower_hears_what_comes_after_a_restore_though_it_heard_more_before(
    database_as: RoleDsn,
) -> None:
    delivered = list[Event]()
    async with open_store(database_as) as store:
        number = partition(store.journal)
        await store.journal.append(acts(1, 2, 3))
        with store.journal.follow(number, delivered.extend):
            await store.journal.append(acts(4))
            await until(lambda: len(delivered) == 1)
            await restore_database(database_as, number, 2)
            await reconnect(store)
            await store.journal.heads()
            delivered.clear()
            await store.journal.append(acts(3))
            await until(lambda: len(delivered) == 1)
            await store.journal.append(acts(4))
            await until(lambda: len(delivered) == 2)
    assert versions(delivered) == [3, 4]


async def test_tokens_of_before_a_restore_are_judged_by_the_service_that_runs_on(
    database_as: RoleDsn,
) -> None:
    async with open_store(database_as) as store, serving(store) as served:
        session = await served.open_session()
        number = partition(store.journal, session.subject_id)

        async def record(seq: int) -> str:
            answer = await served.journeys.Record(
                batch(session, listed(seq)), metadata=served.as_("device")
            )
            token: str = answer.write_token
            return token

        async def read(token: str) -> int:
            asked = ListJourneysRequest(view=JOURNEY_VIEW_ALL, at_least=token)
            answer = await served.journeys.ListJourneys(asked, metadata=served.as_("device"))
            return len(answer.journeys)

        kept = await record(1)
        head = (await store.journal.heads())[number]
        lost = await record(2)
        await restore_database(database_as, number, head)
        await reconnect(store)
        assert await read(kept) == 1
        await record(2)
        assert await read(kept) == 1
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await read(lost)
        assert refused.value.code() is grpc.StatusCode.OUT_OF_RANGE
        assert reason_of(refused.value) == "JOURNAL_REWOUND"
