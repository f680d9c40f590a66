"""Where a group stands in a partition, as stored, and what changes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from journey_service.domain.groups import Entry


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a group stands in a partition, as stored.

    All up to `checkpoint` is settled or put aside, or has an entry. `revision` rises with every
    write, `epoch` with every owner. What lies up to `replayed_to` was delivered before a seek.
    """

    partition: int
    checkpoint: int = 0
    owner: str = ""
    epoch: int = 0
    revision: int = 0
    replayed_to: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store knows of a partition: all entries behind the checkpoint, the lowest unsettled
    ones before it (`more`: not all of these), the lowest parked position of each subject, and all
    parked positions (`aside`)."""

    progress: Progress
    entries: Iterable[Entry] = ()
    parked: Mapping[str, int] = field(default_factory=dict)
    more: bool = False
    aside: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be stored of a partition, if it still has this epoch and revision."""

    progress: Progress
    entries: tuple[Entry, ...] = ()
    gone: tuple[int, ...] = ()
