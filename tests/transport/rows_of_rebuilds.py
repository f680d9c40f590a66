"""What gets calls on rebuilds refused."""

import uuid

from journey.v1.rebuilds_pb2 import (
    CancelRebuildRequest,
    DropOldStatesRequest,
    GetRebuildRequest,
    ListRebuildsRequest,
    PauseRebuildRequest,
    ResumeRebuildRequest,
    RevertRebuildRequest,
    StartRebuildRequest,
    WatchRebuildRequest,
)
from tests.transport.world import World, provokes, to_the_end

UNKNOWN = "journeys.77"


async def start(world: World, command: str, **facts: object) -> None:
    asked = StartRebuildRequest(projection="journeys", command_id=command, **facts)  # type: ignore[arg-type]
    await world.served.projections.StartRebuild(asked, metadata=world.served.as_("operator"))


@provokes("REBUILD_NOT_FOUND")
async def an_unknown_rebuild(world: World) -> None:
    asked = GetRebuildRequest(rebuild_id=UNKNOWN)
    await world.served.projections.GetRebuild(asked, metadata=world.served.as_("developer"))


@provokes("REBUILD_NOT_FOUND")
async def a_cancel_of_an_unknown_rebuild(world: World) -> None:
    asked = CancelRebuildRequest(rebuild_id=UNKNOWN)
    await world.served.projections.CancelRebuild(asked, metadata=world.served.as_("operator"))


@provokes("REBUILD_NOT_FOUND")
async def a_pause_of_an_unknown_rebuild(world: World) -> None:
    asked = PauseRebuildRequest(rebuild_id=UNKNOWN)
    await world.served.projections.PauseRebuild(asked, metadata=world.served.as_("operator"))


@provokes("REBUILD_NOT_FOUND")
async def a_resume_of_an_unknown_rebuild(world: World) -> None:
    asked = ResumeRebuildRequest(rebuild_id=UNKNOWN)
    await world.served.projections.ResumeRebuild(asked, metadata=world.served.as_("operator"))


@provokes("REBUILD_NOT_FOUND")
async def a_revert_of_an_unknown_rebuild(world: World) -> None:
    asked = RevertRebuildRequest(rebuild_id=UNKNOWN)
    await world.served.projections.RevertRebuild(asked, metadata=world.served.as_("operator"))


@provokes("REBUILD_NOT_FOUND")
async def a_watch_of_an_unknown_rebuild(world: World) -> None:
    asked = WatchRebuildRequest(rebuild_id=UNKNOWN)
    metadata = world.served.as_("developer")
    await to_the_end(world.served.projections.WatchRebuild(asked, metadata=metadata))


@provokes("REBUILD_RUNNING")
async def a_second_rebuild_at_once(world: World) -> None:
    await start(world, str(uuid.uuid4()))
    await start(world, str(uuid.uuid4()))


@provokes("COMMAND_ID_REUSED")
async def a_command_that_begins_another_rebuild(world: World) -> None:
    command = str(uuid.uuid4())
    await start(world, command)
    await start(world, command, dry_run=True)


@provokes("PROJECTION_NOT_FOUND")
async def old_states_of_an_unknown_projection(world: World) -> None:
    asked = DropOldStatesRequest(projection="profit")
    await world.served.projections.DropOldStates(asked, metadata=world.served.as_("operator"))


@provokes("TOKEN_MISMATCH")
async def rebuilds_behind_a_damaged_token(world: World) -> None:
    asked = ListRebuildsRequest(page_token="x")
    await world.served.projections.ListRebuilds(asked, metadata=world.served.as_("developer"))
