"""A stage for each hard case: one service, or two, on a database of the case's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.postgres import RoleDsn, new_data_dir
from tests.stage import Stage, TrueClock, staged
from tests.store.wire import Wire


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
    async with staged(wire.dsn(), clock) as made:
        yield made


@pytest.fixture
async def two_services(wire: Wire, clock: TrueClock) -> AsyncIterator[Stage]:
    """Two services on one database."""
    async with staged(wire.dsn(), clock, services=2) as made:
        yield made
