"""What a projection shows of its states to those who read them, and the catalogue of all that can.

There are two sorts of views:

- **StoredView**: a projection with a fold and states of its own, one or several for each subject,
  kept by a runner. It says how a state is published, by which fields states are found, and who may
  read them. Reads of one subject are exact (stored states and the events behind them); lists are
  as stored.
- **DerivedView**: a pure function of a customer's published journeys. Nothing of it is stored, so
  it costs no runner and no rebuild, is always exact, and cannot be listed.

A stored view is written as a class with the six things of projections.projection.Projection, and
one line:

    PURCHASES = StoredView(
        Purchases("purchases", version=1),
        "What a customer bought and kept.",
        publish=published,                                  # state -> Message, or dict for JSON
        index={"sku": lambda shown: (line.sku for line in shown.lines)},
        read_roles=DEVICES,                                 # default: BACKENDS
    )

A projection with one state per subject uses ONLY_KEY as the key of that state. Keys have at most
512 characters. A state keeps no names of customers beyond its subject's; what it keeps is sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from journey.v1.access_pb2 import ROLE_DEVELOPER, ROLE_DEVICE, ROLE_SERVICE, Role
from journey.v1.journeys_pb2 import Journey
from projections.projection import Projection

S = TypeVar("S", bound=Message)
# A typed projection publishes a message, others what json.dumps takes.
Published = Message | Mapping[str, Any]
Values = Callable[[Any], Iterable[str]]

# Key of the state of projections that have one for each subject.
ONLY_KEY = ""
# Who may read states, besides what the calls themselves allow.
BACKENDS = frozenset({ROLE_SERVICE, ROLE_DEVELOPER})
# The same, and devices the states of their own customer.
DEVICES = BACKENDS | {ROLE_DEVICE}


def _never_told(_state: Any) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class StoredView(Generic[S]):
    """A projection that can be read.

    `publish` gives what readers see of a state; it is pure, and leaves the state as it is. `index`
    gives, by field, the values under which a published state is found; they are stored as keyed
    hashes. `updated_at_ms` gives the time of a state's last change, ms since 1970 UTC, 0 = it is
    not told. A change of `index` or `publish` alone needs another version of the projection where
    what is stored for finding states changes.
    """

    projection: Projection[S]
    description: str
    publish: Callable[[S], Published]
    index: Mapping[str, Values] = field(default_factory=dict)
    read_roles: frozenset[Role] = BACKENDS
    updated_at_ms: Callable[[S], int] = _never_told

    @property
    def name(self) -> str:
        """The projection's."""
        return self.projection.name

    @property
    def version(self) -> int:
        """Of the projection's fold."""
        return self.projection.version

    def indexed(self, state: S) -> tuple[tuple[str, str], ...]:
        """Field and value, sorted, under which a state is found."""
        if not self.index:
            return ()
        shown = self.publish(state)
        pairs = {(name, value) for name, values in self.index.items() for value in values(shown)}
        return tuple(sorted(pairs))


@dataclass(frozen=True, slots=True)
class DerivedView:
    """A pure function of a customer's published journeys, by key, at a time (ms since 1970 UTC)."""

    name: str
    version: int
    description: str
    derive: Callable[[Mapping[str, Journey], int], Published]
    read_roles: frozenset[Role] = BACKENDS


View = StoredView[Any] | DerivedView


class Catalogue:
    """All views by name."""

    def __init__(self, views: Iterable[View], own: Iterable[View] = ()) -> None:
        """`own` come from packages beside the service. Raises ValueError for a name twice."""
        self._views: dict[str, View] = {}
        for view in views:
            self._add(view)
        self._built_in = frozenset(self._views)
        for view in own:
            self._add(view)

    def find(self, name: str) -> View | None:
        """The view of this name."""
        return self._views.get(name)

    def is_own(self, name: str) -> bool:
        """Whether a package beside the service brought it."""
        return name in self._views and name not in self._built_in

    def stored(self) -> list[StoredView[Any]]:
        """Those with states of their own, in the order in which they were named."""
        return [view for view in self if isinstance(view, StoredView)]

    def __iter__(self) -> Iterator[View]:
        """All, in the order in which they were named."""
        return iter(self._views.values())

    def _add(self, view: View) -> None:
        if view.name in self._views:
            raise ValueError(f"{view.name}: there is a projection of this name already")
        self._views[view.name] = view
