"""Subscriptions to a customer of several subjects: all streams, also of who is linked meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import pytest

from journey.v1.reading_pb2 import EventFilter
from journey_service.application.feed import Feed
from journey_service.application.sources import Source
from journey_service.domain.errors import TokenMismatch
from journey_service.domain.identity import partition_of
from tests.application.linking import link
from tests.application.scene import DeviceInUse, Scene, added, scene
from tests.application.subscribing import BEGINNING, END, Subscription, behind, subscribe

CARTS = EventFilter(types=["cart.*"])


async def people(*names: str, acts: int = 2) -> tuple[Scene, dict[str, DeviceInUse]]:
    """Each with an opened session and so many acts."""
    stage = await scene()
    devices = {name: await stage.device(name) for name in names}
    for device in devices.values():
        for _ in range(acts):
            await device.record(added("tea"))
    return stage, devices


def versions(*subscriptions: Subscription) -> dict[str, list[int]]:
    """What came of each stream, one subscription after the other."""
    found = defaultdict(list)
    for subscription in subscriptions:
        for event in subscription.events:
            found[event.subject_id].append(event.version)
    return dict(found)


async def test_the_streams_of_all_members_come_whole_and_go_on_behind_any_frame() -> None:
    stage, devices = await people("mila", "visitor", "anon")
    await link(stage, "mila", "visitor", "mila")
    await link(stage, "visitor", "anon", "mila")
    async with subscribe(stage, subject_id="anon") as first:
        await first.live()
        await devices["visitor"].record(added("mug"))
        await first.until("batch")
    assert versions(first) == {
        "mila": [1, 2, 3, 4],
        "visitor": [1, 2, 3, 4, 5, 6],
        "anon": [1, 2, 3, 4],
    }
    for device in devices.values():
        await device.record(added("rug"))
    async with subscribe(stage, behind(first.checkpoint), subject_id="mila") as second:
        await second.live()
    assert versions(second) == {"mila": [5], "visitor": [7], "anon": [5]}


@pytest.mark.parametrize("wanted", [None, CARTS], ids=["everything", "without-the-link"])
async def test_who_is_linked_while_it_is_open_comes_from_the_first_event_on(
    wanted: EventFilter | None,
) -> None:
    stage, devices = await people("mila", "visitor", "anon")
    async with subscribe(stage, subject_id="mila", filter=wanted) as open_one:
        await open_one.live()
        await link(stage, "mila", "visitor", "mila")
        while "visitor" not in versions(open_one):
            await open_one.take()
        # Of those that came in, others are told, too.
        await link(stage, "visitor", "anon", "mila")
        while "anon" not in versions(open_one):
            await open_one.take()
        await devices["anon"].record(added("mug"))
        while versions(open_one)["anon"][-1] < 5:
            await open_one.take()
    found = versions(open_one)
    if wanted is None:
        assert found == {"mila": [1, 2, 3, 4], "visitor": [1, 2, 3, 4, 5], "anon": [1, 2, 3, 4, 5]}
    else:
        assert found == {"mila": [2, 3], "visitor": [2, 3], "anon": [2, 3, 5]}


async def test_an_epoch_that_begins_before_who_was_linked_is_told_of_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, _ = await people("mila", "visitor")
    join = Feed.add

    def join_at_a_restore(feed: Feed, sources: Sequence[Source], places: Iterable[int]) -> None:
        join(feed, sources, places)
        monkeypatch.undo()
        stage.store.journal.begin_epoch()

    async with subscribe(stage, subject_id="mila") as subscription:
        await subscription.live()
        monkeypatch.setattr(Feed, "add", join_at_a_restore)
        await link(stage, "mila", "visitor", "mila")
        while len(subscription.events) < 8:
            await subscription.take()
    assert versions(subscription) == {"mila": [1, 2, 3, 4], "visitor": [1, 2, 3, 4]}


async def test_members_may_lie_in_the_same_partition() -> None:
    home = partition_of("mila")
    twin = next(name for name in map(str, range(1_000)) if partition_of(name) == home)
    stage, devices = await people("mila", twin)
    async with subscribe(stage, subject_id="mila") as subscription:
        await subscription.live()
        await link(stage, "mila", twin, "mila")
        while twin not in versions(subscription):
            await subscription.take()
        for device in devices.values():
            await device.record(added("mug"))
        while len(subscription.events) < 10:
            await subscription.take()
    assert versions(subscription) == {"mila": [1, 2, 3, 4, 5], twin: [1, 2, 3, 4, 5]}


async def test_a_reader_that_was_away_during_the_link_misses_nothing() -> None:
    stage, devices = await people("mila", "visitor")
    async with subscribe(stage, subject_id="mila") as before:
        await before.live()
    await link(stage, "mila", "visitor", "mila")
    async with subscribe(stage, behind(before.checkpoint), subject_id="mila") as after:
        await after.live()
    assert versions(before, after) == {"mila": [1, 2, 3, 4], "visitor": [1, 2, 3, 4]}
    async with subscribe(stage, END, subject_id="mila") as from_now:
        await from_now.live()
        await devices["visitor"].record(added("mug"))
        await from_now.until("batch")
    assert versions(from_now) == {"visitor": [5]}
    async with subscribe(stage, BEGINNING, subject_id="anon") as nobody:
        await stage.device("anon")
        await nobody.live()
    with pytest.raises(TokenMismatch):
        await subscribe(stage, behind(nobody.checkpoint), subject_id="mila").live()
