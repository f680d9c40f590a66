"""What a lie is made of: a change to the records of a history, and places to make it.

A lie changes records in place and may use the given source of chance to choose where.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Record = dict[str, Any]
Records = list[Record]

VERSION, PARTITION, POSITION, EVENT_ID, INSTALLATION, SEQ, HASH = range(7)


class Lie(NamedTuple):
    """A change that makes a history untrue, and who must say so in which words."""

    rule: str
    words: str
    tell: Callable[[Records, random.Random], None]

    @property
    def name(self) -> str:
        """As the function is called."""
        return self.tell.__name__


LIES: list[Lie] = []


def lie(rule: str, words: str) -> Callable[[Callable[[Records, random.Random], None]], None]:
    """Put a function into `LIES`: findings of `rule` must hold `words`."""

    def add(tell: Callable[[Records, random.Random], None]) -> None:
        LIES.append(Lie(rule, words, tell))

    return add


# --- finding a place to lie ----------------------------------------------------------------------


def records_of(records: Records, kind: str) -> list[Record]:
    """All of one kind."""
    return [record for record in records if record["kind"] == kind]


def results_by_id(records: Records) -> dict[str, Record]:
    """How each call ended."""
    return {record["id"]: record for record in records_of(records, "result")}


def ok_calls(records: Records) -> list[tuple[Record, Record]]:
    """Calls that were answered ok, with their results, in the order of sending."""
    results = results_by_id(records)
    return [
        (call, results[call["id"]])
        for call in records_of(records, "call")
        if call["id"] in results and results[call["id"]]["outcome"] == "ok"
    ]


def single_calls(records: Records) -> list[tuple[Record, Record]]:
    """Ok calls whose interactions were attempted this once and are stored."""
    attempts = Counter(
        event_id for call in records_of(records, "call") for event_id in call["event_ids"]
    )
    return [
        (call, result)
        for call, result in ok_calls(records)
        if all(attempts[event_id] == 1 for event_id in call["event_ids"])
        and all(answer[3] for answer in result["answers"])
    ]


def readings_of(records: Records, subject: str) -> Iterator[list[list[Any]]]:
    """Everything that anybody read of a subject: rows begin with version, partition, position."""
    for record in records:
        if record["kind"] in {"item", "final", "table"} and record["subject"] == subject:
            yield record["events"]


def long_final(records: Records, draw: random.Random) -> Record:
    """A stream with enough in it."""
    return draw.choice([one for one in records_of(records, "final") if len(one["events"]) > 20])


def forget(records: Records, subject: str, gone: Callable[[list[Any]], bool]) -> None:
    """Let nobody have read some rows of a stream."""
    for events in readings_of(records, subject):
        events[:] = [row for row in events if not gone(row)]


def two_of_one_installation(record: Record, draw: random.Random) -> tuple[list[Any], list[Any]]:
    """Neighbours by seq."""
    installation = draw.choice(sorted({row[INSTALLATION] for row in record["events"]} - {""}))
    rows = [row for row in record["events"] if row[INSTALLATION] == installation]
    first = draw.randrange(len(rows) - 1)
    return rows[first], rows[first + 1]
