"""ProjectionService."""

from __future__ import annotations

from journey.v1.projection_service_pb2 import (
    GetStateRequest,
    GetStateResponse,
    ListProjectionsRequest,
    ListProjectionsResponse,
    ListStatesRequest,
    ListStatesResponse,
    RetryProjectionRequest,
    RetryProjectionResponse,
    SkipEventRequest,
    SkipEventResponse,
)
from journey_service.application import Application
from journey_service.transport.call import Call
from journey_service.transport.services.rebuilds import RebuildMethods


class ProjectionService(RebuildMethods):
    """What projections keep, and how they stand."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def list_projections(
        self, call: Call, request: ListProjectionsRequest
    ) -> ListProjectionsResponse:
        """Lists all projections."""
        return await self._application.list_projections(call.principal, request)

    async def get_state(self, call: Call, request: GetStateRequest) -> GetStateResponse:
        """Reads one state, exact."""
        return await self._application.get_state(call.principal, request, deadline=call.deadline)

    async def list_states(self, call: Call, request: ListStatesRequest) -> ListStatesResponse:
        """Lists states as they are stored."""
        return await self._application.list_states(call.principal, request, deadline=call.deadline)

    async def retry_projection(
        self, call: Call, request: RetryProjectionRequest
    ) -> RetryProjectionResponse:
        """Tries again where a projection stopped."""
        return await self._application.retry_projection(call.principal, request)

    async def skip_event(self, call: Call, request: SkipEventRequest) -> SkipEventResponse:
        """Leaves out the event at which a projection stopped."""
        return await self._application.skip_event(call.principal, request)
