"""What a customer can go on with: newest activity first, one entry per title and per series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from journey.v1.journeys_pb2 import Journey
from projections.members import Members, activity_place
from projections.projection import key_of

Place = tuple[int, int, str, int, str]


class Rules(Protocol):
    """What the kinds of journeys say."""

    def archived(self, journey: Journey, now_ms: int) -> bool:
        """Whether it was idle for its kind's archive time."""

    def listed(self, journey: Journey, now_ms: int) -> bool:
        """Whether it is offered by itself."""

    def together(self, journeys: Mapping[str, Journey]) -> Members:
        """Journeys that make up another one."""


class Title(NamedTuple):
    """The version with the latest activity, which speaks for all; the series, empty = none."""

    speaker: str
    series: str


def by_activity(journeys: Mapping[str, Journey]) -> list[str]:
    """Keys of published journeys, newest activity first; those without activity at the end."""
    return sorted(journeys, key=lambda key: activity_place(key, journeys[key]), reverse=True)


def continue_list(journeys: Mapping[str, Journey], now_ms: int, rules: Rules) -> list[str]:
    """Keys of the journeys that are listed now, newest activity first.

    Of the versions of a title the one with the latest activity speaks for all: where that one is
    finished or hidden, the title is. Of a series its member in progress with the latest activity is
    listed; where none is, what comes after the member finished last, which need not be begun: then
    its key is not among the journeys.
    """
    entries: dict[str, Place] = {}
    series: dict[str, list[str]] = {}
    for title in _titles(journeys):
        journey = journeys[title.speaker]
        if title.series:
            series.setdefault(title.series, []).append(title.speaker)
        elif rules.listed(journey, now_ms):
            entries[title.speaker] = activity_place(title.speaker, journey)
    for name, members in series.items():
        speaker, key = _of_series(journeys, name, members, now_ms, rules)
        if key:
            place = activity_place(speaker, journeys[speaker])
            entries[key] = max(place, entries.get(key, place))
    return sorted(entries, key=lambda key: entries[key], reverse=True)


def _titles(journeys: Mapping[str, Journey]) -> Iterable[Title]:
    series_of, titles = _series_of(journeys), dict[str, Title]()
    for key in by_activity(journeys):
        group, series = journeys[key].media.group_id, series_of.get(key, "")
        name = f"group/{group}" if group else key
        known = titles.setdefault(name, Title(key, series))
        if series and not known.series:
            titles[name] = known._replace(series=series)
    return titles.values()


def _series_of(journeys: Mapping[str, Journey]) -> dict[str, str]:
    """Key of the series by key of the member: what the member says itself, else the series."""
    found: dict[str, str] = {}
    for key in sorted(journeys):
        for member in journeys[key].series.members:
            found.setdefault(key_of(member.journey), key)
    for key, journey in journeys.items():
        if journey.media.series_id:
            found[key] = f"series/{journey.media.series_id}"
    return found


def _of_series(
    journeys: Mapping[str, Journey], name: str, keys: list[str], now_ms: int, rules: Rules
) -> tuple[str, str]:
    """The member that speaks for a series, and what is listed of it; empty = nothing."""
    members = rules.together({key: journeys[key] for key in keys})
    going_on = members.going_on(keys)
    speaker = going_on or members.finished_last(keys)
    whole = journeys.get(name, Journey())
    if not speaker or whole.hidden or journeys[speaker].hidden:
        return "", ""
    if rules.archived(journeys[speaker], now_ms):
        return "", ""
    return speaker, going_on or _up_next(journeys, whole)


def _up_next(journeys: Mapping[str, Journey], whole: Journey) -> str:
    if not whole.series.HasField("up_next"):
        return ""
    key = key_of(whole.series.up_next)
    return "" if key in journeys and journeys[key].hidden else key
