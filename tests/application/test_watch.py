"""What a watch promises: a first frame at once, exact states, one restart, a planned end."""

from __future__ import annotations

import pytest

import projections
from journey.v1.journey_service_pb2 import WatchRequest, WatchResponse
from journey.v1.references_pb2 import JourneyRef
from journey.v1.stream_pb2 import (
    RESET_REASON_FILTER_CHANGED,
    RESET_REASON_JOURNAL_REWOUND,
    RESET_REASON_PROJECTION_REBUILT,
    RESET_REASON_TOKEN_AHEAD,
    RESET_REASON_TOKEN_TOO_OLD,
)
from journey_service.domain.batch import Stamp
from journey_service.domain.errors import (
    CustomerMismatch,
    FieldViolations,
    TokenMismatch,
)
from journey_service.domain.tokens import StateToken, Tokens, hashed, subject_hash
from tests.application.scene import (
    CART,
    DEVELOPER,
    Scene,
    Watching,
    added,
    paused,
    played,
    scene,
)


async def test_opened_comes_first_then_the_whole_copy_then_caught_up() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0), paused(9_000))
    async with phone.watch() as watching:
        opened = await watching.next("opened")
        snapshot = await watching.next("snapshot")
        caught_up = await watching.next("caught_up")
    assert opened.opened.heartbeat_ms == 15_000
    assert not opened.opened.resumed
    assert snapshot.snapshot.last
    assert snapshot.snapshot.journeys[0].media.point_ms == 9_000
    assert [ref.journey_id for ref in snapshot.snapshot.continue_list] == []
    assert snapshot.snapshot.processed[0].seq == 2
    assert [frame.frame for frame in (opened, snapshot, caught_up)] == [1, 2, 3]
    assert not opened.token
    assert snapshot.token


async def test_another_device_sees_a_record_as_a_whole_state_with_its_own_watermark() -> None:
    stage = await scene()
    phone, laptop = await stage.device(), await stage.device()
    async with laptop.watch() as watching:
        await watching.level()
        await phone.record(played(0), paused(1_873_250))
        delta = (await watching.next("delta")).delta
    assert delta.last
    assert delta.journeys[0].media.point_ms == 1_873_250
    assert [ref.journey_id for ref in delta.continue_list] == ["film-42"]
    assert delta.processed[0].seq == 0


async def test_the_acting_device_learns_by_its_watermark_what_is_in_the_delta() -> None:
    stage = await scene()
    phone = await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        await phone.record(added("B1"))
        delta = (await watching.next("delta")).delta
    assert delta.processed[0].seq == 1
    assert delta.journeys[0].cart.lines[0].quantity == 1


async def test_a_watermark_that_moves_without_a_change_gives_a_delta_by_itself() -> None:
    stage = await scene()
    phone = await stage.device()
    bad = paused(9_000)
    bad.media_paused.run_id = "0" * 32
    async with phone.watch() as watching:
        await watching.level()
        await phone.record(bad)
        delta = (await watching.next("delta")).delta
    assert not delta.journeys
    assert delta.processed[0].seq == 1


async def test_a_token_brings_only_what_changed_since_and_always_one_delta() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"), played(0))
    async with phone.watch() as watching:
        token = (await watching.level()).token
    async with phone.watch(token) as watching:
        assert (await watching.next("opened")).opened.resumed
        unchanged = (await watching.next("delta")).delta
    await phone.record(added("B1"))
    async with phone.watch(token) as watching:
        changed = (await watching.level()).delta
    assert not unchanged.journeys
    assert unchanged.last
    assert [journey.ref.kind for journey in changed.journeys] == ["cart"]


async def test_a_token_of_another_filter_begins_with_a_snapshot_and_says_why() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"), played(0), paused(9_000))
    async with phone.watch() as watching:
        token = (await watching.level()).token
    async with phone.watch(token, kinds=["cart"]) as watching:
        opened = (await watching.next("opened")).opened
        snapshot = (await watching.next("snapshot")).snapshot
    assert not opened.resumed
    assert opened.why_not == RESET_REASON_FILTER_CHANGED
    assert [journey.ref.kind for journey in snapshot.journeys] == ["cart"]


async def test_a_filter_hides_journeys_but_not_the_watermark() -> None:
    stage = await scene()
    phone = await stage.device()
    async with phone.watch(journeys=[JourneyRef(kind="cart", journey_id="main")]) as watching:
        await watching.level()
        await phone.record(played(0))
        delta = (await watching.next("delta")).delta
    assert not delta.journeys
    assert delta.processed[0].seq == 1


@pytest.mark.parametrize(
    ("version", "generation", "age_ms", "reason"),
    [
        (1, 1, 8 * 86_400_000, RESET_REASON_TOKEN_TOO_OLD),
        (99, 1, 0, RESET_REASON_TOKEN_AHEAD),
        (1, 7, 0, RESET_REASON_PROJECTION_REBUILT),
    ],
)
async def test_a_token_that_cannot_be_gone_on_from_costs_one_restart(
    version: int, generation: int, age_ms: int, reason: int
) -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0))
    token = _token(stage, version, generation, stage.application.now_ms() - age_ms)
    async with phone.watch(token) as watching:
        opened = (await watching.next("opened")).opened
        if opened.resumed:
            assert (await watching.next("reset")).reset.reason == reason
        else:
            assert opened.why_not == reason
        await watching.next("snapshot")
        await watching.next("caught_up")


async def test_a_token_of_another_epoch_begins_with_a_snapshot() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0))
    token = _token(stage, 1, 1, stage.application.now_ms(), epoch="before")
    async with phone.watch(token) as watching:
        opened = (await watching.next("opened")).opened
    assert opened.why_not == RESET_REASON_JOURNAL_REWOUND


async def test_a_damaged_token_and_anothers_are_errors() -> None:
    stage = await scene()
    mila, eve = await stage.device("mila"), await stage.device("eve")
    async with mila.watch() as watching:
        token = (await watching.level()).token
    with pytest.raises(TokenMismatch):
        await mila.watch("rubbish").take()
    with pytest.raises(CustomerMismatch):
        await eve.watch(token).take()


async def test_a_large_copy_comes_in_parts_of_which_the_last_carries_the_token() -> None:
    stage = await scene(frame_bytes=1_024)
    phone = await stage.device()
    refs = [JourneyRef(kind="cart", journey_id=f"cart-{number}") for number in range(30)]
    await phone.record(*(added("B1", cart=ref) for ref in refs))
    parts: list[WatchResponse] = []
    async with phone.watch() as watching:
        await watching.next("opened")
        while not parts or not parts[-1].snapshot.last:
            parts.append(await watching.next("snapshot"))
        await watching.next("caught_up")
    assert len(parts) > 1
    assert [part.snapshot.part for part in parts] == list(range(1, len(parts) + 1))
    assert [bool(part.token) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert sum(len(part.snapshot.journeys) for part in parts) == 30


async def test_a_snapshot_holds_the_newest_journeys_and_says_that_there_are_more() -> None:
    stage = await scene(snapshot_journeys=2)
    phone = await stage.device()
    for number in range(3):
        await phone.record(added("B1", cart=JourneyRef(kind="cart", journey_id=f"cart-{number}")))
    async with phone.watch() as watching:
        snapshot = (await watching.level()).snapshot
    assert snapshot.truncated
    assert [journey.ref.journey_id for journey in snapshot.journeys] == ["cart-2", "cart-1"]


async def test_a_rebuild_while_connected_gives_one_reset_with_its_snapshot_then_an_end() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    async with phone.watch() as watching:
        await watching.level()
        for later, expected in ((1, "reset"), (2, "going_away")):
            await _another_fold(stage, later)
            await phone.record(added("B1"))
            await watching.next(expected)
            if expected == "reset":
                snapshot = await watching.next("snapshot")
                assert snapshot.snapshot.journeys[0].cart.lines[0].quantity == 2


async def test_another_fold_is_told_to_a_watch_to_which_nothing_else_happens() -> None:
    stage = await scene(heartbeat_ms=20, watch_look_ms=60)
    phone = await stage.device()
    await phone.record(added("B1"))
    async with phone.watch() as watching:
        await watching.level()
        await _another_fold(stage, 1)
        frame = await watching.take()
        while frame.WhichOneof("content") == "heartbeat":
            frame = await watching.take()
        assert frame.reset.reason == RESET_REASON_PROJECTION_REBUILT
        assert (await watching.next("snapshot")).snapshot.journeys[0].cart.lines[0].quantity == 1


async def test_no_part_is_larger_than_a_frame_may_be() -> None:
    stage = await scene(frame_bytes=4_096)
    phone = await stage.device()
    refs = [JourneyRef(kind="cart", journey_id=f"{number:0120}") for number in range(60)]
    for start in range(0, 60, 20):
        await phone.record(*(added("B1", cart=ref) for ref in refs[start : start + 20]))
    async with phone.watch() as watching:
        await watching.next("opened")
        parts = [await watching.next("snapshot")]
        while not parts[-1].snapshot.last:
            parts.append(await watching.next("snapshot"))
    assert stage.settings.frame_bytes == 4_096
    assert all(part.ByteSize() <= 4_096 + len(part.token) for part in parts)
    assert len(parts[-1].snapshot.continue_list) == stage.settings.continue_list_size


async def test_a_developer_watches_without_a_session_and_must_name_the_customer() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    named = WatchRequest(subject_id="mila")
    async with Watching(stage.application.watch(DEVELOPER, named)) as watching:
        snapshot = (await watching.level()).snapshot
    assert snapshot.journeys[0].ref == CART
    assert not snapshot.processed
    with pytest.raises(FieldViolations, match="subject_id"):
        await Watching(stage.application.watch(DEVELOPER, WatchRequest())).take()


async def test_a_device_must_name_its_session() -> None:
    stage = await scene()
    phone = await stage.device()
    with pytest.raises(FieldViolations, match="session_id"):
        await Watching(stage.application.watch(phone.principal, WatchRequest())).take()


async def test_nothing_is_left_when_watches_end() -> None:
    stage = await scene()
    phone = await stage.device()
    async with phone.watch() as watching:
        await watching.level()
        assert stage.application.watchers == 1
    assert stage.application.watchers == 0


async def _another_fold(stage: Scene, later: int) -> None:
    version = projections.JOURNEYS.version + later
    await stage.store.states.register(projections.JOURNEYS.name, version)


def _token(stage: Scene, version: int, generation: int, issued_ms: int, epoch: str = "") -> str:
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    return tokens.seal_state(
        StateToken(
            epoch=epoch or stage.store.journal.epoch,
            session_subject=subject_hash("mila"),
            versions=hashed({"mila": version}),
            floor=Stamp(0, 0),
            issued_ms=issued_ms,
            generation=generation,
        )
    )
