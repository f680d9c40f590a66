"""What states are found by: hashes of the values, which do not give the values away."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from journey_service.ports import PartitionLease, StateRow
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection

HASH_BYTES = 16


def hashed(index_key: bytes, field: str, value: str) -> bytes:
    """What is stored of a value by which states are found; it does not give the value away."""
    content = b"\0".join([b"index", field.encode(), value.encode()])
    return hmac.digest(index_key, content, hashlib.sha256)[:HASH_BYTES]


async def save_index(
    connection: Connection, index_key: bytes, lease: PartitionLease, rows: Sequence[StateRow]
) -> None:
    """Put right by what changed states are found; nothing for projections that declare nothing."""
    changed = [row for row in rows if row.index is not None]
    if not changed:
        return
    entries = [
        (field, hashed(index_key, field, value), row.subject_id, row.key)
        for row in changed
        for field, value in row.index or ()
    ]
    await connection.execute(
        sql.statement("save_index"),
        lease.partition,
        lease.projection,
        lease.generation,
        [row.subject_id for row in changed],
        [row.key for row in changed],
        *sql.columns(4, entries),
    )
