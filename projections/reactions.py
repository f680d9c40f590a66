"""A projection written as one function for each interaction body that changes its states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event, Outcome
from projections.projection import Act

S = TypeVar("S", bound=Message)
ACCEPTED = Outcome.OUTCOME_ACCEPTED


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
    ) -> None:
        """`begin` makes the state of a key of which nothing was recorded. `folds` holds what bodies
        do to a state, by field of Interaction.body; the act's journey_id is the state's key.
        `keys` names the states that an event of such a body changes. `join` joins the second state
        into the first."""
        self.name = name
        self.version = version
        self._begin = begin
        self._folds = folds
        self._keys = keys
        self._join = join
        self._kind = type(begin(""))

    def keys_of(self, event: Event) -> tuple[str, ...]:
        """See projections.projection.Projection."""
        body = event.interaction.WhichOneof("body") or ""
        if body not in self._folds or event.outcome != ACCEPTED or event.version < 1:
            return ()
        return tuple(dict.fromkeys(self._keys(event, body)))

    def fold_event(self, states: dict[str, S], event: Event) -> set[str]:
        """See projections.projection.Projection."""
        keys = self.keys_of(event)
        for key in keys:
            state = states.get(key)
            if state is None:
                state = states[key] = self._begin(key)
            body = event.interaction.WhichOneof("body") or ""
            self._folds[body](state, Act(event, body, key))
        return set(keys)

    def merge(self, mine: S, theirs: S) -> S:
        """See projections.projection.Projection."""
        merged = self._kind()
        merged.CopyFrom(mine)
        self._join(merged, theirs)
        return merged

    def parse(self, state: bytes) -> S:
        """See projections.projection.Projection."""
        return self._kind.FromString(state)


def only_key(_event: Event, _body: str) -> Iterable[str]:
    """The key of views that have one state for each subject."""
    return ("",)


def own_journey(kind: str) -> Callable[[Event, str], Iterable[str]]:
    """Keys of views that have one state for each journey of a kind: its journey_id."""

    def keys(event: Event, _body: str) -> Iterable[str]:
        ref = event.interaction.journey
        return (ref.journey_id,) if ref.kind == kind and ref.journey_id else ()

    return keys
