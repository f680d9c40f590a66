"""What consumers of a group were given, what they said of it, and what others saw of its progress.

The lines that consumers add to a history, times as in recorder.py:

| kind      | fields                                                                           |
|-----------|----------------------------------------------------------------------------------|
| group     | group hold max_attempts: it consumes all accepted events, from the beginning     |
| delivery  | group consumer t delivery_id subject version partition position event_id attempt |
|           | epoch replayed                                                                   |
| settle    | group t delivery_id how (ack, skip, retry, park): about to be sent               |
| settled   | group t delivery_id reason (empty: it counts) again: on another stream than the  |
|           | one it was said on, so that it may have counted there                            |
| progress  | group t checkpoints {partition: position}: t is when the look at them ended      |
| discarded | group events [[partition, position] …]                                           |
| aside     | group events [[partition, position] …]: parked in the end, when nothing is left  |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

KINDS = frozenset({"group", "delivery", "settle", "settled", "progress", "discarded", "aside"})
At = tuple[int, int]


class Given(NamedTuple):
    """One delivery as its consumer got it."""

    consumer: str
    t: int
    delivery_id: str
    subject: str
    version: int
    partition: int
    position: int
    event_id: str
    attempt: int
    epoch: int
    replayed: bool

    @property
    def at(self) -> At:
        """Where its event is."""
        return (self.partition, self.position)


class Said(NamedTuple):
    """What a consumer said of a delivery, and when it began to say it."""

    t: int
    how: str


@dataclass(slots=True)
class GroupHistory:
    """Everything noted of a group. `aside` is None while it was not seen at rest."""

    name: str
    hold: bool = True
    max_attempts: int = 10
    given: list[Given] = field(default_factory=list)
    said: dict[str, list[Said]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    progress: list[tuple[int, dict[int, int]]] = field(default_factory=list)
    discarded: set[At] = field(default_factory=set)
    aside: set[At] | None = None

    def take(self, record: Mapping[str, Any]) -> None:
        """Keep one line."""
        match record["kind"]:
            case "group":
                self.hold, self.max_attempts = record["hold"], record["max_attempts"]
            case "delivery":
                self.given.append(Given(*[record[name] for name in Given._fields]))
            case "settle":
                said = Said(record["t"], record["how"])
                self.said.setdefault(record["delivery_id"], []).append(said)
            case "settled":
                self.answers[record["delivery_id"]] = record["reason"]
                if record.get("again"):
                    self.unsure.add(record["delivery_id"])
            case "progress":
                seen = {int(key): place for key, place in record["checkpoints"].items()}
                self.progress.append((record["t"], seen))
            case "discarded":
                self.discarded.update(map(tuple, record["events"]))
            case "aside":
                self.aside = set(map(tuple, record["events"]))
