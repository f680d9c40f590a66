"""The real service on PostgreSQL, for clients to call over real gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

import pytest

import journey_client
from journey_client import Client
from journey_service.settings import Settings
from journey_service.store.postgres.store import PostgresStore
from tests.postgres import RoleDsn
from tests.transport.serving import Served, serving

Connect: TypeAlias = Callable[..., Client]
MASTER_KEYS = {1: b"m" * 32}
# The machine that runs the tests may be busy.
PATIENT = Settings(pool_wait_ms=20_000, pool_read_wait_ms=20_000)


@pytest.fixture
async def store(database_as: RoleDsn) -> AsyncIterator[PostgresStore]:
    """The store on a database of this test's own."""
    dsn = database_as("application")
    async with await PostgresStore.open(dsn, MASTER_KEYS, settings=PATIENT) as opened:
        yield opened


@pytest.fixture
async def served(store: PostgresStore) -> AsyncIterator[Served]:
    """A service on it."""
    async with serving(store) as service:
        yield service


@pytest.fixture
def connect(served: Served) -> Connect:
    """Makes clients: connect(device="phone", subject="mila", role="device", scopes=…)."""

    def make(
        device: str = "phone",
        subject: str = "mila",
        role: str = "device",
        scopes: tuple[str, ...] = (),
        **options: Any,
    ) -> Client:
        token = served.mint.token(role, subject, scopes=scopes)
        return journey_client.connect(
            f"127.0.0.1:{served.server.port}",
            token=token,
            device=device,
            service=role != "device",
            **options,
        )

    return make
