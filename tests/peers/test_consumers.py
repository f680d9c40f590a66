"""commanded's cases of subscriptions, as consumers of groups."""

from __future__ import annotations

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_DELIVERY_UNKNOWN, ERROR_REASON_LEASE_LOST
from journey.v1.groups_pb2 import (
    ConsumeDrain,
    ConsumeStart,
    Credit,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_REPLACED
from journey_service.domain.errors import FieldViolations
from journey_service.domain.identity import partition_of
from tests.application.consumers import (
    GroupScene,
    StreamEnded,
    group_scene,
)
from tests.peers.grouping import (
    ALONE,
    NOTHING,
    checkpoint,
    of_subjects,
    reaches,
    recorded,
)


@pytest.fixture
async def stage() -> GroupScene:
    """One partition, so that a group's progress is one number."""
    return await group_scene(**ALONE)


async def test_second_consumer_needs_concurrency() -> None:
    stage = await group_scene(partition_count=4)
    await stage.create()
    async with stage.consumer("one") as one:
        await one.frame("assignment")
        assert len(one.assigned) == 4
        async with stage.consumer("two") as two:
            await two.frame("assignment")
            await one.frame("assignment")
            assert sorted([*one.assigned, *two.assigned]) == [0, 1, 2, 3]
            assert len(one.assigned) == len(two.assigned) == 2


async def test_too_many_consumers(stage: GroupScene) -> None:
    await stage.create()
    async with stage.consumer("one") as one:
        await one.frame("assignment")
        async with stage.consumer("two") as two:
            await two.frame("assignment")
            assert (one.assigned, two.assigned) == ([0], [])
            assert (await stage.stands()).stats.consumers == 2
            await one.cut()
            await two.frame("assignment")
            assert two.assigned == [0]


async def test_same_consumer_id_replaces(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create()
    async with stage.consumer() as older:
        first = await older.one()
        async with stage.consumer() as newer:
            goodbye = (await older.frame("going_away")).going_away
            assert goodbye.reason == GOING_AWAY_REASON_REPLACED
            with pytest.raises(StreamEnded):
                await older.next()
            again = await newer.one()
            assert (again.attempt, again.event) == (2, first.event)
            lost = await newer.ack(first)
            assert [failure.reason for failure in lost.failures] == [ERROR_REASON_LEASE_LOST]
            await newer.ack(again)


async def test_next_free_consumer_gets_next_subject() -> None:
    stage = await group_scene(partition_count=2)
    await stage.create()
    async with stage.consumer("one", deliveries=1) as one, stage.consumer("two") as two:
        await two.frame("assignment")
        while len(one.assigned) != 1:
            await one.next()
        mine, *_ = two.assigned
        named = (f"s{number}" for number in range(100))
        subjects = [name for name in named if partition_of(name, 2) == mine][:3]
        other = next(f"t{n}" for n in range(100) if partition_of(f"t{n}", 2) != mine)
        await recorded(stage, other, *subjects)
        assert of_subjects(await two.take(3)) == sorted(subjects)
        assert of_subjects(await one.take(1)) == [other]


async def test_settle_out_of_order(stage: GroupScene) -> None:
    await recorded(stage, "a", "b", "c")
    await stage.create()
    async with stage.consumer() as consumer:
        for delivery in reversed(await consumer.take(3)):
            result = await consumer.ack(delivery)
            assert result.settled_ids == [delivery.delivery_id]
        assert await checkpoint(stage) == 3


async def test_owner_dies_in_flight_moves(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create()
    async with stage.consumer("one") as one:
        first = await one.one()
        async with stage.consumer("two") as two:
            await two.frame("assignment")
            await one.cut()
            again = await two.one()
            assert (again.event, again.attempt) == (first.event, 2)
            await two.ack(again)


async def test_resend_does_not_settle_old_attempt(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create(lease_ms=20)
    async with stage.consumer() as consumer:
        first, again = await consumer.take(2)
        late = await consumer.ack(first)
        assert [failure.reason for failure in late.failures] == [ERROR_REASON_LEASE_LOST]
        assert await checkpoint(stage) == 0
        assert again.attempt == 2


async def test_late_joiner_gets_waiting() -> None:
    stage = await group_scene(partition_count=2)
    await stage.create()
    async with stage.consumer("one", deliveries=1) as one:
        await recorded(stage, *(f"s{number}" for number in range(8)))
        await one.one()
        async with stage.consumer("two") as two:
            waiting = await two.take(3)
            places = {delivery.event.partition for delivery in waiting}
            await two.ack(*waiting)
            assert len(places) == 1


async def test_subject_sticks_until_settled_then_moves(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.record("a")
    await stage.create()
    async with stage.consumer("b") as one:
        first = await one.one()
        async with stage.consumer("a") as two:
            await two.frame("assignment")
            assert two.assigned == []
            assert await two.nothing()
            await one.ack(first)
            second = await one.one()
            assert second.event.version == 2
            await one.cut()
            assert (await two.one()).event == second.event


async def test_queue_of_one(stage: GroupScene) -> None:
    await recorded(stage, "a", "b", "c")
    await stage.create()
    async with stage.consumer(deliveries=1) as consumer:
        for subject_id in ("a", "b", "c"):
            delivery = await consumer.one()
            assert delivery.event.subject_id == subject_id
            assert await consumer.nothing(0.01)
            await consumer.ack(delivery)
            consumer.send(credit=Credit(deliveries=1, bytes=1))


async def test_wrong_settle_is_error(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create()
    async with stage.consumer() as consumer:
        delivery = await consumer.one()
        ids = ["nonsense", delivery.delivery_id.replace("billing/", "shipping/")]
        result = await consumer.settle(ack_ids=[*ids, delivery.delivery_id])
        assert [(one.delivery_id, one.reason) for one in result.failures] == [
            (wrong, ERROR_REASON_DELIVERY_UNKNOWN) for wrong in ids
        ]
        assert result.settled_ids == [delivery.delivery_id]


@pytest.mark.parametrize(
    "content",
    [
        {"start": ConsumeStart(group_id="billing", consumer_id="x")},
        {},
        {"credit": Credit(deliveries=1)},
    ],
    ids=["start again", "nothing", "credit of no bytes"],
)
async def test_unexpected_frame_is_error(stage: GroupScene, content: dict[str, object]) -> None:
    await stage.create()
    async with stage.consumer() as consumer:
        consumer.send(**content)
        with pytest.raises(FieldViolations):
            await consumer.frame("going_away")


async def test_a_first_frame_that_is_no_start_is_an_error(stage: GroupScene) -> None:
    await stage.create()
    consumer = stage.consumer()
    consumer.send(drain=ConsumeDrain())
    with pytest.raises(FieldViolations, match="start"):
        async with consumer:
            pass


async def test_lost_ownership_resends_only_unsettled(stage: GroupScene) -> None:
    await recorded(stage, "a", "b", "c")
    await stage.create()
    async with stage.consumer("one") as one:
        _, second, _ = await one.take(3)
        await one.ack(second)
        async with stage.consumer("two") as two:
            await two.frame("assignment")
            await one.cut()
            assert of_subjects(await two.take(2)) == ["a", "c"]
            assert await two.nothing()


async def test_all_filtered_still_settles(stage: GroupScene) -> None:
    await recorded(stage, *"abcdef")
    await stage.create(filter=NOTHING)
    async with stage.consumer() as consumer:
        await reaches(stage, 6)
        assert await consumer.nothing()
    assert (await stage.stands()).stats.backlog == 0


async def test_checkpoint_each_n_idle_and_on_exit() -> None:
    for settings in (
        {"group_checkpoint_events": 3, "group_checkpoint_ms": 60_000},
        {"group_checkpoint_ms": 1},
    ):
        stage = await group_scene(**ALONE, **settings)
        await recorded(stage, "a", "b", "c")
        await stage.create(filter=NOTHING)
        async with stage.consumer():
            await reaches(stage, 3)
    stage = await group_scene(**ALONE, group_checkpoint_ms=60_000)
    await recorded(stage, "a", "b", "c")
    await stage.create(filter=NOTHING)
    async with stage.consumer() as consumer:
        await consumer.frame("assignment")
    assert await checkpoint(stage) == 3
