"""etcd's validators of a watch, and KurrentDB's cases of readers, over one story of subscriptions.

Devices record while readers come, are cut, and come again. What the readers were sent is judged
afterwards, one validator a rule, against what the journal holds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import Interaction
from journey.v1.reading_pb2 import EventFilter, StartPoint
from tests.application.scene import DeviceInUse, Scene, added, played, scene
from tests.application.subscribing import BEGINNING, END, behind, subscribe

NAMES = ("mila", "eve", "bob", "kim")
CARTS_ALONE = EventFilter(types=["cart.line_added"])
Place = tuple[int, int]


@dataclass
class Frame:
    """What a reader had before a frame, and the frame's checkpoint and events."""

    before: int
    checkpoint: str
    events: Sequence[Event]


@dataclass
class Told:
    """All that one reader was sent, over its reconnects."""

    frames: list[Frame] = field(default_factory=list)
    caught_up: int = 0

    @property
    def events(self) -> list[Event]:
        return [event for frame in self.frames for event in frame.events]


@dataclass
class Story:
    """What was recorded, and what readers were told of it."""

    stage: Scene
    everything: list[Event] = field(default_factory=list)
    appends: list[list[Place]] = field(default_factory=list)
    whole: Told = field(default_factory=Told)
    carts: Told = field(default_factory=Told)
    from_middle: Told = field(default_factory=Told)
    middle: dict[int, int] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def story() -> Story:
    found = Story(await scene(event_frame_events=3))
    chance = random.Random(11)
    people = [await found.stage.device(name) for name in NAMES]
    for turn in range(12):
        await _act(found, people, chance)
        if turn == 6:
            found.middle = await found.stage.store.journal.heads()
        await _listen(found, found.whole, BEGINNING, chance)
        await _listen(found, found.carts, BEGINNING, chance, CARTS_ALONE)
        if turn > 6:
            await _listen(found, found.from_middle, await _middle(found), chance)
    for told, start, wanted in (
        (found.whole, BEGINNING, None),
        (found.carts, BEGINNING, CARTS_ALONE),
        (found.from_middle, await _middle(found), None),
    ):
        await _listen(found, told, start, chance, wanted, to_the_end=True)
    for partition in range(found.stage.store.journal.partition_count):
        found.everything += await found.stage.store.journal.read_partition(partition)
    return found


async def _act(story: Story, people: Sequence[DeviceInUse], chance: random.Random) -> None:
    for person in people:
        many = [
            chance.choice((added, _plays))(f"sku-{chance.random()}")
            for _ in range(chance.randint(1, 4))
        ]
        answer = await person.record(*many)
        story.appends.append([(each.partition, each.position) for each in answer.results])


def _plays(_: str) -> Interaction:
    return played(1_000)


async def _middle(story: Story) -> StartPoint:
    """Behind all that was there in the middle, as a reader that came then was told."""
    if not story.from_middle.frames:
        async with subscribe(story.stage, END) as reader:
            await reader.take()
            story.middle = await story.stage.store.journal.heads()
            story.from_middle.frames.append(Frame(0, reader.checkpoint, ()))
    return behind(story.from_middle.frames[0].checkpoint)


async def _listen(
    story: Story,
    told: Told,
    start: StartPoint,
    chance: random.Random,
    wanted: EventFilter | None = None,
    *,
    to_the_end: bool = False,
) -> None:
    """Go on behind the last checkpoint, take some frames, and be cut."""
    if told.frames:
        start = behind(told.frames[-1].checkpoint)
    left = chance.randint(1, 5)
    async with subscribe(story.stage, start, filter=wanted) as reader:
        while left or to_the_end:
            frame = await reader.take()
            left -= 1
            if frame.checkpoint:
                had = len(told.events)
                told.frames.append(Frame(had, frame.checkpoint, frame.batch.events))
            if frame.HasField("caught_up"):
                told.caught_up += 1
                return


def places(events: Sequence[Event]) -> list[Place]:
    return [(event.partition, event.position) for event in events]


def by_partition(events: Sequence[Event]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for partition, position in places(events):
        found.setdefault(partition, []).append(position)
    return found


# --- etcd's validators ---------------------------------------------------------------------------


def test_unique(story: Story) -> None:
    for told in (story.whole, story.carts, story.from_middle):
        assert len(set(places(told.events))) == len(told.events) > 0


def test_ordered(story: Story) -> None:
    for told in (story.whole, story.carts, story.from_middle):
        for positions in by_partition(told.events).values():
            assert positions == sorted(positions)


def test_reliable(story: Story) -> None:
    assert sorted(places(story.whole.events)) == places(story.everything)
    assert len(story.everything) > 60


def test_atomic_per_append(story: Story) -> None:
    seen = by_partition(story.whole.events)
    for append in story.appends:
        partition, first = append[0]
        start = seen[partition].index(first)
        assert [
            (partition, each) for each in seen[partition][start : start + len(append)]
        ] == append


async def test_resumable(story: Story) -> None:
    told = story.whole
    for frame in told.frames[:: max(1, len(told.frames) // 8)]:
        had = told.events[: frame.before + len(frame.events)]
        async with subscribe(story.stage, behind(frame.checkpoint)) as reader:
            await reader.until("caught_up")
        assert sorted(places(had) + reader.places) == places(story.everything)


async def test_bookmark_not_ahead(story: Story) -> None:
    told = story.carts
    for frame in told.frames[:: max(1, len(told.frames) // 8)]:
        had = told.events[: frame.before + len(frame.events)]
        async with subscribe(story.stage, behind(frame.checkpoint), filter=CARTS_ALONE) as reader:
            await reader.until("caught_up")
        assert sorted(places(had) + reader.places) == sorted(places(told.events))


def test_filtered_like_unfiltered(story: Story) -> None:
    wanted = [event for event in story.everything if event.type == "cart.line_added"]
    assert sorted(places(story.carts.events)) == places(wanted)
    assert 0 < len(wanted) < len(story.everything)


def test_no_event_before_start(story: Story) -> None:
    told = story.from_middle.events
    assert all(event.position > story.middle[event.partition] for event in told)
    behind_middle = [
        event for event in story.everything if event.position > story.middle[event.partition]
    ]
    assert sorted(places(told)) == places(behind_middle)


# --- KurrentDB's readers -------------------------------------------------------------------------


async def test_caught_up_once(story: Story) -> None:
    async with subscribe(story.stage) as reader:
        await reader.until("caught_up")
        person = await story.stage.device("mila")
        said = []
        for number in range(3):
            await person.record(added(f"more-{number}"))
            said.append((await reader.take()).WhichOneof("content"))
    assert said == ["batch"] * 3


async def test_fell_behind_then_caught_up() -> None:
    stage = await scene(event_frame_events=2)
    person = await stage.device("mila")
    async with subscribe(stage) as reader:
        await reader.until("caught_up")
        for number in range(40):
            await person.record(added(f"sku-{number}"))
        while len(reader.events) < 41:
            await reader.take()
    assert [event.version for event in reader.events] == [*range(1, 42)]
