"""The numbers of a device that works offline, each with its unit."""

from __future__ import annotations

from dataclasses import dataclass, field

from journey_client.connection import ConnectionSettings

_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may wait for its answer on one installation, whichever comes first."""

    interactions: int = 10_000
    size_bytes: int = 8 * 1_024 * 1_024
    # How old the oldest may be. Older ones are still sent.
    age_ms: int = 30 * _DAY_MS
    # From this share on, reports of playing are compacted; parts per million.
    compact_from_ppm: int = 800_000


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """Everything that can be set on a device; durations in ms."""

    connection: ConnectionSettings = field(default_factory=ConnectionSettings)
    queue: QueueLimits = field(default_factory=QueueLimits)
    # The queue is looked at this often without any other cause.
    flush_every_ms: int = 15_000
    # The session is kept alive this often while the customer sees the application.
    refresh_every_ms: int = _MINUTE_MS
    # A batch without answer is given up, and sent again, after this.
    record_timeout_ms: int = 30_000
    # What is unsent is sent on closing, for so long at most.
    close_flush_ms: int = 2_000


DEFAULT_SETTINGS = DeviceSettings()
