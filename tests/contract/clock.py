"""What every clock does."""

from __future__ import annotations

import asyncio
import time

from tests.contract.acts import Store


class ClockContract:
    """Database time; in tests the database is on this machine."""

    async def test_it_tells_ms_since_1970(self, store: Store) -> None:
        assert abs(store.clock.now_ms() - time.time() * 1_000) < 1_000

    async def test_it_goes_on(self, store: Store) -> None:
        before = store.clock.now_ms()
        await asyncio.sleep(0.02)
        assert 15 <= store.clock.now_ms() - before < 5_000

    async def test_it_tells_what_it_was_at_a_moment_before(self, store: Store) -> None:
        before, moment_s = store.clock.now_ms(), time.monotonic()
        # Without a pause, in which the database's clock could be looked at anew.
        told, after = store.clock.ms_at(moment_s - 1), store.clock.now_ms()
        assert before - 2 <= told + 1_000 <= after + 2, "each is rounded to 1 ms"
