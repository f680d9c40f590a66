"""Deleting a subject's data keys, with all that groups know of its events. See ports_of_erasure.

lock the partition's head ──▶ delete the keys ──▶ its groups look again ──▶ settle

All of it lies in one partition, so it is one small transaction on a distributed database, too.
"""

from __future__ import annotations

from journey_service.domain.errors import OutcomeUnknown, StorageUnavailable
from journey_service.domain.identity import partition_of
from journey_service.store.keys import KeyRing
from journey_service.store.postgres import sql
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.writing import CONTENTION


class PostgresErasure:
    """See ports_of_erasure.Erasure."""

    def __init__(
        self, *, writes: Pool, ring: KeyRing, guard: DurabilityGuard, partitions: int
    ) -> None:
        self._writes = writes
        self._ring = ring
        self._guard = guard
        self._partitions = partitions

    async def erase_keys(self, subject_id: str) -> bool:
        """See ports_of_erasure.Erasure."""
        self._guard.check()
        partition = partition_of(subject_id, self._partitions)
        try:
            async with self._writes.connection(lost=OutcomeUnknown) as connection:
                erased = await erase_keys(connection, partition, subject_id)
        except CONTENTION as error:
            raise StorageUnavailable(cause=type(error).__name__) from error
        if erased:
            self._ring.erased(subject_id)
        else:
            # Who is not there may come yet; of who was erased before, the next look tells it.
            self._ring.forget(subject_id)
        return erased


async def erase_keys(connection: Connection, partition: int, subject_id: str) -> bool:
    """The transaction itself; False = nothing was there to erase."""
    async with connection.transaction(isolation="read_committed"):
        await connection.execute(sql.statement("lock_heads_in_place"), [partition])
        if not await connection.fetchval(sql.statement("erase_keys"), partition, subject_id):
            return False
        await connection.execute(sql.statement("touch_all_progress"), partition)
        for name in ("settle_erased", "forget_erased"):
            await connection.execute(sql.statement(name), partition, subject_id)
    return True
