"""What callers can ask of who a customer is and what it did: a part of Application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import nullcontext

from journey.v1.history_service_pb2 import (
    DiffJourneyRequest,
    DiffJourneyResponse,
    ListEventsRequest,
    ListEventsResponse,
    PlayEventsRequest,
    PlayEventsResponse,
    ReadEventsRequest,
)
from journey.v1.identity_service_pb2 import GetCustomerRequest, GetCustomerResponse
from journey_service.application import bulk, history, who
from journey_service.application import diff as comparing
from journey_service.application import play as playing
from journey_service.application.context import Context
from journey_service.domain.identity import Principal


class HistoryCalls:
    """Every call on the history of customers, and on who they are, with the principal first."""

    _context: Context

    async def get_customer(
        self, principal: Principal, request: GetCustomerRequest
    ) -> GetCustomerResponse:
        """See who.py."""
        await self._context.standing.check(principal)
        return await who.get_customer(self._context, principal, request)

    async def list_events(
        self, principal: Principal, request: ListEventsRequest
    ) -> ListEventsResponse:
        """See history.py."""
        await self._context.standing.check(principal)
        return await history.list_events(self._context, principal, request)

    def read_events(
        self, principal: Principal, request: ReadEventsRequest
    ) -> AsyncIterator[bulk.ReadFrame]:
        """See bulk.py."""
        return bulk.read_events(self._context, principal, request)

    async def diff_journey(
        self, principal: Principal, request: DiffJourneyRequest
    ) -> DiffJourneyResponse:
        """See diff.py."""
        await self._context.standing.check(principal)
        return await comparing.diff_journey(self._context, principal, request)

    def play_events(
        self, principal: Principal, request: PlayEventsRequest, *, rest: playing.Rest = nullcontext
    ) -> AsyncIterator[PlayEventsResponse]:
        """See play.py."""
        return playing.play_events(self._context, principal, request, rest=rest)
