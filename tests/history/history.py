"""A recorded history, grouped by subject for the rules.

Built line by line and kept small: event ids and hashes are shared, and what two sources or two
readers agree on is kept once.
"""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.history import readers
from tests.history.groups import KINDS, GroupHistory
from tests.history.readers import ReaderHistory
from tests.history.recorder import Answer


class Call:
    """One call with its end. `outcome` is unknown until a result says otherwise."""

    __slots__ = (
        "answers",
        "current_version",
        "event_ids",
        "expected_version",
        "first_seq",
        "hashes",
        "id",
        "installation",
        "outcome",
        "processed_seq",
        "reason",
        "rpc",
        "t0",
        "t1",
    )

    def __init__(self, record: Mapping[str, Any], shared: dict[str, str]) -> None:
        share = shared.setdefault
        self.id: str = record["id"]
        self.rpc = share(record["rpc"], record["rpc"])
        self.installation = share(record["installation"], record["installation"])
        self.first_seq: int = record["first_seq"]
        self.event_ids = tuple([share(one, one) for one in record["event_ids"]])
        self.hashes = tuple(record["hashes"])
        self.expected_version: int | None = record["expected_version"]
        self.t0: int = record["t0"]
        self.t1: int | None = None
        self.outcome = "unknown"
        self.reason = ""
        self.answers: tuple[Answer, ...] = ()
        self.processed_seq = 0
        self.current_version: int | None = None

    def end(self, record: Mapping[str, Any], shared: dict[str, str]) -> None:
        """Take the result."""
        share = shared.setdefault
        self.t1 = record["t1"]
        self.outcome = share(record["outcome"], record["outcome"])
        self.reason = share(record["reason"], record["reason"])
        self.answers = tuple(
            [
                Answer(share(outcome, outcome), share(reason, reason), *rest)
                for outcome, reason, *rest in record["answers"]
            ]
        )
        self.processed_seq = record["processed_seq"]
        self.current_version = record["current_version"]

    def seq(self, index: int) -> int:
        """The sequence number of one interaction; 0 = none."""
        return self.first_seq + index if self.first_seq else 0


class Stored(NamedTuple):
    """An event as it stood in the end. `hash` is empty where the source cannot tell."""

    version: int
    partition: int
    position: int
    event_id: str
    installation: str
    seq: int
    hash: str
    outcome: str
    reason: str
    type: str


class Place(NamedTuple):
    """Where somebody saw an event."""

    event_id: str
    partition: int
    position: int


@dataclass(slots=True)
class Stream:
    """Everything recorded of one subject.

    `stored` is in the order of reading, `rows` is how many rows the database has, None = nobody
    looked. `seen` is where whoever looked first saw each version; `contradictions` hold what
    others saw there instead.
    """

    subject: str
    calls: list[Call] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    seen: dict[int, Place] = field(default_factory=dict)
    contradictions: list[tuple[int, Place]] = field(default_factory=list)
    rows: int | None = None


@dataclass(slots=True)
class History:
    """All streams, groups and readers, the heads in the end, and how much was noted."""

    streams: dict[str, Stream] = field(default_factory=dict)
    groups: dict[str, GroupHistory] = field(default_factory=dict)
    readers: dict[str, ReaderHistory] = field(default_factory=dict)
    heads: dict[int, int] | None = None
    faults: int = 0
    observations: int = 0

    def stream(self, subject: str) -> Stream:
        """The stream of a subject, made if need be."""
        found = self.streams.get(subject)
        if found is None:
            found = self.streams[subject] = Stream(subject)
        return found

    def group(self, name: str) -> GroupHistory:
        """What was noted of a group, made if need be."""
        found = self.groups.get(name)
        if found is None:
            found = self.groups[name] = GroupHistory(name)
        return found

    def reader(self, name: str) -> ReaderHistory:
        """What was noted of a reader of the journal, made if need be."""
        found = self.readers.get(name)
        if found is None:
            found = self.readers[name] = ReaderHistory(name)
        return found

    def count(self, outcome: str) -> int:
        """Calls that ended so."""
        calls = (call for stream in self.streams.values() for call in stream.calls)
        return sum(call.outcome == outcome for call in calls)


def load(folder: Path) -> History:
    """Read every file of a run. A last line cut short by a kill is left out."""
    with no_collection():
        return gather(_records(folder))


@contextmanager
def no_collection() -> Iterator[None]:
    """Millions of small values without a cycle among them: looking for one doubles the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def gather(records: Iterable[Mapping[str, Any]]) -> History:
    """Group records into a history. Results must come after their calls."""
    history = History()
    shared: dict[str, str] = {}
    calls: dict[str, Call] = {}
    for record in records:
        match record["kind"]:
            case "call":
                call = calls[record["id"]] = Call(record, shared)
                history.stream(record["subject"]).calls.append(call)
            case "result":
                calls.pop(record["id"]).end(record, shared)
            case "item":
                history.observations += len(record["events"])
                _look(history.stream(record["subject"]), record["events"], shared)
            case "final":
                _keep(history.stream(record["subject"]), record["events"], shared)
            case "table":
                stream = history.stream(record["subject"])
                stream.rows = (stream.rows or 0) + len(record["events"])
                _look(stream, record["events"], shared)
            case "heads":
                history.heads = {int(key): head for key, head in record["heads"].items()}
            case "fault":
                history.faults += record["phase"] != "stop"
            case kind if kind in readers.KINDS:
                history.observations += history.reader(record["reader"]).take(record)
            case kind if kind in KINDS:
                history.observations += kind == "delivery"
                history.group(record["group"]).take(record)
            case kind:
                raise ValueError(f"a history has no records of kind {kind!r}")
    return history


def _records(folder: Path) -> Iterator[Mapping[str, Any]]:
    paths = sorted(folder.glob("history-*.jsonl"))
    if not paths:
        raise FileNotFoundError(f"no history-*.jsonl in {folder}")
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield json.loads(line)


def _look(stream: Stream, events: Iterable[list[Any]], shared: dict[str, str]) -> None:
    seen = stream.seen
    for version, partition, position, event_id in events:
        before = seen.get(version)
        if before is None:
            seen[version] = Place(shared.setdefault(event_id, event_id), partition, position)
        elif before != (event_id, partition, position):
            stream.contradictions.append((version, Place(event_id, partition, position)))


def _keep(stream: Stream, events: Iterable[list[Any]], shared: dict[str, str]) -> None:
    share = shared.setdefault
    stream.stored += [
        Stored(
            version,
            partition,
            position,
            share(event_id, event_id),
            share(installation, installation),
            seq,
            content,
            *[share(text, text) for text in texts],
        )
        for version, partition, position, event_id, installation, seq, content, *texts in events
    ]
