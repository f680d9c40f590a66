"""The stage of rebuilds as callers see them: a small shop, and one process that works at them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import projections
from journey.v1 import rebuilds_pb2 as pb
from journey_service.domain.identity import Principal
from projections.rebuilder import Rebuilder
from projections.runner import Runner
from tests.application.scene import DEVELOPER, Scene, added, paused, played, scene
from tests.projections.rebuilt import Folding, view_of

NAME, VERSION = projections.JOURNEYS.name, projections.JOURNEYS.version


@dataclass
class Stage:
    """A small shop whose journeys are live, and one process that works at rebuilds."""

    scene: Scene
    rebuilder: Rebuilder

    async def start(self, command: str = "", **facts: Any) -> pb.Rebuild:
        request = pb.StartRebuildRequest(
            projection=facts.pop("projection", NAME),
            command_id=command or str(uuid.uuid4()),
            **facts,
        )
        answer = await self.scene.application.start_rebuild(DEVELOPER, request)
        return answer.rebuild

    async def get(self, rebuild: pb.Rebuild, principal: Principal = DEVELOPER) -> pb.Rebuild:
        request = pb.GetRebuildRequest(rebuild_id=rebuild.rebuild_id)
        return (await self.scene.application.get_rebuild(principal, request)).rebuild

    async def end(self, rebuild: pb.Rebuild) -> pb.Rebuild:
        while await self.rebuilder.turn():
            pass
        return await self.get(rebuild)

    def watch(self, rebuild: pb.Rebuild) -> AsyncIterator[pb.WatchRebuildResponse]:
        request = pb.WatchRebuildRequest(rebuild_id=rebuild.rebuild_id)
        return self.scene.application.watch_rebuild(DEVELOPER, request)


async def stage(folding: Folding | None = None, **changes: Any) -> Stage:
    """Two films and a cart, folded to live states."""
    made = await scene(partition_count=4, rebuild_look_ms=10, rebuild_watch_ms=10, **changes)
    phone = await made.device()
    await phone.record(played(0), paused(30_000), added("tea"))
    store = made.store
    runner = Runner(projections.JOURNEYS, store.journal, store.states, owner="runner")
    await runner.catch_up()
    await runner.release()
    view = view_of(folding)
    working = Rebuilder([view], store.journal, store.rebuilds, owner="builder", stops=store.stops)
    return Stage(made, working)
