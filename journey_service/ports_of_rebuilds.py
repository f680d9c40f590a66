"""What rebuilds need from outside: generations beside the live one, and the runs that fill them.

A generation is one set of states of a projection, folded by one version of its fold:

    building ──switch──▶ live ──another one is switched to──▶ old ──▶ dropping ──▶ dropped
        └──── cancelled, failed, compared alone ────────────▶ old

Which one is read stands in one row for each version of the fold, so processes of two releases read
their own side by side, and what one version folded is never folded on by another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from journey.v1.events_pb2 import Event
from journey_service.ports import CommandKey, PartitionLease, StateRow


class GenerationStatus(StrEnum):
    """How a generation stands."""

    BUILDING = "building"
    LIVE = "live"
    OLD = "old"
    DROPPING = "dropping"
    DROPPED = "dropped"


class RunStatus(StrEnum):
    """How a rebuild stands. It goes on from `running` and `paused` alone."""

    RUNNING = "running"
    PAUSED = "paused"
    SWITCHED = "switched"
    COMPARED = "compared"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REVERTED = "reverted"

    @property
    def goes_on(self) -> bool:
        """Whether it is not over."""
        return self in (RunStatus.RUNNING, RunStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Generation:
    """One set of states. `named`: processes with its fold version read it; `drop_at_ms`: 0 = when
    told."""

    projection: str
    number: int
    fold_version: int
    status: GenerationStatus
    named: bool
    drop_at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildOrder:
    """What to rebuild. `automatic`: the generation that a new fold version reads while it is not
    whole; else one of its own. `targets`: heads of the journal, from partition 0."""

    projection: str
    fold_version: int
    targets: Sequence[int]
    automatic: bool = False
    dry_run: bool = False
    keep_old_ms: int = 0
    command: CommandKey = field(default=CommandKey("", "", b""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """A run as it is stored; `generation` is what it fills and names it, `base_generation` what it
    is compared with (0 = nothing)."""

    projection: str
    generation: int
    fold_version: int
    base_generation: int
    base_version: int
    status: RunStatus
    automatic: bool
    dry_run: bool
    keep_old_ms: int
    targets: Sequence[int]
    command: CommandKey
    started_at_ms: int
    ended_at_ms: int = 0
    error_reason: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """By partition: position folded to, and what comparing found (only where it was compared)."""

    positions: Mapping[int, int]
    compared: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class SubjectPair:
    """The states of a subject, by key, in two generations, and the version each is folded to.

    `damaged` are keys of the other generation's states that do not open.
    """

    subject_id: str
    mine_version: int
    other_version: int
    mine: Mapping[str, bytes]
    other: Mapping[str, bytes]
    damaged: Collection[str] = ()


class Rebuilds(Protocol):
    """Generations and rebuilds. What it reads and writes in bulk goes over few connections of its
    own, so that it gives way to calls."""

    async def generations(self, projection: str = "") -> list[Generation]:
        """All of a projection ("" = of all), oldest first, dropped ones, too."""

    async def begin(self, order: RebuildOrder) -> Rebuild:
        """Begin a rebuild; a repeat of the command gets the one that it began.

        Raises ProjectionNotFound, RebuildRunning (metadata rebuild_id) and CommandIdReused.
        """

    async def begin_automatic(self, order: RebuildOrder) -> Rebuild | None:
        """The rebuild of what a fold version reads, if that is not whole; else None. One that
        goes on already is returned as it is; one that was cancelled or failed stays so."""

    async def find(self, projection: str, generation: int) -> Rebuild | None:
        """One rebuild as it stands."""

    async def list_of(
        self, projection: str = "", *, status: RunStatus | None = None, limit: int = 100
    ) -> list[Rebuild]:
        """Newest first."""

    async def progress(self, projection: str, generation: int) -> Progress:
        """How far it is."""

    async def set_status(
        self,
        rebuild: Rebuild,
        status: RunStatus,
        *,
        allowed: Collection[RunStatus],
        error_reason: int = 0,
        error: str = "",
    ) -> Rebuild | None:
        """Pause it, let it go on, or end it without a switch; None where it has none of the
        statuses that allow it. What was filled is old then, unless processes read it."""

    async def switch(self, rebuild: Rebuild) -> Rebuild | None:
        """Make what it filled live and what was live old, at once; None where it does not run."""

    async def switch_back(self, rebuild: Rebuild) -> Rebuild | None:
        """Make what a rebuild replaced live again, and what it made old; None where that is not
        live, or the other one is not kept or was folded by another version."""

    # --- filling ---------------------------------------------------------------------------------

    async def acquire(
        self, rebuild: Rebuild, owner: str, partitions: Collection[int], *, life_ms: int
    ) -> list[PartitionLease]:
        """As States.acquire, of what a running rebuild fills; none where it does not run."""

    async def release(self, leases: Collection[PartitionLease]) -> None:
        """Give leases back at once."""

    async def read(self, partition: int, *, after_position: int, limit: int) -> list[Event]:
        """As Journal.read_partition."""

    async def load(
        self, lease: PartitionLease, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], StateRow]:
        """As States.load."""

    async def save(
        self,
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> PartitionLease:
        """As States.save."""

    # --- comparing -------------------------------------------------------------------------------

    async def pairs(
        self, lease: PartitionLease, base: int, *, after: str, limit: int
    ) -> list[SubjectPair]:
        """The next subjects of a partition that either generation knows, behind one of them.
        Erased subjects have no states."""

    async def pair(self, partition: int, rebuild: Rebuild, subject_id: str) -> SubjectPair | None:
        """One of them; None where neither generation knows it."""

    async def read_stream(
        self, subject_id: str, *, after_version: int, up_to_version: int, limit: int
    ) -> list[Event]:
        """As Journal.read_stream."""

    async def store_comparison(self, lease: PartitionLease, result: bytes) -> None:
        """What comparing the partition has found. Raises LeaseLost."""

    # --- dropping --------------------------------------------------------------------------------

    async def drop(self, generation: Generation, *, due: bool = False) -> bool:
        """Begin to drop an old generation (with `due` only one whose time has come); False where
        it must stay: it is live, is being filled, or processes fold it on."""

    async def drop_some(self, generation: Generation, *, limit: int) -> int:
        """Drop so many subjects of one that is being dropped; 0 = nothing was left, it is
        dropped."""
