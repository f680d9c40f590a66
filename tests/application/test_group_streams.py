"""Streams that end, break, lapse and are replaced: what they had out goes to one place, by another
name."""

import asyncio
from typing import Any

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_LEASE_LOST
from journey.v1.groups_pb2 import ConsumeDrain, SeekGroupRequest
from journey_service.domain.groups import Standing
from tests.application.consumers import (
    BEGINNING,
    BILLING,
    Consuming,
    GroupScene,
    StreamEnded,
    command,
    group_scene,
)
from tests.application.scene import application_on


async def test_a_lapsed_delivery_comes_by_another_name_though_others_stored_something() -> None:
    stage = await group_scene(partition_count=1)
    await stage.record("mila")
    await stage.create(lease_ms=20)
    groups = stage.scene.store.groups
    working, interferes = groups.save, iter([True])

    async def save(group_id: str, changes: Any) -> Any:
        lapsing = any(
            entry.standing == Standing.WAITING for change in changes for entry in change.entries
        )
        if lapsing and next(interferes, False):
            groups._groups["billing"].touch(0)
        return await working(group_id, changes)

    groups.save = save  # type: ignore[method-assign]
    async with stage.consumer() as consumer:
        first, again = await consumer.take(2)
        assert (first.attempt, again.attempt) == (1, 2)
        assert first.delivery_id != again.delivery_id


async def test_a_drained_stream_ends_though_a_seek_took_what_it_had_out() -> None:
    stage = await group_scene()
    await stage.record("mila")
    await stage.create()
    # No credit for a second one, which may be handed out before the drain is heard.
    async with stage.consumer(deliveries=1) as consumer:
        await consumer.one()
        consumer.send(drain=ConsumeDrain())
        request = SeekGroupRequest(group_id="billing", target=BEGINNING, command_id=command())
        await stage.application.seek_group(BILLING, request)
        with pytest.raises(StreamEnded):
            await consumer.next()


async def test_a_drained_stream_ends_though_what_it_settled_was_lost() -> None:
    stage = await group_scene()
    await stage.record("mila")
    await stage.create(lease_ms=20)
    # No credit for a second one, which may be handed out before the drain is heard.
    async with stage.consumer(deliveries=1) as consumer:
        delivery = await consumer.one()
        consumer.send(drain=ConsumeDrain())
        with pytest.raises(StreamEnded):
            await consumer.next()
    assert delivery.attempt == 1


async def test_a_stream_that_was_replaced_elsewhere_leaves_the_new_one_alone() -> None:
    stage = await group_scene(partition_count=1, group_attend_ms=5_000)
    await stage.record("mila")
    await stage.record("noah")
    await stage.create()
    elsewhere = application_on(stage.scene.store, stage.scene.settings)
    async with stage.consumer(deliveries=1) as older:
        first = await older.one()
        newer = await Consuming(elsewhere, "one").__aenter__()
        await newer.take(2)
        result = await older.ack(first)
        assert [each.reason for each in result.failures] == [ERROR_REASON_LEASE_LOST]
        assert await newer.nothing()
        assert (await stage.stands()).stats.in_flight == 2
        await newer.cut()


async def test_a_consumer_ends_where_everything_ends_at_once() -> None:
    stage = await group_scene()
    await stage.create()
    before = asyncio.all_tasks()
    async with stage.consumer():
        # As at the end of a loop, in any order; the last one waits for nobody who has ended.
        begun = asyncio.all_tasks() - before
        for task in begun:
            task.cancel()
        _, held_out = await asyncio.wait(begun, timeout=10)
        assert not held_out


async def _left(stage: GroupScene, consumer: Consuming, *, drains: bool, breaks: bool) -> int:
    """The attempt of what comes again after a stream that had it out."""
    async with consumer:
        await consumer.one()
        if drains:
            consumer.send(drain=ConsumeDrain())
        if not breaks:
            consumer.end()
            with pytest.raises(StreamEnded):
                await consumer.next()
    async with stage.consumer("two") as other:
        return (await other.one()).attempt


@pytest.mark.parametrize(
    ("drains", "breaks", "attempt"), [(True, False, 1), (False, False, 2), (True, True, 2)]
)
async def test_what_a_consumer_leaves_on_purpose_is_no_attempt(
    drains: bool, breaks: bool, attempt: int
) -> None:
    stage = await group_scene()
    await stage.record("mila")
    await stage.create()
    assert await _left(stage, stage.consumer(), drains=drains, breaks=breaks) == attempt
