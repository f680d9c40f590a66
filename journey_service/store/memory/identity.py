"""Customers of several subjects as a dict. See ports_of_identity."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from journey_service.domain.batch import Batch
from journey_service.domain.customers import Customer, Link, alone
from journey_service.domain.errors import IdentityContention
from journey_service.ports import Appended
from journey_service.store.memory.journal import MemoryJournal
from journey_service.store.placing import check_batch


class MemoryIdentities:
    """See ports_of_identity.Identities. The customers lie beside the streams, so that a snapshot of
    a subject has both."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal

    async def customer(self, subject_id: str) -> Customer:
        """See ports_of_identity.Identities."""
        return self._customer(subject_id)

    async def link(
        self,
        batches: Sequence[Batch],
        before: Sequence[Customer],
        after: Customer,
        links: Sequence[Link],
    ) -> list[Appended]:
        """See ports_of_identity.Identities."""
        for batch in batches:
            check_batch(batch)
        await asyncio.sleep(0)

        def join() -> None:
            for customer in before:
                for subject_id in customer.subject_ids:
                    if self._customer(subject_id).membership != customer.membership:
                        raise IdentityContention
            made = {link.link_id for link in links}
            stored = [link.stored if link.link_id in made else link for link in after.links]
            customer = replace(after, links=tuple(stored))
            self._journal.customers.update(dict.fromkeys(after.subject_ids, customer))

        return self._journal.write(batches, together=join)

    def _customer(self, subject_id: str) -> Customer:
        linked = self._journal.customers.get(subject_id)
        if linked is not None:
            return linked
        stream = self._journal.streams.get(subject_id)
        began_ms = stream.events[0].recorded_at_ms if stream and stream.events else 0
        return alone(subject_id, created_at_ms=began_ms)
