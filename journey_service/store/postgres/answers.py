"""Answers of repeatable calls, and the data keys that they and other rows are sealed with."""

from __future__ import annotations

import asyncpg

from journey_service.domain.errors import CommandIdReused, SubjectErased
from journey_service.domain.identity import partition_of
from journey_service.ports import CommandKey
from journey_service.store.codec import open_sealed, seal
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection


class Answers:
    """Of the table `commands`; each lies in the partition of its command's id."""

    def __init__(self, ring: KeyRing, partitions: int, life_ms: int) -> None:
        self._ring = ring
        self._partition_count = partitions
        self._life_ms = life_ms

    async def known(
        self, connection: Connection, command: CommandKey, subject_id: str
    ) -> bytes | None:
        """The answer given before; None claims the call for this transaction.

        A repeat at the same moment waits here for the first. Raises CommandIdReused.
        """
        row = await self._claimed(connection, command, subject_id)
        if row is None:
            return None
        keys = await self.keys(connection, row["subject_id"])
        sealed_in = ("commands", command.command_id, command.caller)
        return open_sealed(keys, row["state"], row["key_version"], *sealed_in)

    async def known_plain(self, connection: Connection, command: CommandKey) -> bytes | None:
        """The same for a call about nobody: its answer says nothing personal, and is not sealed."""
        row = await self._claimed(connection, command, "")
        return bytes(row["state"]) if row is not None else None

    async def _claimed(
        self, connection: Connection, command: CommandKey, subject_id: str
    ) -> asyncpg.Record | None:
        """What was kept of the call; None where it is claimed now. Raises CommandIdReused."""
        place = self._place(command)
        claimed = await connection.fetchval(
            sql.statement("claim_command"), *place, command.content_hash, subject_id, self._life_ms
        )
        if claimed is not None:
            return None
        row = await connection.fetchrow(sql.statement("read_command"), *place)
        assert row is not None
        if row["content_hash"] != command.content_hash:
            raise CommandIdReused
        return row

    async def give_plain(self, connection: Connection, command: CommandKey, answer: bytes) -> None:
        """Keep the answer of a claimed call about nobody."""
        await connection.execute(sql.statement("answer_command"), *self._place(command), 0, answer)

    async def give(
        self, connection: Connection, command: CommandKey, keys: SubjectKeys, answer: bytes
    ) -> None:
        """Keep the answer of a claimed call."""
        sealed = seal(keys, answer, "commands", command.command_id, command.caller)
        await connection.execute(
            sql.statement("answer_command"), *self._place(command), keys.version, sealed
        )

    async def keys(self, connection: Connection, subject_id: str) -> SubjectKeys:
        """The subject's keys as the database holds them now; makes the first one.

        Raises SubjectErased.
        """
        partition = partition_of(subject_id, self._partition_count)
        read = sql.statement("read_keys")
        row = await connection.fetchrow(read, [partition], [subject_id])
        if row is None:
            made = self._ring.make(subject_id).wrapped[-1]
            await connection.execute(sql.statement("make_subject"), partition, subject_id, made)
            row = await connection.fetchrow(read, [partition], [subject_id])
            assert row is not None
        if row["wrapped_keys"] is None:
            raise SubjectErased
        # Not remembered: a transaction that is rolled back takes a new key with it.
        return self._ring.unwrap(subject_id, row["wrapped_keys"])

    def _place(self, command: CommandKey) -> tuple[int, str, str]:
        partition = partition_of(command.command_id, self._partition_count)
        return partition, command.command_id, command.caller
