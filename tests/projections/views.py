"""Given, when, then for views with folds of their own: folded as events arrived, and read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event
from projections.view import StoredView
from projections.views.conversations import CONVERSATIONS
from projections.views.ledger import LEDGER
from projections.views.profile import PROFILE
from projections.views.purchases import PURCHASES
from projections.views.suppression import SUPPRESSION

VIEWS: Mapping[str, StoredView[Any]] = {
    view.name: view for view in (PURCHASES, SUPPRESSION, PROFILE, LEDGER, CONVERSATIONS)
}
States = dict[str, Any]


def fold(view: StoredView[Any], events: Iterable[Event]) -> States:
    """States by key of these events, in this order."""
    states: States = {}
    for event in events:
        view.projection.fold_event(states, event)
    return states


def joined(view: StoredView[Any], parts: Iterable[States]) -> States:
    """States of the union, as a customer of several streams is read."""
    together: States = {}
    for part in parts:
        for key, state in part.items():
            known = together.get(key)
            together[key] = view.projection.merge(known, state) if known is not None else state
    return together


def frozen(view: StoredView[Any], states: States) -> dict[str, tuple[bytes, bytes, Any]]:
    """Bytes of the states, bytes of what is published, and what they are found by, by key."""
    return {
        key: (
            state.SerializeToString(deterministic=True),
            shown(view, state).SerializeToString(deterministic=True),
            view.indexed(state),
        )
        for key, state in states.items()
    }


def stored(view: StoredView[Any], states: States) -> States:
    """The same after being written and read."""
    return {
        key: view.projection.parse(state.SerializeToString(deterministic=True))
        for key, state in states.items()
    }


def shown(view: StoredView[Any], state: Any) -> Message:
    """The published state."""
    published = view.publish(state)
    assert isinstance(published, Message)
    return published


def read(view: StoredView[Any], events: list[Event], key: str = "") -> Any:
    """The published state of a key.

    The other way round, and joined from two halves that were stored, the states are the same.
    """
    states, half = fold(view, events), len(events) // 2
    whole = frozen(view, states)
    assert frozen(view, fold(view, reversed(events))) == whole
    halves = [stored(view, fold(view, part)) for part in (events[:half], events[half:])]
    assert frozen(view, joined(view, halves)) == whole
    return shown(view, states[key])


def found_by(view: StoredView[Any], events: list[Event], key: str = "") -> dict[str, set[str]]:
    """Values by field under which a state is found."""
    found: dict[str, set[str]] = {}
    for field, value in view.indexed(fold(view, events)[key]):
        found.setdefault(field, set()).add(value)
    return found
