"""The runner over the store in memory; faults sit in a projection or a store of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey_service.domain.errors import (
    EventUnreadable,
    JourneyError,
    RateLimited,
    StorageUnavailable,
)
from journey_service.domain.identity import partition_of
from journey_service.ports import PartitionLease, StateRow
from journey_service.store.memory import MemoryStore
from journey_service.store.memory.states import MemoryStates
from projections.journey_states import JourneyStates
from projections.journeys.custom import UNDECLARED
from projections.runner import Runner
from tests.contract.acts import SUBJECT, acts, until
from tests.projections.acts import fold, frozen

FILM = "media/film"


class Told:
    """A watchman who remembers."""

    def __init__(self) -> None:
        self.lags: list[int] = []
        self.faults: list[tuple[int, int, Exception]] = []

    def stands(self, projection: str, *, lag_events: int) -> None:
        assert projection == "journeys"
        self.lags.append(lag_events)

    def failed(self, projection: str, partition: int, position: int, error: Exception) -> None:
        assert projection == "journeys"
        self.faults.append((partition, position, error))


class Stumbling(JourneyStates):
    """The journeys, but events of these versions cannot be folded."""

    def __init__(self, *versions: int) -> None:
        super().__init__("journeys", 1, projections.KINDS.values(), UNDECLARED)
        self.versions = set(versions)

    def fold_event(self, states: dict[str, JourneyFold], event: Event) -> set[str]:
        touched = super().fold_event(states, event)
        if event.version in self.versions:
            raise ArithmeticError(f"version {event.version}")
        return touched


@pytest.fixture
async def store() -> MemoryStore:
    opened = MemoryStore()
    await opened.states.register("journeys", 1)
    return opened


@pytest.fixture
def told() -> Told:
    return Told()


def runner(store: MemoryStore, told: Told | None = None, **facts: Any) -> Runner[JourneyFold]:
    projection = facts.pop("projection", projections.JOURNEYS)
    given: dict[str, Any] = {"owner": "me", "pause_s": 0.005, "pause_after_fault_s": 0.0} | facts
    return Runner(projection, store.journal, store.states, watchman=told, **given)


@asynccontextmanager
async def running(runner: Runner[JourneyFold]) -> AsyncIterator[None]:
    """The runner in the background, cancelled at the end."""
    task = asyncio.create_task(runner.run())
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def stored(store: MemoryStore, subject: str = SUBJECT) -> tuple[int, dict[str, JourneyFold]]:
    """Version folded to, and the stored states."""
    snapshot = await store.states.read_subject("journeys", subject)
    folds = {key: JourneyFold.FromString(state) for key, state in snapshot.states.items()}
    return snapshot.folded_version, folds


def partition(store: MemoryStore, subject: str = SUBJECT) -> int:
    return partition_of(subject, store.journal.partition_count)


def subjects(store: MemoryStore, number: int) -> list[str]:
    """So many subjects, each in a partition of its own, in order of partitions."""
    found = {partition(store, f"subject-{n}"): f"subject-{n}" for n in range(1_000)}
    return [found[key] for key in sorted(found)][:number]


async def taken_over(store: MemoryStore) -> None:
    """Another owner takes every lease, as after a pause that was too long."""
    for number in range(store.journal.partition_count):
        store.states._checkpoints["journeys", 1, number].expires_ms = 0
    await store.states.acquire(
        "journeys", "other", range(store.journal.partition_count), life_ms=60_000
    )


# --- catching up ---------------------------------------------------------------------------------


async def test_it_folds_what_was_recorded_and_stores_how_far_it_came(
    store: MemoryStore, told: Told
) -> None:
    await store.journal.append(acts(1, 2, 3))
    assert await runner(store, told).catch_up() == 3

    version, states = await stored(store)
    events = await store.journal.read_stream(SUBJECT)
    assert version == 3
    assert frozen(states) == frozen(fold(events))
    assert (await store.states.checkpoints("journeys"))[partition(store)] == 3
    assert told.lags == [3, 0]


async def test_a_fold_that_is_taken_up_again_goes_on_from_what_is_stored(
    store: MemoryStore,
) -> None:
    await store.journal.append(acts(1, 2))
    await runner(store).catch_up()
    await store.journal.append(acts(3, 4))
    assert await runner(store).catch_up() == 2
    version, states = await stored(store)
    assert version == 4
    assert frozen(states) == frozen(fold(await store.journal.read_stream(SUBJECT)))


async def test_pages_add_up_and_a_long_page_lets_others_have_their_turn(
    store: MemoryStore,
) -> None:
    await store.journal.append(acts(*range(1, 131)))
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    assert await runner(store, page=100).catch_up() == 130
    other.cancel()
    assert turns >= 2
    version, states = await stored(store)
    assert version == 130
    assert frozen(states) == frozen(fold(await store.journal.read_stream(SUBJECT)))


async def test_events_without_effect_move_the_folded_version_alone(store: MemoryStore) -> None:
    batch = acts(1)
    batch.candidates[0].interaction.journey.kind = "quest"
    await store.journal.append(batch)
    await runner(store).catch_up()
    assert await stored(store) == (1, {})


async def test_it_follows_while_it_runs_and_gives_the_leases_back_at_the_end(
    store: MemoryStore, told: Told
) -> None:
    async with running(runner(store, told)):
        await store.journal.append(acts(1))
        await until(lambda: told.lags.count(1) == 1 and told.lags[-1] == 0)
        await store.journal.append(acts(2))
        await until(lambda: told.lags.count(1) == 2 and told.lags[-1] == 0)
    assert (await stored(store))[0] == 2
    held = await store.states.acquire("journeys", "other", [partition(store)], life_ms=1_000)
    assert [lease.partition for lease in held] == [partition(store)]


# --- leases --------------------------------------------------------------------------------------


async def test_partitions_that_another_owner_holds_are_left_alone(store: MemoryStore) -> None:
    await store.journal.append(acts(1))
    await store.states.acquire("journeys", "other", [partition(store)], life_ms=60_000)
    assert await runner(store).catch_up() == 0
    assert (await stored(store))[0] == 0


async def test_a_lost_lease_writes_nothing_and_the_other_partitions_go_on(
    store: MemoryStore,
) -> None:
    first, second = subjects(store, 2)
    mine = runner(store)
    await mine.catch_up()
    await store.journal.append(acts(1, subject=first))
    await store.journal.append(acts(1, subject=second))
    store.states._checkpoints["journeys", 1, partition(store, first)].expires_ms = 0
    await store.states.acquire("journeys", "other", [partition(store, first)], life_ms=60_000)

    assert await mine.catch_up() == 1
    assert (await stored(store, first))[0] == 0
    assert (await stored(store, second))[0] == 1
    assert await mine.catch_up() == 0


async def test_leases_are_renewed_before_they_run_out_and_taken_again_when_free(
    store: MemoryStore,
) -> None:
    mine = runner(store, lease_life_ms=0)
    await mine.catch_up()
    await taken_over(store)
    await store.journal.append(acts(1))
    assert await mine.catch_up() == 0
    for number in range(store.journal.partition_count):
        store.states._checkpoints["journeys", 1, number].expires_ms = 0
    assert await mine.catch_up() == 1


# --- faults --------------------------------------------------------------------------------------


async def test_a_fold_that_raises_stops_its_partition_there_and_no_other(
    store: MemoryStore, told: Told
) -> None:
    first, second = subjects(store, 2)
    await store.journal.append(acts(1, 2, 3, subject=first))
    await store.journal.append(acts(1, subject=second))
    projection = Stumbling(3)
    stumbling = runner(store, told, projection=projection)
    assert await stumbling.catch_up() == 3

    number = partition(store, first)
    faults = {(each[0], each[1], str(each[2])) for each in told.faults}
    assert faults == {(number, 2, "version 3")}
    version, states = await stored(store, first)
    assert version == 2
    assert frozen(states) == frozen(fold(await store.journal.read_stream(first, up_to_version=2)))
    assert (await stored(store, second))[0] == 1
    assert told.lags[-1] == 1

    projection.versions.clear()
    assert await stumbling.catch_up() == 1
    assert (await stored(store, first))[0] == 3


async def test_nothing_behind_a_fault_is_skipped(store: MemoryStore, told: Told) -> None:
    await store.journal.append(acts(1, 2))
    stumbling = runner(store, told, projection=Stumbling(1))
    for _ in range(2):
        assert await stumbling.catch_up() == 0
    assert [each[1] for each in told.faults] == [0, 0]
    assert await stored(store) == (0, {})


async def test_a_partition_rests_after_a_fault(store: MemoryStore, told: Told) -> None:
    await store.journal.append(acts(1))
    stumbling = runner(store, told, projection=Stumbling(1), pause_after_fault_s=3_600.0)
    for _ in range(3):
        await stumbling.catch_up()
    assert len(told.faults) == 1


async def test_a_fault_that_nobody_watches_is_a_fault_all_the_same(store: MemoryStore) -> None:
    await store.journal.append(acts(1))
    assert await runner(store, projection=Stumbling(1)).catch_up() == 0


async def test_damaged_bytes_stop_their_partition_and_no_other(
    store: MemoryStore, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = subjects(store, 2)
    await store.journal.append(acts(1, subject=first))
    await store.journal.append(acts(1, subject=second))
    read = store.journal.read_partition

    async def damaged(number: int, **range_: Any) -> list[Event]:
        if number == partition(store, first):
            raise EventUnreadable
        return await read(number, **range_)

    monkeypatch.setattr(store.journal, "read_partition", damaged)
    assert await runner(store, told).catch_up() == 1
    assert isinstance(told.faults[0][2], EventUnreadable)


async def test_what_stands_before_damaged_bytes_is_folded_and_nothing_behind_them(
    store: MemoryStore, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = subjects(store, 1)[0]
    for seq in (1, 2, 3):
        await store.journal.append(acts(seq, subject=subject))
    read = store.journal.read_partition

    async def damaged(number: int, **range_: Any) -> list[Event]:
        events = await read(number, **range_)
        if any(event.position == 3 for event in events):
            raise EventUnreadable(position=3)
        return events

    monkeypatch.setattr(store.journal, "read_partition", damaged)
    await runner(store, told).catch_up()
    checkpoints = await store.states.checkpoints(projections.JOURNEYS.name)
    assert checkpoints[partition(store, subject)] == 2
    assert isinstance(told.faults[0][2], EventUnreadable)


class Failing(MemoryStates):
    """States whose next saves fail."""

    failures: list[JourneyError]

    async def save(
        self,
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> PartitionLease:
        if self.failures:
            raise self.failures.pop()
        return await super().save(lease, rows, versions, position)

    async def release(self, leases: Collection[PartitionLease]) -> None:
        raise StorageUnavailable


async def test_a_store_that_is_away_or_busy_is_tried_again_and_cannot_hold_up_the_end(
    store: MemoryStore, told: Told
) -> None:
    store.states = failing = Failing(store.journal, store.clock)
    failing.failures = [StorageUnavailable(), RateLimited()]
    await failing.register("journeys", 1)
    await store.journal.append(acts(1, 2))
    async with running(runner(store, told)):
        await until(lambda: bool(told.lags) and told.lags[-1] == 0)
    assert told.faults == []
    assert (await stored(store))[0] == 2


async def test_a_head_that_cannot_be_read_yet_is_looked_at_again_later(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = store.journal.heads

    async def ahead() -> dict[int, int]:
        return {number: head + 1 for number, head in (await heads()).items()}

    monkeypatch.setattr(store.journal, "heads", ahead)
    await store.journal.append(acts(1))
    assert await runner(store).catch_up() == 1
