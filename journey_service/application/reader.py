"""Exact states of subjects: what is stored, joined with the events behind it, remembered.

A remembered subject costs one small query per read: the events behind the version it stands at.
Folds are idempotent, so two reads that fetch the same events do no harm.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.batch import Stamp
from journey_service.ports import Sessions, States, SubjectSnapshot

DEVICE_NAMES_LIFE_S = 5.0


@dataclass(slots=True)
class SubjectView:
    """A subject's folds at one version, with what was published from them."""

    subject_id: str
    generation: int = 0
    version: int = 0
    floor: Stamp = Stamp(0, 0)
    folds: dict[str, JourneyFold] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    devices_read_at: float = 0.0
    _published: dict[str, Journey] = field(default_factory=dict)

    def apply(self, events: Iterable[Event]) -> set[str]:
        """Fold what is newer than this view; returns the keys that changed."""
        changed: set[str] = set()
        for event in events:
            if event.version > self.version:
                changed |= projections.fold_event(self.folds, event)
                self.version = event.version
        for key in changed:
            self._published.pop(key, None)
        return changed

    def publish(self, key: str, now_ms: int) -> Journey:
        """The published state of one journey, as of now. Valid until the next await."""
        journey = self._published.get(key)
        if journey is None:
            journey = self._published[key] = projections.publish(self.folds[key])
        journey.archived = projections.archived(journey, now_ms)
        journey.last_device_id = self.devices.get(
            self.folds[key].last_intent.installation_id,
            self.folds[key].last_intent.installation_id,
        )
        return journey

    def published(self, now_ms: int, kinds: Collection[str] = ()) -> dict[str, Journey]:
        """All journeys of these kinds (none = all) by key."""
        return {
            key: self.publish(key, now_ms)
            for key, fold in self.folds.items()
            if not kinds or fold.ref.kind in kinds
        }

    def knows_its_devices(self) -> bool:
        """Whether each installation that acted has its device, or was looked up just now."""
        if time.monotonic() - self.devices_read_at < DEVICE_NAMES_LIFE_S:
            return True
        return all(
            fold.last_intent.installation_id in self.devices
            for fold in self.folds.values()
            if fold.last_intent.installation_id
        )


@dataclass(frozen=True, slots=True)
class ExactRead:
    """A view that is as fresh as the last commit, and the watermark read in the same snapshot."""

    view: SubjectView
    processed_seq: int


class Reader:
    """Reads subjects exactly; remembers the latest `capacity` of them."""

    def __init__(self, states: States, sessions: Sessions, *, capacity: int) -> None:
        self._states = states
        self._sessions = sessions
        self._capacity = capacity
        self._views: OrderedDict[str, SubjectView] = OrderedDict()

    async def read(self, subject_id: str, *, installation_id: str = "") -> ExactRead:
        """The subject as of the last commit; one round trip, two when devices are unknown."""
        remembered = self._views.get(subject_id)
        snapshot = await self._snapshot(subject_id, remembered, installation_id)
        if remembered is not None and snapshot.generation != remembered.generation:
            # What is remembered was folded by another fold: begin with what this one stored.
            snapshot = await self._snapshot(subject_id, None, installation_id)
        view = self._bring_forward(subject_id, snapshot)
        if not view.knows_its_devices():
            devices = await self._sessions.devices_of(subject_id)
            view.devices = {key: device.device_id for key, device in devices.items()}
            view.devices_read_at = time.monotonic()
        return ExactRead(view, snapshot.processed_seq)

    async def _snapshot(
        self, subject_id: str, remembered: SubjectView | None, installation_id: str
    ) -> SubjectSnapshot:
        return await self._states.read_subject(
            projections.JOURNEYS.name,
            subject_id,
            cached_version=remembered.version if remembered else None,
            installation_id=installation_id,
        )

    def forget(self, subject_id: str) -> None:
        """Drop what is remembered of a subject."""
        self._views.pop(subject_id, None)

    def _bring_forward(self, subject_id: str, snapshot: SubjectSnapshot) -> SubjectView:
        """Join the snapshot with what is remembered now, which may be newer than at its request."""
        view = self._views.get(subject_id)
        if view is None or self._cannot_follow(view, snapshot):
            view = SubjectView(
                subject_id,
                generation=snapshot.generation,
                version=snapshot.folded_version,
                folds={
                    key: JourneyFold.FromString(state) for key, state in snapshot.states.items()
                },
            )
        view.apply(snapshot.tail)
        view.floor = max(view.floor, snapshot.head.floor)
        if snapshot.head.version:
            self._remember(view)
        return view

    @staticmethod
    def _cannot_follow(view: SubjectView, snapshot: SubjectSnapshot) -> bool:
        """Another generation, a rewound journal, or a tail that begins ahead of the view."""
        return (
            view.generation != snapshot.generation
            or snapshot.head.version < snapshot.folded_version
            or (bool(snapshot.tail) and snapshot.tail[0].version > view.version + 1)
            or (not snapshot.tail and snapshot.folded_version > view.version)
        )

    def _remember(self, view: SubjectView) -> None:
        self._views[view.subject_id] = view
        self._views.move_to_end(view.subject_id)
        while len(self._views) > self._capacity:
            self._views.popitem(last=False)
