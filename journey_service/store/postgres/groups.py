"""Groups in `consumer_groups`, `group_consumers`, `group_progress` and `deliveries`.

See ports_of_groups. A group's own rows lie in the partition of its id, what it knows of events with
these. Who changes more than one round's progress locks the group first, then the progress.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg

from journey.v1.groups_pb2 import ON_PARK_CONTINUE, Group
from journey_service.domain.errors import (
    EtagMismatch,
    GroupNotFound,
    OutcomeUnknown,
    ParkedPresent,
    ReplayRunning,
    StorageUnavailable,
)
from journey_service.domain.group_progress import Change, Stored
from journey_service.domain.groups import Entry
from journey_service.domain.identity import partition_of
from journey_service.ports import CommandKey
from journey_service.ports_of_groups import Attendance, Figures, Member, Parked, StoredGroup
from journey_service.store.postgres import group_members, group_seeks, sql
from journey_service.store.postgres.answers import Answers
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.group_members import Place
from journey_service.store.postgres.group_rows import (
    MOST_BEFORE,
    content,
    delivery_row,
    entry_of,
    figures_of,
    parked_event,
    stored,
    stored_group,
)
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.rows import EventReader
from journey_service.store.postgres.writing import CONTENTION

Answer = Callable[[int], bytes]
Places = Sequence[tuple[int, int]]


class PostgresGroups:
    """See ports_of_groups.Groups."""

    def __init__(
        self,
        *,
        reads: Pool,
        writes: Pool,
        reader: EventReader,
        answers: Answers,
        guard: DurabilityGuard,
        partitions: int,
    ) -> None:
        self._reads = reads
        self._writes = writes
        self._reader = reader
        self._answers = answers
        self._guard = guard
        self._all = range(partitions)

    def _place(self, group_id: str) -> Place:
        return Place(partition_of(group_id, len(self._all)), group_id, self._all)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Connection]:
        """A connection to write with. Raises StorageUnavailable where others are in the way, and
        OutcomeUnknown where it is lost."""
        self._guard.check()
        try:
            async with self._writes.connection(lost=OutcomeUnknown) as connection:
                yield connection
        except CONTENTION as error:
            raise StorageUnavailable(cause=type(error).__name__) from error

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        async with (
            self._writing() as connection,
            connection.transaction(isolation="read_committed"),
        ):
            yield connection

    # --- settings ---------------------------------------------------------------------------------

    async def create(self, settings: Group, checkpoints: Mapping[int, int]) -> StoredGroup | None:
        """See ports_of_groups.Groups."""
        place = self._place(settings.group_id)
        async with self._transaction() as connection:
            made = await connection.fetchval(
                sql.statement("create_group"), place.home, place.group_id, content(settings)
            )
            if made is None:
                return None
            await connection.execute(
                sql.statement("create_group_progress"),
                place.group_id,
                [*checkpoints],
                [*checkpoints.values()],
            )
        return StoredGroup(settings, made)

    async def find(self, group_id: str) -> StoredGroup | None:
        """See ports_of_groups.Groups."""
        place = self._place(group_id)
        async with self._reads.connection() as connection:
            row = await connection.fetchrow(sql.statement("find_group"), place.home, group_id)
        return stored_group(row) if row is not None else None

    async def list_of(self, *, limit: int, after: str = "") -> list[StoredGroup]:
        """See ports_of_groups.Groups."""
        async with self._reads.connection() as connection:
            rows = await connection.fetch(sql.statement("list_groups"), self._all, after, limit)
        return [stored_group(row) for row in rows]

    async def update(self, settings: Group, revision: int) -> StoredGroup:
        """See ports_of_groups.Groups."""
        place = self._place(settings.group_id)
        async with self._transaction() as connection:
            await self._lock(connection, place, revision)
            await connection.execute(
                sql.statement("update_group"), place.home, place.group_id, content(settings)
            )
            await self._touch(connection, place)
            if settings.on_park == ON_PARK_CONTINUE:
                await connection.execute(
                    sql.statement("release_all_held"), self._all, place.group_id
                )
        return StoredGroup(settings, revision + 1)

    async def delete(self, group_id: str, revision: int, *, force: bool) -> bool:
        """See ports_of_groups.Groups."""
        place = self._place(group_id)
        async with self._transaction() as connection:
            try:
                await self._lock(connection, place, revision)
            except GroupNotFound:
                return False
            await self._touch(connection, place)
            parked = sql.statement("group_has_parked")
            if not force and await connection.fetchval(parked, self._all, group_id):
                raise ParkedPresent
            for name in ("delete_group_deliveries", "delete_group_progress"):
                await connection.execute(sql.statement(name), self._all, group_id)
            for name in ("delete_group_consumers", "delete_group"):
                await connection.execute(sql.statement(name), place.home, group_id)
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
        place = self._place(group_id)
        async with self._transaction() as connection:
            known = await self._answers.known_plain(connection, command)
            if known is not None:
                return known
            group = await self._lock(connection, place)
            await self._touch(connection, place)
            await self._refuse_while_replaying(connection, place)
            await group_seeks.seek(
                connection,
                place,
                group["epoch"] + 1,
                checkpoints,
                ends,
                discard_parked=discard_parked,
            )
            await self._answers.give_plain(connection, command, answer)
        return answer

    async def figures(self, group_id: str) -> Figures | None:
        """See ports_of_groups.Groups."""
        place = self._place(group_id)
        async with self._reads.connection() as connection:
            rows = await connection.fetch(
                sql.statement("group_figures"), self._all, group_id, place.home
            )
        if not rows:
            return None
        return figures_of(rows)

    async def _lock(
        self, connection: Connection, place: Place, revision: int | None = None
    ) -> asyncpg.Record:
        group = await group_members.lock(connection, place)
        if group is None:
            raise GroupNotFound(group_id=place.group_id)
        if revision is not None and group["revision"] != revision:
            raise EtagMismatch
        return group

    async def _touch(
        self, connection: Connection, place: Place, partitions: Iterable[int] | None = None
    ) -> None:
        """Nobody stores anything of these partitions until this transaction is over."""
        touched = self._all if partitions is None else sorted(partitions)
        await connection.execute(sql.statement("touch_group_progress"), touched, place.group_id)

    async def _refuse_while_replaying(self, connection: Connection, place: Place) -> None:
        running = sql.statement("group_is_replaying")
        if await connection.fetchval(running, self._all, place.group_id):
            raise ReplayRunning

    # --- members ----------------------------------------------------------------------------------

    async def attend(self, group_id: str, members: Mapping[str, Member]) -> Attendance | None:
        """See ports_of_groups.Groups."""
        async with self._transaction() as connection:
            return await group_members.attend(connection, self._place(group_id), members)

    async def leave(self, group_id: str, consumer_id: str, stream: str) -> None:
        """See ports_of_groups.Groups."""
        async with self._transaction() as connection:
            await group_members.leave(connection, self._place(group_id), consumer_id, stream)

    # --- progress ---------------------------------------------------------------------------------

    async def load(self, group_id: str, partitions: Collection[int]) -> dict[int, Stored]:
        """See ports_of_groups.Groups. The progress is read first: what is stored between the reads
        is found by its revision before anything is built on it. Whoever was erased before it is
        known to be: what is read of them from now on is redacted."""
        wanted = sorted(partitions)
        async with self._writes.connection() as connection:
            places = await connection.fetch(sql.statement("read_group_progress"), wanted, group_id)
            rows = await connection.fetch(
                sql.statement("load_deliveries"), wanted, group_id, MOST_BEFORE + 1
            )
            lowest = await connection.fetch(sql.statement("load_parked_subjects"), wanted, group_id)
            await self._reader.forget_erased(connection, wanted)
        entries: defaultdict[int, list[Entry]] = defaultdict(list)
        parked: defaultdict[int, dict[str, int]] = defaultdict(dict)
        aside: defaultdict[int, set[int]] = defaultdict(set)
        for row in rows:
            entries[row["partition"]].append(entry_of(row))
        for row in lowest:
            parked[row["partition"]][row["subject_id"]] = row["position"]
            aside[row["partition"]].update(row["positions"])
        return {row["partition"]: stored(row, entries, parked, aside) for row in places}

    async def save(self, group_id: str, changes: Sequence[Change]) -> frozenset[int]:
        """See ports_of_groups.Groups."""
        ordered = sorted(changes, key=lambda change: change.progress.partition)
        progress = [change.progress for change in ordered]
        async with self._writing() as connection:
            reasons = {
                entry.subject_id for change in ordered for entry in change.entries if entry.reason
            }
            keys = await self._reader.keys_of(connection, reasons) if reasons else {}
            rows = [
                delivery_row(group_id, change.progress.partition, entry, keys.get(entry.subject_id))
                for change in ordered
                for entry in change.entries
            ]
            gone = [
                (change.progress.partition, place) for change in ordered for place in change.gone
            ]
            kept = await connection.fetch(
                sql.statement("save_deliveries"),
                group_id,
                [one.partition for one in progress],
                [one.epoch for one in progress],
                [one.revision for one in progress],
                [one.checkpoint for one in progress],
                *sql.columns(14, rows),
                *sql.columns(2, gone),
            )
        return frozenset(row["partition"] for row in kept)

    # --- parked -----------------------------------------------------------------------------------

    async def parked(self, group_id: str) -> list[Parked]:
        """See ports_of_groups.Groups. Of an erased subject no reason is known."""
        async with self._reads.connection() as connection:
            rows = await connection.fetch(sql.statement("read_parked"), self._all, group_id)
            keys = await self._reader.keys_of(connection, {row["subject_id"] for row in rows})
        return [parked_event(group_id, row, keys.get(row["subject_id"])) for row in rows]

    async def replay(
        self, command: CommandKey, group_id: str, places: Places, answer: Answer
    ) -> bytes:
        """See ports_of_groups.Groups."""
        return await self._take_parked("replay_parked", command, group_id, places, answer)

    async def discard(
        self, command: CommandKey, group_id: str, places: Places, answer: Answer
    ) -> bytes:
        """See ports_of_groups.Groups."""
        return await self._take_parked("discard_parked", command, group_id, places, answer)

    async def _take_parked(
        self, how: str, command: CommandKey, group_id: str, places: Places, answer: Answer
    ) -> bytes:
        place = self._place(group_id)
        touched = sorted({partition for partition, _ in places})
        async with self._transaction() as connection:
            known = await self._answers.known_plain(connection, command)
            if known is not None:
                return known
            await self._lock(connection, place)
            await self._touch(connection, place, touched)
            await self._refuse_while_replaying(connection, place)
            taken = await connection.fetch(sql.statement(how), group_id, *sql.columns(2, places))
            for after in ("release_held", "forget_settled"):
                await connection.execute(sql.statement(after), touched, group_id)
            given = answer(len(taken))
            await self._answers.give_plain(connection, command, given)
        return given
