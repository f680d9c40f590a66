"""What an import has done so far, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

# Shown as long as anything is left to do: rounded, it is not yet 100 %.
_NEARLY = 0.99


@dataclass(slots=True)
class ChannelFigures:
    """Of one channel: rows of the file that are recorded or known, and events made of them now."""

    rows: int = 0
    events: int = 0


@dataclass(slots=True)
class Figures:
    """Rows read = recorded + known + rejected + ignored, once the import is done.

    A row is recorded when something of it is new, known when all of it was recorded before;
    `earlier` of the known ones were answered in an earlier run and not sent again. `events` counts
    by outcome: recorded (new), known (adds nothing), quarantined, rejected. `types` counts new
    events by dotted name. `share` of the file is done, as far as one can tell; `seconds` it took.
    """

    rows: int = 0
    recorded: int = 0
    known: int = 0
    earlier: int = 0
    rejected: int = 0
    ignored: int = 0
    events: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    channels: dict[str, ChannelFigures] = field(default_factory=dict)
    share: float = 0.0
    seconds: float = 0.0

    @property
    def answered(self) -> int:
        """Rows of which it is known what became of them; the others are read and on their way."""
        return self.recorded + self.known + self.rejected + self.ignored

    @property
    def rows_per_second(self) -> float:
        """Rows answered in each second of this run."""
        return (self.answered - self.earlier) / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float:
        """Time left at this rate for the rows that the file seems to have."""
        rate = self.rows_per_second
        if not self.share or not rate:
            return float("inf")
        return self.answered * (1 - self.share) / self.share / rate

    def estimate(self, read: float) -> None:
        """Set `share`, `read` of the file's bytes being read: reading runs ahead of answers."""
        done = self.answered / self.rows if self.rows else 0.0
        self.share = min(_NEARLY, done * read)

    def of_channel(self, name: str) -> ChannelFigures:
        """The figures of one channel."""
        return self.channels.setdefault(name, ChannelFigures())
