"""SubscriptionService."""

from __future__ import annotations

from collections.abc import AsyncIterator

from journey.v1.subscription_service_pb2 import (
    SubscribeRequest,
    WatchProjectionRequest,
    WatchProjectionResponse,
)
from journey_service.application import Application
from journey_service.application.subscribe import SubscribeFrame
from journey_service.transport.call import Call
from journey_service.transport.rpc import Chain
from journey_service.transport.services.groups import Groups


class SubscriptionService(Groups):
    """What back ends and developers follow."""

    def __init__(self, application: Application, chain: Chain) -> None:
        super().__init__(application, chain)

    def subscribe(self, call: Call, request: SubscribeRequest) -> AsyncIterator[SubscribeFrame]:
        """Sends events from a place on, and what is recorded from then on."""
        return self._application.subscribe(call.principal, request)

    def watch_projection(
        self, call: Call, request: WatchProjectionRequest
    ) -> AsyncIterator[WatchProjectionResponse]:
        """Sends a projection's states, then the changed ones."""
        return self._application.watch_projection(call.principal, request)
