"""Generations and rebuilds in `projections`, `live_generations`, `rebuilds` and `comparisons`.

See ports_of_rebuilds.Rebuilds. All of it goes over the few bulk connections, one statement at a
time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import asyncpg

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import (
    CommandIdReused,
    EventUnreadable,
    LeaseLost,
    OutcomeUnknown,
    ProjectionNotFound,
    RebuildRunning,
)
from journey_service.domain.identity import partition_of
from journey_service.failpoints import failpoint_async
from journey_service.ports import CommandKey, PartitionLease, StateRow
from journey_service.ports_of_rebuilds import (
    Generation,
    GenerationStatus,
    Progress,
    Rebuild,
    RebuildOrder,
    RunStatus,
    SubjectPair,
)
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.placing import MAX_INT64
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.rows import EventReader
from journey_service.store.postgres.states import PostgresStates, open_state, state_place


class PostgresRebuilds:
    """See ports_of_rebuilds.Rebuilds."""

    def __init__(
        self,
        *,
        bulk: Pool,
        ring: KeyRing,
        reader: EventReader,
        partitions: int,
        index_key: bytes = b"",
    ) -> None:
        """`index_key` hashes what states are found by."""
        self._bulk = bulk
        self._reader = reader
        self._partition_count = partitions
        # Its statements about leases and states, over our connections.
        self._states = PostgresStates(
            reads=bulk,
            catch_up=bulk,
            ring=ring,
            reader=reader,
            partitions=partitions,
            index_key=index_key,
        )
        # The partition at which dropping a generation is.
        self._dropped_to: dict[tuple[str, int], int] = {}

    async def _fetch(self, name: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self._bulk.connection(lost=OutcomeUnknown) as connection:
            return list(await connection.fetch(sql.statement(name), *arguments))

    # --- runs ------------------------------------------------------------------------------------

    async def generations(self, projection: str = "") -> list[Generation]:
        """See ports_of_rebuilds.Rebuilds."""
        return [_generation(row) for row in await self._fetch("list_generations", projection)]

    async def begin(self, order: RebuildOrder) -> Rebuild:
        """See ports_of_rebuilds.Rebuilds."""
        while True:
            known = await self._begun_by(order)
            if known is not None:
                return known
            begun = await self._begin(order)
            if begun is not None:
                return begun
            running = await self._going_on(order.projection)
            if running is not None:
                if running.command == order.command:
                    return running
                raise RebuildRunning(rebuild_id=f"{running.projection}.{running.generation}")
            stands = await self.generations(order.projection)
            served = [each for each in stands if each.named]
            if order.fold_version not in {each.fold_version for each in served}:
                raise ProjectionNotFound
            if any(
                each.fold_version == order.fold_version and each.status is GenerationStatus.BUILDING
                for each in served
            ):
                # What it reads is not whole and is being filled without a rebuild.
                raise RebuildRunning

    async def _begun_by(self, order: RebuildOrder) -> Rebuild | None:
        """What this command began before."""
        for rebuild in await self.list_of(order.projection):
            made = rebuild.command
            if (made.command_id, made.caller) == (order.command.command_id, order.command.caller):
                if made.content_hash != order.command.content_hash:
                    raise CommandIdReused
                return rebuild
        return None

    async def _begin(self, order: RebuildOrder) -> Rebuild | None:
        rows = await self._fetch(
            "rebuild_begin",
            order.projection,
            order.fold_version,
            list(order.targets),
            order.automatic,
            order.dry_run,
            order.keep_old_ms,
            order.command.command_id,
            order.command.caller,
            order.command.content_hash,
        )
        return _rebuild(rows[0]) if rows else None

    async def _going_on(self, projection: str) -> Rebuild | None:
        runs = await self.list_of(projection)
        return next((each for each in runs if each.status.goes_on), None)

    async def begin_automatic(self, order: RebuildOrder) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        begun = await self._begin(replace(order, automatic=True))
        if begun is not None:
            return begun
        for generation in await self.generations(order.projection):
            if generation.named and generation.fold_version == order.fold_version:
                return await self.find(order.projection, generation.number)
        return None

    async def find(self, projection: str, generation: int) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        rows = await self._fetch("rebuild_find", projection, generation)
        return _rebuild(rows[0]) if rows else None

    async def list_of(
        self, projection: str = "", *, status: RunStatus | None = None, limit: int = 100
    ) -> list[Rebuild]:
        """See ports_of_rebuilds.Rebuilds."""
        rows = await self._fetch("rebuild_list", projection, status or "", limit)
        return [_rebuild(row) for row in rows]

    async def progress(self, projection: str, generation: int) -> Progress:
        """See ports_of_rebuilds.Rebuilds."""
        rows = await self._fetch("rebuild_progress", projection, generation)
        return Progress(
            {row["partition"]: row["position"] for row in rows},
            {row["partition"]: row["result"] for row in rows if row["result"] is not None},
        )

    async def set_status(
        self,
        rebuild: Rebuild,
        status: RunStatus,
        *,
        allowed: Collection[RunStatus],
        error_reason: int = 0,
        error: str = "",
    ) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        place = rebuild.projection, rebuild.generation
        async with (
            self._bulk.connection(lost=OutcomeUnknown) as connection,
            connection.transaction(),
        ):
            row = await connection.fetchrow(
                sql.statement("rebuild_set_status"),
                *place,
                list(allowed),
                status,
                error_reason,
                error,
                not status.goes_on,
            )
            if row is not None and not status.goes_on:
                kept_ms = rebuild.keep_old_ms if status is RunStatus.COMPARED else 0
                await connection.execute(sql.statement("rebuild_leave"), *place, kept_ms)
        return _rebuild(row) if row is not None else None

    async def switch(self, rebuild: Rebuild) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        await failpoint_async("rebuild:before-switch")
        rows = await self._fetch("switch_generation", rebuild.projection, rebuild.generation)
        await failpoint_async("rebuild:after-switch")
        return _rebuild(rows[0]) if rows else None

    async def switch_back(self, rebuild: Rebuild) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        rows = await self._fetch("switch_back", rebuild.projection, rebuild.generation)
        return _rebuild(rows[0]) if rows else None

    # --- filling ---------------------------------------------------------------------------------

    async def acquire(
        self, rebuild: Rebuild, owner: str, partitions: Collection[int], *, life_ms: int
    ) -> list[PartitionLease]:
        """See ports_of_rebuilds.Rebuilds."""
        place = rebuild.projection, rebuild.generation
        rows = await self._fetch("rebuild_acquire", sorted(partitions), *place, owner, life_ms)
        return [
            PartitionLease(*place, row["partition"], row["epoch"], row["position"])
            for row in sorted(rows, key=lambda row: int(row["partition"]))
        ]

    async def release(self, leases: Collection[PartitionLease]) -> None:
        """See ports_of_rebuilds.Rebuilds."""
        await self._states.release(leases)

    async def read(self, partition: int, *, after_position: int, limit: int) -> list[Event]:
        """See ports_of_rebuilds.Rebuilds."""
        return await self._events("read_partition", partition, after_position, MAX_INT64, limit)

    async def _events(self, name: str, *arguments: Any) -> list[Event]:
        async with self._bulk.connection() as connection:
            rows = await connection.fetch(sql.statement(name), *arguments)
            return await self._reader.open(connection, rows)

    async def load(
        self, lease: PartitionLease, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], StateRow]:
        """See ports_of_rebuilds.Rebuilds."""
        return await self._states.load(lease, keys)

    async def save(
        self,
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> PartitionLease:
        """See ports_of_rebuilds.Rebuilds."""
        await failpoint_async("rebuild:before-save")
        saved = await self._states.save(lease, rows, versions, position)
        await failpoint_async("rebuild:after-save")
        return saved

    # --- comparing -------------------------------------------------------------------------------

    async def pairs(
        self, lease: PartitionLease, base: int, *, after: str, limit: int
    ) -> list[SubjectPair]:
        """See ports_of_rebuilds.Rebuilds."""
        async with self._bulk.connection() as connection:
            subjects = await connection.fetch(
                sql.statement("compare_subjects"),
                lease.partition,
                lease.projection,
                lease.generation,
                base,
                after,
                limit,
            )
            return await self._pairs(
                connection, lease.partition, lease.projection, (lease.generation, base), subjects
            )

    async def pair(self, partition: int, rebuild: Rebuild, subject_id: str) -> SubjectPair | None:
        """See ports_of_rebuilds.Rebuilds."""
        generations = (rebuild.generation, rebuild.base_generation)
        async with self._bulk.connection() as connection:
            subjects = await connection.fetch(
                sql.statement("compare_subject"),
                partition,
                rebuild.projection,
                *generations,
                subject_id,
            )
            found = await self._pairs(
                connection, partition, rebuild.projection, generations, subjects
            )
        return found[0] if found else None

    async def _pairs(
        self,
        connection: Connection,
        partition: int,
        projection: str,
        generations: tuple[int, int],
        subjects: Sequence[asyncpg.Record],
    ) -> list[SubjectPair]:
        names = [row["subject_id"] for row in subjects]
        rows = await connection.fetch(
            sql.statement("compare_states"), partition, projection, generations, names
        )
        keys = await self._reader.keys_of(connection, names)
        mine, other = generations
        states: dict[tuple[int, str], dict[str, bytes]] = defaultdict(dict)
        damaged: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            opened, subject_id = keys.get(row["subject_id"]), row["subject_id"]
            if opened is None:
                continue
            try:
                states[row["generation"], subject_id][row["key"]] = _opened(opened, projection, row)
            except EventUnreadable:
                if row["generation"] == mine:
                    raise
                damaged[subject_id].add(row["key"])
        return [
            SubjectPair(
                row["subject_id"],
                row["mine"] or 0,
                row["other"] or 0,
                states[mine, row["subject_id"]],
                states[other, row["subject_id"]],
                damaged[row["subject_id"]],
            )
            for row in subjects
        ]

    async def read_stream(
        self, subject_id: str, *, after_version: int, up_to_version: int, limit: int
    ) -> list[Event]:
        """See ports_of_rebuilds.Rebuilds."""
        partition = partition_of(subject_id, self._partition_count)
        return await self._events(
            "read_stream", partition, subject_id, after_version, up_to_version, limit
        )

    async def store_comparison(self, lease: PartitionLease, result: bytes) -> None:
        """See ports_of_rebuilds.Rebuilds."""
        place = lease.partition, lease.projection, lease.generation
        if not await self._fetch("store_comparison", *place, lease.epoch, result):
            raise LeaseLost

    # --- dropping --------------------------------------------------------------------------------

    async def drop(self, generation: Generation, *, due: bool = False) -> bool:
        """See ports_of_rebuilds.Rebuilds."""
        place = generation.projection, generation.number
        if not await self._fetch("drop_generation", *place, due):
            return False
        await self._fetch("drop_checkpoints", [*range(self._partition_count)], *place)
        return True

    async def drop_some(self, generation: Generation, *, limit: int) -> int:
        """See ports_of_rebuilds.Rebuilds."""
        place = generation.projection, generation.number
        for partition in range(self._dropped_to.get(place, 0), self._partition_count):
            self._dropped_to[place] = partition
            ((count,),) = await self._fetch("drop_states", partition, *place, limit)
            if count:
                return int(count)
        await self._fetch("drop_done", *place)
        self._dropped_to.pop(place)
        return 0


def _opened(keys: SubjectKeys, projection: str, row: asyncpg.Record) -> bytes:
    place = state_place(projection, row["generation"], row["key"], row["version"])
    return open_state(keys, row["subject_id"], row["state"], row["key_version"], place)


def _generation(row: asyncpg.Record) -> Generation:
    return Generation(
        row["projection"],
        row["generation"],
        row["fold_version"],
        GenerationStatus(row["status"]),
        row["named"],
        row["drop_at_ms"],
    )


def _rebuild(row: asyncpg.Record) -> Rebuild:
    return Rebuild(
        projection=row["projection"],
        generation=row["generation"],
        fold_version=row["fold_version"],
        base_generation=row["base_generation"],
        base_version=row["base_version"],
        status=RunStatus(row["status"]),
        automatic=row["automatic"],
        dry_run=row["dry_run"],
        keep_old_ms=row["keep_old_ms"],
        targets=tuple(row["targets"]),
        command=CommandKey(row["command_id"], row["caller"], row["content_hash"]),
        started_at_ms=row["started_at_ms"],
        ended_at_ms=row["ended_at_ms"],
        error_reason=row["error_reason"],
        error=row["error"],
    )
