"""The idea: a projection is a name, a version of its fold, a key function, a fold and a merge.

What it shows of its states to those who read them is in view.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from google.protobuf.message import Message

from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import Cut, Event, StreamVersion
from journey.v1.folds_pb2 import InstallationMark, JourneyFold, Marks, Write
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef
from projections.fold import Order, entry, order_of
from projections.members import Members

S = TypeVar("S", bound=Message)
States = dict[str, S]


# What a write tells beside its place when it tells nothing: number, aside, text, message, rank.
_NOTHING: tuple[int, int, str, bytes, int] = (0, 0, "", b"", 0)


class Projection(Protocol[S]):
    """Keyed states folded from events. Pure: no clock, no chance, no settings.

    For any events, in any order, repeated and split as they may be: folding and merging give
    equal bytes. A change of meaning needs another `version`, and a rebuild.
    """

    @property
    def name(self) -> str:
        """Name under which states and checkpoints are stored."""

    @property
    def version(self) -> int:
        """Of the fold; stored states of another version are not read."""

    def keys_of(self, event: Event) -> tuple[str, ...]:
        """Keys of the states that the event changes; empty = it concerns nothing here."""

    def fold_event(self, states: States[S], event: Event) -> set[str]:
        """Fold an event into the states of its subject, in place; returns the keys it touched."""

    def merge(self, mine: S, theirs: S) -> S:
        """The state of the union of two sets of events; leaves both as they are."""

    def parse(self, state: bytes) -> S:
        """A stored state."""


class Act:
    """An accepted event as the fold of one journey sees it.

    `name` is the field of its body, `journey_id` names the journey that is folded, which need not
    be the event's own. Where this is made for each of many events, most are never written: so it
    makes nothing before it is asked for.
    """

    __slots__ = (
        "_marks", "_order", "_told", "_write", "body", "event", "journey_id", "name", "t_ms",
    )  # fmt: skip

    def __init__(self, event: Event, name: str, journey_id: str) -> None:
        self.event = event
        self.name = name
        self.journey_id = journey_id
        self.body: Any = getattr(event.interaction, name)
        self.t_ms = event.occurrence.t_ms
        self._marks: Marks | None = None
        self._order: Order | None = None
        self._write: Write | None = None
        # What the write tells now, beside its place.
        self._told = _NOTHING

    def write(
        self,
        *,
        number: int = 0,
        aside: int = 0,
        text: str = "",
        message: bytes = b"",
        rank: int = 0,
    ) -> Write:
        """What the event writes in one place. Good until the next one: folds copy what they keep.

        Reused because making a message costs more than all else in a fold.
        """
        write = self._write
        if write is None:
            write = self._write = self._begun()
        telling = number, aside, text, message, rank
        if telling != self._told:
            write.number, write.aside, write.text, write.message, write.rank = telling
            self._told = telling
        return write

    def _begun(self) -> Write:
        """A write that tells the event's place alone. Its fields are set one by one, because that
        costs half of what naming them to the message does."""
        write = Write()
        (
            write.t_ms, write.counter, write.installation_id, write.seq,
            write.subject_id, write.version,
        ) = self.order  # fmt: skip
        return write

    @property
    def order(self) -> Order:
        """Place of the event in the order of occurrence."""
        if self._order is None:
            event, at = self.event, self.event.occurrence
            place = self.t_ms, at.counter, at.installation_id, at.seq
            self._order = *place, event.subject_id, event.version
        return self._order

    @property
    def marks(self) -> Marks:
        """What the event observed and may therefore cancel: its cut."""
        if self._marks is None:
            self._marks = _marks_of(self.event)
        return self._marks


def _marks_of(event: Event) -> Marks:
    marks, cut = Marks(), event.cut
    for seen in cut.versions:
        if seen.version > 0:
            known = entry(marks.versions, StreamVersion, "subject_id", seen.subject_id)
            known.version = max(known.version, seen.version)
    if cut.installation_id and cut.HasField("before"):
        before = Write(
            t_ms=cut.before.t_ms,
            counter=cut.before.counter,
            installation_id=cut.before.installation_id,
            seq=cut.before.seq,
            subject_id=event.subject_id,
        )
        mark = InstallationMark(installation_id=cut.installation_id, before=before)
        marks.installations.append(mark)
    return marks


def key_of(ref: JourneyRef) -> str:
    """Key of a journey's state."""
    return f"{ref.kind}/{ref.journey_id}"


def serialized(message: Message) -> bytes:
    """Bytes of a message, always the same for the same content."""
    return message.SerializeToString(deterministic=True)


def activity_by_intent(fold: JourneyFold) -> Order | None:
    """Activity of most kinds: the last intent."""
    return order_of(fold.last_intent) if fold.HasField("last_intent") else None


# Gives the published state of another journey that the rule asked for, by its key.
Read = Callable[[str], Journey]


def _never(_state: Any, _act: Act) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class MachineRule(Generic[S]):
    """What may happen to journeys of a kind, decided on the exact state before it is recorded.

    Pure functions of what the kind's folds keep and of the act as it would be recorded, its machine
    rev included. `judged` holds the bodies that are asked about, by field of Interaction.body.
    `ended` tells whether the journey is over for the act; `forbidden` gives the reason why it is
    not taken, None = it is. `reads` names, per body, the other kinds whose journeys `forbidden`
    reads; `about` gives, per reason, the key of the journey to show in place of the own one. `cuts`
    gives, per body of another kind that `concerns` a journey of this one, the cut that such an
    event takes over from it; None = it has none to give.
    """

    judged: frozenset[str]
    forbidden: Callable[[S, Act, Read], ErrorReason | None]
    ended: Callable[[S, Act], bool] = _never
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    about: Mapping[int, Callable[[S], str]] = field(default_factory=dict)
    cuts: Mapping[str, Callable[[S, Event], Cut | None]] = field(default_factory=dict)


def _never_ms(_journey: Journey) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class JourneyKind(Generic[S]):
    """One kind of journey. Its name is also its field in JourneyFold and Journey, unless said.

    `folds` holds one function per body it reacts to, by field of Interaction.body.
    `concerns` names, per body of other kinds, the journeys of this kind that it concerns.
    `publish` fills its part of the published journey and returns the journey's activity.
    `members` names the journeys of which one of this kind is made up, if any; `complete` fills in
    what follows from their published states, and returns their activity, which then stands for its
    own. Members of a kind that has members itself count as unknown, so that there are no circles.
    `finished_from_ms` gives the time from which a published journey is finished because time went
    by, ms since 1970 UTC, 0 = never; that is added when it is read.
    `state` is the field in JourneyFold and Journey where several kinds share one.
    """

    name: str
    folds: Mapping[str, Callable[[S, Act], None]]
    merge: Callable[[S, S], None]
    publish: Callable[[JourneyFold, Journey], Order | None]
    listed: Callable[[Journey], bool]
    archive_after_ms: Callable[[Journey], int]
    concerns: Mapping[str, Callable[[Event], Iterable[str]]] = field(default_factory=dict)
    rule: MachineRule[S] | None = None
    members: Callable[[JourneyFold], Iterable[str]] | None = None
    complete: Callable[[JourneyFold, Journey, Members], Order | None] | None = None
    finished_from_ms: Callable[[Journey], int] = _never_ms
    state: str = ""

    @property
    def member(self) -> str:
        """Its field in JourneyFold and in Journey."""
        return self.state or self.name

    def reacts_to(self, name: str) -> bool:
        """Whether a body of the kind's own journeys changes them."""
        return name in self.folds and name not in self.concerns
