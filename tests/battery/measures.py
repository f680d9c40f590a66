"""How long nobody was served, as a client sees it."""

import asyncio
import time

from tests.battery.client import Batch
from tests.battery.content import line_added
from tests.battery.run import Run

PAUSE_S = 0.02
BACK_S = 30.0


class Outages:
    """Spans from a fault to the first recorded batch that was sent after it.

    A client of its own sends all the time, so that a fault may strike again whenever it likes;
    then the first span has no end and is left out.
    """

    def __init__(self, run: Run, address: str) -> None:
        self._run = run
        self._client = run.client("probe", address, run.access.back_end("probe"))
        self._struck: float | None = None
        self._served = asyncio.Event()
        self.seconds: list[float] = []

    async def probe(self, stopped: asyncio.Event) -> None:
        """Send one small batch after the other until told to stop."""
        while not stopped.is_set():
            batch = Batch("probe", [line_added(self._run.draw)])
            while not await self._recorded(batch):  # noqa: ASYNC110  it is sent again, not waited for
                await asyncio.sleep(PAUSE_S)
            await asyncio.sleep(PAUSE_S)

    def strike(self) -> None:
        """A fault strikes now."""
        self._struck = time.monotonic()
        self._served.clear()

    async def over(self) -> None:
        """Wait until a batch that was sent after the fault is recorded. `TimeoutError`: none is."""
        async with asyncio.timeout(BACK_S):
            await self._served.wait()

    def tell(self, what: str, *, at_most_s: float) -> None:
        """Note median and maximum. The limit binds in long mode: CI machines are shared."""
        ordered = sorted(self.seconds)
        if not ordered:
            self._run.invalid.append(f"{what}: no outage came to its end")
            return
        median, worst = ordered[len(ordered) // 2], ordered[-1]
        self._run.figure(what, f"p50 {median:.2f} s, max {worst:.2f} s, limit {at_most_s:.0f} s")
        if self._run.mode == "long":
            p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
            self._run.expect(p99 <= at_most_s, f"{what} took {p99:.2f} s (p99)")

    async def _recorded(self, batch: Batch) -> bool:
        await self._client.channel.channel_ready()
        sent = time.monotonic()
        end = await self._client.send(batch)
        self._run.expect(end.ok or end.again, f"the probe was refused: {end.code} {end.reason}")
        if end.ok and self._struck is not None and sent >= self._struck:
            self.seconds.append(time.monotonic() - self._struck)
            self._struck = None
            self._served.set()
        return end.ok
