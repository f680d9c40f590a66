"""Who is one customer, as the core reads and writes it, each method with its contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from journey_service.domain.batch import Batch
from journey_service.domain.customers import Customer, Link
from journey_service.ports import Appended


class Identities(Protocol):
    """Links between subjects and the customers that they make, written with their events."""

    async def customer(self, subject_id: str) -> Customer:
        """The customer of a subject, read at once.

        A subject that is linked to nobody is one member, no link, membership 0; whether it holds
        an account is the caller's to say then (Customer.with_member), and created_at_ms is 0 where
        it has no stream. Of a link's evidence the kind alone is told (Link.stored).
        """

    async def link(
        self,
        batches: Sequence[Batch],
        before: Sequence[Customer],
        after: Customer,
        links: Sequence[Link],
    ) -> list[Appended]:
        """Write batches of different streams, the links that they tell of, and the customer that
        comes of it, in one transaction: all or nothing.

        `before` are the customers as they were read, all that become `after`. Raises
        IdentityContention where one of them moved since, and what Journal.append raises: nothing
        is written then, but for OutcomeUnknown. Batches that are wholly recorded already are
        answered again, and nothing is compared: their links were written with them.
        """
