"""Folded states and checkpoints in `states`, `folded` and `checkpoints`. See ports.States."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import asyncpg

from journey_service.domain.batch import Stamp
from journey_service.domain.customers import Member
from journey_service.domain.errors import (
    EventUnreadable,
    LeaseLost,
    OutcomeUnknown,
    ProjectionNotFound,
)
from journey_service.domain.identity import partition_of
from journey_service.ports import PartitionLease, StateRow, StreamHead, SubjectSnapshot
from journey_service.store.codec import StoredPlace, open_event, open_sealed, seal
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.leases import lease_row
from journey_service.store.postgres import sql
from journey_service.store.postgres.gathering import Gathering
from journey_service.store.postgres.indexing import save_index
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.rows import KEYS_BREATH, EventReader


class PostgresStates:
    """See ports.States. States are sealed under the key of the subject whose they are."""

    def __init__(
        self,
        *,
        reads: Pool,
        catch_up: Pool,
        ring: KeyRing,
        reader: EventReader,
        partitions: int,
        index_key: bytes = b"",
    ) -> None:
        """`index_key` hashes what states are found by."""
        self._reads = reads
        self._catch_up = catch_up
        self._ring = ring
        self._reader = reader
        self._partition_count = partitions
        self._index_key = index_key
        # Version of the fold by projection: what this process reads and folds.
        self._registered: dict[str, int] = {}
        self._gathered: dict[str, Gathering[tuple[int, str, int, str], list[asyncpg.Record]]] = {}

    # --- reading ----------------------------------------------------------------------------------

    async def read_subject(
        self,
        projection: str,
        subject_id: str,
        *,
        keys: Collection[str] | None = None,
        cached_version: int | None = None,
        installation_id: str = "",
    ) -> SubjectSnapshot:
        """See ports.States."""
        fold_version = self._version_of(projection)
        partition = partition_of(subject_id, self._partition_count)
        version = -1 if cached_version is None else cached_version
        place = (partition, subject_id, version, installation_id)
        rows = await self._gathered[projection].ask(place)
        if not rows:
            # Its generation was dropped while nobody with this fold version folded it on.
            await self.register(projection, fold_version)
            rows = await self._gathered[projection].ask(place)
        return _Parts(self._ring, projection, subject_id, partition).snapshot(rows, keys)

    async def _read_subjects(
        self, projection: str, fold_version: int, asked: Sequence[tuple[int, str, int, str]]
    ) -> list[list[asyncpg.Record]]:
        """The rows of each (partition, subject, version, installation), in one snapshot; which
        generation is live stands in it, too."""
        async with self._reads.connection() as connection:
            rows = await connection.fetch(
                sql.statement("read_subjects"),
                *sql.columns(4, asked),
                projection,
                fold_version,
            )
        found: list[list[asyncpg.Record]] = [[] for _ in asked]
        for row in rows:
            found[row["place"] - 1].append(row)
        return found

    def _version_of(self, projection: str) -> int:
        version = self._registered.get(projection)
        if version is None:
            raise ProjectionNotFound
        return version

    async def register(self, projection: str, version: int) -> int:
        """See ports.States. Another fold version begins a new, empty generation."""
        async with self._catch_up.connection() as connection:
            find, begin = sql.statement("find_generation"), sql.statement("begin_generation")
            generation = await connection.fetchval(find, projection, version)
            while generation is None:
                await connection.execute(begin, projection, version)
                generation = await connection.fetchval(find, projection, version)
        if self._registered.get(projection) != version:
            self._registered[projection] = version
            self._gathered[projection] = Gathering(
                partial(self._read_subjects, projection, version)
            )
        return int(generation)

    async def checkpoints(self, projection: str) -> dict[int, int]:
        """See ports.States."""
        async with self._reads.connection() as connection:
            rows = await connection.fetch(
                sql.statement("read_checkpoints"), projection, self._version_of(projection)
            )
        places = dict.fromkeys(range(self._partition_count), 0)
        return places | {row["partition"]: row["position"] for row in rows}

    # --- folding ----------------------------------------------------------------------------------

    async def acquire(
        self, projection: str, owner: str, partitions: Collection[int], *, life_ms: int
    ) -> list[PartitionLease]:
        """See ports.States; life counts by the database's clock."""
        version = self._version_of(projection)
        async with self._catch_up.connection() as connection:
            rows = await connection.fetch(
                sql.statement("acquire_leases"),
                sorted(partitions),
                projection,
                version,
                owner,
                life_ms,
            )
        return [
            PartitionLease(
                projection, row["generation"], row["partition"], row["epoch"], row["position"]
            )
            for row in sorted(rows, key=lambda row: int(row["partition"]))
        ]

    async def release(self, leases: Collection[PartitionLease]) -> None:
        """See ports.States."""
        async with self._catch_up.connection() as connection:
            await connection.executemany(
                sql.statement("release_lease"),
                [
                    (lease.partition, lease.projection, lease.generation, lease.epoch)
                    for lease in leases
                ],
            )

    async def load(
        self, lease: PartitionLease, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], StateRow]:
        """See ports.States. Raises EventUnreadable for a damaged state, naming its subject."""
        if not keys:
            return {}
        subject_ids, names = zip(*keys, strict=True)
        async with self._catch_up.connection() as connection:
            rows = await connection.fetch(
                sql.statement("load_states"),
                lease.partition,
                lease.projection,
                lease.generation,
                subject_ids,
                names,
            )
            open_keys = await self._reader.keys_of(connection, {row[0] for row in rows})
        loaded = {}
        for number, (subject_id, key, version, key_version, state) in enumerate(rows, 1):
            if number % KEYS_BREATH == 0:
                await asyncio.sleep(0)
            subject_keys = open_keys.get(subject_id)
            if subject_keys is None:
                continue
            place = state_place(lease.projection, lease.generation, key, version)
            plain = open_state(subject_keys, subject_id, state, key_version, place)
            loaded[subject_id, key] = StateRow(subject_id, key, version, plain)
        return loaded

    async def save(
        self,
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> PartitionLease:
        """See ports.States. States of an erased subject are left out."""
        async with self._catch_up.connection(lost=OutcomeUnknown) as connection:
            keys = await self._reader.keys_of(connection, {row.subject_id for row in rows})
            sealed = await _sealed(keys.get, lease, rows)
            async with _together(connection, rows):
                kept = await connection.fetchval(
                    sql.statement("save_states"),
                    lease.partition,
                    lease.projection,
                    lease.generation,
                    lease.epoch,
                    position,
                    *sql.columns(5, sealed),
                    list(versions),
                    list(versions.values()),
                )
                if not kept:
                    raise LeaseLost
                known = [row for row in rows if keys.get(row.subject_id) is not None]
                await save_index(connection, self._index_key, lease, known)
        return replace(lease, position=position)


def _together(
    connection: Connection, rows: Sequence[StateRow]
) -> AbstractAsyncContextManager[object]:
    """A transaction where more than the one statement is written."""
    if any(row.index is not None for row in rows):
        return connection.transaction()
    return nullcontext()


def state_place(projection: str, generation: int, key: str, version: int) -> tuple[str | int, ...]:
    """What a sealed state is bound to, besides journal, subject and key."""
    return ("states", projection, generation, key, version)


def open_state(
    keys: SubjectKeys,
    subject_id: str,
    state: bytes,
    key_version: int,
    place: tuple[str | int, ...],
) -> bytes:
    """The serialized state. Raises EventUnreadable, which names the subject and the key."""
    try:
        return open_sealed(keys, state, key_version, *place)
    except EventUnreadable:
        raise EventUnreadable(
            "A stored state is damaged; it is not served.", subject_id=subject_id, key=place[-2]
        ) from None


async def _sealed(
    keys_of: Callable[[str], SubjectKeys | None], lease: PartitionLease, rows: Sequence[StateRow]
) -> list[tuple[Any, ...]]:
    sealed = []
    for number, row in enumerate(rows, 1):
        if number % KEYS_BREATH == 0:
            await asyncio.sleep(0)
        keys = keys_of(row.subject_id)
        if keys is None:
            continue
        place = state_place(lease.projection, lease.generation, row.key, row.version)
        state = seal(keys, row.state, *place)
        sealed.append((row.subject_id, row.key, row.version, keys.version, state))
    return sealed


class _Parts:
    """Puts the rows of one subject of read_subjects.sql together."""

    def __init__(self, ring: KeyRing, projection: str, subject_id: str, partition: int) -> None:
        self._ring = ring
        self._projection = projection
        self._generation = 0
        self._subject_id = subject_id
        self._partition = partition

    def snapshot(
        self, rows: Sequence[asyncpg.Record], wanted: Collection[str] | None
    ) -> SubjectSnapshot:
        """The rows come as the statement lists them: the header first, the tail last.

        `wanted`: keys of the states to open, None = all.
        """
        head, folded_version, processed_seq = StreamHead(0, Stamp(0, 0)), 0, 0
        keys: SubjectKeys | None = None
        states, tail, leases = {}, [], {}
        members, membership = (), 0
        member: Member | None = None
        for row in rows:
            match row["part"]:
                case "h":
                    head = StreamHead(row["first"], Stamp(row["second"], row["third"]))
                    keys = self._keys(row["keys"])
                case "f":
                    folded_version, self._generation = row["first"], row["second"]
                    if row["name"] is not None:
                        stored = json.loads(row["name"])
                        members, membership = stored["subject_ids"], stored["membership"]
                        member = Member(
                            self._subject_id, stored["registered"], stored["created_at_ms"]
                        )
                case "w":
                    processed_seq = row["first"]
                case "l":
                    leases[row["name"]] = lease_row(
                        row["first"], row["second"], row["third"], row["state"]
                    )
                case "s" if keys is not None and (wanted is None or row["name"] in wanted):
                    states[row["name"]] = self._state(keys, row)
                case "e" if keys is not None:
                    tail.append(open_event(keys, self._event_place(row), row["state"]))
        tail.sort(key=lambda event: event.version)
        return SubjectSnapshot(
            head,
            self._generation,
            folded_version,
            states,
            tail,
            processed_seq,
            leases,
            members,
            membership,
            member,
        )

    def _keys(self, wrapped: Sequence[bytes] | None) -> SubjectKeys | None:
        if wrapped is None:
            self._ring.forget(self._subject_id)
            return None
        return self._ring.look(self._subject_id, wrapped)

    def _state(self, keys: SubjectKeys, row: asyncpg.Record) -> bytes:
        place = state_place(self._projection, self._generation, row["name"], row["first"])
        return open_state(keys, self._subject_id, row["state"], row["second"], place)

    def _event_place(self, row: asyncpg.Record) -> StoredPlace:
        return StoredPlace(
            subject_id=self._subject_id,
            version=row["first"],
            event_id=row["event_id"].bytes,
            topic=row["name"],
            key_version=row["third"],
            partition=self._partition,
            position=row["second"],
            recorded_at_ms=row["recorded_at_ms"],
        )
