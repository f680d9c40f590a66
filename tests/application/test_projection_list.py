"""How projections stand, as it is listed."""

import asyncio
from dataclasses import replace

import pytest

import projections
from journey.v1.access_pb2 import ROLE_DEVELOPER
from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import (
    PROJECTION_STATUS_BUILDING,
    PROJECTION_STATUS_FAILED,
    PROJECTION_STATUS_LIVE,
    ListProjectionsRequest,
    ListProjectionsResponse,
    Projection,
    RetryProjectionRequest,
    SkipEventRequest,
)
from journey.v1.rebuilds_pb2 import ResumeRebuildRequest
from journey_client._calls import DEFAULT_TIMEOUT_MS
from journey_service.domain.errors import EventUnreadable, FieldViolations, TokenMismatch
from journey_service.domain.identity import Principal
from journey_service.ports_of_rebuilds import RebuildOrder
from journey_service.settings import Settings
from projections.rebuilder import Rebuilder
from projections.view import Catalogue
from tests.application.scene import DEVELOPER, Scene, added, application_on, scene
from tests.application.views import BAD, adds, runner_of

VIEWS = (*projections.VIEWS, adds())


@pytest.fixture
async def stage() -> Scene:
    return await scene(views=VIEWS)


async def page(
    stage: Scene, who: Principal = DEVELOPER, **asked: object
) -> ListProjectionsResponse:
    request = ListProjectionsRequest(**asked)  # type: ignore[arg-type]
    return await stage.application.list_projections(who, request)


async def stands(stage: Scene, name: str = "adds") -> Projection:
    return {each.name: each for each in (await page(stage)).projections}[name]


async def folded(stage: Scene) -> None:
    await runner_of(adds(), stage.store).catch_up()


async def test_all_are_listed_by_name_in_pages(stage: Scene) -> None:
    names = sorted(view.name for view in VIEWS)
    first = await page(stage, page_size=4)
    assert [each.name for each in first.projections] == names[:4]
    rest = await page(stage, page_token=first.next_page_token)
    assert [each.name for each in rest.projections] == names[4:]
    assert rest.next_page_token == ""
    with pytest.raises(TokenMismatch):
        await page(stage, Principal(ROLE_DEVELOPER, "other"), page_token=first.next_page_token)


async def test_how_far_one_is_behind_is_counted_and_its_age_told(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"), added("tea"))
    behind = await stands(stage)
    assert (behind.status, behind.lag_events) == (PROJECTION_STATUS_LIVE, 3)
    assert behind.lag_ms >= 0
    await folded(stage)
    level = await stands(stage)
    assert (level.lag_events, level.lag_ms) == (0, 0)
    assert (level.version, level.generation, list(level.index_fields)) == (1, 1, ["sku"])
    assert level.checkpoint != behind.checkpoint


async def test_what_is_made_of_journeys_has_no_place(stage: Scene) -> None:
    derived = await stands(stage, "continue_list")
    assert derived.derived
    assert (derived.checkpoint, derived.generation, derived.lag_events) == ("", 0, 0)


async def test_one_that_is_built_beside_names_its_rebuild(stage: Scene) -> None:
    heads = await stage.store.journal.heads()
    order = RebuildOrder(projection="adds", fold_version=1, targets=list(heads.values()))
    rebuild = await stage.store.rebuilds.begin(order)
    building = await stands(stage)
    assert building.status == PROJECTION_STATUS_BUILDING
    assert building.rebuild_id == f"adds.{rebuild.generation}"


async def test_one_that_stopped_says_where_and_an_age_that_cannot_be_read_is_left_out(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"), added(BAD))
    await folded(stage)
    failed = await stands(stage)
    assert failed.status == PROJECTION_STATUS_FAILED
    assert "position 3, cart.line_added" in failed.error

    async def damaged(*_: object, **__: object) -> list[Event]:
        raise EventUnreadable

    monkeypatch.setattr(stage.store.journal, "read_partition", damaged)
    assert (await stands(stage)).lag_ms == 0


async def test_one_whose_new_version_cannot_be_filled_failed_before_its_runner_gets_there() -> None:
    before = await scene(views=(*projections.VIEWS, adds(faulty=False)))
    phone = await before.device("mila")
    await phone.record(added("milk"), added(BAD), added("tea"))
    await runner_of(adds(faulty=False), before.store).catch_up()
    stage, rebuilder = await upgraded(before)
    await rebuilder.begin_automatic()
    assert (await stands(stage)).status == PROJECTION_STATUS_BUILDING
    while await rebuilder.turn():
        pass
    failed = await stands(stage)
    (stop,) = failed.stops
    assert failed.status == PROJECTION_STATUS_FAILED
    assert (stop.position, stop.type) == (3, "cart.line_added")
    assert f"position 3, cart.line_added {stop.event_id}: ValueError" in failed.error
    runner = runner_of(adds(2), stage.store)
    await runner.catch_up()
    assert list((await stands(stage)).stops) == [stop]
    asked = SkipEventRequest(
        projection="adds", partition=stop.partition, position=stop.position, reason="gone off"
    )
    await stage.application.skip_event(DEVELOPER, asked)
    going_on = await stands(stage)
    assert (going_on.status, going_on.error) == (PROJECTION_STATUS_LIVE, "")
    await runner.catch_up()
    assert (await stands(stage)).lag_events == 0


async def failed_rebuild() -> tuple[Scene, Rebuilder]:
    """A new version of the fold whose rebuild stopped at its second event."""
    before = await scene(views=(*projections.VIEWS, adds(faulty=False)))
    phone = await before.device("mila")
    await phone.record(added("milk"), added(BAD), added("tea"))
    stage, rebuilder = await upgraded(before)
    await rebuilder.begin_automatic()
    while await rebuilder.turn():
        pass
    return stage, rebuilder


async def test_what_a_failed_rebuild_stopped_at_is_tried_again_as_any_other_stop() -> None:
    stage, _ = await failed_rebuild()
    asked = RetryProjectionRequest(projection="adds")
    (retried,) = (await stage.application.retry_projection(DEVELOPER, asked)).retried
    assert retried.position == 3
    trying = await stands(stage)
    assert (trying.status, trying.error, list(trying.stops)) == (PROJECTION_STATUS_LIVE, "", [])
    assert trying.lag_events > 0
    await runner_of(adds(2), stage.store).catch_up()
    assert (await stands(stage)).status == PROJECTION_STATUS_FAILED
    await stage.application.retry_projection(DEVELOPER, asked)
    await runner_of(adds(2, faulty=False), stage.store).catch_up()
    mended = await stands(stage)
    assert (mended.status, mended.lag_events) == (PROJECTION_STATUS_LIVE, 0)


async def test_a_failed_rebuild_that_goes_on_tries_again_where_it_stopped() -> None:
    stage, rebuilder = await failed_rebuild()
    again = ResumeRebuildRequest(rebuild_id="adds.2")
    await stage.application.resume_rebuild(DEVELOPER, again)
    trying = await stands(stage)
    assert (trying.status, trying.error) == (PROJECTION_STATUS_BUILDING, "")
    assert (list(trying.stops), trying.rebuild_id) == ([], "adds.2")
    while await rebuilder.turn():
        pass
    failed = await stands(stage)
    assert (failed.status, len(failed.stops)) == (PROJECTION_STATUS_FAILED, 1)


async def test_a_failed_rebuild_is_past_where_a_mended_fold_went_on() -> None:
    before = await scene(views=(*projections.VIEWS, adds(faulty=False)))
    phone = await before.device("mila")
    await phone.record(added(BAD))
    stage, rebuilder = await upgraded(before)
    await rebuilder.begin_automatic()
    while await rebuilder.turn():
        pass
    assert (await stands(stage)).status == PROJECTION_STATUS_FAILED
    await runner_of(adds(2, faulty=False), stage.store).catch_up()
    assert (await stands(stage)).status == PROJECTION_STATUS_LIVE


async def upgraded(before: Scene) -> tuple[Scene, Rebuilder]:
    """The same store under a new version of the fold, and who fills its states."""
    store, view = before.store, adds(2)
    await store.states.register(view.name, view.version)
    application = application_on(store, before.settings, Catalogue((*projections.VIEWS, view)))
    rebuilder = Rebuilder([view], store.journal, store.rebuilds, owner="builder", stops=store.stops)
    return replace(before, application=application), rebuilder


async def test_a_skip_waits_while_the_event_is_tried_again(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"), added(BAD))
    await folded(stage)
    (stop,) = (await stands(stage)).stops
    await stage.application.retry_projection(DEVELOPER, RetryProjectionRequest(projection="adds"))
    asked = SkipEventRequest(
        projection="adds", partition=stop.partition, position=stop.position, reason="gone off"
    )
    skipping = asyncio.create_task(stage.application.skip_event(DEVELOPER, asked))
    await asyncio.sleep(0)
    await folded(stage)
    assert (await skipping).skipped.position == stop.position
    await folded(stage)
    assert (await stands(stage)).lag_events == 0


def test_a_skip_waits_no_longer_than_calls_do_that_are_told_no_deadline() -> None:
    settings = Settings()
    assert settings.skip_wait_ms < min(settings.call_deadline_ms, DEFAULT_TIMEOUT_MS)


async def test_who_skips_what_is_not_tried_in_time_is_told_to_look_in_a_moment() -> None:
    stage = await scene(replace(Settings(), skip_wait_ms=0), views=VIEWS)
    phone = await stage.device("mila")
    await phone.record(added("milk"), added(BAD))
    await folded(stage)
    (stop,) = (await stands(stage)).stops
    await stage.application.retry_projection(DEVELOPER, RetryProjectionRequest(projection="adds"))
    asked = SkipEventRequest(
        projection="adds", partition=stop.partition, position=stop.position, reason="gone off"
    )
    with pytest.raises(
        FieldViolations, match=f"{stop.partition}/3 is not tried yet: look at"
    ) as no:
        await stage.application.skip_event(DEVELOPER, asked)
    assert "nothing to skip" not in str(no.value)
    asked.position += 1
    with pytest.raises(FieldViolations, match="adds is stopped nowhere: there is nothing to skip"):
        await stage.application.skip_event(DEVELOPER, asked)


async def test_only_stored_ones_and_places_that_there_are_can_be_told(stage: Scene) -> None:
    retry, skip = stage.application.retry_projection, stage.application.skip_event
    with pytest.raises(FieldViolations, match=r"partitions\[1\]: 0 to 63"):
        await retry(DEVELOPER, RetryProjectionRequest(projection="adds", partitions=[0, 64]))
    with pytest.raises(FieldViolations, match="made of the customer's journeys"):
        await retry(DEVELOPER, RetryProjectionRequest(projection="purchased"))
    asked = SkipEventRequest(projection="adds", partition=0, position=1, reason="broken")
    with pytest.raises(FieldViolations, match="adds is stopped nowhere"):
        await skip(DEVELOPER, asked)


async def test_what_was_skipped_is_left_out_of_exact_reads_and_lists(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"), added(BAD), added("tea"))
    await folded(stage)
    (stop,) = (await stands(stage)).stops
    asked = SkipEventRequest(
        projection="adds", partition=stop.partition, position=stop.position, reason="gone off"
    )
    told = (await stage.application.skip_event(DEVELOPER, asked)).skipped
    assert (told.reason, told.actor) == ("gone off", DEVELOPER.id)
    await folded(stage)
    mended = await stands(stage)
    assert (mended.status, mended.lag_events, list(mended.skips)) == (
        PROJECTION_STATUS_LIVE, 0, [told],
    )  # fmt: skip
