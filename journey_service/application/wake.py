"""What one watch waits on."""

from __future__ import annotations

import asyncio


class Wake:
    """As an asyncio.Event for one who waits until a time at most; that one's list of who waits
    would be the largest thing that an idle watch holds."""

    __slots__ = ("_is_set", "_waiter")

    def __init__(self) -> None:
        self._is_set = False
        self._waiter: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Wake whoever waits, or will wait next."""
        self._is_set = True
        if self._waiter is not None:
            _finish(self._waiter)

    def clear(self) -> None:
        """Wait again from now on."""
        self._is_set = False

    async def wait(self, until: float) -> None:
        """Until it is set, or the loop's time is `until` (seconds)."""
        if self._is_set:
            return
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        late = loop.call_at(until, _finish, waiter)
        try:
            await waiter
        finally:
            late.cancel()
            self._waiter = None


def _finish(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
