"""Groups as dicts. See ports_of_groups."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from journey.v1.groups_pb2 import ON_PARK_CONTINUE, Group
from journey_service.domain.errors import (
    EtagMismatch,
    GroupNotFound,
    ParkedPresent,
    ReplayRunning,
)
from journey_service.domain.group_book import DONE, UNSETTLED
from journey_service.domain.group_progress import Change, Progress, Stored
from journey_service.domain.group_sharing import share
from journey_service.domain.groups import Entry, Standing
from journey_service.ports import Clock, CommandKey
from journey_service.ports_of_groups import (
    Attendance,
    Figures,
    Member,
    Parked,
    StoredGroup,
)
from journey_service.store.memory.kept_groups import (
    KeptGroup,
    Present,
    copy_of,
    forget,
    is_behind,
    is_current,
    settle,
    stored,
)
from journey_service.store.memory.sessions import MemorySessions


class MemoryGroups:
    """See ports_of_groups.Groups."""

    def __init__(self, sessions: MemorySessions, clock: Clock) -> None:
        self._registry = sessions
        self._clock = clock
        self._groups: dict[str, KeptGroup] = {}

    # --- settings ---------------------------------------------------------------------------------

    async def create(self, settings: Group, checkpoints: Mapping[int, int]) -> StoredGroup | None:
        """See ports_of_groups.Groups."""
        if settings.group_id in self._groups:
            return None
        progress = {
            partition: Progress(partition, position) for partition, position in checkpoints.items()
        }
        self._groups[settings.group_id] = KeptGroup(copy_of(settings), progress)
        return await self.find(settings.group_id)

    async def find(self, group_id: str) -> StoredGroup | None:
        """See ports_of_groups.Groups."""
        group = self._groups.get(group_id)
        return StoredGroup(copy_of(group.settings), group.revision) if group else None

    async def list_of(self, *, limit: int, after: str = "") -> list[StoredGroup]:
        """See ports_of_groups.Groups."""
        names = sorted(name for name in self._groups if name > after)[:limit]
        groups = [self._groups[name] for name in names]
        return [StoredGroup(copy_of(group.settings), group.revision) for group in groups]

    async def update(self, settings: Group, revision: int) -> StoredGroup:
        """See ports_of_groups.Groups."""
        group = self._at(settings.group_id, revision)
        group.settings, group.revision = copy_of(settings), revision + 1
        if settings.on_park == ON_PARK_CONTINUE:
            for partition, entry in [*group.all(Standing.HELD)]:
                going_on = replace(entry, standing=Standing.WAITING)
                group.entries[partition][entry.position] = going_on
        for partition in group.progress:
            group.touch(partition)
        return StoredGroup(copy_of(settings), group.revision)

    async def delete(self, group_id: str, revision: int, *, force: bool) -> bool:
        """See ports_of_groups.Groups."""
        if group_id not in self._groups:
            return False
        group = self._at(group_id, revision)
        if not force and any(group.all(Standing.PARKED)):
            raise ParkedPresent
        del self._groups[group_id]
        return True

    async def seek(
        self,
        command: CommandKey,
        group_id: str,
        checkpoints: Mapping[int, int],
        *,
        ends: Mapping[int, int] | None = None,
        discard_parked: bool,
        answer: bytes,
    ) -> bytes:
        """See ports_of_groups.Groups."""
        known = self._registry.known(command)
        if known is not None:
            return known
        group = self._there(group_id)
        if group.is_replaying:
            raise ReplayRunning
        group.epoch += 1
        for partition, place in checkpoints.items():
            forget(group, partition, place, ends, discard_parked=discard_parked)
        if ends is not None and discard_parked:
            group.release(checkpoints)
        self._registry.give(command, answer)
        return answer

    async def figures(self, group_id: str) -> Figures | None:
        """See ports_of_groups.Groups."""
        group = self._groups.get(group_id)
        if group is None:
            return None
        now_ms = self._clock.now_ms()
        out = [
            entry
            for partition, entry in group.all(Standing.OUT)
            if entry.epoch == group.progress[partition].epoch
        ]
        tried = [
            entry.first_ms
            for standing in UNSETTLED
            for _, entry in group.all(standing)
            if entry.first_ms
        ]
        return Figures(
            progress=dict(group.progress),
            consumers=sum(member.until_ms > now_ms for member in group.members.values()),
            in_flight=len(out),
            parked=sum(1 for _ in group.all(Standing.PARKED)),
            held=sum(1 for _ in group.all(Standing.HELD)),
            oldest_ms=min(tried, default=0),
            unsettled=group.positions(UNSETTLED),
            done=group.positions(DONE, behind_checkpoint=True),
        )

    # --- members ----------------------------------------------------------------------------------

    async def attend(self, group_id: str, members: Mapping[str, Member]) -> Attendance | None:
        """See ports_of_groups.Groups."""
        group = self._groups.get(group_id)
        if group is None:
            return None
        now_ms = self._clock.now_ms()
        renewed, replaced = set(), set()
        for name, member in members.items():
            known = group.members.get(name)
            if known is not None and known.stream != member.stream:
                if not member.joining:
                    replaced.add(name)
                    continue
                self._free(group, name)
            group.members[name] = Present(member.stream, now_ms + member.life_ms)
            renewed.add(name)
        group.members = {
            name: member for name, member in group.members.items() if member.until_ms > now_ms
        }
        leaving = self._share(group)
        return Attendance(
            owned={
                progress.partition: progress
                for progress in group.progress.values()
                if progress.owner in renewed
            },
            leaving=leaving,
            replaced=frozenset(replaced),
            consumers=len(group.members),
            epoch=group.epoch,
            revision=group.revision,
        )

    def _free(self, group: KeptGroup, name: str) -> None:
        for partition, progress in group.progress.items():
            if progress.owner == name:
                group.progress[partition] = replace(progress, owner="")

    def _share(self, group: KeptGroup) -> frozenset[int]:
        owners = {progress.partition: progress.owner for progress in group.progress.values()}
        busy = {
            partition
            for partition, entry in group.all(Standing.OUT)
            if entry.epoch == group.progress[partition].epoch
        }
        sharing = share(owners, busy, group.members)
        group.epoch += bool(sharing.moves)
        for partition, owner in sharing.moves.items():
            progress = group.progress[partition]
            group.progress[partition] = replace(
                progress, owner=owner, epoch=group.epoch, revision=progress.revision + 1
            )
        return sharing.leaving

    async def leave(self, group_id: str, consumer_id: str, stream: str) -> None:
        """See ports_of_groups.Groups."""
        group = self._groups.get(group_id)
        if group is None or consumer_id not in group.members:
            return
        if group.members[consumer_id].stream == stream:
            del group.members[consumer_id]
            self._share(group)

    # --- progress ---------------------------------------------------------------------------------

    async def load(self, group_id: str, partitions: Collection[int]) -> dict[int, Stored]:
        """See ports_of_groups.Groups."""
        group = self._groups.get(group_id)
        return {each: stored(group, each) for each in partitions} if group else {}

    async def save(self, group_id: str, changes: Sequence[Change]) -> frozenset[int]:
        """See ports_of_groups.Groups."""
        group = self._groups.get(group_id)
        kept = [change for change in changes if group and is_current(group, change)]
        for change in kept:
            assert group is not None
            progress = change.progress
            entries = group.entries[progress.partition]
            before = group.progress[progress.partition]
            group.progress[progress.partition] = replace(
                before, checkpoint=progress.checkpoint, revision=before.revision + 1
            )
            entries.update({entry.position: entry for entry in change.entries})
            for position in change.gone:
                entries.pop(position, None)
        return frozenset(change.progress.partition for change in kept)

    def settle_erased(self, partition: int, subject_id: str) -> None:
        """All that groups know of a subject's events counts as settled."""
        for group in self._groups.values():
            group.touch(partition)
            for entry in [*group.entries[partition].values()]:
                if entry.subject_id == subject_id:
                    settle(group, partition, replace(entry, replaying=False, reason=""))

    # --- parked -----------------------------------------------------------------------------------

    async def parked(self, group_id: str) -> list[Parked]:
        """See ports_of_groups.Groups."""
        group = self._groups.get(group_id)
        if group is None:
            return []
        held = [*group.all(Standing.HELD)]
        return [
            Parked(partition, entry, sum(is_behind(entry, partition, one) for one in held))
            for partition, entry in group.all(Standing.PARKED)
        ]

    async def replay(
        self,
        command: CommandKey,
        group_id: str,
        places: Sequence[tuple[int, int]],
        answer: Callable[[int], bytes],
    ) -> bytes:
        """See ports_of_groups.Groups."""

        def replayed(entry: Entry) -> Entry:
            return replace(
                entry,
                standing=Standing.WAITING,
                attempt=0,
                due_ms=0,
                first_ms=0,
                replayed=True,
                replaying=True,
            )

        return self._take_parked(command, group_id, places, answer, replayed)

    async def discard(
        self,
        command: CommandKey,
        group_id: str,
        places: Sequence[tuple[int, int]],
        answer: Callable[[int], bytes],
    ) -> bytes:
        """See ports_of_groups.Groups."""
        return self._take_parked(command, group_id, places, answer, lambda _: None)

    def _take_parked(
        self,
        command: CommandKey,
        group_id: str,
        places: Sequence[tuple[int, int]],
        answer: Callable[[int], bytes],
        become: Callable[[Entry], Entry | None],
    ) -> bytes:
        known = self._registry.known(command)
        if known is not None:
            return known
        group = self._there(group_id)
        if group.is_replaying:
            raise ReplayRunning
        wanted = {*places}
        taken = [
            (partition, entry)
            for partition, entry in group.all(Standing.PARKED)
            if (partition, entry.position) in wanted
        ]
        for partition, entry in taken:
            became = become(entry)
            if became is None:
                settle(group, partition, entry)
            else:
                group.entries[partition][entry.position] = became
        group.release({partition for partition, _ in taken})
        given = answer(len(taken))
        self._registry.give(command, given)
        return given

    def _there(self, group_id: str) -> KeptGroup:
        group = self._groups.get(group_id)
        if group is None:
            raise GroupNotFound(group_id=group_id)
        return group

    def _at(self, group_id: str, revision: int) -> KeptGroup:
        group = self._there(group_id)
        if group.revision != revision:
            raise EtagMismatch
        return group
