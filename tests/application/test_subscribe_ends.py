"""How subscriptions end, what they refuse to go on from, and what they cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event
from journey.v1.history_service_pb2 import ListEventsRequest, ReadEventsRequest
from journey.v1.reading_pb2 import EventFilter
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_AUTH_EXPIRING,
    GOING_AWAY_REASON_DRAINING,
    GOING_AWAY_REASON_REPLACED,
    GOING_AWAY_REASON_ROTATION,
)
from journey_service.domain.errors import (
    CheckpointAhead,
    Draining,
    EventUnreadable,
    JournalRewound,
    RateLimited,
    TokenExpired,
    TokenMismatch,
)
from journey_service.domain.identity import partition_of
from journey_service.domain.tokens import Checkpoint, Tokens
from tests.application.scene import DEVELOPER, SERVICE, Scene, added, played, scene
from tests.application.subscribing import BEGINNING, END, behind, subscribe
from tests.application.taking import read_events
from tests.contract.rewinding import restore_in_memory


async def test_a_newer_stream_of_a_consumer_replaces_the_older_and_goes_on() -> None:
    stage = await scene()
    phone = await stage.device()
    older, newer = subscribe(stage), subscribe(stage)
    await older.live()
    await newer.live()
    assert (await older.take()).going_away.reason == GOING_AWAY_REASON_REPLACED
    with pytest.raises(StopAsyncIteration):
        await older.take()
    await phone.record(added("B1"))
    await newer.until("batch")


async def test_other_names_and_other_callers_replace_nothing() -> None:
    stage = await scene()
    phone = await stage.device()
    others = [
        subscribe(stage),
        subscribe(stage, consumer="search"),
        subscribe(stage, principal=SERVICE, purpose="analytics"),
        subscribe(stage, principal=replace(DEVELOPER, id="other")),
    ]
    for subscription in others:
        await subscription.live()
    await phone.record(added("B1"))
    for subscription in others:
        assert (await subscription.take()).HasField("batch")


async def test_draining_sends_every_stream_away_and_lets_none_in() -> None:
    stage = await scene()
    async with subscribe(stage) as subscription:
        await subscription.live()
        stage.application.drain()
        away = await subscription.until("going_away")
    assert away.going_away.reason == GOING_AWAY_REASON_DRAINING
    assert 0 <= away.going_away.retry_after_ms <= stage.settings.drain_streams_ms
    assert away.checkpoint
    with pytest.raises(Draining):
        await subscribe(stage).take()


async def test_a_stream_ends_planned_when_its_life_is_over() -> None:
    stage = await scene(stream_life_ms=1_000, heartbeat_ms=100)
    async with subscribe(stage) as subscription:
        away = await subscription.until("going_away")
    assert away.going_away.reason == GOING_AWAY_REASON_ROTATION


async def test_a_stream_ends_planned_before_its_credential_does() -> None:
    stage = await scene(auth_warning_ms=60_000)
    ending = replace(DEVELOPER, expires_at_ms=stage.application.now_ms() + 30_000)
    async with subscribe(stage, principal=ending) as subscription:
        opened = await subscription.take()
        away = await subscription.until("going_away")
    assert opened.opened.auth_expires_at_ms == ending.expires_at_ms
    assert away.going_away.reason == GOING_AWAY_REASON_AUTH_EXPIRING


async def test_a_credential_that_has_ended_ends_the_stream_for_good() -> None:
    stage = await scene()
    ended = replace(DEVELOPER, expires_at_ms=stage.application.now_ms() - 1)
    async with subscribe(stage, principal=ended) as subscription:
        await subscription.take()
        with pytest.raises(TokenExpired):
            await subscription.take()


# --- checkpoints ---


async def _checkpoint(stage: Scene, **fields: Any) -> str:
    async with subscribe(stage, **fields) as subscription:
        await subscription.live()
    return subscription.checkpoint


CARTS = EventFilter(kinds=["cart"])


@pytest.mark.parametrize(
    ("made", "used"),
    [
        ({"filter": CARTS}, {}),
        ({}, {"filter": CARTS}),
        ({"filter": CARTS}, {"filter": EventFilter(kinds=["media"])}),
        ({"subject_id": "mila"}, {"subject_id": "eve"}),
        ({"subject_id": "mila"}, {}),
        ({}, {"subject_id": "mila"}),
        ({"partitions": [3, 4]}, {}),
        ({"partitions": [3, 4]}, {"partitions": [4, 5]}),
    ],
    ids=[
        "filter-to-none", "none-to-filter", "other-filter", "other-customer",
        "customer-to-journal", "journal-to-customer", "fewer-partitions", "other-partitions",
    ],
)  # fmt: skip
async def test_a_checkpoint_of_something_else_is_refused(
    made: dict[str, Any], used: dict[str, Any]
) -> None:
    stage = await scene()
    for name in ("mila", "eve"):
        await (await stage.device(name)).record(added("B1"))
    checkpoint = await _checkpoint(stage, **made)
    with pytest.raises(TokenMismatch) as refused:
        await subscribe(stage, behind(checkpoint), **used).live()
    assert refused.value.metadata["field"] == "checkpoint"


async def test_an_equal_filter_written_otherwise_is_the_same() -> None:
    stage = await scene()
    await (await stage.device()).record(added("B1"), played(0))
    both = EventFilter(kinds=["cart", "media"])
    checkpoint = await _checkpoint(stage, filter=both)
    again = EventFilter(kinds=["media", "cart", "media"], outcomes=[OUTCOME_ACCEPTED])
    async with subscribe(stage, behind(checkpoint), filter=again) as subscription:
        await subscription.live()
    assert not subscription.events


async def test_some_of_the_partitions_of_a_checkpoint_may_be_gone_on_with() -> None:
    stage = await scene()
    await (await stage.device()).record(added("B1"))
    checkpoint = await _checkpoint(stage)
    chosen = partition_of("mila", 64)
    async with subscribe(stage, behind(checkpoint), partitions=[chosen]) as subscription:
        await subscription.live()
    assert not subscription.events


async def test_damaged_and_foreign_tokens_are_refused() -> None:
    stage = await scene()
    phone = await stage.device()
    written = (await phone.record(added("B1"))).write_token
    checkpoint = await _checkpoint(stage)
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    of_projection = tokens.seal_checkpoint(Checkpoint(epoch="1", positions={0: 0}, generation=3))
    for token in ("", "x", checkpoint[:-3] + "AAA", written, of_projection):
        with pytest.raises(TokenMismatch):
            await subscribe(stage, behind(token)).live()


async def test_what_a_read_or_a_list_came_to_can_be_gone_on_from() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    reading = read_events(stage.application, DEVELOPER, ReadEventsRequest(filter=CARTS))
    read = [frame async for frame in reading][-1].checkpoint
    listing = ListEventsRequest(subject_id="mila")
    listed = (await stage.application.list_events(DEVELOPER, listing)).checkpoint
    await phone.record(added("B2"))
    async with subscribe(stage, behind(read), filter=CARTS) as journal:
        await journal.live()
    async with subscribe(stage, behind(listed), subject_id="mila") as customer:
        await customer.live()
    for subscription in (journal, customer):
        skus = [event.interaction.cart_line_added.line.product.sku for event in subscription.events]
        assert skus == ["B2"]


async def test_a_checkpoint_ahead_of_the_journal_is_refused() -> None:
    stage = await scene()
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    places = dict.fromkeys(range(64), 9)
    ahead = tokens.seal_checkpoint(Checkpoint(epoch=stage.store.journal.epoch, positions=places))
    with pytest.raises(CheckpointAhead):
        await subscribe(stage, behind(ahead)).live()


async def test_after_a_restore_a_checkpoint_is_good_as_far_as_it_kept_the_journal() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    kept = await _checkpoint(stage)
    await phone.record(added("B2"))
    lost = await _checkpoint(stage)
    restore_in_memory(stage.store, partition_of("mila", 64), 2)
    phone.seq -= 1
    await phone.record(added("B3"))
    with pytest.raises(JournalRewound):
        await subscribe(stage, behind(lost)).live()
    async with subscribe(stage, behind(kept)) as subscription:
        await subscription.live()
    skus = [event.interaction.cart_line_added.line.product.sku for event in subscription.events]
    assert skus == ["B3"]


@pytest.mark.parametrize("subject_id", ["", "mila"], ids=["journal", "customer"])
async def test_a_restore_behind_an_open_stream_ends_it_and_one_that_kept_all_does_not(
    subject_id: str,
) -> None:
    stage = await scene(heartbeat_ms=50)
    phone = await stage.device()
    await phone.record(added("B1"), added("B2"))
    async with subscribe(stage, subject_id=subject_id) as subscription:
        await subscription.live()
        stage.store.journal.begin_epoch()
        await phone.record(added("B3"))
        await subscription.until("batch")
        assert [event.position for event in subscription.events] == [1, 2, 3, 4]
        restore_in_memory(stage.store, partition_of("mila", 64), 2)
        with pytest.raises(JournalRewound):
            await subscription.until("batch")


@pytest.mark.parametrize("subject_id", ["", "mila"], ids=["journal", "customer"])
async def test_a_heartbeat_names_no_place_of_an_epoch_that_began_meanwhile(
    subject_id: str,
) -> None:
    stage = await scene(heartbeat_ms=0)
    phone = await stage.device()
    await phone.record(added("lost"))
    async with subscribe(stage, subject_id=subject_id) as subscription:
        await subscription.live()
        restore_in_memory(stage.store, partition_of("mila", 64), 1)
        heartbeat = await subscription.take()
        assert heartbeat.WhichOneof("content") == "heartbeat"
    phone.seq -= 1
    await phone.record(added("kept"), added("more"))
    with pytest.raises(JournalRewound):
        await subscribe(stage, behind(heartbeat.checkpoint), subject_id=subject_id).live()


async def test_what_waited_when_the_journal_was_rewound_is_not_sent() -> None:
    stage = await scene()
    phone = await stage.device()
    async with subscribe(stage) as subscription:
        await subscription.live()
        await phone.record(added("lost"))
        restore_in_memory(stage.store, partition_of("mila", 64), 1)
        phone.seq -= 1
        await phone.record(added("kept"))
        await subscription.until("batch")
    skus = [event.interaction.cart_line_added.line.product.sku for event in subscription.events]
    assert skus == ["", "kept"]


# --- cost ---


async def test_a_reader_that_is_slow_costs_one_frame_and_reads_the_rest_later() -> None:
    stage = await scene(event_frame_events=5)
    phone = await stage.device()
    async with subscribe(stage) as subscription:
        await subscription.live()
        reads = _count_reads(stage)
        for _ in range(40):
            await phone.record(added("B1"))
        assert not reads
        lag = stage.application.consumer_lags()
        while len(subscription.events) < 41:
            assert len((await subscription.take()).batch.events) <= 5
    assert lag == {"billing": 40}
    assert reads
    assert [event.position for event in subscription.events] == [*range(1, 42)]


def _count_reads(stage: Scene) -> list[int]:
    read, asked = stage.store.journal.read_partition, list[int]()

    async def noted(partition: int, **named: Any) -> list[Event]:
        asked.append(partition)
        return await read(partition, **named)

    stage.store.journal.read_partition = noted  # type: ignore[method-assign]
    return asked


async def test_busy_connections_are_waited_for() -> None:
    stage = await scene()
    await (await stage.device()).record(added("B1"))
    read, refusals = stage.store.journal.read_partition, [RateLimited(), RateLimited()]

    async def busy(partition: int, **named: Any) -> list[Event]:
        if refusals:
            raise refusals.pop()
        return await read(partition, **named)

    stage.store.journal.read_partition = busy  # type: ignore[method-assign]
    async with subscribe(stage) as subscription:
        await subscription.live()
    assert len(subscription.events) == 2


async def test_what_stands_before_a_damaged_event_is_sent_before_it_is_told() -> None:
    stage = await scene()
    phone = await stage.device()
    for _ in range(40):
        await phone.record(added("B1"))
    await (await stage.device("eve")).record(added("B2"))
    read, mila = stage.store.journal.read_partition, partition_of("mila", 64)

    async def damaged(partition: int, **named: Any) -> list[Event]:
        page = await read(partition, **named)
        if partition == mila and any(event.position == 30 for event in page):
            raise EventUnreadable
        return page

    stage.store.journal.read_partition = damaged  # type: ignore[method-assign]
    subscription = subscribe(stage)
    with pytest.raises(EventUnreadable):
        await subscription.live()
    sent = [position for partition, position in subscription.places if partition == mila]
    assert sent == [*range(1, 30)]
    async with subscribe(stage, behind(subscription.checkpoint)) as again:
        with pytest.raises(EventUnreadable):
            await again.live()
    assert not [place for place in again.places if place[0] == mila]


async def test_a_long_partition_does_not_hold_up_the_others() -> None:
    stage = await scene(event_frame_events=5)
    by_partition = sorted(("mila", "eve"), key=lambda name: partition_of(name, 64))
    long, short = [await stage.device(name) for name in by_partition]
    for _ in range(50):
        await long.record(added("B1"))
    await short.record(added("B2"))
    async with subscribe(stage) as subscription:
        while by_partition[1] not in {event.subject_id for event in subscription.events}:
            await subscription.take()
    assert len(subscription.events) < 30


async def test_partitions_tell_how_far_each_consumer_is() -> None:
    stage = await scene()
    phone = await stage.device()
    async with subscribe(stage) as subscription, subscribe(stage, END, consumer="late") as late:
        await subscription.live()
        await late.live()
        await phone.record(added("B1"))
        await subscription.until("batch")
        partitions = (await stage.application.get_partitions(DEVELOPER)).partitions
        told = partitions[partition_of("mila", 64)].readers
    readers = {reader.reader: (reader.position, reader.lag_events) for reader in told}
    assert readers["consumer/billing"] == (2, 0)
    assert readers["consumer/late"] == (1, 1)
    after = (await stage.application.get_partitions(DEVELOPER)).partitions[0].readers
    assert {reader.reader.partition("/")[0] for reader in after} == {"projection"}


async def test_a_stream_of_one_customer_has_a_lag_but_no_place_in_the_journal() -> None:
    stage = await scene()
    phone = await stage.device()
    async with subscribe(stage, subject_id="mila") as subscription:
        await subscription.live()
        await phone.record(added("B1"))
        assert stage.application.consumer_lags() == {"billing": 1}
        partitions = (await stage.application.get_partitions(DEVELOPER)).partitions
    kinds = {reader.reader.partition("/")[0] for each in partitions for reader in each.readers}
    assert kinds == {"projection"}
    assert not stage.application.consumer_lags()


async def test_an_abandoned_stream_leaves_nothing_behind() -> None:
    stage = await scene()
    phone = await stage.device()
    async with subscribe(stage, BEGINNING) as subscription:
        await subscription.live()
    assert not any(stage.store.journal._followers.values())
    assert not stage.application.consumer_lags()
    await phone.record(added("B1"))
