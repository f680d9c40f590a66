"""WatchRebuild: opened → (rebuild | heartbeat)* → the rebuild with its end, or going_away."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress

from journey.v1.rebuilds_pb2 import Rebuild, WatchRebuildRequest, WatchRebuildResponse
from journey.v1.stream_pb2 import Heartbeat
from journey_service.application.context import Context
from journey_service.application.rebuilt import found, left_ms, shown
from journey_service.application.stream_life import StreamLife
from journey_service.application.subscribers import Subscriber
from journey_service.domain.errors import Overloaded, Unavailable
from journey_service.domain.identity import Principal

# Looks over which the rate is measured.
RATE_LOOKS = 50


async def watch_rebuild(
    context: Context, principal: Principal, request: WatchRebuildRequest
) -> AsyncIterator[WatchRebuildResponse]:
    """Progress until its end. Raises RebuildNotFound, Draining, TokenExpired."""
    await found(context, request.rebuild_id)
    life = StreamLife.begin(context, Subscriber(principal, ""))
    settings, pace = context.settings, _Pace()
    last, spoke_at = Rebuild(), _now()
    with context.subscribers.open(life.subscriber):
        yield WatchRebuildResponse(opened=life.opened())
        while not life.is_over():
            # The database may be away for a moment: the rebuild is where it was.
            with suppress(Unavailable, Overloaded):
                seen = await shown(context, await found(context, request.rebuild_id))
                pace.measure(seen)
                if seen != last:
                    last, spoke_at = seen, _now()
                    yield WatchRebuildResponse(rebuild=seen)
                if seen.ended_at_ms:
                    return
            if _now() - spoke_at >= settings.heartbeat_ms / 1_000:
                spoke_at = _now()
                beat = Heartbeat(server_ms=context.clock.now_ms(), lag_events=-1)
                yield WatchRebuildResponse(heartbeat=beat)
            await life.wait(settings.rebuild_watch_ms / 1_000)
        yield WatchRebuildResponse(going_away=life.going_away())


class _Pace:
    """How fast it went lately."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=RATE_LOOKS)

    def measure(self, seen: Rebuild) -> None:
        """Put the rate of the last looks into it, once there are two."""
        self._seen.append((_now(), seen.events_done))
        (began, done), (ended, more) = self._seen[0], self._seen[-1]
        if ended > began and not seen.ended_at_ms:
            rate = (more - done) / (ended - began)
            seen.events_per_s = round(rate)
            seen.left_ms = left_ms(seen, rate)


def _now() -> float:
    return asyncio.get_running_loop().time()
