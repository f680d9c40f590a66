"""What callers can ask: one async function each, gathered for the transport."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager

from journey.v1.admin_service_pb2 import GetPartitionsResponse, GetServerInfoResponse
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
from journey.v1.projection_service_pb2 import (
    GetStateRequest,
    GetStateResponse,
    ListProjectionsRequest,
    ListProjectionsResponse,
    ListStatesRequest,
    ListStatesResponse,
    RetryProjectionRequest,
    RetryProjectionResponse,
    SkipEventRequest,
    SkipEventResponse,
)
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
from journey.v1.stream_pb2 import GOING_AWAY_REASON_DRAINING
from journey.v1.subscription_service_pb2 import (
    SubscribeRequest,
    WatchProjectionRequest,
    WatchProjectionResponse,
)
from journey_service.application import (
    about,
    handoff,
    leases,
    projection_list,
    resume,
    sessions,
    states,
    watch_states,
)
from journey_service.application import devices as registered
from journey_service.application import record as recording
from journey_service.application import subscribe as subscribing
from journey_service.application import watch as watching
from journey_service.application.context import Context
from journey_service.application.desks import Desks
from journey_service.application.group_calls import GroupCalls
from journey_service.application.group_round import Supplies
from journey_service.application.group_watch import GroupWatch, Unwatched
from journey_service.application.history_calls import HistoryCalls
from journey_service.application.hub import Hub, Recorder
from journey_service.application.presence import PresenceBook
from journey_service.application.projected import Projected
from journey_service.application.reader import Reader
from journey_service.application.rebuild_calls import RebuildCalls
from journey_service.application.session_cache import SessionCache
from journey_service.application.standing import Standing
from journey_service.application.subscribers import Subscribers
from journey_service.application.visiting import Visiting
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import Tokens
from journey_service.domain.validation import Validation
from journey_service.ports import Clock, Journal, Sessions, States
from journey_service.ports_of_devices import Devices, Handoffs
from journey_service.ports_of_groups import Groups
from journey_service.ports_of_identity import Identities
from journey_service.settings import Settings


class Application(HistoryCalls, GroupCalls, RebuildCalls):
    """Every call, with the principal first. `deadline` is loop time in seconds, None = none."""

    def __init__(
        self,
        *,
        journal: Journal,
        states: States,
        projected: Projected,
        sessions: Sessions,
        devices: Devices,
        handoffs: Handoffs,
        groups: Groups,
        identities: Identities,
        visiting: Visiting,
        clock: Clock,
        tokens: Tokens,
        validation: Validation,
        settings: Settings,
        group_watch: GroupWatch | None = None,
    ) -> None:
        presence = PresenceBook(devices, clock, settings)
        standing = Standing(devices, visiting.installations, settings)
        self._context = Context(
            journal=journal,
            states=states,
            sessions=sessions,
            clock=clock,
            tokens=tokens,
            validation=validation,
            settings=settings,
            reader=Reader(
                states,
                sessions,
                capacity=settings.view_cache_subjects,
                epoch=lambda: journal.epoch,
            ),
            hub=Hub(journal, devices),
            session_cache=SessionCache(sessions, clock, settings, presence.called, standing.check),
            devices=devices,
            handoffs=handoffs,
            identities=identities,
            visiting=visiting,
            presence=presence,
            standing=standing,
            subscribers=Subscribers(),
            projected=projected,
            desks=Desks(
                Supplies(groups, journal, clock, settings, group_watch or Unwatched(), tokens)
            ),
        )

    def now_ms(self) -> int:
        """Database time, ms since 1970 UTC."""
        return self._context.clock.now_ms()

    def ms_at(self, moment_s: float) -> int:
        """Database time at a moment of `time.monotonic()`, such as when a call arrived."""
        return self._context.clock.ms_at(moment_s)

    @property
    def watchers(self) -> int:
        """How many watches are open in this process."""
        return self._context.hub.watchers

    def consumer_lags(self) -> dict[str, int]:
        """Events not yet sent to the streams of this process, by consumer name."""
        return self._context.subscribers.lags()

    def drain(self) -> None:
        """End all streams with going_away(DRAINING) and refuse new ones."""
        self._context.hub.drain(GOING_AWAY_REASON_DRAINING)
        self._context.subscribers.drain(GOING_AWAY_REASON_DRAINING)
        self._context.desks.drain(GOING_AWAY_REASON_DRAINING)

    async def finish(self) -> None:
        """End what goes on by itself, when no more calls come."""
        await self._context.presence.finish()

    async def record(
        self,
        principal: Principal,
        request: RecordRequest,
        *,
        received_ms: int,
        deadline: float | None,
    ) -> RecordResponse:
        """See record.py."""
        return await recording.record(
            self._context, principal, request, received_ms=received_ms, deadline=deadline
        )

    def recording(self, recorder: Recorder) -> AbstractContextManager[None]:
        """See Hub.recording."""
        return self._context.hub.recording(recorder)

    def records(self, recorder: Recorder, session_id: str) -> None:
        """See Hub.records."""
        self._context.hub.records(recorder, session_id)

    async def get_journey(
        self, principal: Principal, request: GetJourneyRequest, *, deadline: float | None
    ) -> GetJourneyResponse:
        """See resume.py."""
        await self._context.standing.check(principal)
        return await resume.get_journey(self._context, principal, request, deadline=deadline)

    async def list_journeys(
        self, principal: Principal, request: ListJourneysRequest, *, deadline: float | None
    ) -> ListJourneysResponse:
        """See resume.py."""
        await self._context.standing.check(principal)
        return await resume.list_journeys(self._context, principal, request, deadline=deadline)

    def watch(self, principal: Principal, request: WatchRequest) -> AsyncIterator[WatchResponse]:
        """See watch.py."""
        return watching.watch(self._context, principal, request)

    async def open_session(
        self, principal: Principal, request: OpenSessionRequest, *, received_ms: int
    ) -> OpenSessionResponse:
        """See sessions.py."""
        return await sessions.open_session(
            self._context, principal, request, received_ms=received_ms
        )

    async def refresh_session(
        self, principal: Principal, request: RefreshSessionRequest, *, received_ms: int
    ) -> RefreshSessionResponse:
        """See sessions.py."""
        return await sessions.refresh_session(
            self._context, principal, request, received_ms=received_ms
        )

    async def close_session(
        self, principal: Principal, request: CloseSessionRequest, *, received_ms: int
    ) -> CloseSessionResponse:
        """See sessions.py."""
        return await sessions.close_session(
            self._context, principal, request, received_ms=received_ms
        )

    async def list_sessions(
        self, principal: Principal, request: ListSessionsRequest
    ) -> ListSessionsResponse:
        """See sessions.py."""
        await self._context.standing.check(principal)
        return await sessions.list_sessions(self._context, principal, request)

    async def list_devices(
        self, principal: Principal, request: ListDevicesRequest
    ) -> ListDevicesResponse:
        """See devices.py."""
        await self._context.standing.check(principal)
        return await registered.list_devices(self._context, principal, request)

    async def sign_out_device(
        self, principal: Principal, request: SignOutDeviceRequest, *, received_ms: int
    ) -> SignOutDeviceResponse:
        """See devices.py."""
        await self._context.standing.check(principal)
        return await registered.sign_out_device(
            self._context, principal, request, received_ms=received_ms
        )

    async def acquire_lease(
        self, principal: Principal, request: AcquireLeaseRequest, *, received_ms: int
    ) -> AcquireLeaseResponse:
        """See leases.py."""
        return await leases.acquire_lease(
            self._context, principal, request, received_ms=received_ms
        )

    async def release_lease(
        self, principal: Principal, request: ReleaseLeaseRequest
    ) -> ReleaseLeaseResponse:
        """See leases.py."""
        return await leases.release_lease(self._context, principal, request)

    async def transfer_lease(
        self,
        principal: Principal,
        request: TransferLeaseRequest,
        *,
        received_ms: int,
        deadline: float | None,
    ) -> TransferLeaseResponse:
        """See leases.py."""
        return await leases.transfer_lease(
            self._context, principal, request, received_ms=received_ms, deadline=deadline
        )

    async def create_handoff(
        self, principal: Principal, request: CreateHandoffRequest
    ) -> CreateHandoffResponse:
        """See handoff.py."""
        return await handoff.create_handoff(self._context, principal, request)

    async def claim_handoff(
        self, principal: Principal, request: ClaimHandoffRequest, *, received_ms: int
    ) -> ClaimHandoffResponse:
        """See handoff.py."""
        await self._context.standing.check(principal)
        return await handoff.claim_handoff(
            self._context, principal, request, received_ms=received_ms
        )

    def subscribe(
        self, principal: Principal, request: SubscribeRequest
    ) -> AsyncIterator[subscribing.SubscribeFrame]:
        """See subscribe.py."""
        return subscribing.subscribe(self._context, principal, request)

    async def list_projections(
        self, principal: Principal, request: ListProjectionsRequest
    ) -> ListProjectionsResponse:
        """See projection_list.py."""
        return await projection_list.list_projections(self._context, principal, request)

    async def get_state(
        self, principal: Principal, request: GetStateRequest, *, deadline: float | None
    ) -> GetStateResponse:
        """See states.py."""
        await self._context.standing.check(principal)
        return await states.get_state(self._context, principal, request, deadline=deadline)

    async def list_states(
        self, principal: Principal, request: ListStatesRequest, *, deadline: float | None
    ) -> ListStatesResponse:
        """See states.py."""
        return await states.list_states(self._context, principal, request, deadline=deadline)

    def watch_projection(
        self, principal: Principal, request: WatchProjectionRequest
    ) -> AsyncIterator[WatchProjectionResponse]:
        """See watch_states.py."""
        return watch_states.watch_projection(self._context, principal, request)

    async def retry_projection(
        self, principal: Principal, request: RetryProjectionRequest
    ) -> RetryProjectionResponse:
        """See projection_list.py."""
        return await projection_list.retry_projection(self._context, principal, request)

    async def skip_event(
        self, principal: Principal, request: SkipEventRequest
    ) -> SkipEventResponse:
        """See projection_list.py."""
        return await projection_list.skip_event(self._context, principal, request)

    async def get_server_info(self, principal: Principal) -> GetServerInfoResponse:
        """See about.py."""
        return await about.get_server_info(self._context, principal)

    async def get_partitions(self, principal: Principal) -> GetPartitionsResponse:
        """See about.py."""
        del principal  # every developer and operator sees all partitions
        return await about.get_partitions(self._context)


__all__ = ["Application"]
