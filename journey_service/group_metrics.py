"""What consumer groups tell, as figures and log lines. See application/group_watch.py."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from journey_service.observability import TELL_AGAIN_S, Metrics


class GroupMetrics:
    """Figures by group; lines where somebody has to look, at once and then each minute."""

    def __init__(self, metrics: Metrics, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds that never go back."""
        self._clock = clock
        self._lag = metrics.gauge(
            "journey_group_lag_events",
            "Events that wait here for consumers of a group; -1 = not known yet",
            "group",
        )
        self._lapsed = metrics.counter(
            "journey_group_lapsed_total", "Deliveries whose lease ran out", "group"
        )
        self._parked = metrics.counter(
            "journey_group_parked_total", "Events that were put aside", "group"
        )
        self._park_failures = metrics.counter(
            "journey_group_park_failures_total", "Tries to put events aside that failed", "group"
        )
        self._failures = metrics.counter(
            "journey_group_failures_total", "Faults that stopped a group or a partition", "group"
        )
        # When a line told of something last.
        self._told: dict[tuple[str, ...], float] = {}

    def stands(self, group_id: str, *, lag_events: int) -> None:
        """See GroupWatch."""
        self._lag.labels(group_id).set(lag_events)

    def lapsed(self, group_id: str) -> None:
        """See GroupWatch."""
        self._lapsed.labels(group_id).inc()

    def parked(self, group_id: str, events: int) -> None:
        """See GroupWatch."""
        self._parked.labels(group_id).inc(events)

    def park_failed(self, group_id: str, error: Exception) -> None:
        """See GroupWatch."""
        self._park_failures.labels(group_id).inc()
        self._tell(
            "event cannot be parked", group_id, error, remedy="its subject waits; it is tried again"
        )

    def stopped(self, group_id: str, partition: int, error: Exception) -> None:
        """See GroupWatch."""
        self._failures.labels(group_id).inc()
        self._tell(
            "group stopped at a damaged event",
            group_id,
            error,
            partition=partition,
            remedy="nothing is skipped; run: journey verify",
        )

    def failed(self, group_id: str, error: Exception) -> None:
        """See GroupWatch."""
        self._failures.labels(group_id).inc()
        self._tell("group failed", group_id, error, remedy="its streams were ended")

    def _tell(self, what: str, group_id: str, error: Exception, **facts: object) -> None:
        key, now = (what, group_id, str(facts.get("partition", ""))), self._clock()
        if now - self._told.get(key, float("-inf")) >= TELL_AGAIN_S:
            self._told[key] = now
            structlog.get_logger("journey.group").error(
                what, group=group_id, exc_info=error, **facts
            )
