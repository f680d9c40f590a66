"""Each scenario runs live, with every interaction sent twice, and over two services."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.postgres import RoleDsn
from tests.stage import Stage, TrueClock, staged

WAYS = {"live": (1, False), "sent-twice": (1, True), "two-services": (2, False)}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
async def stage(request: pytest.FixtureRequest, database_as: RoleDsn) -> AsyncIterator[Stage]:
    """The services of the scenario, on a database of its own, from 12:00 on."""
    services, twice = request.param
    clock = TrueClock()
    clock.move_to("12:00")
    async with staged(database_as("application"), clock, services=services) as made:
        made.twice = twice
        yield made
