"""AdminService."""

from __future__ import annotations

from journey.v1.admin_service_pb2 import (
    GetPartitionsRequest,
    GetPartitionsResponse,
    GetServerInfoRequest,
    GetServerInfoResponse,
)
from journey_service.application import Application
from journey_service.transport.call import Call


class AdminService:
    """About the server itself."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def get_server_info(
        self, call: Call, request: GetServerInfoRequest
    ) -> GetServerInfoResponse:
        """Tells versions, capabilities and limits."""
        del request
        return await self._application.get_server_info(call.principal)

    async def get_partitions(
        self, call: Call, request: GetPartitionsRequest
    ) -> GetPartitionsResponse:
        """Tells heads and readers of the partitions."""
        del request
        return await self._application.get_partitions(call.principal)
