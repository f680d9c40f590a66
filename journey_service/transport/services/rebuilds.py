"""The rebuilds of ProjectionService."""

from __future__ import annotations

from collections.abc import AsyncIterator

from journey.v1.rebuilds_pb2 import (
    CancelRebuildRequest,
    CancelRebuildResponse,
    DropOldStatesRequest,
    DropOldStatesResponse,
    GetRebuildRequest,
    GetRebuildResponse,
    ListRebuildsRequest,
    ListRebuildsResponse,
    PauseRebuildRequest,
    PauseRebuildResponse,
    ResumeRebuildRequest,
    ResumeRebuildResponse,
    RevertRebuildRequest,
    RevertRebuildResponse,
    StartRebuildRequest,
    StartRebuildResponse,
    WatchRebuildRequest,
    WatchRebuildResponse,
)
from journey_service.application import Application
from journey_service.transport.call import Call


class RebuildMethods:
    """Projections made anew."""

    _application: Application

    async def start_rebuild(self, call: Call, request: StartRebuildRequest) -> StartRebuildResponse:
        """Begin a rebuild."""
        return await self._application.start_rebuild(call.principal, request)

    async def get_rebuild(self, call: Call, request: GetRebuildRequest) -> GetRebuildResponse:
        """One rebuild."""
        return await self._application.get_rebuild(call.principal, request)

    async def list_rebuilds(self, call: Call, request: ListRebuildsRequest) -> ListRebuildsResponse:
        """A page of rebuilds."""
        return await self._application.list_rebuilds(call.principal, request)

    async def cancel_rebuild(
        self, call: Call, request: CancelRebuildRequest
    ) -> CancelRebuildResponse:
        """Stop it."""
        return await self._application.cancel_rebuild(call.principal, request)

    async def pause_rebuild(self, call: Call, request: PauseRebuildRequest) -> PauseRebuildResponse:
        """Let it rest."""
        return await self._application.pause_rebuild(call.principal, request)

    async def resume_rebuild(
        self, call: Call, request: ResumeRebuildRequest
    ) -> ResumeRebuildResponse:
        """Let it go on."""
        return await self._application.resume_rebuild(call.principal, request)

    async def revert_rebuild(
        self, call: Call, request: RevertRebuildRequest
    ) -> RevertRebuildResponse:
        """Make what it replaced live again."""
        return await self._application.revert_rebuild(call.principal, request)

    async def drop_old_states(
        self, call: Call, request: DropOldStatesRequest
    ) -> DropOldStatesResponse:
        """Drop old states before their time."""
        return await self._application.drop_old_states(call.principal, request)

    def watch_rebuild(
        self, call: Call, request: WatchRebuildRequest
    ) -> AsyncIterator[WatchRebuildResponse]:
        """Progress, to the end."""
        return self._application.watch_rebuild(call.principal, request)
