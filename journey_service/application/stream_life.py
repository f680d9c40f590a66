"""How a stream of a back end or developer begins, waits and ends."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass

from journey.v1.stream_pb2 import GOING_AWAY_REASON_UNSPECIFIED, GoingAway, StreamOpened
from journey_service.application.context import Context
from journey_service.application.subscribers import Subscriber
from journey_service.application.watch_terms import ends_at_ms, farewell, rotate_at_ms


@dataclass(frozen=True, slots=True)
class StreamLife:
    """Of one stream. `rotate_at_ms`: when it ends, planned, if nothing ends it before."""

    context: Context
    subscriber: Subscriber
    rotate_at_ms: int

    @classmethod
    def begin(cls, context: Context, subscriber: Subscriber) -> StreamLife:
        """Of a stream that opens now."""
        return cls(context, subscriber, rotate_at_ms(context))

    def opened(self, *, resumed: bool = False) -> StreamOpened:
        """What the first frame says."""
        return StreamOpened(
            stream_id=uuid.uuid4().hex,
            heartbeat_ms=self.context.settings.heartbeat_ms,
            resumed=resumed,
            rotate_at_ms=self.rotate_at_ms,
            auth_expires_at_ms=self.subscriber.principal.expires_at_ms,
            server_ms=self.context.clock.now_ms(),
        )

    def is_over(self) -> bool:
        """Whether it is to end: replaced, drained, at its time. Raises TokenExpired."""
        return self.subscriber.is_over(
            self.context.clock.now_ms(),
            rotate_at_ms=self.rotate_at_ms,
            warning_ms=self.context.settings.auth_warning_ms,
        )

    async def wait(self, most_s: float) -> None:
        """Until something wakes the stream or it is to end, at most so long."""
        wake = self.subscriber.wake
        wake.clear()
        if self.subscriber.ending is not None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min(most_s, self._left_s()))):
                await wake.wait()

    def going_away(self) -> GoingAway:
        """What the last frame of a planned end says: why, and when to come back."""
        return farewell(self.context, self.subscriber.ending or GOING_AWAY_REASON_UNSPECIFIED)

    def _left_s(self) -> float:
        expires_ms = self.subscriber.principal.expires_at_ms
        ends_ms = ends_at_ms(self.context.settings, self.rotate_at_ms, expires_ms)
        return (ends_ms - self.context.clock.now_ms()) / 1_000
