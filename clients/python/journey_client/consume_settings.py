"""The numbers of a consumer, and its name where it was given none."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass

CREDITS = 100
CREDIT_BYTES = 16 * 1_024 * 1_024
# What the service caps a consumer's credit at, unless its settings say otherwise.
MOST_CREDITS = 1_000
MOST_CREDIT_BYTES = CREDIT_BYTES


@dataclass(frozen=True, slots=True)
class ConsumeSettings:
    """The numbers of a consumer; durations in ms."""

    # A stream that is not opened within this is given up.
    opens_within_ms: int = 10_000
    # No frame for so many heartbeats: the stream is dead.
    silent_heartbeats: float = 2.5
    # How long leaving waits for confirmations.
    confirms_within_ms: int = 10_000
    # How long the end of the stream is waited for, when all is confirmed.
    ends_within_ms: int = 1_000
    # A group that was never reached is given up after so many tries in a row.
    first_tries: int = 8
    # Longest wait before another try: a group has few consumers, and its events wait for them.
    longest_wait_ms: int = 3_000


DEFAULTS = ConsumeSettings()


def own_consumer_id() -> str:
    """An id for this process: machine, process number, chance."""
    return f"{socket.gethostname()[:64]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
