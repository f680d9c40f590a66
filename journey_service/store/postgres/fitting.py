"""Whether there is a journal, and whether the keys that a start brings are its own."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from journey_service.domain.errors import EventUnreadable
from journey_service.domain.identity import identity_check
from journey_service.store.keys import KeyRing
from journey_service.store.postgres import sql
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.errors import DatabaseUnfit
from journey_service.store.postgres.pool import Connection

_BRING = "Bring the folder `secrets` of the data directory that it was written with."


async def read_journal(connection: Connection) -> tuple[str, int]:
    """The journal's id and its number of partitions. Raises DatabaseUnfit."""
    row = await connection.fetchrow(sql.statement("read_journal"))
    if row is None:
        raise DatabaseUnfit(
            "journey: there is no journal in this database. Nothing was changed. Run "
            '"journey migrate" first.'
        )
    return row["journal_id"], row["partition_count"]


async def try_master_keys(connection: Connection, ring: KeyRing, partitions: int) -> None:
    """With other keys everything that is there would be unreadable, and the rest soon lost.

    Several subjects are tried, because the keys of one may be damaged.
    """
    rows = await connection.fetch(sql.statement("read_any_keys"), [*range(partitions)])
    if rows and not any(_opens(ring, row["subject_id"], row["wrapped_keys"]) for row in rows):
        raise DatabaseUnfit(
            "journey: this database was written under other master keys. Nothing was changed. "
            f"{_BRING}"
        )


def _opens(ring: KeyRing, subject_id: str, wrapped: Sequence[bytes]) -> bool:
    try:
        ring.unwrap(subject_id, wrapped)
    except EventUnreadable:
        return False
    return True


async def try_identity_key(
    connection: Connection, journal_id: str, identity_key: bytes, guard: DurabilityGuard
) -> None:
    """With another key every customer would be a new one, silently.

    The first start that brings a key notes its check; a database that may lose it is left alone.
    """
    mine = identity_check(identity_key, journal_id)
    noted = await connection.fetchval(sql.statement("read_identity_check"))
    if noted is None and guard.writable:
        await connection.execute(sql.statement("note_identity_check"), mine)
        # Another process may have been first, with another key.
        noted = await connection.fetchval(sql.statement("read_identity_check"))
    if noted is not None and not hmac.compare_digest(noted, mine):
        raise DatabaseUnfit(
            "journey: this database was written under another identity key: nobody would be "
            f"recognised. Nothing was changed. {_BRING}"
        )
