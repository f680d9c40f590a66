"""Two services on one PostgreSQL: in this process, or in processes of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from journey_service.settings import Settings
from journey_service.store.postgres.store import PostgresStore
from tests.battery.access import Access
from tests.battery.database import kill_whole, server_of
from tests.battery.service import Service
from tests.guarantees.devices import Device
from tests.postgres import RoleDsn
from tests.transport.serving import Served, serving

MASTER_KEYS = {1: b"m" * 32}
PATIENT = Settings(pool_wait_ms=20_000, pool_read_wait_ms=20_000)
# These tests act faster than customers do.
UNLIMITED: dict[str, Any] = {
    "rate_interactions_per_s": 0,
    "rate_bytes_per_s": 0,
    "rate_subject_per_s": 0,
    "drain_streams_ms": 0,
}

Pair: TypeAlias = tuple[Served, Served]
Join: TypeAlias = Callable[..., Device]


@pytest.fixture
async def stores(database_as: RoleDsn) -> AsyncIterator[tuple[PostgresStore, PostgresStore]]:
    """Two stores on a database of this test's own."""
    dsn = database_as("application")
    async with (
        await PostgresStore.open(dsn, MASTER_KEYS, settings=PATIENT) as first,
        await PostgresStore.open(dsn, MASTER_KEYS, settings=PATIENT) as second,
    ):
        yield first, second


@pytest.fixture
async def pair(stores: tuple[PostgresStore, PostgresStore]) -> AsyncIterator[Pair]:
    """A service on each."""
    async with serving(stores[0], **UNLIMITED) as one, serving(stores[1], **UNLIMITED) as two:
        yield one, two


@pytest.fixture
async def join(pair: Pair) -> AsyncIterator[Join]:
    """Makes devices: join(served=None, subject="mila", name="phone"), at the first service."""
    async with AsyncExitStack() as stack:

        def make(served: Served | None = None, subject: str = "mila", **about: str) -> Device:
            served = served or pair[0]
            token = served.mint.token("device", subject)
            address = f"127.0.0.1:{served.server.port}"
            device = Device(address, f"Bearer {token}", **about)
            stack.push_async_callback(device.close)
            return device

        yield make


class Processes:
    """Two service processes on one data directory; each may be killed and started again."""

    def __init__(self, folder: Path, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.one = Service(folder, data_dir, "one")
        self.two = Service(folder, data_dir, "two")
        self.devices: list[Device] = []

    @property
    def access(self) -> Access:
        """Tokens of callers."""
        return Access.to(self.data_dir)

    async def start(self) -> None:
        """Start the one that makes the database, then the other."""
        await self.one.start()
        await self.two.start()

    async def restart(self, service: Service) -> None:
        """Kill a process and start it again."""
        await service.kill()
        await service.start()

    async def device(self, service: Service, account: str = "mila") -> Device:
        """A device with an open session."""
        device = Device(service.address, self.access.device(account))
        self.devices.append(device)
        return await device.open_session()

    async def close(self) -> None:
        """End everything."""
        for device in self.devices:
            await device.close()
        for service in (self.one, self.two):
            await service.stop()
        if (left := server_of(self.data_dir)) is not None:
            kill_whole(left)


@pytest.fixture
async def processes(tmp_path: Path, data_dir: Path) -> AsyncIterator[Processes]:
    """Two processes that serve."""
    both = Processes(tmp_path, data_dir)
    try:
        await both.start()
        yield both
    finally:
        await both.close()
