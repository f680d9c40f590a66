"""What gets calls on projections refused."""

from journey.v1.projection_service_pb2 import (
    GetStateRequest,
    IndexMatch,
    ListStatesRequest,
    RetryProjectionRequest,
    SkipEventRequest,
)
from journey.v1.subscription_service_pb2 import WatchProjectionRequest
from journey_service.domain.tokens import Checkpoint
from tests.transport.world import World, provokes, to_the_end


async def lists(world: World, asked: ListStatesRequest, *scopes: str) -> None:
    metadata = world.served.as_("service", "reader", scopes=list(scopes))
    await world.served.projections.ListStates(asked, metadata=metadata)


@provokes("PROJECTION_NOT_FOUND")
async def a_state_of_an_unknown_projection(world: World) -> None:
    asked = GetStateRequest(projection="profit", key="c")
    await world.served.projections.GetState(asked, metadata=world.service)


@provokes("PROJECTION_NOT_FOUND")
async def a_retry_of_an_unknown_projection(world: World) -> None:
    asked = RetryProjectionRequest(projection="profit")
    await world.served.projections.RetryProjection(asked, metadata=world.served.as_("operator"))


@provokes("FIELD_VIOLATIONS")
async def a_field_by_which_nothing_is_found(world: World) -> None:
    match = IndexMatch(field="color", value="red")
    asked = ListStatesRequest(projection="journeys", index=[match])
    await lists(world, asked, "projection.read")


@provokes("FIELD_VIOLATIONS")
async def a_skip_where_nothing_stopped(world: World) -> None:
    asked = SkipEventRequest(projection="journeys", position=1, reason="it is broken")
    await world.served.projections.SkipEvent(asked, metadata=world.served.as_("operator"))


@provokes("SCOPE_MISSING")
async def a_list_without_its_scope(world: World) -> None:
    await lists(world, ListStatesRequest(projection="journeys"), "projection.read:purchases")


async def watches(world: World, asked: WatchProjectionRequest, role: str = "developer") -> None:
    metadata = world.served.as_(role, "reader")
    await to_the_end(world.served.subscriptions.WatchProjection(asked, metadata=metadata))


@provokes("TOKEN_MISMATCH")
async def a_watch_behind_a_place_among_events(world: World) -> None:
    place = world.tokens().seal_checkpoint(Checkpoint(epoch="1", positions={0: 0}))
    asked = WatchProjectionRequest(projection="journeys", consumer="ads", checkpoint=place)
    await watches(world, asked)


@provokes("FIELD_VIOLATIONS")
async def a_watch_of_too_many_states(world: World) -> None:
    keys = [f"mila/cart/{number}" for number in range(101)]
    await watches(world, WatchProjectionRequest(projection="journeys", consumer="ads", keys=keys))


@provokes("SCOPE_MISSING")
async def a_watch_without_its_scope(world: World) -> None:
    asked = WatchProjectionRequest(projection="journeys", consumer="ads")
    await watches(world, asked, "service")


@provokes("CUSTOMER_MISMATCH")
async def a_state_of_somebody_else(world: World) -> None:
    asked = GetStateRequest(projection="journeys", key="somebody-else/cart/main")
    await world.served.projections.GetState(asked, metadata=world.device)


@provokes("TOKEN_MISMATCH")
async def a_list_that_must_contain_a_damaged_token(world: World) -> None:
    await lists(world, ListStatesRequest(projection="journeys", at_least="x"), "projection.read")


@provokes("JOURNAL_REWOUND")
async def a_list_that_must_contain_what_was_not_kept(world: World) -> None:
    lost = world.tokens().seal_checkpoint(Checkpoint(epoch="another", positions={0: 9}))
    await lists(world, ListStatesRequest(projection="journeys", at_least=lost), "projection.read")


@provokes("PROJECTION_BEHIND", at_least_wait_ms=30)
async def a_list_that_must_contain_what_is_not_stored(world: World) -> None:
    ahead = world.tokens().seal_checkpoint(Checkpoint(epoch="1", positions={0: 9}))
    await lists(world, ListStatesRequest(projection="journeys", at_least=ahead), "projection.read")
