"""Watching a projection, over the store in memory."""

import json
from dataclasses import replace
from typing import Any

import pytest

from journey.v1.access_pb2 import ROLE_OPERATOR
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_DRAINING,
    GOING_AWAY_REASON_REPLACED,
    GOING_AWAY_REASON_RESTART,
    RESET_REASON_FILTER_CHANGED,
    RESET_REASON_JOURNAL_REWOUND,
    RESET_REASON_PROJECTION_REBUILT,
    RESET_REASON_TOKEN_AHEAD,
    RESET_REASON_TOKEN_TOO_OLD,
)
from journey.v1.subscription_service_pb2 import WatchProjectionRequest
from journey_service.domain.errors import (
    FieldViolations,
    ProjectionNotFound,
    RoleNotAllowed,
    TokenMismatch,
)
from journey_service.domain.identity import Principal, partition_of
from journey_service.domain.tokens import Checkpoint, Tokens
from journey_service.ports import SubjectSnapshot
from tests.application.scene import Scene, added, scene
from tests.application.views import BAD
from tests.application.watching import VIEWS, another_generation, folded, watching, why_not
from tests.contract.rewinding import restore_in_memory


@pytest.fixture
async def stage() -> Scene:
    return await scene(views=VIEWS)


# --- from the beginning --------------------------------------------------------------------------


async def test_what_is_stored_and_what_is_not_yet_make_up_the_beginning(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    await folded(stage)
    await (await stage.device("noah")).record(added("tea", 2))
    async with watching(stage) as reader:
        assert (await reader.next()).opened.resumed is False
        snapshot = (await reader.next()).snapshot
        assert snapshot.last
        assert reader.held == {"mila/main": {"milk": 1}}
        assert (await reader.next()).WhichOneof("content") == "changes"
        assert reader.held == {"mila/main": {"milk": 1}, "noah/main": {"tea": 2}}
        assert (await reader.next()).WhichOneof("content") == "caught_up"


async def test_changes_are_sent_as_they_are_recorded(stage: Scene) -> None:
    phone = await stage.device("mila")
    async with watching(stage) as reader:
        await reader.until("caught_up")
        await phone.record(added("milk"))
        await reader.until("changes")
        await phone.record(added("milk", 4), added("tea"))
        changed = await reader.until("changes")
        assert len(changed.changes.states) == 1
    assert reader.held == {"mila/main": {"milk": 5, "tea": 1}}


async def test_only_named_states_are_sent(stage: Scene) -> None:
    mila, noah = await stage.device("mila"), await stage.device("noah")
    await mila.record(added("milk"))
    async with watching(stage, "mila/main", "noah/other") as reader:
        await reader.until("caught_up")
        assert reader.held == {"mila/main": {"milk": 1}}
        await noah.record(added("tea"))
        await mila.record(added("milk"))
        await reader.until("changes")
        assert reader.held == {"mila/main": {"milk": 2}}


async def test_a_large_snapshot_comes_in_parts_of_which_the_last_has_the_checkpoint() -> None:
    stage = await scene(views=VIEWS, frame_bytes=1_024, page_size_max=4)
    for number in range(12):
        device = await stage.device(f"customer-{number:02}")
        await device.record(*[added(f"{sku}-{'x' * 40}") for sku in range(5)])
    await folded(stage)
    async with watching(stage) as reader:
        await reader.next()
        parts = [await reader.next()]
        while not parts[-1].snapshot.last:
            parts.append(await reader.next())
        assert len(parts) > 3
        assert [bool(part.checkpoint) for part in parts[:-1]] == [False] * (len(parts) - 1)
        assert parts[-1].checkpoint
        keys = [state.key for part in parts for state in part.snapshot.states]
        assert keys == sorted(set(keys))
        assert len(keys) == 12


async def test_views_made_of_journeys_are_watched_by_subject(stage: Scene) -> None:
    phone = await stage.device("mila")
    async with watching(stage, "mila", name="continue_list") as reader:
        await reader.until("caught_up")
        await phone.record(added("milk"))
        (state,) = (await reader.until("changes")).changes.states
        assert json.loads(state.json)["journeys"] == [{"kind": "cart", "journey_id": "main"}]
    with pytest.raises(FieldViolations, match="required of continue_list"):
        async with watching(stage, name="continue_list") as reader:
            await reader.next()


async def test_journeys_can_be_watched_over_all_customers(stage: Scene) -> None:
    phone = await stage.device("mila")
    async with watching(stage, name="journeys") as reader:
        await reader.until("caught_up")
        await phone.record(added("milk"))
        (state,) = (await reader.until("changes")).changes.states
        assert state.key == "mila/cart/main"
        assert state.message.TypeName() == "journey.v1.Journey"


async def test_what_is_gone_is_named(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    read_subject = stage.store.states.read_subject

    async def erased(*asked: str, **more: Any) -> SubjectSnapshot:
        return replace(await read_subject(*asked, **more), states={}, tail=[])

    async with watching(stage) as reader:
        await reader.until("caught_up")
        monkeypatch.setattr(stage.store.states, "read_subject", erased)
        await phone.record(added("milk"))
        frame = await reader.until("changes")
        assert list(frame.changes.removed_keys) == ["mila/main"]
        assert reader.held == {}


# --- going on ------------------------------------------------------------------------------------


async def test_who_comes_back_gets_what_changed_meanwhile_once(stage: Scene) -> None:
    mila, noah = await stage.device("mila"), await stage.device("noah")
    await noah.record(added("tea"))
    async with watching(stage) as reader:
        await reader.until("caught_up")
    await mila.record(added("milk"), added("milk"))
    async with watching(stage, checkpoint=reader.checkpoint) as again:
        assert (await again.next()).opened.resumed
        (state,) = (await again.next()).changes.states
        assert state.key == "mila/main"
        assert (await again.next()).WhichOneof("content") == "caught_up"
    async with watching(stage, checkpoint=again.checkpoint) as level:
        await level.next()
        assert (await level.next()).WhichOneof("content") == "caught_up"


async def test_a_checkpoint_that_cannot_be_gone_on_from_begins_with_a_snapshot(
    stage: Scene,
) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    async with watching(stage) as reader:
        await reader.until("caught_up")
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    good = tokens.open_checkpoint(reader.checkpoint)

    def sealed(**changes: object) -> str:
        facts: dict[str, object] = {
            "epoch": good.epoch, "positions": good.positions, "filter": good.filter,
            "generation": good.generation, "issued_ms": good.issued_ms,
        }  # fmt: skip
        return tokens.seal_checkpoint(Checkpoint(**{**facts, **changes}))  # type: ignore[arg-type]

    ahead = {partition: position + 1 for partition, position in good.positions.items()}
    assert await why_not(stage, reader.checkpoint, "mila/main") == RESET_REASON_FILTER_CHANGED
    assert await why_not(stage, sealed(generation=7)) == RESET_REASON_PROJECTION_REBUILT
    assert await why_not(stage, sealed(epoch="another")) == RESET_REASON_JOURNAL_REWOUND
    assert await why_not(stage, sealed(positions=ahead)) == RESET_REASON_TOKEN_AHEAD
    assert await why_not(stage, sealed(issued_ms=1)) == RESET_REASON_TOKEN_TOO_OLD


async def test_a_reader_that_is_too_far_behind_begins_with_a_snapshot() -> None:
    stage = await scene(views=VIEWS, resume_token_events=1)
    async with watching(stage) as reader:
        await reader.until("caught_up")
    await (await stage.device("mila")).record(added("milk"), added("tea"))
    assert await why_not(stage, reader.checkpoint) == RESET_REASON_TOKEN_TOO_OLD


async def test_tokens_of_other_calls_are_refused(stage: Scene) -> None:
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    of_events = tokens.seal_checkpoint(Checkpoint(epoch="1", positions={0: 0}))
    for checkpoint in ("damaged", of_events):
        with pytest.raises(TokenMismatch) as refused:
            async with watching(stage, checkpoint=checkpoint) as reader:
                await reader.next()
        assert refused.value.metadata["field"] == "checkpoint"


# --- while it is open ----------------------------------------------------------------------------


async def test_another_generation_voids_what_was_sent_once_and_then_ends_the_stream() -> None:
    stage = await scene(views=VIEWS, heartbeat_ms=10)
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    async with watching(stage) as reader:
        await reader.until("caught_up")
        await another_generation(stage)
        frame = await reader.until("reset")
        assert frame.reset.reason == RESET_REASON_PROJECTION_REBUILT
        assert (await reader.next()).snapshot.last
        await reader.until("changes")
        assert reader.held == {"mila/main": {"milk": 1}}
        await another_generation(stage)
        ended = await reader.until("going_away")
        assert ended.going_away.reason == GOING_AWAY_REASON_RESTART


async def test_a_journal_that_was_rewound_behind_the_reader_voids_what_was_sent(
    stage: Scene,
) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    async with watching(stage) as reader:
        await reader.until("caught_up")
        restore_in_memory(stage.store, partition_of("mila"), 0)
        phone.seq = 0
        await phone.record(added("tea"))
        assert (await reader.until("reset")).reset.reason == RESET_REASON_JOURNAL_REWOUND
        await reader.until("snapshot")


async def test_a_newer_stream_of_the_same_reader_replaces_the_older(stage: Scene) -> None:
    async with watching(stage) as older:
        await older.until("caught_up")
        async with watching(stage) as newer:
            await newer.until("caught_up")
            ended = await older.until("going_away")
            assert ended.going_away.reason == GOING_AWAY_REASON_REPLACED


async def test_a_service_that_stops_sends_its_readers_away(stage: Scene) -> None:
    async with watching(stage) as reader:
        await reader.until("caught_up")
        stage.application.drain()
        ended = await reader.until("going_away")
        assert ended.going_away.reason == GOING_AWAY_REASON_DRAINING


async def test_silence_is_filled_with_heartbeats_that_move_on() -> None:
    stage = await scene(views=VIEWS, heartbeat_ms=10)
    async with watching(stage) as reader:
        await reader.until("caught_up")
        before = reader.checkpoint
        await stage.device("mila")
        frame = await reader.until("heartbeat")
        assert frame.heartbeat.lag_events == 0
        assert frame.checkpoint != before or frame.checkpoint


async def test_a_state_whose_fold_stopped_stays_as_it_was(stage: Scene) -> None:
    phone = await stage.device("mila")
    async with watching(stage) as reader:
        await reader.until("caught_up")
        await phone.record(added("milk"))
        await reader.until("changes")
        await phone.record(added(BAD))
        await reader.until("changes")
        assert reader.held == {"mila/main": {"milk": 1}}


async def test_what_cannot_be_watched_is_refused(stage: Scene) -> None:
    with pytest.raises(ProjectionNotFound):
        async with watching(stage, name="profit") as reader:
            await reader.next()
    with pytest.raises(FieldViolations, match=r"keys\[1\]: names no subject"):
        async with watching(stage, "mila", "/main") as reader:
            await reader.next()
    root = Principal(ROLE_OPERATOR, "root")
    asked = WatchProjectionRequest(projection="adds", consumer="ads")
    with pytest.raises(RoleNotAllowed):
        await anext(aiter(stage.application.watch_projection(root, asked)))
