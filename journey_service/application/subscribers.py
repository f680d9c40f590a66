"""Open streams of back ends and developers: one for each name of a reader, and how far each is."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_AUTH_EXPIRING,
    GOING_AWAY_REASON_REPLACED,
    GOING_AWAY_REASON_ROTATION,
    GoingAwayReason,
)
from journey_service.domain.errors import Draining, TokenExpired
from journey_service.domain.identity import Principal


def _nowhere() -> Mapping[int, int]:
    return {}


@dataclass(slots=True, eq=False)
class Subscriber:
    """One open stream, and why it should end.

    `lag_events` tells how many events it was not sent yet; `positions`, by partition, up to where
    it was sent the journal (nothing for one that follows a single customer).
    """

    principal: Principal
    consumer: str
    lag_events: Callable[[], int] = lambda: 0
    positions: Callable[[], Mapping[int, int]] = _nowhere
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ending: GoingAwayReason | None = None

    @property
    def name(self) -> tuple[int, str, str]:
        """Whose stream it is: of one name there is one."""
        return (self.principal.role, self.principal.id, self.consumer or str(id(self)))

    def end(self, reason: GoingAwayReason) -> None:
        """Ask the stream to say good-bye; the first reason stands."""
        self.ending = self.ending or reason
        self.wake.set()

    def is_over(self, now_ms: int, *, rotate_at_ms: int, warning_ms: int) -> bool:
        """Whether it is to end: replaced, drained, at its time, `warning_ms` before its credential.

        Raises TokenExpired.
        """
        expires_ms = self.principal.expires_at_ms
        if expires_ms and now_ms >= expires_ms:
            raise TokenExpired
        if expires_ms and now_ms >= expires_ms - warning_ms:
            self.end(GOING_AWAY_REASON_AUTH_EXPIRING)
        elif now_ms >= rotate_at_ms:
            self.end(GOING_AWAY_REASON_ROTATION)
        return self.ending is not None


class Subscribers:
    """All such streams of this process."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, str, str], Subscriber] = {}
        self.draining = False

    @contextmanager
    def open(self, subscriber: Subscriber) -> Iterator[None]:
        """Count it in while this is open; it replaces the older stream of its name.

        Raises Draining.
        """
        if self.draining:
            raise Draining
        older = self._open.get(subscriber.name)
        if older is not None:
            older.end(GOING_AWAY_REASON_REPLACED)
        self._open[subscriber.name] = subscriber
        try:
            yield
        finally:
            if self._open.get(subscriber.name) is subscriber:
                del self._open[subscriber.name]

    def drain(self, reason: GoingAwayReason) -> None:
        """End all and refuse new ones."""
        self.draining = True
        for subscriber in list(self._open.values()):
            subscriber.end(reason)

    def lags(self) -> dict[str, int]:
        """Events not yet sent, by consumer name; of several that share it the furthest behind."""
        lags: defaultdict[str, int] = defaultdict(int)
        for subscriber in self._named():
            lags[subscriber.consumer] = max(lags[subscriber.consumer], subscriber.lag_events())
        return dict(lags)

    def positions(self) -> dict[str, Mapping[int, int]]:
        """Position sent up to, by consumer name and partition; of several the furthest behind."""
        found: dict[str, dict[int, int]] = {}
        for subscriber in self._named():
            known = found.setdefault(subscriber.consumer, {})
            for partition, position in subscriber.positions().items():
                known[partition] = min(position, known.get(partition, position))
        return {consumer: places for consumer, places in sorted(found.items()) if places}

    def _named(self) -> Iterator[Subscriber]:
        return (subscriber for subscriber in self._open.values() if subscriber.consumer)
