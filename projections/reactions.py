"""A projection written as one function for each interaction body that changes its states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event, Outcome
from projections.portions import fold_portions
from projections.projection import Act

S = TypeVar("S", bound=Message)
ACCEPTED = Outcome.OUTCOME_ACCEPTED


def _nothing(_state: Any) -> None:
    return


class Reactions(Generic[S]):
    """See projections.projection.Projection.

    Total: an event that is not accepted, or whose body nothing here reacts to, concerns no state.
    """

    def __init__(
        self,
        name: str,
        version: int,
        *,
        begin: Callable[[str], S],
        folds: Mapping[str, Callable[[S, Act], None]],
        keys: Callable[[Event, str], Iterable[str]],
        join: Callable[[S, S], None],
        finish: Callable[[S], None] = _nothing,
    ) -> None:
        """`begin` makes the state of a key of which nothing was recorded. `folds` holds what bodies
        do to a state, by field of Interaction.body; the act's journey_id is the state's key.
        `keys` names the states that an event of such a body changes. `join` joins the second state
        into the first. `finish` brings a state to order after `folds`, once for all events that are
        folded together."""
        self.name = name
        self.version = version
        self._begin = begin
        self._folds = folds
        self._keys = keys
        self._join = join
        self._finish = finish
        self._kind = type(begin(""))

    def keys_of(self, event: Event) -> tuple[str, ...]:
        """See projections.projection.Projection."""
        body = event.interaction.WhichOneof("body") or ""
        if body not in self._folds or event.outcome != ACCEPTED or event.version < 1:
            return ()
        return tuple(dict.fromkeys(self._keys(event, body)))

    def fold_event(self, states: dict[str, S], event: Event) -> set[str]:
        """See projections.projection.Projection."""
        portions = self.portions((event,))
        fold_portions(states, portions)
        return {*portions}

    def portions(self, events: Iterable[Event]) -> dict[str, Reacting[S]]:
        """See projections.portions.Portioned."""
        portions: dict[str, Reacting[S]] = {}
        for event in events:
            for key in self.keys_of(event):
                portion = portions.get(key)
                if portion is None:
                    portion = portions[key] = Reacting(key, self._begin, self._folds, self._finish)
                portion.events.append(event)
        return portions

    def merge(self, mine: S, theirs: S) -> S:
        """See projections.projection.Projection."""
        merged = self._kind()
        merged.CopyFrom(mine)
        self._join(merged, theirs)
        return merged

    def parse(self, state: bytes) -> S:
        """See projections.projection.Projection."""
        return self._kind.FromString(state)


class Reacting(Generic[S]):
    """Events that change the state of one key. See projections.portions.Portion."""

    __slots__ = ("_begin", "_finish", "_folds", "_key", "events")

    def __init__(
        self,
        key: str,
        begin: Callable[[str], S],
        folds: Mapping[str, Callable[[S, Act], None]],
        finish: Callable[[S], None],
    ) -> None:
        self._key = key
        self._begin = begin
        self._folds = folds
        self._finish = finish
        self.events: list[Event] = []

    def begin(self) -> S:
        """The state of a key of which nothing was recorded."""
        return self._begin(self._key)

    def fold_into(self, state: S) -> int:
        """Fold the events into the state; returns the version of the last one."""
        for event in self.events:
            body = event.interaction.WhichOneof("body") or ""
            self._folds[body](state, Act(event, body, self._key))
        self._finish(state)
        return self.events[-1].version


def only_key(_event: Event, _body: str) -> Iterable[str]:
    """The key of views that have one state for each subject."""
    return ("",)


def own_journey(kind: str) -> Callable[[Event, str], Iterable[str]]:
    """Keys of views that have one state for each journey of a kind: its journey_id."""

    def keys(event: Event, _body: str) -> Iterable[str]:
        ref = event.interaction.journey
        return (ref.journey_id,) if ref.kind == kind and ref.journey_id else ()

    return keys
