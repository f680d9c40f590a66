"""A consumer's stream: deliveries against credits, settlements confirmed once durable.

start → opened → assignment → (deliveries | result | assignment | heartbeat)* → going_away
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

from journey.v1.groups_pb2 import ConsumeRequest, ConsumeResponse, ConsumeStart, Credit
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_AUTH_EXPIRING,
    GOING_AWAY_REASON_ROTATION,
    Heartbeat,
    StreamOpened,
)
from journey_service.application.context import Context
from journey_service.application.group_desk import Desk
from journey_service.application.group_seats import Seat
from journey_service.application.watch_terms import ends_at_ms, farewell, rotate_at_ms
from journey_service.domain.errors import FieldViolations, JourneyError
from journey_service.domain.identity import Principal, check_group

# Settlements that may wait for their result before the next one is read.
MOST_ASKED = 64


async def consume(
    context: Context, principal: Principal, requests: AsyncIterator[ConsumeRequest]
) -> AsyncIterator[ConsumeResponse]:
    """Frames to a consumer; the first request is its start. Ends when the requests end, after
    `drain` once all is settled, or with going_away.

    Raises FieldViolations for a frame out of place and for no credit, ScopeMissing, GroupNotFound,
    Draining.
    """
    start = await _start(requests)
    check_group(principal, start.group_id)
    seat = Seat(
        consumer_id=start.consumer_id,
        stream=uuid.uuid4().hex,
        life_ms=context.settings.group_consumer_life_ms,
        deliveries=0,
        bytes=0,
        settings=context.settings,
        heard_ms=context.clock.now_ms(),
    )
    seat.add_credit(start.credit.deliveries, start.credit.bytes)
    stream = _Stream(context, seat, rotate_at_ms(context), principal.expires_at_ms)
    yield stream.opened()
    async with context.desks.seat(start.group_id, seat) as desk:
        listening = asyncio.create_task(_listen(requests, seat, desk))
        try:
            async for frame in stream.frames(desk):
                yield frame
        finally:
            listening.cancel()
            await asyncio.wait([listening])


async def _start(requests: AsyncIterator[ConsumeRequest]) -> ConsumeStart:
    first = await anext(requests, None)
    if first is None or first.WhichOneof("content") != "start":
        raise FieldViolations.one("start", "is the first frame")
    start = first.start
    if not start.group_id:
        raise FieldViolations.one("start.group_id", "required")
    if not start.consumer_id:
        raise FieldViolations.one("start.consumer_id", "required")
    _check_credit(start.credit, "start.credit")
    return start


def _check_credit(credit: Credit, path: str) -> None:
    if credit.deliveries < 1:
        raise FieldViolations.one(f"{path}.deliveries", "at least 1")
    if credit.bytes < 1:
        raise FieldViolations.one(f"{path}.bytes", "at least 1")


async def _listen(requests: AsyncIterator[ConsumeRequest], seat: Seat, desk: Desk) -> None:
    """What the consumer sends, until it sends no more."""
    try:
        async for request in requests:
            await _hear(request, seat, desk)
        # A stream that broke may look as if it ended; who drains it before goes on purpose.
        seat.gives_back = seat.draining
    except JourneyError as error:
        seat.fail(error)
    finally:
        seat.draining = seat.silent = True
        seat.wake.set()


async def _hear(request: ConsumeRequest, seat: Seat, desk: Desk) -> None:
    match request.WhichOneof("content"):
        case "credit":
            _check_credit(request.credit, "credit")
            seat.add_credit(request.credit.deliveries, request.credit.bytes)
            desk.hear(seat)
        case "settlement":
            asked = desk.ask(seat, request.settlement)
            if len(seat.asked) >= MOST_ASKED:
                await asyncio.wait([asked.done])
        case "drain":
            seat.draining = True
            desk.hear(seat)
            seat.wake.set()
        case "start":
            raise FieldViolations.one("start", "is the first frame, and no other")
        case _:
            raise FieldViolations.one("content", "one of credit, settlement, drain")


@dataclass(slots=True)
class _Stream:
    """The server's side of a consumer's stream."""

    context: Context
    seat: Seat
    rotate_at_ms: int
    auth_expires_at_ms: int
    sent_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def opened(self) -> ConsumeResponse:
        """The first frame, before any read."""
        return ConsumeResponse(
            opened=StreamOpened(
                stream_id=self.seat.stream,
                heartbeat_ms=self.context.settings.heartbeat_ms,
                rotate_at_ms=self.rotate_at_ms,
                auth_expires_at_ms=self.auth_expires_at_ms,
                server_ms=self.context.clock.now_ms(),
            )
        )

    async def frames(self, desk: Desk) -> AsyncIterator[ConsumeResponse]:
        """What there is to send, heartbeats into the silence, and the planned end."""
        seat = self.seat
        while True:
            self._look_at_time()
            seat.wake.clear()
            while seat.frames:
                yield self._sends(seat.frames.popleft())
            if seat.failure is not None:
                raise seat.failure
            if seat.ending is not None and not seat.asked:
                yield ConsumeResponse(going_away=farewell(self.context, seat.ending))
                return
            if seat.is_done:
                return
            if self._silent_s <= 0:
                beat = Heartbeat(server_ms=self.context.clock.now_ms(), lag_events=desk.lag(seat))
                yield self._sends(ConsumeResponse(heartbeat=beat))
            await self._wait()

    def _sends(self, frame: ConsumeResponse) -> ConsumeResponse:
        self.sent_at = asyncio.get_running_loop().time()
        return frame

    @property
    def _silent_s(self) -> float:
        """How long it may still send nothing. A desk wakes its seats for less than a frame."""
        silent_s = asyncio.get_running_loop().time() - self.sent_at
        return self.context.settings.heartbeat_ms / 1_000 - silent_s

    def _look_at_time(self) -> None:
        now_ms = self.context.clock.now_ms()
        if self.auth_expires_at_ms and now_ms >= self._auth_end_ms:
            self.seat.end(GOING_AWAY_REASON_AUTH_EXPIRING)
        if now_ms >= self.rotate_at_ms:
            self.seat.end(GOING_AWAY_REASON_ROTATION)

    @property
    def _auth_end_ms(self) -> int:
        return self.auth_expires_at_ms - self.context.settings.auth_warning_ms

    async def _wait(self) -> None:
        """Until something came, it is time to end, or a heartbeat is due."""
        most_s = self._silent_s
        if self.seat.ending is None:
            settings = self.context.settings
            ends_ms = ends_at_ms(settings, self.rotate_at_ms, self.auth_expires_at_ms)
            most_s = min(most_s, (ends_ms - self.context.clock.now_ms()) / 1_000)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, most_s)):
                await self.seat.wake.wait()
