"""Being the active device of a journey: take it, give it up, hand it to another device."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef, Lease
from journey.v1.session_service_pb2 import (
    AcquireLeaseRequest,
    AcquireMode,
    CreateHandoffRequest,
    CreateHandoffResponse,
    ReleaseLeaseRequest,
    TransferLeaseRequest,
    TransferLeaseResponse,
)
from journey_client import _methods as methods
from journey_client._calls import Ask, Calls

# The service waits 10 s for the other device's answer.
TRANSFER_TIMEOUT_MS = 15_000


@dataclass(frozen=True, slots=True)
class Taken:
    """A lease that is held now, and the journey's state to go on from."""

    lease: Lease
    journey: Journey
    token: str


class Leases:
    """The leases of one session; all of it needs the connection."""

    def __init__(self, calls: Calls, session_id: Callable[[], str]) -> None:
        self._calls = calls
        self._session_id = session_id

    async def acquire(
        self, kind: str, journey_id: str = "main", *, take_over: bool = False
    ) -> Taken:
        """Become, or stay, the active device of a journey.

        `take_over`: also from another device, which is told to pause. Raises LeaseHeld where
        somebody else has it, LimitReached where too many devices are active.
        """
        mode = AcquireMode.ACQUIRE_MODE_TAKE_OVER if take_over else AcquireMode.ACQUIRE_MODE_IF_FREE
        request = AcquireLeaseRequest(
            session_id=self._session_id(),
            journey=JourneyRef(kind=kind, journey_id=journey_id),
            mode=mode,
            command_id=str(uuid.uuid4()),
        )
        answer = await self._calls.unary(methods.ACQUIRE_LEASE, _same(request))
        return Taken(answer.lease, answer.journey, answer.token)

    async def release(self, lease: Lease) -> bool:
        """Give a lease up; False if it was gone before."""
        request = ReleaseLeaseRequest(
            session_id=self._session_id(), journey=lease.journey, epoch=lease.epoch
        )
        return (await self._calls.unary(methods.RELEASE_LEASE, _same(request))).released

    async def transfer(
        self, to_installation_id: str, kind: str, journey_id: str = "main"
    ) -> TransferLeaseResponse:
        """Offer a journey to another device and wait for its answer, at most 10 s.

        The result says TAKEN, REFUSED or NO_ANSWER; in the latter two nothing has changed.
        """
        request = TransferLeaseRequest(
            session_id=self._session_id(),
            journey=JourneyRef(kind=kind, journey_id=journey_id),
            to_installation_id=to_installation_id,
            command_id=str(uuid.uuid4()),
        )
        return await self._calls.unary(
            methods.TRANSFER_LEASE, _same(request), timeout_ms=TRANSFER_TIMEOUT_MS
        )

    async def create_handoff(
        self, kind: str = "", journey_id: str = "main", *, typed_code: bool = False
    ) -> CreateHandoffResponse:
        """A single-use code with which another device goes on; without `kind` with everything.

        `typed_code`: also a short one that a person can type.
        """
        request = CreateHandoffRequest(
            session_id=self._session_id(),
            journey=JourneyRef(kind=kind, journey_id=journey_id) if kind else None,
            typed_code=typed_code,
            command_id=str(uuid.uuid4()),
        )
        return await self._calls.unary(methods.CREATE_HANDOFF, _same(request))


def _same(request: Ask) -> Callable[[], Ask]:
    """Every try sends the same."""
    return lambda: request
