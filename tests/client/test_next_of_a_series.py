"""What comes next in a series is on the list before anybody began it."""

from journey.v1.interactions_pb2 import SeriesMember, SeriesUpdated
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef
from journey_client._copy import Copy, JourneyKey
from journey_client._optimism import continue_list
from journey_client.connection import Connection
from journey_client.view import view_of
from tests.projections.acts import Story, clock

FIRST, NEXT = JourneyKey("media", "e1"), JourneyKey("media", "e2")


def copy_of_who_saw_the_first_episode() -> Copy:
    story = Story()
    tv = story.device("tv")
    members = [
        SeriesMember(journey=JourneyRef(**key._asdict()), order_key=key.journey_id)
        for key in (FIRST, NEXT)
    ]
    tv.record("series/show", SeriesUpdated(members=members), clock("19:00"))
    tv.play("00:00", "20:00", "e1").finish("60:00", "21:00")
    copy = Copy()
    for key, journey in story.journeys().items():
        copy.journeys[JourneyKey(*key.split("/", 1))] = journey
    copy.continue_keys = (NEXT,)
    return copy


def test_a_device_finds_what_comes_next_by_itself() -> None:
    copy = copy_of_who_saw_the_first_episode()
    assert continue_list(copy.journeys, clock("21:30")) == (NEXT,)


def test_a_view_holds_it_by_its_name_alone() -> None:
    copy = copy_of_who_saw_the_first_episode()
    view = view_of(copy, Connection(), frozenset(), frozenset())
    assert view.continue_list == (Journey(ref=JourneyRef(kind="media", journey_id="e2")),)
    assert NEXT not in view.journeys
