"""What callers can ask of groups, bound to the context: a part of Application."""

from __future__ import annotations

from collections.abc import AsyncIterator

from journey.v1.groups_pb2 import (
    ConsumeRequest,
    ConsumeResponse,
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
from journey_service.application import consume, groups, parked, pulling
from journey_service.application.context import Context
from journey_service.domain.identity import Principal


class GroupCalls:
    """Every call on groups, with the principal first; see groups.py and consume.py."""

    _context: Context

    async def create_group(
        self, principal: Principal, request: CreateGroupRequest
    ) -> CreateGroupResponse:
        """Make a group."""
        return await groups.create_group(self._context, principal, request)

    async def get_group(self, principal: Principal, request: GetGroupRequest) -> GetGroupResponse:
        """Settings and figures."""
        return await groups.get_group(self._context, principal, request)

    async def list_groups(
        self, principal: Principal, request: ListGroupsRequest
    ) -> ListGroupsResponse:
        """A page of groups."""
        return await groups.list_groups(self._context, principal, request)

    async def update_group(
        self, principal: Principal, request: UpdateGroupRequest
    ) -> UpdateGroupResponse:
        """Change settings."""
        return await groups.update_group(self._context, principal, request)

    async def delete_group(
        self, principal: Principal, request: DeleteGroupRequest
    ) -> DeleteGroupResponse:
        """Remove a group with its progress."""
        return await groups.delete_group(self._context, principal, request)

    async def seek_group(
        self, principal: Principal, request: SeekGroupRequest
    ) -> SeekGroupResponse:
        """Move the progress."""
        return await groups.seek_group(self._context, principal, request)

    def consume(
        self, principal: Principal, requests: AsyncIterator[ConsumeRequest]
    ) -> AsyncIterator[ConsumeResponse]:
        """Deliveries against credits."""
        return consume.consume(self._context, principal, requests)

    async def pull(self, principal: Principal, request: PullRequest) -> PullResponse:
        """Deliveries without a stream."""
        return await pulling.pull(self._context, principal, request)

    async def settle(self, principal: Principal, request: SettleRequest) -> SettleResponse:
        """Settle deliveries."""
        return await pulling.settle(self._context, principal, request)

    async def list_parked(
        self, principal: Principal, request: ListParkedRequest
    ) -> ListParkedResponse:
        """A page of parked events."""
        return await parked.list_parked(self._context, principal, request)

    async def replay_parked(
        self, principal: Principal, request: ReplayParkedRequest
    ) -> ReplayParkedResponse:
        """Deliver parked events again."""
        return await parked.replay_parked(self._context, principal, request)

    async def discard_parked(
        self, principal: Principal, request: DiscardParkedRequest
    ) -> DiscardParkedResponse:
        """Drop parked events."""
        return await parked.discard_parked(self._context, principal, request)
