"""What the cases of groups have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    Delivery,
    PullRequest,
    ReplayParkedRequest,
)
from journey.v1.reading_pb2 import EventFilter
from tests.application.consumers import (
    BILLING,
    Consuming,
    GroupScene,
    command,
)

NOTHING = EventFilter(types=["cart.*"])
ALONE = {"partition_count": 1}


async def checkpoint(stage: GroupScene, partition: int = 0) -> int:
    figures = await stage.scene.store.groups.figures("billing")
    assert figures is not None
    return figures.checkpoints[partition]


async def reaches(stage: GroupScene, position: int) -> None:
    """Until the stored checkpoint is there."""
    async with asyncio.timeout(5):
        while await checkpoint(stage) < position:  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0.002)
    assert await checkpoint(stage) == position


async def recorded(stage: GroupScene, *subjects: str) -> None:
    for subject_id in subjects:
        await stage.record(subject_id)


async def pulled(stage: GroupScene, most: int, **about: int) -> list[Delivery]:
    request = PullRequest(group_id="billing", consumer_id="cron", max_deliveries=most, **about)
    return [*(await stage.application.pull(BILLING, request)).deliveries]


def of_subjects(deliveries: Sequence[Delivery]) -> list[str]:
    return sorted(delivery.event.subject_id for delivery in deliveries)


async def park_all(stage: GroupScene, consumer: Consuming, count: int) -> None:
    for delivery in await consumer.take(count):
        await consumer.nack(delivery, NACK_ACTION_PARK, "cannot")


def replay(**about: int) -> ReplayParkedRequest:
    return ReplayParkedRequest(group_id="billing", command_id=command(), **about)  # type: ignore[arg-type]
