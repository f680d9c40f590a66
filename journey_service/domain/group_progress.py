"""Where a group stands in a partition, as stored, and what changes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from journey_service.domain.groups import Entry

# Of positions: each behind the first up to the second, ascending.
Spans: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a group stands in a partition, as stored.

    All up to `checkpoint` is settled or put aside, or has an entry. `revision` rises with every
    write, `epoch` with every owner. What lies up to `replayed_to` was delivered before a seek.
    Where a range comes again, that is what lies behind `again_from` up to `again_to`; of the rest
    up to `resume_at` comes what has an entry.
    """

    partition: int
    checkpoint: int = 0
    owner: str = ""
    epoch: int = 0
    revision: int = 0
    replayed_to: int = 0
    again_from: int = 0
    again_to: int = 0
    resume_at: int = 0

    def skipped(self, place: int) -> int:
        """The place behind which something may come again, or for the first time."""
        if place < self.again_from:
            place = max(place, min(self.again_from, self.resume_at))
        return max(place, self.resume_at) if place >= self.again_to else place

    def ahead(self, head: int) -> Spans:
        """Where what comes up to the head lies, but for events of which something is known."""
        at = self.skipped(self.checkpoint)
        spans: Spans = ((at, head),)
        if max(at, self.again_to) < self.resume_at:
            spans = ((at, self.again_to), (self.resume_at, head))
        return tuple((after, up_to) for after, up_to in spans if after < up_to)

    def sought(self, epoch: int, place: int, furthest: int) -> Progress:
        """As a seek leaves it: all behind the place comes. `furthest`: the last known event."""
        return replace(
            self,
            checkpoint=place,
            epoch=epoch,
            revision=self.revision + 1,
            replayed_to=max(self.checkpoint, self.replayed_to, self.resume_at, furthest),
            again_from=0,
            again_to=0,
            resume_at=0,
        )

    def again(self, epoch: int, place: int, end: int, furthest: int) -> Progress:
        """As the seek of a range leaves it: what lies behind the place up to the end comes again.
        What was left of an earlier range does not."""
        return replace(
            self,
            checkpoint=min(self.checkpoint, place) if place < end else self.checkpoint,
            epoch=epoch,
            revision=self.revision + 1,
            replayed_to=max(self.replayed_to, min(end, max(self.checkpoint, furthest))),
            again_from=place,
            again_to=end,
            resume_at=max(self.checkpoint, self.resume_at),
        )


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
