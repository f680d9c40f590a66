"""What every store of generations and rebuilds does. An adapter hands in a `store`."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import pytest

from journey_service.domain.errors import (
    CommandIdReused,
    LeaseLost,
    ProjectionNotFound,
    RebuildRunning,
)
from journey_service.ports import CommandKey, PartitionLease, StateRow
from journey_service.ports_of_rebuilds import (
    Generation,
    GenerationStatus,
    Rebuild,
    RebuildOrder,
    Rebuilds,
    RunStatus,
)
from journey_service.ports_of_views import StateFilter, StateLists
from tests.contract import acts as acting
from tests.contract.acts import SUBJECT, acts
from tests.contract.states import LIFE_MS, PROJECTION, partition, row

GOES_ON = (RunStatus.RUNNING, RunStatus.PAUSED)
KEEP_MS = 3_600_000


class Store(acting.Store, Protocol):
    """The ports that rebuilding needs."""

    @property
    def rebuilds(self) -> Rebuilds: ...
    @property
    def state_lists(self) -> StateLists: ...


async def order(store: Store, **changes: object) -> RebuildOrder:
    heads = await store.journal.heads()
    targets = [heads[number] for number in sorted(heads)]
    made = RebuildOrder(
        projection=PROJECTION,
        fold_version=1,
        targets=targets,
        keep_old_ms=KEEP_MS,
        command=CommandKey("c1", "ops", b"hash"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def live(store: Store, state: bytes = b"live") -> PartitionLease:
    """Three events, folded to stored states of the live generation."""
    await store.states.register(PROJECTION, 1)
    await store.journal.append(acts(1, 2, 3))
    where = partition(store)
    (lease,) = await store.states.acquire(PROJECTION, "runner", [where], life_ms=LIFE_MS)
    return await store.states.save(lease, [row("cart/main", 3, state)], {SUBJECT: 3}, 3)


async def filled(store: Store, rebuild: Rebuild, state: bytes = b"new") -> PartitionLease:
    (lease,) = await store.rebuilds.acquire(rebuild, "builder", [partition(store)], life_ms=LIFE_MS)
    rows = [row("cart/main", 3, state)]
    return await store.rebuilds.save(lease, rows, {SUBJECT: 3}, 3)


async def shown(store: Store) -> tuple[int, dict[str, bytes]]:
    found = await store.states.read_subject(PROJECTION, SUBJECT)
    return found.generation, dict(found.states)


async def standing(store: Store) -> list[tuple[int, str, bool]]:
    found = await store.rebuilds.generations(PROJECTION)
    return [(each.number, each.status, each.named) for each in found]


async def generation(store: Store, number: int) -> Generation:
    found = await store.rebuilds.generations(PROJECTION)
    return next(each for each in found if each.number == number)


class GenerationsContract:
    """A generation beside the live one, switched to, switched back, dropped."""

    async def test_what_a_rebuild_fills_is_not_read_before_the_switch(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        assert (rebuild.generation, rebuild.base_generation, rebuild.status) == (2, 1, "running")
        assert sum(rebuild.targets) == 3
        await filled(store, rebuild)
        assert await shown(store) == (1, {"cart/main": b"live"})
        assert await standing(store) == [(1, "live", True), (2, "building", False)]

    async def test_the_switch_is_one_step_and_the_old_one_is_kept(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        await filled(store, rebuild)
        switched = await store.rebuilds.switch(rebuild)
        assert switched is not None
        assert switched.status is RunStatus.SWITCHED
        assert switched.ended_at_ms > 0
        assert await shown(store) == (2, {"cart/main": b"new"})
        assert await standing(store) == [(1, "old", False), (2, "live", True)]
        kept = await generation(store, 1)
        assert kept.drop_at_ms >= switched.ended_at_ms + KEEP_MS - 1_000
        assert await store.rebuilds.switch(rebuild) is None

    async def test_the_runner_goes_on_in_the_generation_that_was_switched_to(
        self, store: Store
    ) -> None:
        before = await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        await filled(store, rebuild)
        await store.rebuilds.switch(rebuild)
        await store.rebuilds.release(
            await store.rebuilds.acquire(rebuild, "builder", [before.partition], life_ms=LIFE_MS)
        )
        (after,) = await store.states.acquire(
            PROJECTION, "builder", [before.partition], life_ms=LIFE_MS
        )
        assert (before.generation, after.generation, after.position) == (1, 2, 3)
        positions = await store.states.checkpoints(PROJECTION)
        assert positions[before.partition] == 3

    async def test_a_dry_run_is_never_switched_to(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store, dry_run=True))
        assert await store.rebuilds.switch(rebuild) is None
        ended = await store.rebuilds.set_status(rebuild, RunStatus.COMPARED, allowed=GOES_ON)
        assert ended is not None
        assert ended.ended_at_ms > 0
        assert await standing(store) == [(1, "live", True), (2, "old", False)]
        assert (await generation(store, 2)).drop_at_ms >= ended.ended_at_ms + KEEP_MS - 1_000

    async def test_one_can_be_switched_back_while_the_old_one_is_kept(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        assert await store.rebuilds.switch_back(rebuild) is None
        await filled(store, rebuild)
        switched = await store.rebuilds.switch(rebuild)
        assert switched is not None
        reverted = await store.rebuilds.switch_back(switched)
        assert reverted is not None
        assert reverted.status is RunStatus.REVERTED
        assert await shown(store) == (1, {"cart/main": b"live"})
        assert await standing(store) == [(1, "live", True), (2, "old", False)]
        assert await store.rebuilds.switch_back(reverted) is None

    async def test_what_was_dropped_cannot_be_switched_back_to(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        switched = await store.rebuilds.switch(rebuild)
        assert switched is not None
        assert await store.rebuilds.drop(await generation(store, 1))
        assert await store.rebuilds.switch_back(switched) is None
        assert (await shown(store))[0] == 2

    async def test_a_fold_version_reads_its_own_generation_and_no_other(self, store: Store) -> None:
        await live(store)
        assert await store.states.register(PROJECTION, 2) == 2
        generation_read, states = await shown(store)
        assert (generation_read, states) == (2, {})
        found = await store.states.read_subject(PROJECTION, SUBJECT)
        assert [event.version for event in found.tail] == [1, 2, 3]
        assert await standing(store) == [(1, "live", True), (2, "building", True)]
        await store.states.register(PROJECTION, 1)
        assert await shown(store) == (1, {"cart/main": b"live"})

    async def test_the_first_generation_of_an_empty_journal_is_whole(self, store: Store) -> None:
        await store.states.register(PROJECTION, 1)
        assert await standing(store) == [(1, "live", True)]
        assert await store.rebuilds.begin_automatic(await order(store)) is None

    async def test_dropping_takes_steps_and_numbers_are_never_used_again(
        self, store: Store
    ) -> None:
        await live(store)
        for name in ("ann", "bob", "eve"):
            await store.journal.append(acts(1, subject=name))
            number = partition(store, name)
            (lease,) = await store.states.acquire(PROJECTION, "runner", [number], life_ms=LIFE_MS)
            named = row("cart/main", 1, b"s", name)
            await store.states.save(lease, [named], {name: 1}, lease.position + 1)
        rebuild = await store.rebuilds.begin(await order(store))
        assert not await store.rebuilds.drop(await generation(store, 1)), "it is live"
        assert not await store.rebuilds.drop(await generation(store, 2)), "it is being filled"
        await store.rebuilds.switch(rebuild)
        old = await generation(store, 1)
        assert not await store.rebuilds.drop(old, due=True), "its time has not come"
        assert await store.rebuilds.drop(old)
        dropped = []
        while count := await store.rebuilds.drop_some(old, limit=1):
            dropped.append(count)
        assert dropped == [1] * 4
        assert (await standing(store))[0] == (1, "dropped", False)
        again = await store.rebuilds.begin(await order(store, command=CommandKey("2", "ops", b"")))
        assert again.generation == 3

    async def test_states_are_found_in_the_generation_that_was_switched_to(
        self, store: Store
    ) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        where = [partition(store)]
        (lease,) = await store.rebuilds.acquire(rebuild, "builder", where, life_ms=LIFE_MS)
        found_by = replace(row("cart/main", 3, b"new"), index=(("sku", "tea"),))
        await store.rebuilds.save(lease, [found_by], {SUBJECT: 3}, 3)
        wanted = StateFilter(matches=(("sku", "tea"),))

        async def found() -> list[bytes]:
            listed = await store.state_lists.list_states(PROJECTION, 1, wanted, limit=5)
            return [each.state for each in listed.rows]

        assert await found() == []
        await store.rebuilds.switch(rebuild)
        assert await found() == [b"new"]

    async def test_who_folds_on_what_is_dropped_loses_the_lease(self, store: Store) -> None:
        lease = await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        await store.rebuilds.switch(rebuild)
        assert await store.rebuilds.drop(await generation(store, 1))
        with pytest.raises(LeaseLost):
            await store.states.save(lease, [], {SUBJECT: 3}, 4)

    async def test_what_an_older_release_folds_on_is_not_dropped(self, store: Store) -> None:
        lease = await live(store)
        await store.states.register(PROJECTION, 2)
        rebuild = await store.rebuilds.begin_automatic(await order(store, fold_version=2))
        assert rebuild is not None
        assert (rebuild.generation, rebuild.base_generation, rebuild.base_version) == (2, 1, 1)
        assert await store.rebuilds.switch(rebuild)
        assert not await store.rebuilds.drop(await generation(store, 1))
        await store.states.release([lease])
        assert await store.rebuilds.drop(await generation(store, 1))
        assert await store.states.register(PROJECTION, 1) == 3, "an older release came back"

    async def test_what_is_due_is_dropped_by_itself(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store, keep_old_ms=1))
        await store.rebuilds.switch(rebuild)
        while not await store.rebuilds.drop(await generation(store, 1), due=True):
            pass
        assert (await generation(store, 1)).status is GenerationStatus.DROPPING


class RebuildsContract:
    """Runs: begun once, paused, cancelled, resumed."""

    async def test_a_repeated_command_gets_the_rebuild_that_it_began(self, store: Store) -> None:
        await live(store)
        first = await store.rebuilds.begin(await order(store))
        assert await store.rebuilds.begin(await order(store)) == first
        other = await order(store, command=CommandKey("c1", "ops", b"other"))
        with pytest.raises(CommandIdReused):
            await store.rebuilds.begin(other)
        assert await store.rebuilds.list_of(PROJECTION) == [first]

    async def test_one_rebuild_of_a_projection_runs_at_a_time(self, store: Store) -> None:
        await live(store)
        first = await store.rebuilds.begin(await order(store))
        other = await order(store, command=CommandKey("c2", "ops", b""))
        with pytest.raises(RebuildRunning) as refused:
            await store.rebuilds.begin(other)
        assert refused.value.metadata["rebuild_id"] == "journeys.2"
        await store.rebuilds.set_status(first, RunStatus.CANCELLED, allowed=GOES_ON)
        assert (await store.rebuilds.begin(other)).generation == 3

    async def test_a_projection_that_nobody_registered_cannot_be_rebuilt(
        self, store: Store
    ) -> None:
        with pytest.raises(ProjectionNotFound):
            await store.rebuilds.begin(await order(store, projection="unheard-of"))
        assert await store.rebuilds.begin_automatic(await order(store)) is None

    async def test_what_is_not_whole_cannot_be_rebuilt_beside_itself(self, store: Store) -> None:
        await live(store)
        await store.states.register(PROJECTION, 2)
        with pytest.raises(RebuildRunning):
            await store.rebuilds.begin(await order(store, fold_version=2))

    async def test_the_runner_leaves_alone_what_a_rebuild_fills(self, store: Store) -> None:
        await live(store)
        await store.states.register(PROJECTION, 2)
        rebuild = await store.rebuilds.begin_automatic(await order(store, fold_version=2))
        assert rebuild is not None
        assert await store.rebuilds.begin_automatic(await order(store, fold_version=2)) == rebuild
        where = [partition(store)]
        assert not await store.states.acquire(PROJECTION, "runner", where, life_ms=LIFE_MS)
        await filled(store, rebuild)
        await store.rebuilds.set_status(rebuild, RunStatus.CANCELLED, allowed=GOES_ON)
        assert await standing(store) == [(1, "live", True), (2, "building", True)]
        assert await shown(store) == (2, {"cart/main": b"new"})
        assert await store.states.acquire(PROJECTION, "builder", where, life_ms=LIFE_MS)

    async def test_a_paused_rebuild_gives_no_leases_until_it_goes_on(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        paused = await store.rebuilds.set_status(
            rebuild, RunStatus.PAUSED, allowed=[RunStatus.RUNNING]
        )
        assert paused is not None
        assert paused.status is RunStatus.PAUSED
        assert paused.ended_at_ms == 0
        where = [partition(store)]
        assert not await store.rebuilds.acquire(rebuild, "me", where, life_ms=LIFE_MS)
        again = await store.rebuilds.set_status(
            rebuild, RunStatus.RUNNING, allowed=[RunStatus.PAUSED]
        )
        assert again == rebuild
        assert await store.rebuilds.acquire(rebuild, "me", where, life_ms=LIFE_MS)

    async def test_what_is_over_stays_as_it_is(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        failed = await store.rebuilds.set_status(
            rebuild, RunStatus.FAILED, allowed=GOES_ON, error_reason=70, error="why"
        )
        assert failed is not None
        assert (failed.error_reason, failed.error) == (70, "why")
        for status in (RunStatus.CANCELLED, RunStatus.RUNNING):
            assert await store.rebuilds.set_status(rebuild, status, allowed=GOES_ON) is None
        assert await store.rebuilds.find(PROJECTION, 2) == failed
        assert await store.rebuilds.find(PROJECTION, 9) is None
        assert await store.rebuilds.list_of(status=RunStatus.RUNNING) == []
        assert await store.rebuilds.list_of(limit=1) == [failed]

    async def test_a_partition_has_one_builder_and_its_progress_is_kept(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        lease = await filled(store, rebuild)
        where = partition(store)
        assert not await store.rebuilds.acquire(rebuild, "other", [where], life_ms=LIFE_MS)
        progress = await store.rebuilds.progress(PROJECTION, 2)
        assert progress.positions[where] == 3
        assert progress.compared == {}
        await store.rebuilds.store_comparison(lease, b"result")
        assert (await store.rebuilds.progress(PROJECTION, 2)).compared == {where: b"result"}
        await store.rebuilds.release([lease])
        with pytest.raises(LeaseLost):
            await store.rebuilds.store_comparison(lease, b"later")
        (taken,) = await store.rebuilds.acquire(rebuild, "other", [where], life_ms=LIFE_MS)
        assert (taken.epoch, taken.position) == (lease.epoch + 1, 3)
        with pytest.raises(LeaseLost):
            await store.rebuilds.save(lease, [], {SUBJECT: 3}, 4)

    async def test_it_reads_what_it_folds_and_what_it_stored(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        lease = await filled(store, rebuild)
        where = partition(store)
        events = await store.rebuilds.read(where, after_position=1, limit=1)
        assert [event.position for event in events] == [2]
        stream = await store.rebuilds.read_stream(
            SUBJECT, after_version=1, up_to_version=2, limit=5
        )
        assert [event.version for event in stream] == [2]
        found = await store.rebuilds.load(lease, [(SUBJECT, "cart/main"), (SUBJECT, "media/x")])
        assert found == {
            (SUBJECT, "cart/main"): StateRow(SUBJECT, "cart/main", 3, b"new"),
        }

    async def test_pairs_hold_the_states_of_both_generations(self, store: Store) -> None:
        await live(store)
        rebuild = await store.rebuilds.begin(await order(store))
        where = partition(store)
        (lease,) = await store.rebuilds.acquire(rebuild, "me", [where], life_ms=LIFE_MS)
        (missing,) = await store.rebuilds.pairs(lease, 1, after="", limit=10)
        assert (missing.mine_version, missing.other_version) == (0, 3)
        assert (dict(missing.mine), dict(missing.other)) == ({}, {"cart/main": b"live"})
        await store.rebuilds.save(lease, [row("cart/main", 2, b"new")], {SUBJECT: 2}, 2)
        (pair,) = await store.rebuilds.pairs(lease, 1, after="", limit=10)
        assert (pair.subject_id, pair.mine_version, pair.other_version) == (SUBJECT, 2, 3)
        assert dict(pair.mine) == {"cart/main": b"new"}
        assert await store.rebuilds.pair(where, rebuild, SUBJECT) == pair
        assert await store.rebuilds.pair(where, rebuild, "nobody") is None
        assert await store.rebuilds.pairs(lease, 1, after=SUBJECT, limit=10) == []


class RebuildingContract(GenerationsContract, RebuildsContract):
    """All of it."""
