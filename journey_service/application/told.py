"""Leases and watermarks as answers and watches tell them: beside the states, never in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import projections
from journey.v1.references_pb2 import Lease, Processed
from journey_service.application.reader import ExactRead
from journey_service.domain.leases import LeaseRow


def leases_of(found: ExactRead, keys: Iterable[str]) -> list[Lease]:
    """The leases of these journeys that have not ended, each with its device."""
    return [shown_lease(found, key, found.leases[key]) for key in keys if key in found.leases]


def processed_of(found: ExactRead) -> list[Processed]:
    """The watermarks of the installation asked for: in the stream of its own subject, and in those
    of other members, which it may still hold a queue for."""
    own = found.view.subject_id
    return [
        Processed(subject_id=member, seq=seq)
        for member, seq in found.processed.items()
        if seq or member == own
    ]


def shown_lease(found: ExactRead, key: str, row: LeaseRow) -> Lease:
    """A lease with its device."""
    kind, _, journey_id = key.partition("/")
    lease = row.lease(kind, journey_id)
    lease.device_id = found.view.devices.get(row.installation_id, "")
    return lease


@dataclass(slots=True)
class ToldLeases:
    """What a watch told of leases."""

    _told: dict[str, Lease] = field(default_factory=dict)

    def all(self, found: ExactRead, keys: Iterable[str]) -> list[Lease]:
        """Of a whole copy."""
        self._told = {projections.key_of(one.journey): one for one in leases_of(found, keys)}
        return [*self._told.values()]

    def changed(self, found: ExactRead, keys: Iterable[str], now_ms: int) -> list[Lease]:
        """Of a change: what is new or other, and what ended before its time."""
        before, kept = self._told, self.all(found, keys)
        changed = [one for one in kept if before.get(projections.key_of(one.journey)) != one]
        for key, lease in before.items():
            if key not in self._told and lease.lease_until_ms > now_ms:
                lease.lease_until_ms = now_ms
                changed.append(lease)
        return changed
