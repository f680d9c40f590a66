"""Walking the whole journal and saying what is wrong with it: read-only, in pages, at a set pace.

every partition: positions without hole up to the head, versions without hole, `seq` rising,
                 every row opens, its copies of sealed fields are true, streams end where their
                 subjects say, states are the fold of their events
all of them:     customers are those that the links tell of
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from journey.v1.events_pb2 import Event
from journey_service.domain.customers import LINKED
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.identity import partition_of
from journey_service.store.codec import open_event, open_sealed
from journey_service.store.keys import SubjectKeys
from journey_service.store.postgres import sql
from journey_service.store.postgres.journal import read_heads
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.rows import EventReader, place_of
from journey_service.store.postgres.states import state_place
from journey_service.store.postgres.verify_customers import wrong_members

# (subject_id, its events in version order) -> the states by key
Fold = Callable[[str, Sequence[Event]], Mapping[str, bytes]]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `what` is one of hole, head, version, seq, unreadable, column,
    subject, state, customer."""

    what: str
    partition: int
    text: str
    position: int = 0
    subject_id: str = ""


@dataclass(frozen=True, slots=True)
class Walked:
    """Progress: events looked at, of how many, when the walk began."""

    events: int
    total: int


@dataclass(frozen=True, slots=True)
class Folding:
    """Which states to compare with which fold."""

    projection: str
    generation: int
    fold: Fold


@dataclass(slots=True)
class _Partition:
    """What one walk over a partition has seen so far; `linked` are its events of links."""

    number: int
    position: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    seqs: dict[tuple[str, str], int] = field(default_factory=dict)
    linked: list[Event] = field(default_factory=list)


async def verify(
    pool: Pool,
    reader: EventReader,
    *,
    folding: Folding | None = None,
    events_per_s: float = float("inf"),
) -> AsyncGenerator[Finding | Walked, None]:
    """Yield what is found, and how far it is, page by page."""
    async with pool.connection() as connection:
        heads = await read_heads(connection)
        total, walked, began = sum(heads.values()), 0, time.monotonic()
        linked: list[Event] = []
        for number, head in sorted(heads.items()):
            partition = _Partition(number)
            async for rows in _pages(connection, number):
                keys = await reader.keys_of(connection, {row["originator_id"] for row in rows})
                for row in rows:
                    for finding in _look(partition, keys, row):
                        yield finding
                walked += len(rows)
                yield Walked(walked, max(total, walked))
                await asyncio.sleep(max(0.0, began + walked / events_per_s - time.monotonic()))
            if partition.position < head:
                missing = f"positions {partition.position + 1} to {head} are missing"
                yield Finding("head", number, missing, partition.position + 1)
            async for finding in _subjects(connection, partition):
                yield finding
            if folding is not None:
                async for finding in _states(connection, reader, partition, folding):
                    yield finding
            linked += partition.linked
        async for subject_id in wrong_members(connection, reader, linked, len(heads)):
            text = "the customer is not the one that its links tell of"
            place = partition_of(subject_id, len(heads))
            yield Finding("customer", place, text, subject_id=subject_id)


async def _pages(connection: Connection, partition: int) -> AsyncIterator[list[asyncpg.Record]]:
    after = 0
    while rows := await connection.fetch(sql.statement("verify_events"), partition, after, _PAGE):
        yield rows
        after = rows[-1]["position"]


def _look(
    partition: _Partition, keys: Mapping[str, SubjectKeys | None], row: asyncpg.Record
) -> list[Finding]:
    """What is wrong with one row, coming after the ones before it."""
    position, subject_id = row["position"], row["originator_id"]

    def found(what: str, text: str) -> Finding:
        return Finding(what, partition.number, text, position, subject_id)

    findings = []
    if position != partition.position + 1:
        findings.append(found("hole", f"{partition.position} is followed by {position}"))
    partition.position = position
    before, version = partition.versions.get(subject_id, 0), row["originator_version"]
    if version != before + 1:
        findings.append(found("version", f"version {before} is followed by {version}"))
    partition.versions[subject_id] = version
    if subject_id in keys and keys[subject_id] is None:
        return findings
    try:
        event = open_event(_needed(keys.get(subject_id)), place_of(row), row["state"])
    except EventUnreadable:
        return [*findings, found("unreadable", f"version {version} does not open")]
    if not _columns_are_true(event, row):
        findings.append(found("column", "a copy of a sealed field says something else"))
    findings += [found("seq", text) for text in _seq(partition, event)]
    if event.type == LINKED:
        partition.linked.append(event)
    return findings


def _needed(keys: SubjectKeys | None) -> SubjectKeys:
    if keys is None:
        raise EventUnreadable
    return keys


def _columns_are_true(event: Event, row: asyncpg.Record) -> bool:
    happened = event.occurrence
    return bool(
        happened.t_ms == row["occurred_ms"]
        and happened.counter == row["occurred_counter"]
        and happened.installation_id == row["installation_id"]
        and happened.seq == row["seq"]
        and event.type == row["topic"]
    )


def _seq(partition: _Partition, event: Event) -> list[str]:
    seq = event.interaction.seq
    if not seq:
        return []
    name = (event.subject_id, event.occurrence.installation_id)
    before, partition.seqs[name] = partition.seqs.get(name, 0), seq
    return [] if seq > before else [f"seq {before} is followed by {seq}"]


async def _subjects(connection: Connection, partition: _Partition) -> AsyncIterator[Finding]:
    """Streams must end where their subjects say, and every stream must have a subject."""
    unseen, after = dict(partition.versions), ""
    statement = sql.statement("verify_subjects")
    while rows := await connection.fetch(statement, partition.number, after, _PAGE):
        after = rows[-1]["subject_id"]
        for row in rows:
            subject_id, last = row["subject_id"], unseen.pop(row["subject_id"], 0)
            if row["version"] > last or row["version"] < last:
                text = f"the subject says {row['version']}, its stream ends at {last}"
                yield Finding("subject", partition.number, text, subject_id=subject_id)
    for subject_id in unseen:
        text = "the stream has no subject"
        yield Finding("subject", partition.number, text, subject_id=subject_id)


async def _states(
    connection: Connection, reader: EventReader, partition: _Partition, folding: Folding
) -> AsyncIterator[Finding]:
    """Every stored state must be the fold of its subject's events."""
    for subject_id in sorted(partition.versions):
        rows = await connection.fetch(
            sql.statement("verify_states"),
            partition.number,
            folding.projection,
            folding.generation,
            subject_id,
        )
        keys = (await reader.keys_of(connection, [subject_id])).get(subject_id)
        if not rows or keys is None:
            continue
        try:
            stored = _stored(keys, folding, rows)
            events = await _stream(connection, reader, partition.number, subject_id, rows[0][0])
        except EventUnreadable:
            text = "a state or an event behind it does not open"
            yield Finding("state", partition.number, text, subject_id=subject_id)
            continue
        folded = dict(folding.fold(subject_id, events))
        wrong = sorted(
            key for key in stored.keys() | folded.keys() if stored.get(key) != folded.get(key)
        )
        for key in wrong:
            text = f"the state of {key} is not the fold of its events"
            yield Finding("state", partition.number, text, subject_id=subject_id)


def _stored(
    keys: SubjectKeys, folding: Folding, rows: Sequence[asyncpg.Record]
) -> dict[str, bytes]:
    stored = {}
    for row in rows:
        if row["key"] is not None:
            place = state_place(folding.projection, folding.generation, row["key"], row["version"])
            stored[row["key"]] = open_sealed(keys, row["state"], row["key_version"], *place)
    return stored


async def _stream(
    connection: Connection, reader: EventReader, partition: int, subject_id: str, version: int
) -> list[Event]:
    events: list[Event] = []
    statement = sql.statement("read_stream")
    while rows := await connection.fetch(
        statement, partition, subject_id, len(events), version, _PAGE
    ):
        events += await reader.open(connection, rows)
    return events
