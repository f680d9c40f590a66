"""What kinds with machine interactions share: the accepted steps, their keys, their revs.

A journey's machine is the list of its accepted transitions in the order that the service gave them,
by home and rev. Whatever is decided or shown follows from that list alone, so the same list gives
the same answer in every process, after every rebuild.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import Machine, MachineTransition
from journey_service.domain.catalogue import TYPES
from projections.fold import (
    Order,
    join_machine,
    last_of_homes,
    order_of,
    record_transition,
)
from projections.projection import Act, serialized

FINGERPRINT_BYTES = 16
# What these had in view is taken over by the events that answer them.
WITH_THEIR_CUT = frozenset({"checkout_submitted"})


class Step(NamedTuple):
    """One accepted transition: its place, when it happened, and what it said."""

    home: str
    rev: int
    order: Order
    name: str
    body: Any
    event: Event


def stepped(fold: Any, act: Act) -> None:
    """Keep an accepted transition. One without a place in the server's order counts for nothing."""
    place = act.event.machine
    if place.rev:
        write = act.write(
            number=_amount(act), text=key_of_step(act), message=serialized(_said(act))
        )
        record_transition(fold.machine, place.home, place.rev, write)


def join_steps(mine: Any, theirs: Any) -> None:
    """Join the machines of two states."""
    join_machine(mine.machine, theirs.machine)


def _amount(act: Act) -> int:
    """What an entry adds to the sum over distinct entries."""
    return int(act.body.points) if act.name == "points_posted" else 0


def _said(act: Act) -> Event:
    """The part of an event that its journey needs."""
    given = act.event.interaction
    said = Event(actor=act.event.actor)
    said.interaction.channel = given.channel
    said.interaction.actor_place = given.actor_place
    if given.touchpoint.HasField("store"):
        said.interaction.touchpoint.store.CopyFrom(given.touchpoint.store)
    getattr(said.interaction, act.name).CopyFrom(act.body)
    if act.name in WITH_THEIR_CUT:
        said.cut.CopyFrom(act.event.cut)
    return said


def steps_of(machine: Machine) -> Iterator[Step]:
    """The accepted transitions, by home and rev."""
    return map(_step, machine.transitions)


def _step(transition: MachineTransition) -> Step:
    event = Event.FromString(transition.write.message)
    name = event.interaction.WhichOneof("body") or ""
    body = getattr(event.interaction, name) if name else None
    return Step(transition.home, transition.rev, order_of(transition.write), name, body, event)


def last_step(machine: Machine) -> Step | None:
    """The last transition of the home that moved last; None = there is none."""
    last = last_of_homes(machine)
    return _step(last[0]) if last else None


def rev_of(machine: Machine) -> int:
    """How many transitions were accepted at the home that moved last; 0 = none."""
    last = last_of_homes(machine)
    return last[0].rev if last else 0


# --- keys: what may be told only once ------------------------------------------------------------


def key_of_step(act: Act) -> str:
    """What names the fact within its journey: its body and the values of its unique key; empty =
    it may happen again."""
    paths = TYPES[act.name].rules.unique_key
    if not paths:
        return ""
    return "/".join((act.name, *(_value(act, path) for path in paths)))


def _value(act: Act, path: str) -> str:
    # Within one journey the journey's own id names nothing more.
    return "" if path.startswith("journey.") else str(_getter(path)(act.body))


_getter = cache(attrgetter)


def known_step(machine: Machine, act: Act) -> MachineTransition | None:
    """The first transition that has the key of an act."""
    key = key_of_step(act)
    if not key:
        return None
    found = [each for each in machine.transitions if each.write.text == key]
    return min(found, key=lambda each: order_of(each.write), default=None)


def says_the_same(transition: MachineTransition, act: Act) -> bool:
    """Whether an act says what the transition said, whatever its clocks."""
    said = Event.FromString(transition.write.message)
    return fingerprint(said, act.name) == _hash(act.body)


def fingerprint(said: Event, name: str) -> bytes:
    """Hash of a body that is kept, or was cut with its hash left behind."""
    return said.content_hash or _hash(getattr(said.interaction, name))


def _hash(body: Any) -> bytes:
    return hashlib.sha256(serialized(body)).digest()[:FINGERPRINT_BYTES]
