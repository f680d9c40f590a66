"""The part of SubscriptionService that is about groups of consumers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import cast

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
from journey_service.application import Application
from journey_service.transport.call import Call
from journey_service.transport.checks import parsed
from journey_service.transport.rpc import Chain, Read, Send


class Groups:
    """Competing consumers, and what they put aside."""

    def __init__(self, application: Application, chain: Chain) -> None:
        self._application = application
        self._vet = chain.vet("SubscriptionService/Consume")

    async def create_group(self, call: Call, request: CreateGroupRequest) -> CreateGroupResponse:
        """Makes a group."""
        return await self._application.create_group(call.principal, request)

    async def get_group(self, call: Call, request: GetGroupRequest) -> GetGroupResponse:
        """Settings and figures of a group."""
        return await self._application.get_group(call.principal, request)

    async def list_groups(self, call: Call, request: ListGroupsRequest) -> ListGroupsResponse:
        """All groups that the caller may see."""
        return await self._application.list_groups(call.principal, request)

    async def update_group(self, call: Call, request: UpdateGroupRequest) -> UpdateGroupResponse:
        """Changes settings of a group."""
        return await self._application.update_group(call.principal, request)

    async def delete_group(self, call: Call, request: DeleteGroupRequest) -> DeleteGroupResponse:
        """Removes a group with its progress."""
        return await self._application.delete_group(call.principal, request)

    async def seek_group(self, call: Call, request: SeekGroupRequest) -> SeekGroupResponse:
        """Moves the progress of a group."""
        return await self._application.seek_group(call.principal, request)

    async def consume(self, call: Call, read: Read, send: Send) -> None:
        """Deliveries against credits, with confirmed settlements."""
        frames = self._application.consume(call.principal, self._requests(call, read))
        async with aclosing(cast("AsyncGenerator[ConsumeResponse, None]", frames)):
            async for frame in frames:
                await send(frame.SerializeToString())

    async def _requests(self, call: Call, read: Read) -> AsyncIterator[ConsumeRequest]:
        """Every frame of the consumer, checked as the request of a call is."""
        while (data := await read()) is not None:
            call.bytes_in += len(data)
            frame = parsed(ConsumeRequest, data)
            self._vet(call.principal, frame)
            yield frame

    async def pull(self, call: Call, request: PullRequest) -> PullResponse:
        """Deliveries to callers without streams."""
        return await self._application.pull(call.principal, request)

    async def settle(self, call: Call, request: SettleRequest) -> SettleResponse:
        """Settles deliveries outside a stream."""
        return await self._application.settle(call.principal, request)

    async def list_parked(self, call: Call, request: ListParkedRequest) -> ListParkedResponse:
        """Parked events."""
        return await self._application.list_parked(call.principal, request)

    async def replay_parked(self, call: Call, request: ReplayParkedRequest) -> ReplayParkedResponse:
        """Delivers parked events again."""
        return await self._application.replay_parked(call.principal, request)

    async def discard_parked(
        self, call: Call, request: DiscardParkedRequest
    ) -> DiscardParkedResponse:
        """Drops parked events until a seek or a replay asks for their place."""
        return await self._application.discard_parked(call.principal, request)
