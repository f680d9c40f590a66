"""The frames of a bulk read, beside what the journal holds: each as if its events were parsed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_UNSPECIFIED, Event
from journey.v1.history_service_pb2 import ReadEventsRequest
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey_service.domain.event_filter import keeps
from journey_service.domain.identity import partition_of
from journey_service.settings import Settings
from tests.application.scene import CART, DEVELOPER, Scene, added, paused, played, scene
from tests.application.subscribing import subscribe
from tests.application.taking import read_events

NAMES = ("mila", "eve", "bob")
FILTERS = {
    "none": EventFilter(),
    "types": EventFilter(types=["cart.*"]),
    "a journey": EventFilter(journeys=[CART]),
    "no telemetry": EventFilter(exclude_telemetry=True),
    "outcomes": EventFilter(outcomes=[OUTCOME_ACCEPTED, OUTCOME_UNSPECIFIED]),
}


async def history(seed: int) -> Scene:
    """What a few people did, one of whom was erased; frames hold few events."""
    random = Random(seed)
    stage = await scene(event_frame_events=random.choice([3, 500]), frame_bytes=1_500)
    devices = [await stage.device(name) for name in NAMES]
    for _ in range(12):
        sku = "x" * random.choice([1, 100])
        await random.choice(devices).record(added(sku), played(0), paused(random.randrange(90)))
    stage.store.journal.erase(random.choice(NAMES))
    return stage


def framed(events: Sequence[Event], settings: Settings) -> Iterator[list[Event]]:
    """The events of each frame by the sizes of the messages."""
    frame: list[Event] = []
    for event in events:
        size = sum(each.ByteSize() for each in [*frame, event])
        if frame and (len(frame) == settings.event_frame_events or size > settings.frame_bytes):
            yield frame
            frame = []
        frame.append(event)
    if frame:
        yield frame


@pytest.mark.parametrize("seed", range(3))
async def test_a_bulk_read_brings_what_was_recorded_frame_by_frame(seed: int) -> None:
    stage = await history(seed)
    journal, homes = stage.store.journal, sorted({partition_of(name) for name in NAMES})
    for wanted in FILTERS.values():
        for backwards in (False, True):
            read = [await journal.read_partition(home, backwards=backwards) for home in homes]
            kept = [[event for event in page if keeps(wanted)(event)] for page in read]
            request = ReadEventsRequest(filter=wanted, backwards=backwards)
            found = [one async for one in read_events(stage.application, DEVELOPER, request)]
            batches = [list(one.batch.events) for one in found if one.HasField("batch")]
            assert batches == [one for page in kept for one in framed(page, stage.settings)]
            assert found[-1].done.count == sum(map(len, kept))
            assert all(frame.checkpoint for frame in found[1:])


@pytest.mark.parametrize("what", FILTERS)
async def test_who_catches_up_is_sent_what_was_recorded(what: str) -> None:
    stage, wanted = await history(7), FILTERS[what]
    async with subscribe(stage, StartPoint(beginning=True), filter=wanted) as subscription:
        await subscription.live()
    journal, homes = stage.store.journal, sorted({partition_of(name) for name in NAMES})
    recorded = [event for home in homes for event in await journal.read_partition(home)]
    kept = [event for event in recorded if keeps(wanted)(event)]
    in_order = sorted(subscription.events, key=lambda event: (event.partition, event.position))
    assert in_order == kept
