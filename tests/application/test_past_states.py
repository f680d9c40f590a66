"""GetState as of a point in the past."""

from __future__ import annotations

import json
from typing import Any

import pytest

import projections
from journey.v1.access_pb2 import ROLE_OPERATOR
from journey.v1.journeys_pb2 import Journey
from journey.v1.projection_service_pb2 import GetStateRequest, GetStateResponse, SkipEventRequest
from journey.v1.reading_pb2 import AsOf
from journey_service.domain.errors import CustomerNotFound, FieldViolations, ProjectionBehind
from journey_service.domain.identity import Principal
from projections.runner import Runner
from projections.view import StoredView
from tests.application.scene import DEVELOPER, Scene, added, scene
from tests.application.views import BAD, adds

VIEWS = (*projections.VIEWS, adds())


async def then(stage: Scene, projection: str, key: str, **point: Any) -> GetStateResponse:
    asked = GetStateRequest(projection=projection, key=key, as_of=AsOf(**point))
    return await stage.application.get_state(DEVELOPER, asked, deadline=None)


async def skip_where_it_stops(stage: Scene, name: str) -> None:
    """Its runner stops at an event, and is told to leave that out."""
    view = next(view for view in VIEWS if view.name == name)
    assert isinstance(view, StoredView)
    store = stage.store
    runner = Runner(view.projection, store.journal, store.states, owner="me", stops=store.stops)
    await runner.catch_up()
    (stopped,) = await store.stops.stopped(name, await store.states.register(name, view.version))
    operator = Principal(ROLE_OPERATOR, "op")
    asked = SkipEventRequest(
        projection=name, partition=stopped.partition, position=stopped.position, reason="bad"
    )
    await stage.application.skip_event(operator, asked)


async def test_every_sort_of_view_is_read_as_of_a_token() -> None:
    stage = await scene(views=VIEWS)
    phone = await stage.device()
    token = (await phone.record(added("tea", 2))).write_token
    await phone.record(added("tea", 3), added("mug"))
    stored = await then(stage, "adds", "mila/main", token=token)
    assert json.loads(stored.state.json) == {"quantities": {"tea": 2}}
    journey = Journey()
    (await then(stage, "journeys", "mila/cart/main", token=token)).state.message.Unpack(journey)
    assert [line.quantity for line in journey.cart.lines] == [2]
    derived = await then(stage, "continue_list", "mila", token=token)
    assert derived.state.HasField("message") or derived.state.json
    # The answer says what it contains, and can be asked for again by that.
    again = await then(stage, "adds", "mila/main", token=stored.checkpoint)
    assert again.state == stored.state


async def test_before_anything_was_folded_the_state_has_no_content() -> None:
    stage = await scene(views=VIEWS)
    await (await stage.device()).record(added("tea"))
    early = await then(stage, "adds", "mila/main", recorded_ms=1)
    assert early.state.WhichOneof("content") is None
    assert (early.state.subject_id, early.checkpoint) == ("mila", "")


async def test_an_event_that_a_fold_cannot_bear_is_told_unless_it_was_skipped() -> None:
    stage = await scene(views=VIEWS)
    phone = await stage.device()
    await phone.record(added("tea"), added(BAD))
    token = (await phone.record(added("mug"))).write_token
    with pytest.raises(ProjectionBehind, match="adds cannot fold event"):
        await then(stage, "adds", "mila/main", token=token)
    await skip_where_it_stops(stage, "adds")
    found = await then(stage, "adds", "mila/main", token=token)
    assert json.loads(found.state.json) == {"quantities": {"tea": 1, "mug": 1}}


async def test_a_point_in_the_past_excludes_a_token_to_wait_for() -> None:
    stage = await scene(views=VIEWS)
    asked = GetStateRequest(
        projection="adds", key="mila/main", as_of=AsOf(recorded_ms=1), at_least="token"
    )
    with pytest.raises(FieldViolations, match="at_least: not together with as_of"):
        await stage.application.get_state(DEVELOPER, asked, deadline=None)
    with pytest.raises(CustomerNotFound):
        await then(stage, "adds", "nobody/main", recorded_ms=1)
