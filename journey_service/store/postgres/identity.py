"""Customers of several subjects in the tables `members` and `links`. See ports_of_identity."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from journey.v1.interactions_pb2 import LinkEvidence
from journey_service.domain.batch import Batch
from journey_service.domain.customers import Customer, Link, Member, alone
from journey_service.domain.errors import IdentityContention
from journey_service.domain.identity import partition_of
from journey_service.ports import Appended
from journey_service.store.postgres import sql
from journey_service.store.postgres.joining import Joining
from journey_service.store.postgres.journal import PostgresJournal
from journey_service.store.postgres.pool import Connection, Pool

# Times that a customer is read whose members changed between two statements.
_TRIES = 5


class PostgresIdentities:
    """See ports_of_identity.Identities."""

    def __init__(self, *, reads: Pool, journal: PostgresJournal) -> None:
        self._reads = reads
        self._journal = journal

    async def customer(self, subject_id: str) -> Customer:
        """See ports_of_identity.Identities."""
        async with self._reads.connection() as connection:
            return await customer_of(connection, subject_id, self._journal.partition_count)

    async def link(
        self,
        batches: Sequence[Batch],
        before: Sequence[Customer],
        after: Customer,
        links: Sequence[Link],
    ) -> list[Appended]:
        """See ports_of_identity.Identities."""
        joining = Joining(before, after, links, self._journal.partition_count)
        return await self._journal.append_together(batches, joining=joining)


async def customer_of(connection: Connection, subject_id: str, partitions: int) -> Customer:
    """The customer of a subject, read again where it grew between the two reads.

    Raises IdentityContention where its members never agree on who they are.
    """
    place = (partition_of(subject_id, partitions), subject_id)
    for _ in range(_TRIES):
        row = await connection.fetchrow(sql.statement("read_membership"), *place)
        assert row is not None
        if row["subject_ids"] is None:
            return alone(subject_id, created_at_ms=row["created_at_ms"] or 0)
        found = await _read(connection, row["subject_ids"], partitions)
        if found is not None:
            return found
    raise IdentityContention


async def _read(
    connection: Connection, subject_ids: Sequence[str], partitions: int
) -> Customer | None:
    """The customer of these members; None where they are not all of it by now."""
    places = [(partition_of(one, partitions), one) for one in subject_ids]
    rows = await connection.fetch(sql.statement("read_customer"), *sql.columns(2, places))
    members = {row["subject_id"]: row for row in rows if row["part"] == "m"}
    if members.keys() != set(subject_ids):
        return None
    if any(row["subject_ids"] != subject_ids for row in members.values()):
        return None
    links = {link.link_id: link for link in map(_link, rows) if link is not None}
    return Customer(
        tuple(
            Member(one, bool(members[one]["first"]), members[one]["began_ms"])
            for one in sorted(members)
        ),
        tuple(links[link_id] for link_id in sorted(links)),
        members[subject_ids[0]]["last"],
    )


def _link(row: asyncpg.Record) -> Link | None:
    if row["part"] != "l":
        return None
    one, other = row["subject_id"], row["other_subject_id"]
    return Link(
        str(row["link_id"]),
        min(one, other),
        max(one, other),
        LinkEvidence(kind=row["first"]),
        row["second"],
        row["began_ms"],
        row["last"],
    )
