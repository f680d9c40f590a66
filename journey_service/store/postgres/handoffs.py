"""Codes with which another device takes over. See ports_of_devices.Handoffs.

A handoff lies in the partition of its id, sealed under its issuer's key; a code in the partition of
its hash; the tries of a claimer in the partition of the claimer.
"""

from __future__ import annotations

from collections.abc import Mapping

from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import CreateHandoffRequest
from journey_service.domain.errors import OutcomeUnknown, StorageUnavailable
from journey_service.domain.identity import partition_of
from journey_service.ports import CommandKey
from journey_service.ports_of_devices import StoredHandoff
from journey_service.store.codec import open_sealed, seal
from journey_service.store.keys import KeyRing
from journey_service.store.postgres import sql
from journey_service.store.postgres.answers import Answers
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.pool import Pool


class PostgresHandoffs:
    """See ports_of_devices.Handoffs."""

    def __init__(
        self,
        *,
        reads: Pool,
        writes: Pool,
        ring: KeyRing,
        answers: Answers,
        guard: DurabilityGuard,
        partitions: int,
    ) -> None:
        self._reads = reads
        self._writes = writes
        self._ring = ring
        self._answers = answers
        self._guard = guard
        self._partition_count = partitions

    async def create(
        self, command: CommandKey, handoff: StoredHandoff, codes: Mapping[str, int], answer: bytes
    ) -> bytes:
        """See ports_of_devices.Handoffs."""
        self._guard.check()
        async with (
            self._writes.connection(lost=OutcomeUnknown) as connection,
            connection.transaction(isolation="read_committed"),
        ):
            keys = await self._answers.keys(connection, handoff.subject_id)
            known = await self._answers.known(connection, command, handoff.subject_id)
            if known is not None:
                return known
            await connection.execute(
                sql.statement("store_handoff"),
                self._partition_of(handoff.handoff_id),
                handoff.handoff_id,
                handoff.subject_id,
                handoff.expires_at_ms,
                keys.version,
                seal(keys, _content(handoff), "handoffs", handoff.handoff_id),
            )
            for code_hash, expires_at_ms in codes.items():
                stored = await connection.fetchval(
                    sql.statement("store_handoff_code"),
                    self._partition_of(code_hash),
                    code_hash,
                    handoff.handoff_id,
                    expires_at_ms,
                )
                if stored is None:
                    raise StorageUnavailable("The code is in use: repeat for another one.")
            await self._answers.give(connection, command, keys, answer)
        return answer

    async def find(self, code_hash: str) -> StoredHandoff | None:
        """See ports_of_devices.Handoffs."""
        async with self._reads.connection() as connection:
            code = await connection.fetchrow(
                sql.statement("find_handoff_code"), self._partition_of(code_hash), code_hash
            )
            if code is None:
                return None
            handoff_id = code["handoff_id"]
            row = await connection.fetchrow(
                sql.statement("read_handoff"), self._partition_of(handoff_id), handoff_id
            )
            if row is None:
                return None
            subject_id = row["subject_id"]
            keys = await connection.fetchrow(
                sql.statement("read_keys"), [self._partition_of(subject_id)], [subject_id]
            )
        if keys is None or keys["wrapped_keys"] is None:
            return None
        plain = open_sealed(
            self._ring.look(subject_id, keys["wrapped_keys"]),
            row["state"],
            row["key_version"],
            "handoffs",
            handoff_id,
        )
        return _handoff(plain, handoff_id, subject_id, code["expires_at_ms"], row["claimed_by"])

    async def claim(self, handoff_id: str, claimer: str) -> bool:
        """See ports_of_devices.Handoffs."""
        self._guard.check()
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            claimed = await connection.fetchval(
                sql.statement("claim_handoff"),
                self._partition_of(handoff_id),
                handoff_id,
                claimer,
            )
        return claimed is not None

    async def count_try(self, claimer: str, *, window_ms: int) -> int:
        """See ports_of_devices.Handoffs."""
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            tries: int = await connection.fetchval(
                sql.statement("count_handoff_try"),
                self._partition_of(claimer),
                claimer,
                window_ms,
            )
        return tries

    def _partition_of(self, name: str) -> int:
        return partition_of(name, self._partition_count)


def _content(handoff: StoredHandoff) -> bytes:
    """What is sealed: the parts of the request that a claim needs."""
    kept = CreateHandoffRequest(session_id=handoff.session_id, scope=handoff.scope)
    if handoff.journey is not None:
        kept.journey.CopyFrom(handoff.journey)
    return kept.SerializeToString()


def _handoff(
    plain: bytes, handoff_id: str, subject_id: str, expires_at_ms: int, claimed_by: str
) -> StoredHandoff:
    kept = CreateHandoffRequest.FromString(plain)
    journey: JourneyRef | None = kept.journey if kept.HasField("journey") else None
    return StoredHandoff(
        handoff_id, subject_id, kept.session_id, kept.scope, journey, expires_at_ms, claimed_by
    )
