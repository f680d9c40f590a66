"""The sequence of an application: notifications by position, read in pages or followed.

subscribe ──▶ ask ──▶ events? ── those wanted ──▶ next, next, …
               ▲        │ none wanted      ask again
               └────────┘
stop, from any thread ──▶ what is asked ends ──▶ StopIteration
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import aclosing, suppress
from typing import Any, cast

from eventsourcing.persistence import (
    ApplicationRecorder,
    InterfaceError,
    Notification,
    NotSupportedError,
    StoredEvent,
    Subscription,
)

from journey.v1.events_pb2 import Event
from projections.recorders.events import Kept, accepted, notification
from projections.recorders.log import PAGE
from projections.recorders.streams import JourneyAggregateRecorder


class JourneyApplicationRecorder(JourneyAggregateRecorder, ApplicationRecorder):
    """Stored events with their positions as notification ids, where there is one partition.

    Notifications are this application's events; with `everything`, also what devices and back
    ends recorded.
    """

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """As of an aggregate recorder; returns the notification ids, None where there are none."""
        ids = self._insert(stored_events)
        return ids if self._ordered() else None

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Those from `start` to `stop`, at most `limit`. NotSupportedError: see subscribe."""
        self._require_order()
        after = max(0, (start or 0) - (1 if inclusive_of_start else 0))
        return self._bridge.run(self._page(after, stop, limit, frozenset(topics)))

    def max_notification_id(self) -> int | None:
        """The position of the last one; None = there is none."""
        self._require_order()
        return self._bridge.run(self._last_id())

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> JourneySubscription:
        """Notifications behind `gt`, then those to come. Raises NotSupportedError where the
        journal has more than one partition, so that there is no order of all its events."""
        self._require_order()
        return JourneySubscription(self, gt=gt, topics=topics)

    # --- inside -----------------------------------------------------------------------------------

    async def follow(
        self, after: int, topics: frozenset[str]
    ) -> AsyncGenerator[list[Notification]]:
        """The wanted ones behind a position, as they come, for ever."""
        following = self._log.follow(after)
        async with aclosing(following):
            async for events in following:
                yield self._wanted(events, topics)

    def call(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Begin `work` on the recorder's loop."""
        return self._bridge.submit(work)

    async def _page(
        self, after: int, stop: int | None, limit: int, topics: frozenset[str]
    ) -> list[Notification]:
        found: list[Notification] = []
        page = PAGE if topics else max(1, min(PAGE, limit))
        events = self._log.read_log(after_position=after, up_to_position=stop, page=page)
        async with aclosing(events):
            async for event in events:
                found += self._wanted([event], topics)
                if len(found) >= limit:
                    break
        return found

    async def _last_id(self) -> int | None:
        events = self._log.read_log(page=1, backwards=True)
        async with aclosing(events):
            async for event in events:
                for found in self._wanted([event], frozenset()):
                    return found.id
        return None

    def _wanted(self, events: Sequence[Event], topics: frozenset[str]) -> list[Notification]:
        kept = ((event, Kept.of(event)) for event in events if accepted(event))
        found = [
            notification(event, of_library)
            for event, of_library in kept
            if self._is_notified(of_library)
        ]
        return [each for each in found if not topics or each.topic in topics]

    def _is_notified(self, kept: Kept | None) -> bool:
        return self._is_ours(kept) and (kept is None or kept.application == self._application)

    def _ordered(self) -> bool:
        return self._bridge.run(self._log.partition_count()) == 1

    def _require_order(self) -> None:
        if not self._ordered():
            raise NotSupportedError(
                "Notifications need a journal of one partition (JOURNEY_PARTITION_COUNT=1 when "
                "its database is made): with more there is no one order of all events."
            )


class JourneySubscription(Subscription[JourneyApplicationRecorder]):
    """Blocks for the next notification until it is stopped, from whatever thread."""

    def __init__(
        self,
        recorder: JourneyApplicationRecorder,
        gt: int | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._following = recorder.follow(gt or 0, frozenset(topics))
        self._arrived: deque[Notification] = deque()
        self._lock = threading.Lock()
        self._asked: Future[Any] | None = None

    def __next__(self) -> Notification:
        """The next one; StopIteration after `stop`, and what following the log raised."""
        while not self._has_been_stopped:
            if self._arrived:
                return self._arrived.popleft()
            self._arrived += self._ask()
        raise StopIteration

    def stop(self) -> None:
        """End the iteration, also one that waits now."""
        with self._lock:
            if self._has_been_stopped:
                return
            super().stop()
            asked = self._asked
        if asked is not None and not asked.done():
            # Ending what is asked ends the following, too.
            asked.cancel()
        else:
            with suppress(InterfaceError):
                self._recorder.call(_close(self._following))

    def _ask(self) -> list[Notification]:
        with self._lock:
            if self._has_been_stopped:
                return []
            self._asked = self._recorder.call(_next(self._following))
        try:
            return cast("list[Notification]", self._asked.result())
        except (CancelledError, StopAsyncIteration):
            self._has_been_stopped = True
            return []


async def _next(following: AsyncGenerator[list[Notification]]) -> list[Notification]:
    return await anext(following)


async def _close(following: AsyncGenerator[list[Notification]]) -> None:
    await following.aclose()
