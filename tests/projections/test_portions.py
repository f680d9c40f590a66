"""Pages folded state by state; and what stumbles over that, which then is folded event by event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.view_folds_pb2 import SuppressionFold
from journey_service.store.memory import MemoryStore
from projections import portions
from projections.journey_states import JourneyStates
from projections.journeys.custom import UNDECLARED
from projections.one_journey import OneJourney
from projections.portions import fold_parts, fold_portions, keys_in, plan
from projections.view import StoredView
from projections.views.suppression import SUPPRESSION
from tests.contract.acts import SUBJECT, acts
from tests.projections import views
from tests.projections.acts import fold, frozen
from tests.projections.rebuilt import VERSION, begun, rebuilder, recorded, to_the_end
from tests.projections.rebuilt import stored as kept
from tests.projections.test_runner import Stumbling, Told, partition, runner, stored
from tests.projections.test_suppression import stage, tv


class Alone(JourneyStates):
    """The journeys, of events that cannot be looked at together: `at` tells where it shows."""

    def __init__(self, at: str) -> None:
        super().__init__("journeys", VERSION, projections.KINDS.values(), UNDECLARED)
        self.at = at

    def portions(self, events: Iterable[Event]) -> dict[str, OneJourney]:
        some = [*events]
        found = super().portions(some)
        if len(some) > 1 and self.at == "looking":
            raise ArithmeticError
        if len(some) > 1:
            found[SUBJECT] = Broken(UNDECLARED, "film", "none")
        return found


class Broken(OneJourney):
    """A portion that cannot be folded."""

    def fold_into(self, fold: JourneyFold) -> int:
        raise ArithmeticError


ALONE = pytest.mark.parametrize("at", ["looking", "folding"])


async def page(store: MemoryStore) -> list[Event]:
    """What two customers did, as it lies in one partition."""
    await store.journal.append(acts(1, 2, 3, subject="ann"))
    await store.journal.append(acts(1, 2, subject="bob"))
    return [
        *await store.journal.read_stream("bob"),
        *await store.journal.read_stream("ann"),
    ]


async def test_a_plan_names_the_states_and_folds_them_as_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(portions, "BREATH", 2)
    events = await page(MemoryStore())
    parts = await plan(projections.JOURNEYS, events)
    assert parts is not None
    assert [(part.subject_id, part.events) for part in parts] == [
        ("bob", 2),
        ("ann", 2),
        ("ann", 1),
    ]
    assert keys_in(parts) == {("ann", "media/film"), ("bob", "media/film")}
    states: dict[str, dict[str, JourneyFold]] = {}
    versions = await fold_parts(states, parts)
    assert versions == {("ann", "media/film"): 3, ("bob", "media/film"): 2}
    for name in ("ann", "bob"):
        mine = [event for event in events if event.subject_id == name]
        assert frozen(states[name]) == frozen(fold(mine))


async def test_a_class_that_changes_the_fold_of_one_event_is_folded_by_that() -> None:
    events = await page(MemoryStore())
    assert await plan(Stumbling(), events) is None
    assert await plan(Alone("nowhere"), events) is not None


async def test_of_acts_that_come_out_of_order_the_last_that_occurred_counts() -> None:
    events = [event for event in await page(MemoryStore()) if event.subject_id == "ann"]
    states: dict[str, JourneyFold] = {}
    fold_portions(states, projections.JOURNEYS.portions(events[::-1]))
    assert states["media/film"].last_intent.t_ms == events[-1].occurrence.t_ms
    assert frozen(states) == frozen(fold(events))


async def test_a_rebuild_in_portions_equals_what_is_live_byte_for_byte() -> None:
    store = await recorded()
    await begun(store)
    view = StoredView(projections.JOURNEYS, "Journeys.", publish=projections.publish)
    await to_the_end(rebuilder(store, view, batch_events=2))
    assert kept(store, 2) == kept(store, 1)


@ALONE
async def test_a_runner_folds_one_by_one_what_cannot_be_folded_together(at: str) -> None:
    store = MemoryStore()
    await store.states.register("journeys", 1)
    await store.journal.append(acts(1, 2, 3))
    assert await runner(store, projection=Alone(at)).catch_up() == 3
    assert frozen((await stored(store))[1]) == frozen(
        fold(await store.journal.read_stream(SUBJECT))
    )


async def test_a_state_that_cannot_be_shown_stops_its_partition_where_it_came_about() -> None:
    store, told = MemoryStore(), Told()
    await store.states.register("journeys", 1)
    await store.journal.append(acts(1, 2, 3))

    def shown(state: JourneyFold) -> list[Any]:
        if state.versions[0].version > 2:
            raise ArithmeticError
        return []

    await runner(store, told, index=shown, pause_after_fault_s=3_600.0).catch_up()
    assert [fault[:2] for fault in told.faults] == [(partition(store), 2)]
    assert (await stored(store))[0] == 2


@ALONE
async def test_a_rebuild_folds_one_by_one_what_cannot_be_folded_together(at: str) -> None:
    store = await recorded()
    await begun(store)
    view = StoredView(Alone(at), "Journeys.", publish=projections.publish)
    await to_the_end(rebuilder(store, view))
    assert kept(store, 2) == kept(store, 1)


async def test_a_view_takes_together_what_changes_one_of_its_states() -> None:
    story, shop = stage()
    shop.place("o1", "10:00", tv())
    shop.place("o2", "10:10", tv("TV-65"))
    parts = await plan(SUPPRESSION.projection, story.events)
    assert parts is not None
    assert [[*part.portions] for part in parts] == [[""]]
    states: dict[str, dict[str, SuppressionFold]] = {}
    assert await fold_parts(states, parts) == {(story.subject_id, ""): 2}
    assert states[story.subject_id] == views.fold(SUPPRESSION, story.events)
