"""What reading and mending projections needs from outside, each method with its contract."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from journey.v1.projection_service_pb2 import SkippedEvent, StoppedFold
from journey_service.ports import PartitionLease, StateRow


@dataclass(frozen=True, slots=True)
class StateFilter:
    """Which states to list: of this subject, or of those that begin so; with keys that begin so;
    found by all of `matches` (field, value)."""

    subject_id: str = ""
    subject_prefix: str = ""
    key_prefix: str = ""
    matches: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ListedStates:
    """States of a generation (0 = there is none) by subject id and key. `behind` is the place
    behind which there may be more, which need not be that of a row; None = that was all."""

    generation: int
    rows: Sequence[StateRow]
    behind: tuple[str, str] | None = None


class StateLists(Protocol):
    """States across subjects, as they are stored."""

    async def generation_of(self, projection: str, version: int) -> int:
        """The generation that this fold version reads; 0 = there is none."""

    async def list_states(
        self,
        projection: str,
        version: int,
        wanted: StateFilter,
        *,
        after: tuple[str, str] = ("", ""),
        limit: int,
    ) -> ListedStates:
        """States of the generation that this fold version reads, behind (subject_id, key), by
        subject id and key, at most `limit`. Those of erased subjects are left out. Raises
        EventUnreadable for a damaged state, naming its subject."""


class Stops(Protocol):
    """Events at which projections stopped, and those that they were told to leave out."""

    async def note(self, lease: PartitionLease, stopped: StoppedFold) -> None:
        """The fold stopped at this event, in place of where it had stopped before. Keeps the time
        at which it first stopped there."""

    async def clear(self, lease: PartitionLease) -> None:
        """The fold went on to the lease's position: it is stopped there or before no longer."""

    async def stopped(self, projection: str, generation: int) -> list[StoppedFold]:
        """Where it is stopped, by partition."""

    async def retry(
        self, projection: str, generation: int, partitions: Collection[int]
    ) -> list[StoppedFold]:
        """Forget where it stopped, which its runner takes for an order to try again; returns what
        was forgotten."""

    async def skip(
        self, projection: str, version: int, generation: int, skipped: SkippedEvent
    ) -> SkippedEvent | None:
        """Leave out, with this version of the fold, the event at which it is stopped, for ever.
        Returns what is kept, also of a repeat; None where it is not stopped there."""

    async def skipped(
        self, projection: str, version: int, partitions: Collection[int]
    ) -> list[SkippedEvent]:
        """What this version of the fold leaves out in these partitions, by place."""
