"""The rules of all kinds, as the journal asks them: see domain/machines.py.

A rule is decided on what the folds keep, the very state that is published: stored states joined
with the events behind them, and with what was accepted before in the same group. There is no other
record of where a machine stands that could differ from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from journey.v1 import errors_pb2 as reasons
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import Cut, Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.batch import Candidate
from journey_service.domain.catalogue import TYPES
from journey_service.domain.machines import REASONS, Objection
from projections.journey_states import JourneyStates
from projections.machines import known_step, says_the_same
from projections.one_journey import MARKED, begin
from projections.projection import Act, JourneyKind, MachineRule


class MachineRules:
    """The rules of a projection's kinds."""

    def __init__(self, states: JourneyStates) -> None:
        self._states = states
        self.kinds: Mapping[str, MachineRule[Any]] = {
            name: kind.rule for name, kind in states.kinds.items() if kind.rule is not None
        }
        self.projection, self.version = states.name, states.version
        self.topics = frozenset(
            TYPES[name].name
            for kind in self._read_kinds()
            for name in (*kind.folds, *kind.concerns, MARKED)
        )
        self._judged = frozenset(
            TYPES[name].name for rule in self.kinds.values() for name in rule.judged
        )

        self._cutting = _cutting([states.kinds[name] for name in self.kinds])

    def _read_kinds(self) -> list[JourneyKind[Any]]:
        """Kinds with rules, and those that rules read."""
        names = set(self.kinds)
        for rule in self.kinds.values():
            names.update(kind for kinds in rule.reads.values() for kind in kinds)
        return [self._states.kinds[name] for name in sorted(names)]

    def asked(self, candidates: Iterable[Candidate]) -> frozenset[str]:
        """See domain.machines.Rules."""
        judged = [candidate for candidate in candidates if candidate.type in self._judged]
        if not judged:
            return frozenset()
        return frozenset(key for candidate in judged for key in self._asked(candidate.interaction))

    def read_beside(self, candidates: Iterable[Candidate]) -> frozenset[str]:
        """Kinds that the rules of these acts look at beside the journey of the act."""
        judged = (each.interaction for each in candidates if each.type in self._judged)
        return frozenset(kind for act in judged for kind in self._read_by(act))

    def _read_by(self, interaction: Interaction) -> Iterable[str]:
        rule = self.kinds.get(interaction.journey.kind)
        name = interaction.WhichOneof("body") or ""
        return rule.reads.get(name, ()) if rule is not None else ()

    def _asked(self, interaction: Interaction) -> Iterable[str]:
        ref, name = interaction.journey, interaction.WhichOneof("body") or ""
        rule = self.kinds.get(ref.kind)
        if rule is None or name not in rule.judged:
            return
        yield f"{ref.kind}/{ref.journey_id}"
        yield from (f"{kind}/" for kind in self._read_by(interaction))
        yield from self.cut_sources(Event(interaction=interaction), name)

    def cut_sources(self, event: Event, name: str) -> Iterable[str]:
        """Keys of the journeys from which an event of this body takes its cut."""
        for kind in self._cutting.get(name, ()):
            yield from (f"{kind.name}/{each}" for each in kind.concerns[name](event))

    def open(
        self, asked: Collection[str], states: Mapping[str, bytes], tail: Iterable[Event]
    ) -> Standing:
        """See domain.machines.Rules."""
        folds = {key: JourneyFold.FromString(state) for key, state in states.items()}
        standing = Standing(self._states, self, frozenset(asked), folds)
        for event in tail:
            standing.record(event)
        return standing


def _cutting(kinds: Iterable[JourneyKind[Any]]) -> Mapping[str, list[JourneyKind[Any]]]:
    """By body, the kinds from whose journeys such an event takes its cut."""
    found: dict[str, list[JourneyKind[Any]]] = {}
    for kind in kinds:
        for name in kind.rule.cuts if kind.rule is not None else ():
            found.setdefault(name, []).append(kind)
    return found


class _Judged(NamedTuple):
    """An act that a rule is asked about, and what is kept of its journey."""

    rule: MachineRule[Any]
    state: Any
    act: Act


class Standing:
    """Journeys as they stand; see domain.machines.Journeys. A branch copies what it changes."""

    def __init__(
        self,
        states: JourneyStates,
        rules: MachineRules,
        asked: frozenset[str],
        folds: dict[str, JourneyFold],
        shared: frozenset[str] = frozenset(),
    ) -> None:
        self._states = states
        self._rules = rules
        self._kinds = rules.kinds
        self._asked = asked
        self._folds = folds
        self._shared = set(shared)

    def branch(self) -> Standing:
        """See domain.machines.Journeys."""
        folds = dict(self._folds)
        return Standing(self._states, self._rules, self._asked, folds, frozenset(folds))

    def ended(self, event: Event) -> Objection | None:
        """See domain.machines.Journeys."""
        judged = self._judged(event.interaction, event)
        if judged is None:
            return None
        rule, state, act = judged
        known = known_step(state.machine, act)
        if known is not None:
            if says_the_same(known, act):
                return Objection(reasons.ERROR_REASON_KEY_TAKEN, known.write.version)
            return Objection(reasons.ERROR_REASON_KEY_TAKEN)
        if rule.ended(state, act):
            return Objection(reasons.ERROR_REASON_JOURNEY_CLOSED)
        return None

    def forbidden(self, event: Event) -> Objection | None:
        """See domain.machines.Journeys."""
        judged = self._judged(event.interaction, event)
        if judged is None:
            return None
        reason = judged.rule.forbidden(judged.state, judged.act, self._publish)
        return Objection(reason) if reason is not None else None

    def cut_for(self, event: Event) -> Cut | None:
        """See domain.machines.Journeys."""
        name = event.interaction.WhichOneof("body") or ""
        for key in self._rules.cut_sources(event, name):
            kind, _, _ = key.partition("/")
            cut = self._kinds[kind].cuts[name](getattr(self._fold(key), kind), event)
            if cut is not None:
                return cut
        return None

    def join(self, states: Mapping[str, bytes]) -> None:
        """See domain.machines.Journeys."""
        for key, state in states.items():
            if self._is_asked(key):
                self._own(key)
                theirs = JourneyFold.FromString(state)
                mine = self._folds.get(key)
                self._folds[key] = theirs if mine is None else self._states.merge(mine, theirs)

    def _own(self, key: str) -> None:
        """Copy what the branch shares, before it is changed."""
        if key in self._shared:
            mine = JourneyFold()
            mine.CopyFrom(self._folds[key])
            self._folds[key] = mine
            self._shared.discard(key)

    def record(self, event: Event) -> None:
        """See domain.machines.Journeys."""
        touched = [key for key in self._states.keys_of(event) if self._is_asked(key)]
        for key in touched:
            self._own(key)
        if touched:
            # Others that the event concerns are folded, too, from nowhere; nobody asks for them.
            self._states.fold_event(self._folds, event)

    def current(self, interaction: Interaction, reason: ErrorReason) -> Journey | None:
        """See domain.machines.Journeys."""
        judged = self._judged(interaction, Event(interaction=interaction))
        if judged is None or reason not in REASONS:
            return None
        about = judged.rule.about.get(reason)
        own = f"{interaction.journey.kind}/{interaction.journey.journey_id}"
        return self._publish(about(judged.state) if about is not None else own)

    def _judged(self, interaction: Interaction, event: Event) -> _Judged | None:
        """The act and what its rule looks at; None where no rule is asked."""
        ref, name = interaction.journey, interaction.WhichOneof("body") or ""
        rule = self._kinds.get(ref.kind)
        if rule is None or name not in rule.judged:
            return None
        fold = self._fold(f"{ref.kind}/{ref.journey_id}")
        return _Judged(rule, getattr(fold, ref.kind), Act(event, name, ref.journey_id))

    def _fold(self, key: str) -> JourneyFold:
        fold = self._folds.get(key)
        return fold if fold is not None else begin(*key.split("/", 1))

    def _publish(self, key: str) -> Journey:
        return self._states.publish(self._fold(key))

    def _is_asked(self, key: str) -> bool:
        return key in self._asked or f"{key.partition('/')[0]}/" in self._asked
