"""What is read beside the heads, under their locks, for the requests that ask for more.

    machines: the journeys that rules are asked of, exact as of the lock (read_journeys.sql)
    limits:   what other devices of a limit group hold, whose row is locked (lock_limit_groups.sql)

Most requests ask for nothing, go the fast way and never come here. Whatever else a decision must
know exactly is read here in the same way: said by `Request`, put into the `Stream`, handed to
`decide` in `Known`, and brought forward by what the group decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import asyncpg

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.identity import partition_of
from journey_service.domain.leases import Held
from journey_service.domain.machines import Rules
from journey_service.store.codec import StoredPlace, open_event, open_sealed
from journey_service.store.keys import SubjectKeys
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection
from journey_service.store.postgres.requests import Request
from journey_service.store.postgres.states import state_place
from journey_service.store.postgres.streams import Stream


async def read_beside(
    connection: Connection,
    rules: Rules,
    requests: Collection[Request],
    streams: Mapping[str, Stream],
) -> None:
    """Put into the streams what their requests ask for. The heads are locked, the subjects read."""
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for request in requests:
        if request.asked:
            asked[request.batch.subject_id] |= request.asked
    if asked:
        await _read_journeys(connection, rules, asked, streams)


async def lock_groups(
    connection: Connection, requests: Collection[Request], partitions: int, *, patient: bool
) -> dict[str, list[Held]]:
    """The leases that count for the limit groups of these requests, whose rows are locked now.

    Where a row cannot be locked in time, nothing counts: unless `patient` all are allowed.
    """
    asked = {
        request.batch.limit.group
        for request in requests
        if request.leased and request.batch.limit is not None
    }
    if not asked:
        return {}
    groups = [(partition_of(group, partitions), group) for group in sorted(asked)]
    try:
        async with connection.transaction():
            await connection.execute(sql.statement("lock_limit_groups"), *sql.columns(2, groups))
    except asyncpg.LockNotAvailableError:
        if patient:
            raise
        return {}
    # Another statement, because one that has waited for a lock sees what was before.
    rows = await connection.fetch(sql.statement("read_group_leases"), *sql.columns(2, groups))
    held: defaultdict[str, list[Held]] = defaultdict(list)
    for group, *rest in rows:
        held[group].append(Held(*rest))
    return held


async def _read_journeys(
    connection: Connection,
    rules: Rules,
    asked: Mapping[str, Collection[str]],
    streams: Mapping[str, Stream],
) -> None:
    subjects = [(streams[name].partition, name) for name in asked]
    states = [(place, name, key) for place, name in subjects for key in sorted(asked[name])]
    rows = await connection.fetch(
        sql.statement("read_journeys"),
        *sql.columns(2, subjects),
        *sql.columns(3, states),
        rules.projection,
        rules.version,
        [*rules.topics],
    )
    found: defaultdict[str, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        found[row["subject_id"]].append(row)
    for name, keys in asked.items():
        _learn(rules, streams[name], keys, found[name])


def _learn(
    rules: Rules, stream: Stream, asked: Collection[str], rows: Collection[asyncpg.Record]
) -> None:
    """The journeys of one stream. Where something of them does not open, who asks is refused."""
    keys = stream.keys
    try:
        # A subject without keys has no rows, or was erased.
        states, tail = _opened(rules, keys, rows) if keys is not None else ({}, [])
    except EventUnreadable as damage:
        stream.unread = damage
        return
    stream.journeys = rules.open(asked, states, tail)


def _opened(
    rules: Rules, keys: SubjectKeys, rows: Collection[asyncpg.Record]
) -> tuple[dict[str, bytes], list[Event]]:
    """Stored states by key, and the events behind them by version."""
    states = {row["name"]: _state(rules, keys, row) for row in rows if row["fact"] == "s"}
    tail = [_event(keys, row) for row in rows if row["fact"] == "e"]
    return states, sorted(tail, key=lambda event: event.version)


def _state(rules: Rules, keys: SubjectKeys, row: asyncpg.Record) -> bytes:
    place = state_place(rules.projection, row["second"], row["name"], row["first"])
    try:
        return open_sealed(keys, row["state"], row["third"], *place)
    except EventUnreadable:
        raise EventUnreadable(
            "A stored state is damaged; nothing is decided on it.",
            subject_id=row["subject_id"],
            key=row["name"],
        ) from None


def _event(keys: SubjectKeys, row: asyncpg.Record) -> Event:
    place = StoredPlace(
        subject_id=row["subject_id"],
        version=row["first"],
        event_id=row["event_id"].bytes,
        topic=row["name"],
        key_version=row["third"],
        partition=row["partition"],
        position=row["second"],
        recorded_at_ms=0,
    )
    return open_event(keys, place, row["state"])
