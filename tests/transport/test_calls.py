import asyncio

import grpc
import pytest

from journey.v1.journey_service_pb2 import GetJourneyRequest, ListJourneysRequest, WatchRequest
from journey.v1.references_pb2 import JourneyRef
from tests.transport.serving import batch, listed, serving


async def test_what_is_recorded_can_be_read_and_is_watched() -> None:
    async with serving() as served:
        session = await served.open_session()
        me = served.as_("device")
        watch = served.journeys.Watch(WatchRequest(session_id=session.session_id), metadata=me)
        kinds = []
        while "caught_up" not in kinds:
            kinds.append((await watch.read()).WhichOneof("content"))
        answer = await served.journeys.Record(batch(session), metadata=me)
        assert [result.version > 0 for result in answer.results] == [True], answer
        frame = await watch.read()
        print(kinds, frame)
        read = await served.journeys.GetJourney(
            GetJourneyRequest(journey=JourneyRef(kind="list", journey_id="groceries")), metadata=me
        )
        print(read)
        watch.cancel()
        for line in served.lines():
            print(line)
    assert 0
