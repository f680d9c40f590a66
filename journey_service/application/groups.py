"""Groups of competing consumers: made, moved, removed, and served to callers without streams."""

from __future__ import annotations

from journey.v1.groups_pb2 import (
    CreateGroupRequest,
    CreateGroupResponse,
    DeleteGroupRequest,
    DeleteGroupResponse,
    DiscardParkedRequest,
    DiscardParkedResponse,
    GetGroupRequest,
    GetGroupResponse,
    ListGroupsRequest,
    ListGroupsResponse,
    ListParkedRequest,
    ListParkedResponse,
    PullRequest,
    PullResponse,
    ReplayParkedRequest,
    ReplayParkedResponse,
    SeekGroupRequest,
    SeekGroupResponse,
    SettleRequest,
    SettleResponse,
    UpdateGroupRequest,
    UpdateGroupResponse,
)
from journey_service.application.context import Context
from journey_service.domain.identity import Principal


async def create_group(
    context: Context, principal: Principal, request: CreateGroupRequest
) -> CreateGroupResponse:
    """Make a group. Raises FieldViolations, GroupExists, and what a start point raises."""
    raise NotImplementedError


async def get_group(
    context: Context, principal: Principal, request: GetGroupRequest
) -> GetGroupResponse:
    """Settings and figures. Raises GroupNotFound."""
    raise NotImplementedError


async def list_groups(
    context: Context, principal: Principal, request: ListGroupsRequest
) -> ListGroupsResponse:
    """A page of groups, by id. Raises TokenMismatch."""
    raise NotImplementedError


async def update_group(
    context: Context, principal: Principal, request: UpdateGroupRequest
) -> UpdateGroupResponse:
    """Change settings. Raises FieldViolations, GroupNotFound, EtagMismatch."""
    raise NotImplementedError


async def delete_group(
    context: Context, principal: Principal, request: DeleteGroupRequest
) -> DeleteGroupResponse:
    """Remove a group with its progress. Raises EtagMismatch, ParkedPresent."""
    raise NotImplementedError


async def seek_group(
    context: Context, principal: Principal, request: SeekGroupRequest
) -> SeekGroupResponse:
    """Move the progress. Raises GroupNotFound, ReplayRunning, CommandIdReused, and what a start
    point raises."""
    raise NotImplementedError


async def pull(context: Context, principal: Principal, request: PullRequest) -> PullResponse:
    """Deliveries to a caller without a stream. Raises FieldViolations, GroupNotFound."""
    raise NotImplementedError


async def settle(context: Context, principal: Principal, request: SettleRequest) -> SettleResponse:
    """Settle deliveries; what did not count is told. Raises GroupNotFound."""
    raise NotImplementedError


async def list_parked(
    context: Context, principal: Principal, request: ListParkedRequest
) -> ListParkedResponse:
    """A page of parked events with their total. Raises GroupNotFound, TokenMismatch."""
    raise NotImplementedError


async def replay_parked(
    context: Context, principal: Principal, request: ReplayParkedRequest
) -> ReplayParkedResponse:
    """Deliver parked events again. Raises GroupNotFound, ReplayRunning, CommandIdReused."""
    raise NotImplementedError


async def discard_parked(
    context: Context, principal: Principal, request: DiscardParkedRequest
) -> DiscardParkedResponse:
    """Drop parked events. Raises GroupNotFound, ReplayRunning, CommandIdReused."""
    raise NotImplementedError
