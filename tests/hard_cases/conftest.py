"""A stage for each hard case: one service, or two, on a database of the case's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from journey_service.settings import Settings
from journey_service.store.postgres.store import PostgresStore
from tests.hard_cases.stage import Stage, TrueClock, staged
from tests.postgres import RoleDsn, new_data_dir
from tests.store.wire import Wire

MASTER_KEYS = {1: b"m" * 32}
# The machine that runs the tests may be busy.
PATIENT = Settings(pool_wait_ms=2_000, pool_read_wait_ms=2_000)


@pytest.fixture
async def wire(database_as: RoleDsn) -> AsyncIterator[Wire]:
    """What lies between the service and its database, and may be cut."""
    with new_data_dir() as folder:
        folder.mkdir()
        wire = Wire(folder, database_as("application"))
        async with wire.open():
            yield wire


@pytest.fixture
def clock() -> TrueClock:
    """The time of the story."""
    clock = TrueClock()
    clock.move_to("12:00")
    return clock


@pytest.fixture
async def stage(wire: Wire, clock: TrueClock) -> AsyncIterator[Stage]:
    """A service on a database of this test's own."""
    async with another_service(wire, clock) as made:
        yield made


@pytest.fixture
async def other(wire: Wire, clock: TrueClock) -> AsyncIterator[Stage]:
    """A second service on the same database."""
    async with another_service(wire, clock) as made:
        yield made


@asynccontextmanager
async def another_service(wire: Wire, clock: TrueClock) -> AsyncIterator[Stage]:
    """A process of the service, as far as anybody can tell from outside."""
    async with (
        await PostgresStore.open(wire.dsn(), MASTER_KEYS, settings=PATIENT) as store,
        staged(store, clock) as made,
    ):
        yield made
