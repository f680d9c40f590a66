"""What a link writes beside its events, in their transaction: members and both ends of links.

heads locked ─▶ decided ─▶ members locked ─▶ as they were read? ─▶ events ─▶ members, links
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from journey_service.domain.customers import Customer, Link
from journey_service.domain.identity import partition_of
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Joining:
    """Customers as they were read, what becomes of them, and the links that do it."""

    before: Sequence[Customer]
    after: Customer
    links: Sequence[Link]
    partitions: int

    async def is_overtaken(self, connection: Connection) -> bool:
        """Whether a customer moved since it was read; none can any more until the end of this
        transaction. Whose first link it is, its head is locked by the events."""
        subject_ids = {one for customer in self.before for one in customer.subject_ids}
        places = [(self._partition_of(one), one) for one in subject_ids]
        rows = await connection.fetch(sql.statement("lock_members"), *sql.columns(2, places))
        found = {row["subject_id"]: row["membership"] for row in rows}
        # Both may be the same customer, read before and after it moved.
        return any(
            found.get(one, 0) != customer.membership
            for customer in self.before
            for one in customer.subject_ids
        )

    async def write(self, connection: Connection) -> None:
        """Write it, under the locks of `is_overtaken`."""
        members = [
            (self._partition_of(one.subject_id), one.subject_id, one.registered, one.created_at_ms)
            for one in self.after.members
        ]
        await connection.execute(
            sql.statement("store_members"),
            *sql.columns(4, members),
            self.after.subject_ids,
            self.after.membership,
        )
        ends = [
            self._end(link, *ends) for link in self.links for ends in (link.pair, link.pair[::-1])
        ]
        await connection.execute(sql.statement("store_links"), *sql.columns(7, ends))

    def _end(self, link: Link, subject_id: str, other: str) -> tuple[Any, ...]:
        return (
            self._partition_of(subject_id),
            subject_id,
            link.link_id,
            other,
            link.evidence.kind,
            link.assurance,
            link.made_at_ms,
        )

    def _partition_of(self, subject_id: str) -> int:
        return partition_of(subject_id, self.partitions)
