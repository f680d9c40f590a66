"""Installations, devices and sessions in their tables. See ports.Sessions.

Sessions, devices and answers are sealed under the key of their subject, in its partition; the
epoch of an installation and a call lie in the partitions of their own ids.

Rows are locked in one order here and in devices.py: the call's, the installation's epoch, the
session's, the device's.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_ACTIVE,
    DEVICE_STATUS_SIGNED_OUT,
    Device,
    Session,
)
from journey_service.domain.devices import admit, is_on, refuse_lost
from journey_service.domain.errors import OutcomeUnknown
from journey_service.domain.identity import partition_of, partition_of_session
from journey_service.ports import CommandKey
from journey_service.store.installations import EPOCHS_AHEAD
from journey_service.store.postgres import sql
from journey_service.store.postgres.answers import Answers
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.gathering import Gathering
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.registry import Registry


class PostgresSessions:
    """See ports.Sessions."""

    def __init__(
        self,
        *,
        reads: Pool,
        writes: Pool,
        answers: Answers,
        registry: Registry,
        guard: DurabilityGuard,
        partitions: int,
    ) -> None:
        self._reads = reads
        self._writes = writes
        self._answers = answers
        self._registry = registry
        self._guard = guard
        self._partition_count = partitions
        self._loads = Gathering(self._load)

    # --- writing ----------------------------------------------------------------------------------

    async def open(
        self, command: CommandKey, session: Session, *, issued_ms: int | None = None
    ) -> Session:
        """See ports.Sessions."""
        self._guard.check()
        async with (
            self._writes.connection(lost=OutcomeUnknown) as connection,
            connection.transaction(isolation="read_committed"),
        ):
            keys = await self._answers.keys(connection, session.subject_id)
            known = await self._answers.known(connection, command, session.subject_id)
            if known is not None:
                return Session.FromString(known)
            opened = Session()
            opened.CopyFrom(session)
            # First, because it waits for a sign-out of the device, which then is seen.
            opened.epoch = await self._enter(connection, session)
            opened.signed_out_at_ms = await self._admit(connection, session, issued_ms)
            await self._registry.store(connection, keys, opened)
            await self._answers.give(connection, command, keys, opened.SerializeToString())
            return opened

    async def _admit(self, connection: Connection, session: Session, issued_ms: int | None) -> int:
        """Refuse a device that was lost or signed out; one that signs in again is in use."""
        known = await self._registry.installations(connection, session.subject_id)
        signed_out_ms = admit(known, session, issued_ms)
        again = [
            one.installation_id
            for one in known
            if one.status == DEVICE_STATUS_SIGNED_OUT and is_on(one, session.device.device_id)
        ]
        if again:
            await connection.execute(
                sql.statement("stand_installations"),
                self._partition_of(session.subject_id),
                session.subject_id,
                again,
                DEVICE_STATUS_ACTIVE,
                None,
            )
        return signed_out_ms

    async def _enter(self, connection: Connection, session: Session) -> int:
        row = await connection.fetchrow(
            sql.statement("enter_installation"),
            self._partition_of(session.installation_id),
            session.installation_id,
            session.epoch,
            EPOCHS_AHEAD,
            DEVICE_STATUS_ACTIVE,
        )
        assert row is not None
        refuse_lost(row["status"])
        return int(row["epoch"])

    async def save(self, session: Session) -> None:
        """See ports.Sessions. Raises SessionNotFound for one that is unknown or has ended."""
        self._guard.check()
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            keys = await self._answers.keys(connection, session.subject_id)
            await self._registry.save(connection, keys, session)

    async def sign_out(self, session: Session) -> int:
        """See ports.Sessions."""
        self._guard.check()
        async with (
            self._writes.connection(lost=OutcomeUnknown) as connection,
            connection.transaction(isolation="read_committed"),
        ):
            keys = await self._answers.keys(connection, session.subject_id)
            epoch = await connection.fetchval(
                sql.statement("leave_installation"),
                self._partition_of(session.installation_id),
                session.installation_id,
                session.epoch,
                DEVICE_STATUS_ACTIVE,
            )
            await self._registry.save(connection, keys, session)
        return int(epoch)

    async def forget_expired(self) -> None:
        """Delete answers, commands to devices and codes whose time is over."""
        partitions = [*range(self._partition_count)]
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            for name in _EXPIRING:
                await connection.execute(sql.statement(name), partitions)

    # --- reading ----------------------------------------------------------------------------------

    async def load(self, session_id: str) -> Session | None:
        """See ports.Sessions."""
        partition = partition_of_session(session_id, self._partition_count)
        if partition is None:
            return None
        row = await self._loads.ask((partition, session_id))
        return None if row is None else self._registry.session(row)

    async def _load(self, asked: Sequence[tuple[int, str]]) -> list[asyncpg.Record | None]:
        """The row of each (partition, session), None where there is none."""
        partitions, session_ids = zip(*asked, strict=True)
        async with self._reads.connection() as connection:
            rows = await connection.fetch(sql.statement("load_sessions"), partitions, session_ids)
        found = {row["session_id"]: row for row in rows}
        return [found.get(session_id) for session_id in session_ids]

    async def list_of(self, subject_id: str, *, limit: int, before: str = "") -> list[Session]:
        """See ports.Sessions."""
        partition = self._partition_of(subject_id)
        async with self._reads.connection() as connection:
            rows = await connection.fetch(
                sql.statement("list_sessions"), partition, subject_id, before, limit
            )
        found = [self._registry.session(row) for row in rows]
        return [session for session in found if session is not None]

    async def devices_of(self, subject_id: str) -> dict[str, Device]:
        """See ports.Sessions."""
        async with self._reads.connection() as connection:
            found = await self._registry.installations(connection, subject_id)
        return {one.installation_id: one.device for one in found}

    def _partition_of(self, name: str) -> int:
        return partition_of(name, self._partition_count)


_EXPIRING = (
    "delete_expired_commands",
    "delete_expired_orders",
    "delete_expired_presence",
    "delete_expired_handoffs",
    "delete_expired_codes",
    "delete_expired_tries",
    "delete_expired_group_leases",
)
