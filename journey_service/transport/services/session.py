"""SessionService."""

from __future__ import annotations

from journey.v1.session_service_pb2 import (
    AcquireLeaseRequest,
    AcquireLeaseResponse,
    ClaimHandoffRequest,
    ClaimHandoffResponse,
    CloseSessionRequest,
    CloseSessionResponse,
    CreateHandoffRequest,
    CreateHandoffResponse,
    ListDevicesRequest,
    ListDevicesResponse,
    ListSessionsRequest,
    ListSessionsResponse,
    OpenSessionRequest,
    OpenSessionResponse,
    RefreshSessionRequest,
    RefreshSessionResponse,
    ReleaseLeaseRequest,
    ReleaseLeaseResponse,
    SignOutDeviceRequest,
    SignOutDeviceResponse,
    TransferLeaseRequest,
    TransferLeaseResponse,
)
from journey_service.application import Application
from journey_service.transport.call import Call


class SessionService:
    """Sessions of devices."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def open_session(self, call: Call, request: OpenSessionRequest) -> OpenSessionResponse:
        """Registers device and installation and opens a session."""
        return await self._application.open_session(
            call.principal, request, received_ms=self._application.ms_at(call.started)
        )

    async def refresh_session(
        self, call: Call, request: RefreshSessionRequest
    ) -> RefreshSessionResponse:
        """Keeps a session alive."""
        return await self._application.refresh_session(
            call.principal, request, received_ms=self._application.ms_at(call.started)
        )

    async def close_session(self, call: Call, request: CloseSessionRequest) -> CloseSessionResponse:
        """Ends session and streams."""
        return await self._application.close_session(
            call.principal, request, received_ms=self._application.ms_at(call.started)
        )

    async def list_sessions(self, call: Call, request: ListSessionsRequest) -> ListSessionsResponse:
        """Lists the sessions of a customer."""
        return await self._application.list_sessions(call.principal, request)

    async def list_devices(self, call: Call, request: ListDevicesRequest) -> ListDevicesResponse:
        """Lists the devices of a customer."""
        return await self._application.list_devices(call.principal, request)

    async def sign_out_device(
        self, call: Call, request: SignOutDeviceRequest
    ) -> SignOutDeviceResponse:
        """Ends a device's sessions, streams and credentials."""
        return await self._application.sign_out_device(
            call.principal, request, received_ms=self._application.ms_at(call.started)
        )

    async def create_handoff(
        self, call: Call, request: CreateHandoffRequest
    ) -> CreateHandoffResponse:
        """Makes a single-use code."""
        return await self._application.create_handoff(call.principal, request)

    async def claim_handoff(self, call: Call, request: ClaimHandoffRequest) -> ClaimHandoffResponse:
        """Takes over with the code."""
        return await self._application.claim_handoff(
            call.principal, request, received_ms=self._application.ms_at(call.started)
        )

    async def acquire_lease(self, call: Call, request: AcquireLeaseRequest) -> AcquireLeaseResponse:
        """Becomes, or stays, the active device of a journey."""
        return await self._application.acquire_lease(
            call.principal, request, received_ms=self._application.ms_at(call.started)
        )

    async def release_lease(self, call: Call, request: ReleaseLeaseRequest) -> ReleaseLeaseResponse:
        """Gives the lease up."""
        return await self._application.release_lease(call.principal, request)

    async def transfer_lease(
        self, call: Call, request: TransferLeaseRequest
    ) -> TransferLeaseResponse:
        """Offers the lease to another device and waits for it."""
        return await self._application.transfer_lease(
            call.principal,
            request,
            received_ms=self._application.ms_at(call.started),
            deadline=call.deadline,
        )
