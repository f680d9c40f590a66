import asyncio

import pytest

from journey.v1.groups_pb2 import NACK_ACTION_PARK, DiscardParkedRequest, SeekGroupRequest
from journey.v1.reading_pb2 import EndPoint, StartPoint
from journey_service.domain.errors import FieldViolations
from tests.application.consumers import BEGINNING, BILLING, END, GroupScene, command, group_scene

# --- a range comes once more ----------------------------------------------------------------------


async def replay(
    stage: GroupScene, target: StartPoint = BEGINNING, end: str = "", **options: bool
) -> int:
    """Deliver what lies behind the target, up to the end, once more; returns how many that is."""
    until = EndPoint(checkpoint=end) if end else EndPoint()
    request = SeekGroupRequest(
        group_id="billing", target=target, end=until, command_id=command(), **options
    )
    return (await stage.application.seek_group(BILLING, request)).events


async def after(stage: GroupScene, events: int) -> str:
    """The place of a group that has seen so many events of mila."""
    await stage.record("mila", events)
    made = await stage.create(start=END, group_id=f"after{events}")
    return made.checkpoint


async def versions(stage: GroupScene, count: int) -> list[tuple[int, bool]]:
    """The next deliveries, acknowledged: version, and whether it is replayed; then no more."""
    came = []
    async with stage.consumer() as consumer:
        for _ in range(count):
            delivery = await consumer.one()
            came.append((delivery.event.version, delivery.replayed))
            await consumer.ack(delivery)
        assert await consumer.nothing()
    return came


async def settled(stage: GroupScene, count: int) -> None:
    """The group exists, and so many events of mila are settled."""
    await stage.create()
    assert await versions(stage, count) == [(each, False) for each in range(1, count + 1)]


async def test_a_range_comes_again_marked_and_then_the_group_goes_on_where_it_stood() -> None:
    stage = await group_scene()
    first, third = await after(stage, 1), await after(stage, 2)
    await stage.record("mila", 3)
    await settled(stage, 6)
    assert await replay(stage, StartPoint(checkpoint=first), third) == 2
    await stage.record("mila")
    assert await versions(stage, 3) == [(2, True), (3, True), (7, False)]
    assert (await stage.stands()).stats.backlog == 0


async def test_a_dry_replay_counts_the_range_and_moves_nothing() -> None:
    stage = await group_scene()
    third = await after(stage, 3)
    await stage.record("mila", 2)
    await settled(stage, 5)
    before = await stage.stands()
    assert await replay(stage, end=third, dry_run=True) == 3
    assert (await stage.stands()).checkpoint == before.checkpoint
    assert await replay(stage, dry_run=True) == 5
    assert await replay(stage, StartPoint(checkpoint=third), third, dry_run=True) == 0


async def test_a_range_that_the_group_has_not_reached_skips_nothing_before_it() -> None:
    stage = await group_scene()
    second, third = await after(stage, 2), await after(stage, 1)
    await settled(stage, 3)
    await stage.record("mila", 1)
    assert await replay(stage, StartPoint(checkpoint=second), third) == 1
    assert await versions(stage, 2) == [(3, True), (4, False)]


async def test_a_replay_to_the_newest_event_ends_there() -> None:
    stage = await group_scene()
    second = await after(stage, 2)
    await stage.record("mila", 1)
    await settled(stage, 3)
    assert await replay(stage, StartPoint(checkpoint=second)) == 1
    await stage.record("mila", 1)
    assert await versions(stage, 2) == [(3, True), (4, False)]


async def test_a_later_range_takes_the_place_of_what_is_left_of_the_first() -> None:
    stage = await group_scene()
    first, third = await after(stage, 1), await after(stage, 2)
    await settled(stage, 3)
    assert await replay(stage, end=third) == 3
    assert await replay(stage, end=first) == 1
    assert await versions(stage, 1) == [(1, True)]


async def test_a_range_that_is_empty_or_turned_round_leaves_what_still_comes_of_another() -> None:
    stage = await group_scene()
    first, third = await after(stage, 1), await after(stage, 2)
    await settled(stage, 3)
    assert await replay(stage, end=third) == 3
    assert await replay(stage, StartPoint(checkpoint=third), third) == 0
    with pytest.raises(FieldViolations, match="end: not before the target"):
        await replay(stage, StartPoint(checkpoint=third), first)
    turned = SeekGroupRequest(
        group_id="billing",
        target=StartPoint(recorded_ms=2_000),
        end=EndPoint(recorded_ms=1_000),
        command_id=command(),
    )
    with pytest.raises(FieldViolations, match="end: not before the target"):
        await stage.application.seek_group(BILLING, turned)
    assert await versions(stage, 3) == [(1, True), (2, True), (3, True)]


async def test_what_is_parked_or_waits_is_not_lost_by_a_range() -> None:
    stage = await group_scene()
    await stage.record("mila", 1)
    await stage.record("noah", 2)
    await stage.create()
    second = (await stage.create(start=END, group_id="marker")).checkpoint
    async with stage.consumer() as consumer:
        _, noah = sorted(await consumer.take(2), key=lambda each: each.event.subject_id)
        await consumer.nack(noah, NACK_ACTION_PARK)
    assert await replay(stage, end=second) == 3
    async with stage.consumer("two") as consumer:
        again = await consumer.one()
        assert (again.event.subject_id, again.attempt, again.replayed) == ("mila", 2, True)
        await consumer.ack(again)
        assert await consumer.nothing()
    stats = (await stage.stands()).stats
    assert (stats.parked, stats.held) == (1, 1)
    assert await replay(stage, end=second, discard_parked=True) == 3
    async with stage.consumer("three") as consumer, asyncio.timeout(5):
        came: dict[tuple[str, int], bool] = {}
        while len(came) < 3:
            delivery = await consumer.one()
            came[delivery.event.subject_id, delivery.event.version] = delivery.replayed
            await consumer.ack(delivery)
    assert came == {("mila", 1): True, ("noah", 1): True, ("noah", 2): False}
    assert (await stage.stands()).stats.parked == 0


async def test_a_discarded_event_comes_again_only_to_a_replay_that_asks_for_its_place() -> None:
    stage = await group_scene()
    await stage.create()
    first = await after(stage, 1)
    await stage.record("mila")
    async with stage.consumer() as consumer:
        await consumer.nack(await consumer.one(), NACK_ACTION_PARK)
    drop = DiscardParkedRequest(group_id="billing", reason="a trial", command_id=command())
    assert (await stage.application.discard_parked(BILLING, drop)).discarded == 1
    assert await versions(stage, 1) == [(2, False)]
    assert await replay(stage, StartPoint(checkpoint=first)) == 1
    assert await versions(stage, 1) == [(2, True)]
    assert await replay(stage, end=first) == 1
    assert await versions(stage, 1) == [(1, True)]
