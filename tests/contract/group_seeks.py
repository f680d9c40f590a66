"""What every store of groups does with seeks, and what its other cases stand on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journey.v1.groups_pb2 import ON_PARK_HOLD, Group
from journey_service.domain.errors import CommandIdReused, GroupNotFound
from journey_service.domain.group_progress import Change, Progress, Stored
from journey_service.domain.groups import Entry, Standing
from journey_service.ports_of_groups import Attendance, Groups, Member, StoredGroup
from tests.contract.acts import NOW, SUBJECT, Store
from tests.contract.sessions import command

ONE, TWO = Member("stream one", 60_000), Member("stream two", 60_000)


def settings(group_id: str = "billing", **fields: object) -> Group:
    """Settings as they are stored."""
    made = Group(group_id=group_id, purpose="necessary", lease_ms=1_000, on_park=ON_PARK_HOLD)
    made.MergeFrom(Group(**fields))  # type: ignore[arg-type]
    return made


def joining(member: Member) -> Member:
    return replace(member, joining=True)


def entry(position: int, standing: Standing = Standing.OUT, **fields: object) -> Entry:
    made = Entry(position, SUBJECT, standing, attempt=1, due_ms=NOW, topic="media.paused")
    return replace(made, **fields)  # type: ignore[arg-type]


async def made(groups: Groups, partitions: int, group_id: str = "billing") -> StoredGroup:
    """A group that begins at the beginning."""
    stored = await groups.create(settings(group_id), dict.fromkeys(range(partitions), 0))
    assert stored is not None
    return stored


async def attended(groups: Groups, group_id: str = "billing", **members: Member) -> Attendance:
    attendance = await groups.attend(group_id, members)
    assert attendance is not None
    return attendance


async def loaded(groups: Groups, partition: int, group_id: str = "billing") -> Stored:
    return (await groups.load(group_id, [partition]))[partition]


class GroupSeeksContract:
    """A group, and where it is moved."""

    @pytest.fixture
    async def groups(self, store: Store) -> Groups:
        await made(store.groups, store.journal.partition_count)
        return store.groups

    async def put(self, groups: Groups, *entries: Entry, checkpoint: int = 0) -> Progress:
        """Store entries in partition 3."""
        before = (await loaded(groups, 3)).progress
        progress = replace(before, checkpoint=checkpoint)
        assert await groups.save("billing", [Change(progress, entries)]) == {3}
        return (await loaded(groups, 3)).progress

    async def seek(self, groups: Groups, to: int, *, end: int = 0, discard: bool = False) -> bytes:
        places = await self.places(groups)
        return await groups.seek(
            command(f"to {to} until {end}" if end else f"to {to}"),
            "billing",
            dict.fromkeys(places, to),
            ends=dict.fromkeys(places, end) if end else None,
            discard_parked=discard,
            answer=b"moved",
        )

    async def places(self, groups: Groups) -> list[int]:
        figures = await groups.figures("billing")
        assert figures is not None
        return [*figures.checkpoints]

    async def test_a_moved_group_begins_anew_and_keeps_what_is_parked(self, groups: Groups) -> None:
        before = await attended(groups, one=joining(ONE))
        rows = (entry(4), entry(5, Standing.PARKED), entry(6, Standing.HELD))
        await self.put(groups, *rows, checkpoint=3)
        assert await self.seek(groups, 1) == b"moved"
        found = await loaded(groups, 3)
        assert found.progress.checkpoint == 1
        assert found.progress.replayed_to == 6
        assert found.progress.epoch > before.epoch
        assert [one.position for one in found.entries] == [5, 6]
        await self.seek(groups, 2, discard=True)
        found = await loaded(groups, 3)
        assert [*found.entries] == []
        assert found.progress.replayed_to == 6

    async def test_a_range_comes_again_and_all_else_stays_as_it_was(self, groups: Groups) -> None:
        before = await attended(groups, one=joining(ONE))
        out, waits = entry(11), entry(13, Standing.WAITING)
        settled = [entry(each, Standing.SETTLED) for each in (12, 14)]
        aside = (entry(5, Standing.PARKED), entry(6, Standing.HELD))
        await self.put(groups, out, waits, *settled, *aside, checkpoint=10)
        assert await self.seek(groups, 4, end=12) == b"moved"
        found = await loaded(groups, 3)
        at = found.progress
        assert (at.checkpoint, at.replayed_to) == (4, 12)
        assert (at.again_from, at.again_to, at.resume_at) == (4, 12, 10)
        assert at.epoch > before.epoch
        assert [one.position for one in found.entries] == [5, 6, 11, 13, 14]
        assert (await attended(groups, one=ONE)).owned[3] == at

    async def test_a_later_range_takes_the_place_of_the_rest_of_the_first(
        self, groups: Groups
    ) -> None:
        await self.put(groups, checkpoint=10)
        await self.seek(groups, 4, end=8)
        await self.put(groups, checkpoint=6)
        await self.seek(groups, 2, end=3)
        at = (await loaded(groups, 3)).progress
        assert (at.checkpoint, at.again_from, at.again_to, at.resume_at) == (2, 2, 3, 10)
        await self.seek(groups, 1)
        at = (await loaded(groups, 3)).progress
        assert (at.checkpoint, at.replayed_to, at.again_to, at.resume_at) == (1, 10, 0, 0)

    async def test_parked_events_of_a_range_come_again_with_it_if_told(
        self, groups: Groups
    ) -> None:
        parked = [entry(each, Standing.PARKED) for each in (5, 30)]
        held = [entry(each, Standing.HELD) for each in (6, 29, 31)]
        await self.put(groups, *parked, *held, checkpoint=40)
        await self.seek(groups, 4, end=9, discard=True)
        found = (await loaded(groups, 3)).entries
        assert [(one.position, one.standing) for one in found] == [
            (6, Standing.WAITING),
            (29, Standing.WAITING),
            (30, Standing.PARKED),
            (31, Standing.HELD),
        ]

    async def test_a_repeated_move_gets_its_answer_and_moves_nothing(self, groups: Groups) -> None:
        await self.seek(groups, 1)
        await self.put(groups, checkpoint=7)
        assert await self.seek(groups, 1) == b"moved"
        assert (await loaded(groups, 3)).progress.checkpoint == 7
        with pytest.raises(CommandIdReused):
            await groups.seek(
                command("to 1", b"other"), "billing", {}, discard_parked=False, answer=b""
            )
        with pytest.raises(GroupNotFound):
            await groups.seek(command("x"), "nobody", {}, discard_parked=False, answer=b"")
