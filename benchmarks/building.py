"""One process's part in a rebuild, apart from the service; and the limit of reading."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

import projections
from benchmarks.statements import statement
from journey_service.ports_of_rebuilds import Rebuild
from journey_service.settings import Settings
from journey_service.store.postgres import PostgresStore
from projections.rebuild import Builder
from projections.view import StoredView

# One of each: what builds does not serve.
SETTINGS = Settings(
    pool_append_connections=1,
    pool_read_connections=1,
    pool_catch_up_connections=1,
    pool_wait_ms=10_000,
)


@dataclass(frozen=True, slots=True)
class BuildJob:
    """Build partitions of this rebuild until none is left."""

    dsn: str
    master_keys: Mapping[int, bytes]
    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class Built:
    """When the first partition was begun and the last one was done, by the machine's clock, s."""

    began_s: float
    ended_s: float


class Building:
    """Builds as a service would that has nothing else to do."""

    async def do(self, job: BuildJob) -> Built:
        """Only building is timed."""
        view = projections.VIEWS[0]
        assert isinstance(view, StoredView)
        store = await PostgresStore.open(job.dsn, job.master_keys, settings=SETTINGS)
        async with store:
            builder = Builder(view, store.rebuilds, job.rebuild, owner=f"bench/{os.getpid()}")
            began_s = time.monotonic()
            while await builder.work():
                pass
            return Built(began_s, time.monotonic())

    async def close(self) -> None:
        """Nothing is held."""


async def bare_read(dsn: str) -> float:
    """Seconds that PostgreSQL needs to give all events away to somebody who drops them."""
    connection = await asyncpg.connect(dsn)

    async def drop(_: bytes) -> None:
        return

    try:
        began = time.perf_counter()
        await connection.copy_from_query(statement("bare_read"), output=drop, format="binary")
        return time.perf_counter() - began
    finally:
        await connection.close()
