"""How long nobody was served, as a client sees it."""

import time

from tests.battery.client import Batch, Client
from tests.battery.content import line_added
from tests.battery.run import Run


class Outages:
    """Spans from a fault to the first recorded batch that was sent after it."""

    def __init__(self, run: Run, address: str) -> None:
        self._run = run
        self._client: Client = run.client("probe", address, run.access.back_end("probe"))
        self._began = 0.0
        self.seconds: list[float] = []

    def began(self) -> None:
        """A fault strikes now."""
        self._began = time.monotonic()

    async def over(self) -> None:
        """Wait until a batch is recorded, and note how long that took."""
        batch = Batch("probe", [line_added(self._run.draw)])
        end = await self._client.settle(batch, patience_s=30)
        self._run.expect(end.ok, f"the probe was refused: {end.code} {end.reason}")
        self.seconds.append(time.monotonic() - self._began)

    def tell(self, what: str, *, at_most_s: float) -> None:
        """Note median and maximum. The limit binds in long mode: CI machines are shared."""
        ordered = sorted(self.seconds)
        median, worst = ordered[len(ordered) // 2], ordered[-1]
        self._run.figure(what, f"p50 {median:.2f} s, max {worst:.2f} s, limit {at_most_s:.0f} s")
        if self._run.mode == "long":
            p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
            self._run.expect(p99 <= at_most_s, f"{what} took {p99:.2f} s (p99)")
