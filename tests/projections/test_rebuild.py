"""A projection made anew: filled, compared, switched to; by one process or several."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_BUG, ERROR_REASON_EVENT_UNREADABLE
from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import SkippedEvent, StoppedFold
from journey_service.domain.errors import EventUnreadable
from journey_service.ports import PartitionLease, StateRow
from journey_service.ports_of_rebuilds import Rebuild, RunStatus
from projections import portions
from projections import rebuild as rebuilding
from projections.rebuild import Builder
from tests.contract.acts import SUBJECT, acts
from tests.projections.rebuilt import (
    EVENTS,
    NAME,
    NAMES,
    VERSION,
    Folding,
    begun,
    now,
    partition,
    rebuilder,
    recorded,
    run,
    stored,
    to_the_end,
    view_of,
)


def stumbling(_: Any, event: Event) -> None:
    if event.version == 2 and event.subject_id == SUBJECT:
        raise ArithmeticError


# --- filling -------------------------------------------------------------------------------------


async def test_what_was_rebuilt_equals_what_is_live_byte_for_byte() -> None:
    store = await recorded()
    rebuild = await begun(store)
    await to_the_end(rebuilder(store))
    assert (await now(store, rebuild)).status is RunStatus.SWITCHED
    assert stored(store, 2) == stored(store, 1)
    assert store.states.folded[NAME, 2] == dict.fromkeys(NAMES, EVENTS)


async def test_batches_add_up_whatever_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "STATES_KEPT", 1)
    monkeypatch.setattr(portions, "BREATH", 1)
    store = await recorded(partitions=1)
    await begun(store)
    await to_the_end(rebuilder(store, batch_events=2))
    assert stored(store, 2) == stored(store, 1)


async def test_several_processes_share_the_partitions() -> None:
    store = await recorded()
    rebuild = await begun(store)
    one, other = rebuilder(store, owner="one"), rebuilder(store, owner="other")
    while not (await now(store, rebuild)).ended_at_ms:
        await asyncio.gather(one.turn(), other.turn())
    assert stored(store, 2) == stored(store, 1)


async def test_what_another_process_does_is_left_to_it() -> None:
    store = await recorded()
    rebuild = await begun(store)
    where = range(store.journal.partition_count)
    leases = await store.rebuilds.acquire(rebuild, "other", where, life_ms=60_000)
    mine = rebuilder(store)
    assert not await mine.turn()
    await store.rebuilds.release(leases)
    await to_the_end(mine)
    assert (await now(store, rebuild)).status is RunStatus.SWITCHED


async def test_events_recorded_meanwhile_are_no_part_of_it_and_are_not_lost() -> None:
    store = await recorded()
    rebuild = await begun(store)
    await store.journal.append(acts(4, subject="ann"))
    await store.journal.append(acts(1, subject="zoe"))
    await to_the_end(rebuilder(store))
    found = await store.states.read_subject(NAME, "zoe")
    assert (found.generation, found.head.version) == (rebuild.generation, 1)
    assert found.folded_version + len(found.tail) == 1
    await run(store)
    assert store.states.folded[NAME, 2]["ann"] == 4


async def test_indexed_views_store_what_their_states_are_found_by() -> None:
    store = await recorded()
    await begun(store)
    index = {"kind": lambda shown: [shown.ref.kind]}
    await to_the_end(rebuilder(store, view_of(index=index)))
    row = store.states.states[NAME, 2][SUBJECT, "media/film"]
    assert row.index == (("kind", "media"),)


async def test_it_leaves_time_to_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    store = await recorded()
    await begun(store)
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    await to_the_end(rebuilder(store, share_percent=10))
    assert sum(pauses) > 0


# --- faults --------------------------------------------------------------------------------------


async def test_an_event_that_cannot_be_folded_fails_the_rebuild_and_nothing_else() -> None:
    store = await recorded()
    rebuild = await begun(store)
    await to_the_end(rebuilder(store, view_of(Folding(after=stumbling))))
    failed = await now(store, rebuild)
    assert (failed.status, failed.error_reason) == (RunStatus.FAILED, ERROR_REASON_BUG)
    where = f"partition {partition(store, SUBJECT)}, position"
    assert where in failed.error
    assert "ArithmeticError" in failed.error
    assert (await store.states.read_subject(NAME, SUBJECT)).generation == 1


async def test_an_event_of_which_cannot_be_told_what_it_changes_is_named_likewise() -> None:
    class Unsure(Folding):
        def keys_of(self, event: Event) -> tuple[str, ...]:
            raise ArithmeticError

    store = await recorded(names=(SUBJECT,))
    rebuild = await begun(store)
    await to_the_end(rebuilder(store, view_of(Unsure())))
    where = f"partition {partition(store, SUBJECT)}, position 1"
    said = f"The event at {where} cannot be folded: ArithmeticError"
    assert (await now(store, rebuild)).error == said


async def test_damaged_bytes_fail_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    store = await recorded()
    rebuild = await begun(store)

    async def read(*_: Any, **__: Any) -> list[Event]:
        raise EventUnreadable(position=2)

    monkeypatch.setattr(store.rebuilds, "read", read)
    await to_the_end(rebuilder(store))
    failed = await now(store, rebuild)
    assert failed.error_reason == ERROR_REASON_EVENT_UNREADABLE
    assert "position 2" in failed.error


async def test_a_journal_that_was_rewound_meanwhile_fails_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = await recorded()
    rebuild = await begun(store)

    async def nothing(*_: Any, **__: Any) -> list[Event]:
        return []

    monkeypatch.setattr(store.rebuilds, "read", nothing)
    await to_the_end(rebuilder(store))
    failed = await now(store, rebuild)
    assert failed.status is RunStatus.FAILED
    assert failed.error.endswith("position 1 cannot be folded: JournalRewound")


async def test_an_event_that_the_projection_was_told_to_leave_out_is_left_out() -> None:
    store = await recorded()
    where = partition(store, SUBJECT)
    (event,) = [
        each
        for each in await store.journal.read_partition(where)
        if (each.subject_id, each.version) == (SUBJECT, 2)
    ]
    (lease,) = await store.states.acquire(NAME, "runner", [where], life_ms=60_000)
    await store.stops.note(lease, StoppedFold(partition=where, position=event.position))
    skipped = SkippedEvent(partition=where, position=event.position, reason="poison", actor="ops")
    assert await store.stops.skip(NAME, VERSION, 1, skipped)
    rebuild = await begun(store)
    await to_the_end(rebuilder(store, view_of(Folding(after=stumbling))))
    assert (await now(store, rebuild)).status is RunStatus.SWITCHED
    assert store.states.folded[NAME, 2][SUBJECT] == EVENTS


async def test_a_rebuilder_without_stops_skips_nothing() -> None:
    store = await recorded()
    await begun(store)
    await to_the_end(rebuilder(store, stops=None))
    assert stored(store, 2) == stored(store, 1)


async def test_a_killed_process_is_gone_on_from_where_it_was() -> None:
    store = await recorded(partitions=1)
    rebuild = await begun(store)
    saves = 0
    save = store.rebuilds.save

    async def dying(
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> PartitionLease:
        nonlocal saves
        saves += 1
        if saves == 3:
            raise asyncio.CancelledError
        return await save(lease, rows, versions, position)

    store.rebuilds.save = dying  # type: ignore[method-assign]
    with suppress(asyncio.CancelledError):
        await to_the_end(rebuilder(store, batch_events=3))
    assert (await store.rebuilds.progress(NAME, 2)).positions[0] == 6
    again = rebuilder(store, owner="next", batch_events=3)
    await to_the_end(again)
    assert saves == 3 + 2, "two batches were left, and none was made again"
    assert (await now(store, rebuild)).status is RunStatus.SWITCHED
    assert stored(store, 2) == stored(store, 1)


async def test_a_lease_that_went_elsewhere_ends_the_work_there() -> None:
    store = await recorded(partitions=1)
    rebuild = await begun(store)
    mine = Builder(view_of(), store.rebuilds, rebuild, owner="me", lease_life_ms=0, batch_events=2)
    load = store.rebuilds.load

    async def taken(lease: PartitionLease, keys: Any) -> dict[tuple[str, str], StateRow]:
        await store.rebuilds.acquire(rebuild, "other", [0], life_ms=60_000)
        return await load(lease, keys)

    store.rebuilds.load = taken  # type: ignore[method-assign]
    assert not await mine.work()
    assert (await store.rebuilds.progress(NAME, 2)).positions[0] == 0


async def test_a_lease_that_cannot_be_renewed_ends_the_work_before_the_next_batch() -> None:
    store = await recorded(partitions=1)
    rebuild = await begun(store)
    mine = Builder(view_of(), store.rebuilds, rebuild, owner="me", lease_life_ms=0, batch_events=2)
    read, reads = store.rebuilds.read, []

    async def counted(partition: int, **range_: Any) -> list[Event]:
        reads.append(partition)
        events = await read(partition, **range_)
        await tell(store, rebuild, RunStatus.PAUSED)
        return events

    store.rebuilds.read = counted  # type: ignore[method-assign]
    assert not await mine.work()
    assert (await store.rebuilds.progress(NAME, 2)).positions[0] == 2
    assert reads == [0]


async def test_a_long_batch_renews_its_lease() -> None:
    store = await recorded(partitions=1)
    rebuild = await begun(store)
    mine = Builder(view_of(), store.rebuilds, rebuild, owner="me", lease_life_ms=1, batch_events=1)
    sleep = asyncio.sleep

    async def slowly(partition: int, *, after_position: int, limit: int) -> list[Event]:
        await sleep(0.002)
        return await store.journal.read_partition(
            partition, after_position=after_position, limit=limit
        )

    store.rebuilds.read = slowly  # type: ignore[method-assign]
    assert await mine.work()
    assert (await store.rebuilds.progress(NAME, 2)).positions[0] == EVENTS * len(NAMES)


# --- told to -------------------------------------------------------------------------------------


async def tell(store: Any, rebuild: Rebuild, status: RunStatus) -> None:
    """Between two batches, as another process does."""
    assert await store.rebuilds.set_status(
        rebuild, status, allowed=(RunStatus.RUNNING, RunStatus.PAUSED)
    )


async def test_a_paused_rebuild_rests_and_goes_on() -> None:
    store = await recorded()
    rebuild = await begun(store)
    mine = rebuilder(store)
    assert await mine.turn()
    await tell(store, rebuild, RunStatus.PAUSED)
    assert not await mine.turn()
    assert (await now(store, rebuild)).status is RunStatus.PAUSED
    await tell(store, rebuild, RunStatus.RUNNING)
    await to_the_end(mine)
    assert stored(store, 2) == stored(store, 1)


async def test_a_cancelled_rebuild_is_dropped_and_the_live_one_stays() -> None:
    store = await recorded()
    rebuild = await begun(store)
    mine = rebuilder(store, drop_subjects=1)
    for _ in range(4):
        assert await mine.turn()
    filled = len(store.states.folded[NAME, 2])
    await tell(store, rebuild, RunStatus.CANCELLED)
    assert await to_the_end(mine) == filled + 1
    assert stored(store, 2) == {}
    (live, gone) = await store.rebuilds.generations(NAME)
    assert (live.status, gone.status) == ("live", "dropped")
    again = await begun(store, "again")
    await to_the_end(mine)
    assert stored(store, again.generation) == stored(store, 1)


async def test_what_is_over_when_all_is_done_is_not_switched_to() -> None:
    store = await recorded()
    rebuild = await begun(store)
    switch = store.rebuilds.switch

    async def cancelled(each: Rebuild) -> Rebuild | None:
        await tell(store, rebuild, RunStatus.CANCELLED)
        return await switch(each)

    store.rebuilds.switch = cancelled  # type: ignore[method-assign,assignment]
    await to_the_end(rebuilder(store))
    assert (await now(store, rebuild)).status is RunStatus.CANCELLED
    assert (await store.states.read_subject(NAME, SUBJECT)).generation == 1
