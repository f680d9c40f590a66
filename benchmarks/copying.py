"""The limit of storing: COPY of rows that are there already, in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from benchmarks.statements import statement

SCHEMA = "bench"
Row: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class CopyJob:
    """Copy what the journal has got since the last job into each table, so many rows a call;
    0 = as many as the journal committed at once.
    """

    dsn: str
    rows_a_call: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, in how many transactions, and how long that took."""

    rows: int
    calls: int
    elapsed_s: float

    @property
    def per_second(self) -> float:
        """Rows per second."""
        return self.rows / self.elapsed_s


class Copier:
    """Reads the journal's new rows, then copies them into tables like the journal's."""

    async def do(self, job: CopyJob) -> list[Copied]:
        """Only copying is timed; each call is a transaction that is durable when it returns."""
        connection = await asyncpg.connect(job.dsn)
        try:
            rows = [tuple(row) for row in await connection.fetch(statement("new_rows"))]
            committed = max(1, round(len(rows) / _commits(rows)))
            return [
                await _copied(connection, table, rows, size or committed)
                for table, size in job.rows_a_call.items()
            ]
        finally:
            await connection.close()

    async def close(self) -> None:
        """Nothing is held."""


async def _copied(
    connection: asyncpg.Connection[asyncpg.Record], table: str, rows: list[Row], size: int
) -> Copied:
    parts = [rows[first : first + size] for first in range(0, len(rows), size)]
    began = time.perf_counter()
    for part in parts:
        await connection.copy_records_to_table(table, schema_name=SCHEMA, records=part)
    return Copied(len(rows), len(parts), time.perf_counter() - began)


def _commits(rows: list[Row]) -> int:
    """In how many transactions the journal wrote them: each has its own recorded_at_ms."""
    return len({row[6] for row in rows})
