"""Journeys that make up another one: which of them goes on, and which was finished last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from journey.v1.journeys_pb2 import Journey
from projections.fold import Order


class Members(NamedTuple):
    """Published journeys by key, and the keys of those that are begun and not finished."""

    journeys: Mapping[str, Journey]
    in_progress: frozenset[str]

    def finished(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys whose journeys are finished."""
        return [key for key in keys if key in self.journeys and self.journeys[key].finished]

    def going_on(self, keys: Iterable[str]) -> str:
        """The one in progress with the latest activity; empty = none."""
        return self._latest(key for key in keys if key in self.in_progress)

    def finished_last(self, keys: Iterable[str]) -> str:
        """The one that was finished last; empty = none."""
        finished = self.finished(keys)
        return max(finished, key=lambda key: (finished_at_ms(self.journeys[key]), key), default="")

    def activity(self, keys: Iterable[str]) -> Order | None:
        """The latest activity of them, without the stream in which it was recorded."""
        key = self._latest(key for key in keys if key in self.journeys)
        if not key or not self.journeys[key].HasField("activity"):
            return None
        active = self.journeys[key].activity
        return active.t_ms, active.counter, active.installation_id, active.seq, "", 0

    def _latest(self, keys: Iterable[str]) -> str:
        return max(keys, key=lambda key: activity_place(key, self.journeys[key]), default="")


def activity_place(key: str, journey: Journey) -> tuple[int, int, str, int, str]:
    """Sorts published journeys by their activity; greater is later."""
    active = journey.activity
    return (active.t_ms, active.counter, active.installation_id, active.seq, key)


def finished_at_ms(journey: Journey) -> int:
    """When a finished journey was last played or read to its end, ms since 1970 UTC."""
    told = {"media": journey.media.finished_at_ms, "reading": journey.reading.finished_at_ms}
    return max(told.get(journey.ref.kind, 0), journey.activity.t_ms)
