"""What services and developers get of a customer that is not there."""

from journey.v1.history_service_pb2 import ListEventsRequest, ReadEventsRequest
from journey.v1.identity_service_pb2 import GetCustomerRequest
from journey.v1.journey_service_pb2 import GetJourneyRequest, ListJourneysRequest, WatchRequest
from journey.v1.reading_pb2 import AsOf
from journey.v1.session_service_pb2 import ListSessionsRequest
from tests.transport.world import GROCERIES, World, provokes, to_the_end


@provokes("CUSTOMER_NOT_FOUND")
async def a_service_that_asks_for_a_journey_of_nobody(world: World) -> None:
    asked = GetJourneyRequest(subject_id="nobody", journey=GROCERIES)
    await world.served.journeys.GetJourney(asked, metadata=world.service)


@provokes("CUSTOMER_NOT_FOUND")
async def a_journey_of_nobody_as_of_a_moment(world: World) -> None:
    asked = GetJourneyRequest(subject_id="nobody", journey=GROCERIES, as_of=AsOf(recorded_ms=1))
    await world.served.journeys.GetJourney(asked, metadata=world.service)


@provokes("CUSTOMER_NOT_FOUND")
async def a_service_that_lists_journeys_of_nobody(world: World) -> None:
    asked = ListJourneysRequest(subject_id="nobody")
    await world.served.journeys.ListJourneys(asked, metadata=world.service)


@provokes("CUSTOMER_NOT_FOUND")
async def a_developer_that_watches_nobody(world: World) -> None:
    asked = WatchRequest(subject_id="nobody")
    developer = world.served.as_("developer")
    await to_the_end(world.served.journeys.Watch(asked, metadata=developer))


@provokes("CUSTOMER_NOT_FOUND")
async def a_service_that_lists_events_of_nobody(world: World) -> None:
    asked = ListEventsRequest(subject_id="nobody")
    await world.served.history.ListEvents(asked, metadata=world.service)


@provokes("CUSTOMER_NOT_FOUND")
async def a_service_that_reads_events_of_nobody(world: World) -> None:
    asked = ReadEventsRequest(subject_id="nobody", purpose="analytics")
    await to_the_end(world.served.history.ReadEvents(asked, metadata=world.service))


@provokes("CUSTOMER_NOT_FOUND")
async def a_service_that_lists_sessions_of_nobody(world: World) -> None:
    asked = ListSessionsRequest(subject_id="nobody")
    await world.served.sessions.ListSessions(asked, metadata=world.service)


@provokes("CUSTOMER_NOT_FOUND")
async def a_service_that_asks_who_nobody_is(world: World) -> None:
    asked = GetCustomerRequest(subject_id="nobody")
    await world.served.identity.GetCustomer(asked, metadata=world.service)


@provokes("CUSTOMER_MISMATCH")
async def a_device_that_asks_who_somebody_else_is(world: World) -> None:
    asked = GetCustomerRequest(subject_id="somebody-else")
    await world.served.identity.GetCustomer(asked, metadata=world.device)
