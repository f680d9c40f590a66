"""What gets looks into the past refused."""

from journey.v1.history_service_pb2 import DiffJourneyRequest, PlayEventsRequest
from journey.v1.journey_service_pb2 import GetJourneyRequest
from journey.v1.reading_pb2 import AsOf, StartPoint
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.tokens import Checkpoint, hashed
from tests.transport.world import World, provokes, to_the_end

CART = JourneyRef(kind="cart", journey_id="main")
LONG_AGO = AsOf(recorded_ms=1)


@provokes("JOURNEY_NOT_FOUND")
async def a_journey_before_its_first_event(world: World) -> None:
    session = await world.served.open_session()
    asked = GetJourneyRequest(subject_id=session.subject_id, journey=CART, as_of=LONG_AGO)
    await world.served.journeys.GetJourney(asked, metadata=world.device)


@provokes("JOURNEY_NOT_FOUND")
async def a_journey_that_was_at_neither_point(world: World) -> None:
    session = await world.served.open_session()
    asked = DiffJourneyRequest(subject_id=session.subject_id, journey=CART, before=LONG_AGO)
    await world.served.history.DiffJourney(asked, metadata=world.device)


@provokes("CUSTOMER_NOT_FOUND")
async def two_points_of_nobody(world: World) -> None:
    asked = DiffJourneyRequest(subject_id="nobody", journey=CART, before=LONG_AGO)
    await world.served.history.DiffJourney(asked, metadata=world.service)


@provokes("CUSTOMER_NOT_FOUND")
async def a_play_of_nobody(world: World) -> None:
    asked = PlayEventsRequest(subject_id="nobody")
    await to_the_end(world.served.history.PlayEvents(asked, metadata=world.service))


@provokes("CUSTOMER_MISMATCH")
async def two_points_of_somebody_else(world: World) -> None:
    asked = DiffJourneyRequest(subject_id="somebody-else", journey=CART, before=LONG_AGO)
    await world.served.history.DiffJourney(asked, metadata=world.device)


@provokes("FIELD_VIOLATIONS")
async def a_moment_that_is_still_to_come(world: World) -> None:
    still_to_come = AsOf(occurred_ms=2**53)
    asked = DiffJourneyRequest(subject_id="c", journey=CART, before=still_to_come)
    await world.served.history.DiffJourney(asked, metadata=world.service)


@provokes("TOKEN_MISMATCH")
async def a_token_of_another_customer(world: World) -> None:
    token = world.tokens().seal_checkpoint(Checkpoint(epoch="1", versions=hashed({"ben": 1})))
    asked = DiffJourneyRequest(subject_id="c", journey=CART, before=AsOf(token=token))
    await world.served.history.DiffJourney(asked, metadata=world.service)


@provokes("CHECKPOINT_AHEAD")
async def a_play_from_behind_the_end(world: World) -> None:
    subject_id = (await world.served.open_session()).subject_id
    token = world.tokens().seal_checkpoint(Checkpoint(epoch="1", versions=hashed({subject_id: 9})))
    asked = PlayEventsRequest(subject_id=subject_id, start=StartPoint(checkpoint=token))
    await to_the_end(world.served.history.PlayEvents(asked, metadata=world.service))
