"""Histories of a service that keeps its promises, drawn from a seed.

A small model of the journal stands for the service; calls overlap, answers get lost, clients
send again, refusals happen. The checker must find nothing in these.
"""

import heapq
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.history.recorder import Answer
from tests.history.truthful_groups import group_records
from tests.history.truthful_readers import reader_records

Record = dict[str, Any]


@dataclass
class _Row:
    version: int
    position: int
    event_id: str
    installation: str
    seq: int
    hash: str


@dataclass
class _Call:
    id: str
    writer: "_Writer"
    event_ids: list[str]
    hashes: list[str]
    first_seq: int
    expected: int | None
    attempt: int = 1


@dataclass
class _Writer:
    """A client: a device with a sequence, or a back end with or without conditions."""

    name: str
    subject: str
    installation: str = ""
    conditional: bool = False
    next_seq: int = 1
    head: int = 0
    proc: int = 0
    old_ids: list[str] = field(default_factory=list)


class _Journal:
    """The truth: streams, partitions, watermarks."""

    def __init__(self, partition_count: int) -> None:
        self.partition_count = partition_count
        self.streams: dict[str, list[_Row]] = {}
        self.heads = dict.fromkeys(range(partition_count), 0)
        self.known: dict[tuple[str, str], _Row] = {}
        self.processed: dict[tuple[str, str], int] = {}

    def partition(self, subject: str) -> int:
        return zlib.crc32(subject.encode()) % self.partition_count

    def append(self, call: _Call) -> Record:
        """Decide and store; returns the fields of the result."""
        writer = call.writer
        stream = self.streams.setdefault(writer.subject, [])
        news = [one for one in call.event_ids if (writer.subject, one) not in self.known]
        if news and call.expected is not None and call.expected != len(stream):
            return {
                "outcome": "fail",
                "code": "ABORTED",
                "reason": "VERSION_CONFLICT",
                "answers": [],
                "processed_seq": 0,
                "current_version": len(stream),
            }
        answers = [self._place(call, index, stream) for index in range(len(call.event_ids))]
        key = (writer.subject, writer.installation)
        if call.first_seq:
            last = call.first_seq + len(call.event_ids) - 1
            self.processed[key] = max(self.processed.get(key, 0), last)
        return {
            "outcome": "ok",
            "code": "OK",
            "reason": "",
            "answers": answers,
            "processed_seq": self.processed.get(key, 0),
            "current_version": None,
        }

    def _place(self, call: _Call, index: int, stream: list[_Row]) -> Answer:
        writer = call.writer
        key = (writer.subject, call.event_ids[index])
        row = self.known.get(key)
        partition = self.partition(writer.subject)
        duplicate = row is not None
        if row is None:
            self.heads[partition] += 1
            seq = call.first_seq + index if call.first_seq else 0
            row = self.known[key] = _Row(
                len(stream) + 1,
                self.heads[partition],
                call.event_ids[index],
                writer.installation if call.first_seq else "",
                seq,
                call.hashes[index],
            )
            stream.append(row)
        if row.hash != call.hashes[index]:
            return Answer(
                "REJECTED", "EVENT_ID_REUSED", duplicate=False, version=0, partition=0, position=0
            )
        return Answer("ACCEPTED", "", duplicate, row.version, partition, row.position)


class _Simulation:
    """Writers, the journal and time: a heap of things to happen."""

    def __init__(self, seed: int, subjects: int, operations: int, readers: int) -> None:
        self.draw = random.Random(seed)
        self.journal = _Journal(partition_count=8)
        self.records: list[Record] = []
        self.left = operations
        self.readers = readers
        self.now = 1_000_000
        self.heap: list[tuple[int, int, Callable[[], None]]] = []
        self.numbers = 0
        for number in range(subjects):
            subject = f"subject-{number}"
            for writer in (
                _Writer(f"device-{number}a", subject, f"installation-{number}a"),
                _Writer(f"device-{number}b", subject, f"installation-{number}b"),
                _Writer(f"service-{number}", subject),
                _Writer(f"careful-{number}", subject, conditional=True),
            ):
                self.later(partial(self.send_new, writer))

    def later(self, happen: Callable[[], None]) -> None:
        """Let something happen after 1 to 1,000 ns."""
        self.numbers += 1
        due = self.now + self.draw.randint(1, 1_000)
        heapq.heappush(self.heap, (due, self.numbers, happen))

    def run(self) -> list[Record]:
        """Play everything, then tell how it ended."""
        while self.heap:
            self.now, _, happen = heapq.heappop(self.heap)
            happen()
        return self.records + self.observed() + self.ended()

    def send_new(self, writer: _Writer) -> None:
        if self.left <= 0:
            return
        size = self.draw.choice((1, 1, 1, 2, 3))
        event_ids = [self.new_id() for _ in range(size)]
        if writer.installation and writer.old_ids and self.draw.random() < 0.02:
            event_ids[-1] = self.draw.choice(writer.old_ids)
        writer.old_ids += event_ids
        call = _Call(
            "",
            writer,
            event_ids,
            [f"{self.draw.getrandbits(64):016x}" for _ in event_ids],
            writer.next_seq if writer.installation else 0,
            writer.head if writer.conditional else None,
        )
        if writer.installation:
            writer.next_seq += size
        self.send(call)

    def new_id(self) -> str:
        return f"{self.draw.getrandbits(128):032x}"

    def send(self, call: _Call) -> None:
        self.left -= 1
        self.numbers += 1
        call.id = f"model-{self.numbers}"
        writer = call.writer
        self.records.append(
            {
                "kind": "call",
                "id": call.id,
                "proc": f"{writer.name}.{writer.proc}",
                "rpc": "Record",
                "subject": writer.subject,
                "installation": writer.installation,
                "first_seq": call.first_seq,
                "event_ids": call.event_ids,
                "hashes": call.hashes,
                "expected_version": call.expected,
                "attempt": call.attempt,
                "connection": "model",
                "t0": self.now,
            }
        )
        fate = self.draw.random()
        if fate < 0.03:
            self.later(lambda: self.lose(call))
        elif fate < 0.05:
            self.later(lambda: self.refuse(call))
        else:
            answered = fate > 0.08
            self.later(lambda: self.arrive(call, answered=answered))

    def arrive(self, call: _Call, *, answered: bool) -> None:
        result = self.journal.append(call)
        if answered:
            self.later(lambda: self.answer(call, result))
        else:
            self.later(lambda: self.lose(call))

    def lose(self, call: _Call) -> None:
        """The client does not learn what became of the call, and sends it again."""
        self.end(call, outcome="unknown", code="UNAVAILABLE", reason="OUTCOME_UNKNOWN")
        call.writer.proc += 1
        self.again(call)

    def refuse(self, call: _Call) -> None:
        """Nothing was done; a back end gives up now and then."""
        self.end(call, outcome="fail", code="UNAVAILABLE", reason="STORAGE_UNAVAILABLE")
        if call.writer.installation or self.draw.random() < 0.5:
            self.again(call)
        else:
            self.later(lambda: self.send_new(call.writer))

    def again(self, call: _Call) -> None:
        repeat = _Call(**{**vars(call), "attempt": call.attempt + 1})
        self.later(lambda: self.send(repeat))

    def answer(self, call: _Call, result: Record) -> None:
        self.end(call, **result)
        writer = call.writer
        if result["current_version"] is not None:
            writer.head = result["current_version"]
        elif result["outcome"] == "ok":
            writer.head = max(writer.head, *(one.version for one in result["answers"]))
        if result["outcome"] == "ok" and self.draw.random() < 0.05:
            self.again(call)  # a repeat that nothing called for
        else:
            self.later(lambda: self.send_new(writer))

    def end(self, call: _Call, **fields: Any) -> None:
        empty: Record = {"answers": [], "processed_seq": 0, "current_version": None}
        result = {"kind": "result", "id": call.id, "t1": self.now, **empty, **fields}
        self.records.append(result)

    def observed(self) -> list[Record]:
        """What readers saw, some of them twice."""
        return [
            {
                "kind": "item",
                "proc": f"reader-{reader}",
                "subject": subject,
                "t": self.now,
                "events": [
                    [row.version, self.journal.partition(subject), row.position, row.event_id]
                    for row in rows
                ],
            }
            for reader in range(self.readers)
            for subject, rows in self.journal.streams.items()
        ]

    def ended(self) -> list[Record]:
        records: list[Record] = [{"kind": "heads", "heads": self.journal.heads}]
        for subject, rows in self.journal.streams.items():
            partition = self.journal.partition(subject)
            records += [
                {
                    "kind": "final",
                    "subject": subject,
                    "events": [
                        [
                            row.version,
                            partition,
                            row.position,
                            row.event_id,
                            row.installation,
                            row.seq,
                            row.hash,
                            "ACCEPTED",
                            "",
                            "cart.line_added",
                        ]
                        for row in rows
                    ],
                },
                {
                    "kind": "table",
                    "subject": subject,
                    "events": [
                        [row.version, partition, row.position, row.event_id] for row in rows
                    ],
                },
            ]
        return records


def truthful_history(
    seed: int, *, subjects: int = 4, operations: int = 400, readers: int = 2
) -> list[Record]:
    """Records as the recorder writes them, of about `operations` calls."""
    records = _Simulation(seed, subjects, operations, readers).run()
    return [*records, *group_records(seed, records), *reader_records(seed, records)]
