"""What a customer can go on with: newest activity first, one entry per title."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from journey.v1.journeys_pb2 import Journey

Listed = Callable[[Journey, int], bool]


def by_activity(journeys: Mapping[str, Journey]) -> list[str]:
    """Keys of published journeys, newest activity first; those without activity at the end."""
    return sorted(journeys, key=lambda key: _activity(key, journeys[key]), reverse=True)


def continue_list(journeys: Mapping[str, Journey], now_ms: int, listed: Listed) -> list[str]:
    """Keys of the journeys that are listed now, newest activity first.

    Of the versions of a title the one with the latest activity speaks for all: where that one is
    finished or hidden, the title is.
    """
    speakers: dict[str, str] = {}
    for key in by_activity(journeys):
        group = journeys[key].media.group_id
        speakers.setdefault(f"group/{group}" if group else key, key)
    return [key for key in speakers.values() if listed(journeys[key], now_ms)]


def _activity(key: str, journey: Journey) -> tuple[int, int, str, int, str]:
    active = journey.activity
    return (active.t_ms, active.counter, active.installation_id, active.seq, key)
