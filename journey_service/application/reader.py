"""Exact states of subjects: what is stored, joined with the events behind it, remembered.

A remembered subject costs one small query per read: the events behind the version it stands at.
Folds are idempotent, so two reads that fetch the same events do no harm. While a read waits, others
may bring the remembered subject forward or crowd it out, so what came is joined with what is there
then; where the two do not fit it is read again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.batch import Stamp
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.leases import LeaseRow
from journey_service.ports import Sessions, States, SubjectSnapshot
from projections.journey_states import device_told
from projections.members import activity_place

DEVICE_NAMES_LIFE_S = 5.0
# A continue list is good for this long where nothing changed: only archiving depends on now.
CONTINUE_LIST_LIFE_MS = 60_000
Place: TypeAlias = tuple[int | str, ...]


@dataclass(slots=True)
class SubjectView:
    """A subject's folds at one version, with what was published from them."""

    subject_id: str
    generation: int = 0
    version: int = 0
    floor: Stamp = Stamp(0, 0)
    folds: dict[str, JourneyFold] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    # Installations without a device when that was looked up, and when it was.
    nameless: AbstractSet[str] = frozenset()
    devices_read_at: float = 0.0
    _installations: set[str] = field(default_factory=set)
    # Journeys that are made up of others, with the keys of those: they change together.
    _wholes: dict[str, list[str]] = field(default_factory=dict)
    _published: dict[str, Journey] = field(default_factory=dict)
    # Version of the last change by key; the key that changed last stands at the end.
    _changed: dict[str, int] = field(default_factory=dict)
    # The continue list: of which version, when it was made, and its keys; and places of keys in it.
    _list: tuple[int, int, list[str]] = (-1, -1, [])
    _places: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        last = {
            key: max((seen.version for seen in fold.versions), default=0)
            for key, fold in self.folds.items()
        }
        for key in self.folds:
            self._note(key)
        last |= self._changed_wholes(last)
        self._changed = dict(sorted(last.items(), key=itemgetter(1)))

    def apply(self, events: Iterable[Event]) -> set[str]:
        """Fold what is newer than this view; returns the keys that changed."""
        return self.fold(event for event in events if event.version > self.version)

    def fold(self, events: Iterable[Event]) -> set[str]:
        """Fold events in whatever order they come; returns the keys that changed."""
        changed: dict[str, int] = {}
        for event in events:
            changed |= dict.fromkeys(projections.fold_event(self.folds, event), event.version)
            self.version = max(self.version, event.version)
        for key in changed:
            self._note(key)
        changed |= self._changed_wholes(changed)
        for key, version in sorted(changed.items(), key=itemgetter(1)):
            self._published.pop(key, None)
            self._places.pop(key, None)
            self._changed.pop(key, None)
            self._changed[key] = version
        return set(changed)

    def changed_since(self, version: int) -> list[str]:
        """Keys of the journeys that hold events behind a version; costs what changed, not all."""
        keys = []
        for key in reversed(self._changed):
            if self._changed[key] <= version:
                break
            keys.append(key)
        return sorted(keys)

    def publish(self, key: str, now_ms: int) -> Journey:
        """The published state of one journey, as of now. Valid until the next await."""
        journey = self._published.get(key)
        if journey is None:
            journey = self._published[key] = self._publish(key, now_ms)
        journey.archived = projections.archived(journey, now_ms)
        journey.finished = projections.finished(journey, now_ms)
        fold = self.folds[key]
        installation_id = fold.last_intent.installation_id
        journey.last_device_id = device_told(fold) or self.devices.get(
            installation_id, installation_id
        )
        return journey

    def _publish(self, key: str, now_ms: int) -> Journey:
        fold = self.folds[key]
        members = self.folds.keys() & self._wholes.get(key, ())
        return projections.publish(fold, {each: self.publish(each, now_ms) for each in members})

    def published(self, now_ms: int, kinds: Collection[str] = ()) -> dict[str, Journey]:
        """All journeys of these kinds (none = all) by key."""
        return {
            key: self.publish(key, now_ms)
            for key, fold in self.folds.items()
            if not kinds or fold.ref.kind in kinds
        }

    def continue_list(self, now_ms: int, kinds: frozenset[str] = frozenset()) -> list[str]:
        """What can be gone on with, newest activity first; made once for all who ask."""
        age = now_ms // CONTINUE_LIST_LIFE_MS
        version, made, keys = self._list
        if (version, made) != (self.version, age):
            moved = self._move(keys, version, now_ms) if made == age else None
            # All kinds: what is listed of a journey may depend on the series it belongs to.
            if moved is None:
                moved = projections.continue_list(self.published(now_ms), now_ms)
            keys = moved
            self._list = (self.version, age, keys)
        return [key for key in keys if key.partition("/")[0] in kinds] if kinds else keys

    def _move(self, keys: list[str], since: int, now_ms: int) -> list[str] | None:
        """A list after what changed since a version, which costs what changed; None = make it anew.

        Only journeys that stand alone can be put in their places without a look at the others.
        """
        changed = self.changed_since(since)
        for key in (*keys, *changed):
            if key not in self._places:
                self._places[key] = self._place(key, now_ms)
            if not self._places[key]:
                return None
        after = [key for key in keys if key not in changed]
        after += [key for key in changed if projections.listed(self.publish(key, now_ms), now_ms)]
        return sorted(after, key=self._places.__getitem__, reverse=True)

    def _place(self, key: str, now_ms: int) -> Place:
        """Where a journey that stands alone is in the list; empty for versions of a title, for
        series and for what belongs to one."""
        if key not in self.folds or key in self._wholes:
            return ()
        if any(key in members for members in self._wholes.values()):
            return ()
        journey = self.publish(key, now_ms)
        if journey.media.group_id or journey.media.series_id:
            return ()
        return activity_place(key, journey)

    def knows_its_devices(self) -> bool:
        """Whether each installation that acted has its device, or had none just now."""
        unknown = self._installations - self.devices.keys()
        if time.monotonic() - self.devices_read_at < DEVICE_NAMES_LIFE_S:
            unknown -= self.nameless
        return not unknown

    def name_devices(self, devices: Mapping[str, str]) -> None:
        """Take the device of every installation that has one now."""
        self.devices = devices
        self.nameless = self._installations - devices.keys()
        self.devices_read_at = time.monotonic()

    def _changed_wholes(self, changed: Mapping[str, int]) -> dict[str, int]:
        """Journeys that change with those they are made up of, and the version of that change."""
        return {
            key: max(changed[each] for each in {key, *members} & changed.keys())
            for key, members in self._wholes.items()
            if not changed.keys().isdisjoint({key, *members})
        }

    def _note(self, key: str) -> None:
        """What is looked up of all journeys at once: what is made up of others, installations."""
        fold = self.folds[key]
        if projections.is_whole(fold):
            self._wholes[key] = projections.members_of(fold)
        installation_id = fold.last_intent.installation_id
        if installation_id and not device_told(fold):
            self._installations.add(installation_id)


@dataclass(frozen=True, slots=True)
class ExactRead:
    """A view that is as fresh as the last commit; the watermark and the leases that have not ended,
    by key, read in the same snapshot."""

    view: SubjectView
    processed_seq: int
    leases: Mapping[str, LeaseRow] = field(default_factory=dict)


class Reader:
    """Reads subjects exactly; remembers the latest `capacity` of them."""

    def __init__(
        self,
        states: States,
        sessions: Sessions,
        *,
        capacity: int,
        epoch: Callable[[], str] = lambda: "",
    ) -> None:
        """`epoch` tells the journal's: what was remembered in another one may never have been."""
        self._states = states
        self._sessions = sessions
        self._capacity = capacity
        self._epoch_now = epoch
        self._epoch = epoch()
        self._views: OrderedDict[str, SubjectView] = OrderedDict()

    async def read(self, subject_id: str, *, installation_id: str = "") -> ExactRead:
        """The subject as of the last commit; one round trip, two when devices are unknown."""
        while True:
            epoch = self._epoch_in_force()
            remembered = self._views.get(subject_id)
            asked = remembered.version if remembered else None
            try:
                snapshot = await self._states.read_subject(
                    projections.JOURNEYS.name,
                    subject_id,
                    cached_version=asked,
                    installation_id=installation_id,
                )
            except EventUnreadable:
                if asked is None:
                    raise
                # The states may be past the damaged event, if that was told to be skipped.
                self._views.pop(subject_id, None)
                continue
            if epoch != self._epoch_in_force():
                # The connection of this read, or of another, brought the news.
                continue
            # Crowded out meanwhile it is still what the snapshot goes on from.
            view = self._views.get(subject_id, remembered)
            view = self._bring_forward(subject_id, view, snapshot, asked)
            if view is None:
                continue
            version = view.version
            if not view.knows_its_devices():
                await self.name_devices(view)
            if view.version == version and epoch == self._epoch_in_force():
                return ExactRead(view, snapshot.processed_seq, snapshot.leases)

    def _epoch_in_force(self) -> str:
        """The journal's; where it is another one than before, all is forgotten (rule R6)."""
        if self._epoch != self._epoch_now():
            self._epoch = self._epoch_now()
            self._views.clear()
        return self._epoch

    async def name_devices(self, view: SubjectView) -> None:
        """Look up which device each installation is on."""
        devices = await self._sessions.devices_of(view.subject_id)
        view.name_devices({key: device.device_id for key, device in devices.items()})

    def _bring_forward(
        self,
        subject_id: str,
        view: SubjectView | None,
        snapshot: SubjectSnapshot,
        asked: int | None,
    ) -> SubjectView | None:
        """The view as of the snapshot; None where it must be read again.

        `asked` is the version that the snapshot was asked to go on from, None = none. A view that
        is ahead of the snapshot would be newer than the watermark in it.
        """
        head, begins = snapshot.head.version, snapshot.folded_version
        if asked is not None and (head < asked or self._is_of_another_fold(view, snapshot)):
            # The journal was rewound, or what is remembered was folded by another fold.
            self._views.pop(subject_id, None)
            return None
        if view is None or begins > view.version or self._is_of_another_fold(view, snapshot):
            if begins == asked:
                # Only the tail came, for a view that is gone.
                return None
            view = _stored(subject_id, snapshot)
        elif view.version > head:
            return None
        view.apply(snapshot.tail)
        view.floor = max(view.floor, snapshot.head.floor)
        if head:
            self._remember(view)
        return view

    @staticmethod
    def _is_of_another_fold(view: SubjectView | None, snapshot: SubjectSnapshot) -> bool:
        return view is not None and view.generation != snapshot.generation

    def _remember(self, view: SubjectView) -> None:
        self._views[view.subject_id] = view
        self._views.move_to_end(view.subject_id)
        while len(self._views) > self._capacity:
            self._views.popitem(last=False)


def _stored(subject_id: str, snapshot: SubjectSnapshot) -> SubjectView:
    """A view as far as the states are folded that a snapshot holds."""
    return SubjectView(
        subject_id,
        generation=snapshot.generation,
        version=snapshot.folded_version,
        folds={key: JourneyFold.FromString(state) for key, state in snapshot.states.items()},
    )
