"""Ids that a client makes: events, installations, runs of playing."""

from __future__ import annotations

import secrets
import time
import uuid
import zlib
from functools import cache


def event_id(wall_ms: int | None = None) -> str:
    """A new UUIDv7 as text: 48 bits of ms since 1970 UTC, the rest random (RFC 9562)."""
    now_ms = time.time_ns() // 1_000_000 if wall_ms is None else wall_ms
    bits = (now_ms & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=bits & ~(0x3 << 62) | 0x2 << 62))


def imported_event_id(source: str, external_id: str, dotted_name: str) -> str:
    """The UUIDv5 of a fact that came from elsewhere: the same fact has the same id for ever."""
    return str(uuid.uuid5(_namespace(source), f"{external_id}\x1f{dotted_name}"))


@cache
def _namespace(source: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:journey:import:{source}")


def installation_id() -> str:
    """A new UUIDv4 as text: one for each client storage, kept with it."""
    return str(uuid.uuid4())


def run_id(kind: str, journey_id: str) -> str:
    """A new run of playing: 24 random hex digits and the CRC-32 of `kind/journey_id`."""
    return f"{secrets.token_hex(12)}{zlib.crc32(f'{kind}/{journey_id}'.encode()):08x}"
