"""What all kinds of journeys share: which event concerns which, intents, hiding, activity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, cast

from journey.v1.events_pb2 import Event, Outcome
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.interactions_pb2 import Channel
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.catalogue import TYPES
from projections.fold import Order, join, keep_latest, order_of
from projections.machines import rev_of
from projections.members import Members
from projections.one_journey import MARKED, OneJourney, note_versions
from projections.portions import fold_portions
from projections.projection import JourneyKind, serialized
from projections.published import occurrence_of

# Looked up once: an enum of the generated code costs a search by name each time.
ACCEPTED = Outcome.OUTCOME_ACCEPTED


class JourneyStates:
    """The projection of events to the journeys of a subject; keys are "kind/journey_id"."""

    def __init__(
        self,
        name: str,
        version: int,
        kinds: Iterable[JourneyKind[Any]],
        undeclared: JourneyKind[Any],
    ) -> None:
        """`undeclared` folds the journeys of kinds that are not known, or no longer."""
        self.name = name
        self.version = version
        self.kinds = {kind.name: kind for kind in kinds}
        self.built_in = frozenset(self.kinds)
        self._undeclared = undeclared
        # The rules of kinds, each with the bodies by which its own journeys change.
        self._others = undeclared, _bodies_of(undeclared)
        self._rules = {name: (kind, _bodies_of(kind)) for name, kind in self.kinds.items()}
        self._concerning: dict[str, list[JourneyKind[Any]]] = {}
        for kind in self.kinds.values():
            for body in kind.concerns:
                self._concerning.setdefault(body, []).append(kind)

    def declare(self, kinds: Iterable[JourneyKind[Any]]) -> None:
        """Take in the custom kinds of this deployment, in place of those declared before.

        At start, before anything is published. It changes no state and needs no rebuild: what is
        folded does not depend on it. Raises ValueError for a name that is taken.
        """
        declared = {kind.name: kind for kind in kinds}
        taken = declared.keys() & self.built_in
        if taken:
            raise ValueError(f"{', '.join(sorted(taken))}: built in")
        for name in self.kinds.keys() - self.built_in:
            del self.kinds[name]
        self.kinds.update(declared)
        self._rules = {name: (kind, _bodies_of(kind)) for name, kind in self.kinds.items()}

    def with_kind(self, kind: JourneyKind[Any]) -> JourneyStates:
        """The next version, with this kind in place of the one of its name; to try it."""
        kinds = {**self.kinds, kind.name: kind}
        return JourneyStates(self.name, self.version + 1, kinds.values(), self._undeclared)

    def kind_of(self, name: str) -> JourneyKind[Any]:
        """The rules of a kind."""
        return self.kinds.get(name, self._undeclared)

    def keys_of(self, event: Event) -> tuple[str, ...]:
        """Keys of the event's own journey and of those it concerns; empty = it has no effect."""
        concerned = self._concerned(event, _body_of(event))
        return tuple(f"{name}/{journey_id}" for _, name, journey_id, _ in concerned)

    def fold_event(self, states: dict[str, JourneyFold], event: Event) -> set[str]:
        """Fold an event into states by key, in place, making those missing; returns their keys.

        Total: an event that is not accepted, not known or not whole changes nothing.
        """
        portions = self.portions((event,))
        fold_portions(states, portions)
        return {*portions}

    def portions(self, events: Iterable[Event]) -> dict[str, OneJourney]:
        """See projections.portions.Portioned."""
        journeys: dict[str, OneJourney] = {}
        for event in events:
            body = _body_of(event)
            for kind, name, journey_id, own in self._concerned(event, body):
                key = f"{name}/{journey_id}"
                journey = journeys.get(key)
                if journey is None:
                    journey = journeys[key] = OneJourney(kind, name, journey_id)
                journey.take(event, body, own=own)
        return journeys

    def merge(self, mine: JourneyFold, theirs: JourneyFold) -> JourneyFold:
        """The state of one journey over the union of two sets of events, e.g. of two subjects."""
        merged = JourneyFold()
        merged.CopyFrom(mine)
        note_versions(merged, theirs)
        join(keep_latest, merged, theirs, "last_intent", "hidden", "updated")
        kind = self.kind_of(mine.ref.kind)
        kind.merge(getattr(merged, kind.member), getattr(theirs, kind.member))
        return merged

    def parse(self, state: bytes) -> JourneyFold:
        """A stored state."""
        return JourneyFold.FromString(state)

    def publish(self, fold: JourneyFold, members: Mapping[str, Journey] | None = None) -> Journey:
        """The journey as devices get it; nothing in it depends on now.

        `members` are the published journeys, by key, of which it is made up: those of `members_of`.
        `last_device_id` is the device that the last intent names, else the installation's id,
        `archived` is not set, and `checksum` covers all else.
        """
        journey = Journey(
            ref=fold.ref,
            last_device_id=device_told(fold) or fold.last_intent.installation_id,
            last_channel=cast("Channel", fold.last_intent.number),
            last_channel_label=fold.last_intent.text,
            updated_at_ms=fold.updated.t_ms,
        )
        kind = self.kind_of(fold.ref.kind)
        getattr(journey, kind.member).SetInParent()
        activity = kind.publish(fold, journey)
        if kind.complete is not None:
            activity = kind.complete(fold, journey, self.together(members or {})) or activity
        if kind.rule is not None:
            journey.rev = rev_of(getattr(fold, kind.member).machine)
        if activity is not None:
            journey.activity.CopyFrom(occurrence_of(activity))
        journey.hidden = _is_hidden(fold, activity)
        journey.checksum = _checksum(journey)
        return journey

    def publish_all(self, folds: Mapping[str, JourneyFold]) -> dict[str, Journey]:
        """All journeys of a customer as devices get them, by key."""
        journeys: dict[str, Journey] = {}
        # Those that are made up of others come last; they are not made up of one another.
        for key in sorted(folds, key=lambda key: self.is_whole(folds[key])):
            members = self.members_of(folds[key])
            known = {member: journeys[member] for member in members if member in journeys}
            journeys[key] = self.publish(folds[key], known)
        return {key: journeys[key] for key in folds}

    def is_whole(self, fold: JourneyFold) -> bool:
        """Whether a journey is made up of others."""
        return self.kind_of(fold.ref.kind).members is not None

    def members_of(self, fold: JourneyFold) -> list[str]:
        """Keys of the journeys of which one is made up; of most kinds none."""
        members = self.kind_of(fold.ref.kind).members
        if members is None:
            return []
        return [key for key in members(fold) if self.kind_of(_kind_in(key)).members is None]

    def with_wholes(self, folds: Mapping[str, JourneyFold], keys: Iterable[str]) -> set[str]:
        """These keys and those of the journeys that are made up of one of them."""
        touched = set(keys)
        return touched | {
            key for key, fold in folds.items() if not touched.isdisjoint(self.members_of(fold))
        }

    def together(self, journeys: Mapping[str, Journey]) -> Members:
        """Published journeys, and which of them are begun and not finished."""
        going_on = (key for key, journey in journeys.items() if self.in_progress(journey))
        return Members(journeys, frozenset(going_on))

    def in_progress(self, journey: Journey) -> bool:
        """Whether a published journey is begun, as its kind says, and not finished."""
        return not journey.finished and self.kind_of(journey.ref.kind).listed(journey)

    def finished(self, journey: Journey, now_ms: int) -> bool:
        """Whether a published journey is finished, by what was recorded or because time went by."""
        from_ms = self.kind_of(journey.ref.kind).finished_from_ms(journey)
        return journey.finished or 0 < from_ms <= now_ms

    def archived(self, journey: Journey, now_ms: int) -> bool:
        """Whether a published journey was idle for its kind's archive time."""
        active = journey.activity.t_ms if journey.HasField("activity") else journey.updated_at_ms
        return now_ms - active >= self.kind_of(journey.ref.kind).archive_after_ms(journey)

    def listed(self, journey: Journey, now_ms: int) -> bool:
        """Whether a published journey is offered to be gone on with."""
        return (
            not journey.hidden and self.in_progress(journey) and not self.archived(journey, now_ms)
        )

    def _concerned(self, event: Event, body: str) -> list[tuple[JourneyKind[Any], str, str, bool]]:
        """Rules, kind and id of each journey that an event changes, and whether it is its own."""
        if event.outcome != ACCEPTED or not body or event.version < 1:
            return []
        found = []
        ref = event.interaction.journey
        name = ref.kind
        kind, bodies = self._rules.get(name, self._others)
        if body in bodies and name and "/" not in name:
            # A name with a slash cannot stand in a key.
            journey_id = ref.journey_id or TYPES[body].journey_ids.get(name, "")
            if journey_id:
                found.append((kind, name, journey_id, True))
        if body in self._concerning:
            for other in self._concerning[body]:
                found += [(other, other.name, key, False) for key in other.concerns[body](event)]
        return found


def device_told(fold: JourneyFold) -> str:
    """The device that the last intent itself names; empty = its installation's is meant."""
    return fold.last_intent.message.decode()


def changed_since(states: Mapping[str, JourneyFold], since: Mapping[str, int]) -> set[str]:
    """Keys of states that hold events behind these versions by subject_id (missing = 0)."""
    return {
        key
        for key, fold in states.items()
        if any(seen.version > since.get(seen.subject_id, 0) for seen in fold.versions)
    }


def _bodies_of(kind: JourneyKind[Any]) -> frozenset[str]:
    return frozenset({MARKED, *filter(kind.reacts_to, kind.folds)})


def _kind_in(key: str) -> str:
    return key.partition("/")[0]


def _body_of(event: Event) -> str:
    return event.interaction.WhichOneof("body") or ""


def _is_hidden(fold: JourneyFold, activity: Order | None) -> bool:
    """Hidden until a newer activity."""
    if not fold.HasField("hidden"):
        return False
    return activity is None or order_of(fold.hidden) > activity


def _checksum(journey: Journey) -> int:
    return int.from_bytes(hashlib.sha256(serialized(journey)).digest()[:8], "big")
