"""Where projections stopped, what they were told to leave out, and lists of states, as dicts."""

from __future__ import annotations

from collections.abc import Collection

from journey.v1.projection_service_pb2 import SkippedEvent, StoppedFold
from journey_service.ports import Clock, PartitionLease, StateRow
from journey_service.ports_of_views import ListedStates, StateFilter
from journey_service.store.memory.states import MemoryStates


class MemoryStops:
    """See ports.Stops."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # (projection, generation) -> partition -> where it stopped
        self._stops: dict[tuple[str, int], dict[int, StoppedFold]] = {}
        # (projection, fold version) -> (partition, position) -> what is left out
        self._skips: dict[tuple[str, int], dict[tuple[int, int], SkippedEvent]] = {}

    async def note(self, lease: PartitionLease, stopped: StoppedFold) -> None:
        """See ports.Stops."""
        stops = self._stops.setdefault((lease.projection, lease.generation), {})
        noted = StoppedFold(partition=lease.partition, stopped_at_ms=self._clock.now_ms())
        known = stops.get(lease.partition, StoppedFold())
        noted.MergeFrom(stopped)
        if known.position == stopped.position:
            noted.stopped_at_ms = known.stopped_at_ms
        stops[lease.partition] = noted

    async def clear(self, lease: PartitionLease) -> None:
        """See ports.Stops."""
        stops = self._stops.get((lease.projection, lease.generation), {})
        known = stops.get(lease.partition)
        if known is not None and known.position <= lease.position:
            del stops[lease.partition]

    async def stopped(self, projection: str, generation: int) -> list[StoppedFold]:
        """See ports.Stops."""
        stops = self._stops.get((projection, generation), {})
        return [_copy(stops[partition]) for partition in sorted(stops)]

    async def retry(
        self, projection: str, generation: int, partitions: Collection[int]
    ) -> list[StoppedFold]:
        """See ports.Stops."""
        stops = self._stops.get((projection, generation), {})
        return [stops.pop(partition) for partition in sorted(stops.keys() & set(partitions))]

    async def skip(
        self, projection: str, version: int, generation: int, skipped: SkippedEvent
    ) -> SkippedEvent | None:
        """See ports.Stops."""
        stops = self._stops.get((projection, generation), {})
        skips = self._skips.setdefault((projection, version), {})
        place = (skipped.partition, skipped.position)
        stopped = stops.get(skipped.partition)
        if stopped is not None and stopped.position == skipped.position:
            del stops[skipped.partition]
            told = SkippedEvent(skipped_at_ms=self._clock.now_ms())
            told.MergeFrom(skipped)
            skips.setdefault(place, told)
        return skips.get(place)

    async def skipped(
        self, projection: str, version: int, partitions: Collection[int]
    ) -> list[SkippedEvent]:
        """See ports.Stops."""
        skips = self._skips.get((projection, version), {})
        return [skips[place] for place in sorted(skips) if place[0] in partitions]


def _copy(stopped: StoppedFold) -> StoppedFold:
    copied = StoppedFold()
    copied.CopyFrom(stopped)
    return copied


class MemoryStateLists:
    """See ports.StateLists."""

    def __init__(self, states: MemoryStates) -> None:
        self._states = states

    async def generation_of(self, projection: str, version: int) -> int:
        """See ports.StateLists."""
        return self._states.rows_of(projection, version)[0]

    async def list_states(
        self,
        projection: str,
        version: int,
        wanted: StateFilter,
        *,
        after: tuple[str, str] = ("", ""),
        limit: int,
    ) -> ListedStates:
        """See ports.StateLists."""
        generation, rows = self._states.rows_of(projection, version)
        found = [rows[place] for place in sorted(rows) if place > after]
        matching = [row for row in found if _matches(row, wanted)]
        page = matching[:limit]
        last = (page[-1].subject_id, page[-1].key) if len(page) == limit else None
        return ListedStates(generation, page, last)


def _matches(row: StateRow, wanted: StateFilter) -> bool:
    return (
        (not wanted.subject_id or row.subject_id == wanted.subject_id)
        and row.subject_id.startswith(wanted.subject_prefix)
        and row.key.startswith(wanted.key_prefix)
        and set(wanted.matches) <= set(row.index or ())
    )
