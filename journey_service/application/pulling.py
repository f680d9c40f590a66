"""Groups without a stream: deliveries by asking, settlements by calling."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from journey.v1.groups_pb2 import (
    Delivery,
    PullRequest,
    PullResponse,
    SettleRequest,
    SettleResponse,
)
from journey_service.application.context import Context
from journey_service.application.group_seats import Seat
from journey_service.application.groups import there
from journey_service.domain.errors import FieldViolations
from journey_service.domain.identity import Principal, check_group
from journey_service.ports_of_groups import PULLING


async def pull(context: Context, principal: Principal, request: PullRequest) -> PullResponse:
    """Deliveries, may be none; what of a lost answer is out returns when its lease ends.

    Raises FieldViolations, ScopeMissing, GroupNotFound, Draining.
    """
    check_group(principal, request.group_id)
    if not request.consumer_id:
        raise FieldViolations.one("consumer_id", "required")
    if request.max_deliveries < 1:
        raise FieldViolations.one("max_deliveries", "at least 1")
    stored = await there(context, request.group_id)
    seat = _seat(context, request, stored.settings.lease_ms)
    wait_ms = min(request.wait_ms, context.settings.pull_wait_ms)
    async with context.desks.seat(request.group_id, seat) as desk:
        await desk.served()
        while not _deliveries(seat) and desk.is_behind(seat):
            await desk.served()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_ms / 1_000):
                while not _deliveries(seat) and seat.is_open:
                    seat.wake.clear()
                    await seat.wake.wait()
        seat.draining = True
    if seat.failure is not None:
        raise seat.failure
    return PullResponse(deliveries=_deliveries(seat))


def _seat(context: Context, request: PullRequest, lease_ms: int) -> Seat:
    """It counts as live while its deliveries are out, as nobody is told when it goes."""
    settings = context.settings
    most_bytes = min(request.max_bytes or settings.pull_bytes, settings.pull_bytes)
    return Seat(
        consumer_id=request.consumer_id,
        stream=PULLING,
        life_ms=lease_ms,
        deliveries=min(request.max_deliveries, settings.pull_deliveries),
        bytes=most_bytes,
        settings=settings,
        heard_ms=context.clock.now_ms(),
    )


def _deliveries(seat: Seat) -> list[Delivery]:
    return [delivery for frame in seat.frames for delivery in frame.deliveries.deliveries]


async def settle(context: Context, principal: Principal, request: SettleRequest) -> SettleResponse:
    """Settle deliveries; returns when that is durable. What did not count is told.

    Raises ScopeMissing, GroupNotFound, Unavailable.
    """
    check_group(principal, request.group_id)
    await there(context, request.group_id)
    async with context.desks.desk(request.group_id) as desk:
        return SettleResponse(result=await desk.settle(request.settlement))
