"""Moments at which a subscription could miss something, or wait for ever."""

from __future__ import annotations

import pytest

from journey_service.application.feed import Feed
from journey_service.application.sources import Source
from journey_service.domain.identity import partition_of
from journey_service.domain.wire_event import WireEvent
from journey_service.settings import Settings
from tests.application.scene import added, scene
from tests.application.subscribing import subscribe

MILA = partition_of("mila", 64)


async def test_what_is_committed_while_the_heads_are_read_is_not_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    phone = await stage.device()
    journal = stage.store.journal
    heads = journal.heads

    async def read_and_then_written() -> dict[int, int]:
        found = await heads()
        await phone.record(added("B1"))
        return found

    monkeypatch.setattr(journal, "heads", read_and_then_written)
    async with subscribe(stage) as subscription:
        while len(subscription.events) < 2:
            await subscription.take()
    assert [event.position for event in subscription.events] == [1, 2]


async def test_what_is_committed_while_a_new_epoch_is_entered_is_not_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    phone = await stage.device()
    journal = stage.store.journal
    heads = journal.heads

    async def read_and_then_written() -> dict[int, int]:
        found = await heads()
        await phone.record(added("B1"))
        return found

    async with subscribe(stage) as subscription:
        await subscription.live()
        monkeypatch.setattr(journal, "heads", read_and_then_written)
        journal.begin_epoch()
        await subscription.until("batch")
    assert [event.position for event in subscription.events] == [1, 2]


async def test_what_another_customer_of_the_partition_does_meanwhile_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    phone, others = await stage.device(), await stage.device(_beside("mila"))
    journal = stage.store.journal
    head = journal.stream_head

    async def read_and_then_written(subject_id: str) -> object:
        found = await head(subject_id)
        if subject_id == "mila":
            monkeypatch.setattr(journal, "stream_head", head)
            await others.record(added("B1"))
            await phone.record(added("B2"))
        return found

    monkeypatch.setattr(journal, "stream_head", read_and_then_written)
    async with subscribe(stage, subject_id="mila") as subscription:
        while len(subscription.events) < 2:
            await subscription.take()
    assert [event.version for event in subscription.events] == [1, 2]


def _beside(subject_id: str) -> str:
    """Another subject of the same partition."""
    names = (f"neighbour-{number}" for number in range(10_000))
    return next(name for name in names if partition_of(name, 64) == partition_of(subject_id, 64))


async def test_a_head_that_is_not_there_is_forgotten_and_caught_up_comes_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    phone = await stage.device()
    heads = stage.store.journal.heads

    async def one_too_many() -> dict[int, int]:
        return {partition: head + 1 for partition, head in (await heads()).items()}

    monkeypatch.setattr(stage.store.journal, "heads", one_too_many)
    async with subscribe(stage) as subscription:
        await subscription.live()
        await phone.record(added("B1"))
        await subscription.until("batch")
    assert [event.position for event in subscription.events] == [1, 2]


async def test_what_is_handed_over_during_a_read_is_not_sent_twice() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    journal = stage.store.journal
    events = await journal.read_partition(MILA)
    feed = Feed(lambda event: True, Settings())

    class Late(Source):
        """Is read slowly: what it reads is handed over meanwhile."""

        async def read_on_wire(self, *asked: int, backwards: bool = False) -> list[WireEvent]:
            feed.note(events)
            return [WireEvent.of(event) for event in events]

    feed.begin([Late(journal, 2, MILA)], [0])
    await feed.read()
    assert [event.position for event in feed.take()] == [1, 2]
    assert not feed.ready
    assert feed.places() == {MILA: 2}
