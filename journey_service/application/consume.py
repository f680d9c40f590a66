"""A consumer's stream: deliveries against credits, settlements confirmed once durable."""

from __future__ import annotations

from collections.abc import AsyncIterator

from journey.v1.groups_pb2 import ConsumeRequest, ConsumeResponse
from journey_service.application.context import Context
from journey_service.domain.identity import Principal


async def consume(
    context: Context, principal: Principal, requests: AsyncIterator[ConsumeRequest]
) -> AsyncIterator[ConsumeResponse]:
    """Frames to a consumer; the first request is its start. Ends when the requests end, after
    `drain` once all is settled, or with going_away.

    Raises FieldViolations for a frame out of place and for no credit, GroupNotFound.
    """
    raise NotImplementedError
    yield ConsumeResponse()
