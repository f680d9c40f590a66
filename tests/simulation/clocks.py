"""The clocks of a simulated device: one for the wall, wrong by years, and one that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.simulation.world import DAY_MS, World

YEAR_MS = 365 * DAY_MS


@dataclass(slots=True)
class Clocks:
    """Wall clock (`off_ms` from the truth) and one that counts since the last start."""

    world: World
    off_ms: int
    boots: int = 1
    booted_ms: int = 0
    paused_ms: int = 0
    mono_pauses: bool = False
    sample_ms: int | None = None

    def wall_ms(self) -> int:
        return max(0, self.world.now_ms + self.off_ms)

    def mono_ms(self) -> int:
        return self.world.now_ms - self.booted_ms - self.paused_ms

    def boot(self, name: str) -> str:
        return f"{name}-{self.boots}"

    def disturb(self) -> None:
        """A start, a step of the wall clock, or a long sleep."""
        draw = self.world.draw
        match draw.randrange(4):
            case 0:
                self.boots += 1
                self.booted_ms, self.paused_ms = self.world.now_ms, 0
                self.sample_ms = None
                if draw.random() < 0.3:
                    self.off_ms = -self.world.now_ms + 946_684_800_000
            case 1:
                self.off_ms = wrong(draw)
                self.sample_ms = None
            case 2 if self.mono_pauses:
                self.paused_ms += draw.randrange(
                    max(1, self.world.now_ms - self.booted_ms - self.paused_ms)
                )
            case _:
                self.off_ms += draw.randint(-3_000, 3_000)


def wrong(draw: Any) -> int:
    """How far a wall clock is off, ms."""
    return int(draw.choice((0, 0, draw.randint(-90_000, 90_000), draw.randint(-10, 10) * YEAR_MS)))
