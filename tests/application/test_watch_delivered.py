"""Frames of what was delivered: the journal is not asked where the events say all that moved."""

from __future__ import annotations

import pytest

from journey.v1.journeys_pb2 import Journey
from journey_service.application.hub import MOST_HEARD
from journey_service.domain.errors import StorageUnavailable
from journey_service.domain.identity import partition_of
from tests.application.scene import CART, Scene, added, played, scene
from tests.contract.rewinding import restore_in_memory


async def test_what_another_device_did_is_told_without_asking_the_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    async with tv.watch() as watching:
        await watching.level()
        await phone.record(added("B1"))
        # From here on it is known which device the phone is.
        await watching.next("delta")
        _unreadable(stage, monkeypatch)
        await phone.record(added("B2"))
        delta = await watching.next("delta")
        await phone.record(added("B1"))
        later = await watching.next("delta")
    monkeypatch.undo()
    assert _quantities(delta.delta.journeys[0]) == [1, 1]
    assert _quantities(later.delta.journeys[0]) == [2, 1]
    async with tv.watch(later.token) as watching:
        assert not (await watching.level()).delta.journeys


async def test_what_was_delivered_and_what_is_read_are_the_same_bytes() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    async with tv.watch() as watching:
        await watching.level()
        await phone.record(added("B1"), added("B2", 3))
        delivered = (await watching.next("delta")).delta
    async with tv.watch() as watching:
        await watching.next("opened")
        read = (await watching.next("snapshot")).snapshot
    assert list(delivered.journeys) == list(read.journeys)
    assert list(delivered.continue_list) == list(read.continue_list)
    assert list(delivered.processed) == list(read.processed)


async def test_more_than_is_kept_is_read_instead() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    async with tv.watch() as watching:
        await watching.level()
        for _ in range(MOST_HEARD + 1):
            await phone.record(added("B1"))
        delta = (await watching.next("delta")).delta
    assert _quantities(delta.journeys[0]) == [MOST_HEARD + 1]


async def test_a_lease_that_is_taken_comes_with_the_play_that_took_it() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    async with tv.watch() as watching:
        await watching.level()
        await phone.record(added("B1"))
        await watching.next("delta")
        await phone.record(played(0))
        taken = (await watching.next("delta")).delta
        await phone.record(added("B1"))
        kept = (await watching.next("delta")).delta
        stage.pass_by(60_000)
        await phone.record(added("B1"))
        ended = (await watching.next("delta")).delta
    assert [lease.journey.journey_id for lease in taken.leases] == ["film-42"]
    assert not kept.leases
    assert not ended.leases


async def test_a_busy_watch_looks_for_what_nothing_tells_of_as_often_as_a_silent_one() -> None:
    stage = await scene(watch_look_ms=0)
    phone, tv = await stage.device(), await stage.device()
    first = added("B1")
    await tv.record(first)
    async with tv.watch() as watching:
        await watching.level()
        other = added("B2")
        other.event_id = first.event_id
        # Nothing is recorded of it, and this process does not hear of it.
        await tv.elsewhere().record(other)
        await phone.record(added("B3"))
        delta = (await watching.next("delta")).delta
    assert delta.processed[0].seq == 2


async def test_what_was_delivered_before_a_restore_that_lost_it_is_not_told_after_it() -> None:
    stage = await scene(heartbeat_ms=20)
    phone, tv = await stage.device(), await stage.device()
    await phone.record(added("B1"))
    head = (await stage.store.journal.heads())[partition_of("mila")]
    async with tv.watch() as watching:
        await watching.next("opened")
        await phone.record(added("B1"))
        restore_in_memory(stage.store, partition_of("mila"), head)
        snapshot = (await watching.next("snapshot")).snapshot
        await watching.next("caught_up")
        await watching.next("heartbeat")
    assert _quantities(snapshot.journeys[0]) == [1]
    assert _quantities(await phone.resume(CART)) == [1]


def _unreadable(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unavailable(*_: object, **__: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(stage.store.states, "read_subject", unavailable)


def _quantities(cart: Journey) -> list[int]:
    return [line.quantity for line in cart.cart.lines]
