"""From what was recorded to what is being recorded: whole, in order, without a seam."""

from __future__ import annotations

from typing import Any

import pytest

from journey.v1.events_pb2 import ACTOR_KIND_CUSTOMER, ACTOR_KIND_SERVICE, Event
from journey.v1.interactions_pb2 import CHANNEL_MOBILE_APP, CHANNEL_STORE
from journey.v1.journey_service_pb2 import RecordRequest
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey_service.domain.errors import CustomerNotFound, FieldViolations
from journey_service.domain.identity import partition_of
from tests.application.scene import (
    CART,
    SERVICE,
    DeviceInUse,
    Scene,
    added,
    paused,
    played,
    scene,
    stopped,
    uuid7,
)
from tests.application.subscribing import BEGINNING, END, behind, subscribe

NAMES = ("mila", "eve", "bob", "kim")


async def _people(stage: Scene, acts: int = 2) -> list[DeviceInUse]:
    """Customers of different partitions, each with an opened session and so many acts."""
    people = [await stage.device(name) for name in NAMES]
    for person in people:
        for _ in range(acts):
            await person.record(added("B1"))
    return people


def _is_whole(places: list[tuple[int, int]], since: dict[int, int] | None = None) -> None:
    """Every partition goes on from where it stood, without gap or repeat."""
    last = dict(since or {})
    for partition, position in places:
        assert position == last.get(partition, 0) + 1
        last[partition] = position


async def test_opened_comes_first_then_all_that_was_then_caught_up() -> None:
    stage = await scene()
    await _people(stage)
    async with subscribe(stage) as subscription:
        opened = await subscription.take()
        await subscription.until("caught_up")
    assert opened.opened.stream_id
    assert opened.opened.heartbeat_ms == 15_000
    assert not opened.opened.resumed
    assert not opened.checkpoint
    assert len(subscription.events) == 12
    _is_whole(subscription.places)


async def test_opened_waits_for_no_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await scene()
    await _people(stage)

    async def away(*_: Any, **__: Any) -> Any:
        raise AssertionError("something was read before opened")

    monkeypatch.setattr(stage.store.journal, "heads", away)
    monkeypatch.setattr(stage.store.journal, "read_partition", away)
    async with subscribe(stage) as subscription:
        assert (await subscription.take()).HasField("opened")


async def test_what_is_recorded_while_it_catches_up_comes_once_and_in_order() -> None:
    stage = await scene(event_frame_events=3)
    people = await _people(stage, acts=5)
    async with subscribe(stage) as subscription:
        await subscription.until("batch")
        for _ in range(3):
            for person in people:
                await person.record(added("B2"))
            await subscription.take()
        while len(subscription.events) < 4 * 9:
            await subscription.take()
    _is_whole(subscription.places)
    assert len(subscription.events) == 4 * 9


async def test_what_is_recorded_when_it_is_level_comes_without_a_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    people = await _people(stage)

    async def away(*_: Any, **__: Any) -> Any:
        raise AssertionError("a level stream was read for")

    async with subscribe(stage) as subscription:
        await subscription.live()
        monkeypatch.setattr(stage.store.journal, "read_partition", away)
        await people[0].record(added("B2"), added("B3"))
        batch = (await subscription.take()).batch
    assert [event.interaction.cart_line_added.line.product.sku for event in batch.events] == [
        "B2",
        "B3",
    ]


async def test_from_the_end_only_what_is_recorded_after_opened_comes() -> None:
    stage = await scene()
    people = await _people(stage)
    async with subscribe(stage, END) as subscription:
        opened = await subscription.take()
        await people[0].record(added("B2"))
        await subscription.until("batch")
    assert [
        event.interaction.cart_line_added.line.product.sku for event in subscription.events
    ] == ["B2"]
    assert opened.checkpoint


async def test_the_checkpoint_of_opened_at_the_end_misses_nothing_after_a_break() -> None:
    stage = await scene()
    people = await _people(stage)
    async with subscribe(stage, END) as broken:
        await broken.take()
    await people[0].record(added("B2"))
    async with subscribe(stage, behind(broken.checkpoint)) as subscription:
        await subscription.live()
    assert len(subscription.events) == 1


async def test_from_a_time_on_comes_what_was_recorded_then_or_later() -> None:
    stage = await scene()
    people = await _people(stage)
    edge = stage.application.now_ms() + 1
    while stage.application.now_ms() <= edge:
        pass
    await people[1].record(added("B2"))
    async with subscribe(stage, StartPoint(recorded_ms=edge)) as subscription:
        await subscription.live()
    assert [event.subject_id for event in subscription.events] == ["eve"]


async def test_from_a_moment_to_come_nothing_comes_before_it() -> None:
    stage = await scene()
    phone = await stage.device()
    edge = stage.application.now_ms() + 60_000
    async with subscribe(stage, StartPoint(recorded_ms=edge)) as subscription:
        await subscription.live()
        await phone.record(added("too early"))
        await phone.record(added("too early"))
        stage.pass_by(61_000)
        await phone.record(added("B1"))
        await subscription.until("batch")
    assert min(event.recorded_at_ms for event in subscription.events) >= edge
    assert subscription.events[0].position > 2


async def test_until_a_moment_to_come_has_passed_no_place_is_told_that_would_forget_it() -> None:
    stage = await scene(heartbeat_ms=20)
    phone = await stage.device()
    start = StartPoint(recorded_ms=stage.application.now_ms() + 60_000)
    async with subscribe(stage, start) as subscription:
        await subscription.live()
        await phone.record(added("too early"))
        await subscription.until("heartbeat")
    assert not subscription.checkpoint
    # So who is cut asks for the moment again, and gets nothing from before it.
    async with subscribe(stage, start) as subscription:
        await subscription.live()
        stage.pass_by(61_000)
        await phone.record(added("B1"))
        await subscription.until("batch")
        assert not subscription.checkpoint, "what was begun before the moment may still be recorded"
        stage.pass_by(stage.settings.call_deadline_ms)
        await subscription.until("heartbeat")
    async with subscribe(stage, behind(subscription.checkpoint)) as rest:
        await rest.live()
    (event,) = subscription.events
    assert event.interaction.cart_line_added.line.product.sku == "B1"
    assert not rest.events


async def test_every_frame_can_be_gone_on_from_without_gap_or_repeat() -> None:
    stage = await scene(event_frame_events=2)
    await _people(stage)
    whole: list[tuple[int, int]] = []
    async with subscribe(stage) as subscription:
        frames = [await subscription.take()]
        while not frames[-1].HasField("caught_up"):
            frames.append(await subscription.take())
        whole = subscription.places
    sent = 0
    for frame in frames[1:]:
        sent += len(frame.batch.events)
        async with subscribe(stage, behind(frame.checkpoint)) as rest:
            assert (await rest.take()).opened.resumed
            await rest.live()
        assert sorted(whole[:sent] + rest.places) == sorted(whole)


async def test_frames_hold_no_more_than_they_may() -> None:
    stage = await scene(frame_bytes=4_096, event_frame_events=7)
    phone = await stage.device()
    for _ in range(20):
        await phone.record(*[added("B1") for _ in range(5)])
    async with subscribe(stage) as subscription:
        sizes = []
        while not (frame := await subscription.take()).HasField("caught_up"):
            sizes.append((len(frame.batch.events), frame.ByteSize()))
    assert len(subscription.events) == 101
    assert max(count for count, _ in sizes) == 7
    assert max(size for _, size in sizes) <= 4_096


async def test_an_event_larger_than_a_frame_comes_alone() -> None:
    stage = await scene(frame_bytes=1_024)
    phone = await stage.device()
    large = added("B2")
    for number in range(10):
        large.cart_line_added.line.options[f"option-{number}"] = "x" * 60
    await phone.record(added("B1"), large, added("B3"))
    async with subscribe(stage) as subscription:
        counts = []
        while not (frame := await subscription.take()).HasField("caught_up"):
            counts.append(len(frame.batch.events))
    _is_whole(subscription.places)
    assert len(subscription.events) == 4
    assert max(event.ByteSize() for event in subscription.events) > 1_024
    assert counts[-2:] == [1, 1]


async def test_one_customers_events_come_by_version_and_no_others() -> None:
    stage = await scene()
    people = await _people(stage)
    async with subscribe(stage, subject_id="mila") as subscription:
        await subscription.live()
        await people[1].record(added("B2"))
        await people[0].record(added("B3"))
        await subscription.until("batch")
    assert {event.subject_id for event in subscription.events} == {"mila"}
    assert [event.version for event in subscription.events] == [1, 2, 3, 4]


async def test_a_customers_checkpoint_goes_on_in_that_stream() -> None:
    stage = await scene()
    people = await _people(stage)
    async with subscribe(stage, subject_id="mila") as first:
        await first.live()
    await people[0].record(added("B3"))
    async with subscribe(stage, behind(first.checkpoint), subject_id="mila") as subscription:
        await subscription.live()
    assert [event.version for event in subscription.events] == [4]


async def test_a_customer_nobody_knows_is_told_after_opened() -> None:
    stage = await scene()
    async with subscribe(stage, subject_id="nobody") as subscription:
        await subscription.take()
        with pytest.raises(CustomerNotFound):
            await subscription.take()


async def test_chosen_partitions_come_alone() -> None:
    stage = await scene()
    await _people(stage)
    chosen = partition_of("eve", 64)
    async with subscribe(stage, partitions=[chosen]) as subscription:
        await subscription.live()
    assert {event.partition for event in subscription.events} == {chosen}
    assert len(subscription.events) == 3


@pytest.mark.parametrize(
    ("wanted", "types"),
    [
        (EventFilter(types=["media.*"]), {"media.played", "media.paused", "media.stopped"}),
        (EventFilter(types=["media.paused"]), {"media.paused"}),
        (EventFilter(kinds=["cart"]), {"cart.line_added"}),
        (EventFilter(journeys=[CART]), {"cart.line_added"}),
        (EventFilter(channels=[CHANNEL_STORE]), {"media.stopped"}),
        (
            EventFilter(actors=[ACTOR_KIND_CUSTOMER], channels=[CHANNEL_MOBILE_APP]),
            {"media.played", "media.paused", "cart.line_added"},
        ),
        (EventFilter(actors=[ACTOR_KIND_SERVICE]), {"media.stopped"}),
    ],
    ids=["group", "type", "kind", "journey", "channel", "customer", "service"],
)
async def test_filters_look_at_the_envelope(wanted: EventFilter, types: set[str]) -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"), played(0), paused(9_000))
    await _by_a_service(stage)
    async with subscribe(stage, filter=wanted) as subscription:
        await subscription.live()
    assert {event.type for event in subscription.events} == types


async def _by_a_service(stage: Scene) -> None:
    """A back end reports that the film was stopped in a store."""
    stopping = stopped(9_000)
    stopping.event_id, stopping.channel = uuid7(), CHANNEL_STORE
    now_ms = stage.application.now_ms()
    stopping.wall_ms = now_ms
    request = RecordRequest(subject_id="mila", installation_id="till", interactions=[stopping])
    request.clock.sent_wall_ms = now_ms
    response = await stage.application.record(SERVICE, request, received_ms=now_ms, deadline=None)
    assert not response.results[0].reason, response


async def test_the_checkpoint_moves_past_what_the_filter_hides_and_the_heartbeat_tells_it() -> None:
    stage = await scene(heartbeat_ms=20)
    phone = await stage.device()
    carts = EventFilter(kinds=["cart"])
    async with subscribe(stage, filter=carts) as subscription:
        await subscription.live()
        before = subscription.checkpoint
        await phone.record(played(0), paused(9_000))
        heartbeat = await subscription.until("heartbeat")
    assert heartbeat.checkpoint != before
    assert heartbeat.heartbeat.lag_events == 0
    async with subscribe(stage, behind(heartbeat.checkpoint), filter=carts) as rest:
        await rest.live()
    assert not rest.events


async def test_a_long_read_of_what_is_hidden_is_not_silent() -> None:
    stage = await scene(heartbeat_ms=10, event_frame_events=1)
    people = await _people(stage, acts=10)
    read = stage.store.journal.read_partition

    async def slow(*asked: Any, **named: Any) -> list[Event]:
        end = stage.application.now_ms() + 3
        while stage.application.now_ms() < end:
            pass
        return await read(*asked, **named)

    stage.store.journal.read_partition = slow  # type: ignore[method-assign]
    async with subscribe(stage, filter=EventFilter(kinds=["list"])) as subscription:
        contents: list[str | None] = []
        while not contents or contents[-1] != "caught_up":
            contents.append((await subscription.take()).WhichOneof("content"))
    assert "heartbeat" in contents
    assert people


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"start": StartPoint()}, "start"),
        ({"partitions": [64]}, "partitions"),
        ({"partitions": [1], "subject_id": "mila"}, "partitions"),
        ({"principal": SERVICE}, "purpose"),
    ],
    ids=["no-place", "no-such-partition", "partitions-of-a-customer", "no-purpose"],
)
async def test_what_cannot_be_sent_is_refused_by_name(fields: dict[str, Any], path: str) -> None:
    stage = await scene()
    with pytest.raises(FieldViolations, match=path):
        await subscribe(stage, **{"start": BEGINNING, **fields}).take()
