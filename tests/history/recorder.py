"""What the clients of a fault run did and saw, written down outside the service.

One file of JSON lines per process, times in ns of CLOCK_MONOTONIC, which all processes of a
machine share. The lines:

| kind   | fields                                                                              |
|--------|-------------------------------------------------------------------------------------|
| call   | id proc rpc subject installation first_seq event_ids hashes expected_version attempt |
|        | connection t0                                                                       |
| result | id t1 outcome (ok, fail, unknown) code reason answers processed_seq current_version |
| item   | proc subject t events [[version, partition, position, event_id] …]                  |
| fault  | name phase (start, stop, instant) target t                                          |
| final  | subject events [[version, partition, position, event_id, installation_id, seq,      |
|        | hash, outcome, reason, type] …]: the stream in the end, as the API tells it         |
| table  | subject events [[version, partition, position, event_id] …]: as the database does   |
| heads  | heads {partition: head}: last position of every partition in the end                |

What consumers of groups add is in groups.py, what readers of the journal add in readers.py.

`answers` holds one [outcome, reason, duplicate, version, partition, position] per event id. A
call without a result is unknown.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

CallOutcome = Literal["ok", "fail", "unknown"]


class Answer(NamedTuple):
    """What a call said of one interaction. Outcome and reason are names without their prefix."""

    outcome: str
    reason: str
    duplicate: bool
    version: int
    partition: int
    position: int


class Recorder:
    """The file of one process. Lines are flushed one by one: what was sent is on record first."""

    def __init__(self, folder: Path, process: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.process = process
        self.ok = self.fail = self.unknown = self.faults = 0
        self._calls = 0
        path = folder / f"history-{process}.jsonl"
        self._file = path.open("a", buffering=1, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """No more lines."""
        self._file.close()

    def call(
        self,
        *,
        proc: str,
        rpc: str,
        subject: str,
        installation: str = "",
        first_seq: int = 0,
        event_ids: Sequence[str] = (),
        hashes: Sequence[str] = (),
        expected_version: int | None = None,
        attempt: int = 1,
        connection: str = "",
    ) -> str:
        """Note that a call is about to be sent. Returns its id."""
        self._calls += 1
        call_id = f"{self.process}-{self._calls}"
        self._write(
            kind="call",
            id=call_id,
            proc=proc,
            rpc=rpc,
            subject=subject,
            installation=installation,
            first_seq=first_seq,
            event_ids=list(event_ids),
            hashes=list(hashes),
            expected_version=expected_version,
            attempt=attempt,
            connection=connection,
            t0=time.monotonic_ns(),
        )
        return call_id

    def result(
        self,
        call_id: str,
        outcome: CallOutcome,
        *,
        code: str = "OK",
        reason: str = "",
        answers: Sequence[Answer] = (),
        processed_seq: int = 0,
        current_version: int | None = None,
    ) -> None:
        """Note how a call ended."""
        ended = time.monotonic_ns()
        setattr(self, outcome, getattr(self, outcome) + 1)
        self._write(
            kind="result",
            id=call_id,
            t1=ended,
            outcome=outcome,
            code=code,
            reason=reason,
            answers=answers,
            processed_seq=processed_seq,
            current_version=current_version,
        )

    def items(self, proc: str, subject: str, events: Sequence[tuple[int, int, int, str]]) -> None:
        """Note events that were read: (version, partition, position, event id)."""
        self._write(kind="item", proc=proc, subject=subject, t=time.monotonic_ns(), events=events)

    def fault(self, name: str, target: str = "", *, phase: str = "instant") -> None:
        """Note that something was broken on purpose, or mended (phase `stop`)."""
        self.faults += phase != "stop"
        self._write(kind="fault", name=name, phase=phase, target=target, t=time.monotonic_ns())

    @contextmanager
    def during(self, name: str, target: str = "") -> Iterator[None]:
        """Note a fault that lasts."""
        self.fault(name, target, phase="start")
        try:
            yield
        finally:
            self.fault(name, target, phase="stop")

    def final(self, subject: str, events: Sequence[Sequence[Any]]) -> None:
        """Note what the API says a stream holds in the end, or a part of it."""
        self._write(kind="final", subject=subject, events=events)

    def table(self, subject: str, events: Sequence[tuple[int, int, int, str]]) -> None:
        """Note what the database says it holds: (version, partition, position, event id)."""
        self._write(kind="table", subject=subject, events=events)

    def heads(self, heads: Mapping[int, int]) -> None:
        """Note the last position of every partition in the end."""
        self._write(kind="heads", heads={str(key): heads[key] for key in heads})

    def group(self, kind: str, name: str, **fields: object) -> None:
        """Note something of a group of consumers; groups.py lists the kinds."""
        self._write(kind=kind, group=name, **fields)

    def stream(self, reader: str, start: Mapping[int, int], wants: Sequence[str]) -> None:
        """Note that a reader is about to open a stream behind a checkpoint with these places."""
        told = {str(partition): position for partition, position in start.items() if position}
        now = time.monotonic_ns()
        self._write(kind="stream", reader=reader, t=now, start=told, wants=list(wants))

    def frame(
        self, reader: str, events: Sequence[tuple[int, int, str]], places: Mapping[int, int]
    ) -> None:
        """Note a frame: (partition, position, event id), and the places of its checkpoint that
        differ from the frame before."""
        told = {str(partition): position for partition, position in places.items()}
        now = time.monotonic_ns()
        self._write(kind="frame", reader=reader, t=now, events=events, places=told)

    def _write(self, **record: object) -> None:
        self._file.write(json.dumps(record, separators=(",", ":")) + "\n")
