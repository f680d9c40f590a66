"""Groups of competing consumers: made, shown, changed, moved, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from journey.v1.groups_pb2 import (
    CreateGroupRequest,
    CreateGroupResponse,
    DeleteGroupRequest,
    DeleteGroupResponse,
    GetGroupRequest,
    GetGroupResponse,
    Group,
    GroupStats,
    ListGroupsRequest,
    ListGroupsResponse,
    SeekGroupRequest,
    SeekGroupResponse,
    UpdateGroupRequest,
    UpdateGroupResponse,
)
from journey.v1.reading_pb2 import EndPoint, EventFilter, StartPoint
from journey_service.application.context import Context
from journey_service.application.group_backlog import Counted, within
from journey_service.application.group_terms import changed, command_of, with_defaults
from journey_service.application.resume import page_size
from journey_service.application.sources import all_places, end_edge, sources_of, start_edge
from journey_service.application.tokens import (
    OF_ANOTHER_FILTER,
    checkpoint_of_journal,
    last_key_of,
    opened_checkpoint,
    page_token,
)
from journey_service.domain.errors import (
    FieldViolations,
    GroupExists,
    GroupNotFound,
    TokenMismatch,
)
from journey_service.domain.event_filter import filter_fingerprint
from journey_service.domain.identity import Principal, check_group, reaches_group
from journey_service.domain.tokens import fingerprint
from journey_service.ports_of_groups import Figures, StoredGroup

ETAG_DIGITS = 17


async def create_group(
    context: Context, principal: Principal, request: CreateGroupRequest
) -> CreateGroupResponse:
    """Make a group. Raises FieldViolations, ScopeMissing, GroupExists, and what a start point
    raises."""
    settings = with_defaults(request.group, context.settings)
    check_group(principal, settings.group_id)
    groups = context.desks.groups
    places = await _places(context, request.start, "start", settings.filter)
    stored = await groups.create(settings, places)
    if stored is None:
        stored = await groups.find(settings.group_id)
        if stored is None or not request.allow_existing or stored.settings != settings:
            raise GroupExists(group_id=settings.group_id)
    return CreateGroupResponse(group=await _shown(context, stored))


async def get_group(
    context: Context, principal: Principal, request: GetGroupRequest
) -> GetGroupResponse:
    """Settings and figures. Raises ScopeMissing, GroupNotFound."""
    check_group(principal, request.group_id)
    stored = await there(context, request.group_id)
    return GetGroupResponse(group=await _shown(context, stored))


async def list_groups(
    context: Context, principal: Principal, request: ListGroupsRequest
) -> ListGroupsResponse:
    """A page of the groups that the caller has, by id. Raises TokenMismatch."""
    settings = context.settings
    size = page_size(request.page_size, settings.page_size, settings.page_size_max)
    asked = fingerprint(str(principal.role), principal.id)
    last = last_key_of(context, request.page_token, "ListGroups", asked)
    found: list[StoredGroup] = []
    while len(found) <= size:
        page = await context.desks.groups.list_of(limit=size + 1, after=last)
        found += [each for each in page if reaches_group(principal, each.settings.group_id)]
        if len(page) <= size:
            break
        last = page[-1].settings.group_id
    shown = found[:size]
    more = len(found) > size
    return ListGroupsResponse(
        groups=[await _shown(context, each) for each in shown],
        next_page_token=page_token(context, "ListGroups", asked, shown[-1].settings.group_id)
        if more
        else "",
    )


async def update_group(
    context: Context, principal: Principal, request: UpdateGroupRequest
) -> UpdateGroupResponse:
    """Change settings. Raises FieldViolations, ScopeMissing, GroupNotFound, EtagMismatch."""
    group_id = request.group.group_id
    check_group(principal, group_id)
    stored = await there(context, group_id)
    settings = changed(stored.settings, request.group, request.update_mask, context.settings)
    # Who names no version changes what is there now.
    revision = revision_of(request.group.etag) if request.group.etag else stored.revision
    stored = await context.desks.groups.update(settings, revision)
    context.desks.look(group_id)
    return UpdateGroupResponse(group=await _shown(context, stored))


async def delete_group(
    context: Context, principal: Principal, request: DeleteGroupRequest
) -> DeleteGroupResponse:
    """Remove a group with its progress. Raises ScopeMissing, EtagMismatch, ParkedPresent."""
    check_group(principal, request.group_id)
    deleted = await context.desks.groups.delete(
        request.group_id, revision_of(request.etag), force=request.force
    )
    context.desks.look(request.group_id)
    return DeleteGroupResponse(deleted=deleted)


async def seek_group(
    context: Context, principal: Principal, request: SeekGroupRequest
) -> SeekGroupResponse:
    """Move the progress, or deliver a range once more; all in flight loses its lease. Raises
    ScopeMissing, GroupNotFound, ReplayRunning, CommandIdReused, and what a point raises."""
    check_group(principal, request.group_id)
    stored = await there(context, request.group_id)
    places = await _places(context, request.target, "target", stored.settings.filter)
    ends = await _ends(context, request.end) if request.HasField("end") else None
    if ends is not None:
        _check_range(request, places, ends)
    events = await _count(context, stored.settings.filter, places, ends or {})
    counted = SeekGroupResponse(events=events.events, at_most=events.at_most)
    is_empty = ends is not None and not events.events
    if request.dry_run or is_empty:
        # What still comes of an earlier range is not given up for nothing.
        counted.group.CopyFrom(await _shown(context, stored))
        return counted
    answer = await context.desks.groups.seek(
        command_of(principal, request.command_id, request),
        request.group_id,
        places,
        ends=ends,
        discard_parked=request.discard_parked,
        answer=counted.SerializeToString(),
    )
    context.desks.look(request.group_id)
    response = SeekGroupResponse.FromString(answer)
    response.group.CopyFrom(await _shown(context, await there(context, request.group_id)))
    return response


async def there(context: Context, group_id: str) -> StoredGroup:
    """The group. Raises GroupNotFound."""
    stored = await context.desks.groups.find(group_id)
    if stored is None:
        raise GroupNotFound(group_id=group_id)
    return stored


def revision_of(etag: str) -> int:
    """What an etag says; one that no group can have is never right."""
    return int(etag) if etag.isascii() and etag.isdecimal() and len(etag) <= ETAG_DIGITS else 0


async def _places(
    context: Context, start: StartPoint, path: str, wanted: EventFilter
) -> dict[int, int]:
    """Where each partition begins. Raises FieldViolations and what start_edge raises."""
    match start.WhichOneof("point"):
        case None:
            raise FieldViolations.one(path, "one of beginning, end, checkpoint, recorded_ms")
        case "checkpoint":
            _check_filter(context, start.checkpoint, wanted)
    sources = await sources_of(context, "", ())
    places = all_places([await start_edge(context, source, start) for source in sources])
    return {source.partition: place for source, place in zip(sources, places, strict=True)}


def _check_range(
    request: SeekGroupRequest, places: Mapping[int, int], ends: Mapping[int, int]
) -> None:
    """Raises FieldViolations where a range ends before it begins."""
    start_ms, end_ms = request.target.recorded_ms, request.end.recorded_ms
    spans = [ends.get(each, at) - at for each, at in places.items()]
    if start_ms > end_ms > 0 or (max(spans) <= 0 and min(spans) < 0):
        raise FieldViolations.one("end", "not before the target")


async def _ends(context: Context, end: EndPoint) -> dict[int, int]:
    """Where in each partition a range ends. Raises what end_edge raises."""
    return {
        source.partition: await end_edge(context, source, end, backwards=False)
        for source in await sources_of(context, "", ())
    }


def _check_filter(context: Context, checkpoint: str, wanted: EventFilter) -> None:
    """Behind a place lies what its filter hid; a group's own place, and one that was told without
    a filter, hide nothing. Raises TokenMismatch."""
    made_with = opened_checkpoint(context, checkpoint).filter
    if made_with not in {0, filter_fingerprint(wanted)}:
        raise TokenMismatch(OF_ANOTHER_FILTER, field="checkpoint")


async def _count(
    context: Context, wanted: EventFilter, places: Mapping[int, int], ends: Mapping[int, int]
) -> Counted:
    """Events behind the places, up to the ends, that the group wants."""
    heads = await context.journal.heads()
    lasts = {each: min(head, ends.get(each, head)) for each, head in heads.items()}
    spans = {each: ((at, lasts[each]),) for each, at in places.items() if at < lasts[each]}
    return await context.desks.backlogs.count(wanted, spans, {})


async def _shown(context: Context, stored: StoredGroup) -> Group:
    """Settings with the figures of now."""
    group_id = stored.settings.group_id
    figures = await context.desks.groups.figures(group_id)
    if figures is None:
        raise GroupNotFound(group_id=group_id)
    shown = Group()
    shown.CopyFrom(stored.settings)
    shown.etag = str(stored.revision)
    shown.checkpoint = checkpoint_of_journal(context, figures.checkpoints)
    shown.stats.CopyFrom(await _stats(context, stored.settings.filter, figures))
    return shown


async def _stats(context: Context, wanted: EventFilter, figures: Figures) -> GroupStats:
    backlog = await _backlog(context, wanted, figures)
    now_ms = context.clock.now_ms()
    return GroupStats(
        consumers=figures.consumers,
        in_flight=figures.in_flight,
        backlog=backlog.events,
        backlog_at_most=backlog.at_most,
        parked=figures.parked,
        held=figures.held,
        oldest_unsettled_ms=max(0, now_ms - figures.oldest_ms) if figures.oldest_ms else 0,
    )


async def _backlog(context: Context, wanted: EventFilter, figures: Figures) -> Counted:
    """What is to be delivered or settled: what lies ahead, and known events that lie elsewhere."""
    heads = await context.journal.heads()
    ahead = {each: one.ahead(heads[each]) for each, one in figures.progress.items()}
    spans = {each: row for each, row in ahead.items() if row}
    counted = await context.desks.backlogs.count(wanted, spans, figures.done)
    elsewhere = (
        len(row) - len(within(ahead[each], row)) for each, row in figures.unsettled.items()
    )
    return replace(counted, events=counted.events + sum(elsewhere))
