"""Finding out what became of a commit whose answer was lost (rule R9).

    lost ──▶ end the old server process ──▶ take the same heads ──▶ is one row of the group there?

A group is written whole or not at all, so one row decides: the row itself, with the bytes that this
group sealed. That its event is recorded would say nothing, for a caller may have sent it again to
another process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from journey_service.domain.errors import JourneyError
from journey_service.store.postgres import sql
from journey_service.store.postgres.group import Draft
from journey_service.store.postgres.pool import LOST, Connection, Pool

_PAUSE_S = 0.1


class Doubt(Exception):
    """A group was sent and its answer was lost: perhaps it was written."""

    def __init__(self, draft: Draft, backend: int) -> None:
        super().__init__("the answer to a commit was lost")
        self.draft = draft
        self.backend = backend


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was found. `now_ms` = when it was recorded, if it was; `fenced` = if it was not, it
    never will be."""

    committed: bool
    now_ms: int = 0
    fenced: bool = False


async def resolve(
    pool: Pool, doubt: Doubt, *, limit_s: float, waited_for: Callable[[], bool]
) -> Resolution | None:
    """Look until it is known, the time is over (None), or nobody waits for it (None)."""
    loop = asyncio.get_running_loop()
    until = loop.time() + limit_s
    while loop.time() < until and waited_for():
        try:
            async with pool.connection() as connection:
                return await _look(connection, doubt)
        except (JourneyError, asyncpg.PostgresError, *LOST) as error:
            if isinstance(error, asyncio.CancelledError):
                raise
            await asyncio.sleep(_PAUSE_S)
    return None


async def _look(connection: Connection, doubt: Doubt) -> Resolution:
    fenced = await _fence(connection, doubt.backend)
    if not doubt.draft.rows:
        # Only watermarks: writing them again changes nothing.
        return Resolution(committed=False, fenced=fenced)
    partition, position, *_, sealed = doubt.draft.rows[0]
    partitions = sorted({stream.partition for stream in doubt.draft.touched()})
    async with connection.transaction(isolation="read_committed"):
        await connection.fetch(sql.statement("lock_heads_in_place"), partitions)
        now_ms = await connection.fetchval(sql.statement("find_event"), partition, position, sealed)
    return Resolution(committed=now_ms is not None, now_ms=now_ms or 0, fenced=fenced)


async def _fence(connection: Connection, backend: int) -> bool:
    try:
        ended = await connection.fetchval(sql.statement("end_backend"), backend)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return ended is None or bool(ended)
