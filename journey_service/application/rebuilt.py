"""How a rebuild stands, as callers see it, and examples of what differs."""

from __future__ import annotations

import re
from typing import Any

from google.rpc.status_pb2 import Status

from journey.v1 import rebuilds_pb2 as wire
from journey.v1.errors_pb2 import ErrorReason, ReasonRules, reason_rules
from journey.v1.rebuilds_pb2 import DifferenceExample, FieldDifference, PartitionComparison
from journey_service.application.context import Context
from journey_service.domain.errors import EventUnreadable, RebuildNotFound
from journey_service.domain.identity import Principal, partition_of
from journey_service.ports_of_rebuilds import GenerationStatus, Progress, Rebuild, RunStatus
from projections.comparing import changes, level, together
from projections.rebuild import left_of, rebuilt_by
from projections.view import StoredView

STATUSES = {
    RunStatus.RUNNING: wire.REBUILD_STATUS_RUNNING,
    RunStatus.PAUSED: wire.REBUILD_STATUS_PAUSED,
    RunStatus.SWITCHED: wire.REBUILD_STATUS_SWITCHED,
    RunStatus.COMPARED: wire.REBUILD_STATUS_COMPARED,
    RunStatus.CANCELLED: wire.REBUILD_STATUS_CANCELLED,
    RunStatus.FAILED: wire.REBUILD_STATUS_FAILED,
    RunStatus.REVERTED: wire.REBUILD_STATUS_REVERTED,
}
UNKNOWN_MS = -1
GENERATION = re.compile(r"[0-9]{1,9}")


async def found(context: Context, rebuild_id: str) -> Rebuild:
    """The rebuild of this id. Raises RebuildNotFound."""
    projection, _, generation = rebuild_id.rpartition(".")
    if projection and GENERATION.fullmatch(generation):
        rebuild = await context.projected.rebuilds.find(projection, int(generation))
        if rebuild is not None:
            return rebuild
    raise RebuildNotFound(f"There is no rebuild {rebuild_id!r}.", rebuild_id=rebuild_id)


async def shown(context: Context, rebuild: Rebuild) -> wire.Rebuild:
    """The rebuild with its progress, and the fields in which states differ."""
    rebuilds = context.projected.rebuilds
    progress = await rebuilds.progress(rebuild.projection, rebuild.generation)
    told = wire.Rebuild(
        rebuild_id=f"{rebuild.projection}.{rebuild.generation}",
        projection=rebuild.projection,
        from_version=rebuild.base_version,
        to_version=rebuild.fold_version,
        status=_status(rebuild, progress),
        dry_run=rebuild.dry_run,
        started_at_ms=rebuild.started_at_ms,
        ended_at_ms=rebuild.ended_at_ms,
        generation=rebuild.generation,
        from_generation=rebuild.base_generation,
        automatic=rebuild.automatic,
        partitions_total=len(rebuild.targets),
        partitions_done=len(rebuild.targets) - len(left_of(rebuild, progress)),
    )
    if rebuild.error:
        told.error.CopyFrom(Status(code=_code(rebuild.error_reason), message=rebuild.error))
    _count(told, rebuild, progress)
    _time(told, context.clock.now_ms())
    _compared(told, progress)
    if rebuild.status is RunStatus.SWITCHED and rebuild.base_generation:
        told.old_kept_until_ms = await _kept_until_ms(context, rebuild)
    return told


def _status(rebuild: Rebuild, progress: Progress) -> wire.RebuildStatus:
    if rebuild.status is RunStatus.RUNNING and not any(progress.positions.values()):
        return wire.REBUILD_STATUS_PENDING
    return STATUSES[rebuild.status]


def _code(reason: int) -> int:
    value = ErrorReason.DESCRIPTOR.values_by_number[reason]
    rules: ReasonRules = value.GetOptions().Extensions[reason_rules]  # type: ignore[index]  # stubs
    return int(rules.code)


def _count(told: wire.Rebuild, rebuild: Rebuild, progress: Progress) -> None:
    """Events done, of those that there were when it began; what came since is no part of it."""
    told.events_total = sum(rebuild.targets)
    told.events_done = sum(
        min(target, progress.positions.get(partition, 0))
        for partition, target in enumerate(rebuild.targets)
    )
    if rebuild.status in (RunStatus.SWITCHED, RunStatus.COMPARED, RunStatus.REVERTED):
        # Its checkpoints are gone when it was dropped.
        told.events_done, told.partitions_done = told.events_total, told.partitions_total


def _time(told: wire.Rebuild, now_ms: int) -> None:
    """How fast it was since it began, and what is left at that."""
    took_ms = (told.ended_at_ms or now_ms) - told.started_at_ms
    told.events_per_s = told.events_done * 1_000 // took_ms if took_ms > 0 else 0
    told.left_ms = left_ms(told, told.events_per_s)


def left_ms(told: wire.Rebuild, events_per_s: float) -> int:
    """Time until all events are folded at this rate, ms; -1 = not known."""
    left = told.events_total - told.events_done
    if told.ended_at_ms or not left:
        return 0
    return int(left * 1_000 / events_per_s) if events_per_s > 0 else UNKNOWN_MS


def _compared(told: wire.Rebuild, progress: Progress) -> None:
    parts = [PartitionComparison.FromString(each) for each in progress.compared.values()]
    result = together(parts)
    told.states_compared, told.states_differing = result.states, result.differing
    told.differences.extend(result.differences)


async def _kept_until_ms(context: Context, rebuild: Rebuild) -> int:
    for each in await context.projected.rebuilds.generations(rebuild.projection):
        if each.number == rebuild.base_generation and each.status is GenerationStatus.OLD:
            return each.drop_at_ms
    return 0


async def with_examples(
    context: Context, principal: Principal, rebuild: Rebuild, told: wire.Rebuild
) -> None:
    """Put the values into the examples, as far as both generations are kept; callers who may not
    read the states see none. Nothing of them is stored: an erased customer's are gone."""
    view = rebuilt_by(context.projected.catalogue.stored(), rebuild)
    for difference in told.differences:
        if view is None or principal.role not in view.read_roles:
            continue
        for example in difference.examples:
            await _fill(context, view, rebuild, difference, example)


async def _fill(
    context: Context,
    view: StoredView[Any],
    rebuild: Rebuild,
    difference: FieldDifference,
    example: DifferenceExample,
) -> None:
    rebuilds = context.projected.rebuilds
    partition = partition_of(example.subject_id, context.journal.partition_count)
    skipped = await context.projected.stops.skipped(view.name, view.version, [partition])
    try:
        pair = await rebuilds.pair(partition, rebuild, example.subject_id)
        if pair is None:
            return
        skips = {event.position for event in skipped}
        before, after = await level(view, rebuilds, rebuild, pair, skips=skips)
    except EventUnreadable:
        return
    for change in changes(view, before.get(example.key), after.get(example.key)):
        if change.field == difference.field:
            example.path = change.path
            example.before_json, example.after_json = change.before_json, change.after_json
            return
