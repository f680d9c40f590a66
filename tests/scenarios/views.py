"""What back ends and devices read of the views, over real gRPC."""

from __future__ import annotations

from typing import Any, TypeVar

from google.protobuf.message import Message

from journey.v1.projection_service_pb2 import (
    GetStateRequest,
    IndexMatch,
    ListStatesRequest,
    ProjectionState,
)
from projections import VIEWS
from projections.runner import Runner
from projections.together import Pages, Together
from projections.view import StoredView
from tests.stage import Stage

M = TypeVar("M", bound=Message)


async def view_of(
    stage: Stage, make: type[M], projection: str, key: str, *, role: str = "service", name: str = ""
) -> M:
    """A state, exactly, as a back end reads it, or whoever is named."""
    services = [served.projections for served in stage.services]
    asked = GetStateRequest(projection=projection, key=key)
    metadata = stage.as_(role, name or "shop")
    answers = [await each.GetState(asked, metadata=metadata) for each in services]
    states = [_unpacked(make, answer.state) for answer in answers]
    # Every service gives the same.
    assert states == states[:1] * len(states)
    return states[0]


async def listed(
    stage: Stage, make: type[M], projection: str, prefix: str = "", **index: str
) -> list[M]:
    """States by key, of those found by these values, as they are stored once all is folded."""
    await folded(stage)
    asked = ListStatesRequest(
        projection=projection,
        key_prefix=prefix,
        index=[IndexMatch(field=field, value=value) for field, value in index.items()],
    )
    token = stage.token("service", "shop", scope=f"projection.read:{projection}")
    metadata = (("authorization", f"Bearer {token}"),)
    answer = await stage.served.projections.ListStates(asked, metadata=metadata)
    return [_unpacked(make, state) for state in answer.states]


async def folded(stage: Stage) -> None:
    """All views with folds of their own catch up with the journal, in one pass."""
    store: Any = stage.stores[0]
    pages = Pages(store.journal)
    runners = [
        Runner(view.projection, pages, store.states, owner="story", index=view.indexed)
        for view in VIEWS
        if isinstance(view, StoredView)
    ]
    await Together(pages, runners).catch_up()


def _unpacked(make: type[M], state: ProjectionState) -> M:
    made = make()
    assert state.message.Unpack(made), state
    return made
