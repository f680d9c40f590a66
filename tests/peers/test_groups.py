"""KurrentDB's cases of persistent subscriptions, as groups."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    NACK_ACTION_RETRY,
    Credit,
    DeleteGroupRequest,
    DiscardParkedRequest,
    Group,
    ListParkedRequest,
    PullRequest,
    UpdateGroupRequest,
)
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey_service.domain.errors import GroupNotFound, ReplayRunning
from tests.application.consumers import (
    BILLING,
    END,
    GroupScene,
    command,
    group_scene,
)
from tests.application.scene import added
from tests.peers.grouping import (
    ALONE,
    NOTHING,
    checkpoint,
    of_subjects,
    park_all,
    pulled,
    reaches,
    recorded,
    replay,
)


@pytest.fixture
async def stage() -> GroupScene:
    """One partition, so that a group's progress is one number."""
    return await group_scene(**ALONE)


# --- progress --------------------------------------------------------------------------


async def test_lowest_unsettled_bounds_checkpoint(stage: GroupScene) -> None:
    await recorded(stage, "a", "b", "c")
    await stage.create()
    async with stage.consumer() as consumer:
        first, *others = await consumer.take(3)
        await consumer.ack(*others)
        assert await checkpoint(stage) == 0
        await consumer.ack(first)
        assert await checkpoint(stage) == 3


async def test_retry_holds_checkpoint(stage: GroupScene) -> None:
    await recorded(stage, "a", "b")
    await stage.create()
    async with stage.consumer() as consumer:
        first, second = await consumer.take(2)
        await consumer.nack(first, NACK_ACTION_RETRY, delay_ms=60_000)
        await consumer.ack(second)
        assert await checkpoint(stage) == 0


async def test_parked_releases_checkpoint(stage: GroupScene) -> None:
    await recorded(stage, "a", "b")
    await stage.create()
    async with stage.consumer() as consumer:
        first, second = await consumer.take(2)
        await consumer.ack(second)
        await consumer.nack(first, NACK_ACTION_PARK)
        assert await checkpoint(stage) == 2


async def test_first_event_can_be_checkpoint(stage: GroupScene) -> None:
    await recorded(stage, "a", "b")
    await stage.create()
    async with stage.consumer() as consumer:
        first, _ = await consumer.take(2)
        await consumer.ack(first)
        assert await checkpoint(stage) == 1


@pytest.mark.parametrize(
    ("events", "after_ms"), [(2, 60_000), (1_000, 1)], ids=["on count", "on time"]
)
async def test_filtered_events_move_checkpoint_on_count_and_on_time(
    events: int, after_ms: int
) -> None:
    intervals = {"group_checkpoint_events": events, "group_checkpoint_ms": after_ms}
    stage = await group_scene(**ALONE, **intervals)
    await recorded(stage, "a", "b")
    await stage.create(filter=NOTHING)
    async with stage.consumer():
        await reaches(stage, 2)


async def test_filtered_events_wait_for_outstanding(stage: GroupScene) -> None:
    await stage.create(filter=EventFilter(types=["media.*"]))
    await recorded(stage, "a")
    async with stage.consumer() as consumer:
        wanted = await consumer.one()
        device = await stage.scene.device("b")
        await device.record(added("sku"))
        head = (await stage.scene.store.journal.heads())[0]
        assert await consumer.nothing()
        assert await checkpoint(stage) == 0
        await consumer.ack(wanted)
        await reaches(stage, head)


async def test_checkpoint_written_with_nobody_connected() -> None:
    stage = await group_scene(**ALONE, group_checkpoint_ms=60_000)
    await recorded(stage, "a", "b")
    await stage.create(filter=NOTHING)
    assert await pulled(stage, 10) == []
    assert await checkpoint(stage) == 2


async def test_a_full_window_of_one_subject_holds_no_other() -> None:
    stage = await group_scene(**ALONE, group_window_events=3, group_attend_ms=5_000)
    await stage.record("busy", 6)
    await recorded(stage, "idle")
    await stage.create(min_backoff_ms=40, max_backoff_ms=40)
    async with stage.consumer() as consumer:
        first = await consumer.one()
        assert first.event.subject_id == "busy"
        await consumer.nack(first, NACK_ACTION_RETRY)
        idle = await consumer.one()
        assert idle.event.subject_id == "idle"
        await consumer.ack(idle)
        for version in range(1, 7):
            delivery = await consumer.one()
            assert delivery.event.version == version
            await consumer.ack(delivery)
        await reaches(stage, 7)


async def test_a_full_gap_is_taken_over_and_drains() -> None:
    stage = await group_scene(**ALONE, group_gap_events=3, group_attend_ms=5_000)
    await recorded(stage, *"abcde")
    await stage.create()
    async with stage.consumer() as consumer:
        _, *others = await consumer.take(3)
        await consumer.ack(*others)
    async with stage.consumer("heir") as heir:
        for name in "ade":
            delivery = await heir.one()
            assert delivery.event.subject_id == name
            await heir.ack(delivery)
        await reaches(stage, 5)


async def test_window_overflow_then_drain_keeps_checkpoint() -> None:
    stage = await group_scene(
        **ALONE, group_window_events=2, group_gap_events=4, group_attend_ms=5_000
    )
    await stage.create()
    async with stage.consumer() as consumer:
        await recorded(stage, "stuck")
        stuck = await consumer.one()
        for number in range(3):
            await recorded(stage, f"s{number}")
            await consumer.ack(await consumer.one())
        await recorded(stage, *"abcdefgh")
        assert await consumer.nothing()
        assert await checkpoint(stage) == 0
        await consumer.ack(stuck)
        for name in "abcdefgh":
            delivery = await consumer.one()
            assert delivery.event.subject_id == name
            await consumer.ack(delivery)
        await reaches(stage, 12)


# --- attempts --------------------------------------------------------------------------


async def test_timeout_redelivers(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create(lease_ms=20)
    async with stage.consumer() as consumer:
        first, again = await consumer.take(2)
        assert (first.attempt, again.attempt) == (1, 2)
        assert again.event == first.event


async def test_settled_before_timeout_stays_settled(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create(lease_ms=30_000)
    async with stage.consumer() as consumer:
        await consumer.ack(await consumer.one())
        stage.scene.pass_by(31_000)
        assert await consumer.nothing()
    assert (await stage.stands()).stats.backlog == 0


async def test_tries_exhausted_parks(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create(max_attempts=3, min_backoff_ms=1, max_backoff_ms=1)
    async with stage.consumer() as consumer:
        for _ in range(3):
            await consumer.nack(await consumer.one(), NACK_ACTION_RETRY, "no stock")
        assert await consumer.nothing()
    request = ListParkedRequest(group_id="billing")
    (parked,) = (await stage.application.list_parked(BILLING, request)).parked
    assert (parked.attempts, parked.reason) == (3, "no stock")


async def test_park_frees_slot(stage: GroupScene) -> None:
    await stage.create()
    await recorded(stage, "a", "b")
    async with stage.consumer(deliveries=1) as consumer:
        await consumer.nack(await consumer.one(), NACK_ACTION_PARK)
        assert (await stage.stands()).stats.in_flight == 0
        consumer.send(credit=Credit(deliveries=1, bytes=1))
        assert (await consumer.one()).event.subject_id == "b"


async def test_retry_keeps_slot_count(stage: GroupScene) -> None:
    await stage.create(min_backoff_ms=1, max_backoff_ms=1)
    await recorded(stage, "a", "b", "c")
    async with stage.consumer(deliveries=2) as consumer:
        first, _ = await consumer.take(2)
        await consumer.nack(first, NACK_ACTION_RETRY)
        assert await consumer.nothing()
        consumer.send(credit=Credit(deliveries=1, bytes=1))
        again = await consumer.one()
        assert (again.event.subject_id, again.attempt) == ("a", 2)
        assert (await stage.stands()).stats.in_flight == 2


async def test_disconnect_returns_in_flight_at_once(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create(lease_ms=60_000)
    async with stage.consumer() as consumer:
        await consumer.one()
    assert (await stage.stands()).stats.in_flight == 0
    async with stage.consumer("other") as other:
        assert (await other.one()).attempt == 2


async def test_settle_while_reading_no_deadlock(stage: GroupScene) -> None:
    await stage.create()
    async with stage.consumer() as consumer, asyncio.TaskGroup() as tasks:
        tasks.create_task(recorded(stage, *(f"s{number}" for number in range(50))))
        for _ in range(50):
            await consumer.ack(await consumer.one())
    assert await checkpoint(stage) == 50


# --- pulling ---------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "given"), [(2, 2), (3, 3), (9, 3)])
async def test_pull_less_equal_more_than_available(
    stage: GroupScene, most: int, given: int
) -> None:
    await recorded(stage, "a", "b", "c")
    await stage.create()
    assert len(await pulled(stage, most)) == given


async def test_pull_before_ready(stage: GroupScene) -> None:
    await stage.create()
    assert await pulled(stage, 1) == []
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(pulled(stage, 1, wait_ms=5_000))
        await asyncio.sleep(0)
        await recorded(stage, "a")
    assert of_subjects(waiting.result()) == ["a"]


# --- parked ----------------------------------------------------------------------------


async def test_replay_parked_up_to_limit(stage: GroupScene) -> None:
    await recorded(stage, "a", "b", "c")
    await stage.create()
    async with stage.consumer() as consumer:
        await park_all(stage, consumer, 3)
        answer = await stage.application.replay_parked(BILLING, replay(limit=2))
        assert (answer.matched, answer.replayed, answer.remaining) == (3, 2, 1)
        assert of_subjects(await consumer.take(2)) == ["a", "b"]
        assert await consumer.nothing()


async def test_replay_empty_then_again(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create()
    assert (await stage.application.replay_parked(BILLING, replay())).replayed == 0
    async with stage.consumer() as consumer:
        await park_all(stage, consumer, 1)
        assert (await stage.application.replay_parked(BILLING, replay())).replayed == 1
        await consumer.ack(await consumer.one())


async def test_second_replay_refused(stage: GroupScene) -> None:
    await recorded(stage, "a")
    await stage.create()
    async with stage.consumer() as consumer:
        await park_all(stage, consumer, 1)
        await stage.application.replay_parked(BILLING, replay())
        with pytest.raises(ReplayRunning):
            await stage.application.replay_parked(BILLING, replay())
        await consumer.ack(await consumer.one())
        await stage.application.replay_parked(BILLING, replay())


async def test_discard_while_replaying_refused(stage: GroupScene) -> None:
    await recorded(stage, "a", "b")
    await stage.create()
    async with stage.consumer() as consumer:
        await park_all(stage, consumer, 2)
        await stage.application.replay_parked(BILLING, replay(limit=1))
        request = DiscardParkedRequest(group_id="billing", reason="old", command_id=command())
        with pytest.raises(ReplayRunning):
            await stage.application.discard_parked(BILLING, request)
        await consumer.ack(await consumer.one())
        assert (await stage.application.discard_parked(BILLING, request)).discarded == 1


# --- groups ----------------------------------------------------------------------------


async def test_update_keeps_filter(stage: GroupScene) -> None:
    await stage.create(filter=NOTHING)
    request = UpdateGroupRequest(
        group=Group(group_id="billing", max_attempts=2),
        update_mask=FieldMask(paths=["max_attempts"]),
    )
    assert (await stage.application.update_group(BILLING, request)).group.filter == NOTHING
    await recorded(stage, "a")
    async with stage.consumer() as consumer:
        assert await consumer.nothing()


async def test_delete_removes_checkpoint_and_parked(stage: GroupScene) -> None:
    await recorded(stage, "a", "b")
    await stage.create()
    async with stage.consumer() as consumer:
        await park_all(stage, consumer, 1)
        request = DeleteGroupRequest(group_id="billing", etag="1", force=True)
        await stage.application.delete_group(BILLING, request)
        with pytest.raises(GroupNotFound):
            await consumer.frame("going_away")
    await stage.create()
    stats = (await stage.stands()).stats
    assert (stats.parked, stats.backlog, await checkpoint(stage)) == (0, 2, 0)


async def test_no_checkpoint_starts_where_asked(stage: GroupScene) -> None:
    await recorded(stage, "a", "b")
    middle = (await stage.create(start=END)).checkpoint
    await recorded(stage, "c")
    starts = [
        (StartPoint(beginning=True), ["a", "b", "c"]),
        (END, []),
        (StartPoint(checkpoint=middle), ["c"]),
        (StartPoint(recorded_ms=1), ["a", "b", "c"]),
    ]
    for number, (start, expected) in enumerate(starts):
        name = f"g{number}"
        await stage.create(start=start, group_id=name)
        request = PullRequest(group_id=name, consumer_id="one", max_deliveries=9)
        found = (await stage.application.pull(BILLING, request)).deliveries
        assert of_subjects(found) == expected
