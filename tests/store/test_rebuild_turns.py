"""A rebuild leaves the event loop to calls: none of its steps is long beside all of them.

In time of the processor, so that a machine that stands still changes nothing; and as a part of the
whole, so that a slow one does not either.
"""

import asyncio
import gc
import itertools
import time
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from journey_service.domain.identity import partition_of
from journey_service.ports import CommandKey
from journey_service.ports_of_rebuilds import Rebuild, RebuildOrder
from journey_service.store.postgres import PostgresStore
from projections import JOURNEYS
from projections.rebuild import Builder
from projections.view import StoredView
from tests.contract.acts import reports
from tests.postgres import RoleDsn
from tests.store.opening import open_store

# All of one partition, and so of one batch, each with a state of its own.
SUBJECTS = 1_500
TOGETHER = 500
# Of all that the rebuild does, what it does without a turn for others.
AT_MOST = 1 / 12
# What is in the way of others is so every time.
TRIES = 3
VIEW = StoredView(JOURNEYS, "Journeys.", publish=lambda _: {})


class Measured(Coroutine[Any, Any, bool]):
    """Work whose steps, from one turn of others to the next, are measured: processor time in s."""

    def __init__(self, work: Coroutine[Any, Any, bool]) -> None:
        self._work = work
        self.steps: list[float] = []

    def send(self, value: Any) -> Any:
        began = time.thread_time()
        try:
            return self._work.send(value)
        finally:
            self.steps.append(time.thread_time() - began)

    def throw(self, *error: Any) -> Any:
        return self._work.throw(*error)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, bool]:
        return self._work.__await__()


@contextmanager
def without_collecting() -> Iterator[None]:
    """What others left behind is not looked for meanwhile."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def recorded(store: PostgresStore) -> RebuildOrder:
    """A customer's event each, all in one partition; and the order to fold them."""
    count = store.journal.partition_count
    names = (f"subject {number}" for number in itertools.count())
    crowd = [*itertools.islice((one for one in names if not partition_of(one, count)), SUBJECTS)]
    for start in range(0, SUBJECTS, TOGETHER):
        some = crowd[start : start + TOGETHER]
        await asyncio.gather(*(store.journal.append(reports(1, subject=one)) for one in some))
    heads = await store.journal.heads()
    return RebuildOrder(
        projection=JOURNEYS.name,
        fold_version=JOURNEYS.version,
        targets=[heads[partition] for partition in sorted(heads)],
    )


async def steps_of(store: PostgresStore, rebuild: Rebuild) -> list[float]:
    """All steps until it is filled."""
    steps: list[float] = []
    going_on = True
    with without_collecting():
        while going_on:
            work = Measured(Builder(VIEW, store.rebuilds, rebuild, owner="me").work())
            going_on = await asyncio.create_task(work)
            steps += work.steps
    return steps


async def test_no_step_of_a_rebuild_is_long_beside_the_whole(database_as: RoleDsn) -> None:
    async with open_store(database_as, key_cache_ms=0) as store:
        order = await recorded(store)
        await store.states.register(JOURNEYS.name, JOURNEYS.version)
        rebuild = await store.rebuilds.begin_automatic(order)
        shares = []
        for number in range(TRIES):
            assert rebuild is not None
            steps = await steps_of(store, rebuild)
            shares.append(max(steps) / sum(steps))
            if shares[-1] <= AT_MOST:
                return
            await store.rebuilds.switch(rebuild)
            again = CommandKey(f"try {number}", "tests", b"again")
            rebuild = await store.rebuilds.begin(replace(order, command=again))
    pytest.fail(f"the longest step was {shares} of the whole, at most {AT_MOST} is meant")
