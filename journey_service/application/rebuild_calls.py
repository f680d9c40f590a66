"""What callers can ask of rebuilds, bound to the context: a part of Application."""

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
from journey_service.application import rebuild_watch, rebuilds
from journey_service.application.context import Context
from journey_service.domain.identity import Principal


class RebuildCalls:
    """Every call on rebuilds, with the principal first; see rebuilds.py and rebuild_watch.py."""

    _context: Context

    async def start_rebuild(
        self, principal: Principal, request: StartRebuildRequest
    ) -> StartRebuildResponse:
        """Begin a rebuild."""
        return await rebuilds.start_rebuild(self._context, principal, request)

    async def get_rebuild(
        self, principal: Principal, request: GetRebuildRequest
    ) -> GetRebuildResponse:
        """One rebuild."""
        return await rebuilds.get_rebuild(self._context, principal, request)

    async def list_rebuilds(
        self, principal: Principal, request: ListRebuildsRequest
    ) -> ListRebuildsResponse:
        """A page of rebuilds."""
        return await rebuilds.list_rebuilds(self._context, principal, request)

    async def cancel_rebuild(
        self, principal: Principal, request: CancelRebuildRequest
    ) -> CancelRebuildResponse:
        """Stop it."""
        return await rebuilds.cancel_rebuild(self._context, principal, request)

    async def pause_rebuild(
        self, principal: Principal, request: PauseRebuildRequest
    ) -> PauseRebuildResponse:
        """Let it rest."""
        return await rebuilds.pause_rebuild(self._context, principal, request)

    async def resume_rebuild(
        self, principal: Principal, request: ResumeRebuildRequest
    ) -> ResumeRebuildResponse:
        """Let it go on."""
        return await rebuilds.resume_rebuild(self._context, principal, request)

    async def revert_rebuild(
        self, principal: Principal, request: RevertRebuildRequest
    ) -> RevertRebuildResponse:
        """Make what it replaced live again."""
        return await rebuilds.revert_rebuild(self._context, principal, request)

    async def drop_old_states(
        self, principal: Principal, request: DropOldStatesRequest
    ) -> DropOldStatesResponse:
        """Drop old states before their time."""
        return await rebuilds.drop_old_states(self._context, principal, request)

    def watch_rebuild(
        self, principal: Principal, request: WatchRebuildRequest
    ) -> AsyncIterator[WatchRebuildResponse]:
        """Progress, to the end."""
        return rebuild_watch.watch_rebuild(self._context, principal, request)
