"""What all kinds of journeys share: which event concerns which, intents, hiding, activity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from journey.v1.events_pb2 import ActorKind, Event, Occurrence, Outcome, StreamVersion
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.interactions_pb2 import Channel, JourneyMarked
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT
from journey_service.domain.catalogue import TYPES
from projections.fold import Order, entry, join, keep_latest, order_of
from projections.machines import rev_of
from projections.projection import Act, JourneyKind, serialized

# Of intents those of the customer, and of staff for the customer, go before those of back ends,
# which count where there are no others (imports). The system's are none.
RANKS: Mapping[int, int] = {
    ActorKind.ACTOR_KIND_CUSTOMER: 1,
    ActorKind.ACTOR_KIND_STAFF: 1,
    ActorKind.ACTOR_KIND_SERVICE: 0,
}
MARKED = "journey_marked"
# Looked up once: an enum of the generated code costs a search by name each time.
ACCEPTED = Outcome.OUTCOME_ACCEPTED
HIDDEN = JourneyMarked.MARK_HIDDEN
CHANNELS = frozenset(Channel.values())


INTENTS = frozenset(
    name
    for name, found in TYPES.items()
    if found.rules.interaction_class == INTERACTION_CLASS_INTENT
)
TELEMETRY = frozenset(name for name, found in TYPES.items() if found.telemetry)


def key_of(ref: JourneyRef) -> str:
    """Key of a journey's state."""
    return f"{ref.kind}/{ref.journey_id}"


class JourneyStates:
    """The projection of events to the journeys of a subject; keys are "kind/journey_id"."""

    def __init__(self, name: str, version: int, kinds: Iterable[JourneyKind[Any]]) -> None:
        self.name = name
        self.version = version
        self.kinds: Mapping[str, JourneyKind[Any]] = {kind.name: kind for kind in kinds}

    def keys_of(self, event: Event) -> tuple[str, ...]:
        """Keys of the event's own journey and of those it concerns; empty = it has no effect."""
        return tuple(f"{kind.name}/{journey_id}" for kind, journey_id, _ in self._concerned(event))

    def fold_event(self, states: dict[str, JourneyFold], event: Event) -> set[str]:
        """Fold an event into states by key, in place, making those missing; returns their keys.

        Total: an event that is not accepted, not known or not whole changes nothing.
        """
        touched = set()
        for kind, journey_id, own in self._concerned(event):
            key = f"{kind.name}/{journey_id}"
            fold = states.get(key)
            if fold is None:
                fold = states[key] = begin(kind.name, journey_id)
            _fold(kind, fold, Act(event, _body_of(event), journey_id), own=own)
            touched.add(key)
        return touched

    def merge(self, mine: JourneyFold, theirs: JourneyFold) -> JourneyFold:
        """The state of one journey over the union of two sets of events, e.g. of two subjects."""
        merged = JourneyFold()
        merged.CopyFrom(mine)
        for seen in theirs.versions:
            _note_version(merged, seen.subject_id, seen.version)
        join(keep_latest, merged, theirs, "last_intent", "hidden", "updated")
        kind = self.kinds[mine.ref.kind]
        kind.merge(getattr(merged, kind.name), getattr(theirs, kind.name))
        return merged

    def parse(self, state: bytes) -> JourneyFold:
        """A stored state."""
        return JourneyFold.FromString(state)

    def publish(self, fold: JourneyFold) -> Journey:
        """The journey as devices get it; nothing in it depends on now.

        `last_device_id` is the installation's id, `archived` is not set, and `checksum` covers
        all else.
        """
        journey = Journey(
            ref=fold.ref,
            last_device_id=fold.last_intent.installation_id,
            last_channel=cast("Channel", fold.last_intent.number),
            last_channel_label=fold.last_intent.text,
            updated_at_ms=fold.updated.t_ms,
        )
        kind = self.kinds[fold.ref.kind]
        getattr(journey, kind.name).SetInParent()
        activity = kind.publish(fold, journey)
        if kind.rule is not None:
            journey.rev = rev_of(getattr(fold, kind.name).machine)
        if activity is not None:
            journey.activity.CopyFrom(_occurrence(activity))
        journey.hidden = _is_hidden(fold, activity)
        journey.checksum = _checksum(journey)
        return journey

    def archived(self, journey: Journey, now_ms: int) -> bool:
        """Whether a published journey was idle for its kind's archive time."""
        active = journey.activity.t_ms if journey.HasField("activity") else journey.updated_at_ms
        return now_ms - active >= self.kinds[journey.ref.kind].archive_after_ms(journey)

    def listed(self, journey: Journey, now_ms: int) -> bool:
        """Whether a published journey is offered to be gone on with."""
        return (
            not (journey.finished or journey.hidden)
            and self.kinds[journey.ref.kind].listed(journey)
            and not self.archived(journey, now_ms)
        )

    def _concerned(self, event: Event) -> Iterator[tuple[JourneyKind[Any], str, bool]]:
        """Kind and id of each journey that an event changes, and whether it is the event's own."""
        name = _body_of(event)
        if event.outcome != ACCEPTED or not name or event.version < 1:
            return
        ref = event.interaction.journey
        kind = self.kinds.get(ref.kind)
        if kind is not None and (name == MARKED or kind.reacts_to(name)):
            journey_id = ref.journey_id or TYPES[name].journey_ids.get(kind.name, "")
            if journey_id:
                yield kind, journey_id, True
        for kind in self.kinds.values():
            if name in kind.concerns:
                yield from ((kind, journey_id, False) for journey_id in kind.concerns[name](event))


def changed_since(states: Mapping[str, JourneyFold], since: Mapping[str, int]) -> set[str]:
    """Keys of states that hold events behind these versions by subject_id (missing = 0)."""
    return {
        key
        for key, fold in states.items()
        if any(seen.version > since.get(seen.subject_id, 0) for seen in fold.versions)
    }


def _body_of(event: Event) -> str:
    return event.interaction.WhichOneof("body") or ""


def begin(kind: str, journey_id: str) -> JourneyFold:
    """The state of a journey of which nothing was recorded."""
    fold = JourneyFold(ref=JourneyRef(kind=kind, journey_id=journey_id))
    getattr(fold, kind).SetInParent()
    return fold


def _fold(kind: JourneyKind[Any], fold: JourneyFold, act: Act, *, own: bool) -> None:
    _note_version(fold, act.event.subject_id, act.event.version)
    if act.name not in TELEMETRY:
        keep_latest(fold.updated, act.write())
    if own and act.name in INTENTS:
        _note_intent(fold, act)
    react = kind.folds.get(act.name)
    if react is not None:
        react(getattr(fold, kind.name), act)


def _note_version(fold: JourneyFold, subject_id: str, version: int) -> None:
    seen = entry(fold.versions, StreamVersion, "subject_id", subject_id)
    seen.version = max(seen.version, version)


def _note_intent(fold: JourneyFold, act: Act) -> None:
    """Hiding is no activity, so that it is not undone by itself."""
    if act.name == MARKED and act.body.mark == HIDDEN:
        keep_latest(fold.hidden, act.write())
        return
    rank = RANKS.get(act.event.actor.kind)
    if rank is not None:
        interaction = act.event.interaction
        channel = interaction.channel if interaction.channel in CHANNELS else 0
        write = act.write(rank=rank, number=channel, text=interaction.channel_label)
        keep_latest(fold.last_intent, write)


def _is_hidden(fold: JourneyFold, activity: Order | None) -> bool:
    """Hidden until a newer activity."""
    if not fold.HasField("hidden"):
        return False
    return activity is None or order_of(fold.hidden) > activity


def _occurrence(order: Order) -> Occurrence:
    t_ms, counter, installation_id, seq, _subject_id, _version = order
    return Occurrence(t_ms=t_ms, counter=counter, installation_id=installation_id, seq=seq)


def _checksum(journey: Journey) -> int:
    return int.from_bytes(hashlib.sha256(serialized(journey)).digest()[:8], "big")
