"""Shadow replay: a fold that is tried beside the live one, over the same events, storing nothing.

What is compared is what readers would see: published journeys, published states of views. What is
tried may be

- a JourneyKind: in place of the kind of its name, or beside the others;
- a StoredView, a DerivedView, or a Projection: beside the view of its name. A bare Projection is
  published as that view is; where there is none, its states are compared as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from journey.v1.events_pb2 import Event
from journey_service.domain.differences import Change, differences
from projections.journey_states import JourneyStates
from projections.projection import JourneyKind, Projection
from projections.view import ONLY_KEY, DerivedView, Published, StoredView, View

States = dict[str, Any]
# What readers see of some of the states, by key.
Publish = Callable[[States, Collection[str]], Mapping[str, Published]]
# Follows from all the others.
UNTOLD = frozenset({"checksum"})
NEW, GONE = "(new)", "(gone)"
LIVE, TRIED = "live", "tried"


@dataclass(frozen=True, slots=True)
class Fold:
    """A projection as it is replayed."""

    name: str
    projection: Projection[Any]
    publish: Publish


class Pair(NamedTuple):
    """What is compared; `live` is None where nothing of that name is live."""

    live: Fold | None
    tried: Fold


class FoldFailed(Exception):
    """A fold raised, which is its cause; `event` is the one that it could not bear."""

    def __init__(self, side: str, event: Event, error: Exception) -> None:
        super().__init__(f"the {side} fold raised {error!r}")
        self.side = side
        self.event = event
        self.error = error


def pair_of(tried: object, journeys: JourneyStates, views: Iterable[View], now_ms: int) -> Pair:
    """What is tried, beside the live one of its name among `journeys` and `views`.

    Raises TypeError for what is no fold.
    """
    if isinstance(tried, JourneyKind):
        return Pair(_of_journeys(journeys), _of_journeys(journeys.with_kind(tried)))
    if isinstance(tried, JourneyStates):
        return Pair(_of_journeys(journeys), _of_journeys(tried))
    name = getattr(tried, "name", None)
    live = next((view for view in views if view.name == name), None)
    beside = None if live is None else _of_view(live, journeys, now_ms)
    if isinstance(tried, StoredView | DerivedView):
        return Pair(beside, _of_view(tried, journeys, now_ms))
    if not callable(getattr(tried, "fold_event", None)) or not name:
        raise TypeError(f"{type(tried).__name__} is no fold")
    projection: Any = tried
    if isinstance(live, StoredView):
        return Pair(beside, _of_stored(StoredView(projection, "", live.publish)))
    return Pair(beside, Fold(str(name), projection, _as_they_are))


def _of_view(view: View, journeys: JourneyStates, now_ms: int) -> Fold:
    if isinstance(view, DerivedView):
        return _of_derived(view, journeys, now_ms)
    if isinstance(view.projection, JourneyStates):
        return _of_journeys(view.projection)
    return _of_stored(view)


def _of_journeys(journeys: JourneyStates) -> Fold:
    """Journeys change with those that they are made up of."""

    def publish(states: States, keys: Collection[str]) -> Mapping[str, Published]:
        shown = {}
        for key in sorted(journeys.with_wholes(states, keys) & states.keys()):
            members = [each for each in journeys.members_of(states[key]) if each in states]
            made_up_of = {each: journeys.publish(states[each]) for each in members}
            shown[key] = journeys.publish(states[key], made_up_of)
        return shown

    return Fold(journeys.name, journeys, publish)


def _of_stored(view: StoredView[Any]) -> Fold:
    def publish(states: States, keys: Collection[str]) -> Mapping[str, Published]:
        return {key: view.publish(states[key]) for key in sorted(keys) if key in states}

    return Fold(view.name, view.projection, publish)


def _of_derived(view: DerivedView, journeys: JourneyStates, now_ms: int) -> Fold:
    def publish(states: States, _: Collection[str]) -> Mapping[str, Published]:
        return {ONLY_KEY: view.derive(journeys.publish_all(states), now_ms)} if states else {}

    return Fold(view.name, journeys, publish)


def _as_they_are(states: States, keys: Collection[str]) -> Mapping[str, Published]:
    return {key: states[key] for key in sorted(keys) if key in states}


class Differing(NamedTuple):
    """One state that is not the same; no changes are told of one that only one side has."""

    key: str
    kind: str
    changes: list[Change]

    @property
    def fields(self) -> tuple[str, ...]:
        """What is counted of it: fields, or that it is new or gone."""
        return tuple(dict.fromkeys(change.field for change in self.changes)) or (self.kind,)


CHANGED = "changed"


@dataclass(slots=True)
class Customer:
    """The states of one customer by both folds."""

    pair: Pair
    events: int = 0
    last: Event = field(default_factory=Event)
    _live: States = field(default_factory=dict)
    _tried: States = field(default_factory=dict)

    def fold(self, event: Event) -> set[str]:
        """Fold an event by both; returns the keys that one of them touched. Raises FoldFailed."""
        self.events += 1
        self.last = event
        touched = set[str]()
        for side, fold, states in self._sides():
            try:
                touched |= fold.projection.fold_event(states, event)
            except Exception as error:
                raise FoldFailed(side, event, error) from error
        return touched

    def keys(self) -> set[str]:
        """Of all states."""
        return {*self._live, *self._tried}

    def differing(self, keys: Collection[str] | None = None) -> list[Differing]:
        """States that readers would see otherwise, of all keys or of these. Raises FoldFailed."""
        asked = self.keys() if keys is None else keys
        live, tried = self.shown(LIVE, asked), self.shown(TRIED, asked)
        found = (_compared(key, live.get(key), tried.get(key)) for key in sorted({*live, *tried}))
        return [each for each in found if each is not None]

    def shown(self, wanted: str, keys: Collection[str] | None = None) -> Mapping[str, Published]:
        """What readers would see on one side, of all keys or of these. Raises FoldFailed."""
        for side, fold, states in self._sides():
            if side == wanted:
                try:
                    return fold.publish(states, states.keys() if keys is None else keys)
                except Exception as error:
                    raise FoldFailed(side, self.last, error) from error
        return {}

    def _sides(self) -> Iterable[tuple[str, Fold, States]]:
        if self.pair.live is not None:
            yield LIVE, self.pair.live, self._live
        yield TRIED, self.pair.tried, self._tried


def _compared(key: str, live: Published | None, tried: Published | None) -> Differing | None:
    if live is None or tried is None:
        return Differing(key, NEW if live is None else GONE, [])
    if live == tried:
        return None
    changes = differences(live, tried, without=UNTOLD)
    return Differing(key, CHANGED, changes) if changes else None


def first_difference(pair: Pair, events: Iterable[Event]) -> tuple[Event, list[Differing]] | None:
    """The event after which a customer's states differ for the first time, and how; None = never.

    Only what an event touched is looked at, which is all that it can have changed.
    """
    customer = Customer(pair)
    for event in events:
        touched = customer.fold(event)
        found = customer.differing(touched) if touched else []
        if found:
            return event, found
    return None


def order_differences(fold: Fold, events: Iterable[Event]) -> list[Differing]:
    """How a customer's states would differ had the same events come the other way round.

    None may: devices are offline, and what arrives late must not count differently. The second
    side of what differs is that of the order given. Raises FoldFailed.
    """
    forth, back = Customer(Pair(None, fold)), Customer(Pair(None, fold))
    in_order = list(events)
    for customer, ordered in ((forth, in_order), (back, reversed(in_order))):
        for event in ordered:
            customer.fold(event)
    shown, other = forth.shown(TRIED), back.shown(TRIED)
    found = (_compared(key, other.get(key), shown.get(key)) for key in sorted({*shown, *other}))
    return [each for each in found if each is not None]


@dataclass(slots=True)
class Figures:
    """What a replay has found so far. Customers, states and fields are counted once each.

    `disordered` customers were looked at closer, and their states depend on the order of events.
    """

    customers: int = 0
    events: int = 0
    states: int = 0
    customers_differing: int = 0
    states_differing: int = 0
    failed: int = 0
    disordered: int = 0
    fields: Counter[str] = field(default_factory=Counter)

    @property
    def same(self) -> bool:
        """Whether the fold that is tried would change nothing, for anybody, in any order."""
        return not (self.customers_differing or self.failed or self.disordered)

    def add(self, customer: Customer, found: list[Differing]) -> None:
        """A customer that was folded to its end."""
        self.customers += 1
        self.events += customer.events
        self.states += len(customer.keys())
        self.customers_differing += bool(found)
        self.states_differing += len(found)
        for each in found:
            self.fields.update(each.fields)

    def add_failed(self, customer: Customer) -> None:
        """A customer whose events a fold could not bear."""
        self.customers += 1
        self.events += customer.events
        self.failed += 1
