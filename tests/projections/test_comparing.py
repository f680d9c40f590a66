"""What would change for readers: the same versions compared, fields counted, examples named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from journey.v1.errors_pb2 import ERROR_REASON_EVENT_UNREADABLE
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.rebuilds_pb2 import PartitionComparison
from journey_service.domain.errors import EventUnreadable
from journey_service.ports_of_rebuilds import Rebuild, RunStatus, SubjectPair
from journey_service.store.memory import MemoryStore
from projections.comparing import DAMAGED, GONE, KEPT, NEW, changes, level, together
from projections.projection import serialized
from tests.contract.acts import acts
from tests.projections.rebuilt import (
    EVENTS,
    NAME,
    NAMES,
    VERSION,
    Folding,
    begun,
    later,
    now,
    partition,
    rebuilder,
    recorded,
    run,
    stored,
    to_the_end,
    view_of,
)


async def found(store: MemoryStore, rebuild: Rebuild) -> PartitionComparison:
    progress = await store.rebuilds.progress(NAME, rebuild.generation)
    return together([PartitionComparison.FromString(each) for each in progress.compared.values()])


async def test_a_dry_run_compares_and_never_switches() -> None:
    store = await recorded()
    rebuild = await begun(store, dry_run=True)
    await to_the_end(rebuilder(store))
    assert (await now(store, rebuild)).status is RunStatus.COMPARED
    result = await found(store, rebuild)
    assert (result.states, result.differing) == (len(NAMES), 0)
    assert (await store.states.read_subject(NAME, "ann")).generation == 1


async def test_fields_that_differ_are_counted_and_examples_are_named() -> None:
    store = await recorded()
    rebuild = await begun(store, dry_run=True)
    await to_the_end(rebuilder(store, view_of(Folding(after=later))))
    result = await found(store, rebuild)
    assert (result.states, result.differing) == (len(NAMES), len(NAMES))
    (difference,) = result.differences
    assert (difference.field, difference.states) == ("updated_at_ms", len(NAMES))
    assert len(difference.examples) == 3
    assert {each.key for each in difference.examples} == {"media/film"}
    assert not any(each.before_json or each.after_json for each in difference.examples)


async def test_states_that_are_gone_or_new_are_told_apart() -> None:
    store = await recorded(("ann",))

    def elsewhere(states: dict[str, JourneyFold], event: Event) -> None:
        states.pop("media/film", None)
        states.setdefault("media/other", JourneyFold()).ref.kind = "media"

    class Moving(Folding):
        def fold_event(self, states: dict[str, JourneyFold], event: Event) -> set[str]:
            super().fold_event(states, event)
            return {"media/other"}

    rebuild = await begun(store, dry_run=True)
    await to_the_end(rebuilder(store, view_of(Moving(after=elsewhere))))
    result = await found(store, rebuild)
    fields = {each.field: each.states for each in result.differences}
    assert fields == {GONE: 1, NEW: 1}
    assert (result.states, result.differing) == (2, 2)


async def test_a_live_one_that_went_on_is_compared_at_the_same_version() -> None:
    store = await recorded()
    rebuild = await begun(store, dry_run=True)
    await store.journal.append(acts(4, 5, subject="ann"))
    assert await run(store) == 2
    await to_the_end(rebuilder(store, batch_events=1))
    assert store.states.folded[NAME, 2]["ann"] == EVENTS
    assert (await found(store, rebuild)).differing == 0


async def test_a_live_one_that_is_behind_is_folded_on_for_the_comparison_alone() -> None:
    store = await recorded()
    await store.journal.append(acts(4, subject="ann"))
    before = stored(store, 1)
    rebuild = await begun(store, dry_run=True)
    await to_the_end(rebuilder(store))
    assert store.states.folded[NAME, 2]["ann"] == EVENTS + 1
    assert (await found(store, rebuild)).differing == 0
    assert stored(store, 1) == before


async def test_what_another_fold_version_made_is_never_folded_on() -> None:
    store = await recorded()
    await store.journal.append(acts(4, subject="ann"))
    folded: list[tuple[str, int]] = []

    def noted(states: Mapping[str, JourneyFold], event: Event) -> None:
        folded.append((event.subject_id, event.version))

    await store.states.register(NAME, VERSION + 1)
    mine = rebuilder(store, view_of(Folding(VERSION + 1, after=noted)))
    await mine.begin_automatic()
    await to_the_end(mine)
    (rebuild,) = await store.rebuilds.list_of(NAME)
    assert (await found(store, rebuild)).differing == 0
    again = [version for name, version in folded if name == "ann"]
    assert again == [1, 2, 3, 4, 1, 2, 3], "anew, up to where the old states stand"


async def test_a_projection_that_is_new_is_compared_with_nothing() -> None:
    store = await recorded()
    await store.states.register("other", 1)
    mine = rebuilder(store, view_of(Folding(1, name="other")))
    await mine.begin_automatic()
    await to_the_end(mine)
    (rebuild,) = await store.rebuilds.list_of("other")
    assert (rebuild.base_generation, rebuild.status) == (0, RunStatus.SWITCHED)
    assert store.states.folded["other", 1] == dict.fromkeys(NAMES, EVENTS)


async def test_many_subjects_are_compared_page_by_page(monkeypatch: Any) -> None:
    monkeypatch.setattr("projections.comparing.PAGE_SUBJECTS", 2)
    store = await recorded(partitions=1)
    rebuild = await begun(store, dry_run=True)
    await to_the_end(rebuilder(store, view_of(Folding(after=later))))
    assert (await found(store, rebuild)).differing == len(NAMES)


def test_what_readers_do_not_see_is_told_as_kept() -> None:
    view = view_of(publish=lambda fold: {"kind": fold.ref.kind})
    one, other = JourneyFold(), JourneyFold()
    one.ref.kind = other.ref.kind = "media"
    other.updated.t_ms = 7
    (change,) = changes(view, serialized(one), serialized(other))
    assert change.field == f"{KEPT}updated.t_ms"
    unseen = view_of(publish=lambda fold: fold.ref)
    (change,) = changes(unseen, serialized(one), serialized(other))
    assert change.field == f"{KEPT}updated.t_ms"


def test_states_that_differ_in_bytes_alone_are_told_too() -> None:
    (change,) = changes(view_of(), serialized(JourneyFold()), serialized(JourneyFold()))
    assert change.field == KEPT


def test_what_partitions_found_adds_up_most_frequent_first() -> None:
    one = PartitionComparison(states=2, differing=1)
    one.differences.add(field="a", states=1).examples.add(subject_id="ann")
    other = PartitionComparison(states=3, differing=3)
    other.differences.add(field="b", states=3).examples.add(subject_id="bob")
    other.differences.add(field="a", states=1).examples.add(subject_id="eve")
    result = together([one, other])
    assert (result.states, result.differing) == (5, 4)
    told = [(each.field, each.states, len(each.examples)) for each in result.differences]
    assert told == [("b", 3, 1), ("a", 2, 2)]
    assert together([]) == PartitionComparison()


async def test_a_damaged_live_state_is_told_and_is_whole_after_the_rebuild() -> None:
    store = await recorded(("ann",))
    rebuild = await begun(store)
    pairs = store.rebuilds.pairs

    async def damaged(*arguments: Any, **facts: Any) -> list[SubjectPair]:
        found = await pairs(*arguments, **facts)
        return [replace(each, other={}, damaged=frozenset({"media/film"})) for each in found]

    store.rebuilds.pairs = damaged  # type: ignore[method-assign]
    await to_the_end(rebuilder(store))
    result = await found(store, rebuild)
    assert [(each.field, each.states) for each in result.differences] == [(DAMAGED, 1)]
    assert (await now(store, rebuild)).status is RunStatus.SWITCHED


async def test_what_is_left_out_is_left_out_of_the_comparison_too() -> None:
    store = await recorded(("ann",))
    rebuild = await begun(store, dry_run=True)
    await store.journal.append(acts(4, subject="ann"))
    await run(store)
    pair = await store.rebuilds.pair(partition(store, "ann"), rebuild, "ann")
    assert pair is not None

    def stumbling(_: Any, event: Event) -> None:
        if event.version == 2:
            raise ArithmeticError

    stream = await store.journal.read_stream("ann")
    view = view_of(Folding(after=stumbling))
    skips = {stream[1].position}
    old, new = await level(view, store.rebuilds, rebuild, pair, skips=skips)
    assert old.keys() == new.keys() == {"media/film"}
    working = rebuilder(store, view_of(Folding(after=stumbling)))
    await to_the_end(working)
    failed = await now(store, rebuild)
    assert failed.status is RunStatus.FAILED


async def test_a_fault_of_the_comparison_fails_the_rebuild_and_not_the_service() -> None:
    store = await recorded(("ann",))
    rebuild = await begun(store)

    async def faulty(*_: Any, **__: Any) -> list[SubjectPair]:
        raise EventUnreadable

    store.rebuilds.pairs = faulty  # type: ignore[method-assign]
    await to_the_end(rebuilder(store))
    failed = await now(store, rebuild)
    assert failed.status is RunStatus.FAILED
    assert failed.error == "It cannot be compared: EventUnreadable"
    assert failed.error_reason == ERROR_REASON_EVENT_UNREADABLE
