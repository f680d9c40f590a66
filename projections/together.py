"""Several projections that are folded in one pass over the journal: each page is read once.

heads ──▶ partitions of which any is behind ──▶ a page of one, read once ──▶ each folds and saves it
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import Overloaded, Unavailable
from journey_service.ports import Journal
from projections.runner import PAUSE_S, Runner


class Pages:
    """A journal of which the page read last is kept, for whoever reads the same after it.

    Who folds must leave the events as they are, which folds do anyway.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._place: tuple[object, ...] = ()
        self._page: list[Event] = []

    @property
    def partition_count(self) -> int:
        """See ports.Journal."""
        return self._journal.partition_count

    async def heads(self) -> dict[int, int]:
        """See ports.Journal."""
        return await self._journal.heads()

    async def read_partition(
        self,
        partition: int,
        *,
        after_position: int = 0,
        up_to_position: int | None = None,
        limit: int = 1_000,
    ) -> list[Event]:
        """See ports.Journal; forwards only."""
        place = (self._journal.epoch, partition, after_position, up_to_position, limit)
        if place != self._place:
            page = await self._journal.read_partition(
                partition,
                after_position=after_position,
                up_to_position=up_to_position,
                limit=limit,
            )
            self._place, self._page = place, page
        return list(self._page)


class Together:
    """Runners over one Pages."""

    def __init__(
        self, pages: Pages, runners: Sequence[Runner[Any]], *, pause_s: float = PAUSE_S
    ) -> None:
        self._pages = pages
        self._runners = runners
        self._pause_s = pause_s

    async def run(self) -> None:
        """Until cancelled; then all leases are given back."""
        try:
            while True:
                try:
                    await self.catch_up()
                except (Unavailable, Overloaded):
                    for runner in self._runners:
                        runner.forget()
                await asyncio.sleep(self._pause_s)
        finally:
            for runner in self._runners:
                await runner.release()

    async def catch_up(self) -> int:
        """Fold what is there now; returns how many events that were, counted for each projection.

        Raises Unavailable or Overloaded of the store.
        """
        await self._acquire()
        heads = await self._pages.heads()
        folded = 0
        behind = {runner: runner.behind(heads) for runner in self._runners}
        while any(behind.values()):
            moved = await self._advance(behind)
            folded += sum(sum(counts.values()) for counts in moved.values())
            await self._acquire()
            behind = {
                runner: runner.behind(heads, [each for each, count in counts.items() if count])
                for runner, counts in moved.items()
            }
        for runner in self._runners:
            runner.tell(heads)
        return folded

    async def _advance(
        self, behind: Mapping[Runner[Any], Sequence[int]]
    ) -> dict[Runner[Any], dict[int, int]]:
        """A page of each partition for whoever is behind there; by how many events each moved."""
        moved: dict[Runner[Any], dict[int, int]] = {runner: {} for runner in behind}
        for partition in sorted(set(chain.from_iterable(behind.values()))):
            for runner in behind:
                if partition in behind[runner]:
                    moved[runner][partition] = await runner.advance(partition)
        return moved

    async def _acquire(self) -> None:
        for runner in self._runners:
            await runner.acquire()
