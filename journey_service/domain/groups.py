"""Rules of consumer groups on single events: how each stands, names of attempts, waits.

    (new) ──deliver──▶ OUT ──ack, skip──▶ SETTLED ──checkpoint passes──▶ (forgotten)
               ▲        │ ├──park, too many attempts──▶ PARKED ──replay──▶ WAITING
               │        │ │                               └─discard──▶ (forgotten)
               └ WAITING ◀┴─retry, lease over             HELD: waits behind a parked one

How the events of a partition stand together is in group_book.py, who has which partition in
group_sharing.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    NACK_ACTION_SKIP,
    ON_PARK_CONTINUE,
    Group,
    Nack,
    ParkedFilter,
)

# Doublings of the back-off that are ever counted.
MOST_DOUBLINGS = 40
# Jitter of the back-off: the wait is from 80 % to 120 % of what doubling gives.
JITTER_LEAST = 0.8
JITTER_SPAN = 0.4
MAX_ATTEMPTS_REASON = "max_attempts"

_NAME = re.compile(
    r"([a-z][a-z0-9_-]{0,63})"
    r"/([0-9]{1,4})\.([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,9})\.([0-9]{1,18})/(.{1,128})",
    re.ASCII,
)
_PARKED = re.compile(r"([0-9]{1,4})\.([0-9]{1,18})", re.ASCII)


class Standing(IntEnum):
    """How an event stands with a group; stored."""

    WAITING = 1
    OUT = 2
    SETTLED = 3
    HELD = 4
    PARKED = 5


def forgotten_by_seek(*, is_range: bool, discard_parked: bool) -> frozenset[Standing]:
    """Of which events nothing is known after a seek: all that are to come; of a range what was
    settled, as the rest of it is still to come in any case."""
    if is_range:
        return frozenset({Standing.SETTLED, *([Standing.PARKED] if discard_parked else ())})
    if discard_parked:
        return frozenset(Standing)
    return frozenset(Standing) - {Standing.PARKED, Standing.HELD}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a group knows of an event.

    `due_ms`: end of the lease while OUT, earliest next attempt while WAITING, when it was put aside
    while PARKED. `epoch`, `attempt`, `consumer_id` are of the last delivery, `first_ms` is when the
    first one was. `replaying`: delivered again from parked, and not yet settled.
    """

    position: int
    subject_id: str
    standing: Standing
    attempt: int = 0
    due_ms: int = 0
    consumer_id: str = ""
    epoch: int = 0
    first_ms: int = 0
    replayed: bool = False
    replaying: bool = False
    topic: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a group's settings say of its deliveries, in ms; `hold`: a parked event holds its
    subject. `since_ms`: when the group was made, 0 = not known."""

    lease_ms: int
    max_attempts: int
    min_backoff_ms: int
    max_backoff_ms: int
    hold: bool
    since_ms: int = 0

    @classmethod
    def of(cls, group: Group) -> Terms:
        """From settings whose defaults are filled in."""
        return cls(
            lease_ms=group.lease_ms,
            max_attempts=group.max_attempts,
            min_backoff_ms=group.min_backoff_ms,
            max_backoff_ms=group.max_backoff_ms,
            hold=group.on_park != ON_PARK_CONTINUE,
        )


def backoff_ms(terms: Terms, attempt: int, jitter: float) -> int:
    """The wait after an attempt that failed; it doubles with each. `jitter` is from 0 to 1."""
    doubled = terms.min_backoff_ms << min(max(attempt - 1, 0), MOST_DOUBLINGS)
    return round(min(doubled, terms.max_backoff_ms) * (JITTER_LEAST + JITTER_SPAN * jitter))


class DeliveryName(NamedTuple):
    """Names one attempt; a later attempt, another owner and a moved group have other names.

    `first_ms`: when the first attempt was; a replayed event begins again with another first one.
    """

    group_id: str
    partition: int
    epoch: int
    position: int
    attempt: int
    first_ms: int
    consumer_id: str

    @classmethod
    def of(cls, group_id: str, partition: int, entry: Entry) -> DeliveryName:
        """The name of an entry's last attempt."""
        return cls(
            group_id,
            partition,
            entry.epoch,
            entry.position,
            entry.attempt,
            entry.first_ms,
            entry.consumer_id,
        )

    def __str__(self) -> str:
        place = f"{self.partition}.{self.epoch}.{self.position}.{self.attempt}.{self.first_ms}"
        return f"{self.group_id}/{place}/{self.consumer_id}"


def delivery_name(text: str) -> DeliveryName | None:
    """What a delivery id says; None where no delivery can have that id."""
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    group_id, *numbers, consumer_id = found.groups()
    partition, epoch, position, attempt, first_ms = map(int, numbers)
    return DeliveryName(group_id, partition, epoch, position, attempt, first_ms, consumer_id)


class Act(IntEnum):
    """What a consumer says of a delivery."""

    ACK = 1
    RETRY = 2
    PARK = 3
    EXTEND = 4


@dataclass(frozen=True, slots=True)
class Said:
    """An act with what belongs to it. `delay_ms`: 0 = the back-off; `lease_ms`: of EXTEND."""

    act: Act
    reason: str = ""
    delay_ms: int = 0
    lease_ms: int = 0

    @classmethod
    def of(cls, nack: Nack) -> Said:
        """A skip settles as an ack does; what is not known is a retry."""
        if nack.action == NACK_ACTION_SKIP:
            return cls(Act.ACK)
        if nack.action == NACK_ACTION_PARK:
            return cls(Act.PARK, nack.reason)
        return cls(Act.RETRY, nack.reason, nack.delay_ms)


def says_again(entry: Entry, said: Said) -> bool:
    """Whether this was said before, and is what became of it."""
    return (entry.standing, said.act) in {
        (Standing.SETTLED, Act.ACK),
        (Standing.PARKED, Act.PARK),
        (Standing.WAITING, Act.RETRY),
    }


def passes(wanted: ParkedFilter, entry: Entry) -> bool:
    """Whether a parked event is one of those wanted; all set parts must match."""
    return (
        (not wanted.types or any(_is_of(entry.topic, name) for name in wanted.types))
        and wanted.subject_id in ("", entry.subject_id)
        and wanted.reason_contains in entry.reason
        and wanted.parked_from_ms <= entry.due_ms
        and (not wanted.parked_to_ms or entry.due_ms < wanted.parked_to_ms)
    )


def _is_of(topic: str, name: str) -> bool:
    return topic.startswith(name[:-1]) if name.endswith(".*") else topic == name


def parked_id(partition: int, position: int) -> str:
    """Names a parked event within its group."""
    return f"{partition}.{position}"


def parked_places(ids: Collection[str]) -> set[tuple[int, int]]:
    """Partition and position of each; what no parked event can have as id is left out."""
    found = (_PARKED.fullmatch(name) for name in ids)
    return {(int(one[1]), int(one[2])) for one in found if one is not None}
