"""States of a customer of several subjects: merged when one is read, as stored in lists."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

import projections
from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.journeys_pb2 import Journey
from journey.v1.projection_service_pb2 import (
    GetStateRequest,
    GetStateResponse,
    ProjectionState,
)
from journey.v1.reading_pb2 import AsOf
from journey.v1.subscription_service_pb2 import WatchProjectionRequest, WatchProjectionResponse
from journey_service.domain.errors import ProjectionBehind
from journey_service.domain.identity import Principal
from journey_service.ports import SubjectSnapshot
from tests.application.linking import link
from tests.application.scene import DEVELOPER, FILM, SERVICE, Scene, added, paused, played, scene
from tests.application.views import BAD, adds, runner_of

VIEWS = (*projections.VIEWS, adds())
VISITOR = Principal(ROLE_DEVICE, "visitor", "visitor")
MILA = Principal(ROLE_DEVICE, "mila", "mila")
BOTH = {"mug": 1, "tea": 2}


async def state(
    stage: Scene, name: str, key: str, who: Principal = SERVICE, **more: Any
) -> GetStateResponse:
    asked = GetStateRequest(projection=name, key=key, **more)
    return await stage.application.get_state(who, asked, deadline=None)


@pytest.fixture
async def stage() -> Scene:
    """Mila, who put tea into her cart, and as a visitor a mug."""
    stage = await scene(views=VIEWS)
    mila, visitor = await stage.device("mila"), await stage.device("visitor")
    await mila.record(added("tea", 2))
    await visitor.record(added("mug"), played(0), paused(80_000))
    await link(stage, "mila", "visitor", "mila")
    return stage


async def quantities(stage: Scene, key: str, **more: Any) -> object:
    found = await state(stage, "adds", key, **more)
    return json.loads(found.state.json or "{}").get("quantities")


@pytest.mark.parametrize("folded", [False, True])
async def test_states_of_all_members_are_merged_and_bear_the_name_of_the_customer(
    stage: Scene, *, folded: bool
) -> None:
    if folded:
        await runner_of(adds(), stage.store).catch_up()
    for key in ("mila/main", "visitor/main"):
        found = await state(stage, "adds", key)
        assert json.loads(found.state.json) == {"quantities": BOTH}
        assert (found.state.key, found.state.subject_id) == ("mila/main", "mila")
    nothing = (await state(stage, "adds", "visitor/other")).state
    assert (nothing.key, nothing.WhichOneof("content")) == ("mila/other", None)


async def test_a_token_of_one_member_is_waited_for_in_its_stream(stage: Scene) -> None:
    visitor = await stage.device("visitor")
    token = (await visitor.record(added("rug"))).write_token
    assert await quantities(stage, "mila/main", at_least=token) == {**BOTH, "rug": 1}
    answer = await state(stage, "adds", "visitor/main")
    assert await quantities(stage, "mila/main", at_least=answer.checkpoint)
    await visitor.record(added(BAD))
    later = (await visitor.record(added("lamp"))).write_token
    assert await quantities(stage, "mila/main") == {**BOTH, "rug": 1}
    with pytest.raises(ProjectionBehind, match="stopped at event"):
        await quantities(stage, "mila/main", at_least=later)


async def test_views_of_journeys_are_those_of_the_customer(stage: Scene) -> None:
    film = Journey()
    found = (await state(stage, "journeys", "mila/media/film-42")).state
    assert found.message.Unpack(film)
    assert (found.key, film.ref) == ("mila/media/film-42", FILM)
    for name in ("mila", "visitor"):
        listed = json.loads((await state(stage, "continue_list", name)).state.json)["journeys"]
        assert {each["kind"] for each in listed} == {"cart", "media"}


async def test_in_the_past_states_are_merged_by_the_links_of_then(stage: Scene) -> None:
    before = (await state(stage, "adds", "visitor/main")).checkpoint
    mila = await stage.device("mila")
    stage.pass_by(1_000)
    now = AsOf(recorded_ms=stage.application.now_ms())
    stage.pass_by(1_000)
    await mila.record(added("rug"))
    for point in (now, AsOf(token=before)):
        assert await quantities(stage, "mila/main", as_of=point) == BOTH
        found = await state(stage, "adds", "visitor/main", as_of=point)
        assert found.state.key == "mila/main"
    listed = await state(stage, "continue_list", "visitor", as_of=now)
    assert listed.state.subject_id == "mila"
    made_at_ms = (await stage.store.identities.customer("mila")).links[0].made_at_ms
    alone = await state(
        stage,
        "adds",
        "visitor/main",
        as_of=AsOf(recorded_ms=made_at_ms - 1),
    )
    assert alone.state.key == "visitor/main"


async def test_a_device_that_is_not_signed_in_reads_its_own_states_alone() -> None:
    """Of journeys also what others did in those that it has a part in."""
    stage = await scene(views=VIEWS)
    mila, visitor = await stage.device("mila"), await stage.device("visitor")
    await mila.record(added("tea", 2), played(5_000))
    await visitor.record(added("mug"))
    await link(stage, "mila", "visitor", "mila")
    own = await state(stage, "adds", "visitor/main", VISITOR)
    assert json.loads(own.state.json) == {"quantities": {"mug": 1}}
    assert own.state.key == "visitor/main"
    assert json.loads((await state(stage, "adds", "mila/main", MILA)).state.json) == {
        "quantities": BOTH
    }
    cart = Journey()
    assert (await state(stage, "journeys", "visitor/cart/main", VISITOR)).state.message.Unpack(cart)
    assert len(cart.cart.lines) == 2
    film = await state(stage, "journeys", "visitor/media/film-42", VISITOR)
    assert film.state.WhichOneof("content") is None


async def test_who_watches_states_gets_those_of_subjects_as_they_are_stored(stage: Scene) -> None:
    for name, key, wanted in (
        ("adds", "visitor/main", {"mug"}),
        ("journeys", "visitor/cart/main", {"mug"}),
        ("continue_list", "mila", {"cart"}),
    ):
        asked = WatchProjectionRequest(projection=name, keys=[key], consumer="shop")
        frames = stage.application.watch_projection(DEVELOPER, asked)
        shown = [frame async for frame in _up_to_level(frames)]
        ((found,),) = [frame.snapshot.states for frame in shown if frame.HasField("snapshot")]
        assert found.key == key
        assert _told(found) == wanted


async def _up_to_level(
    frames: AsyncIterator[WatchProjectionResponse],
) -> AsyncIterator[WatchProjectionResponse]:
    async for frame in frames:
        yield frame
        if frame.HasField("caught_up"):
            return


def _told(found: ProjectionState) -> set[str]:
    if found.WhichOneof("content") == "message":
        journey = Journey()
        found.message.Unpack(journey)
        return {line.product.sku for line in journey.cart.lines}
    shown = json.loads(found.json)
    return {each["kind"] for each in shown.get("journeys", ())} or set(shown["quantities"])


async def test_a_customer_that_grows_while_it_is_read_is_read_again(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await stage.device("anon")).record(added("rug"))
    read_subject, linked = stage.store.states.read_subject, False

    async def with_a_link(*asked: str, **more: Any) -> SubjectSnapshot:
        nonlocal linked
        if asked[1] == "visitor" and not linked:
            linked = True
            await link(stage, "visitor", "anon", "mila")
        return await read_subject(*asked, **more)

    monkeypatch.setattr(stage.store.states, "read_subject", with_a_link)
    assert await quantities(stage, "mila/main") == {**BOTH, "rug": 1}
