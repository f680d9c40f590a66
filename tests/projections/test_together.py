"""Several projections in one pass over the journal."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import StorageUnavailable
from journey_service.store.memory import MemoryStore
from projections.runner import Runner
from projections.together import Pages, Together
from projections.view import Catalogue, DerivedView, StoredView
from tests.contract.acts import SUBJECT, acts, until
from tests.projections.test_halting import Counts


class Named(Counts):
    """The same under a name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Reads:
    """How often each page was read."""

    def __init__(self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        read = store.journal.read_partition

        async def counted(number: int, **range_: Any) -> list[Event]:
            self.count += 1
            return await read(number, **range_)

        monkeypatch.setattr(store.journal, "read_partition", counted)


@pytest.fixture
async def store() -> MemoryStore:
    opened = MemoryStore()
    for name in ("a", "b", "c"):
        await opened.states.register(name, 1)
    return opened


def together(store: MemoryStore, *projections: Counts, **more: Any) -> Together:
    pages = Pages(store.journal)
    given: dict[str, Any] = {"owner": "me", "pause_after_fault_s": 0.0, "page": 2} | more
    runners = [Runner(each, pages, store.states, **given) for each in projections]
    return Together(pages, runners, pause_s=0.001)


async def version(store: MemoryStore, name: str) -> int:
    return (await store.states.read_subject(name, SUBJECT)).folded_version


async def test_each_page_is_read_once_for_all(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.journal.append(acts(1, 2, 3))
    reads = Reads(store, monkeypatch)
    assert await together(store, Named("a"), Named("b"), Named("c")).catch_up() == 9
    assert [await version(store, name) for name in "abc"] == [3, 3, 3]
    assert reads.count == 2


async def test_one_that_stops_does_not_hold_up_the_others(store: MemoryStore) -> None:
    await store.journal.append(acts(1, 2, 3))
    broken = Named("b")
    broken.broken = {2}
    await together(store, Named("a"), broken, Named("c")).catch_up()
    assert [await version(store, name) for name in "abc"] == [3, 1, 3]


async def test_one_that_is_behind_catches_up_beside_the_others(store: MemoryStore) -> None:
    await store.journal.append(acts(1, 2, 3))
    await together(store, Named("a")).catch_up()
    await store.journal.append(acts(4))
    assert await together(store, Named("a"), Named("b")).catch_up() == 5
    assert [await version(store, name) for name in "ab"] == [4, 4]


async def test_it_follows_over_a_store_that_is_away_and_gives_leases_back_at_the_end(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads, failures = store.journal.heads, [StorageUnavailable()]

    async def failing() -> dict[int, int]:
        if failures:
            raise failures.pop()
        return await heads()

    monkeypatch.setattr(store.journal, "heads", failing)
    await store.journal.append(acts(1))
    task = asyncio.create_task(together(store, Named("a"), Named("b")).run())
    await until(lambda: bool(store.states.rows_of("b", 1)[1]))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    held = await store.states.acquire("a", "other", range(64), life_ms=1_000)
    assert len(held) == store.journal.partition_count


def test_a_catalogue_knows_its_views_by_name_and_which_are_own() -> None:
    stored = StoredView(Named("a"), "Counts.", publish=lambda state: {})
    derived = DerivedView("b", 1, "Nothing.", derive=lambda journeys, now_ms: {})
    own = StoredView(Named("c"), "Counts.", publish=lambda state: {})
    catalogue = Catalogue([stored, derived], own=[own])
    assert [view.name for view in catalogue] == ["a", "b", "c"]
    assert [view.name for view in catalogue.stored()] == ["a", "c"]
    assert [catalogue.is_own(name) for name in ("a", "c", "d")] == [False, True, False]
    assert catalogue.find("d") is None
    assert own.version == 1
    with pytest.raises(ValueError, match="b: there is a projection of this name already"):
        Catalogue([stored, derived], own=[derived])
