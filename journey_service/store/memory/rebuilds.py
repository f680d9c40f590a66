"""Generations and rebuilds as dicts, over the states in memory. See ports_of_rebuilds.Rebuilds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import (
    CommandIdReused,
    LeaseLost,
    ProjectionNotFound,
    RebuildRunning,
)
from journey_service.domain.identity import partition_of
from journey_service.ports import Clock, PartitionLease, StateRow
from journey_service.ports_of_rebuilds import (
    Generation,
    GenerationStatus,
    Progress,
    Rebuild,
    RebuildOrder,
    RunStatus,
    SubjectPair,
)
from journey_service.store.memory.journal import MemoryJournal
from journey_service.store.memory.states import MemoryStates


class MemoryRebuilds:
    """See ports_of_rebuilds.Rebuilds."""

    def __init__(self, journal: MemoryJournal, states: MemoryStates, clock: Clock) -> None:
        self._journal = journal
        self._states = states
        self._clock = clock
        # By (projection, generation), in the order in which they began.
        self._runs: dict[tuple[str, int], Rebuild] = {}
        self._compared: dict[tuple[str, int, int], bytes] = {}
        states.is_filled = self._is_filled

    def _is_filled(self, projection: str, generation: int) -> bool:
        run = self._runs.get((projection, generation))
        return run is not None and run.status.goes_on

    # --- runs ------------------------------------------------------------------------------------

    async def generations(self, projection: str = "") -> list[Generation]:
        """See ports_of_rebuilds.Rebuilds."""
        return [
            replace(each, named=self._is_named(each))
            for each in self._states.generations.values()
            if projection in ("", each.projection)
        ]

    def _is_named(self, generation: Generation) -> bool:
        name = generation.projection, generation.fold_version
        return self._states.named.get(name) == generation.number

    async def begin(self, order: RebuildOrder) -> Rebuild:
        """See ports_of_rebuilds.Rebuilds."""
        command = order.command
        for run in self._runs.values():
            made = run.command
            if run.projection == order.projection and (made.command_id, made.caller) == (
                command.command_id,
                command.caller,
            ):
                if made.content_hash != command.content_hash:
                    raise CommandIdReused
                return run
        live = self._live(order)
        if live is None:
            raise ProjectionNotFound
        for run in self._runs.values():
            if run.projection == order.projection and run.status.goes_on:
                raise RebuildRunning(rebuild_id=f"{run.projection}.{run.generation}")
        if live.status is GenerationStatus.BUILDING:
            raise RebuildRunning
        number = self._states.begin_generation(
            order.projection, order.fold_version, GenerationStatus.BUILDING
        )
        return self._store(order, number)

    def _live(self, order: RebuildOrder) -> Generation | None:
        number = self._states.named.get((order.projection, order.fold_version), 0)
        return self._states.generations.get((order.projection, number))

    def _store(self, order: RebuildOrder, number: int) -> Rebuild:
        base = self._base(order)
        run = Rebuild(
            projection=order.projection,
            generation=number,
            fold_version=order.fold_version,
            base_generation=base.number if base else 0,
            base_version=base.fold_version if base else 0,
            status=RunStatus.RUNNING,
            automatic=order.automatic,
            dry_run=order.dry_run,
            keep_old_ms=order.keep_old_ms,
            targets=tuple(order.targets),
            command=order.command,
            started_at_ms=self._clock.now_ms(),
        )
        self._runs[order.projection, number] = run
        return run

    def _base(self, order: RebuildOrder) -> Generation | None:
        """What the new one is compared with: what is read now, else the last one that was."""
        live = self._live(order)
        whole = [
            each
            for each in self._states.generations.values()
            if each.projection == order.projection
            and each.status in (GenerationStatus.LIVE, GenerationStatus.OLD)
        ]
        whole.sort(key=lambda each: (each == live, each.status == "live", each.number))
        return whole[-1] if whole else None

    async def begin_automatic(self, order: RebuildOrder) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        live = self._live(order)
        if live is None:
            return None
        known = self._runs.get((order.projection, live.number))
        if known is None and live.status is GenerationStatus.BUILDING:
            return self._store(replace(order, automatic=True), live.number)
        return known

    async def find(self, projection: str, generation: int) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        return self._runs.get((projection, generation))

    async def list_of(
        self, projection: str = "", *, status: RunStatus | None = None, limit: int = 100
    ) -> list[Rebuild]:
        """See ports_of_rebuilds.Rebuilds."""
        found = (
            run
            for run in reversed(self._runs.values())
            if projection in ("", run.projection) and status in (None, run.status)
        )
        return [*islice(found, limit)]

    async def progress(self, projection: str, generation: int) -> Progress:
        """See ports_of_rebuilds.Rebuilds."""
        positions = self._states.positions(projection, generation)
        compared = {
            partition: result
            for (name, number, partition), result in self._compared.items()
            if (name, number) == (projection, generation)
        }
        return Progress(positions, compared)

    async def set_status(
        self,
        rebuild: Rebuild,
        status: RunStatus,
        *,
        allowed: Collection[RunStatus],
        error_reason: int = 0,
        error: str = "",
    ) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        place = rebuild.projection, rebuild.generation
        if self._runs[place].status not in allowed:
            return None
        ended_at_ms = 0 if status.goes_on else self._clock.now_ms()
        self._runs[place] = replace(
            self._runs[place],
            status=status,
            error_reason=error_reason,
            error=error,
            ended_at_ms=ended_at_ms,
        )
        if not status.goes_on and not self._is_named(self._states.generations[place]):
            kept_ms = rebuild.keep_old_ms if status is RunStatus.COMPARED else 0
            self._stand(place, GenerationStatus.OLD, ended_at_ms + kept_ms)
        return self._runs[place]

    def _stand(self, place: tuple[str, int], status: GenerationStatus, drop_at_ms: int = 0) -> None:
        generations = self._states.generations
        generations[place] = replace(generations[place], status=status, drop_at_ms=drop_at_ms)

    async def switch(self, rebuild: Rebuild) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        place = rebuild.projection, rebuild.generation
        run = self._runs[place]
        if run.status is not RunStatus.RUNNING or run.dry_run:
            return None
        self._make_live(self._states.generations[place], rebuild.keep_old_ms)
        now_ms = self._clock.now_ms()
        self._runs[place] = replace(run, status=RunStatus.SWITCHED, ended_at_ms=now_ms)
        return self._runs[place]

    def _make_live(self, generation: Generation, keep_old_ms: int) -> None:
        drop_at_ms = self._clock.now_ms() + keep_old_ms
        for place, each in tuple(self._states.generations.items()):
            if each.projection == generation.projection and each.status is GenerationStatus.LIVE:
                self._stand(place, GenerationStatus.OLD, drop_at_ms)
        self._stand((generation.projection, generation.number), GenerationStatus.LIVE)
        name = generation.projection, generation.fold_version
        self._states.named[name] = generation.number

    async def switch_back(self, rebuild: Rebuild) -> Rebuild | None:
        """See ports_of_rebuilds.Rebuilds."""
        place = rebuild.projection, rebuild.generation
        run, generations = self._runs[place], self._states.generations
        base = generations.get((rebuild.projection, rebuild.base_generation))
        if run.status is not RunStatus.SWITCHED or not self._is_named(generations[place]):
            return None
        if base is None or base.status is not GenerationStatus.OLD:
            return None
        if base.fold_version != rebuild.fold_version:
            return None
        self._make_live(base, rebuild.keep_old_ms)
        self._runs[place] = replace(run, status=RunStatus.REVERTED)
        return self._runs[place]

    # --- filling ---------------------------------------------------------------------------------

    async def acquire(
        self, rebuild: Rebuild, owner: str, partitions: Collection[int], *, life_ms: int
    ) -> list[PartitionLease]:
        """See ports_of_rebuilds.Rebuilds."""
        place = rebuild.projection, rebuild.generation
        if self._runs[place].status is not RunStatus.RUNNING:
            return []
        return self._states.lease(*place, owner, partitions, life_ms=life_ms)

    async def release(self, leases: Collection[PartitionLease]) -> None:
        """See ports_of_rebuilds.Rebuilds."""
        await self._states.release(leases)

    async def read(self, partition: int, *, after_position: int, limit: int) -> list[Event]:
        """See ports_of_rebuilds.Rebuilds."""
        return await self._journal.read_partition(
            partition, after_position=after_position, limit=limit
        )

    async def load(
        self, lease: PartitionLease, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], StateRow]:
        """See ports_of_rebuilds.Rebuilds."""
        return await self._states.load(lease, keys)

    async def save(
        self,
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> PartitionLease:
        """See ports_of_rebuilds.Rebuilds."""
        return await self._states.save(lease, rows, versions, position)

    # --- comparing -------------------------------------------------------------------------------

    async def pairs(
        self, lease: PartitionLease, base: int, *, after: str, limit: int
    ) -> list[SubjectPair]:
        """See ports_of_rebuilds.Rebuilds."""
        folded = self._states.folded
        known = {*folded[lease.projection, lease.generation], *folded[lease.projection, base]}
        count = self._journal.partition_count
        here = sorted(
            name for name in known if name > after and partition_of(name, count) == lease.partition
        )
        generations = (lease.generation, base)
        return [self._pair(lease.projection, generations, name) for name in here[:limit]]

    def _pair(self, projection: str, generations: tuple[int, int], subject_id: str) -> SubjectPair:
        mine, other = ((projection, number) for number in generations)
        return SubjectPair(
            subject_id,
            self._states.folded[mine].get(subject_id, 0),
            self._states.folded[other].get(subject_id, 0),
            self._states_of(mine, subject_id),
            self._states_of(other, subject_id),
        )

    def _states_of(self, generation: tuple[str, int], subject_id: str) -> dict[str, bytes]:
        rows = self._states.states[generation].values()
        return {row.key: row.state for row in rows if row.subject_id == subject_id}

    async def pair(self, partition: int, rebuild: Rebuild, subject_id: str) -> SubjectPair | None:
        """See ports_of_rebuilds.Rebuilds."""
        del partition
        generations = (rebuild.generation, rebuild.base_generation)
        found = self._pair(rebuild.projection, generations, subject_id)
        return found if found.mine_version or found.other_version else None

    async def read_stream(
        self, subject_id: str, *, after_version: int, up_to_version: int, limit: int
    ) -> list[Event]:
        """See ports_of_rebuilds.Rebuilds."""
        return await self._journal.read_stream(
            subject_id, after_version=after_version, up_to_version=up_to_version, limit=limit
        )

    async def store_comparison(self, lease: PartitionLease, result: bytes) -> None:
        """See ports_of_rebuilds.Rebuilds."""
        if not self._states.holds(lease):
            raise LeaseLost
        self._compared[lease.projection, lease.generation, lease.partition] = result

    # --- dropping --------------------------------------------------------------------------------

    async def drop(self, generation: Generation, *, due: bool = False) -> bool:
        """See ports_of_rebuilds.Rebuilds."""
        place = generation.projection, generation.number
        known = self._states.generations[place]
        if known.status is not GenerationStatus.DROPPING:
            in_time = not due or 0 < known.drop_at_ms <= self._clock.now_ms()
            read = self._is_named(known) and self._states.is_leased(*place)
            if known.status is not GenerationStatus.OLD or not in_time or read:
                return False
        self._stand(place, GenerationStatus.DROPPING, known.drop_at_ms)
        if self._is_named(known):
            del self._states.named[known.projection, known.fold_version]
        self._states.unlease(*place)
        for partition in range(self._journal.partition_count):
            self._compared.pop((*place, partition), None)
        return True

    async def drop_some(self, generation: Generation, *, limit: int) -> int:
        """See ports_of_rebuilds.Rebuilds."""
        place = generation.projection, generation.number
        some = [*islice(self._states.folded[place], limit)]
        for subject_id in some:
            del self._states.folded[place][subject_id]
            for key in self._states_of(place, subject_id):
                del self._states.states[place][subject_id, key]
        if not some:
            self._stand(place, GenerationStatus.DROPPED)
        return len(some)
