"""JourneyService; its RecordStream is in record_stream.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from journey.v1.access_pb2 import LOAD_CLASS_FLUSH, LOAD_CLASS_INTERACTIVE
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    GetJourneyResponse,
    ListJourneysRequest,
    ListJourneysResponse,
    RecordRequest,
    RecordResponse,
    WatchRequest,
    WatchResponse,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_DRAINING
from journey_service.application import Application
from journey_service.transport.call import Call
from journey_service.transport.quotas import RecordRates
from journey_service.transport.rpc import Chain, Read, Send
from journey_service.transport.services.record_stream import Recording


class JourneyService:
    """The journeys of customers."""

    def __init__(self, application: Application, chain: Chain) -> None:
        self._application = application
        self._chain = chain
        self._rates = RecordRates(chain.settings, asyncio.get_running_loop().time)
        self._small = chain.settings.small_batch_interactions
        self._recordings: set[Recording] = set()

    def load_of_record(self, request: RecordRequest) -> int:
        """A person waits for a small batch; a larger one is a queue that empties."""
        small = len(request.interactions) <= self._small
        return LOAD_CLASS_INTERACTIVE if small else LOAD_CLASS_FLUSH

    async def record(self, call: Call, request: RecordRequest) -> RecordResponse:
        """Records one batch for one stream."""
        self._rates.take(
            call.principal, request.session_id, len(request.interactions), call.bytes_in
        )
        return await self._application.record(
            call.principal,
            request,
            received_ms=self._application.ms_at(call.started),
            deadline=call.deadline,
        )

    async def record_stream(self, call: Call, read: Read, send: Send) -> None:
        """Records several batches in flight."""
        recording = Recording(self._application, self._chain, call, send, self._rates)
        self._recordings.add(recording)
        try:
            await recording.run(read)
        finally:
            self._recordings.discard(recording)

    async def get_journey(self, call: Call, request: GetJourneyRequest) -> GetJourneyResponse:
        """Reads one journey with its resume point."""
        return await self._application.get_journey(call.principal, request, deadline=call.deadline)

    async def list_journeys(self, call: Call, request: ListJourneysRequest) -> ListJourneysResponse:
        """Reads the continue list and other views."""
        return await self._application.list_journeys(
            call.principal, request, deadline=call.deadline
        )

    def watch(self, call: Call, request: WatchRequest) -> AsyncIterator[WatchResponse]:
        """Watches the whole customer."""
        return self._application.watch(call.principal, request)

    def drain(self) -> None:
        """End the open streams with going_away."""
        self._application.drain()
        for recording in list(self._recordings):
            recording.end(GOING_AWAY_REASON_DRAINING)

    async def finish(self) -> None:
        """End what goes on by itself, when no more calls come."""
        await self._application.finish()
