"""What every store of states does. An adapter subclasses this and hands in a `store`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from journey_service.domain.batch import Stamp
from journey_service.domain.errors import LeaseLost, ProjectionNotFound
from journey_service.domain.identity import partition_of
from journey_service.ports import PartitionLease, StateRow, States
from tests.contract.acts import PHONE, SUBJECT, Store, acts, until, versions

PROJECTION = "journeys"
LIFE_MS = 60_000


def row(key: str, version: int, state: bytes, subject: str = SUBJECT) -> StateRow:
    return StateRow(subject, key, version, state)


def partition(store: Store, subject: str = SUBJECT) -> int:
    return partition_of(subject, store.journal.partition_count)


async def lease_of(
    store: Store, owner: str = "me", subject: str = SUBJECT, life_ms: int = LIFE_MS
) -> PartitionLease:
    await store.states.register(PROJECTION, 1)
    number = partition(store, subject)
    (lease,) = await store.states.acquire(PROJECTION, owner, [number], life_ms=life_ms)
    return lease


async def keys_held(states: States, owner: str, partitions: Sequence[int]) -> list[int]:
    leases = await states.acquire(PROJECTION, owner, partitions, life_ms=LIFE_MS)
    return [lease.partition for lease in leases]


class ReadSubjectContract:
    """One consistent read of a subject."""

    async def test_an_unknown_subject_has_nothing(self, store: Store) -> None:
        await store.states.register(PROJECTION, 1)
        found = await store.states.read_subject(PROJECTION, "nobody", installation_id=PHONE)
        assert (found.head.version, found.head.floor) == (0, Stamp(0, 0))
        assert (found.folded_version, dict(found.states), list(found.tail)) == (0, {}, [])
        assert found.processed_seq == 0

    async def test_a_projection_that_nobody_registered_is_not_found(self, store: Store) -> None:
        with pytest.raises(ProjectionNotFound):
            await store.states.read_subject("unheard-of", SUBJECT)

    async def test_what_was_never_folded_is_all_tail(self, store: Store) -> None:
        await store.states.register(PROJECTION, 1)
        await store.journal.append(acts(1, 2, 3))
        found = await store.states.read_subject(PROJECTION, SUBJECT, installation_id=PHONE)
        assert found.head == await store.journal.stream_head(SUBJECT)
        assert list(found.tail) == await store.journal.read_stream(SUBJECT)
        assert found.processed_seq == 3

    async def test_stored_states_come_with_the_events_behind_them(self, store: Store) -> None:
        lease = await lease_of(store)
        await store.journal.append(acts(1, 2, 3))
        rows = [row("media/a", 2, b"A"), row("media/b", 1, b"B")]
        await store.states.save(lease, rows, {SUBJECT: 2}, 2)
        found = await store.states.read_subject(PROJECTION, SUBJECT)
        assert dict(found.states) == {"media/a": b"A", "media/b": b"B"}
        assert found.folded_version == 2
        assert versions(found.tail) == [3]
        assert found.generation == lease.generation
        assert found.processed_seq == 0

    async def test_keys_limit_the_states_and_never_the_tail(self, store: Store) -> None:
        lease = await lease_of(store)
        await store.journal.append(acts(1, 2))
        rows = [row("media/a", 1, b"A"), row("media/b", 1, b"B")]
        await store.states.save(lease, rows, {SUBJECT: 1}, 1)
        found = await store.states.read_subject(PROJECTION, SUBJECT, keys=["media/b", "cart/x"])
        assert dict(found.states) == {"media/b": b"B"}
        assert versions(found.tail) == [2]

    async def test_who_holds_states_gets_only_the_tail_behind_them(self, store: Store) -> None:
        lease = await lease_of(store)
        await store.journal.append(acts(1, 2, 3, 4))
        await store.states.save(lease, [row("media/a", 2, b"A")], {SUBJECT: 2}, 2)
        found = await store.states.read_subject(PROJECTION, SUBJECT, cached_version=3)
        assert (found.folded_version, dict(found.states), versions(found.tail)) == (3, {}, [4])
        level = await store.states.read_subject(PROJECTION, SUBJECT, cached_version=4)
        assert (level.folded_version, dict(level.states), list(level.tail)) == (4, {}, [])

    async def test_who_holds_old_states_gets_all_that_is_missing_one_way_or_the_other(
        self, store: Store
    ) -> None:
        lease = await lease_of(store)
        await store.journal.append(acts(*range(1, 201)))
        await store.states.save(lease, [row("media/a", 190, b"A")], {SUBJECT: 190}, 190)
        for cached in (0, 150, 189):
            found = await store.states.read_subject(PROJECTION, SUBJECT, cached_version=cached)
            assert versions(found.tail) == list(range(found.folded_version + 1, 201))
            assert found.folded_version in {cached, 190}
            assert dict(found.states) == ({"media/a": b"A"} if found.folded_version == 190 else {})

    async def test_a_read_is_exact_however_far_the_folding_is(self, store: Store) -> None:
        """The state counts events; state and tail must always add up to the head."""
        lease, done = await lease_of(store), asyncio.Event()

        async def write() -> None:
            for number in range(1, 61):
                await store.journal.append(acts(number))
            done.set()

        async def fold() -> None:
            held, position = lease, 0
            while not done.is_set():
                events = await store.journal.read_partition(
                    held.partition, after_position=position, limit=7
                )
                if not events:
                    await asyncio.sleep(0.001)
                    continue
                position, version = events[-1].position, events[-1].version
                count = [row("media/a", version, str(version).encode())]
                held = await store.states.save(held, count, {SUBJECT: version}, position)

        async def read() -> int:
            reads = 0
            while not done.is_set():
                found = await store.states.read_subject(PROJECTION, SUBJECT)
                counted = int(found.states.get("media/a", b"0"))
                assert counted == found.folded_version
                assert versions(found.tail) == list(range(counted + 1, found.head.version + 1))
                reads += 1
                await asyncio.sleep(0)
            return reads

        _, _, reads = await asyncio.gather(write(), fold(), read())
        assert reads > 10


class FoldContract:
    """Leases, checkpoints and generations."""

    async def test_the_same_fold_version_keeps_its_generation(self, store: Store) -> None:
        assert await store.states.register(PROJECTION, 1) == await store.states.register(
            PROJECTION, 1
        )

    async def test_another_fold_version_begins_empty(self, store: Store) -> None:
        lease = await lease_of(store)
        await store.journal.append(acts(1))
        await store.states.save(lease, [row("media/a", 1, b"A")], {SUBJECT: 1}, 1)
        assert await store.states.register(PROJECTION, 2) != lease.generation
        found = await store.states.read_subject(PROJECTION, SUBJECT)
        assert (dict(found.states), versions(found.tail)) == ({}, [1])
        assert set((await store.states.checkpoints(PROJECTION)).values()) == {0}

    async def test_a_lease_is_held_by_one_owner(self, store: Store) -> None:
        mine = await lease_of(store)
        assert await keys_held(store.states, "you", [mine.partition, 63]) == [63]
        assert await keys_held(store.states, "me", [mine.partition]) == [mine.partition]

    async def test_renewing_keeps_the_epoch_and_taking_over_raises_it(self, store: Store) -> None:
        first = await lease_of(store, life_ms=1)
        renewed = await lease_of(store, life_ms=1)
        assert renewed.epoch == first.epoch
        await until_expired(store)
        taken = await lease_of(store, "you")
        assert taken.epoch == first.epoch + 1

    async def test_a_released_lease_is_free_at_once(self, store: Store) -> None:
        mine = await lease_of(store)
        await store.states.release([mine])
        yours = await lease_of(store, "you")
        assert yours.epoch > mine.epoch
        await store.states.release([mine])
        assert await keys_held(store.states, "me", [mine.partition]) == []

    async def test_a_lost_lease_writes_nothing_at_all(self, store: Store) -> None:
        mine = await lease_of(store)
        await store.journal.append(acts(1, 2))
        mine = await store.states.save(mine, [row("media/a", 1, b"A")], {SUBJECT: 1}, 1)
        await store.states.release([mine])
        yours = await lease_of(store, "you")
        assert yours.position == 1
        rows = [row("media/a", 2, b"late"), row("media/b", 2, b"late")]
        with pytest.raises(LeaseLost):
            await store.states.save(mine, rows, {SUBJECT: 2}, 2)
        found = await store.states.read_subject(PROJECTION, SUBJECT)
        assert (dict(found.states), found.folded_version) == ({"media/a": b"A"}, 1)
        assert (await store.states.checkpoints(PROJECTION))[mine.partition] == 1

    async def test_a_save_moves_the_checkpoint_and_replaces_states(self, store: Store) -> None:
        lease = await lease_of(store)
        await store.journal.append(acts(1, 2))
        lease = await store.states.save(lease, [row("media/a", 1, b"A")], {SUBJECT: 1}, 1)
        lease = await store.states.save(lease, [row("media/a", 2, b"AA")], {SUBJECT: 2}, 2)
        assert lease.position == 2
        assert (await store.states.checkpoints(PROJECTION))[lease.partition] == 2
        keys = [(SUBJECT, "media/a"), (SUBJECT, "media/b"), ("nobody", "media/a")]
        loaded = await store.states.load(lease, keys)
        assert loaded == {(SUBJECT, "media/a"): row("media/a", 2, b"AA")}
        assert await store.states.load(lease, []) == {}

    async def test_a_save_without_states_moves_the_checkpoint_alone(self, store: Store) -> None:
        lease = await lease_of(store)
        lease = await store.states.save(lease, [], {}, 5)
        again = await lease_of(store)
        assert (lease.position, again.position) == (5, 5)

    async def test_checkpoints_cover_every_partition(self, store: Store) -> None:
        await store.states.register(PROJECTION, 1)
        places = await store.states.checkpoints(PROJECTION)
        assert places == dict.fromkeys(range(store.journal.partition_count), 0)


async def until_expired(store: Store) -> None:
    """A ms has passed on the clock that leases live by."""
    before = store.clock.now_ms()
    await until(lambda: store.clock.now_ms() > before + 20)


class StatesContract(ReadSubjectContract, FoldContract):
    """All of it."""
