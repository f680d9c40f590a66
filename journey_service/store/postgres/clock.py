"""Database time without asking each time: a sample of it, carried on by our monotonic clock.

Jumps of this machine's wall clock change nothing.
"""

from __future__ import annotations

import time

from journey_service.domain.errors import StorageUnavailable
from journey_service.settings import Settings
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection


class PostgresClock:
    """See ports.Clock."""

    def __init__(self, settings: Settings) -> None:
        self._life_s = settings.clock_sample_life_ms / 1_000
        self._sampled_s = float("-inf")
        self._offset_ms = 0.0

    def now_ms(self) -> int:
        """See ports.Clock."""
        return self.ms_at(time.monotonic())

    def ms_at(self, moment_s: float) -> int:
        """See ports.Clock."""
        if moment_s - self._sampled_s > self._life_s:
            raise StorageUnavailable(
                "The database's clock was not seen for too long; nothing was done."
            )
        return int(moment_s * 1_000 + self._offset_ms)

    async def sample(self, connection: Connection) -> None:
        """Look at the database's clock; the middle of the round trip is when it was read."""
        before_s = time.monotonic()
        database_ms = await connection.fetchval(sql.statement("read_clock"))
        after_s = time.monotonic()
        self._offset_ms = database_ms - (before_s + after_s) * 500
        self._sampled_s = after_s
