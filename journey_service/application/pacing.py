"""When a watch speaks: intents at once, telemetry now and then, a heartbeat into the silence."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field

from journey_service.application.hub import Watcher
from journey_service.application.watch_terms import ends_at_ms
from journey_service.ports import Clock
from journey_service.settings import Settings


@dataclass(slots=True)
class Pace:
    """Of one watch. All times are of the event loop, in seconds, unless the name says ms."""

    watcher: Watcher
    clock: Clock
    settings: Settings
    rotate_at_ms: int
    spoke_at: float = 0.0
    read_at: float = 0.0
    # When something beside the journeys is due by itself.
    aside_at: float = math.inf
    _pushed_at: dict[str, float] = field(default_factory=dict)

    def spoke(self) -> None:
        """A frame goes out."""
        self.spoke_at = _now()

    def reads(self) -> None:
        """The customer is read now."""
        self.read_at = _now()

    def pushes(self) -> None:
        """What moved goes out now: note it of telemetry, forget what may go out again anyway."""
        now = _now()
        fresh = now - self._push_s()
        self._pushed_at = {key: at for key, at in self._pushed_at.items() if at > fresh}
        self._pushed_at |= dict.fromkeys(self.watcher.telemetry, now)

    def is_time_to_look(self) -> bool:
        """Whether nothing was read for so long that something may have been missed."""
        return _now() >= self.read_at + self.settings.watch_look_ms / 1_000

    async def wait(self) -> bool:
        """Whether something is to be sent before the heartbeat, or the planned end, is due."""
        until = _now() + self._patience_s()
        while self.watcher.ending is None:
            due = min(self._due(), self.aside_at)
            if due <= _now():
                return True
            if until <= _now():
                return False
            self.watcher.wake.clear()
            await self.watcher.wake.wait(min(due, until))
        return False

    def _due(self) -> float:
        """When what moved is to be sent; infinite where nothing moved.

        An intent at once; telemetry alone when the last of each of its journeys is old enough,
        because a frame holds all that changed.
        """
        if self.watcher.urgent or self.watcher.nudged:
            return -math.inf
        if not self.watcher.telemetry:
            return math.inf
        pushed = (self._pushed_at.get(key, -math.inf) for key in self.watcher.telemetry)
        return max(pushed) + self._push_s()

    def _push_s(self) -> float:
        return self.settings.telemetry_push_ms / 1_000

    def _patience_s(self) -> float:
        """How long to be silent: to the heartbeat after the last frame, or to the planned end."""
        expires_ms = self.watcher.auth_expires_at_ms
        ends_ms = ends_at_ms(self.settings, self.rotate_at_ms, expires_ms)
        silent_s = _now() - self.spoke_at
        heartbeat_s = self.settings.heartbeat_ms / 1_000 - silent_s
        return max(0.0, min(heartbeat_s, (ends_ms - self.clock.now_ms()) / 1_000))


def _now() -> float:
    return asyncio.get_running_loop().time()
