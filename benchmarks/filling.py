"""Fills a journal quickly: copies of customers who were recorded, each under a key of its own.

What is stored of a few customers is opened once; then their events and states are named anew,
sealed and bound to their places by the code that the service itself uses, and written with COPY.
So there is no difference to customers who were recorded, but that they were recorded faster.
Nobody may serve the journal meanwhile.
"""

from __future__ import annotations

import itertools
import secrets
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import asyncpg

from benchmarks.statements import statement
from journey.v1.events_pb2 import Event
from journey_service.domain.identity import partition_of, subject_id_of_account
from journey_service.store.codec import seal, seal_events
from journey_service.store.keys import KEY_BYTES, KeyRing, SubjectKeys
from journey_service.store.placing import MAX_INT64
from journey_service.store.postgres import sql
from journey_service.store.postgres.group import EVENT_COLUMNS
from journey_service.store.postgres.pool import Connection
from journey_service.store.postgres.rows import EventReader
from journey_service.store.postgres.states import open_state, state_place

KEPT_KEYS = 1_000
KEY_LIFE_S = 3_600.0
# Who is copied: customers with a short history.
MOST_EVENTS = 50
SUBJECT_COLUMNS = (
    "partition", "subject_id", "version", "floor_ms", "floor_counter", "wrapped_keys",
    "created_at_ms",
)  # fmt: skip
STATE_COLUMNS = (
    "partition", "projection", "generation", "subject_id", "key", "version", "key_version", "state",
)  # fmt: skip
# What is stored of a customer in the clear, and only has to be named anew.
OPEN_TABLES = ("folded", "state_index", "installations")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class FillJob:
    """Make so many customers in partitions whose number leaves `rest` when divided by `parts`."""

    dsn: str
    master_keys: Mapping[int, bytes]
    customers: int
    parts: int = 1
    rest: int = 0


class Filled(NamedTuple):
    """What was written, and one of the customers."""

    customers: int
    events: int
    last: str


class _Stored(NamedTuple):
    """An event that was recorded, serialized without its places."""

    plain: bytes
    event_id: uuid.UUID
    recorded_at_ms: int


class _State(NamedTuple):
    projection: str
    generation: int
    key: str
    version: int
    plain: bytes


@dataclass(frozen=True, slots=True)
class _Original:
    """All that is stored of a customer, opened; rows of OPEN_TABLES by table, as they are."""

    subject_id: str
    subject: asyncpg.Record
    events: Sequence[_Stored]
    states: Sequence[_State]
    rows: Mapping[str, Sequence[asyncpg.Record]] = field(default_factory=dict)


class _Copy(NamedTuple):
    """A customer to be made like another one."""

    subject_id: str
    original: _Original
    keys: SubjectKeys


class Filler:
    """Makes customers, in a process of its own; several do it at once in other partitions."""

    async def do(self, job: FillJob) -> Filled:
        """One partition after the other, each in one transaction."""
        connection = await asyncpg.connect(job.dsn)
        try:
            await connection.execute("SET synchronous_commit = off")
            ((journal_id, partitions),) = await connection.fetch(sql.statement("read_journal"))
            ring = KeyRing(journal_id, job.master_keys, entries=KEPT_KEYS, life_s=KEY_LIFE_S)
            originals = await _originals(connection, EventReader(ring, partitions))
            filled = Filled(0, 0, "")
            named = _names(job, partitions)
            for partition, names in sorted(named.items()):
                copies = [
                    _Copy(name, originals[number % len(originals)], ring.make(name))
                    for number, name in enumerate(names)
                ]
                events = await _fill(connection, partition, copies)
                customers = filled.customers + len(copies)
                filled = Filled(customers, filled.events + events, names[-1])
            return filled
        finally:
            await connection.close()

    async def close(self) -> None:
        """Nothing is held."""


def _names(job: FillJob, partitions: int) -> dict[int, list[str]]:
    """New ids of customers by their partition, as many as asked for."""
    names: dict[int, list[str]] = {}
    key, found = secrets.token_bytes(KEY_BYTES), 0
    for number in itertools.count():
        name = subject_id_of_account(key, str(number))
        partition = partition_of(name, partitions)
        if partition % job.parts == job.rest:
            names.setdefault(partition, []).append(name)
            found += 1
        if found == job.customers:
            break
    return names


async def _originals(connection: Connection, reader: EventReader) -> list[_Original]:
    subjects = await connection.fetch(statement("short_histories"), MOST_EVENTS)
    keys = await reader.keys_of(connection, [row["subject_id"] for row in subjects])
    return [await _original(connection, reader, row, keys[row["subject_id"]]) for row in subjects]


async def _original(
    connection: Connection, reader: EventReader, subject: asyncpg.Record, keys: SubjectKeys | None
) -> _Original:
    if keys is None:
        raise RuntimeError("a customer that was erased cannot be copied")
    place = subject["partition"], subject["subject_id"]
    read = sql.statement("read_stream")
    rows = await connection.fetch(read, *place, 0, MAX_INT64, MOST_EVENTS)
    events = await reader.open(connection, rows)
    states = await connection.fetch(statement("states_of"), *place)
    return _Original(
        subject["subject_id"],
        subject,
        [_stored(event, row) for event, row in zip(events, rows, strict=True)],
        [_state(keys, subject["subject_id"], row) for row in states],
        {table: await connection.fetch(statement(f"{table}_of"), *place) for table in OPEN_TABLES},
    )


def _stored(event: Event, row: asyncpg.Record) -> _Stored:
    recorded_at_ms = event.recorded_at_ms
    event.partition, event.position, event.recorded_at_ms = 0, 0, 0
    event_id = uuid.UUID(bytes=row["event_id"])
    return _Stored(event.SerializeToString(), event_id, recorded_at_ms)


def _state(keys: SubjectKeys, subject_id: str, row: asyncpg.Record) -> _State:
    named = row["projection"], row["generation"], row["key"], row["version"]
    plain = open_state(keys, subject_id, row["state"], row["key_version"], state_place(*named))
    return _State(*named, plain)


async def _fill(connection: Connection, partition: int, copies: Sequence[_Copy]) -> int:
    """Write customers into their partition; returns how many events that were."""
    async with connection.transaction():
        head = await connection.fetchval(statement("head_of"), partition)
        await _write(connection, "subjects", SUBJECT_COLUMNS, _subjects(partition, copies))
        columns = (*EVENT_COLUMNS, "recorded_at_ms")
        await _write(connection, "events", columns, _events(partition, copies, head))
        await _write(connection, "states", STATE_COLUMNS, _states(partition, copies))
        for table in OPEN_TABLES:
            rows = _renamed(table, copies, partition)
            await _write(connection, table, _columns_of(table, copies), rows)
        events = sum(len(copy.original.events) for copy in copies)
        await connection.execute(statement("move_head"), partition, head + events)
        await connection.execute(statement("move_checkpoints"), partition, head + events)
    return events


async def _write(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterator[Row]
) -> None:
    if columns:
        await connection.copy_records_to_table(table, columns=columns, records=rows)


def _subjects(partition: int, copies: Sequence[_Copy]) -> Iterator[Row]:
    for copy in copies:
        was, wrapped = copy.original.subject, list(copy.keys.wrapped)
        floor = was["floor_ms"], was["floor_counter"]
        yield partition, copy.subject_id, was["version"], *floor, wrapped, was["created_at_ms"]


def _events(partition: int, copies: Sequence[_Copy], head: int) -> Iterator[Row]:
    """All customers' first events, then their second ones: as if all had acted at once."""
    for index in range(max(len(copy.original.events) for copy in copies)):
        for copy in copies:
            if index < len(copy.original.events):
                head += 1
                yield _event(partition, head, copy, copy.original.events[index])


def _event(partition: int, position: int, copy: _Copy, stored: _Stored) -> Row:
    event = Event.FromString(_named(stored.plain, copy))
    (sealed,) = seal_events(copy.keys, [event])
    at = event.occurrence
    occurred = at.t_ms, at.counter, at.installation_id, at.seq
    return (
        partition, position, copy.subject_id, event.version, stored.event_id, event.type, *occurred,
        copy.keys.version, sealed, stored.recorded_at_ms,
    )  # fmt: skip


def _states(partition: int, copies: Sequence[_Copy]) -> Iterator[Row]:
    for copy in copies:
        for projection, generation, key, version, plain in copy.original.states:
            place = state_place(projection, generation, key, version)
            sealed = seal(copy.keys, _named(plain, copy), *place)
            named = partition, projection, generation, copy.subject_id, key, version
            yield *named, copy.keys.version, sealed


def _named(plain: bytes, copy: _Copy) -> bytes:
    """The same about another customer: its id is as long, so every length in the message stays."""
    return plain.replace(copy.original.subject_id.encode(), copy.subject_id.encode())


def _columns_of(table: str, copies: Sequence[_Copy]) -> list[str]:
    rows = (row for copy in copies for row in copy.original.rows[table])
    first = next(rows, None)
    return list(first.keys()) if first is not None else []


def _renamed(table: str, copies: Sequence[_Copy], partition: int) -> Iterator[Row]:
    for copy in copies:
        new = {"partition": partition, "subject_id": copy.subject_id}
        for row in copy.original.rows[table]:
            yield tuple((dict(row) | new).values())
