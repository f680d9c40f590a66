"""The clocks of a device and what is known of their difference to the service's.

A device clock never decides anything by itself: interactions carry what the clocks said, calls
carry what they say now, and the service places the act in time.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from journey.v1.clocks_pb2 import ClientClock, ServerClock

KEPT_SAMPLES = 8
SAMPLE_LIFE_MS = 24 * 3_600_000
# The wall clock was changed if it moved so much against the monotonic one.
STEP_MS = 1_000
_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clocks(Protocol):
    """Clocks of one device."""

    @property
    def boot_id(self) -> str:
        """Changes whenever the monotonic clock starts anew; at most 64 characters."""

    @property
    def mono_pauses(self) -> bool:
        """Whether the monotonic clock may stand still while the machine sleeps."""

    def wall_ms(self) -> int:
        """Wall clock, ms since 1970 UTC; may be wrong and may jump."""

    def mono_ms(self) -> int:
        """Monotonic clock, ms since any moment of this boot."""


class MachineClocks:
    """The clocks of this machine: CLOCK_BOOTTIME, which counts sleep, where there is one."""

    def __init__(self) -> None:
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        self._boot_clock: int | None = clock
        self.boot_id = _boot_id(counts_from_boot=clock is not None)
        self.mono_pauses = clock is None

    def wall_ms(self) -> int:
        """Ms since 1970 UTC by this machine."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Ms since the machine started, or since any moment where that is not told."""
        if self._boot_clock is None:
            return time.monotonic_ns() // 1_000_000
        return time.clock_gettime_ns(self._boot_clock) // 1_000_000


def _boot_id(*, counts_from_boot: bool) -> str:
    """The kernel's id of this boot; where it tells none, one of this process."""
    try:
        if counts_from_boot:
            return _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        pass
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class ClockSample:
    """What one answer told: server minus device wall clock, its round trip, and when; all ms."""

    offset_ms: int
    rtt_ms: int
    wall_ms: int
    mono_ms: int


class ClockWatch:
    """Reads the device's clocks and keeps the samples of the last 8 answers."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._samples: deque[ClockSample] = deque(maxlen=KEPT_SAMPLES)

    @property
    def clocks(self) -> Clocks:
        """The clocks that are read."""
        return self._clocks

    def sending(self) -> ClientClock:
        """The clocks now, for a request."""
        clock = ClientClock(
            sent_wall_ms=self._clocks.wall_ms(),
            sent_mono_ms=self._clocks.mono_ms(),
            boot_id=self._clocks.boot_id,
            mono_pauses=self._clocks.mono_pauses,
        )
        best = self.best()
        if best is not None:
            clock.offset_ms = best.offset_ms
            clock.rtt_ms = best.rtt_ms
        return clock

    def answered(self, sent: ClientClock, server: ServerClock) -> None:
        """Learn from an answer: offset = ((t1 - t0) + (t2 - t3)) / 2, rounded down."""
        if not server.received_ms:
            return
        mono_ms, wall_ms = self._clocks.mono_ms(), self._clocks.wall_ms()
        worked_ms = server.answered_ms - server.received_ms
        to_server = server.received_ms - sent.sent_wall_ms
        back = server.answered_ms - wall_ms
        rtt_ms = max(0, mono_ms - sent.sent_mono_ms - worked_ms)
        if self._stepped(sent.sent_wall_ms - sent.sent_mono_ms, wall_ms - mono_ms):
            return
        self._samples.append(ClockSample((to_server + back) // 2, rtt_ms, wall_ms, mono_ms))

    def best(self) -> ClockSample | None:
        """The sample with the smallest round trip of the last 8 that still hold."""
        now = self._clocks.mono_ms()
        difference = self._clocks.wall_ms() - now
        usable = [
            sample
            for sample in self._samples
            if now - sample.mono_ms <= SAMPLE_LIFE_MS
            and not self._stepped(sample.wall_ms - sample.mono_ms, difference)
        ]
        return min(usable, key=lambda sample: sample.rtt_ms, default=None)

    @staticmethod
    def _stepped(before_ms: int, after_ms: int) -> bool:
        """Whether the wall clock was changed between two readings of wall minus monotonic."""
        return abs(after_ms - before_ms) > STEP_MS
