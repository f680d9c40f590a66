"""A client's copy of a customer, kept by the frames of Watch. Pure: no clock, no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from journey.v1.journey_service_pb2 import WatchDelta, WatchResponse, WatchSnapshot
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef, Lease, Processed


class JourneyKey(NamedTuple):
    """Names a journey of the customer at hand."""

    kind: str
    journey_id: str


def key_of(ref: JourneyRef) -> JourneyKey:
    """The key of a reference."""
    return JourneyKey(ref.kind, ref.journey_id)


class Step(Enum):
    """What a frame did to the copy."""

    APPLIED = "applied"
    PART = "part"
    NOTHING = "nothing"
    DROPPED = "dropped"
    HOLE = "hole"


@dataclass(slots=True)
class Copy:
    """Journeys as of `token`. Frames 1, 2, 3 … of one stream; `begin_stream` before each.

    `changed` and `removed` gather what frames changed until `take_changes`.
    """

    journeys: dict[JourneyKey, Journey] = field(default_factory=dict)
    continue_keys: tuple[JourneyKey, ...] = ()
    leases: dict[JourneyKey, Lease] = field(default_factory=dict)
    processed: dict[tuple[int, str], int] = field(default_factory=dict)
    customer_id: str = ""
    truncated: bool = False
    token: str = ""
    changed: set[JourneyKey] = field(default_factory=set)
    removed: set[JourneyKey] = field(default_factory=set)
    _frame: int = 0
    _parts: list[WatchSnapshot | WatchDelta] = field(default_factory=list)

    def begin_stream(self) -> None:
        """A new stream numbers its frames from 1; parts of the old one are void."""
        self._frame = 0
        self._parts = []

    def clear(self) -> None:
        """Forget everything: the copy of nobody."""
        self._replace()
        self.customer_id = self.token = ""
        self.begin_stream()

    def apply(self, frame: WatchResponse) -> Step:
        """Apply one frame whole, or not at all; a repeat is dropped, a hole is told.

        Parts are collected and applied together at the last one, which carries the token.
        """
        if frame.frame <= self._frame:
            return Step.DROPPED
        if frame.frame != self._frame + 1:
            return Step.HOLE
        self._frame = frame.frame
        done = self._content(frame)
        if frame.token:
            self.token = frame.token
        return done

    def take_changes(self) -> tuple[frozenset[JourneyKey], frozenset[JourneyKey]]:
        """Keys of journeys that changed and that are gone since the last call."""
        changed, removed = frozenset(self.changed), frozenset(self.removed)
        self.changed, self.removed = set(), set()
        return changed, removed

    def _content(self, frame: WatchResponse) -> Step:
        part: WatchSnapshot | WatchDelta
        match frame.WhichOneof("content"):
            case "snapshot":
                part = frame.snapshot
            case "delta":
                part = frame.delta
            case _:
                return Step.NOTHING
        self._parts.append(part)
        if not part.last:
            return Step.PART
        parts, self._parts = self._parts, []
        if isinstance(part, WatchSnapshot):
            self._replace()
        for each in parts:
            self._merge(each)
        return Step.APPLIED

    def _replace(self) -> None:
        """A snapshot is coming in: what it does not hold is gone."""
        self.removed |= self.journeys.keys()
        self.changed -= self.removed
        self.journeys, self.leases, self.processed = {}, {}, {}
        self.continue_keys, self.truncated = (), False

    def _merge(self, part: WatchSnapshot | WatchDelta) -> None:
        for journey in part.journeys:
            key = key_of(journey.ref)
            self.journeys[key] = journey
            self.changed.add(key)
            self.removed.discard(key)
        self.customer_id = part.customer_id or self.customer_id
        if isinstance(part, WatchDelta):
            for gone in part.removed:
                self._drop(key_of(gone.journey))
            if part.continue_changed:
                self.continue_keys = tuple(key_of(ref) for ref in part.continue_list)
        else:
            self.truncated = self.truncated or part.truncated
            self.continue_keys += tuple(key_of(ref) for ref in part.continue_list)
        self.leases.update((key_of(lease.journey), lease) for lease in part.leases)
        self.processed.update(_watermarks(part.processed))

    def _drop(self, key: JourneyKey) -> None:
        self.journeys.pop(key, None)
        self.leases.pop(key, None)
        self.changed.discard(key)
        self.removed.add(key)


def _watermarks(processed: Iterable[Processed]) -> Mapping[tuple[int, str], int]:
    return {(mark.epoch, mark.subject_id): mark.seq for mark in processed}
