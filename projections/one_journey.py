"""What all kinds of journeys share: versions, the latest activity, intents, hiding.

Of the acts of one journey that come together only the latest of each sort is written, because
writing the others would be undone by it.
"""

from __future__ import annotations

from typing import Any

from journey.v1.events_pb2 import ActorKind, Event, StreamVersion
from journey.v1.folds_pb2 import JourneyFold, Write
from journey.v1.interactions_pb2 import Channel, JourneyMarked
from journey.v1.references_pb2 import JourneyRef
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT, INTERACTION_CLASS_TELEMETRY
from journey_service.domain.catalogue import TYPES
from projections.fold import entry, keep_latest
from projections.projection import Act, JourneyKind

# Of intents those of the customer, and of staff for the customer, go before those of back ends,
# which count where there are no others (imports). The system's are none.
RANKS: dict[int, int] = {
    ActorKind.ACTOR_KIND_CUSTOMER: 1,
    ActorKind.ACTOR_KIND_STAFF: 1,
    ActorKind.ACTOR_KIND_SERVICE: 0,
}
MARKED = "journey_marked"
CUSTOM = "custom"
# What JourneyFold can hold, by kind; all others are custom.
STATES = frozenset(each.name for each in JourneyFold.DESCRIPTOR.oneofs_by_name["state"].fields)
# Looked up once: an enum of the generated code costs a search by name each time.
HIDDEN = JourneyMarked.MARK_HIDDEN
CHANNELS = frozenset(Channel.values())
INTENT, TELEMETRY = INTERACTION_CLASS_INTENT, INTERACTION_CLASS_TELEMETRY
# What acts are, by body; a custom one says it itself.
CLASSES = {name: found.rules.interaction_class for name, found in TYPES.items()}
INTENTS = frozenset(name for name, sort in CLASSES.items() if sort == INTENT)


class OneJourney:
    """The acts of one journey out of some events of one subject. See projections.portions."""

    __slots__ = (
        "_acts", "_hidden", "_intent", "_journey_id", "_kind", "_name", "_rank", "_updated",
    )  # fmt: skip

    def __init__(self, kind: JourneyKind[Any], name: str, journey_id: str) -> None:
        """`name` is that of the kind, which for undeclared kinds is not the rules' own."""
        self._kind = kind
        self._name = name
        self._journey_id = journey_id
        self._acts: list[Act] = []
        self._updated: Act | None = None
        self._hidden: Act | None = None
        self._intent: Act | None = None
        self._rank = -1

    def take(self, event: Event, name: str, *, own: bool) -> None:
        """The next event; `own`: it was done in this journey, and does not only concern it."""
        act = Act(event, name, self._journey_id)
        self._acts.append(act)
        sort = act.body.interaction_class if name == CUSTOM else CLASSES[name]
        if sort != TELEMETRY:
            self._updated = latest = _later(self._updated, act)
            if own and sort == INTENT:
                self._take_intent(act, is_latest=latest is act)

    def _take_intent(self, act: Act, *, is_latest: bool) -> None:
        """Hiding is no activity, so that it is not undone by itself. What is later than all that
        came is later than the intents among it."""
        if act.name == MARKED and act.body.mark == HIDDEN:
            self._hidden = _later(self._hidden, act)
            return
        rank = RANKS.get(act.event.actor.kind, -1)
        if rank > self._rank or (is_latest and rank == self._rank >= 0):
            self._intent, self._rank = act, rank
        elif rank == self._rank >= 0:
            self._intent = _later(self._intent, act)

    def begin(self) -> JourneyFold:
        """The state of the journey before anything was recorded of it."""
        return begin(self._name, self._journey_id)

    def fold_into(self, fold: JourneyFold) -> int:
        """Fold the acts into the state of their journey; returns the version of the last one."""
        acts = self._acts
        _note_version(fold, acts[0].event.subject_id, max(act.event.version for act in acts))
        if self._updated is not None:
            keep_latest(fold.updated, self._updated.write())
        if self._hidden is not None:
            keep_latest(fold.hidden, self._hidden.write())
        if self._intent is not None:
            keep_latest(fold.last_intent, _intent(self._intent, self._rank))
        state, folds = getattr(fold, self._kind.member), self._kind.folds
        for act in acts:
            react = folds.get(act.name)
            if react is not None:
                react(state, act)
        return acts[-1].event.version


def begin(kind: str, journey_id: str) -> JourneyFold:
    """The state of a journey of which nothing was recorded."""
    fold = JourneyFold(ref=JourneyRef(kind=kind, journey_id=journey_id))
    getattr(fold, kind if kind in STATES else CUSTOM).SetInParent()
    return fold


def _later(one: Act | None, other: Act) -> Act:
    """Nearly always the time decides, and events come in their order."""
    if one is None or other.t_ms > one.t_ms:
        return other
    return other if other.t_ms == one.t_ms and other.order > one.order else one


def _note_version(fold: JourneyFold, subject_id: str, version: int) -> None:
    known = fold.versions
    # Nearly always there is one stream.
    only = len(known) == 1 and known[0].subject_id == subject_id
    seen = known[0] if only else entry(known, StreamVersion, "subject_id", subject_id)
    seen.version = max(seen.version, version)


def note_versions(mine: JourneyFold, theirs: JourneyFold) -> None:
    """The greatest version of each stream in both."""
    for seen in theirs.versions:
        _note_version(mine, seen.subject_id, seen.version)


def _intent(act: Act, rank: int) -> Write:
    interaction = act.event.interaction
    channel = interaction.channel
    return act.write(
        rank=rank,
        number=channel if channel in CHANNELS else 0,
        text=interaction.channel_label,
        message=interaction.device_id.encode(),
    )
