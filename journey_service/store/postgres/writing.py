"""The two ways in which a decided group reaches the tables."""

from __future__ import annotations

from typing import Any

import asyncpg

from journey_service.domain.identity import partition_of
from journey_service.failpoints import failpoint_async
from journey_service.store.leases import lease_state
from journey_service.store.postgres import sql
from journey_service.store.postgres.group import EVENT_COLUMNS, Draft
from journey_service.store.postgres.pool import Connection
from journey_service.store.postgres.streams import Stream

# What the fast statement raises when a guess was wrong; nothing is written then.
WRONG_GUESS = (asyncpg.DivisionByZeroError, asyncpg.UniqueViolationError)
# What the careful path may raise because of somebody else; trying again helps.
CONTENTION = (
    asyncpg.UniqueViolationError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)

Row = tuple[Any, ...]


async def write_fast(connection: Connection, draft: Draft, timeout_s: float) -> int:
    """Write the group in one statement, if every guess was right; returns ms of recording."""
    return await _compare_and_set(connection, draft, draft.rows, timeout_s)


async def write_fast_and_copy(connection: Connection, draft: Draft, timeout_s: float) -> int:
    """The same in a transaction that is still to be committed: COPY costs less for many events."""
    now_ms = await _compare_and_set(connection, draft, [], timeout_s)
    await _copy(connection, draft, now_ms)
    return now_ms


async def _compare_and_set(
    connection: Connection, draft: Draft, rows: list[Row], timeout_s: float
) -> int:
    partitions = sorted({stream.partition for stream in draft.touched()})
    now_ms: int = await connection.fetchval(
        sql.statement("append_fast"),
        partitions,
        [draft.heads_before[partition] for partition in partitions],
        [draft.heads[partition] for partition in partitions],
        *sql.columns(len(EVENT_COLUMNS), rows),
        *_new_subjects(draft),
        *_known_subjects(draft),
        *sql.columns(6, _marks(draft, stored=False)),
        *sql.columns(7, _remarks(draft)),
        *sql.columns(8, _leases(draft)),
        timeout=timeout_s,
    )
    return now_ms


async def _copy(connection: Connection, draft: Draft, now_ms: int) -> None:
    await connection.copy_records_to_table(
        "events",
        columns=[*EVENT_COLUMNS, "recorded_at_ms"],
        records=[(*row, now_ms) for row in draft.rows],
    )


async def lock_heads(connection: Connection, asked: dict[int, int]) -> tuple[dict[int, int], int]:
    """Lock heads and move them by the events asked for.

    Returns where they stood, by partition, and the ms of recording.
    """
    partitions = sorted(asked)
    rows = await connection.fetch(
        sql.statement("lock_heads"), partitions, [asked[partition] for partition in partitions]
    )
    heads = {row["partition"]: row["head"] for row in rows}
    return heads, max(row["recorded_at_ms"] for row in rows)


async def write_careful(
    connection: Connection, draft: Draft, asked: dict[int, int], now_ms: int
) -> None:
    """Copy the events and write what follows from them, under the locks of `lock_heads`."""
    if draft.rows:
        await _copy(connection, draft, now_ms)
    await failpoint_async("append:after-copy")
    wrong = {
        partition: draft.heads[partition]
        for partition, count in asked.items()
        if draft.heads[partition] != draft.heads_before[partition] + count
    }
    await connection.execute(
        sql.statement("write_careful"),
        list(wrong),
        list(wrong.values()),
        *_new_subjects(draft),
        *_known_subjects(draft),
        *sql.columns(6, [*_marks(draft, stored=False), *_marks(draft, stored=True)]),
        *sql.columns(
            5,
            [
                (draft.streams[home].partition, home, kind, journey_id, rev)
                for (home, kind, journey_id), rev in draft.machines.items()
            ],
        ),
    )


async def write_leases(connection: Connection, draft: Draft, partitions: int) -> None:
    """The leases of a careful group, and what counts for limit groups."""
    if draft.leases:
        await connection.execute(sql.statement("store_leases"), *sql.columns(8, _leases(draft)))
    if draft.evicted:
        ended = [
            (partition_of(one.subject_id, partitions), one.subject_id, one.kind, one.journey_id)
            for one in draft.evicted
        ]
        await connection.execute(sql.statement("end_leases"), *sql.columns(4, ended))
    if draft.counted:
        counted = [
            (partition_of(group, partitions), group, *held)
            for (group, *_), held in sorted(draft.counted.items())
        ]
        await connection.execute(sql.statement("store_group_leases"), *sql.columns(8, counted))


def _leases(draft: Draft) -> list[Row]:
    return [
        (
            draft.streams[subject_id].partition,
            subject_id,
            kind,
            journey_id,
            row.epoch,
            row.until_ms,
            row.granted_ms,
            lease_state(row),
        )
        for (subject_id, kind, journey_id), row in draft.leases.items()
    ]


def _subject(stream: Stream) -> Row:
    return (
        stream.partition,
        stream.subject_id,
        stream.version,
        stream.floor.t_ms,
        stream.floor.counter,
    )


def _new_subjects(draft: Draft) -> list[Any]:
    made = [
        (*_subject(stream), stream.keys.wrapped[-1])
        for stream in draft.new.values()
        if stream.keys is not None
    ]
    return sql.columns(6, made)


def _known_subjects(draft: Draft) -> list[Any]:
    return sql.columns(5, map(_subject, draft.moved.values()))


def _marks(draft: Draft, *, stored: bool) -> list[Row]:
    marks = []
    for (subject_id, installation_id), before in draft.watermarks.items():
        if before.stored is not stored:
            continue
        stream = draft.streams[subject_id]
        after = stream.watermarks[installation_id]
        previous = after.previous or (None, None)
        marks.append(
            (stream.partition, subject_id, installation_id, after.processed_seq, *previous)
        )
    return marks


def _remarks(draft: Draft) -> list[Row]:
    before = [mark.processed_seq for mark in draft.watermarks.values() if mark.stored]
    return [(*row, seq) for row, seq in zip(_marks(draft, stored=True), before, strict=True)]
