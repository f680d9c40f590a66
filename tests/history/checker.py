"""Check a history: streams, then partitions, then groups and readers, one by one."""

from collections.abc import Iterator

from tests.history.findings import Finding
from tests.history.group_rules import OF_GROUPS, GroupCase
from tests.history.history import Call, History, Stored, no_collection
from tests.history.reader_rules import readers_are_sent_everything_once
from tests.history.rules import OF_STREAMS, Case, positions_are_dense

ACCEPTED = "ACCEPTED"


def check(history: History) -> list[Finding]:
    """Everything that breaks a rule. Near-linear in calls and observations."""
    with no_collection():
        return [*_streams(history), *_partitions(history), *_groups(history), *_readers(history)]


def _streams(history: History) -> Iterator[Finding]:
    for stream in history.streams.values():
        case = Case.of(stream)
        for rule in OF_STREAMS:
            yield from rule(case)


def _partitions(history: History) -> Iterator[Finding]:
    places: dict[int, list[tuple[int, str]]] = {}
    for stream in history.streams.values():
        for row in stream.stored:
            places.setdefault(row.partition, []).append((row.position, row.event_id))
    heads = history.heads
    for partition in sorted(places.keys() | (heads or {}).keys()):
        head = None if heads is None else heads.get(partition, 0)
        yield from positions_are_dense(partition, places.get(partition, []), head)


def _groups(history: History) -> Iterator[Finding]:
    if not history.groups:
        return
    events = {
        (row.partition, row.position): (stream.subject, row)
        for stream in history.streams.values()
        for row in stream.stored
        if row.outcome == ACCEPTED
    }
    for group in history.groups.values():
        case = GroupCase.of(group, events)
        for rule in OF_GROUPS:
            yield from rule(case)


def _readers(history: History) -> Iterator[Finding]:
    if not history.readers:
        return
    rows: dict[int, list[Stored]] = {}
    attempts: dict[str, list[Call]] = {}
    for stream in history.streams.values():
        for row in stream.stored:
            rows.setdefault(row.partition, []).append(row)
        for call in stream.calls:
            for event_id in call.event_ids:
                attempts.setdefault(event_id, []).append(call)
    for partition in rows.values():
        partition.sort(key=lambda row: row.position)
    for reader in history.readers.values():
        yield from readers_are_sent_everything_once(reader, rows, attempts)
