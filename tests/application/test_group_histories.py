"""Consumers that do everything at once, by chance: whatever happens, no event is forgotten."""

import asyncio
from collections import defaultdict
from random import Random

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    NACK_ACTION_RETRY,
    NACK_ACTION_SKIP,
    Credit,
    Delivery,
    Group,
    GroupStats,
    ReplayParkedRequest,
    UpdateGroupRequest,
)
from journey_service.domain.errors import ReplayRunning
from tests.application.consumers import BILLING, Consuming, GroupScene, command, group_scene

SUBJECTS = [f"s{number}" for number in range(8)]
EVENTS_OF_EACH = 8
CONSUMERS = 3
QUIET = {"partition_count": 3, "group_window_events": 4, "group_gap_events": 40}
Place = tuple[int, int]


class History:
    """What was delivered and said, by place (partition, position)."""

    def __init__(self, stage: GroupScene, chance: Random) -> None:
        self.stage = stage
        self.chance = chance
        self.first: defaultdict[str, list[int]] = defaultdict(list)
        self.sent: set[Place] = set()
        self.counted: defaultdict[Place, list[str]] = defaultdict(list)
        self.seen: set[Place] = set()
        self.names: list[str] = []
        self.is_calm = False

    def note(self, delivery: Delivery) -> Place:
        place = (delivery.event.partition, delivery.event.position)
        self.names.append(delivery.delivery_id)
        if place not in self.seen:
            self.seen.add(place)
            self.first[delivery.event.subject_id].append(delivery.event.version)
        return place

    async def consume(self, name: str) -> None:
        """Come, work, and go, again and again."""
        while True:
            async with self.stage.consumer(name, deliveries=4, bytes=1 << 30) as consumer:
                for _ in range(self.chance.randrange(3, 12)):
                    if not await self.work(consumer):
                        break

    async def work(self, consumer: Consuming) -> bool:
        """Take one and say something, or nothing; False = the connection breaks."""
        delivery = await self.patiently(consumer)
        if delivery is None:
            return self.chance.random() < 0.9
        place = self.note(delivery)
        act = (
            "ack"
            if self.is_calm
            else self.chance.choices(
                ["ack", "skip", "retry", "park", "nothing", "break"], [60, 5, 15, 8, 6, 6]
            )[0]
        )
        if act in ("nothing", "break"):
            return act == "nothing"
        await self.say(consumer, delivery, place, act)
        return True

    async def patiently(self, consumer: Consuming) -> Delivery | None:
        try:
            async with asyncio.timeout(0.05):
                return await consumer.one()
        except TimeoutError:
            return None

    async def say(self, consumer: Consuming, delivery: Delivery, place: Place, act: str) -> None:
        consumer.send(credit=Credit(deliveries=1, bytes=1))
        if act in ("ack", "skip"):
            self.sent.add(place)
        if act == "ack":
            result = await consumer.ack(delivery)
        elif act == "skip":
            result = await consumer.nack(delivery, NACK_ACTION_SKIP)
        else:
            action = NACK_ACTION_RETRY if act == "retry" else NACK_ACTION_PARK
            result = await consumer.nack(delivery, action, "by chance")
        if act in ("ack", "skip"):
            self.counted[place] += result.settled_ids
        assert len(result.settled_ids) + len(result.failures) == 1

    def look(self) -> None:
        """Nothing up to the checkpoint is forgotten: it was settled, or the store knows of it."""
        kept = self.stage.scene.store.groups._groups["billing"]
        for partition, progress in kept.progress.items():
            known = {(partition, position) for position in kept.entries[partition]}
            passed = {(partition, each + 1) for each in range(progress.checkpoint)}
            assert passed <= self.sent | known


async def _replaying(history: History) -> None:
    while True:
        await asyncio.sleep(0.02)
        history.look()
        request = ReplayParkedRequest(group_id="billing", limit=3, command_id=command())
        try:
            await history.stage.application.replay_parked(BILLING, request)
        except ReplayRunning:
            continue


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_event_is_forgotten_and_first_deliveries_are_in_order(seed: int) -> None:
    stage = await group_scene(**QUIET)
    history = History(stage, Random(seed))
    await stage.create(lease_ms=30, max_attempts=3, min_backoff_ms=1, max_backoff_ms=4)
    async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
        working = [
            tasks.create_task(history.consume(f"consumer-{number}")) for number in range(CONSUMERS)
        ]
        working.append(tasks.create_task(_replaying(history)))
        for _ in range(EVENTS_OF_EACH):
            for subject_id in SUBJECTS:
                await stage.record(subject_id)
            await asyncio.sleep(0.02)
        history.is_calm = True
        # Where a busy machine takes longer to answer than a lease lasts, nothing would ever settle.
        patient = Group(group_id="billing", lease_ms=1_000)
        changed = UpdateGroupRequest(group=patient, update_mask=FieldMask(paths=["lease_ms"]))
        await stage.application.update_group(BILLING, changed)
        while not _is_settled((await stage.stands()).stats):  # noqa: ASYNC110  no event tells
            await asyncio.sleep(0.02)
        for task in working:
            task.cancel()
    history.look()
    everything = [*range(1, EVENTS_OF_EACH + 1)]
    assert dict(history.first) == dict.fromkeys(SUBJECTS, everything)
    assert len({*history.names}) == len(history.names)
    assert [names for names in history.counted.values() if len(names) > 1] == []


def _is_settled(stats: GroupStats) -> bool:
    return not (stats.backlog or stats.parked or stats.held or stats.in_flight)
