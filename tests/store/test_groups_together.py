"""Groups over two processes that share a database: nothing is known to one of the other's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from journey.v1.errors_pb2 import ERROR_REASON_LEASE_LOST
from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    CreateGroupRequest,
    Delivery,
    GetGroupRequest,
    GroupStats,
    ListParkedRequest,
    PullRequest,
    ReplayParkedRequest,
    Settlement,
    SettleRequest,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_REPLACED
from journey_service.domain.errors import StorageUnavailable
from journey_service.domain.group_progress import Change
from journey_service.ports_of_groups import Groups
from journey_service.settings import Settings
from journey_service.store.postgres import PostgresStore
from tests.application.consumers import BEGINNING, BILLING, QUICK, Consuming, command, group
from tests.application.scene import application_on
from tests.contract.acts import acts
from tests.postgres import RoleDsn
from tests.store.opening import open_store

SETTINGS = replace(Settings(), **QUICK)  # type: ignore[arg-type]


class CutOff:
    """Groups that cannot be asked any more once the process is cut off, as one that was killed."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self.is_cut = False

    def __getattr__(self, name: str) -> Any:
        if self.is_cut:
            raise StorageUnavailable
        return getattr(self._groups, name)


class Process:
    """An application on a store of its own."""

    def __init__(self, store: PostgresStore, settings: Settings) -> None:
        self.store = store
        self.groups = CutOff(store.groups)
        store.groups = self.groups  # type: ignore[assignment]
        self.application = application_on(store, settings)

    def consumer(self, consumer_id: str) -> Consuming:
        return Consuming(self.application, consumer_id)

    async def record(self, *subjects: str) -> None:
        for subject_id in subjects:
            head = await self.store.journal.stream_head(subject_id)
            await self.store.journal.append(acts(head.version + 1, subject=subject_id))

    async def stats(self) -> GroupStats:
        request = GetGroupRequest(group_id="billing")
        return (await self.application.get_group(BILLING, request)).group.stats


Processes = tuple[Process, Process]


@asynccontextmanager
async def two(database_as: RoleDsn, **changes: int) -> AsyncIterator[Processes]:
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    async with open_store(database_as) as first, open_store(database_as) as second:
        both = Process(first, settings), Process(second, settings)
        request = CreateGroupRequest(group=group(), start=BEGINNING)
        await both[0].application.create_group(BILLING, request)
        yield both


@pytest.fixture
async def processes(database_as: RoleDsn) -> AsyncIterator[Processes]:
    async with two(database_as) as both:
        yield both


@pytest.fixture
async def processes_that_may_die(database_as: RoleDsn) -> AsyncIterator[Processes]:
    async with two(database_as, group_consumer_life_ms=200) as both:
        yield both


async def all_of(consumers: list[Consuming], count: int) -> list[Delivery]:
    """Take and settle until so many deliveries came, whoever gets them."""
    taken: list[Delivery] = []

    async def work(consumer: Consuming) -> None:
        while True:
            delivery = await consumer.one()
            result = await consumer.ack(delivery)
            assert result.settled_ids == [delivery.delivery_id]
            taken.append(delivery)

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(work(consumer)) for consumer in consumers]
        while len(taken) < count:  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0.005)
        for task in working:
            task.cancel()
    return taken


async def test_consumers_of_two_processes_share_the_partitions(processes: Processes) -> None:
    one, two_ = processes
    async with one.consumer("one") as first, two_.consumer("two") as second:
        for consumer in (first, second):
            # Whoever came first had them all for a moment.
            while not 0 < len(consumer.assigned) < SETTINGS.partition_count:
                await consumer.frame("assignment")
        assert len(first.assigned) == len(second.assigned)
        assert not {*first.assigned} & {*second.assigned}
        subjects = [f"s{number}" for number in range(40)]
        await one.record(*subjects)
        taken = await all_of([first, second], 40)
        assert sorted(each.event.subject_id for each in taken) == sorted(subjects)
        assert {each.attempt for each in taken} == {1}
    assert (await one.stats()).backlog == 0


async def test_what_a_killed_process_had_in_flight_goes_to_another_within_two_seconds(
    processes_that_may_die: Processes,
) -> None:
    one, two_ = processes_that_may_die
    await one.record(*(f"s{number}" for number in range(8)))
    async with one.consumer("one") as first:
        taken = await first.take(8)
        await first.ack(*taken[:3])
        one.groups.is_cut = True
        began = asyncio.get_running_loop().time()
        async with two_.consumer("two") as second:
            again = await second.take(5)
            assert asyncio.get_running_loop().time() - began < 2
            assert {each.attempt for each in again} == {2}
            unsettled = sorted(each.event.subject_id for each in taken[3:])
            assert sorted(each.event.subject_id for each in again) == unsettled
            ids = [each.delivery_id for each in taken[3:]]
            late = SettleRequest(group_id="billing", settlement=Settlement(ack_ids=ids))
            result = (await two_.application.settle(BILLING, late)).result
            assert [failure.delivery_id for failure in result.failures] == ids
            assert {failure.reason for failure in result.failures} == {ERROR_REASON_LEASE_LOST}
            await second.ack(*again)
    assert (await two_.stats()).backlog == 0


async def test_what_one_process_delivered_another_one_settles(processes: Processes) -> None:
    one, two_ = processes
    await one.record("mila", "mila")
    async with one.consumer("one") as consumer:
        delivery = await consumer.one()
        settlement = Settlement(ack_ids=[delivery.delivery_id])
        request = SettleRequest(group_id="billing", settlement=settlement)
        answer = await two_.application.settle(BILLING, request)
        assert answer.result.settled_ids == [delivery.delivery_id]
        # The process that delivered it finds out, and goes on.
        assert (await consumer.one()).event.version == 2


async def test_a_consumer_that_comes_to_another_process_replaces_itself(
    processes: Processes,
) -> None:
    one, two_ = processes
    await one.record("mila")
    async with one.consumer("same") as older:
        first = await older.one()
        async with two_.consumer("same") as newer:
            again = await newer.one()
            assert (again.attempt, again.event) == (2, first.event)
            goodbye = (await older.frame("going_away")).going_away
            assert goodbye.reason == GOING_AWAY_REASON_REPLACED
            await newer.ack(again)


async def test_pulls_go_to_any_process(processes: Processes) -> None:
    one, two_ = processes
    await one.record("mila", "noah", "mila")
    request = PullRequest(group_id="billing", consumer_id="cron", max_deliveries=9)
    first = (await one.application.pull(BILLING, request)).deliveries
    assert {each.event.subject_id for each in first} == {"mila", "noah"}
    assert (await two_.application.pull(BILLING, request)).deliveries == []
    ids = [each.delivery_id for each in first]
    settle = SettleRequest(group_id="billing", settlement=Settlement(ack_ids=ids))
    answer = await two_.application.settle(BILLING, settle)
    assert sorted(answer.result.settled_ids) == sorted(ids)
    rest = (await one.application.pull(BILLING, request)).deliveries
    assert [each.event.version for each in rest] == [2]
    assert (await two_.stats()).consumers == 1


async def test_what_one_process_parked_another_one_replays(processes: Processes) -> None:
    one, two_ = processes
    await one.record("mila", "mila")
    async with one.consumer("one") as consumer:
        await consumer.nack(await consumer.one(), NACK_ACTION_PARK, "no stock")
        listed = await two_.application.list_parked(BILLING, ListParkedRequest(group_id="billing"))
        assert [(each.reason, each.held) for each in listed.parked] == [("no stock", 1)]
        replay = ReplayParkedRequest(group_id="billing", command_id=command())
        assert (await two_.application.replay_parked(BILLING, replay)).replayed == 1
        again = await consumer.one()
        assert (again.event.version, again.replayed) == (1, True)
        await consumer.ack(again)
        await consumer.ack(await consumer.one())
    assert (await two_.stats()).backlog == 0


async def test_who_is_in_anothers_way_is_told_to_try_again(database_as: RoleDsn) -> None:
    async with open_store(database_as, lock_timeout_ms=20) as store:
        await store.groups.create(group(), {0: 0})
        stored = (await store.groups.load("billing", [0]))[0]
        other = await asyncpg.connect(database_as("application"))
        async with other.transaction():
            await other.execute("UPDATE group_progress SET revision = 7 WHERE partition = 0")
            with pytest.raises(StorageUnavailable):
                await store.groups.save("billing", [Change(stored.progress)])
        await other.close()
        assert await store.groups.save("billing", [Change(stored.progress)]) == frozenset()


async def test_a_group_knows_when_it_was_made(processes: Processes) -> None:
    one, _ = processes
    found = await one.groups.find("billing")
    assert found is not None
    assert 0 < found.created_at_ms <= one.application.now_ms() + 1_000
    (listed,) = await one.groups.list_of(limit=1)
    assert listed.created_at_ms == found.created_at_ms
