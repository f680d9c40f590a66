from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import ReadEventsRequest, ReadEventsResponse
from journey.v1.reading_pb2 import EventBatch
from journey.v1.stream_pb2 import GoingAway, StreamDone, StreamOpened
from journey_client import connect, errors
from journey_client.connection import ConnectionSettings
from tests.client.scripted import REQUESTS, Script, refuse, serving

OPENED = ReadEventsResponse(opened=StreamOpened())
DONE = ReadEventsResponse(done=StreamDone(), checkpoint="end")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journey_client.connection.DEFAULTS", ConnectionSettings(first_wait_ms=1))
    monkeypatch.setitem(REQUESTS, "ReadEvents", ReadEventsRequest)


def batch(*versions: int) -> ReadEventsResponse:
    events = [Event(version=version) for version in versions]
    return ReadEventsResponse(batch=EventBatch(events=events), checkpoint=f"c{versions[-1]}")


def plays(*streams: list[ReadEventsResponse]) -> Any:
    left = list(streams)

    async def read(_: Any, __: Any) -> AsyncIterator[ReadEventsResponse]:
        for frame in left.pop(0):
            yield frame

    return read


async def read(script: Script, **wanted: Any) -> list[int]:
    async with serving(script), connect(script.address, token="t", service=True) as client:
        pages = [page async for page in client.read_events(**wanted)]
    return [event.version for page in pages for event in page.events]


async def test_a_broken_read_goes_on_behind_the_last_page() -> None:
    script = Script()
    script.stream["ReadEvents"] = plays([OPENED, batch(1, 2)], [OPENED, batch(3), DONE])
    assert await read(script, limit=10) == [1, 2, 3]
    first, second = script.of("ReadEvents")
    assert not first.HasField("start")
    assert (second.start.checkpoint, second.limit) == ("c2", 8)


async def test_a_read_that_breaks_behind_its_last_event_does_not_go_on_without_a_limit() -> None:
    script = Script()
    script.stream["ReadEvents"] = plays([OPENED, batch(1, 2)], [OPENED, batch(3), DONE])
    assert await read(script, limit=2) == [1, 2]
    assert len(script.of("ReadEvents")) == 1


async def test_a_read_that_is_sent_away_goes_on_elsewhere() -> None:
    script = Script()
    away = ReadEventsResponse(going_away=GoingAway(retry_after_ms=1))
    script.stream["ReadEvents"] = plays([OPENED, batch(1), away], [OPENED, DONE])
    assert await read(script) == [1]
    assert script.of("ReadEvents")[1].start.checkpoint == "c1"


async def test_a_read_that_is_refused_is_an_error() -> None:
    script = Script()

    async def refused(_: Any, context: Any) -> AsyncIterator[ReadEventsResponse]:
        yield OPENED
        await refuse(context, "CHECKPOINT_AHEAD", grpc.StatusCode.OUT_OF_RANGE)

    script.stream["ReadEvents"] = refused
    with pytest.raises(errors.CheckpointAhead):
        await read(script)


async def test_a_read_that_never_works_gives_up() -> None:
    script = Script()
    script.stream["ReadEvents"] = plays(*[[OPENED]] * 20)
    with pytest.raises(Exception, match="before all was sent"):
        await read(script)
    assert len(script.of("ReadEvents")) == 9
