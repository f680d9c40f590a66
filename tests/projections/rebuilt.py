"""The stage of rebuilds: a small journal in memory, folds that are wrong, rebuilders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey_service.domain.identity import partition_of
from journey_service.ports import CommandKey
from journey_service.ports_of_rebuilds import Rebuild
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from projections.rebuilder import Rebuilder, order_of
from projections.runner import Runner
from projections.view import StoredView
from tests.contract.acts import SUBJECT, acts

NAME, VERSION = projections.JOURNEYS.name, projections.JOURNEYS.version
NAMES = ("ann", "bob", "eve", SUBJECT)
EVENTS = 3

After = Callable[[dict[str, JourneyFold], Event], None]


@dataclass(frozen=True)
class Folding:
    """The journeys' fold; `after` is called with the states behind each event."""

    version: int = VERSION
    after: After = lambda states, event: None
    name: str = NAME

    def keys_of(self, event: Event) -> tuple[str, ...]:
        return projections.keys_of(event)

    def fold_event(self, states: dict[str, JourneyFold], event: Event) -> set[str]:
        touched = projections.fold_event(states, event)
        self.after(states, event)
        return touched

    def merge(self, mine: JourneyFold, theirs: JourneyFold) -> JourneyFold:
        return projections.merge(mine, theirs)

    def parse(self, state: bytes) -> JourneyFold:
        return JourneyFold.FromString(state)


def view_of(folding: Folding | None = None, **facts: Any) -> StoredView[JourneyFold]:
    """A view of this fold."""
    publish = facts.pop("publish", projections.publish)
    return StoredView(folding or Folding(), "Journeys.", publish=publish, **facts)


def later(states: Mapping[str, JourneyFold], event: Event) -> None:
    """A fold that shows another place in films."""
    for state in states.values():
        state.updated.t_ms = event.recorded_at_ms + 1


async def recorded(names: tuple[str, ...] = NAMES, partitions: int = 8) -> MemoryStore:
    """A journal with three events of each, folded to live states."""
    store = MemoryStore(Settings(partition_count=partitions))
    await store.states.register(NAME, VERSION)
    for name in names:
        await store.journal.append(acts(*range(1, EVENTS + 1), subject=name))
    await run(store)
    return store


async def run(store: MemoryStore) -> int:
    """The live projection catches up, and gives its leases back."""
    runner = Runner(projections.JOURNEYS, store.journal, store.states, owner="runner")
    folded = await runner.catch_up()
    await runner.release()
    return folded


async def begun(store: MemoryStore, command: str = "c", **facts: Any) -> Rebuild:
    """A rebuild that somebody asked for."""
    order = await order_of(
        store.journal,
        view_of(),
        facts.pop("keep_old_ms", 60_000),
        command=CommandKey(command, "ops", b""),
        **facts,
    )
    return await store.rebuilds.begin(order)


def rebuilder(
    store: MemoryStore, view: StoredView[JourneyFold] | None = None, **facts: Any
) -> Rebuilder:
    """One process's."""
    given: dict[str, Any] = {"owner": "builder", "look_s": 0.001, "stops": store.stops} | facts
    return Rebuilder([view or view_of()], store.journal, store.rebuilds, **given)


async def to_the_end(working: Rebuilder, turns: int = 1_000) -> int:
    """Work until nothing is left; returns in how many turns."""
    for turn in range(turns):
        if not await working.turn():
            return turn
    raise AssertionError("it does not end")


async def now(store: MemoryStore, rebuild: Rebuild) -> Rebuild:
    """The rebuild as it stands."""
    found = await store.rebuilds.find(rebuild.projection, rebuild.generation)
    assert found is not None
    return found


def stored(store: MemoryStore, generation: int) -> dict[tuple[str, str], tuple[int, bytes]]:
    """What is stored of a generation, by place: version and bytes."""
    rows = store.states.states[NAME, generation]
    return {place: (row.version, row.state) for place, row in rows.items()}


def partition(store: MemoryStore, name: str) -> int:
    return partition_of(name, store.journal.partition_count)
