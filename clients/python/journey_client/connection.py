"""The state of a watch's connection: never silent, always shown.

connecting ──opened──▶ catching_up ──caught_up──▶ live ──going_away──▶ connecting
     ▲                                              │ end, error, silence
     └────────────── back-off over ────────────── stale                        … ──▶ ended
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from journey.v1.stream_pb2 import GoingAwayReason

LONGEST_WAIT_MS = 30_000
FIRST_WAIT_MS = 500
HEALTHY_MS = 60_000
OPENS_WITHIN_MS = 10_000
UNSCHEDULED_EVERY_MS = 5_000
SILENCE = 2.5


class ConnectionState(Enum):
    """Where a connection is."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    CATCHING_UP = "catching_up"
    LIVE = "live"
    STALE = "stale"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection at a moment. Times in ms since 1970 UTC by this machine.

    `stream_id` names the stream in the service's log. `lag` is how many events the service had
    not sent at its last heartbeat, -1 = unknown. `why` says why it is stale or has ended.
    """

    state: ConnectionState = ConnectionState.CONNECTING
    since_ms: int = 0
    last_frame_ms: int = 0
    stream_id: str = ""
    lag: int = 0
    tries: int = 0
    why: str = ""
    end_reason: GoingAwayReason = GoingAwayReason.GOING_AWAY_REASON_UNSPECIFIED

    def to(self, state: ConnectionState, now_ms: int, why: str = "") -> Connection:
        """The connection in another state."""
        return replace(self, state=state, since_ms=now_ms, why=why)


class Backoff:
    """Waits before tries: uniform in [0, min(30 s, 500 ms x 2^n)].

    n counts failed tries and returns to 0 after a delta or 60 s of health.
    """

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self.tries = 0

    def healthy(self) -> None:
        """A delta came, or the connection lived for 60 s."""
        self.tries = 0

    def next_wait_ms(self, asked_ms: int | None = None) -> float:
        """Wait before the next try; `asked_ms`, if the service asked, replaces the formula."""
        longest = min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** min(self.tries, 16))
        self.tries += 1
        return self._chance() * longest if asked_ms is None else float(asked_ms)
