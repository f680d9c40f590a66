"""What every store does with lists of states, and with folds that stop. Hand in a `store`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pytest

from journey.v1.projection_service_pb2 import SkippedEvent, StoppedFold
from journey_service.domain.errors import LeaseLost
from journey_service.domain.identity import partition_of
from journey_service.ports import Journal, PartitionLease, StateRow, States
from journey_service.ports_of_views import StateFilter, StateLists, Stops
from tests.contract.acts import acts

VIEW = "purchases"
LIFE_MS = 60_000
PEOPLE = ("anna", "mila", "noah")


class Store(Protocol):
    """The ports that lists need."""

    @property
    def journal(self) -> Journal: ...
    @property
    def states(self) -> States: ...
    @property
    def state_lists(self) -> StateLists: ...
    @property
    def stops(self) -> Stops: ...


async def lease_of(store: Store, subject: str, version: int = 1) -> PartitionLease:
    await store.states.register(VIEW, version)
    number = partition_of(subject, store.journal.partition_count)
    (lease,) = await store.states.acquire(VIEW, "me", [number], life_ms=LIFE_MS)
    return lease


async def save(store: Store, subject: str, *rows: tuple[str, bytes, Sequence[str]]) -> None:
    """States of a subject with what they are found by."""
    await store.journal.append(acts(1, subject=subject))
    lease = await lease_of(store, subject)
    found = [
        StateRow(subject, key, 1, state, [("sku", value) for value in values])
        for key, state, values in rows
    ]
    await store.states.save(lease, found, {subject: 1}, lease.position + 1)


async def names(
    store: Store, wanted: StateFilter | None = None, **range_: object
) -> list[tuple[str, str]]:
    given: dict[str, object] = {"limit": 10} | range_
    listed = await store.state_lists.list_states(VIEW, 1, wanted or StateFilter(), **given)  # type: ignore[arg-type]
    return [(row.subject_id, row.key) for row in listed.rows]


class StateListsContract:
    """States across subjects."""

    async def test_what_nobody_registered_has_no_generation_and_no_states(
        self, store: Store
    ) -> None:
        assert await store.state_lists.generation_of("unheard-of", 1) == 0
        listed = await store.state_lists.list_states("unheard-of", 1, StateFilter(), limit=9)
        assert (listed.generation, list(listed.rows), listed.behind) == (0, [], None)

    async def test_states_are_listed_by_subject_and_key_over_all_partitions(
        self, store: Store
    ) -> None:
        for subject in reversed(PEOPLE):
            await save(store, subject, ("b", b"B", ()), ("a", b"A", ()))
        everything = [(subject, key) for subject in PEOPLE for key in ("a", "b")]
        assert await names(store) == everything
        assert await names(store, limit=4) == everything[:4]
        assert await names(store, after=("mila", "a"), limit=2) == everything[3:5]
        listed = await store.state_lists.list_states(VIEW, 1, StateFilter(), limit=6)
        assert [row.state for row in listed.rows] == [b"A", b"B"] * 3
        assert listed.behind == ("noah", "b")
        assert listed.generation == await store.state_lists.generation_of(VIEW, 1) == 1

    async def test_states_are_chosen_by_subject_and_by_the_begin_of_names(
        self, store: Store
    ) -> None:
        for subject in ("mia", "mila", "noah"):
            await save(store, subject, ("cart/a", b"A", ()), ("form/b", b"B", ()))
        assert await names(store, StateFilter(subject_prefix="mi")) == [
            ("mia", "cart/a"), ("mia", "form/b"), ("mila", "cart/a"), ("mila", "form/b"),
        ]  # fmt: skip
        one = StateFilter(subject_id="mila", key_prefix="form/")
        assert await names(store, one) == [("mila", "form/b")]
        assert await names(store, StateFilter(subject_id="mil")) == []

    async def test_states_are_found_by_all_of_several_values(self, store: Store) -> None:
        await save(store, "anna", ("a", b"A", ("milk", "bread")))
        await save(store, "mila", ("a", b"A", ("milk",)), ("b", b"B", ("bread",)))
        milk = StateFilter(matches=[("sku", "milk")])
        assert await names(store, milk) == [("anna", "a"), ("mila", "a")]
        assert await names(store, milk, after=("anna", "a")) == [("mila", "a")]
        both = StateFilter(matches=[("sku", "bread"), ("sku", "milk")])
        assert await names(store, both) == [("anna", "a")]
        assert await names(store, StateFilter(matches=[("color", "milk")])) == []

    async def test_a_changed_state_is_found_by_its_new_values_alone(self, store: Store) -> None:
        await save(store, "mila", ("a", b"A", ("milk", "bread")))
        await save(store, "mila", ("a", b"A", ("bread", "tea")))
        assert await names(store, StateFilter(matches=[("sku", "milk")])) == []
        for value in ("bread", "tea"):
            assert await names(store, StateFilter(matches=[("sku", value)])) == [("mila", "a")]
        await save(store, "mila", ("a", b"A", ()))
        assert await names(store, StateFilter(matches=[("sku", "tea")])) == []

    async def test_a_lost_lease_changes_nothing_of_what_states_are_found_by(
        self, store: Store
    ) -> None:
        await save(store, "mila", ("a", b"A", ("milk",)))
        lease = await lease_of(store, "mila")
        await store.states.release([lease])
        row = StateRow("mila", "a", 1, b"Z", [("sku", "tea")])
        with pytest.raises(LeaseLost):
            await store.states.save(lease, [row], {"mila": 1}, 9)
        assert await names(store, StateFilter(matches=[("sku", "milk")])) == [("mila", "a")]
        assert await names(store, StateFilter(matches=[("sku", "tea")])) == []


def stopped(position: int, error: str = "ValueError") -> StoppedFold:
    return StoppedFold(
        position=position, event_id="e", type="cart.line_added", subject_id="mila", error=error
    )


def skipped(lease: PartitionLease, position: int, reason: str = "broken") -> SkippedEvent:
    return SkippedEvent(partition=lease.partition, position=position, reason=reason, actor="root")


class StopsContract:
    """Folds that stop."""

    async def test_a_stop_is_kept_until_the_fold_is_past_it(self, store: Store) -> None:
        lease = await lease_of(store, "mila")
        assert await store.stops.stopped(VIEW, 1) == []
        await store.stops.note(lease, stopped(3))
        (noted,) = await store.stops.stopped(VIEW, 1)
        assert (noted.partition, noted.position, noted.type) == (
            lease.partition, 3, "cart.line_added",
        )  # fmt: skip
        assert (noted.event_id, noted.subject_id, noted.error) == ("e", "mila", "ValueError")
        assert noted.stopped_at_ms > 0
        await store.stops.clear(at(lease, 2))
        assert await store.stops.stopped(VIEW, 1) == [noted]
        await store.stops.clear(at(lease, 3))
        assert await store.stops.stopped(VIEW, 1) == []

    async def test_a_stop_at_the_same_place_keeps_its_time(self, store: Store) -> None:
        lease = await lease_of(store, "mila")
        await store.stops.note(lease, stopped(3))
        (first,) = await store.stops.stopped(VIEW, 1)
        await store.stops.note(lease, stopped(3, "KeyError"))
        (again,) = await store.stops.stopped(VIEW, 1)
        assert (again.stopped_at_ms, again.error) == (first.stopped_at_ms, "KeyError")
        await store.stops.note(lease, stopped(4))
        assert [each.position for each in await store.stops.stopped(VIEW, 1)] == [4]

    async def test_an_order_to_try_again_forgets_the_stop_once(self, store: Store) -> None:
        lease = await lease_of(store, "mila")
        await store.stops.note(lease, stopped(3))
        assert await store.stops.retry(VIEW, 1, [lease.partition + 1]) == []
        (retried,) = await store.stops.retry(VIEW, 1, [lease.partition])
        assert retried.position == 3
        assert await store.stops.retry(VIEW, 1, [lease.partition]) == []

    async def test_only_the_event_of_a_stop_is_left_out_and_for_this_fold_alone(
        self, store: Store
    ) -> None:
        lease = await lease_of(store, "mila")
        await store.stops.note(lease, stopped(3))
        assert await store.stops.skip(VIEW, 1, 1, skipped(lease, 4)) is None
        told = await store.stops.skip(VIEW, 1, 1, skipped(lease, 3))
        assert told is not None
        assert (told.position, told.reason, told.actor) == (3, "broken", "root")
        assert told.skipped_at_ms > 0
        assert await store.stops.stopped(VIEW, 1) == []
        assert await store.stops.skipped(VIEW, 1, [lease.partition]) == [told]
        assert await store.stops.skipped(VIEW, 1, [lease.partition + 1]) == []
        assert await store.stops.skipped(VIEW, 2, [lease.partition]) == []

    async def test_who_repeats_a_skip_gets_what_is_kept(self, store: Store) -> None:
        lease = await lease_of(store, "mila")
        await store.stops.note(lease, stopped(3))
        told = await store.stops.skip(VIEW, 1, 1, skipped(lease, 3))
        assert await store.stops.skip(VIEW, 1, 1, skipped(lease, 3, "again")) == told


def at(lease: PartitionLease, position: int) -> PartitionLease:
    return PartitionLease(
        lease.projection, lease.generation, lease.partition, lease.epoch, position
    )
