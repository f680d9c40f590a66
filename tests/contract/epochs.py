"""What every journal keeps of its older epochs. An adapter hands in a `store` and `restore`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from tests.contract.acts import SUBJECT, Store, acts, partition, positions, whole

# (partition, head): what lies behind it is lost, and a new epoch is in force afterwards.
Restore: TypeAlias = Callable[[int, int], Awaitable[None]]


class EpochContract:
    """Places that were told in one epoch, judged in a later one (rule R6)."""

    async def test_in_its_own_epoch_every_place_is_kept(self, store: Store) -> None:
        journal = store.journal
        assert await journal.keeps(journal.epoch, partition(journal), 2**62)

    async def test_a_place_of_an_older_epoch_is_kept_up_to_the_heads_of_the_newer_one(
        self, store: Store, restore: Restore
    ) -> None:
        journal, number, before = store.journal, partition(store.journal), store.journal.epoch
        await journal.append(acts(1, 2, 3))
        await restore(number, 2)
        await journal.append(acts(3, 4))
        assert journal.epoch != before
        assert positions(await whole(journal)) == [1, 2, 3, 4]
        assert [await journal.keeps(before, number, place) for place in range(5)] == [
            *[True] * 3,
            *[False] * 2,
        ]
        assert await journal.keeps(journal.epoch, number, 4)
        assert await journal.keeps(before, (number + 1) % journal.partition_count, 0)
        assert not await journal.keeps(before, (number + 1) % journal.partition_count, 1)

    async def test_of_several_later_epochs_the_least_head_counts(
        self, store: Store, restore: Restore
    ) -> None:
        journal, number = store.journal, partition(store.journal)
        first = journal.epoch
        await journal.append(acts(1, 2, 3, 4))
        await restore(number, 3)
        second = journal.epoch
        await restore(number, 1)
        third = journal.epoch
        await journal.append(acts(2, 3, 4, 5))
        await restore(number, 4)
        kept = {
            epoch: [place for place in range(1, 7) if await journal.keeps(epoch, number, place)]
            for epoch in (first, second, third)
        }
        assert kept == {first: [1], second: [1], third: [1, 2, 3, 4]}

    async def test_nothing_is_kept_of_an_epoch_that_nobody_knows(self, store: Store) -> None:
        assert not await store.journal.keeps("another", partition(store.journal), 0)

    async def test_a_version_has_a_position_once_it_is_recorded(self, store: Store) -> None:
        journal = store.journal
        await journal.append(acts(1, subject="other", installation="other"))
        await journal.append(acts(1, 2))
        found = [await journal.position_of(SUBJECT, version) for version in range(4)]
        assert found == [0, *positions(await whole(journal)), 0]
