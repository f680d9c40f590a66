"""Sign-in epochs and secrets of installations, in the partition of the installation's id. See
ports_of_devices.Installations."""

from __future__ import annotations

import asyncpg

from journey_service.domain.errors import OutcomeUnknown
from journey_service.domain.identity import partition_of
from journey_service.ports_of_devices import InstallationSecret
from journey_service.store.installations import epoch_in_force
from journey_service.store.postgres import sql
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.pool import Pool


class PostgresInstallations:
    """See ports_of_devices.Installations."""

    def __init__(
        self, *, reads: Pool, writes: Pool, guard: DurabilityGuard, partitions: int
    ) -> None:
        self._reads = reads
        self._writes = writes
        self._guard = guard
        self._partition_count = partitions

    async def epoch(self, installation_id: str, *, asked: int = 0) -> int:
        """See ports_of_devices.Installations."""
        row = await self._read("read_epoch", installation_id)
        return epoch_in_force(row["epoch"] if row else 0, asked)

    async def secret(self, installation_id: str) -> InstallationSecret | None:
        """See ports_of_devices.Installations."""
        row = await self._read("read_secret", installation_id)
        return None if row is None else InstallationSecret(row["secret_hash"], row["made_at_ms"])

    async def keep_secret(self, installation_id: str, secret_hash: str) -> InstallationSecret:
        """See ports_of_devices.Installations."""
        self._guard.check()
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            row = await connection.fetchrow(
                sql.statement("keep_secret"),
                partition_of(installation_id, self._partition_count),
                installation_id,
                secret_hash,
            )
        assert row is not None
        return InstallationSecret(row["secret_hash"], row["made_at_ms"])

    async def _read(self, name: str, installation_id: str) -> asyncpg.Record | None:
        partition = partition_of(installation_id, self._partition_count)
        async with self._reads.connection() as connection:
            return await connection.fetchrow(sql.statement(name), partition, installation_id)
