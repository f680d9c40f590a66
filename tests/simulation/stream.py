"""An open watch of a simulated device, taken without waiting for anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from journey.v1.journey_service_pb2 import WatchResponse
from journey_service.application import Application
from tests.guarantees.devices import Copy
from tests.simulation.world import World

# Turns of the event loop in which a stream says all that it has to say.
TURNS = 12


class Stream:
    """An open watch. Its frames are taken as far as there are any."""

    def __init__(
        self, world: World, node: Application, frames: AsyncIterator[WatchResponse], copy: Copy
    ) -> None:
        self._world = world
        self.node = node
        self.ended = False
        self._frames: Any = frames
        self._copy = copy
        self._next: asyncio.Future[WatchResponse] | None = None

    async def pump(self) -> None:
        """Take frames until there are no more for now."""
        while not self.ended:
            if self._next is None:
                self._next = asyncio.ensure_future(anext(self._frames))
            for _ in range(TURNS):
                if self._next.done():
                    break
                await self._world.turn()
            if not self._next.done():
                return
            taken, self._next = self._next, None
            try:
                self._copy.apply(taken.result())
            except StopAsyncIteration:
                self.ended = True

    async def close(self) -> None:
        """Hang up, whatever it waits for."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.wait([self._next])
            self._next = None
        await self._frames.aclose()
