"""IdentityService."""

from __future__ import annotations

from journey.v1.identity_service_pb2 import GetCustomerRequest, GetCustomerResponse
from journey_service.application import Application
from journey_service.transport.call import Call


class IdentityService:
    """Customers and the subjects that they are made of."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def get_customer(self, call: Call, request: GetCustomerRequest) -> GetCustomerResponse:
        """Tells of which subjects a customer is made, and what joins them."""
        return await self._application.get_customer(call.principal, request)
