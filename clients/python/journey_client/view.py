"""What an application sees of a customer: the copy as of a moment, and what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef, Lease
from journey.v1.sessions_pb2 import Command, PresentSession
from journey_client._copy import Copy, JourneyKey
from journey_client.connection import Connection


@dataclass(frozen=True, slots=True)
class View:
    """A customer as of `token`, and what changed since the view before.

    `journeys` holds whole states; `continue_list` those to go on with, newest activity first, and
    by its name alone what comes next in a series and nobody began.
    `connection` says how fresh this is. `commands` are new ones to this session; `presence`
    holds who is there, if it was asked for.
    """

    journeys: Mapping[JourneyKey, Journey] = field(default_factory=dict)
    continue_list: tuple[Journey, ...] = ()
    changed: frozenset[JourneyKey] = frozenset()
    removed: frozenset[JourneyKey] = frozenset()
    leases: Mapping[JourneyKey, Lease] = field(default_factory=dict)
    presence: tuple[PresentSession, ...] = ()
    commands: tuple[Command, ...] = ()
    connection: Connection = field(default_factory=Connection)
    token: str = ""
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class WatchFilter:
    """What to watch: kinds and journeys, empty = all; presence = also who is there."""

    subject_id: str = ""
    kinds: Sequence[str] = ()
    journeys: Sequence[JourneyKey] = ()
    presence: bool = False


def entries(
    journeys: Mapping[JourneyKey, Journey], keys: Iterable[JourneyKey]
) -> tuple[Journey, ...]:
    """Journeys to go on with; of what nobody began, as the next of a series, the name alone."""
    return tuple(journeys.get(key) or Journey(ref=JourneyRef(**key._asdict())) for key in keys)


def view_of(
    copy: Copy,
    connection: Connection,
    changed: frozenset[JourneyKey],
    removed: frozenset[JourneyKey],
) -> View:
    """The copy as it stands, which later frames do not change."""
    journeys = dict(copy.journeys)
    return View(
        journeys=journeys,
        continue_list=entries(journeys, copy.continue_keys),
        changed=changed,
        removed=removed,
        leases=dict(copy.leases),
        connection=connection,
        token=copy.token,
        truncated=copy.truncated,
    )
