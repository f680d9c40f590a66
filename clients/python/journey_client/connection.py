"""The state of a watch's connection: never silent, always shown.

             start, wait over, act, foreground          opened           caught_up
   offline ─────────────▶ connecting ─────────▶ catching_up ─────────▶ live
      ▲ no network         ▲   │ not opened      │                      │  going_away
      │                    │   ▼                 ▼ end, error, silence  ▼     │
   (any)                   └─ stale ◀────────────┴──────────────────────┘     │
                           └──────────────────────────────────────────────────┘
   paused: hidden for long, or by the application      ended: for good, until `start`

The machine holds no clock, no chance and no network: times (ms of a monotonic clock), random
numbers and what happened come in; its state and the moment at which it wants to be woken go out.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from journey.v1.stream_pb2 import GoingAwayReason


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """The numbers of a connection; durations in ms."""

    # Waits before tries: uniform in [0, min(longest, first x 2^n)].
    first_wait_ms: int = 500
    longest_wait_ms: int = 30_000
    # n is 0 again after so much health, or the first delta.
    healthy_ms: int = 60_000
    # A stream that is not opened within this is given up.
    opens_within_ms: int = 10_000
    # No frame for so many heartbeats: the stream is dead.
    silent_heartbeats: float = 2.5
    # At most one start out of turn in this.
    unscheduled_every_ms: int = 5_000
    # Hidden for so long: the stream is closed.
    hidden_ms: int = 300_000
    # Names are resolved anew after so many failures.
    failures_before_new_names: int = 5


DEFAULTS = ConnectionSettings()
NEVER = float("inf")
_DOUBLINGS = 16
_FINAL_FAREWELLS = frozenset(
    {
        GoingAwayReason.GOING_AWAY_REASON_REPLACED,
        GoingAwayReason.GOING_AWAY_REASON_SIGNED_OUT,
    }
)


class ConnectionState(Enum):
    """Where a connection is."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    CATCHING_UP = "catching_up"
    LIVE = "live"
    STALE = "stale"
    PAUSED = "paused"
    ENDED = "ended"


ONLINE = frozenset({ConnectionState.CATCHING_UP, ConnectionState.LIVE})


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection at a moment. Times in ms since 1970 UTC by this machine.

    `stream_id` names the stream in the service's log. `lag` is how many events the service had
    not sent at its last heartbeat, -1 = unknown. `queue` is how many interactions of this device
    wait for their answers. `why` says why it is stale or has ended.
    """

    state: ConnectionState = ConnectionState.CONNECTING
    since_ms: int = 0
    last_frame_ms: int = 0
    stream_id: str = ""
    lag: int = 0
    queue: int = 0
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

    def __init__(
        self,
        chance: Callable[[], float] = random.random,
        settings: ConnectionSettings | None = None,
    ) -> None:
        self._chance = chance
        self._settings = settings or DEFAULTS
        self.tries = 0

    def healthy(self) -> None:
        """A delta came, or the connection lived for 60 s."""
        self.tries = 0

    def next_wait_ms(self, asked_ms: int | None = None) -> float:
        """Wait before the next try; `asked_ms`, if the service asked, replaces the formula."""
        doubled = self._settings.first_wait_ms << min(self.tries, _DOUBLINGS)
        self.tries += 1
        if asked_ms is not None:
            return float(asked_ms)
        return self._chance() * min(self._settings.longest_wait_ms, doubled)


class Unscheduled:
    """Grants starts out of turn: at most one in 5 s."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self._every_ms = settings.unscheduled_every_ms
        self._next_ms = float("-inf")

    def earliest(self, now: float) -> float:
        """When the next one may be."""
        return max(now, self._next_ms)

    def take(self, at: float) -> None:
        """One starts at this moment."""
        self._next_ms = at + self._every_ms


class ConnectionMachine:
    """One connection. Every method is a transition; `now` is monotonic, in ms.

    `due` is the moment at which `timer` is to be called. `streaming` says that a stream is to be
    open, or to be opened, now. `wall_ms` dates the states that are shown.
    """

    def __init__(
        self,
        settings: ConnectionSettings | None = None,
        *,
        chance: Callable[[], float] = random.random,
        wall_ms: Callable[[], int] = int,
    ) -> None:
        self.settings = settings or DEFAULTS
        self.due = NEVER
        self.streaming = False
        # Of the streams that were wanted, one after the other.
        self.stream_no = 0
        self._wall_ms = wall_ms
        self._backoff = Backoff(chance, self.settings)
        self._unscheduled = Unscheduled(self.settings)
        self._silence_ms = 0.0
        self._opened_at = NEVER
        self._hidden_at = NEVER
        self._asked_to_wait = False
        self._hole_forgiven = False
        self.connection = Connection(since_ms=wall_ms())

    @property
    def state(self) -> ConnectionState:
        """Where it is."""
        return self.connection.state

    @property
    def wants_new_names(self) -> bool:
        """Whether so many tries failed that names are to be resolved anew."""
        tries = self._backoff.tries
        return tries > 0 and tries % self.settings.failures_before_new_names == 0

    # --- the main path ---

    def start(self, now: float) -> None:
        """The application wants it; after an end it begins anew."""
        if self.state is ConnectionState.ENDED:
            self._backoff.healthy()
            none = GoingAwayReason.GOING_AWAY_REASON_UNSPECIFIED
            self.connection = replace(self.connection, end_reason=none)
        self._connect(now)

    def opened(self, now: float, heartbeat_ms: int, stream_id: str) -> None:
        """The first frame."""
        silence_ms = heartbeat_ms * self.settings.silent_heartbeats
        self._silence_ms = silence_ms or self.settings.opens_within_ms
        self._opened_at = now
        self.connection = replace(self.connection, stream_id=stream_id)
        self._go(ConnectionState.CATCHING_UP)
        self.frame(now)

    def frame(self, now: float, lag: int | None = None) -> None:
        """Any frame: the stream lives."""
        lag = self.connection.lag if lag is None else lag
        self.connection = replace(self.connection, last_frame_ms=self._wall_ms(), lag=lag)
        if self.state in ONLINE:
            self.due = now + self._silence_ms
        if now - self._opened_at >= self.settings.healthy_ms:
            self._healthy()

    def delta(self) -> None:
        """The copy moved on."""
        self._healthy()

    def caught_up(self) -> None:
        """The copy is level."""
        self._hole_forgiven = False
        self._go(ConnectionState.LIVE)

    # --- how a stream ends ---

    def went_away(self, now: float, reason: GoingAwayReason, retry_after_ms: int) -> None:
        """A planned end: the next stream follows when the service says, or never."""
        name = GoingAwayReason.Name(reason).removeprefix("GOING_AWAY_REASON_")
        if reason in _FINAL_FAREWELLS:
            self.connection = replace(self.connection, end_reason=reason)
            self.end(name)
        else:
            self._connect(now + retry_after_ms, name)

    def failed(self, now: float, why: str, asked_ms: int | None = None) -> None:
        """The stream ended, broke, was refused or fell silent: wait, then try again."""
        wait_ms = self._backoff.next_wait_ms(asked_ms)
        self._asked_to_wait = asked_ms is not None
        self.connection = replace(self.connection, tries=self._backoff.tries)
        self._rest(ConnectionState.STALE, why, now + wait_ms)

    def mended(self, now: float, why: str) -> None:
        """What refused the stream is out of the way: another one at once."""
        self._connect(now, why)

    def hole(self, now: float) -> None:
        """A frame is missing: another stream at once; if that has holes, too, with waits."""
        why = "a frame is missing"
        if self._hole_forgiven:
            self.failed(now, why)
        else:
            self._hole_forgiven = True
            self._connect(now, why)

    def end(self, why: str) -> None:
        """For good, until `start`."""
        self._rest(ConnectionState.ENDED, why)

    # --- what platform and application tell ---

    def network_down(self) -> None:
        """The platform says that there is no network."""
        if self.state not in {ConnectionState.ENDED, ConnectionState.PAUSED}:
            self._rest(ConnectionState.OFFLINE, "no network")

    def network_up(self, now: float) -> None:
        """The platform says that there is network."""
        if self.state is ConnectionState.OFFLINE:
            self._connect_out_of_turn(now)
        else:
            self.act(now)

    def act(self, now: float) -> None:
        """The customer acted, or a push came: try now, unless the service asked to wait."""
        waiting = self.state is ConnectionState.STALE and not self._asked_to_wait
        if waiting and self._unscheduled.earliest(now) == now:
            self._connect_out_of_turn(now)

    def hidden(self, now: float) -> None:
        """The customer does not see the application."""
        self._hidden_at = now

    def foreground(self, now: float) -> None:
        """The customer sees the application, or a push woke it."""
        self._hidden_at = NEVER
        if self.state is ConnectionState.PAUSED:
            self._connect_out_of_turn(now)
        else:
            self.act(now)

    def pause(self, why: str = "") -> None:
        """Close the stream and keep the copy."""
        if self.state is not ConnectionState.ENDED:
            self._rest(ConnectionState.PAUSED, why)

    # --- time ---

    @property
    def wake_at(self) -> float:
        """When `timer` is to be called."""
        if self.state in {ConnectionState.PAUSED, ConnectionState.ENDED}:
            return NEVER
        return min(self.due, self._hidden_at + self.settings.hidden_ms)

    def timer(self, now: float) -> None:
        """The moment has come; called early it changes nothing."""
        if now < self.wake_at:
            return
        if now >= self._hidden_at + self.settings.hidden_ms:
            self.pause("hidden")
        elif self.state in ONLINE:
            self.failed(now, f"no frame for {self._silence_ms:.0f} ms")
        elif self.streaming:
            self.failed(now, f"not opened within {self.settings.opens_within_ms} ms")
        else:
            self._begin(now)

    # --- inside ---

    def _connect(self, at: float, why: str = "") -> None:
        """Connecting, from a moment on."""
        self._rest(ConnectionState.CONNECTING, why, at)

    def _connect_out_of_turn(self, now: float) -> None:
        at = self._unscheduled.earliest(now)
        self._unscheduled.take(at)
        self._connect(at)

    def _begin(self, now: float) -> None:
        """The wait is over: open a stream."""
        self.streaming = True
        self.stream_no += 1
        self._opened_at = NEVER
        self._go(ConnectionState.CONNECTING)
        self.due = now + self.settings.opens_within_ms

    def _healthy(self) -> None:
        self._backoff.healthy()
        self.connection = replace(self.connection, tries=0)

    def _rest(self, state: ConnectionState, why: str, due: float = NEVER) -> None:
        """A state without a stream."""
        self.streaming = False
        self.due = due
        self._go(state, why)

    def _go(self, state: ConnectionState, why: str = "") -> None:
        if (state, why) != (self.state, self.connection.why):
            self.connection = self.connection.to(state, self._wall_ms(), why)
