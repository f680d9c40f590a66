"""Rebuilds as callers ask for them: begun, read, told to wait, to go on, to end; taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from journey.v1.rebuilds_pb2 import (
    CancelRebuildRequest,
    CancelRebuildResponse,
    DropOldStatesRequest,
    DropOldStatesResponse,
    GetRebuildRequest,
    GetRebuildResponse,
    ListRebuildsRequest,
    ListRebuildsResponse,
    PauseRebuildRequest,
    PauseRebuildResponse,
    ResumeRebuildRequest,
    ResumeRebuildResponse,
    RevertRebuildRequest,
    RevertRebuildResponse,
    StartRebuildRequest,
    StartRebuildResponse,
)
from journey_service.application.context import Context
from journey_service.application.rebuilt import found, shown, with_examples
from journey_service.application.resume import page_size
from journey_service.application.tokens import last_key_of, page_token
from journey_service.domain.errors import FieldViolations, RebuildRunning
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import fingerprint
from journey_service.ports import CommandKey
from journey_service.ports_of_rebuilds import GenerationStatus, Rebuild, RebuildOrder, RunStatus
from projections.rebuilder import order_of

RUNS_LISTED = 1_000
# Of what processes read: it may go on.
ENDED = (RunStatus.CANCELLED, RunStatus.FAILED)


async def start_rebuild(
    context: Context, principal: Principal, request: StartRebuildRequest
) -> StartRebuildResponse:
    """Begin a rebuild; of states that are not whole yet, let the one go on that makes them so.

    Raises ProjectionNotFound, FieldViolations, RebuildRunning, CommandIdReused.
    """
    projected = context.projected
    view = projected.stored(projected.view(request.projection))
    if request.to_version not in (0, view.version):
        raise FieldViolations.one("to_version", f"0 or {view.version}, which is what the code has")
    kept = request.HasField("keep_old_ms")
    order = await order_of(
        context.journal,
        view,
        request.keep_old_ms if kept else context.settings.rebuild_keep_old_ms,
        dry_run=request.dry_run,
        command=_command(principal, request),
    )
    try:
        rebuild = await projected.rebuilds.begin(order)
    except RebuildRunning as error:
        if "rebuild_id" in error.metadata:
            raise
        rebuild = await _gone_on(context, order)
    return StartRebuildResponse(rebuild=await shown(context, rebuild))


async def _gone_on(context: Context, order: RebuildOrder) -> Rebuild:
    """The rebuild of what this fold version reads and is not whole; it goes on if it had ended."""
    rebuild = await context.projected.rebuilds.begin_automatic(order)
    if rebuild is None:  # it became whole meanwhile
        return await context.projected.rebuilds.begin(order)
    return await gone_on(context, rebuild, ENDED) or rebuild


async def gone_on(
    context: Context, rebuild: Rebuild, allowed: Collection[RunStatus]
) -> Rebuild | None:
    """It goes on, and tries again where it had stopped; None where it has no such status."""
    if rebuild.automatic and rebuild.status in ENDED:
        everywhere = range(context.journal.partition_count)
        await context.projected.stops.retry(rebuild.projection, rebuild.generation, everywhere)
    return await context.projected.rebuilds.set_status(rebuild, RunStatus.RUNNING, allowed=allowed)


def _command(principal: Principal, request: StartRebuildRequest) -> CommandKey:
    content = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()[:16]
    return CommandKey(request.command_id, f"{principal.role}/{principal.id}", content)


async def get_rebuild(
    context: Context, principal: Principal, request: GetRebuildRequest
) -> GetRebuildResponse:
    """One rebuild with what differs; who may read the states sees examples. RebuildNotFound."""
    rebuild = await found(context, request.rebuild_id)
    answer = await shown(context, rebuild)
    await with_examples(context, principal, rebuild, answer)
    return GetRebuildResponse(rebuild=answer)


async def list_rebuilds(
    context: Context, principal: Principal, request: ListRebuildsRequest
) -> ListRebuildsResponse:
    """A page of rebuilds, newest first. Raises TokenMismatch."""
    asked = fingerprint(principal.id, request.projection)
    behind = last_key_of(context, request.page_token, "ListRebuilds", asked)
    settings = context.settings
    size = page_size(request.page_size, settings.page_size, settings.page_size_max)
    runs = await context.projected.rebuilds.list_of(request.projection, limit=RUNS_LISTED)
    names = [f"{run.projection}.{run.generation}" for run in runs]
    start = names.index(behind) + 1 if behind in names else 0
    page = [await shown(context, run) for run in runs[start : start + size]]
    for run in page:
        run.ClearField("differences")
    more = len(runs) > start + size
    last = names[start + len(page) - 1] if page else ""
    return ListRebuildsResponse(
        rebuilds=page,
        next_page_token=page_token(context, "ListRebuilds", asked, last) if more else "",
    )


async def cancel_rebuild(
    context: Context, principal: Principal, request: CancelRebuildRequest
) -> CancelRebuildResponse:
    """Stop it; the live states stay. One that is over stays as it is. Raises RebuildNotFound."""
    del principal  # whoever may call it may do so for every rebuild
    rebuild = await _told(
        context, request.rebuild_id, RunStatus.CANCELLED, (RunStatus.RUNNING, RunStatus.PAUSED)
    )
    return CancelRebuildResponse(rebuild=await shown(context, rebuild))


async def pause_rebuild(
    context: Context, principal: Principal, request: PauseRebuildRequest
) -> PauseRebuildResponse:
    """Let it rest: the batches under way are the last ones. Raises RebuildNotFound."""
    del principal
    rebuild = await _told(context, request.rebuild_id, RunStatus.PAUSED, (RunStatus.RUNNING,))
    return PauseRebuildResponse(rebuild=await shown(context, rebuild))


async def resume_rebuild(
    context: Context, principal: Principal, request: ResumeRebuildRequest
) -> ResumeRebuildResponse:
    """Let it go on: one that rests, and one that ended while processes read what it fills.

    Raises RebuildNotFound.
    """
    del principal
    rebuild = await found(context, request.rebuild_id)
    allowed = (RunStatus.PAUSED, *(ENDED if rebuild.automatic else ()))
    await gone_on(context, rebuild, allowed)
    rebuild = await found(context, request.rebuild_id)
    return ResumeRebuildResponse(rebuild=await shown(context, rebuild))


async def _told(
    context: Context, rebuild_id: str, status: RunStatus, allowed: Collection[RunStatus]
) -> Rebuild:
    """The rebuild with this status, or as it stands where it cannot have it."""
    rebuild = await found(context, rebuild_id)
    changed = await context.projected.rebuilds.set_status(rebuild, status, allowed=allowed)
    return changed or await found(context, rebuild_id)


async def revert_rebuild(
    context: Context, principal: Principal, request: RevertRebuildRequest
) -> RevertRebuildResponse:
    """Make what it replaced live again. Raises RebuildNotFound, and FieldViolations where that is
    not kept, or a newer one is live."""
    del principal
    rebuild = await found(context, request.rebuild_id)
    if rebuild.status is not RunStatus.REVERTED:
        reverted = await context.projected.rebuilds.switch_back(rebuild)
        if reverted is None:
            raise FieldViolations.one("rebuild_id", _why_not(rebuild))
        rebuild = reverted
    return RevertRebuildResponse(rebuild=await shown(context, rebuild))


def _why_not(rebuild: Rebuild) -> str:
    if rebuild.status is not RunStatus.SWITCHED:
        return f"one that was switched to; this one is {rebuild.status}"
    if rebuild.base_version != rebuild.fold_version:
        return (
            f"one of the same fold version; version {rebuild.base_version} answers again where a "
            "release with that version is started"
        )
    return "the one that is live now, and whose old states are kept"


async def drop_old_states(
    context: Context, principal: Principal, request: DropOldStatesRequest
) -> DropOldStatesResponse:
    """Drop old states before their time. Raises ProjectionNotFound, FieldViolations."""
    del principal
    projected = context.projected
    view = projected.stored(projected.view(request.projection))
    answer = DropOldStatesResponse()
    for generation in await projected.rebuilds.generations(view.name):
        if generation.status in (GenerationStatus.OLD, GenerationStatus.DROPPING):
            dropped = await projected.rebuilds.drop(generation)
            (answer.generations if dropped else answer.in_use).append(generation.number)
    return answer
