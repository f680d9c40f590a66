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
from journey_service.domain.state_keys import parts_of
from projections import VIEWS
from projections.runner import Runner
from projections.together import Pages, Together
from projections.view import StoredView
from tests.stage import Stage

M = TypeVar("M", bound=Message)


async def view_of(
    stage: Stage, make: type[M], projection: str, key: str, *, role: str = "service", name: str = ""
) -> M:
    """A state, exactly, as a back end reads it, or whoever is named.

    Every service gives the same, and so does a replay of what was recorded, from the last event to
    the first.
    """
    services = [served.projections for served in stage.services]
    asked = GetStateRequest(projection=projection, key=key)
    metadata = stage.as_(role, name or "shop")
    answers = [await each.GetState(asked, metadata=metadata) for each in services]
    states = [_unpacked(make, answer.state) for answer in answers]
    assert states == [await _replayed(stage, projection, key)] * len(services)
    return states[0]


async def _replayed(stage: Stage, projection: str, key: str) -> Message:
    """A state folded from the customer's stream anew, backwards."""
    view = next(each for each in VIEWS if each.name == projection)
    assert isinstance(view, StoredView)
    subject_id, inner = parts_of(key)
    states: dict[str, Any] = {}
    for event in reversed(await stage.stores[0].journal.read_stream(subject_id)):
        view.projection.fold_event(states, event)
    published = view.publish(states[inner])
    assert isinstance(published, Message)
    return published


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
