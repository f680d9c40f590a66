"""Where projections stopped and what they were told to leave out. See ports.Stops."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg

from journey.v1.projection_service_pb2 import SkippedEvent, StoppedFold
from journey_service.ports import PartitionLease
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Pool


class PostgresStops:
    """See ports.Stops."""

    def __init__(self, catch_up: Pool) -> None:
        self._catch_up = catch_up

    async def note(self, lease: PartitionLease, stopped: StoppedFold) -> None:
        """See ports.Stops."""
        async with self._catch_up.connection() as connection:
            await connection.execute(
                sql.statement("note_stop"),
                lease.partition,
                lease.projection,
                lease.generation,
                stopped.position,
                stopped.event_id,
                stopped.type,
                stopped.subject_id,
                stopped.error,
            )

    async def clear(self, lease: PartitionLease) -> None:
        """See ports.Stops."""
        async with self._catch_up.connection() as connection:
            await connection.execute(
                sql.statement("clear_stop"),
                lease.partition,
                lease.projection,
                lease.generation,
                lease.position,
            )

    async def stopped(self, projection: str, generation: int) -> list[StoppedFold]:
        """See ports.Stops."""
        async with self._catch_up.connection() as connection:
            rows = await connection.fetch(sql.statement("read_stops"), projection, generation)
        return [_stopped(row) for row in rows]

    async def retry(
        self, projection: str, generation: int, partitions: Collection[int]
    ) -> list[StoppedFold]:
        """See ports.Stops."""
        async with self._catch_up.connection() as connection:
            rows = await connection.fetch(
                sql.statement("retry_stops"), list(partitions), projection, generation
            )
        return sorted(map(_stopped, rows), key=lambda stopped: stopped.partition)

    async def skip(
        self, projection: str, version: int, generation: int, skipped: SkippedEvent
    ) -> SkippedEvent | None:
        """See ports.Stops."""
        async with self._catch_up.connection() as connection:
            row = await connection.fetchrow(
                sql.statement("skip_event"),
                skipped.partition,
                projection,
                version,
                generation,
                skipped.position,
                skipped.reason,
                skipped.actor,
            )
        return None if row is None else SkippedEvent(**dict(row))

    async def skipped(
        self, projection: str, version: int, partitions: Collection[int]
    ) -> list[SkippedEvent]:
        """See ports.Stops."""
        async with self._catch_up.connection() as connection:
            rows = await connection.fetch(
                sql.statement("read_skips"), list(partitions), projection, version
            )
        return [SkippedEvent(**dict(row)) for row in rows]


def _stopped(row: asyncpg.Record) -> StoppedFold:
    return StoppedFold(**dict(row))
