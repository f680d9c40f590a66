"""What readers of the journal were sent, and where each frame said that they stood.

The lines that readers add to a history, times as in recorder.py:

| kind   | fields                                                                              |
|--------|-------------------------------------------------------------------------------------|
| stream | reader t start {partition: position} wants (all, or outcome names): is about to be  |
|        | opened behind the checkpoint with these places; a partition that is missing is at 0 |
| frame  | reader t events [[partition, position, event_id] …] places {partition: position}:   |
|        | those of its checkpoint that differ from the frame before                           |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

KINDS = frozenset({"stream", "frame"})
Places = Mapping[int, int]


class Opened(NamedTuple):
    """A stream is about to be opened."""

    t: int
    start: Places
    wants: frozenset[str]


class Frame(NamedTuple):
    """A frame came."""

    t: int
    events: tuple[tuple[int, int, str], ...]
    places: Places


@dataclass(slots=True)
class ReaderHistory:
    """Everything noted of one reader, in order."""

    name: str
    noted: list[Opened | Frame] = field(default_factory=list)

    def take(self, record: Mapping[str, Any]) -> int:
        """Take a line; returns how many events came with it."""
        if record["kind"] == "stream":
            start = _places(record["start"])
            self.noted.append(Opened(record["t"], start, frozenset(record["wants"])))
            return 0
        events = tuple((part, position, event_id) for part, position, event_id in record["events"])
        self.noted.append(Frame(record["t"], events, _places(record["places"])))
        return len(events)


def _places(told: Mapping[str, int]) -> dict[int, int]:
    return {int(partition): position for partition, position in told.items()}
