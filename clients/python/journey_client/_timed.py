"""Calls that carry the client's clocks and whose answers tell the service's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import Message

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.journey_service_pb2 import RecordResponse
from journey.v1.session_service_pb2 import (
    ClaimHandoffResponse,
    OpenSessionResponse,
    RefreshSessionResponse,
)
from journey_client._calls import Calls, Method
from journey_client._error import JourneyError
from journey_client.clocks import ClockWatch

Ask = TypeVar("Ask", bound=Message)
Timed = TypeVar(
    "Timed", RecordResponse, OpenSessionResponse, RefreshSessionResponse, ClaimHandoffResponse
)


async def timed_call(
    calls: Calls,
    clock: ClockWatch,
    method: Method[Ask, Timed],
    make: Callable[[ClientClock], Ask],
    *,
    timeout_ms: int | None = None,
    failed: Callable[[JourneyError], None] | None = None,
    bare: bool = False,
) -> Timed:
    """Call with the clocks of each try, and learn from the answer's. `bare`: see Calls.unary."""
    sent = ClientClock()

    def request() -> Ask:
        sent.CopyFrom(clock.sending())
        return make(sent)

    answer = await calls.unary(method, request, timeout_ms=timeout_ms, failed=failed, bare=bare)
    clock.answered(sent, answer.clock)
    return answer
