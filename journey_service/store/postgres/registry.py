"""The rows of sessions and of the installations that had them, opened and written.

Sealed under the key of their subject, in its partition. Part of a transaction of the caller's.
"""

from __future__ import annotations

import asyncpg

from journey.v1.sessions_pb2 import SESSION_STATUS_ACTIVE, Device, Session
from journey_service.domain.devices import Installation
from journey_service.domain.errors import SessionNotFound
from journey_service.domain.identity import partition_of
from journey_service.store.codec import open_sealed, seal
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection


class Registry:
    """Of the tables `sessions` and `installation_devices`."""

    def __init__(self, ring: KeyRing, partitions: int) -> None:
        self._ring = ring
        self._partition_count = partitions

    async def store(self, connection: Connection, keys: SubjectKeys, session: Session) -> None:
        """A new session and its device."""
        await connection.execute(
            sql.statement("store_session"),
            self._partition(session.subject_id),
            session.session_id,
            session.subject_id,
            session.opened_at_ms,
            session.status != SESSION_STATUS_ACTIVE,
            keys.version,
            _seal_session(keys, session),
            session.installation_id,
            _seal_device(keys, session),
            session.last_seen_at_ms,
            bool(session.claimant),
        )

    async def save(self, connection: Connection, keys: SubjectKeys, session: Session) -> None:
        """One that is stored. Raises SessionNotFound where it is not, or has ended."""
        saved = await connection.fetchval(
            sql.statement("save_session"),
            self._partition(session.subject_id),
            session.session_id,
            session.status != SESSION_STATUS_ACTIVE,
            keys.version,
            _seal_session(keys, session),
            session.subject_id,
            session.installation_id,
            _seal_device(keys, session),
            session.last_seen_at_ms,
        )
        if saved is None:
            raise SessionNotFound

    async def installations(self, connection: Connection, subject_id: str) -> list[Installation]:
        """All of a subject, by installation id; none where it was erased."""
        rows = await connection.fetch(
            sql.statement("list_devices"), self._partition(subject_id), subject_id
        )
        return [self._installation(subject_id, row) for row in rows if row["wrapped_keys"]]

    def session(self, row: asyncpg.Record) -> Session | None:
        """From (subject_id, session_id, key version, state, wrapped keys); None = erased."""
        subject_id, session_id, key_version, state, wrapped, *_ = row
        if wrapped is None:
            return None
        keys = self._ring.look(subject_id, wrapped)
        return Session.FromString(open_sealed(keys, state, key_version, "sessions", session_id))

    def _installation(self, subject_id: str, row: asyncpg.Record) -> Installation:
        keys, name = self._ring.look(subject_id, row["wrapped_keys"]), row["installation_id"]
        plain = open_sealed(keys, row["state"], row["key_version"], "devices", name)
        return Installation(
            installation_id=name,
            device=Device.FromString(plain),
            status=row["status"],
            signed_out_ms=row["signed_out_ms"],
            last_seen_ms=row["last_seen_ms"],
            guest=row["guest"],
        )

    def _partition(self, subject_id: str) -> int:
        return partition_of(subject_id, self._partition_count)


def _seal_session(keys: SubjectKeys, session: Session) -> bytes:
    return seal(keys, session.SerializeToString(), "sessions", session.session_id)


def _seal_device(keys: SubjectKeys, session: Session) -> bytes:
    return seal(keys, session.device.SerializeToString(), "devices", session.installation_id)
