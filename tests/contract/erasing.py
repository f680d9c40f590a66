"""What every store does where a subject's data keys are deleted. An adapter hands in a `store`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from journey.v1.events_pb2 import OUTCOME_UNSPECIFIED
from journey_service.domain.errors import SubjectErased
from journey_service.domain.group_progress import Change
from journey_service.domain.groups import Standing
from journey_service.domain.wire_event import parsed
from journey_service.ports_of_groups import Groups
from tests.contract.acts import SUBJECT, Store, acts, outcomes, partition, versions, whole
from tests.contract.group_seeks import entry, loaded, made

OTHER = "somebody else"


class ErasureContract:
    """Events, appends, and what groups know."""

    @pytest.fixture
    async def groups(self, store: Store) -> Groups:
        await made(store.groups, store.journal.partition_count)
        return store.groups

    async def test_of_an_erased_event_only_its_place_is_left(self, store: Store) -> None:
        await store.journal.append(acts(1, 2))
        await store.journal.append(acts(1, subject=OTHER))
        before = await whole(store.journal)
        assert await store.erasure.erase_keys(SUBJECT)
        after = await whole(store.journal)
        assert versions(after) == [1, 2]
        assert all(event.redacted and not event.HasField("interaction") for event in after)
        assert [event.type for event in after] == [event.type for event in before]
        assert [event.position for event in after] == [event.position for event in before]
        assert not (await whole(store.journal, OTHER))[0].redacted

    async def test_of_an_erased_event_nothing_else_is_passed_on(self, store: Store) -> None:
        await store.journal.append(acts(1, 2))
        await store.erasure.erase_keys(SUBJECT)
        passed = await store.journal.read_stream_on_wire(SUBJECT, 0, 9, 9, backwards=False)
        assert [parsed(event) for event in passed] == await whole(store.journal)
        assert [event.outcome for event in passed] == [OUTCOME_UNSPECIFIED] * 2

    async def test_nobody_is_erased_twice(self, store: Store) -> None:
        await store.journal.append(acts(1))
        assert await store.erasure.erase_keys(SUBJECT)
        assert not await store.erasure.erase_keys(SUBJECT)
        assert not await store.erasure.erase_keys("nobody")

    async def test_nothing_is_appended_behind_an_erasure(self, store: Store) -> None:
        await store.journal.append(acts(1))
        await store.erasure.erase_keys(SUBJECT)
        with pytest.raises(SubjectErased):
            await store.journal.append(acts(2))
        assert versions(await whole(store.journal)) == [1]

    async def test_what_races_an_erasure_is_erased_with_it_or_refused(self, store: Store) -> None:
        await store.journal.append(acts(1))
        racing = [store.journal.append(acts(number, installation=f"{number}")) for number in (1, 2)]
        erased, *ends = await outcomes([store.erasure.erase_keys(SUBJECT), *racing])
        assert erased is True
        refused = sum(isinstance(end, SubjectErased) for end in ends)
        events = await whole(store.journal)
        assert len(events) == 3 - refused
        assert all(event.redacted for event in events)

    async def test_all_that_groups_know_of_it_counts_as_settled(
        self, store: Store, groups: Groups
    ) -> None:
        await store.journal.append(acts(1))
        place = partition(store.journal)
        theirs = entry(9, Standing.PARKED, subject_id=OTHER, reason="broken")
        entries = (
            entry(2, Standing.PARKED, reason="broken"),
            entry(3, Standing.HELD),
            entry(5),
            entry(6, Standing.WAITING),
            entry(7, Standing.PARKED, reason="broken"),
            entry(8, Standing.HELD, replaying=True),
            theirs,
        )
        before = replace((await loaded(groups, place)).progress, checkpoint=4)
        assert await groups.save("billing", [Change(before, entries)]) == {place}
        await store.erasure.erase_keys(SUBJECT)
        found = await loaded(groups, place)
        standing = {one.position: one.standing for one in found.entries}
        assert standing == dict.fromkeys((5, 6, 7, 8), Standing.SETTLED) | {9: Standing.PARKED}
        assert found.parked == {OTHER: 9}
        assert [one.entry.position for one in await groups.parked("billing")] == [9]
        figures = await groups.figures("billing")
        assert figures is not None
        assert (figures.in_flight, figures.parked, figures.held) == (0, 1, 0)
        assert not any(figures.unsettled.values())

    async def test_whatever_groups_knew_before_an_erasure_is_not_stored_behind_it(
        self, store: Store, groups: Groups
    ) -> None:
        await store.journal.append(acts(1))
        place = partition(store.journal)
        known = (await loaded(groups, place)).progress
        erased, kept = await asyncio.gather(
            store.erasure.erase_keys(SUBJECT),
            groups.save("billing", [Change(known, (entry(1),))]),
        )
        assert erased
        left = (await loaded(groups, place)).entries
        assert all(one.standing == Standing.SETTLED for one in left)
        assert len([*left]) == len(kept)
        assert await groups.save("billing", [Change(known, (entry(1),))]) == frozenset()
