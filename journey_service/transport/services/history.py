"""HistoryService."""

from __future__ import annotations

from collections.abc import AsyncIterator

from journey.v1.history_service_pb2 import (
    DiffJourneyRequest,
    DiffJourneyResponse,
    ListEventsRequest,
    ListEventsResponse,
    PlayEventsRequest,
    PlayEventsResponse,
    ReadEventsRequest,
)
from journey_service.application import Application
from journey_service.application.bulk import ReadFrame
from journey_service.transport.call import Call


class HistoryService:
    """What was recorded."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def list_events(self, call: Call, request: ListEventsRequest) -> ListEventsResponse:
        """Pages through a customer's events."""
        return await self._application.list_events(call.principal, request)

    def read_events(self, call: Call, request: ReadEventsRequest) -> AsyncIterator[ReadFrame]:
        """Reads a customer or the journal in bulk."""
        return self._application.read_events(call.principal, request)

    async def diff_journey(self, call: Call, request: DiffJourneyRequest) -> DiffJourneyResponse:
        """Tells how a journey stood at two points and what lies between."""
        return await self._application.diff_journey(call.principal, request)

    def play_events(
        self, call: Call, request: PlayEventsRequest
    ) -> AsyncIterator[PlayEventsResponse]:
        """Plays the events of a customer at a chosen pace."""
        return self._application.play_events(call.principal, request, rest=call.rest)
