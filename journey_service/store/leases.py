"""The part of a lease that is kept as bytes: who held it last, and its latest grants."""

from __future__ import annotations

import json

from journey_service.domain.leases import Grant, LeaseRow


def lease_state(row: LeaseRow) -> bytes:
    """Compact JSON: the installation, then one list a grant."""
    return json.dumps([row.installation_id, *row.grants], separators=(",", ":")).encode()


def lease_row(epoch: int, until_ms: int, granted_ms: int, state: bytes) -> LeaseRow:
    """The lease of such a row."""
    installation_id, *grants = json.loads(state)
    kept = tuple(Grant(*grant) for grant in grants)
    return LeaseRow(epoch, installation_id, until_ms, granted_ms, kept)
