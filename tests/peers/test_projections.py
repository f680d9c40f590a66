"""Marten's cases of projections that no other test here shows."""

from __future__ import annotations

from typing import Any

import pytest

import projections
from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import ListStatesRequest
from journey_service.domain.errors import ProjectionBehind
from journey_service.ports_of_rebuilds import RunStatus
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from projections.runner import Runner
from projections.view import StoredView
from tests.application.scene import SERVICE, Scene, added, scene
from tests.application.views import BAD, adds, runner_of
from tests.contract.acts import SUBJECT, acts, reports
from tests.projections.acts import fold, frozen
from tests.projections.rebuilt import NAME, begun, now, rebuilder, run, stored, to_the_end, view_of


class Blind:
    """A fold that no event concerns."""

    name, version = NAME, projections.JOURNEYS.version

    def keys_of(self, event: Event) -> tuple[str, ...]:
        return ()

    def fold_event(self, states: dict[str, Any], event: Event) -> set[str]:
        return set()

    def merge(self, mine: Any, theirs: Any) -> Any:
        return projections.merge(mine, theirs)

    def parse(self, state: bytes) -> Any:
        return projections.JOURNEYS.parse(state)


async def test_rebuild_with_no_matching_events() -> None:
    store = MemoryStore(Settings(partition_count=4))
    await store.states.register(NAME, Blind.version)
    for name in ("ann", "bob"):
        await store.journal.append(acts(1, 2, subject=name))
    view = view_of(Blind())  # type: ignore[arg-type]
    runner = Runner(view.projection, store.journal, store.states, owner="runner")
    await runner.catch_up()
    await runner.release()
    rebuild = await begun(store)
    await to_the_end(rebuilder(store, view))
    assert (await now(store, rebuild)).status is RunStatus.SWITCHED
    assert stored(store, rebuild.generation) == {}
    assert store.states.folded[NAME, rebuild.generation] == {"ann": 2, "bob": 2}


async def test_no_double_apply_out_of_order() -> None:
    """Events come in another order than they happened, in pages, to runners that take turns."""
    store = MemoryStore(Settings(partition_count=1))
    await store.states.register(NAME, projections.JOURNEYS.version)
    for number in (5, 2, 4, 1, 3):
        await store.journal.append(reports(number, number))
        await run(store)
    await store.journal.append(reports(2, 5))
    await run(store)
    events = await store.journal.read_stream(SUBJECT)
    assert len(events) == 5
    snapshot = await store.states.read_subject(NAME, SUBJECT)
    states = {key: projections.JOURNEYS.parse(state) for key, state in snapshot.states.items()}
    assert snapshot.folded_version == 5
    assert frozen(states) == frozen(fold(events))
    assert frozen(states) == frozen(fold(sorted(events, key=lambda event: event.recorded_at_ms)))


async def test_wait_until_applied_ignores_other_projections() -> None:
    stage: Scene = await scene(views=(*projections.VIEWS, adds()), at_least_wait_ms=1)
    phone = await stage.device("mila")
    token = (await phone.record(added(BAD))).write_token
    for view in (projections.VIEWS[0], adds()):
        assert isinstance(view, StoredView)
        await runner_of(view, stage.store).catch_up()

    async def listed_of(name: str) -> int:
        asked = ListStatesRequest(projection=name, at_least=token)
        found = await stage.application.list_states(SERVICE, asked, deadline=None)
        return len(found.states)

    assert await listed_of("journeys") == 1
    with pytest.raises(ProjectionBehind):
        await listed_of("adds")
