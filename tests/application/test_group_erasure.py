"""A group of which somebody is erased: the window opens again, and the others go on."""

from journey.v1.errors_pb2 import ERROR_REASON_LEASE_LOST
from journey.v1.groups_pb2 import NACK_ACTION_PARK, NACK_ACTION_RETRY, ConsumeDrain, Delivery
from tests.application.consumers import GroupScene, StreamEnded, group_scene

# More than fits behind what is unsettled.
WINDOW = {"partition_count": 1, "group_window_events": 4, "group_gap_events": 8}


async def full_of(stage: GroupScene, *subjects: str) -> None:
    """Of these so much is recorded that nothing behind it comes near a consumer."""
    for subject in subjects:
        await stage.record(subject, 20)
    await stage.record("noah", 2)
    await stage.create()


async def erase(stage: GroupScene, subject: str) -> None:
    assert await stage.scene.store.erasure.erase_keys(subject)


def who(*deliveries: Delivery) -> list[tuple[str, int]]:
    return [(each.event.subject_id, each.event.version) for each in deliveries]


async def test_a_window_full_of_somebody_who_is_erased_opens_for_the_others() -> None:
    stage = await group_scene(**WINDOW)
    await full_of(stage, "mila")
    async with stage.consumer() as consumer:
        held = await consumer.one()
        assert await consumer.nothing()
        await erase(stage, "mila")
        first = await consumer.one()
        await consumer.ack(first)
        second = await consumer.one()
        assert who(held, first, second) == [("mila", 1), ("noah", 1), ("noah", 2)]
        assert (await consumer.ack(held, second)).settled_ids == [
            held.delivery_id,
            second.delivery_id,
        ]
        stats = (await stage.stands()).stats
        assert (stats.backlog, stats.in_flight, stats.parked, stats.held) == (0, 0, 0, 0)


async def test_what_is_said_of_an_erased_delivery_ends_no_stream() -> None:
    stage = await group_scene(**WINDOW)
    await full_of(stage, "mila", "ida")
    async with stage.consumer() as consumer:
        held = await consumer.one()
        await erase(stage, "mila")
        of_ida = await consumer.one()
        assert who(held, of_ida) == [("mila", 1), ("ida", 1)]
        for late in (await consumer.extend(held, 5), await consumer.nack(held, NACK_ACTION_RETRY)):
            assert [one.reason for one in late.failures] == [ERROR_REASON_LEASE_LOST]
        await erase(stage, "ida")
        of_noah = await consumer.one()
        assert who(of_noah) == [("noah", 1)]
        assert not (await consumer.ack(of_ida, of_noah)).failures
        await consumer.ack(await consumer.one())
        assert (await stage.stands()).stats.backlog == 0


async def test_what_is_parked_of_somebody_who_is_erased_is_gone_and_holds_nothing() -> None:
    stage = await group_scene(**WINDOW)
    await stage.record("mila", 3)
    await stage.record("noah", 2)
    await stage.create()
    async with stage.consumer() as consumer:
        for delivery in await consumer.take(2):
            await consumer.nack(delivery, NACK_ACTION_PARK, "because")
        assert (await stage.stands()).stats.held == 3
        await erase(stage, "mila")
        stats = (await stage.stands()).stats
        assert (stats.parked, stats.held) == (1, 1)
        await stage.record("ida")
        assert who(await consumer.one()) == [("ida", 1)]


async def test_who_drains_does_not_wait_for_what_was_erased() -> None:
    stage = await group_scene(**WINDOW)
    await full_of(stage, "mila")
    async with stage.consumer() as consumer:
        await consumer.one()
        consumer.send(drain=ConsumeDrain())
        assert await consumer.nothing()
        await erase(stage, "mila")
        try:
            while True:
                await consumer.next()
        except StreamEnded:
            pass
        assert (await stage.stands()).stats.in_flight == 0


async def test_a_group_that_begins_anew_gets_nothing_of_who_was_erased() -> None:
    stage = await group_scene(**WINDOW)
    await full_of(stage, "mila")
    await erase(stage, "mila")
    async with stage.consumer() as consumer:
        for version in (1, 2):
            delivery = await consumer.one()
            assert who(delivery) == [("noah", version)]
            await consumer.ack(delivery)
    assert (await stage.stands()).stats.backlog == 0
