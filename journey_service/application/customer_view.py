"""What is shown of a customer: the folds of all its members as one, and what follows from them.

Folding the events of several streams into one set of states gives the same bytes as merging the
states of each, so there is one set, whoever's events came first.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.batch import Stamp
from journey_service.domain.customers import Customer, alone
from projections.journey_states import device_told
from projections.members import activity_place

DEVICE_NAMES_LIFE_S = 5.0
# A continue list is good for this long where nothing changed: only archiving depends on now.
CONTINUE_LIST_LIFE_MS = 60_000
Place: TypeAlias = tuple[int | str, ...]
Folds: TypeAlias = dict[str, JourneyFold]


@dataclass(slots=True)
class CustomerView:
    """The folds of a customer's members, each at one version, with what was published from them.

    `subject_id` is the member that was asked for. `versions` holds every member, by subject id;
    `floor` is the greatest stamp in any of their streams.
    """

    subject_id: str
    generation: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    floor: Stamp = Stamp(0, 0)
    folds: Folds = field(default_factory=dict)
    customer: Customer = field(init=False)
    devices: Mapping[str, str] = field(default_factory=dict)
    # Installations without a device when that was looked up, and when it was.
    nameless: AbstractSet[str] = frozenset()
    devices_read_at: float = 0.0
    _installations: set[str] = field(default_factory=set)
    # Journeys that are made up of others, with the keys of those: they change together.
    _wholes: dict[str, list[str]] = field(default_factory=dict)
    _published: dict[str, Journey] = field(default_factory=dict)
    # By member, the version of the last change by key; the key that changed last stands at the end.
    _changed: dict[str, dict[str, int]] = field(default_factory=dict)
    # The continue list: of which versions, when it was made, its keys; and places of keys in it.
    _list: tuple[Mapping[str, int], int, list[str]] = ({}, -1, [])
    _places: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.versions.setdefault(self.subject_id, 0)
        self.customer = alone(self.subject_id)
        self._survey()

    @property
    def members(self) -> tuple[str, ...]:
        """The subject ids of all members, sorted."""
        return tuple(sorted(self.versions))

    @property
    def version(self) -> int:
        """Of the stream of the member that was asked for."""
        return self.versions[self.subject_id]

    def join(self, versions: Mapping[str, int], states: Iterable[Folds]) -> None:
        """Take in what is stored of members, folded to these versions of their streams.

        What is given is the view's own from now on. It may hold events that the view holds already.
        """
        for folds in states:
            for key, fold in folds.items():
                mine = self.folds.get(key)
                self.folds[key] = fold if mine is None else projections.merge(mine, fold)
        for subject_id, version in versions.items():
            self.versions[subject_id] = max(version, self.versions.get(subject_id, 0))
        self._survey()

    def apply(self, events: Iterable[Event]) -> set[str]:
        """Fold what is newer than this view; returns the keys that changed."""
        known = self.versions
        return self.fold(
            event for event in events if event.version > known.get(event.subject_id, 0)
        )

    def fold(self, events: Iterable[Event]) -> set[str]:
        """Fold events in whatever order they come; returns the keys that changed."""
        changed: dict[str, dict[str, int]] = {}
        for event in events:
            subject_id, version = event.subject_id, event.version
            touched = dict.fromkeys(projections.fold_event(self.folds, event), version)
            changed.setdefault(subject_id, {}).update(touched)
            self.versions[subject_id] = max(version, self.versions.get(subject_id, 0))
        keys = {key for touched in changed.values() for key in touched}
        for key in keys:
            self._note(key)
        for subject_id, touched in changed.items():
            last = self._changed.setdefault(subject_id, {})
            for key, version in sorted(touched.items(), key=itemgetter(1)):
                last.pop(key, None)
                last[key] = version
        keys = self._with_wholes(keys)
        for key in keys:
            self._published.pop(key, None)
            self._places.pop(key, None)
        return keys

    def contains(self, versions: Mapping[str, int]) -> bool:
        """Whether it holds these versions of its members."""
        return all(self.versions.get(name, 0) >= version for name, version in versions.items())

    def changed_since(self, versions: Mapping[str, int]) -> list[str]:
        """Keys of the journeys that hold events behind these versions (a member that is missing:
        any), or are made up of such; costs what changed, not all."""
        keys = set()
        for subject_id, last in self._changed.items():
            since = versions.get(subject_id, 0)
            for key in reversed(last):
                if last[key] <= since:
                    break
                keys.add(key)
        return sorted(self._with_wholes(keys))

    def narrowed(self) -> CustomerView:
        """The journeys alone that hold an event of the member that was asked for, as they are with
        the events of all; it is of this moment and does not move."""
        own = {key: fold for key, fold in self.folds.items() if self._is_own(fold)}
        narrow = CustomerView(
            self.subject_id, self.generation, dict(self.versions), self.floor, own
        )
        narrow.name_devices(self.devices)
        return narrow

    def _is_own(self, fold: JourneyFold) -> bool:
        return any(seen.subject_id == self.subject_id for seen in fold.versions)

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
        versions, made, keys = self._list
        if made != age or versions != self.versions:
            moved = self._move(keys, versions, now_ms) if made == age else None
            # All kinds: what is listed of a journey may depend on the series it belongs to.
            if moved is None:
                moved = projections.continue_list(self.published(now_ms), now_ms)
            keys = moved
            self._list = (dict(self.versions), age, keys)
        return [key for key in keys if key.partition("/")[0] in kinds] if kinds else keys

    def _move(self, keys: list[str], since: Mapping[str, int], now_ms: int) -> list[str] | None:
        """A list after what changed since versions, which costs what changed; None = make it anew.

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

    def _survey(self) -> None:
        """Look at all folds anew."""
        last: dict[str, dict[str, int]] = {}
        for key, fold in self.folds.items():
            self._note(key)
            for seen in fold.versions:
                last.setdefault(seen.subject_id, {})[key] = seen.version
        self._changed = {
            subject_id: dict(sorted(changed.items(), key=itemgetter(1)))
            for subject_id, changed in last.items()
        }
        self._published, self._places, self._list = {}, {}, ({}, -1, [])

    def _with_wholes(self, keys: set[str]) -> set[str]:
        """With the journeys that are made up of one of them: they change together."""
        return keys | {
            whole
            for whole, members in (self._wholes.items() if keys else ())
            if not keys.isdisjoint(members)
        }

    def _note(self, key: str) -> None:
        """What is looked up of all journeys at once: what is made up of others, installations."""
        fold = self.folds[key]
        if projections.is_whole(fold):
            self._wholes[key] = projections.members_of(fold)
        installation_id = fold.last_intent.installation_id
        if installation_id and not device_told(fold):
            self._installations.add(installation_id)
