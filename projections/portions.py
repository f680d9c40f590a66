"""Events folded in portions: those of one state together, whatever came between them.

Folding commutes, so a page may be folded state by state. Whatever the events of a portion have in
common is done once for all of them, and each is looked at once: by that it is known, too, which
states are to be loaded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeGuard, TypeVar

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event

S = TypeVar("S", bound=Message)

# Events folded before others on the event loop have their turn: about 2 ms of work.
BREATH = 50


class Portion(Protocol[S]):
    """Events that change one state."""

    def begin(self) -> S:
        """The state before any event."""

    def fold_into(self, state: S) -> int:
        """Fold them into the state, in place; returns the version of the last one."""


class Portioned(Protocol[S]):
    """A projection that folds in portions, to the same bytes as event by event."""

    def portions(self, events: Iterable[Event]) -> Mapping[str, Portion[S]]:
        """The portions of events of one subject, by key of the state, in their order."""


def fold_portions(states: dict[str, S], portions: Mapping[str, Portion[S]]) -> dict[str, int]:
    """Fold portions into the states of their subject, making those missing; the version of the last
    event of each, by key."""
    versions = {}
    for key, portion in portions.items():
        state = states.get(key)
        if state is None:
            state = states[key] = portion.begin()
        versions[key] = portion.fold_into(state)
    return versions


class Part(Generic[S]):
    """Some events of one subject, by what they change."""

    __slots__ = ("events", "portions", "subject_id")

    def __init__(self, subject_id: str, events: int, portions: Mapping[str, Portion[S]]) -> None:
        """`events`: how many they are."""
        self.subject_id = subject_id
        self.events = events
        self.portions = portions


class Turns:
    """Gives others on the event loop their turn after so many events: about 2 ms of work."""

    def __init__(self) -> None:
        self._since = 0

    async def did(self, events: int) -> None:
        """So many events more were looked at."""
        self._since += events
        if self._since >= BREATH:
            self._since = 0
            await asyncio.sleep(0)


def _folds_in_portions(projection: object) -> TypeGuard[Portioned[Any]]:
    """A class that changes `fold_event` alone of one that has portions means what it changed."""
    makers = ({"portions", "fold_event"} & vars(each).keys() for each in type(projection).__mro__)
    return "portions" in next(filter(None, makers), ())


async def plan(projection: object, events: Iterable[Event]) -> list[Part[Any]] | None:
    """What events of a page change, in parts of at most BREATH events; None where they are to be
    folded one by one: the projection folds in no portions, or stumbles over one of them."""
    if not _folds_in_portions(projection):
        return None
    parts, turns = [], Turns()
    for subject_id, mine in _by_subject(events):
        try:
            portions = projection.portions(mine)
        except Exception:  # noqa: BLE001  whatever a projection raises; one by one tells where
            return None
        if portions:
            parts.append(Part(subject_id, len(mine), portions))
        await turns.did(len(mine))
    return parts


def keys_in(parts: Iterable[Part[Any]]) -> set[tuple[str, str]]:
    """The states that parts change, by (subject_id, key)."""
    return {(part.subject_id, key) for part in parts for key in part.portions}


async def fold_parts(
    states: dict[str, dict[str, S]], parts: Iterable[Part[S]]
) -> dict[tuple[str, str], int] | None:
    """Fold parts into states by subject and key, in place; the version of the last event of each.

    None where a fold stumbles: folding the same events one by one, into these states or others,
    tells where, because what is folded twice is folded once.
    """
    changed, turns = {}, Turns()
    for part in parts:
        mine = states.setdefault(part.subject_id, {})
        try:
            versions = fold_portions(mine, part.portions)
        except Exception:  # noqa: BLE001  likewise
            return None
        for key, version in versions.items():
            changed[part.subject_id, key] = version
        await turns.did(part.events)
    return changed


def _by_subject(events: Iterable[Event]) -> Iterator[tuple[str, Sequence[Event]]]:
    """Events of one subject each, in their order, at most BREATH at once."""
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.subject_id, []).append(event)
    for subject_id, mine in found.items():
        for start in range(0, len(mine), BREATH):
            yield subject_id, mine[start : start + BREATH]
