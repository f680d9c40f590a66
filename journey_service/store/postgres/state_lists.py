"""States by key or by what they are found by, across partitions. See ports.StateLists."""

from __future__ import annotations

import asyncpg

from journey_service.domain.errors import EventUnreadable
from journey_service.domain.identity import partition_of
from journey_service.ports import StateRow
from journey_service.ports_of_views import ListedStates, StateFilter
from journey_service.store.codec import open_sealed
from journey_service.store.keys import SubjectKeys
from journey_service.store.postgres import sql
from journey_service.store.postgres.indexing import hashed
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.rows import EventReader
from journey_service.store.postgres.states import state_place

# No text that is stored is greater.
GREATEST = "\U0010ffff" * 4


class PostgresStateLists:
    """See ports.StateLists."""

    def __init__(
        self, *, reads: Pool, bulk: Pool, reader: EventReader, index_key: bytes, partitions: int
    ) -> None:
        self._reads = reads
        self._bulk = bulk
        self._reader = reader
        self._index_key = index_key
        self._partition_count = partitions

    async def generation_of(self, projection: str, version: int) -> int:
        """See ports.StateLists."""
        async with self._reads.connection() as connection:
            return await _generation(connection, projection, version)

    async def list_states(
        self,
        projection: str,
        version: int,
        wanted: StateFilter,
        *,
        after: tuple[str, str] = ("", ""),
        limit: int,
    ) -> ListedStates:
        """See ports.StateLists."""
        async with self._bulk.connection() as connection:
            generation = await _generation(connection, projection, version)
            statement, *asked = self._asked(projection, generation, wanted, after, limit)
            rows = await connection.fetch(str(statement), *asked)
            keys = await self._reader.keys_of(connection, {row["subject_id"] for row in rows})
        found = [_opened(keys.get(row["subject_id"]), projection, generation, row) for row in rows]
        rows_left = [each for each in found if each is not None]
        last = (rows[-1]["subject_id"], rows[-1]["key"]) if len(rows) == limit else None
        return ListedStates(generation, rows_left, last)

    def _asked(
        self,
        projection: str,
        generation: int,
        wanted: StateFilter,
        after: tuple[str, str],
        limit: int,
    ) -> list[object]:
        """The statement and what it is about."""
        one = partition_of(wanted.subject_id, self._partition_count)
        subjects = (wanted.subject_id, wanted.subject_id)
        if not wanted.subject_id:
            subjects = (wanted.subject_prefix, wanted.subject_prefix + GREATEST)
        asked = [
            [one] if wanted.subject_id else list(range(self._partition_count)),
            projection,
            generation,
            *after,
            *subjects,
            wanted.key_prefix,
            wanted.key_prefix + GREATEST,
            limit,
        ]
        if not wanted.matches:
            return [sql.statement("list_states"), *asked]
        (field, value), *others = (
            (field, hashed(self._index_key, field, value)) for field, value in wanted.matches
        )
        more = [[name for name, _ in others], [value for _, value in others]]
        return [sql.statement("list_indexed_states"), *asked, field, value, *more]


async def _generation(connection: Connection, projection: str, version: int) -> int:
    found = await connection.fetchval(sql.statement("find_generation"), projection, version)
    return int(found or 0)


def _opened(
    keys: SubjectKeys | None, projection: str, generation: int, row: asyncpg.Record
) -> StateRow | None:
    """A state; None where its subject was erased meanwhile."""
    if keys is None:
        return None
    subject_id, key, version = row["subject_id"], row["key"], row["version"]
    place = state_place(projection, generation, key, version)
    try:
        state = open_sealed(keys, row["state"], row["key_version"], *place)
    except EventUnreadable:
        raise EventUnreadable(
            "A stored state is damaged; it is not served.", subject_id=subject_id, key=key
        ) from None
    return StateRow(subject_id, key, version, state)
