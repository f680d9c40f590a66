"""Groups where something breaks: nothing is lost, nothing is silent."""

import asyncio
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_LEASE_LOST
from journey.v1.groups_pb2 import NACK_ACTION_PARK, Credit, PullRequest, Settlement, SettleRequest
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_AUTH_EXPIRING,
    GOING_AWAY_REASON_DRAINING,
    GOING_AWAY_REASON_ROTATION,
)
from journey_service.domain.errors import (
    Bug,
    Draining,
    EventUnreadable,
    OutcomeUnknown,
    StorageUnavailable,
)
from journey_service.domain.groups import Standing
from journey_service.domain.identity import Principal
from journey_service.group_metrics import GroupMetrics
from journey_service.observability import Metrics, set_up
from tests.application.consumers import BILLING, GroupScene, StreamEnded, group_scene
from tests.contract.acts import until


class Watching:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.lag_events = 0

    def stands(self, group_id: str, *, lag_events: int) -> None:
        self.lag_events = lag_events

    def lapsed(self, group_id: str) -> None:
        self.told.append("lapsed")

    def parked(self, group_id: str, events: int) -> None:
        self.told += ["parked"] * events

    def park_failed(self, group_id: str, error: Exception) -> None:
        self.told.append("park failed")

    def stopped(self, group_id: str, partition: int, error: Exception) -> None:
        self.told.append("stopped")

    def failed(self, group_id: str, error: Exception) -> None:
        self.told.append("failed")


def watched(stage: GroupScene) -> Watching:
    """Who is told of the groups of a stage from now on."""
    desks = stage.application._context.desks
    watching, old = Watching(), desks._supplies
    desks._supplies = replace(old, watch=watching)
    return watching


def broken(stage: GroupScene, name: str, *errors: Exception | None) -> None:
    """Let the next calls of a store's method fail as told; None = let this one through."""
    groups = stage.scene.store.groups
    working = getattr(groups, name)
    waiting = [*errors]

    async def call(*args: Any, **named: Any) -> Any:
        error = waiting.pop(0) if waiting else None
        if error is not None:
            raise error
        return await working(*args, **named)

    setattr(groups, name, call)


async def test_deliveries_and_settlements_outlast_a_store_that_is_away() -> None:
    stage = await group_scene()
    await stage.record("mila", 3)
    await stage.create()
    async with stage.consumer() as consumer:
        first = await consumer.one()
        broken(stage, "save", StorageUnavailable(), StorageUnavailable())
        broken(stage, "attend", StorageUnavailable())
        assert (await consumer.ack(first)).settled_ids == [first.delivery_id]
        second = await consumer.one()
        assert (second.event.version, second.attempt) == (2, 1)


async def test_a_delivery_whose_storing_is_unknown_is_sent_once_as_the_first_attempt() -> None:
    stage = await group_scene()
    await stage.create()
    groups = stage.scene.store.groups
    working, lost = groups.save, iter([True])

    async def save(group_id: str, changes: Any) -> Any:
        kept = await working(group_id, changes)
        if next(lost, False):
            raise OutcomeUnknown
        return kept

    async with stage.consumer(deliveries=1) as consumer:
        await consumer.frame("assignment")
        groups.save = save  # type: ignore[method-assign]
        await stage.record("mila")
        delivery = await consumer.one()
        assert delivery.attempt == 1
        assert (await consumer.ack(delivery)).settled_ids == [delivery.delivery_id]


async def test_a_call_that_settles_is_told_that_the_store_is_away() -> None:
    stage = await group_scene()
    await stage.record("mila")
    await stage.create()
    pull = PullRequest(group_id="billing", consumer_id="cron", max_deliveries=1)
    (delivery,) = (await stage.application.pull(BILLING, pull)).deliveries
    broken(stage, "save", StorageUnavailable())
    settlement = Settlement(ack_ids=[delivery.delivery_id])
    request = SettleRequest(group_id="billing", settlement=settlement)
    with pytest.raises(StorageUnavailable):
        await stage.application.settle(BILLING, request)
    assert (await stage.application.settle(BILLING, request)).result.settled_ids


async def test_a_pull_is_told_that_the_store_is_away() -> None:
    stage = await group_scene()
    await stage.create()
    broken(stage, "attend", StorageUnavailable())
    pull = PullRequest(group_id="billing", consumer_id="cron", max_deliveries=1)
    with pytest.raises(StorageUnavailable):
        await stage.application.pull(BILLING, pull)


async def test_a_park_that_cannot_be_stored_is_loud_and_holds_its_subject() -> None:
    stage = await group_scene()
    told = watched(stage).told
    await stage.record("mila", 2)
    await stage.create()
    groups = stage.scene.store.groups
    working, is_broken = groups.save, True

    async def save(group_id: str, changes: Any) -> Any:
        parking = any(
            entry.standing == Standing.PARKED for change in changes for entry in change.entries
        )
        if parking and is_broken:
            raise StorageUnavailable
        return await working(group_id, changes)

    groups.save = save  # type: ignore[method-assign]
    async with stage.consumer() as consumer:
        delivery = await consumer.one()
        parking = asyncio.create_task(consumer.nack(delivery, NACK_ACTION_PARK))
        await until(lambda: told.count("park failed") >= 2)
        assert not parking.done()
        assert (await stage.stands()).stats.parked == 0
        is_broken = False
        assert (await parking).settled_ids == [delivery.delivery_id]
        stats = (await stage.stands()).stats
        assert (stats.parked, stats.held) == (1, 1)
        assert told[-1] == "parked"


async def test_a_fault_of_the_service_ends_the_streams_and_not_the_group() -> None:
    stage = await group_scene()
    told = watched(stage).told
    await stage.record("mila")
    await stage.create()
    broken(stage, "load", ValueError("a fault"))
    async with stage.consumer() as consumer:
        with pytest.raises(Bug):
            await consumer.one()
    assert told == ["failed"]
    async with stage.consumer() as consumer:
        await consumer.one()


async def test_a_partition_stops_at_a_damaged_event_and_others_flow() -> None:
    stage = await group_scene(partition_count=1)
    told = watched(stage).told
    journal = stage.scene.store.journal
    for name in ("a", "b", "c"):
        await stage.record(name)
    working = journal.read_partition

    async def read(partition: int, **named: Any) -> Any:
        page = await working(partition, **named)
        if any(event.position == 2 for event in page):
            raise EventUnreadable(partition=partition, position=2)
        return page

    journal.read_partition = read  # type: ignore[method-assign]
    await stage.create()
    async with stage.consumer() as consumer:
        assert (await consumer.one()).event.subject_id == "a"
        await until(lambda: "stopped" in told)
        assert await consumer.nothing()
    assert set(told) == {"stopped"}


async def test_a_damaged_event_that_comes_again_stops_its_partition() -> None:
    stage = await group_scene(partition_count=1)
    told = watched(stage).told
    await stage.record("a")
    await stage.create(lease_ms=20)
    journal = stage.scene.store.journal
    async with stage.consumer() as consumer:
        await consumer.one()

        async def read(partition: int, **_: Any) -> Any:
            raise EventUnreadable(partition=partition, position=1)

        journal.read_partition = read  # type: ignore[method-assign]
        await until(lambda: {"lapsed", "stopped"} <= {*told})
        assert await consumer.nothing()


async def test_a_silent_consumer_gives_way_and_comes_back_when_it_speaks() -> None:
    stage = await group_scene(partition_count=1)
    await stage.record("mila")
    await stage.create(lease_ms=30_000)
    async with stage.consumer("silent") as silent:
        first = await silent.one()
        async with stage.consumer("other") as other:
            await other.frame("assignment")
            stage.scene.pass_by(31_000)
            again = await other.one()
            assert (again.attempt, again.event) == (2, first.event)
            await silent.frame("assignment")
            assert silent.assigned == []
            late = await silent.ack(first)
            assert [one.reason for one in late.failures] == [ERROR_REASON_LEASE_LOST]
            await other.ack(again)
            await other.cut()
        await silent.frame("assignment")
        assert silent.assigned == [0]


async def test_an_erased_event_is_not_delivered() -> None:
    stage = await group_scene(partition_count=1)
    await stage.record("mila")
    await stage.record("noah")
    journal = stage.scene.store.journal
    working = journal.read_partition

    async def read(partition: int, **named: Any) -> Any:
        page = await working(partition, **named)
        for event in page:
            event.redacted = event.subject_id == "mila"
        return page

    journal.read_partition = read  # type: ignore[method-assign]
    await stage.create()
    async with stage.consumer() as consumer:
        delivery = await consumer.one()
        assert delivery.event.subject_id == "noah"
        await consumer.ack(delivery)
    assert (await stage.stands()).stats.backlog == 0


async def test_what_was_erased_while_it_waited_counts_as_settled() -> None:
    stage = await group_scene(partition_count=1)
    await stage.record("mila", 2)
    await stage.create(lease_ms=20)
    journal = stage.scene.store.journal
    working = journal.read_partition
    async with stage.consumer() as consumer:
        await consumer.one()

        async def read(partition: int, **named: Any) -> Any:
            alone = named.get("up_to_position") == 1
            return [] if alone else await working(partition, **named)

        journal.read_partition = read  # type: ignore[method-assign]
        assert (await consumer.one()).event.version == 2


# --- planned ends ---------------------------------------------------------------------------------


async def test_a_draining_process_says_good_bye_and_takes_nobody() -> None:
    stage = await group_scene()
    await stage.record("mila")
    await stage.create()
    async with stage.consumer() as consumer:
        delivery = await consumer.one()
        stage.application.drain()
        frame = await consumer.frame("going_away")
        assert frame.going_away.reason == GOING_AWAY_REASON_DRAINING
        with pytest.raises(StreamEnded):
            await consumer.next()
        settlement = Settlement(ack_ids=[delivery.delivery_id])
        request = SettleRequest(group_id="billing", settlement=settlement)
        await stage.application.settle(BILLING, request)
    with pytest.raises(Draining):
        async with stage.consumer() as late:
            await late.next()


async def test_a_stream_ends_when_its_time_is_over() -> None:
    stage = await group_scene(stream_life_ms=1_000)
    await stage.create()
    async with stage.consumer() as consumer:
        frame = await consumer.frame("going_away")
        assert frame.going_away.reason == GOING_AWAY_REASON_ROTATION


async def test_a_stream_ends_before_its_credential() -> None:
    stage = await group_scene()
    await stage.create()
    soon = stage.application.now_ms() + stage.scene.settings.auth_warning_ms + 50
    caller = Principal(BILLING.role, "billing", expires_at_ms=soon, scopes=BILLING.scopes)
    async with stage.consumer(principal=caller) as consumer:
        frame = await consumer.frame("going_away")
        assert frame.going_away.reason == GOING_AWAY_REASON_AUTH_EXPIRING


async def test_a_silent_stream_has_heartbeats() -> None:
    stage = await group_scene(heartbeat_ms=20)
    await stage.create()
    for name in ("a", "b"):
        await stage.record(name)
    async with stage.consumer(deliveries=1) as consumer:
        await consumer.one()
        beat = (await consumer.frame("heartbeat")).heartbeat
        assert beat.lag_events == 1
        consumer.send(credit=Credit(deliveries=1, bytes=1))
        await consumer.one()


async def test_heartbeats_come_also_where_the_desk_looks_round_more_often() -> None:
    stage = await group_scene(heartbeat_ms=100, group_attend_ms=10)
    await stage.create()
    async with stage.consumer() as consumer:
        await consumer.frame("assignment")
        for _ in range(3):
            assert (await consumer.next()).HasField("heartbeat")


async def test_what_was_settled_before_the_end_is_answered() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.create()
    async with stage.consumer() as consumer:
        first = await consumer.one()
        consumer.send(settlement=Settlement(ack_ids=[first.delivery_id]))
        consumer.end()
        result = (await consumer.frame("result")).result
        assert result.settled_ids == [first.delivery_id]
        with pytest.raises(StreamEnded):
            await consumer.frame("going_away")


# --- what operators see ---------------------------------------------------------------------------


def test_groups_are_figures_and_what_needs_a_look_is_a_line() -> None:
    out, clock = io.StringIO(), iter([0.0, 1.0, 100.0, 100.0, 100.0])
    set_up("json", "info", file=out)
    metrics = Metrics()
    watch = GroupMetrics(metrics, clock=lambda: next(clock))
    watch.stands("billing", lag_events=7)
    watch.lapsed("billing")
    watch.parked("billing", 2)
    for _ in range(3):
        watch.park_failed("billing", StorageUnavailable())
    watch.stopped("billing", 3, EventUnreadable())
    watch.failed("billing", ValueError("a fault"))
    page = metrics.page().decode()
    for line in (
        'journey_group_lag_events{group="billing"} 7.0',
        'journey_group_lapsed_total{group="billing"} 1.0',
        'journey_group_parked_total{group="billing"} 2.0',
        'journey_group_park_failures_total{group="billing"} 3.0',
        'journey_group_failures_total{group="billing"} 2.0',
    ):
        assert line in page
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        "event cannot be parked",
        "event cannot be parked",
        "group stopped at a damaged event",
        "group failed",
    ]
    assert lines[2]["partition"] == 3
