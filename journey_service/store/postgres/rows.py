"""Turning rows of `events` into events: with the keys of their subjects, row by row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import asyncpg

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.identity import partition_of
from journey_service.domain.wire_event import WireEvent
from journey_service.store.codec import (
    Keys,
    StoredPlace,
    closed_event,
    erased_event,
    open_event,
    wire_events,
)
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection

# Longer than a read that found a key before it was deleted goes on.
_ERASED_LATELY_MS = 60_000
# Events opened before others on the event loop have their turn: about 1 ms of work.
BREATH = 200
# Keys that are unwrapped, and states that are sealed or opened, before the same.
KEYS_BREATH = 50

E = TypeVar("E")


def place_of(row: asyncpg.Record) -> StoredPlace:
    """The columns beside the sealed bytes; rows as the read statements give them."""
    return StoredPlace(*row[:8])


class EventReader:
    """Opens rows. Keys that were not looked up lately are looked up over the same connection."""

    def __init__(self, ring: KeyRing, partition_count: int) -> None:
        self._ring = ring
        self._partition_count = partition_count

    async def open(self, connection: Connection, rows: Sequence[asyncpg.Record]) -> list[Event]:
        """The events of the rows, in their order; raises EventUnreadable for the first damaged."""
        return await opened(await self.keys(connection, rows), rows)

    async def open_or_close(
        self, connection: Connection, rows: Sequence[asyncpg.Record]
    ) -> list[Event]:
        """The same; a damaged event keeps its place and has nothing but its columns."""
        keys = await self.keys(connection, rows)
        events = []
        for row in rows:
            try:
                events.append(_open(keys, row))
            except EventUnreadable:
                events.append(closed_event(place_of(row)))
        return events

    async def keys(self, connection: Connection, rows: Iterable[asyncpg.Record]) -> Keys:
        """The keys of the rows; see `keys_of`."""
        return await self.keys_of(connection, {row[2] for row in rows})

    async def keys_of(
        self, connection: Connection, subject_ids: Iterable[str]
    ) -> dict[str, SubjectKeys | None]:
        """Keys by subject; None = erased. Subjects without a row, or with damaged keys, lack."""
        found: dict[str, SubjectKeys | None] = {}
        missing = []
        for subject_id in subject_ids:
            keys = self._ring.remembered(subject_id)
            if keys is None:
                missing.append(subject_id)
            else:
                found[subject_id] = keys
        if missing:
            partitions = [partition_of(name, self._partition_count) for name in missing]
            rows = await connection.fetch(sql.statement("read_keys"), partitions, missing)
            for number, row in enumerate(rows, 1):
                self._learn(found, row["subject_id"], row["wrapped_keys"])
                if number % KEYS_BREATH == 0:
                    await asyncio.sleep(0)
        return found

    async def forget_erased(self, connection: Connection, partitions: Sequence[int]) -> None:
        """Remember no keys of subjects of these partitions that were erased up to now."""
        rows = await connection.fetch(sql.statement("read_erased"), partitions, _ERASED_LATELY_MS)
        for row in rows:
            self._ring.erased(row["subject_id"])

    def _learn(
        self, found: dict[str, SubjectKeys | None], subject_id: str, wrapped: list[bytes] | None
    ) -> None:
        if wrapped is None:
            self._ring.erased(subject_id)
            found[subject_id] = None
            return
        try:
            found[subject_id] = self._ring.look(subject_id, wrapped)
        except EventUnreadable:
            self._ring.forget(subject_id)


async def opened(keys: Keys, rows: Sequence[asyncpg.Record]) -> list[Event]:
    """The events of the rows, in their order; raises EventUnreadable for the first damaged."""
    return await _with_breaths(_open_all, keys, rows)


async def on_wire(keys: Keys, rows: Sequence[asyncpg.Record]) -> list[WireEvent]:
    """The same events, not parsed."""
    return await _with_breaths(wire_events, keys, rows)


def _open(keys: Keys, row: asyncpg.Record) -> Event:
    place = place_of(row)
    subject_keys = keys.get(place.subject_id)
    if subject_keys is None:
        return erased_event(keys, place)
    return open_event(subject_keys, place, row[8])


def _open_all(keys: Keys, rows: Sequence[asyncpg.Record]) -> list[Event]:
    return [_open(keys, row) for row in rows]


async def _with_breaths(
    make: Callable[[Keys, Sequence[asyncpg.Record]], list[E]],
    keys: Keys,
    rows: Sequence[asyncpg.Record],
) -> list[E]:
    """What is made of the rows; others on the event loop have their turns."""
    made: list[E] = []
    for start in range(0, len(rows), BREATH):
        if start:
            await asyncio.sleep(0)
        made += make(keys, rows[start : start + BREATH])
    return made
