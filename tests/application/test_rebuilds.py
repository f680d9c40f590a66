"""Rebuilds as callers ask for them: begun, followed, told to wait or end, taken back, watched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from google.rpc.code_pb2 import INTERNAL

from journey.v1 import rebuilds_pb2 as pb
from journey.v1.access_pb2 import ROLE_OPERATOR
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.projection_service_pb2 import (
    PROJECTION_STATUS_BUILDING,
    PROJECTION_STATUS_LIVE,
    ListProjectionsRequest,
)
from journey.v1.stream_pb2 import (
    RESET_REASON_PROJECTION_REBUILT,
)
from journey_service.domain.errors import (
    CommandIdReused,
    EventUnreadable,
    FieldViolations,
    ProjectionNotFound,
    RebuildNotFound,
    RebuildRunning,
    TokenMismatch,
)
from journey_service.domain.identity import Principal
from journey_service.ports_of_rebuilds import GenerationStatus
from tests.application.rebuilding import NAME, VERSION, Stage, stage
from tests.application.scene import DEVELOPER, added
from tests.projections.rebuilt import Folding

OPERATOR = Principal(ROLE_OPERATOR, "ops")
PURCHASED = "purchased"


def moved(states: dict[str, JourneyFold], event: Event) -> None:
    """A fold that puts films a second further."""
    for state in states.values():
        state.updated.t_ms = event.recorded_at_ms + 1_000


# --- from begin to end ---------------------------------------------------------------------------


async def test_a_rebuild_is_begun_filled_compared_and_switched_to() -> None:
    on = await stage()
    begun = await on.start()
    assert (begun.rebuild_id, begun.status) == ("journeys.2", pb.REBUILD_STATUS_PENDING)
    assert (begun.from_version, begun.to_version) == (VERSION, VERSION)
    assert begun.events_total == (await total(on))
    assert (begun.events_done, begun.left_ms, begun.partitions_total) == (0, -1, 4)
    ended = await on.end(begun)
    assert ended.status == pb.REBUILD_STATUS_SWITCHED
    assert ended.events_done == ended.events_total
    assert ended.partitions_done == 4
    assert (ended.states_compared, ended.states_differing) == (2, 0)
    assert (ended.left_ms, list(ended.differences)) == (0, [])
    kept_ms = ended.old_kept_until_ms - ended.ended_at_ms
    assert abs(kept_ms - on.scene.settings.rebuild_keep_old_ms) < 1_000


async def total(on: Stage) -> int:
    return sum((await on.scene.store.journal.heads()).values())


async def test_reads_are_the_same_before_while_and_after_and_a_watch_resets_once() -> None:
    on = await stage()
    phone = await on.scene.device()
    async with phone.watch() as watching:
        await watching.level()
        before = await phone.resume()
        begun = await on.start()
        assert await on.rebuilder.turn()
        assert await phone.resume() == before
        await on.end(begun)
        assert await phone.resume() == before
        await phone.record(added("milk"))
        frames = [await watching.take() for _ in range(2)]
    assert frames[0].reset.reason == RESET_REASON_PROJECTION_REBUILT
    assert frames[1].HasField("snapshot")


async def test_a_repeated_start_is_the_same_rebuild_and_another_has_to_wait() -> None:
    on = await stage()
    begun = await on.start("c1")
    assert (await on.start("c1")).rebuild_id == begun.rebuild_id
    with pytest.raises(CommandIdReused):
        await on.start("c1", dry_run=True)
    with pytest.raises(RebuildRunning) as refused:
        await on.start("c2")
    assert refused.value.metadata["rebuild_id"] == begun.rebuild_id


async def test_a_projection_names_the_rebuild_that_goes_on() -> None:
    on = await stage()

    async def stands() -> tuple[int, str]:
        listed = await on.scene.application.list_projections(DEVELOPER, ListProjectionsRequest())
        (found,) = [each for each in listed.projections if each.name == NAME]
        return found.status, found.rebuild_id

    assert await stands() == (PROJECTION_STATUS_LIVE, "")
    begun = await on.start()
    assert await stands() == (PROJECTION_STATUS_BUILDING, "journeys.2")
    await on.end(begun)
    assert await stands() == (PROJECTION_STATUS_LIVE, "")


async def test_what_cannot_be_rebuilt_is_refused() -> None:
    on = await stage()
    with pytest.raises(ProjectionNotFound):
        await on.start(projection="unheard-of")
    with pytest.raises(FieldViolations, match="to_version"):
        await on.start(to_version=VERSION + 1)
    with pytest.raises(FieldViolations, match="projection"):
        await on.start(projection=PURCHASED)
    for name in ("journeys.9", "journeys", ".2", "journeys.x", "journeys.1234567890"):
        with pytest.raises(RebuildNotFound):
            await on.get(pb.Rebuild(rebuild_id=name))


# --- what differs --------------------------------------------------------------------------------


async def test_a_dry_run_tells_which_fields_differ_with_examples() -> None:
    on = await stage(Folding(after=moved))
    ended = await on.end(await on.start(dry_run=True, keep_old_ms=60_000))
    assert (ended.status, ended.states_differing) == (pb.REBUILD_STATUS_COMPARED, 2)
    assert ended.old_kept_until_ms == 0
    (difference,) = ended.differences
    assert (difference.field, difference.states) == ("updated_at_ms", 2)
    example = difference.examples[0]
    assert (example.path, example.subject_id) == ("updated_at_ms", "mila")
    assert int(example.after_json.strip('"')) - int(example.before_json.strip('"')) >= 900
    masked = await on.get(ended, OPERATOR)
    assert [each.field for each in masked.differences] == ["updated_at_ms"]
    assert not any(each.after_json for each in masked.differences[0].examples)


async def test_examples_that_are_gone_or_damaged_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on = await stage(Folding(after=moved))
    ended = await on.end(await on.start(dry_run=True))
    rebuilds = on.scene.store.rebuilds

    async def damaged(*_: Any) -> None:
        raise EventUnreadable

    monkeypatch.setattr(rebuilds, "pair", damaged)
    assert not any(each.path for each in (await on.get(ended)).differences[0].examples)

    async def gone(*_: Any) -> None:
        return None

    monkeypatch.setattr(rebuilds, "pair", gone)
    assert not any(each.path for each in (await on.get(ended)).differences[0].examples)
    monkeypatch.undo()
    on.scene.store.states.states[NAME, 2].clear()
    (difference,) = (await on.get(ended)).differences
    assert not any(each.path for each in difference.examples), "they differ otherwise by now"


async def test_a_fold_that_fails_says_where() -> None:
    def broken(_: Any, __: Event) -> None:
        raise ArithmeticError

    on = await stage(Folding(after=broken))
    ended = await on.end(await on.start())
    assert ended.status == pb.REBUILD_STATUS_FAILED
    assert ended.error.code == INTERNAL
    assert "position 1 cannot be folded: ArithmeticError" in ended.error.message


# --- told to -------------------------------------------------------------------------------------


async def test_a_rebuild_rests_goes_on_and_is_cancelled_when_it_is_told() -> None:
    on = await stage()
    app, begun = on.scene.application, await on.start()
    assert await on.rebuilder.turn()
    paused = await app.pause_rebuild(DEVELOPER, pb.PauseRebuildRequest(rebuild_id="journeys.2"))
    assert paused.rebuild.status == pb.REBUILD_STATUS_PAUSED
    assert not await on.rebuilder.turn()
    again = await app.resume_rebuild(DEVELOPER, pb.ResumeRebuildRequest(rebuild_id="journeys.2"))
    assert again.rebuild.status in (pb.REBUILD_STATUS_RUNNING, pb.REBUILD_STATUS_PENDING)
    ended = await app.cancel_rebuild(DEVELOPER, pb.CancelRebuildRequest(rebuild_id="journeys.2"))
    assert ended.rebuild.status == pb.REBUILD_STATUS_CANCELLED
    assert ended.rebuild.ended_at_ms > 0
    repeated = await app.cancel_rebuild(DEVELOPER, pb.CancelRebuildRequest(rebuild_id="journeys.2"))
    assert repeated.rebuild.ended_at_ms == ended.rebuild.ended_at_ms
    resumed = await app.resume_rebuild(DEVELOPER, pb.ResumeRebuildRequest(rebuild_id="journeys.2"))
    assert resumed.rebuild.status == pb.REBUILD_STATUS_CANCELLED
    assert (await on.start()).rebuild_id == "journeys.3"
    assert begun.rebuild_id == "journeys.2"


async def test_what_was_switched_to_can_be_taken_back_once() -> None:
    on = await stage()
    app, request = on.scene.application, pb.RevertRebuildRequest(rebuild_id="journeys.2")
    begun = await on.start()
    with pytest.raises(FieldViolations, match="this one is running"):
        await app.revert_rebuild(DEVELOPER, request)
    await on.end(begun)
    taken = await app.revert_rebuild(DEVELOPER, request)
    assert taken.rebuild.status == pb.REBUILD_STATUS_REVERTED
    assert await app.revert_rebuild(DEVELOPER, request) == taken
    assert (await on.scene.store.states.read_subject(NAME, "mila")).generation == 1


async def test_what_is_not_kept_cannot_come_back() -> None:
    on = await stage()
    app = on.scene.application
    await on.end(await on.start())
    dropped = await app.drop_old_states(DEVELOPER, pb.DropOldStatesRequest(projection=NAME))
    assert (list(dropped.generations), list(dropped.in_use)) == ([1], [])
    while await on.rebuilder.turn():
        pass
    with pytest.raises(FieldViolations, match="are kept"):
        await app.revert_rebuild(DEVELOPER, pb.RevertRebuildRequest(rebuild_id="journeys.2"))
    again = await app.drop_old_states(DEVELOPER, pb.DropOldStatesRequest(projection=NAME))
    assert (list(again.generations), list(again.in_use)) == ([], [])


async def test_rebuilds_are_listed_newest_first_page_by_page() -> None:
    on = await stage(Folding(after=moved))
    app = on.scene.application
    for _ in range(3):
        await on.end(await on.start(dry_run=True))
    first = await app.list_rebuilds(DEVELOPER, pb.ListRebuildsRequest(page_size=2))
    assert [each.rebuild_id for each in first.rebuilds] == ["journeys.4", "journeys.3"]
    assert first.rebuilds[0].states_differing == 2
    assert not first.rebuilds[0].differences
    rest = pb.ListRebuildsRequest(page_size=2, page_token=first.next_page_token)
    second = await app.list_rebuilds(DEVELOPER, rest)
    assert [each.rebuild_id for each in second.rebuilds] == ["journeys.2"]
    assert second.next_page_token == ""
    rest.projection = "other"
    with pytest.raises(TokenMismatch):
        await app.list_rebuilds(DEVELOPER, rest)
    other = await app.list_rebuilds(DEVELOPER, pb.ListRebuildsRequest(projection="other"))
    assert list(other.rebuilds) == []


# --- by itself -----------------------------------------------------------------------------------


async def changed() -> Stage:
    """A stage whose live states an older version of the fold has made."""
    on = await stage()
    states = on.scene.store.states
    del states.named[NAME, VERSION]
    states.named[NAME, VERSION - 1] = 1
    states.generations[NAME, 1] = replace(states.generations[NAME, 1], fold_version=VERSION - 1)
    assert await states.register(NAME, VERSION) == 2
    return on


async def test_a_changed_fold_is_rebuilt_by_itself_and_goes_on_when_it_is_asked_for() -> None:
    on = await changed()
    app, named = on.scene.application, "journeys.2"
    begun = await on.start()
    assert (begun.rebuild_id, begun.automatic, begun.from_version) == (named, True, VERSION - 1)
    with pytest.raises(RebuildRunning):
        await on.start()
    await app.cancel_rebuild(DEVELOPER, pb.CancelRebuildRequest(rebuild_id=named))
    resumed = await app.resume_rebuild(DEVELOPER, pb.ResumeRebuildRequest(rebuild_id=named))
    assert resumed.rebuild.ended_at_ms == 0
    await app.cancel_rebuild(DEVELOPER, pb.CancelRebuildRequest(rebuild_id=named))
    again = await on.start()
    assert (again.rebuild_id, again.ended_at_ms) == (named, 0)
    ended = await on.end(begun)
    assert (ended.status, ended.states_differing) == (pb.REBUILD_STATUS_SWITCHED, 0)
    with pytest.raises(FieldViolations, match="a release with that version is started"):
        await app.revert_rebuild(DEVELOPER, pb.RevertRebuildRequest(rebuild_id=named))


async def test_what_became_whole_meanwhile_is_rebuilt_beside_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on = await changed()
    rebuilds = on.scene.store.rebuilds

    async def whole(_: Any) -> None:
        generation = on.scene.store.states.generations[NAME, 2]
        live = replace(generation, status=GenerationStatus.LIVE)
        on.scene.store.states.generations[NAME, 2] = live

    monkeypatch.setattr(rebuilds, "begin_automatic", whole)
    assert (await on.start()).rebuild_id == "journeys.3"
