"""States and checkpoints as dicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from journey_service.domain.errors import LeaseLost, ProjectionNotFound
from journey_service.ports import Clock, PartitionLease, StateRow, SubjectSnapshot
from journey_service.ports_of_rebuilds import Generation, GenerationStatus
from journey_service.store.memory.journal import MemoryJournal, Stream, Watermark, copy


@dataclass(slots=True)
class _Checkpoint:
    owner: str = ""
    epoch: int = 0
    expires_ms: int = 0
    position: int = 0


class MemoryStates:
    """States and checkpoints as dicts."""

    def __init__(self, journal: MemoryJournal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        # By (projection, number); and the number of the live one by (projection, fold version).
        self.generations: dict[tuple[str, int], Generation] = {}
        self.named: dict[tuple[str, int], int] = {}
        # Whether a rebuild fills a generation, which is then left alone here.
        self.is_filled: Callable[[str, int], bool] = lambda projection, generation: False
        self._registered: dict[str, int] = {}
        self.states: dict[tuple[str, int], dict[tuple[str, str], StateRow]] = defaultdict(dict)
        self.folded: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
        self._checkpoints: dict[tuple[str, int, int], _Checkpoint] = defaultdict(_Checkpoint)

    async def read_subject(
        self,
        projection: str,
        subject_id: str,
        *,
        keys: Collection[str] | None = None,
        cached_version: int | None = None,
        installation_id: str = "",
    ) -> SubjectSnapshot:
        """See ports.States."""
        generation = self._live(projection)
        folded = self.folded[projection, generation].get(subject_id, 0)
        states = {
            row.key: row.state
            for row in self.states[projection, generation].values()
            if row.subject_id == subject_id and (keys is None or row.key in keys)
        }
        if cached_version is not None and cached_version >= folded:
            folded, states = cached_version, {}
        stream = self._journal.streams.get(subject_id) or Stream()
        watermark = stream.watermarks.get(installation_id, Watermark())
        customer = self._journal.customers.get(subject_id)
        return SubjectSnapshot(
            head=self._journal.head_of(subject_id),
            generation=generation,
            folded_version=folded,
            states=states,
            tail=[copy(event) for event in stream.events[folded:]],
            processed_seq=watermark.processed_seq,
            leases=self._journal.leases_of(subject_id),
            members=customer.subject_ids if customer else (),
            membership=customer.membership if customer else 0,
            member=customer.member(subject_id) if customer else None,
        )

    async def register(self, projection: str, version: int) -> int:
        """See ports.States. Another fold version begins a new, empty generation."""
        if (projection, version) not in self.named:
            empty = not any((await self._journal.heads()).values())
            status = GenerationStatus.LIVE if empty else GenerationStatus.BUILDING
            self.named[projection, version] = self.begin_generation(projection, version, status)
        self._registered[projection] = version
        return self.named[projection, version]

    def begin_generation(self, projection: str, version: int, status: GenerationStatus) -> int:
        """Make an empty generation; returns its number."""
        number = 1 + sum(name == projection for name, _ in self.generations)
        made = Generation(projection, number, version, status, named=False)
        self.generations[projection, number] = made
        return number

    async def acquire(
        self, projection: str, owner: str, partitions: Collection[int], *, life_ms: int
    ) -> list[PartitionLease]:
        """See ports.States."""
        generation = self._live(projection)
        if self.is_filled(projection, generation):
            return []
        return self.lease(projection, generation, owner, partitions, life_ms=life_ms)

    def lease(
        self,
        projection: str,
        generation: int,
        owner: str,
        partitions: Collection[int],
        *,
        life_ms: int,
    ) -> list[PartitionLease]:
        """The same of any generation."""
        now_ms = self._clock.now_ms()
        leases = []
        for partition in sorted(partitions):
            row = self._checkpoints[projection, generation, partition]
            if row.owner not in {"", owner} and row.expires_ms > now_ms:
                continue
            row.epoch += row.owner != owner
            row.owner, row.expires_ms = owner, now_ms + life_ms
            leases.append(
                PartitionLease(projection, generation, partition, row.epoch, row.position)
            )
        return leases

    async def load(
        self, lease: PartitionLease, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], StateRow]:
        """See ports.States."""
        states = self.states[lease.projection, lease.generation]
        return {key: states[key] for key in keys if key in states}

    async def save(
        self,
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> PartitionLease:
        """See ports.States."""
        if not self.holds(lease):
            raise LeaseLost
        checkpoint = self._checkpoints[lease.projection, lease.generation, lease.partition]
        checkpoint.position = position
        states = self.states[lease.projection, lease.generation]
        states.update({(row.subject_id, row.key): row for row in rows})
        self.folded[lease.projection, lease.generation].update(versions)
        return replace(lease, position=position)

    async def release(self, leases: Collection[PartitionLease]) -> None:
        """See ports.States."""
        for lease in leases:
            checkpoint = self._checkpoints[lease.projection, lease.generation, lease.partition]
            if checkpoint.epoch == lease.epoch:
                checkpoint.owner = ""

    async def checkpoints(self, projection: str) -> dict[int, int]:
        """See ports.States."""
        return self.positions(projection, self._live(projection))

    def positions(self, projection: str, generation: int) -> dict[int, int]:
        """The same of any generation."""
        return {
            partition: self._checkpoints[projection, generation, partition].position
            for partition in range(self._journal.partition_count)
        }

    def is_leased(self, projection: str, generation: int) -> bool:
        """Whether somebody folds the generation on."""
        now_ms = self._clock.now_ms()
        rows = (
            self._checkpoints[projection, generation, partition]
            for partition in range(self._journal.partition_count)
        )
        return any(row.owner and row.expires_ms > now_ms for row in rows)

    def holds(self, lease: PartitionLease) -> bool:
        """Whether a lease still counts."""
        row = self._checkpoints[lease.projection, lease.generation, lease.partition]
        return row.epoch == lease.epoch and bool(row.owner)

    def unlease(self, projection: str, generation: int) -> None:
        """Nobody holds a lease of the generation any more."""
        for partition in range(self._journal.partition_count):
            self._checkpoints.pop((projection, generation, partition), None)

    def rows_of(
        self, projection: str, version: int
    ) -> tuple[int, Mapping[tuple[str, str], StateRow]]:
        """The generation that a fold version reads (0 = none), and its states by place."""
        generation = self.named.get((projection, version), 0)
        return generation, self.states.get((projection, generation), {})

    def _live(self, projection: str) -> int:
        version = self._registered.get(projection)
        if version is None:
            raise ProjectionNotFound
        if (projection, version) not in self.named:
            # It was dropped while nobody with this fold version folded it on.
            made = self.begin_generation(projection, version, GenerationStatus.BUILDING)
            self.named[projection, version] = made
        return self.named[projection, version]
