import pytest

from journey.v1.groups_pb2 import NACK_ACTION_PARK, NACK_ACTION_RETRY, ConsumeDrain, Credit
from journey_service.domain.errors import FieldViolations, GroupNotFound
from tests.application.consumers import StreamEnded, group_scene


async def test_events_are_delivered_from_the_beginning_and_settled() -> None:
    stage = await group_scene()
    await stage.record("mila", 3)
    await stage.create()
    async with stage.consumer() as consumer:
        for version in (1, 2, 3):
            delivery = await consumer.one()
            assert delivery.event.version == version
            assert delivery.attempt == 1
            result = await consumer.ack(delivery)
            assert result.settled_ids == [delivery.delivery_id]
        assert (await stage.stands()).stats.backlog == 0


async def test_what_is_recorded_later_comes_by_itself() -> None:
    stage = await group_scene()
    await stage.create()
    async with stage.consumer() as consumer:
        await consumer.frame("assignment")
        await stage.record("mila")
        assert (await consumer.one()).event.subject_id == "mila"


async def test_a_subject_has_one_event_out_at_a_time_and_others_flow() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.record("noah", 2)
    await stage.create()
    async with stage.consumer() as consumer:
        first = await consumer.take(2)
        assert {each.event.subject_id for each in first} == {"mila", "noah"}
        assert await consumer.nothing()
        await consumer.ack(*first)
        assert {each.event.version for each in await consumer.take(2)} == {2}


async def test_nothing_is_sent_without_credit() -> None:
    stage = await group_scene()
    for name in ("a", "b", "c"):
        await stage.record(name)
    await stage.create()
    async with stage.consumer(deliveries=2) as consumer:
        await consumer.take(2)
        assert await consumer.nothing()
        consumer.send(credit=Credit(deliveries=1, bytes=1))
        await consumer.one()


async def test_a_retry_comes_again_as_another_attempt() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.create()
    async with stage.consumer() as consumer:
        first = await consumer.one()
        await consumer.nack(first, NACK_ACTION_RETRY)
        again = await consumer.one()
        assert (again.event.version, again.attempt) == (1, 2)
        assert again.delivery_id != first.delivery_id


async def test_a_parked_event_holds_its_subject_and_no_other() -> None:
    stage = await group_scene()
    await stage.record("mila", 3)
    await stage.create()
    async with stage.consumer() as consumer:
        await consumer.nack(await consumer.one(), NACK_ACTION_PARK, "cannot")
        assert await consumer.nothing()
        await stage.record("noah")
        await consumer.ack(await consumer.one())
        stats = (await stage.stands()).stats
        assert (stats.parked, stats.held, stats.in_flight) == (1, 2, 0)


async def test_a_drained_consumer_settles_the_rest_and_ends() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.create()
    async with stage.consumer() as consumer:
        delivery = await consumer.one()
        consumer.send(drain=ConsumeDrain())
        await consumer.ack(delivery)
        with pytest.raises(StreamEnded):
            await consumer.next()
    assert (await stage.stands()).stats.backlog == 1


async def test_an_unknown_group_is_refused() -> None:
    stage = await group_scene()
    async with stage.consumer() as consumer:
        with pytest.raises(GroupNotFound):
            await consumer.next()


async def test_credit_of_zero_is_refused() -> None:
    stage = await group_scene()
    await stage.create()
    async with stage.consumer() as consumer:
        await consumer.frame("assignment")
        consumer.send(credit=Credit(deliveries=0, bytes=1))
        with pytest.raises(FieldViolations, match="deliveries"):
            await consumer.next()
