import asyncio
from typing import Any

import pytest

from journey.v1.groups_pb2 import NACK_ACTION_PARK, SeekGroupRequest
from journey.v1.reading_pb2 import EndPoint, EventFilter
from journey_service.application import group_backlog
from journey_service.application.group_backlog import Backlogs
from journey_service.domain.errors import EventUnreadable
from journey_service.store.memory.journal import MemoryJournal
from tests.application.consumers import (
    BEGINNING,
    BILLING,
    END,
    GroupScene,
    command,
    group_scene,
)
from tests.contract.sessions import command as key

# --- what a group has still to get ----------------------------------------------------------------

OTHERS = EventFilter(types=["cart.*"])


async def backlog(stage: GroupScene) -> tuple[int, bool]:
    """How much, and whether it is only known to be no more."""
    stats = (await stage.stands()).stats
    return stats.backlog, stats.backlog_at_most


async def test_what_a_filter_hides_is_not_in_the_backlog_though_nobody_consumes() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.create(filter=OTHERS)
    await stage.create(group_id="all")
    assert await backlog(stage) == (0, False)
    assert (await stage.stands("all")).stats.backlog == 2
    await stage.record("mila", 3)
    assert (await stage.stands("all")).stats.backlog == 5
    assert await backlog(stage) == (0, False)


async def test_what_is_settled_behind_a_gap_or_put_aside_is_not_in_the_backlog() -> None:
    stage = await group_scene()
    for subject_id in ("mila", "noah", "olga"):
        await stage.record(subject_id, 2)
    await stage.create()
    async with stage.consumer() as consumer:
        first, second, _ = await consumer.take(3)
        assert await backlog(stage) == (6, False)
        await consumer.nack(first, NACK_ACTION_PARK)
        await consumer.ack(second)
        next_one = await consumer.one()
        assert next_one.event.subject_id == second.event.subject_id
        stats = (await stage.stands()).stats
        assert (stats.backlog, stats.parked, stats.held, stats.in_flight) == (3, 1, 1, 2)


async def test_an_unsettled_event_before_the_place_is_in_the_backlog() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.create()
    async with stage.consumer() as consumer:
        await consumer.nack(await consumer.one(), NACK_ACTION_PARK)
        async with asyncio.timeout(5):
            while (await stage.stands()).stats.held != 1:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.01)
    assert await backlog(stage) == (0, False)
    parked = (await stage.scene.store.groups.parked("billing"))[0]
    place = (parked.partition, parked.entry.position)
    await stage.scene.store.groups.replay(key(), "billing", [place], lambda _: b"")
    assert await backlog(stage) == (2, False)


async def test_more_than_is_looked_at_is_told_as_at_most_so_much() -> None:
    stage = await group_scene(group_count_events=3)
    await stage.record("mila", 3)
    await stage.create(filter=OTHERS)
    assert await backlog(stage) == (0, False)
    await stage.record("mila", 1)
    assert await backlog(stage) == (4, True)
    request = SeekGroupRequest(
        group_id="billing", target=BEGINNING, dry_run=True, command_id=command()
    )
    counted = await stage.application.seek_group(BILLING, request)
    assert (counted.events, counted.at_most) == (4, True)


async def test_of_a_range_what_comes_again_and_what_is_new_is_the_backlog() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    second = (await stage.create(start=END, group_id="second")).checkpoint
    await stage.record("mila", 2)
    await stage.create(start=END)
    await stage.record("mila", 1)
    request = SeekGroupRequest(
        group_id="billing",
        target=BEGINNING,
        end=EndPoint(checkpoint=second),
        command_id=command(),
    )
    moved = await stage.application.seek_group(BILLING, request)
    assert (moved.events, moved.group.stats.backlog) == (2, 3)


async def test_a_group_that_was_moved_back_is_counted_from_there() -> None:
    stage = await group_scene()
    await stage.record("mila", 3)
    await stage.create(start=END)
    assert await backlog(stage) == (0, False)
    request = SeekGroupRequest(group_id="billing", target=BEGINNING, command_id=command())
    await stage.application.seek_group(BILLING, request)
    assert await backlog(stage) == (3, False)


async def test_an_event_that_cannot_be_read_leaves_the_backlog_uncounted() -> None:
    stage = await group_scene()
    await stage.create(filter=OTHERS)
    await stage.record("mila", 3)

    async def damaged(partition: int, **_: Any) -> Any:
        raise EventUnreadable(partition=partition, position=2)

    stage.scene.store.journal.read_partition = damaged  # type: ignore[method-assign]
    assert await backlog(stage) == (3, True)


# --- what is read for it --------------------------------------------------------------------------


async def test_each_event_is_read_once_however_often_it_is_asked() -> None:
    stage = await group_scene(partition_count=1)
    journal = stage.scene.store.journal
    read = _watched(journal)
    backlogs = Backlogs(journal, most_events=100)

    async def count(after: int, up_to: int, *done: int) -> int:
        return (await backlogs.count(EventFilter(), {0: ((after, up_to),)}, {0: done})).events

    await stage.record("mila", 6)
    assert await count(0, 4) == 4
    assert await count(1, 4, 3) == 2
    assert await count(1, 6) == 5
    assert await count(4, 5) == 1
    assert read == [(0, 4), (4, 6)]
    assert await count(2, 6) == 4
    assert read[2:] == [(2, 6)]


async def test_what_was_read_for_many_filters_is_forgotten_first_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_backlog, "MOST_STRETCHES", 1)
    stage = await group_scene(partition_count=1)
    journal = stage.scene.store.journal
    backlogs = Backlogs(journal, most_events=100)
    await stage.record("mila", 2)
    read = _watched(journal)
    for wanted, events in ((EventFilter(), 2), (OTHERS, 0), (EventFilter(), 2)):
        assert (await backlogs.count(wanted, {0: ((0, 2),)}, {})).events == events
    assert read == [(0, 2)] * 3


async def test_what_the_journal_does_not_show_yet_is_counted_when_it_does() -> None:
    stage = await group_scene(partition_count=1)
    await stage.record("mila", 2)
    backlogs = Backlogs(stage.scene.store.journal, most_events=100)
    for up_to in (3, 2):
        assert (await backlogs.count(EventFilter(), {0: ((0, up_to),)}, {})).events == 2
    await stage.record("mila", 1)
    assert (await backlogs.count(EventFilter(), {0: ((0, 3),)}, {})).events == 3


async def test_what_has_no_room_is_read_again_no_more_than_there_is_room_for() -> None:
    stage = await group_scene(partition_count=1, group_window_events=2)
    await stage.record("mila", 6)
    journal = stage.scene.store.journal
    working, again = journal.read_partition, list[int]()

    async def reading(partition: int, **named: Any) -> Any:
        # What lies ahead is read without an end.
        if "up_to_position" in named:
            again.append(named["limit"])
        return await working(partition, **named)

    await stage.create()
    journal.read_partition = reading  # type: ignore[method-assign]
    async with stage.consumer() as consumer:
        for version in range(1, 7):
            delivery = await consumer.one()
            assert delivery.event.version == version
            await consumer.ack(delivery)
    assert again
    assert max(again) <= 3


def _watched(journal: MemoryJournal) -> list[tuple[int, int]]:
    """The spans that are read from now on."""
    working, read = journal.read_partition, list[tuple[int, int]]()

    async def reading(partition: int, **named: Any) -> Any:
        read.append((named["after_position"], named["up_to_position"]))
        return await working(partition, **named)

    journal.read_partition = reading  # type: ignore[method-assign]
    return read
