"""Tokens from before a restore: good up to what it kept, refused beyond (rule R6)."""

import pytest

from journey.v1.history_service_pb2 import ReadEventsRequest, ReadEventsResponse
from journey.v1.interactions_pb2 import CartLineRemoved, Interaction
from journey.v1.journey_service_pb2 import GetJourneyRequest
from journey.v1.reading_pb2 import AsOf, StartPoint
from journey.v1.stream_pb2 import RESET_REASON_JOURNAL_REWOUND
from journey_service.domain.errors import JournalRewound
from journey_service.domain.identity import partition_of
from journey_service.domain.tokens import Tokens, WriteToken, hashed
from tests.application.scene import (
    CART,
    DEVELOPER,
    FILM,
    DeviceInUse,
    Scene,
    added,
    paused,
    played,
    scene,
)
from tests.application.taking import read_events
from tests.contract.rewinding import restore_in_memory


async def restore(stage: Scene, kept: int, *phones: DeviceInUse) -> None:
    """So many acts of mila are kept, and the rest is lost; phones number on from there."""
    journal = stage.store.journal
    number = partition_of("mila", journal.partition_count)
    events = await journal.read_partition(number)
    acts = [event.position for event in events if event.interaction.seq]
    restore_in_memory(stage.store, number, acts[kept - 1])
    for phone in phones:
        phone.seq = kept


async def get(phone: DeviceInUse, at_least: str) -> int:
    request = GetJourneyRequest(journey=FILM, at_least=at_least)
    found = await phone.scene.application.get_journey(phone.principal, request, deadline=None)
    return found.journey.media.point_ms


async def read(stage: Scene, **fields: object) -> list[ReadEventsResponse]:
    request = ReadEventsRequest(purpose="test", **fields)  # type: ignore[arg-type]
    return [frame async for frame in read_events(stage.application, DEVELOPER, request)]


def points(frames: list[ReadEventsResponse]) -> list[int]:
    """Where the film stood at each act that was read."""
    acts = [event.interaction for frame in frames for event in frame.batch.events]
    return [act.media_played.point_ms or act.media_paused.point_ms for act in acts if act.seq]


async def test_a_write_that_a_restore_kept_is_read_after_it_and_a_lost_one_is_refused() -> None:
    stage = await scene()
    phone = await stage.device()
    kept = (await phone.record(played(0), paused(8_000))).write_token
    lost = (await phone.record(played(8_000, run="b"))).write_token
    await restore(stage, 2, phone)
    assert await get(phone, kept) == 8_000
    with pytest.raises(JournalRewound):
        await get(phone, lost)
    # Another event has the lost one's version now.
    await phone.record(paused(9_000))
    with pytest.raises(JournalRewound):
        await get(phone, lost)


async def test_a_token_outlives_several_restores_that_all_kept_it() -> None:
    stage = await scene()
    phone = await stage.device()
    first = (await phone.record(played(0))).write_token
    second = (await phone.record(paused(8_000))).write_token
    await restore(stage, 2, phone)
    third = (await phone.record(played(8_000, run="b"))).write_token
    await restore(stage, 1, phone)
    await phone.record(paused(8_000), paused(9_000), paused(10_000))
    await restore(stage, 4, phone)
    assert await get(phone, first) == 8_000
    for lost in (second, third):
        with pytest.raises(JournalRewound):
            await get(phone, lost)


async def test_a_token_of_an_epoch_that_nobody_knows_is_refused() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0))
    old = WriteToken(epoch="before", versions=hashed({"mila": 1}), positions={})
    token = Tokens([b"k" * 32], stage.store.journal.journal_id).seal_write(old)
    with pytest.raises(JournalRewound):
        await get(phone, token)


async def test_in_the_epoch_in_force_a_token_costs_no_look_at_the_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    phone = await stage.device()

    async def never(*_: object) -> int:
        raise AssertionError("the journal was asked about an epoch")

    monkeypatch.setattr(stage.store.journal, "position_of", never)
    monkeypatch.setattr(stage.store.journal, "keeps", never)
    token = (await phone.record(played(0))).write_token
    assert await get(phone, token) == 0
    async with phone.watch() as watching:
        seen = (await watching.level()).token
    pause = paused(8_000)
    pause.seen = seen
    assert not (await phone.record(pause)).results[0].seen_ignored
    async with phone.watch(seen) as watching:
        assert (await watching.next("opened")).opened.resumed
    await read(stage, subject_id="mila", start=StartPoint(checkpoint=(await last(stage))))


async def last(stage: Scene, **fields: object) -> str:
    """The checkpoint at the end of a read."""
    return (await read(stage, **({"subject_id": "mila"} | fields)))[-1].checkpoint


@pytest.mark.parametrize("whole", [False, True])
async def test_a_read_of_the_past_goes_on_from_what_was_kept_alone(whole: bool) -> None:
    stage = await scene()
    phone = await stage.device()
    fields: dict[str, object] = {} if whole else {"subject_id": "mila"}
    await phone.record(played(0), paused(8_000))
    kept = await last(stage, subject_id=fields.get("subject_id", ""))
    await phone.record(played(8_000, run="b"))
    lost = await last(stage, subject_id=fields.get("subject_id", ""))
    await restore(stage, 2, phone)
    await phone.record(paused(9_000), paused(10_000))
    frames = await read(stage, **fields, start=StartPoint(checkpoint=kept))
    assert points(frames) == [9_000, 10_000]
    with pytest.raises(JournalRewound):
        await read(stage, **fields, start=StartPoint(checkpoint=lost))


async def test_a_backwards_read_goes_on_if_what_it_has_still_to_read_was_kept() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0), paused(8_000), played(8_000, run="b"))
    read_one = (await read(stage, subject_id="mila", backwards=True, limit=1))[-1].checkpoint
    await restore(stage, 2, phone)
    await phone.record(paused(9_000))
    frames = await read(
        stage, subject_id="mila", backwards=True, start=StartPoint(checkpoint=read_one)
    )
    assert points(frames) == [8_000, 0]


async def test_the_past_is_read_as_of_a_kept_token_and_not_as_of_a_lost_one() -> None:
    stage = await scene()
    phone = await stage.device()
    kept = (await phone.record(played(0), paused(8_000))).write_token
    lost = (await phone.record(played(8_000, run="b"))).write_token
    place = await last(stage, subject_id="")
    await restore(stage, 2, phone)
    await phone.record(paused(9_000), paused(10_000))

    async def as_of(token: str) -> int:
        request = GetJourneyRequest(journey=FILM, as_of=AsOf(token=token))
        found = await stage.application.get_journey(phone.principal, request, deadline=None)
        return found.journey.media.point_ms

    assert await as_of(kept) == 8_000
    for token in (lost, place):
        with pytest.raises(JournalRewound):
            await as_of(token)


async def test_a_watch_goes_on_from_a_kept_copy_with_what_changed_since() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    async with phone.watch() as watching:
        token = (await watching.level()).token
    await phone.record(played(0))
    await restore(stage, 1, phone)
    await phone.record(played(0), paused(9_000))
    async with phone.watch(token) as watching:
        assert (await watching.next("opened")).opened.resumed
        delta = (await watching.next("delta")).delta
    assert [journey.ref for journey in delta.journeys] == [FILM]
    assert delta.journeys[0].media.point_ms == 9_000


async def test_a_watch_of_a_copy_that_was_lost_begins_with_a_snapshot() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"), added("B2"))
    async with phone.watch() as watching:
        token = (await watching.level()).token
    await restore(stage, 1, phone)
    await phone.record(played(0), paused(8_000))
    async with phone.watch(token) as watching:
        opened = (await watching.next("opened")).opened
        snapshot = (await watching.next("snapshot")).snapshot
        await watching.next("caught_up")
    assert not opened.resumed
    assert opened.why_not == RESET_REASON_JOURNAL_REWOUND
    lines = {journey.ref.kind: journey.cart.lines for journey in snapshot.journeys}
    assert [line.product.sku for line in lines["cart"]] == ["B1"]


@pytest.mark.parametrize(("seen_before", "ignored"), [(1, False), (2, True)])
async def test_what_was_seen_before_a_restore_counts_only_as_far_as_it_was_kept(
    seen_before: int, ignored: bool
) -> None:
    stage = await scene()
    phone, laptop = await stage.device(), await stage.device()
    for _ in range(seen_before):
        await phone.record(added("B1"))
    async with laptop.watch() as watching:
        token = (await watching.level()).token
    await restore(stage, 1, phone)
    # Nobody who saw the cart before has seen this one.
    await phone.record(added("B1"))
    line = (await laptop.resume(CART)).cart.lines[0]
    body = CartLineRemoved(line_key=line.line_key)
    removed = Interaction(journey=CART, cart_line_removed=body, seen=token)
    answer = await laptop.record(removed)
    assert answer.results[0].seen_ignored is ignored
    left = [line.quantity for line in (await laptop.resume(CART)).cart.lines]
    assert left == [2 if ignored else 1]


@pytest.mark.parametrize(("kept", "reset"), [(2, False), (1, True)])
async def test_a_watch_that_is_open_during_a_restore_begins_anew_only_if_its_copy_was_lost(
    kept: int, reset: bool
) -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"), added("B2"))
    async with phone.watch() as watching:
        await watching.level()
        await restore(stage, kept, phone)
        # As many as were lost, so that versions alone tell nothing.
        await phone.record(added("B3"), added("B4"))
        if reset:
            told = (await watching.next("reset")).reset
            assert told.reason == RESET_REASON_JOURNAL_REWOUND
        state = await watching.next("snapshot" if reset else "delta")
    journeys = state.snapshot.journeys if reset else state.delta.journeys
    skus = [line.product.sku for line in journeys[0].cart.lines]
    assert skus == (["B1", "B3", "B4"] if reset else ["B1", "B2", "B3", "B4"])
