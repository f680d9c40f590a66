"""Installations, devices, sessions and answered calls in their tables. See ports.Sessions.

Sessions, devices and answers are sealed under the key of their subject, in its partition; the
epoch of an installation and a call lie in the partitions of their own ids.
"""

from __future__ import annotations

from collections.abc import Sequence

from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_ACTIVE,
    SESSION_STATUS_ACTIVE,
    Device,
    Session,
)
from journey_service.domain.errors import (
    CommandIdReused,
    OutcomeUnknown,
    SessionNotFound,
    SubjectErased,
)
from journey_service.domain.identity import partition_of, partition_of_session
from journey_service.ports import CommandKey
from journey_service.settings import Settings
from journey_service.store.codec import open_sealed, seal
from journey_service.store.installations import EPOCHS_AHEAD, refuse_lost
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.postgres import sql
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.pool import Connection, Pool


class PostgresSessions:
    """See ports.Sessions."""

    def __init__(
        self,
        *,
        reads: Pool,
        writes: Pool,
        ring: KeyRing,
        guard: DurabilityGuard,
        partitions: int,
        settings: Settings,
    ) -> None:
        self._reads = reads
        self._writes = writes
        self._ring = ring
        self._guard = guard
        self._partition_count = partitions
        self._command_life_ms = settings.command_life_ms

    # --- writing ----------------------------------------------------------------------------------

    async def open(self, command: CommandKey, session: Session) -> Session:
        """See ports.Sessions."""
        self._guard.check()
        async with (
            self._writes.connection(lost=OutcomeUnknown) as connection,
            connection.transaction(isolation="read_committed"),
        ):
            keys = await self._keys(connection, session.subject_id)
            known = await self._known_answer(connection, command, session.subject_id)
            if known is not None:
                return known
            opened = Session()
            opened.CopyFrom(session)
            opened.epoch = await self._enter(connection, session)
            await self._store(connection, keys, opened)
            await self._answer(connection, command, keys, opened)
            return opened

    async def _known_answer(
        self, connection: Connection, command: CommandKey, subject_id: str
    ) -> Session | None:
        place = self._command_place(command)
        claimed = await connection.fetchval(
            sql.statement("claim_command"),
            *place,
            command.content_hash,
            subject_id,
            self._command_life_ms,
        )
        if claimed is not None:
            return None
        row = await connection.fetchrow(sql.statement("read_command"), *place)
        assert row is not None
        if row["content_hash"] != command.content_hash:
            raise CommandIdReused
        keys = await self._keys(connection, row["subject_id"])
        sealed_in = ("commands", command.command_id, command.caller)
        return Session.FromString(open_sealed(keys, row["state"], row["key_version"], *sealed_in))

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

    async def _store(self, connection: Connection, keys: SubjectKeys, session: Session) -> None:
        await connection.execute(
            sql.statement("store_session"),
            self._partition_of(session.subject_id),
            session.session_id,
            session.subject_id,
            session.opened_at_ms,
            session.status != SESSION_STATUS_ACTIVE,
            keys.version,
            _seal_session(keys, session),
            session.installation_id,
            _seal_device(keys, session),
        )

    async def _answer(
        self, connection: Connection, command: CommandKey, keys: SubjectKeys, opened: Session
    ) -> None:
        sealed_in = ("commands", command.command_id, command.caller)
        await connection.execute(
            sql.statement("answer_command"),
            *self._command_place(command),
            keys.version,
            seal(keys, opened.SerializeToString(), *sealed_in),
        )

    async def save(self, session: Session) -> None:
        """See ports.Sessions. Raises SessionNotFound for one that is unknown or has ended."""
        self._guard.check()
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            await self._save(connection, session)

    async def _save(self, connection: Connection, session: Session) -> None:
        keys = await self._keys(connection, session.subject_id)
        saved = await connection.fetchval(
            sql.statement("save_session"),
            self._partition_of(session.subject_id),
            session.session_id,
            session.status != SESSION_STATUS_ACTIVE,
            keys.version,
            _seal_session(keys, session),
            session.subject_id,
            session.installation_id,
            _seal_device(keys, session),
        )
        if saved is None:
            raise SessionNotFound

    async def sign_out(self, session: Session) -> int:
        """See ports.Sessions."""
        self._guard.check()
        async with (
            self._writes.connection(lost=OutcomeUnknown) as connection,
            connection.transaction(isolation="read_committed"),
        ):
            await self._save(connection, session)
            epoch = await connection.fetchval(
                sql.statement("leave_installation"),
                self._partition_of(session.installation_id),
                session.installation_id,
                session.epoch,
                DEVICE_STATUS_ACTIVE,
            )
        return int(epoch)

    async def forget_expired(self) -> None:
        """Delete the answers of calls whose time is over."""
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            partitions = [*range(self._partition_count)]
            await connection.execute(sql.statement("delete_expired_commands"), partitions)

    # --- reading ----------------------------------------------------------------------------------

    async def load(self, session_id: str) -> Session | None:
        """See ports.Sessions."""
        partition = partition_of_session(session_id, self._partition_count)
        if partition is None:
            return None
        async with self._reads.connection() as connection:
            row = await connection.fetchrow(sql.statement("load_session"), partition, session_id)
        return None if row is None else self._open_session(*row)

    async def list_of(self, subject_id: str, *, limit: int, before: str = "") -> list[Session]:
        """See ports.Sessions."""
        partition = self._partition_of(subject_id)
        async with self._reads.connection() as connection:
            rows = await connection.fetch(
                sql.statement("list_sessions"), partition, subject_id, before, limit
            )
        found = [self._open_session(*row) for row in rows]
        return [session for session in found if session is not None]

    async def devices_of(self, subject_id: str) -> dict[str, Device]:
        """See ports.Sessions."""
        partition = self._partition_of(subject_id)
        async with self._reads.connection() as connection:
            rows = await connection.fetch(sql.statement("list_devices"), partition, subject_id)
        devices = {}
        for installation_id, key_version, state, wrapped in rows:
            if wrapped is not None:
                keys = self._ring.look(subject_id, wrapped)
                plain = open_sealed(keys, state, key_version, "devices", installation_id)
                devices[installation_id] = Device.FromString(plain)
        return devices

    def _open_session(
        self,
        subject_id: str,
        session_id: str,
        key_version: int,
        state: bytes,
        wrapped: Sequence[bytes] | None,
    ) -> Session | None:
        if wrapped is None:
            return None
        keys = self._ring.look(subject_id, wrapped)
        return Session.FromString(open_sealed(keys, state, key_version, "sessions", session_id))

    # --- keys and places --------------------------------------------------------------------------

    async def _keys(self, connection: Connection, subject_id: str) -> SubjectKeys:
        """The subject's keys as the database holds them now; makes the first one."""
        partition, read = self._partition_of(subject_id), sql.statement("read_keys")
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

    def _partition_of(self, name: str) -> int:
        return partition_of(name, self._partition_count)

    def _command_place(self, command: CommandKey) -> tuple[int, str, str]:
        return self._partition_of(command.command_id), command.command_id, command.caller


def _seal_session(keys: SubjectKeys, session: Session) -> bytes:
    return seal(keys, session.SerializeToString(), "sessions", session.session_id)


def _seal_device(keys: SubjectKeys, session: Session) -> bytes:
    return seal(keys, session.device.SerializeToString(), "devices", session.installation_id)
