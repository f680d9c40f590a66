"""Reading what the journal knows of a group of requests: one statement, one snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import asyncpg

from journey_service.domain.batch import KnownEvent, Stamp
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.leases import NOBODY
from journey_service.store.codec import StoredPlace, open_event
from journey_service.store.keys import KeyRing
from journey_service.store.leases import lease_row
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection
from journey_service.store.postgres.requests import Request
from journey_service.store.postgres.streams import Stream, Watermark


@dataclass(frozen=True, slots=True)
class Facts:
    """Heads of partitions and streams of subjects, as of one moment."""

    heads: dict[int, int]
    streams: dict[str, Stream]


async def read_facts(
    connection: Connection, ring: KeyRing, requests: Collection[Request], partitions: list[int]
) -> Facts:
    """Everything that decide needs of these requests, and the heads of these partitions."""
    rows = await connection.fetch(
        sql.statement("read_facts"),
        partitions,
        *sql.columns(2, _subjects(requests)),
        *sql.columns(3, _watermarks(requests)),
        *sql.columns(3, _events(requests)),
        *sql.columns(4, _machines(requests)),
        *sql.columns(4, _leases(requests)),
    )
    streams = {
        request.batch.subject_id: Stream(request.partition, request.batch.subject_id, asked=True)
        for request in requests
    }
    facts = Facts({}, streams)
    # Subjects first: what is recorded opens only with their keys.
    for row in rows:
        if row["fact"] == "h":
            facts.heads[row["partition"]] = row["first"]
        elif row["fact"] == "s":
            _learn_subject(ring, streams[row["subject_id"]], row)
    for _, subject_id, *key in _leases(requests):
        streams[subject_id].lease((key[0], key[1]), NOBODY)
    for row in rows:
        if row["fact"] not in "hs":
            _LEARN[row["fact"]](streams[row["subject_id"]], row)
    return facts


def _subjects(requests: Iterable[Request]) -> set[tuple[int, str]]:
    return {(request.partition, request.batch.subject_id) for request in requests}


def _watermarks(requests: Iterable[Request]) -> set[tuple[int, str, str]]:
    return {
        (request.partition, request.batch.subject_id, request.batch.installation_id)
        for request in requests
        if request.batch.sequenced
    }


def _events(requests: Iterable[Request]) -> set[tuple[int, str, str]]:
    return {
        (request.partition, request.batch.subject_id, candidate.interaction.event_id)
        for request in requests
        for candidate in request.batch.candidates
    }


def _machines(requests: Iterable[Request]) -> set[tuple[int, str, str, str]]:
    return {
        (
            request.partition,
            request.batch.subject_id,
            candidate.interaction.journey.kind,
            candidate.interaction.journey.journey_id,
        )
        for request in requests
        if request.asked
        for candidate in request.batch.candidates
        if candidate.machine
    }


def _leases(requests: Iterable[Request]) -> set[tuple[int, str, str, str]]:
    return {
        (request.partition, request.batch.subject_id, *key)
        for request in requests
        for key in request.leased
    }


def _learn_subject(ring: KeyRing, stream: Stream, row: asyncpg.Record) -> None:
    stream.stored = True
    stream.version = row["first"]
    stream.floor = Stamp(row["second"], row["third"])
    if row["keys"] is None:
        stream.erased = True
        ring.erased(stream.subject_id)
        return
    try:
        stream.keys = ring.look(stream.subject_id, row["keys"])
    except EventUnreadable as damage:
        stream.damage = damage


def _learn_watermark(stream: Stream, row: asyncpg.Record) -> None:
    previous = None if row["second"] is None else Stamp(row["second"], row["third"])
    stream.watermarks[row["name"]] = Watermark(row["first"], previous, stored=True)


def _learn_event(stream: Stream, row: asyncpg.Record) -> None:
    if stream.keys is None:
        return
    event_id: bytes = row["event_id"].bytes
    place = StoredPlace(
        subject_id=stream.subject_id,
        version=row["first"],
        event_id=event_id,
        topic=row["name"],
        key_version=row["third"],
        partition=row["partition"],
        position=row["second"],
        recorded_at_ms=0,
    )
    try:
        event = open_event(stream.keys, place, row["state"])
    except EventUnreadable as damage:
        stream.damage = damage
        return
    stream.events[event_id] = KnownEvent(
        version=place.version,
        position=place.position,
        outcome=event.outcome,
        reason=event.reason,
        content_hash=event.content_hash,
        same_as=event.same_as,
        lease_epoch=event.lease_epoch,
    )


def _learn_machine(stream: Stream, row: asyncpg.Record) -> None:
    stream.revs[row["name"], row["second_name"]] = row["first"]


def _learn_lease(stream: Stream, row: asyncpg.Record) -> None:
    found = lease_row(row["first"], row["second"], row["third"], row["state"])
    stream.lease((row["name"], row["second_name"]), found)


_LEARN = {"w": _learn_watermark, "e": _learn_event, "m": _learn_machine, "l": _learn_lease}
