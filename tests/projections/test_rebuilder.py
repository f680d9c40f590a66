"""What rebuilds by itself, works until it is told to end, and has no effect on anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import RateLimited, StorageUnavailable
from journey_service.ports_of_rebuilds import Rebuild, RunStatus
from projections import rebuild as rebuilding
from tests.contract.acts import SUBJECT, until
from tests.projections.rebuilt import (
    EVENTS,
    NAME,
    VERSION,
    Folding,
    begun,
    now,
    partition,
    rebuilder,
    recorded,
    stored,
    to_the_end,
    view_of,
)


async def test_a_changed_fold_version_rebuilds_by_itself_and_older_processes_answer_meanwhile() -> (
    None
):
    store = await recorded()
    after = view_of(Folding(VERSION + 1))
    assert await store.states.register(NAME, VERSION + 1) == 2
    found = await store.states.read_subject(NAME, SUBJECT)
    assert (found.generation, dict(found.states), len(found.tail)) == (2, {}, EVENTS)
    await store.states.register(NAME, VERSION)
    assert (await store.states.read_subject(NAME, SUBJECT)).folded_version == EVENTS

    mine = rebuilder(store, after, keep_old_ms=1)
    await mine.begin_automatic()
    (rebuild,) = await store.rebuilds.list_of(NAME)
    assert (rebuild.automatic, rebuild.base_version) == (True, VERSION)
    older = rebuilder(store, owner="older process")
    await older.begin_automatic()
    assert not await older.turn(), "it cannot fold what a newer version has to"
    await store.states.register(NAME, VERSION + 1)
    while (await now(store, rebuild)).status is RunStatus.RUNNING:
        await mine.turn()
    assert stored(store, 2) == stored(store, 1)
    await until(lambda: store.clock.now_ms() > rebuild.started_at_ms + 100)
    await to_the_end(mine)
    first, second = await store.rebuilds.generations(NAME)
    assert (first.status, second.status) == ("dropped", "live")


async def test_nothing_is_rebuilt_where_the_fold_did_not_change() -> None:
    store = await recorded()
    await rebuilder(store).begin_automatic()
    assert await store.rebuilds.list_of() == []


async def test_it_works_until_it_is_cancelled_and_outlives_a_store_that_is_away() -> None:
    store = await recorded()
    rebuild = await begun(store)
    listed, away = store.rebuilds.list_of, [StorageUnavailable()]

    async def list_of(*arguments: Any, **facts: Any) -> list[Rebuild]:
        if away:
            raise away.pop()
        return await listed(*arguments, **facts)

    read = store.rebuilds.read

    async def busy(*arguments: Any, **facts: Any) -> list[Event]:
        store.rebuilds.read = read  # type: ignore[method-assign]
        raise RateLimited

    store.rebuilds.list_of = list_of  # type: ignore[method-assign]
    store.rebuilds.read = busy  # type: ignore[method-assign]
    working = asyncio.create_task(rebuilder(store).run())
    await until(lambda: store.rebuilds._runs[NAME, 2].status is RunStatus.SWITCHED)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert stored(store, rebuild.generation) == stored(store, 1)


async def test_no_effect_of_an_event_comes_about_again() -> None:
    store = await recorded()
    delivered: list[Sequence[Event]] = []
    heads = await store.journal.heads()
    await begun(store)
    with store.journal.follow(partition(store, SUBJECT), delivered.append):
        await to_the_end(rebuilder(store))
        await asyncio.sleep(0)
    assert delivered == []
    assert await store.journal.heads() == heads


async def test_a_view_rebuilds_what_its_own_fold_makes_and_nothing_else() -> None:
    store = await recorded()
    rebuild = await begun(store)
    view, other = view_of(), view_of(Folding(VERSION + 1))
    assert rebuilding.rebuilt_by([other, view], rebuild) is view
    assert rebuilding.rebuilt_by([other], rebuild) is None
