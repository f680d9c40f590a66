"""Whether the tables of customers say what the links in the journal say.

links of the walk ─▶ customers made anew ─▶ as stored? ─▶ no: read both again, for a link may have
                                                          been made behind the walk
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence

from journey.v1.events_pb2 import Event
from journey_service.domain.customers import Customer, alone, rebuilt
from journey_service.domain.errors import IdentityContention
from journey_service.domain.identity import partition_of
from journey_service.store.placing import MAX_INT64
from journey_service.store.postgres import sql
from journey_service.store.postgres.identity import customer_of
from journey_service.store.postgres.pool import Connection
from journey_service.store.postgres.rows import EventReader

_PAGE = 500


async def wrong_members(
    connection: Connection, reader: EventReader, linked: Sequence[Event], partitions: int
) -> AsyncIterator[str]:
    """Subjects whose customer is stored as something else than `linked` tell, the events of links
    of all streams."""
    told = rebuilt(linked)
    right: set[str] = set()
    for subject_id in told:
        if subject_id in right:
            continue
        if await _is_true(connection, reader, told[subject_id], subject_id, partitions):
            right.update(told[subject_id].subject_ids)
        else:
            yield subject_id
    for partition in range(partitions):
        async for subject_id in _members(connection, partition):
            if subject_id in told:
                continue
            if not await _is_true(connection, reader, None, subject_id, partitions):
                yield subject_id


async def _is_true(
    connection: Connection,
    reader: EventReader,
    told: Customer | None,
    subject_id: str,
    partitions: int,
) -> bool:
    """Whether the customer is stored as it is told, or as its streams tell now."""
    try:
        stored = await customer_of(connection, subject_id, partitions)
        while stored != told:
            ids = {*stored.subject_ids, *(told.subject_ids if told else ())}
            events = await _links_of(connection, reader, ids, partitions)
            told = rebuilt(events).get(subject_id) or alone(
                subject_id, created_at_ms=stored.members[0].created_at_ms
            )
            before, stored = stored, await customer_of(connection, subject_id, partitions)
            if before == stored != told:
                return False
    except IdentityContention:
        return False
    return True


async def _members(connection: Connection, partition: int) -> AsyncIterator[str]:
    after, statement = "", sql.statement("verify_members")
    while rows := await connection.fetch(statement, partition, after, _PAGE):
        for row in rows:
            yield row["subject_id"]
        after = rows[-1]["subject_id"]


async def _links_of(
    connection: Connection, reader: EventReader, subject_ids: Collection[str], partitions: int
) -> list[Event]:
    """All that their streams hold; what is damaged keeps its place alone."""
    events: list[Event] = []
    statement = sql.statement("read_stream")
    for subject_id in sorted(subject_ids):
        place, after = partition_of(subject_id, partitions), 0
        while rows := await connection.fetch(statement, place, subject_id, after, MAX_INT64, _PAGE):
            events += await reader.open_or_close(connection, rows)
            after = rows[-1]["originator_version"]
    return events
