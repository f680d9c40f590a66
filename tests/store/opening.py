"""Stores on a test's own database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from journey_service.settings import Settings
from journey_service.store.postgres import Observer, PostgresStore
from journey_service.store.postgres.streams import Memory
from tests.postgres import RoleDsn

MASTER_KEYS: Mapping[int, bytes] = {1: b"a master key of 32 bytes for us!"}


@asynccontextmanager
async def open_store(
    database_as: RoleDsn, *, observer: Observer | None = None, **settings: Any
) -> AsyncIterator[PostgresStore]:
    """A store that acts as the application; settings by name. A connection for reads may take its
    time to open, unless a test is about that."""
    settings = {"pool_read_wait_ms": 5_000, **settings}
    async with await PostgresStore.open(
        database_as("application"),
        MASTER_KEYS,
        settings=Settings(**settings),
        observer=observer,
        embedded=True,
    ) as store:
        yield store


class NoMemory(Memory):
    """Remembers, and never lets anybody guess."""

    def may_guess(self, partitions: list[int]) -> bool:
        return False


def the_careful_way(store: PostgresStore) -> PostgresStore:
    """The same store, which never guesses."""
    for lane in store._lanes_to_close:
        lane.writer.memory = NoMemory(16)
    return store
