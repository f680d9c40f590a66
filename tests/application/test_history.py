"""What was recorded, in pages and in bulk."""

from __future__ import annotations

from typing import Any

import pytest

from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_REJECTED, Event
from journey.v1.history_service_pb2 import (
    EVENT_ORDER_OCCURRENCE,
    EVENT_ORDER_RECORDED,
    ListEventsRequest,
    ReadEventsRequest,
    ReadEventsResponse,
)
from journey.v1.interactions_pb2 import CHANNEL_MOBILE_APP, CHANNEL_TV_APP
from journey.v1.reading_pb2 import EndPoint, EventFilter, StartPoint
from journey.v1.stream_pb2 import GOING_AWAY_REASON_DRAINING
from journey_service.domain.errors import (
    CheckpointAhead,
    Draining,
    EventUnreadable,
    FieldViolations,
    JournalRewound,
    TokenMismatch,
)
from journey_service.domain.identity import partition_of
from journey_service.domain.tokens import Checkpoint, Tokens
from tests.application.scene import (
    CART,
    DEVELOPER,
    SERVICE,
    DeviceInUse,
    Scene,
    added,
    paused,
    played,
    progressed,
    scene,
)
from tests.application.taking import read_events
from tests.contract.rewinding import restore_in_memory


async def test_events_are_listed_as_things_happened_and_not_as_they_arrived() -> None:
    stage = await scene()
    phone, tv = await stage.device(), await stage.device()
    await tv.record(played(0))
    await phone.record(added("B1"), ago_ms=60_000)
    happened = await _list(stage, phone)
    arrived = await _list(stage, phone, order=EVENT_ORDER_RECORDED)
    assert [event.type for event in happened] == [
        "cart.line_added",
        "session.opened",
        "session.opened",
        "media.played",
    ]
    assert [event.version for event in arrived] == [1, 2, 3, 4]


@pytest.mark.parametrize("order", [EVENT_ORDER_OCCURRENCE, EVENT_ORDER_RECORDED])
@pytest.mark.parametrize("descending", [False, True])
async def test_pages_join_up_to_the_whole_and_share_the_cut_of_the_first(
    order: int, *, descending: bool
) -> None:
    stage = await scene()
    phone = await stage.device()
    for number in range(7):
        await phone.record(added("B1", number + 1), ago_ms=1_000 * (7 - number) * (-1) ** number)
    whole = await _list(stage, phone, order=order, descending=descending)
    pages: list[Event] = []
    token, first = "", True
    while token or first:
        page = await stage.application.list_events(
            phone.principal,
            ListEventsRequest(
                page_size=3,
                page_token=token,
                order=order,  # type: ignore[arg-type]
                descending=descending,
            ),
        )
        if first:
            await phone.record(added("late"))
        pages += page.events
        token, first = page.next_page_token, False
    assert [event.version for event in pages] == [event.version for event in whole]
    assert len(pages) == 8


@pytest.mark.parametrize(
    ("wanted", "types"),
    [
        (EventFilter(types=["cart.*"]), {"cart.line_added"}),
        (EventFilter(types=["media.paused"]), {"media.paused"}),
        (EventFilter(kinds=["media"]), {"media.played", "media.progressed", "media.paused"}),
        (EventFilter(journeys=[CART]), {"cart.line_added"}),
        (EventFilter(channels=[CHANNEL_TV_APP]), set()),
        (
            EventFilter(channels=[CHANNEL_MOBILE_APP], exclude_telemetry=True, kinds=["media"]),
            {"media.played", "media.paused"},
        ),
        (EventFilter(outcomes=[OUTCOME_REJECTED]), {"journey.interaction_rejected"}),
        (EventFilter(outcomes=[OUTCOME_ACCEPTED], types=["media.*"], journeys=[CART]), set()),
    ],
)
async def test_a_filter_looks_at_the_envelope_and_all_its_parts_must_match(
    wanted: EventFilter, types: set[str]
) -> None:
    stage = await scene()
    phone = await stage.device()
    bad = paused(1)
    bad.media_paused.run_id = "0" * 32
    await phone.record(played(0), progressed(15_000), paused(16_000), added("B1"), bad)
    found = await _list(stage, phone, filter=wanted)
    assert {event.type for event in found} == types


async def test_a_page_token_of_another_filter_is_refused() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0), paused(9_000))
    page = await stage.application.list_events(phone.principal, ListEventsRequest(page_size=1))
    with pytest.raises(TokenMismatch):
        await stage.application.list_events(
            phone.principal,
            ListEventsRequest(
                page_token=page.next_page_token, filter=EventFilter(types=["media.*"])
            ),
        )


async def test_a_bulk_read_opens_sends_everything_and_says_done_with_the_count() -> None:
    stage = await scene()
    phone = await _with_events(stage, 3)
    frames = await _read(stage, subject_id="mila")
    assert frames[0].WhichOneof("content") == "opened"
    assert frames[-1].done.count == 4
    assert [event.version for event in _events(frames)] == [1, 2, 3, 4]
    assert phone.session.session_id


async def test_backwards_is_forwards_reversed() -> None:
    stage = await scene()
    await _with_events(stage, 5)
    forwards = _events(await _read(stage, subject_id="mila"))
    backwards = _events(await _read(stage, subject_id="mila", backwards=True))
    assert [event.version for event in backwards] == [e.version for e in reversed(forwards)]


async def test_the_whole_journal_comes_by_partition_in_the_order_of_positions() -> None:
    stage = await scene()
    await _with_events(stage, 3)
    await _with_events(stage, 2, "eve")
    events = _events(await _read(stage))
    by_partition: dict[int, list[int]] = {}
    for event in events:
        by_partition.setdefault(event.partition, []).append(event.position)
    assert len(events) == 7
    assert all(places == sorted(places) for places in by_partition.values())


async def test_a_read_goes_on_behind_its_checkpoint_without_gap_or_repeat() -> None:
    stage = await scene(frame_bytes=1_024)
    await _with_events(stage, 40)
    frames = await _read(stage)
    batches = [frame for frame in frames if frame.HasField("batch")]
    assert len(batches) > 2
    rest = _events(await _read(stage, start=StartPoint(checkpoint=batches[1].checkpoint)))
    first = [event for frame in batches[:2] for event in frame.batch.events]
    assert len(first) + len(rest) == 41
    assert rest[0].position == first[-1].position + 1


async def test_a_checkpoint_bounds_a_read_at_its_end_and_backwards_too() -> None:
    stage = await scene()
    await _with_events(stage, 2)
    middle = (await _read(stage, subject_id="mila"))[-1].checkpoint
    phone = await stage.device()
    await phone.record(added("B2"))
    ended = _events(await _read(stage, subject_id="mila", end=EndPoint(checkpoint=middle)))
    later = _events(
        await _read(stage, subject_id="mila", backwards=True, end=EndPoint(checkpoint=middle))
    )
    before = _events(
        await _read(stage, subject_id="mila", backwards=True, start=StartPoint(checkpoint=middle))
    )
    assert [event.version for event in ended] == [1, 2, 3]
    assert [event.version for event in later] == [5, 4, 3]
    assert [event.version for event in before] == [2, 1]


async def test_times_bound_a_read_by_when_events_were_recorded() -> None:
    stage = await scene()
    await _with_events(stage, 2)
    edge = stage.application.now_ms() + 1
    while stage.application.now_ms() <= edge:
        pass
    phone = await stage.device()
    await phone.record(added("B2"))
    after = await _read(stage, subject_id="mila", start=StartPoint(recorded_ms=edge))
    before = await _read(stage, subject_id="mila", end=EndPoint(recorded_ms=edge))
    assert [event.version for event in _events(after)] == [4, 5]
    assert [event.version for event in _events(before)] == [1, 2, 3]


async def test_beginning_and_end_are_places_too_and_a_limit_cuts() -> None:
    stage = await scene()
    await _with_events(stage, 5)
    assert len(_events(await _read(stage, start=StartPoint(beginning=True)))) == 6
    assert not _events(await _read(stage, start=StartPoint(end=True)))
    assert len(_events(await _read(stage, limit=2))) == 2


async def test_a_filter_that_hides_everything_still_moves_the_checkpoint() -> None:
    stage = await scene()
    phone = await _with_events(stage, 3)
    lists, film = EventFilter(kinds=["list"]), EventFilter(kinds=["media"])
    frames = await _read(stage, subject_id="mila", filter=lists)
    assert not _events(frames)
    end = EndPoint(checkpoint=frames[-1].checkpoint)
    await phone.record(played(0))
    assert not _events(await _read(stage, subject_id="mila", filter=film, end=end))
    assert len(_events(await _read(stage, subject_id="mila", end=end))) == 4


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("used", [EventFilter(), EventFilter(kinds=["media"])])
async def test_a_read_starts_at_no_checkpoint_that_another_filter_made(
    used: EventFilter, *, backwards: bool
) -> None:
    stage = await scene()
    await _with_events(stage, 3)
    carts = EventFilter(kinds=["cart"])
    start = StartPoint(checkpoint=(await _read(stage, filter=carts))[-1].checkpoint)
    with pytest.raises(TokenMismatch, match="another filter") as refused:
        await _read(stage, start=start, filter=used, backwards=backwards)
    assert refused.value.metadata["field"] == "checkpoint"
    again = _events(await _read(stage, start=start, filter=carts, backwards=backwards))
    assert len(again) == (2 if backwards else 0)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"partitions": [64]}, "partitions"),
        ({"partitions": [1], "subject_id": "mila"}, "partitions"),
        ({"order": EVENT_ORDER_OCCURRENCE, "subject_id": "mila"}, "order"),
        ({"purpose": ""}, "purpose"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_name(fields: dict[str, object], path: str) -> None:
    stage = await scene()
    with pytest.raises(FieldViolations, match=path):
        await _read(stage, **fields)


async def test_a_checkpoint_ahead_of_the_journal_is_refused() -> None:
    stage = await scene()
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    ahead = tokens.seal_checkpoint(Checkpoint(epoch=stage.store.journal.epoch, positions={0: 99}))
    with pytest.raises(CheckpointAhead):
        await _read(stage, start=StartPoint(checkpoint=ahead))


async def test_developers_see_heads_and_readers_of_every_partition() -> None:
    stage = await scene()
    phone = await _with_events(stage, 1)
    partitions = (await stage.application.get_partitions(DEVELOPER)).partitions
    used = [partition for partition in partitions if partition.head_position]
    assert len(partitions) == 64
    assert used[0].head_position == 2
    assert used[0].last_recorded_at_ms >= phone.session.opened_at_ms
    assert used[0].readers[0].lag_events == 2


async def test_server_info_tells_what_this_caller_may_send() -> None:
    stage = await scene()
    phone = await stage.device()
    of_device = await stage.application.get_server_info(phone.principal)
    of_service = await stage.application.get_server_info(SERVICE)
    assert of_device.limits.max_batch_interactions == 200
    assert of_service.limits.max_batch_interactions == 500
    assert of_service.partition_count == 64
    assert not of_service.warnings
    unsafe = await scene(unsafe_durability=True)
    assert (await unsafe.application.get_server_info(SERVICE)).warnings


async def _with_events(stage: Scene, count: int, subject_id: str = "mila") -> DeviceInUse:
    phone = await stage.device(subject_id)
    for _ in range(count):
        await phone.record(added("B1"))
    return phone


async def _list(stage: Scene, phone: DeviceInUse, **fields: object) -> list[Event]:
    request = ListEventsRequest(**fields)  # type: ignore[arg-type]
    return list((await stage.application.list_events(phone.principal, request)).events)


async def _read(stage: Scene, **fields: object) -> list[ReadEventsResponse]:
    request = ReadEventsRequest(**{"purpose": "test", **fields})  # type: ignore[arg-type]
    return [frame async for frame in read_events(stage.application, SERVICE, request)]


def _events(frames: list[ReadEventsResponse]) -> list[Event]:
    return [event for frame in frames for event in frame.batch.events]


async def test_a_backwards_read_that_was_broken_off_goes_on_in_every_partition() -> None:
    stage = await scene()
    for name in ("mila", "eve", "bob", "kim"):
        await (await stage.device(name)).record(added("B1"), added("B2"))
    whole = await _places(stage, ReadEventsRequest(backwards=True))
    first, checkpoint = await _read_places(stage, ReadEventsRequest(backwards=True, limit=2))
    rest = await _places(
        stage, ReadEventsRequest(backwards=True, start=StartPoint(checkpoint=checkpoint))
    )
    assert [*first, *rest] == whole


async def test_a_limited_read_reads_no_partition_behind_its_last_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    for name in ("mila", "eve", "bob", "kim"):
        await (await stage.device(name)).record(added("B1"))
    read, asked = stage.store.journal.read_partition, list[int]()

    async def noted(partition: int, **named: Any) -> list[Event]:
        asked.append(partition)
        return await read(partition, **named)

    monkeypatch.setattr(stage.store.journal, "read_partition", noted)
    assert len(await _places(stage, ReadEventsRequest(limit=1))) == 1
    assert len(asked) == 1


async def test_the_partitions_are_told_also_when_their_last_event_is_damaged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    await (await stage.device()).record(added("B1"))

    async def damaged(partition: int, **named: object) -> None:
        raise EventUnreadable(f"{partition} {named}")

    monkeypatch.setattr(stage.store.journal, "read_partition", damaged)
    told = await stage.application.get_partitions(DEVELOPER)
    assert len(told.partitions) == stage.settings.partition_count
    assert max(partition.head_position for partition in told.partitions) == 2


async def _places(stage: Scene, request: ReadEventsRequest) -> list[tuple[int, int]]:
    return (await _read_places(stage, request))[0]


async def _read_places(
    stage: Scene, request: ReadEventsRequest
) -> tuple[list[tuple[int, int]], str]:
    """Partition and position of what a developer reads, and the last checkpoint."""
    frames = [frame async for frame in read_events(stage.application, DEVELOPER, request)]
    return [(event.partition, event.position) for event in _events(frames)], frames[-1].checkpoint


async def test_a_service_that_stops_sends_a_bulk_reader_away_who_goes_on_elsewhere() -> None:
    stage = await scene()
    for name in ("mila", "eve", "bob"):
        await (await stage.device(name)).record(added("B1"))
    whole = await _places(stage, ReadEventsRequest())
    frames = read_events(stage.application, SERVICE, ReadEventsRequest(purpose="test"))
    seen = [await anext(frames), await anext(frames)]
    stage.application.drain()
    seen += [frame async for frame in frames]
    assert seen[-1].going_away.reason == GOING_AWAY_REASON_DRAINING
    first = [(event.partition, event.position) for event in _events(seen)]
    assert 0 < len(first) < len(whole)
    with pytest.raises(Draining):
        await _places(stage, ReadEventsRequest())
    start = StartPoint(checkpoint=seen[-1].checkpoint)
    request = ReadEventsRequest(start=start, purpose="test")
    rest = [frame async for frame in read_events(stage.neighbour(), SERVICE, request)]
    assert first + [(event.partition, event.position) for event in _events(rest)] == whole


async def test_a_bulk_read_over_a_restore_names_no_place_that_was_lost() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("lost"))
    frames = read_events(stage.application, SERVICE, ReadEventsRequest(purpose="test"))
    seen = [await anext(frames), await anext(frames)]
    restore_in_memory(stage.store, partition_of("mila", 64), 1)
    seen += [frame async for frame in frames]
    phone.seq -= 1
    await phone.record(added("kept"), added("more"))
    start = StartPoint(checkpoint=seen[-1].checkpoint)
    with pytest.raises(JournalRewound):
        await _places(stage, ReadEventsRequest(start=start))
