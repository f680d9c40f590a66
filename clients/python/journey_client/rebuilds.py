"""Rebuilds of projections: begun, followed to their end, told to rest, to go on or to stop.

rebuild = await client.start_rebuild("journeys", dry_run=True)
async for seen in client.watch_rebuild(rebuild.rebuild_id):
    print(seen.events_done, seen.events_total)
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from journey.v1 import rebuilds_pb2 as messages
from journey_client._calls import Ask, Calls, Method
from journey_client._streams import Interrupted, reopened

_SERVICE = "/journey.v1.ProjectionService/"
_START = Method(
    _SERVICE + "StartRebuild", messages.StartRebuildRequest, messages.StartRebuildResponse
)
_GET = Method(_SERVICE + "GetRebuild", messages.GetRebuildRequest, messages.GetRebuildResponse)
_LIST = Method(
    _SERVICE + "ListRebuilds", messages.ListRebuildsRequest, messages.ListRebuildsResponse
)
_CANCEL = Method(
    _SERVICE + "CancelRebuild", messages.CancelRebuildRequest, messages.CancelRebuildResponse
)
_PAUSE = Method(
    _SERVICE + "PauseRebuild", messages.PauseRebuildRequest, messages.PauseRebuildResponse
)
_RESUME = Method(
    _SERVICE + "ResumeRebuild", messages.ResumeRebuildRequest, messages.ResumeRebuildResponse
)
_REVERT = Method(
    _SERVICE + "RevertRebuild", messages.RevertRebuildRequest, messages.RevertRebuildResponse
)
_DROP = Method(
    _SERVICE + "DropOldStates", messages.DropOldStatesRequest, messages.DropOldStatesResponse
)
_WATCH = Method(
    _SERVICE + "WatchRebuild", messages.WatchRebuildRequest, messages.WatchRebuildResponse
)
_PAGE = 100


class RebuildCalls:
    """What a client can do with rebuilds."""

    _calls: Calls

    async def start_rebuild(
        self,
        projection: str,
        *,
        dry_run: bool = False,
        keep_old_ms: int | None = None,
        to_version: int = 0,
        command_id: str = "",
    ) -> messages.Rebuild:
        """Make a projection anew beside the live one; with `dry_run` only compare both.

        `keep_old_ms`: how long what is replaced is kept, None = as the service is set.
        `command_id`: a repeat with the same gets the same rebuild; empty = a new one.
        """
        request = messages.StartRebuildRequest(
            projection=projection,
            dry_run=dry_run,
            keep_old_ms=keep_old_ms,
            to_version=to_version,
            command_id=command_id or str(uuid.uuid4()),
        )
        return (await self._calls.unary(_START, _same(request))).rebuild

    async def rebuild(self, rebuild_id: str) -> messages.Rebuild:
        """One rebuild, with what differs."""
        request = messages.GetRebuildRequest(rebuild_id=rebuild_id)
        return (await self._calls.unary(_GET, _same(request))).rebuild

    async def rebuilds(self, projection: str = "") -> AsyncGenerator[messages.Rebuild]:
        """All rebuilds of a projection, or of all, newest first."""
        request = messages.ListRebuildsRequest(projection=projection, page_size=_PAGE)
        while True:
            answer = await self._calls.unary(_LIST, _same(request))
            for rebuild in answer.rebuilds:
                yield rebuild
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token

    async def watch_rebuild(self, rebuild_id: str) -> AsyncGenerator[messages.Rebuild]:
        """How it goes, over broken connections, until it has ended or this is left."""
        request = messages.WatchRebuildRequest(rebuild_id=rebuild_id)
        frames = reopened(self._calls, _WATCH, _same(request), progress=frozenset({"rebuild"}))
        async with aclosing(frames) as told:
            async for frame in told:
                if isinstance(frame, Interrupted) or not frame.HasField("rebuild"):
                    continue
                yield frame.rebuild
                if frame.rebuild.ended_at_ms:
                    return

    async def cancel_rebuild(self, rebuild_id: str) -> messages.Rebuild:
        """Stop it; the live states stay."""
        request = messages.CancelRebuildRequest(rebuild_id=rebuild_id)
        return (await self._calls.unary(_CANCEL, _same(request))).rebuild

    async def pause_rebuild(self, rebuild_id: str) -> messages.Rebuild:
        """Let it rest."""
        request = messages.PauseRebuildRequest(rebuild_id=rebuild_id)
        return (await self._calls.unary(_PAUSE, _same(request))).rebuild

    async def resume_rebuild(self, rebuild_id: str) -> messages.Rebuild:
        """Let it go on."""
        request = messages.ResumeRebuildRequest(rebuild_id=rebuild_id)
        return (await self._calls.unary(_RESUME, _same(request))).rebuild

    async def revert_rebuild(self, rebuild_id: str) -> messages.Rebuild:
        """Make what it replaced live again, while that is kept."""
        request = messages.RevertRebuildRequest(rebuild_id=rebuild_id)
        return (await self._calls.unary(_REVERT, _same(request))).rebuild

    async def drop_old_states(self, projection: str) -> messages.DropOldStatesResponse:
        """Drop old states before their time; says which, and which are still in use."""
        request = messages.DropOldStatesRequest(projection=projection)
        return await self._calls.unary(_DROP, _same(request))


def _same(request: Ask) -> partial[Ask]:
    """Every try sends the same."""
    return partial(_itself, request)


def _itself(request: Ask) -> Ask:
    return request
