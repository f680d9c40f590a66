"""What an import has done so far, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class ChannelFigures:
    """Of one channel: rows of the file that are recorded, and events made of them now."""

    rows: int = 0
    events: int = 0


@dataclass(slots=True)
class Figures:
    """Rows read = recorded + rejected + ignored, once the import is done.

    `earlier` of the recorded ones were answered in an earlier run. `events` counts by outcome:
    recorded (new), known (recorded before: adds nothing), quarantined, rejected. `types` counts
    new events by dotted name. `share` of the file was read; `seconds` it took.
    """

    rows: int = 0
    recorded: int = 0
    earlier: int = 0
    rejected: int = 0
    ignored: int = 0
    events: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    channels: dict[str, ChannelFigures] = field(default_factory=dict)
    share: float = 0.0
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> float:
        """Rows read in each second so far."""
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float:
        """Time left by the share of the file that was read."""
        return self.seconds * (1 - self.share) / self.share if self.share else float("inf")

    def of_channel(self, name: str) -> ChannelFigures:
        """The figures of one channel."""
        return self.channels.setdefault(name, ChannelFigures())
