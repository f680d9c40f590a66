"""An event loop for tests of what takes minutes: it passes over time in which nothing happens."""

import asyncio
import selectors
from collections.abc import Coroutine


class SkippingSelector(selectors.SelectSelector):
    """Passes over the time in which nothing happens, instead of waiting for its end."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes as fast as the processor lets it."""

    def __init__(self) -> None:
        self._skipping = SkippingSelector()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now


def in_virtual_time(played: Coroutine[None, None, None]) -> None:
    """Run it to its end; `loop.time()` and sleeps are virtual."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(played)
