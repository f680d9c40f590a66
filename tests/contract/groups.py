"""What every store of groups does. An adapter subclasses this and hands in a `store`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from journey.v1.groups_pb2 import ON_PARK_CONTINUE
from journey_service.domain.errors import (
    EtagMismatch,
    GroupNotFound,
    ParkedPresent,
    ReplayRunning,
)
from journey_service.domain.group_progress import Change, Progress, Stored
from journey_service.domain.groups import Standing
from journey_service.ports_of_groups import Groups, Member, StoredGroup
from tests.contract.acts import NOW, Store, acts
from tests.contract.group_seeks import (
    ONE,
    TWO,
    GroupSeeksContract,
    attended,
    entry,
    joining,
    loaded,
    made,
    settings,
)
from tests.contract.sessions import command


class GroupsContract(GroupSeeksContract):
    """Settings, members, progress, and what is put aside."""

    # --- settings ---------------------------------------------------------------------------------

    async def test_a_group_is_found_as_it_was_made(self, groups: Groups) -> None:
        assert await groups.find("billing") == StoredGroup(settings(), 1)
        assert await groups.find("nobody") is None

    async def test_an_id_is_taken_once(self, groups: Groups) -> None:
        assert await groups.create(settings(purpose="other"), {0: 0}) is None
        assert await groups.find("billing") == StoredGroup(settings(), 1)

    async def test_groups_are_listed_by_id(self, store: Store, groups: Groups) -> None:
        for name in ("shipping", "audit"):
            await made(groups, store.journal.partition_count, name)
        listed = await groups.list_of(limit=2)
        assert [one.settings.group_id for one in listed] == ["audit", "billing"]
        rest = await groups.list_of(limit=2, after="billing")
        assert [one.settings.group_id for one in rest] == ["shipping"]

    async def test_settings_change_at_the_version_they_were_read_at(self, groups: Groups) -> None:
        changed = settings(max_attempts=3)
        assert await groups.update(changed, 1) == StoredGroup(changed, 2)
        with pytest.raises(EtagMismatch):
            await groups.update(settings(), 1)
        assert await groups.find("billing") == StoredGroup(changed, 2)
        with pytest.raises(GroupNotFound):
            await groups.update(settings("nobody"), 1)

    async def test_a_deleted_group_leaves_nothing(self, store: Store, groups: Groups) -> None:
        await attended(groups, one=joining(ONE))
        await self.put(groups, entry(2), checkpoint=1)
        assert await groups.delete("billing", 1, force=False)
        assert not await groups.delete("billing", 1, force=False)
        assert await groups.find("billing") is None
        assert await groups.load("billing", [3]) == {}
        assert await groups.attend("billing", {"one": ONE}) is None
        await made(groups, store.journal.partition_count)
        assert (await loaded(groups, 3)) == Stored(Progress(3))

    async def test_parked_events_are_deleted_by_force_alone(self, groups: Groups) -> None:
        await self.put(groups, entry(2, Standing.PARKED))
        with pytest.raises(ParkedPresent):
            await groups.delete("billing", 1, force=False)
        with pytest.raises(EtagMismatch):
            await groups.delete("billing", 7, force=True)
        assert await groups.delete("billing", 1, force=True)

    # --- members ----------------------------------------------------------------------------------

    async def test_the_only_consumer_has_all_partitions(self, store: Store, groups: Groups) -> None:
        first = await attended(groups, one=joining(ONE))
        assert [*first.owned] == [*range(store.journal.partition_count)]
        assert {each.epoch for each in first.owned.values()} == {first.epoch}
        again = await attended(groups, one=ONE)
        assert again.owned == first.owned
        assert (again.epoch, again.consumers, again.revision) == (first.epoch, 1, 1)

    async def test_two_consumers_have_half_of_them_each(self, groups: Groups) -> None:
        one = await attended(groups, one=joining(ONE))
        two = await attended(groups, two=joining(TWO))
        left = await attended(groups, one=ONE)
        assert abs(len(two.owned) - len(left.owned)) <= 1
        assert not two.owned.keys() & left.owned.keys()
        assert two.epoch > one.epoch
        assert {each.epoch for each in two.owned.values()} == {two.epoch}
        assert {each.epoch for each in left.owned.values()} == {one.epoch}

    async def test_what_is_in_flight_keeps_its_partition_until_it_is_settled(
        self, groups: Groups
    ) -> None:
        first = await attended(groups, one=joining(ONE))
        out = entry(1, epoch=first.epoch)
        last = max(first.owned)
        change = Change(first.owned[last], (out,))
        assert await groups.save("billing", [change]) == {last}
        shared = await attended(groups, one=ONE, two=joining(TWO))
        assert last in shared.leaving
        assert shared.owned[last].owner == "one"
        settled = Change(shared.owned[last], (), (1,))
        assert await groups.save("billing", [settled]) == {last}
        after = await attended(groups, one=ONE, two=TWO)
        assert after.owned[last].owner == "two"

    async def test_a_newer_stream_replaces_an_older_one_and_what_it_had_is_void(
        self, groups: Groups
    ) -> None:
        first = await attended(groups, one=joining(ONE))
        second = await attended(groups, one=joining(TWO))
        assert second.epoch > first.epoch
        assert {each.epoch for each in second.owned.values()} == {second.epoch}
        late = await attended(groups, one=ONE)
        assert late.replaced == {"one"}
        assert late.owned == {}
        await groups.leave("billing", "one", ONE.stream)
        assert len((await attended(groups, one=TWO)).owned) == len(first.owned)

    async def test_a_consumer_that_leaves_gives_all_to_the_others(self, groups: Groups) -> None:
        await attended(groups, one=joining(ONE), two=joining(TWO))
        await groups.leave("billing", "one", ONE.stream)
        left = await attended(groups, two=TWO)
        assert left.consumers == 1
        assert {each.owner for each in left.owned.values()} == {"two"}
        await groups.leave("billing", "two", TWO.stream)
        assert (await loaded(groups, 3)).progress.owner == ""

    async def test_a_consumer_that_is_not_renewed_loses_all(self, groups: Groups) -> None:
        await attended(groups, one=Member("brief", 1, joining=True))
        await asyncio.sleep(0.01)
        taken = await attended(groups, two=joining(TWO))
        assert {each.owner for each in taken.owned.values()} == {"two"}

    # --- progress ---------------------------------------------------------------------------------

    async def test_progress_is_loaded_as_it_was_saved(self, groups: Groups) -> None:
        rows = (
            entry(4, consumer_id="one", epoch=2, first_ms=NOW, replayed=True, replaying=True),
            entry(5, Standing.SETTLED),
            entry(6, Standing.WAITING, attempt=3),
            entry(7, Standing.HELD),
        )
        progress = await self.put(groups, *rows, checkpoint=3)
        assert (progress.checkpoint, progress.revision) == (3, 1)
        found = await loaded(groups, 3)
        assert tuple(found.entries) == rows
        assert await groups.save("billing", [Change(progress, (), (4, 5))]) == {3}
        assert [one.position for one in (await loaded(groups, 3)).entries] == [6, 7]

    async def test_before_the_checkpoint_only_what_is_unsettled_is_loaded(
        self, groups: Groups
    ) -> None:
        rows = (
            entry(1, Standing.WAITING),
            entry(2, Standing.HELD, subject_id="noah"),
            entry(3, Standing.PARKED, subject_id="noah"),
            entry(4),
            entry(9, Standing.HELD, subject_id="noah"),
        )
        await self.put(groups, *rows, checkpoint=8)
        found = await loaded(groups, 3)
        assert [one.position for one in found.entries] == [1, 4, 9]
        assert dict(found.parked) == {"noah": 3}
        assert found.aside == {3}

    async def test_who_knows_less_than_is_stored_stores_nothing(self, groups: Groups) -> None:
        old = (await loaded(groups, 3)).progress
        await self.put(groups, entry(2), checkpoint=1)
        other = (await loaded(groups, 4)).progress
        stale, fine = Change(replace(old, checkpoint=9), (entry(8),)), Change(other, (entry(1),))
        assert await groups.save("billing", [stale, fine]) == {4}
        assert [one.position for one in (await loaded(groups, 3)).entries] == [2]
        assert await groups.save("nobody", [fine]) == set()

    async def test_a_lost_partition_is_refused(self, groups: Groups) -> None:
        before = (await attended(groups, one=joining(ONE))).owned[3]
        await groups.leave("billing", "one", ONE.stream)
        assert await groups.save("billing", [Change(before, (entry(1),))]) == set()

    async def test_figures_are_counted(self, store: Store, groups: Groups) -> None:
        epoch = (await attended(groups, one=joining(ONE))).epoch
        await self.put(
            groups,
            entry(3, epoch=epoch, first_ms=NOW),
            entry(4, epoch=epoch - 1, first_ms=NOW - 5),
            entry(5, Standing.SETTLED),
            entry(6, Standing.PARKED),
            entry(7, Standing.HELD),
            checkpoint=2,
        )
        figures = await groups.figures("billing")
        assert figures is not None
        assert figures.checkpoints[3] == 2
        assert len(figures.checkpoints) == store.journal.partition_count
        assert (figures.consumers, figures.in_flight) == (1, 1)
        assert (figures.parked, figures.held, figures.oldest_ms) == (1, 1, NOW - 5)
        assert await groups.figures("nobody") is None

    # --- parked -----------------------------------------------------------------------------------

    async def park(self, store: Store, *positions: int, held: int = 0) -> None:
        """Park these of partition 3, with an event held behind them."""
        await store.journal.append(acts(1))
        rows = [entry(each, Standing.PARKED, reason=f"because {each}") for each in positions]
        if held:
            rows.append(entry(held, Standing.HELD))
        await self.put(store.groups, *rows, checkpoint=20)

    async def test_parked_events_are_listed_with_what_waits_behind_them(
        self, store: Store, groups: Groups
    ) -> None:
        await self.park(store, 2, 5, held=9)
        found = await groups.parked("billing")
        assert [(one.partition, one.entry.position, one.held) for one in found] == [
            (3, 2, 1),
            (3, 5, 1),
        ]
        assert found[0].entry == entry(2, Standing.PARKED, reason="because 2")
        assert await groups.parked("nobody") == []

    async def test_replayed_events_are_delivered_again_and_what_waits_comes_after(
        self, store: Store, groups: Groups
    ) -> None:
        await self.park(store, 2, held=9)
        given = await groups.replay(command(), "billing", [(3, 2), (3, 4)], lambda n: bytes([n]))
        assert given == b"\x01"
        waiting = [*(await loaded(groups, 3)).entries]
        assert [one.position for one in waiting] == [2, 9]
        assert {one.standing for one in waiting} == {Standing.WAITING}
        assert (waiting[0].attempt, waiting[0].replayed, waiting[0].replaying) == (0, True, True)
        again = await groups.replay(command(), "billing", [(3, 2), (3, 4)], lambda _: b"")
        assert again == given

    async def test_one_replay_runs_at_a_time(self, store: Store, groups: Groups) -> None:
        await self.park(store, 2, 5)
        await groups.replay(command("a"), "billing", [(3, 2)], lambda _: b"")
        with pytest.raises(ReplayRunning):
            await groups.replay(command("b"), "billing", [(3, 5)], lambda _: b"")
        with pytest.raises(ReplayRunning):
            await groups.discard(command("c"), "billing", [(3, 5)], lambda _: b"")
        with pytest.raises(ReplayRunning):
            await self.seek(groups, 1)
        progress = (await loaded(groups, 3)).progress
        assert await groups.save("billing", [Change(progress, (), (2,))]) == {3}
        await groups.discard(command("c"), "billing", [(3, 5)], lambda _: b"")
        assert await groups.parked("billing") == []

    async def test_what_waits_behind_another_parked_event_goes_on_waiting(
        self, store: Store, groups: Groups
    ) -> None:
        await self.park(store, 2, 5, held=9)
        await groups.discard(command("a"), "billing", [(3, 5)], lambda _: b"")
        assert [*(await loaded(groups, 3)).entries] == []
        await groups.discard(command("b"), "billing", [(3, 2)], lambda _: b"")
        assert [one.position for one in (await loaded(groups, 3)).entries] == [9]

    async def test_discarded_behind_the_checkpoint_counts_as_settled(
        self, store: Store, groups: Groups
    ) -> None:
        await self.park(store, 2)
        progress = (await loaded(groups, 3)).progress
        await groups.save("billing", [Change(progress, (entry(30, Standing.PARKED),))])
        await groups.discard(command(), "billing", [(3, 30)], lambda _: b"")
        assert [one.standing for one in (await loaded(groups, 3)).entries] == [Standing.SETTLED]

    async def test_events_go_on_when_parked_ones_hold_their_subject_no_more(
        self, store: Store, groups: Groups
    ) -> None:
        await self.park(store, 2, held=9)
        before = (await loaded(groups, 3)).progress
        await groups.update(settings(on_park=ON_PARK_CONTINUE), 1)
        found = await loaded(groups, 3)
        assert [one.position for one in found.entries] == [9]
        assert found.progress.revision > before.revision
