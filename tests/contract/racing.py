"""What every journal does with many batches at once. An adapter hands in a `store`."""

from __future__ import annotations

import asyncio
import random

import pytest

from journey_service.domain.errors import (
    ExpiredInQueue,
    InstallationCloned,
    SeqGap,
    VersionConflict,
)
from journey_service.ports import Appended
from tests.contract.acts import (
    Store,
    act,
    acts,
    outcomes,
    positions,
    reports,
    versions,
    whole,
)
from tests.domain.samples import batch


class ConcurrencyContract:
    """Many at once: no fork, no hole, and nobody pays for another's mistake."""

    async def test_sixteen_writers_on_one_subject_leave_no_hole_and_no_fork(
        self, store: Store
    ) -> None:
        async def write(writer: int) -> list[Appended]:
            installation = f"installation-{writer}"
            return [
                await store.journal.append(acts(number, installation=installation))
                for number in range(1, 21)
            ]

        answers = await asyncio.gather(*map(write, range(16)))
        events = await whole(store.journal)
        assert versions(events) == list(range(1, 321))
        assert positions(events) == list(range(1, 321))
        answered = {(r.event_id, r.version) for one in answers for a in one for r in a.results}
        assert answered == {(event.interaction.event_id, event.version) for event in events}
        for one in answers:
            assert [a.processed_seq for a in one] == list(range(1, 21))

    async def test_of_sixteen_writers_that_expect_the_same_version_one_wins(
        self, store: Store
    ) -> None:
        for race in range(10):
            found = await outcomes(
                [
                    store.journal.append(reports(race * 16 + n, expected_version=race))
                    for n in range(16)
                ]
            )
            lost = [one for one in found if isinstance(one, VersionConflict)]
            assert len(lost) == 15
            assert {one.current_version for one in lost} == {race + 1}
        assert versions(await whole(store.journal)) == list(range(1, 11))

    async def test_one_requests_conflict_never_fails_its_neighbours(self, store: Store) -> None:
        await store.journal.append(acts(1))
        good = [acts(1, subject=f"good-{n}") for n in range(8)]
        bad = [acts(9), reports(5, expected_version=7), batch(act(1, event_id=good_id()))]
        mixed = [one for pair in zip(good, [*bad, *bad, *bad], strict=False) for one in pair]
        found = await outcomes([store.journal.append(one) for one in mixed])
        errors = [type(one) for one in found if isinstance(one, BaseException)]
        assert set(errors) == {SeqGap, VersionConflict, InstallationCloned}
        for subject in (f"good-{n}" for n in range(8)):
            assert versions(await whole(store.journal, subject)) == [1]
        assert versions(await whole(store.journal)) == [1]

    async def test_random_batches_with_repeats_are_each_stored_once_and_in_order(
        self, store: Store
    ) -> None:
        random_ = random.Random(7)

        async def device(name: str) -> None:
            sent = 0
            while sent < 40:
                first = random_.randint(max(1, sent - 3), sent + 1)
                last = max(sent, min(40, first + random_.randint(0, 5)))
                answer = await store.journal.append(
                    acts(*range(first, last + 1), subject="s", installation=name)
                )
                assert answer.processed_seq == last
                sent = last

        await asyncio.gather(*(device(f"device-{n}") for n in range(6)))
        events = await whole(store.journal, "s")
        assert versions(events) == list(range(1, 241))
        for n in range(6):
            seqs = [
                event.interaction.seq
                for event in events
                if event.occurrence.installation_id == f"device-{n}"
            ]
            assert seqs == list(range(1, 41))

    async def test_work_whose_deadline_has_passed_is_not_begun(self, store: Store) -> None:
        with pytest.raises(ExpiredInQueue):
            await store.journal.append(acts(1), deadline=asyncio.get_running_loop().time() - 1)
        assert await whole(store.journal) == []

    async def test_a_caller_that_gives_up_leaves_one_copy_or_none(self, store: Store) -> None:
        for number in range(1, 6):
            task = asyncio.create_task(store.journal.append(acts(number)))
            for _ in range(number - 1):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            answer = await store.journal.append(acts(number))
            assert answer.processed_seq == number
        assert versions(await whole(store.journal)) == [1, 2, 3, 4, 5]


def good_id() -> str:
    return "0193bbbb-0000-7000-8000-000000000001"
