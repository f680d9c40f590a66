"""A customer of several subjects in the past: whose journeys were one, by the links of then."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.history_service_pb2 import (
    EVENT_ORDER_OCCURRENCE,
    EVENT_ORDER_RECORDED,
    DiffJourneyRequest,
    DiffJourneyResponse,
    PlayEventsRequest,
    PlayEventsResponse,
    ReadEventsRequest,
)
from journey.v1.interactions_pb2 import LinkEvidence
from journey.v1.journey_service_pb2 import GetJourneyRequest
from journey.v1.journeys_pb2 import Journey
from journey.v1.reading_pb2 import AsOf, EndPoint, StartPoint
from journey_service.application import past
from journey_service.application import play as playing
from journey_service.application.in_order import as_happened
from journey_service.domain.customers import Customer, Link, Member
from journey_service.domain.errors import (
    CheckpointAhead,
    JourneyNotFound,
    TokenMismatch,
)
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import hashed
from journey_service.store.memory.journal import Stream
from tests.application.linking import link
from tests.application.scene import CART, DEVELOPER, Scene, added, played, scene
from tests.application.taking import read_events
from tests.application.test_past import made
from tests.projections.acts import fold
from tests.projections.histories import SUBJECTS, examples, histories

MILA = Principal(ROLE_DEVICE, "mila", "mila")
VISITOR = Principal(ROLE_DEVICE, "visitor", "visitor")


class Story:
    """Mila has tea in her cart; as a visitor she adds a mug and plays a film, then signs in, and
    buys a rug. A second lies between all that happens."""

    async def begin(self) -> Story:
        self.stage = await scene()
        self.tokens: dict[str, str] = {}
        self.moments: dict[str, int] = {}
        mila, visitor = await self.stage.device("mila"), await self.stage.device("visitor")
        self.tokens["tea"] = (await mila.record(added("tea"))).write_token
        await self.passes("tea")
        self.tokens["mug"] = (await visitor.record(added("mug"), played(9_000))).write_token
        await self.passes("mug")
        await link(self.stage, "mila", "visitor", "mila")
        await self.passes("link")
        self.tokens["rug"] = (await mila.record(added("rug"))).write_token
        await self.passes("rug")
        return self

    async def passes(self, what: str) -> None:
        """What each of them is answered then, and when it was."""
        for name in ("mila", "visitor"):
            request = GetJourneyRequest(subject_id=name, journey=CART)
            with contextlib.suppress(JourneyNotFound):
                answer = await self.stage.application.get_journey(DEVELOPER, request, deadline=None)
                self.tokens[f"{name} after {what}"] = answer.token
        self.moments[what] = self.stage.application.now_ms()
        self.stage.pass_by(1_000)

    async def then(self, name: str = "mila", who: Principal = DEVELOPER, **point: Any) -> list[str]:
        request = GetJourneyRequest(subject_id=name, journey=CART, as_of=AsOf(**point))
        answer = await self.stage.application.get_journey(who, request, deadline=None)
        return skus(answer.journey)


def skus(journey: Journey) -> list[str]:
    return sorted(line.product.sku for line in journey.cart.lines)


async def story() -> Story:
    return await Story().begin()


@pytest.mark.parametrize("sort", ["recorded_ms", "occurred_ms"])
async def test_at_a_time_the_links_count_that_were_made_by_then(sort: str) -> None:
    told = await story()
    at: dict[str, dict[str, Any]] = {name: {sort: moment} for name, moment in told.moments.items()}
    assert await told.then(**at["tea"]) == ["tea"]
    assert await told.then(**at["mug"]) == ["tea"]
    assert await told.then("visitor", **at["mug"]) == ["mug"]
    assert (
        await told.then(**at["link"]) == await told.then("visitor", **at["link"]) == ["mug", "tea"]
    )
    assert await told.then("visitor", **at["rug"]) == ["mug", "rug", "tea"]
    with pytest.raises(JourneyNotFound, match=r"its first event was recorded"):
        await told.then("visitor", **at["tea"])


async def test_as_of_the_token_of_an_answer_the_journey_is_what_was_answered() -> None:
    told = await story()
    assert await told.then(token=told.tokens["mila after tea"]) == ["tea"]
    assert await told.then(token=told.tokens["mila after mug"]) == ["tea"]
    assert await told.then("visitor", token=told.tokens["visitor after mug"]) == ["mug"]
    assert await told.then(token=told.tokens["mila after link"]) == ["mug", "tea"]
    assert await told.then(token=told.tokens["visitor after rug"]) == ["mug", "rug", "tea"]
    # What the visitor was answered before the sign-in is told to the account as it was.
    assert await told.then(token=told.tokens["visitor after mug"]) == ["mug"]


async def test_a_write_token_stands_for_the_moment_of_the_write() -> None:
    told = await story()
    assert await told.then(token=told.tokens["tea"]) == ["tea"]
    assert await told.then("visitor", token=told.tokens["mug"]) == ["mug"]
    assert await told.then("visitor", token=told.tokens["rug"]) == ["mug", "rug", "tea"]


async def test_a_checkpoint_of_the_journal_holds_each_stream_up_to_its_place() -> None:
    told = await story()
    journal = told.stage.store.journal

    async def checkpoint(mila: int, visitor: int) -> str:
        places = dict.fromkeys(range(journal.partition_count), 0)
        for name, version in (("mila", mila), ("visitor", visitor)):
            event = journal.streams[name].events[version - 1]
            places[event.partition] = event.position
        return made(of=told.stage, positions=places)

    # Versions: session opened, act, ..., the link.
    assert await told.then(token=await checkpoint(2, 3)) == ["tea"]
    assert await told.then(token=await checkpoint(3, 4)) == ["mug", "tea"]
    assert await told.then("visitor", token=await checkpoint(4, 4)) == ["mug", "rug", "tea"]


async def test_a_link_counts_from_when_it_was_recorded_with_what_came_with_it() -> None:
    told = await story()
    made_at_ms = (await told.stage.store.identities.customer("mila")).links[0].made_at_ms
    for name in ("mila", "visitor"):
        for event in told.stage.store.journal.streams[name].events:
            if event.type == "identity.subjects_linked":
                event.recorded_at_ms = made_at_ms + 3
    assert await told.then(recorded_ms=made_at_ms) == ["tea"]
    assert await told.then(recorded_ms=made_at_ms + 2) == ["tea"]
    assert await told.then(recorded_ms=made_at_ms + 3) == ["mug", "tea"]
    assert await told.then(occurred_ms=made_at_ms) == ["mug", "tea"]


async def test_a_token_of_others_or_from_ahead_is_refused_of_any_member() -> None:
    told = await story()
    with pytest.raises(TokenMismatch, match="another customer"):
        await told.then(token=made(of=told.stage, versions=hashed({"ben": 1})))
    with pytest.raises(CheckpointAhead, match="ends at 4"):
        await told.then(token=made(of=told.stage, versions=hashed({"mila": 1, "visitor": 99})))


async def test_a_device_that_is_not_signed_in_looks_back_on_its_own_alone() -> None:
    told = await story()
    latest: dict[str, Any] = {"recorded_ms": told.moments["rug"]}
    assert await told.then("", VISITOR, **latest) == ["mug"]
    assert await told.then("", MILA, **latest) == ["mug", "rug", "tea"]


# --- two points ----------------------------------------------------------------------------------


async def diff(told: Story, before: AsOf, after: AsOf | None = None) -> DiffJourneyResponse:
    request = DiffJourneyRequest(subject_id="mila", journey=CART, before=before, after=after)
    return await told.stage.application.diff_journey(DEVELOPER, request)


def told_skus(events: list[Event]) -> list[str]:
    return [each.interaction.cart_line_added.line.product.sku for each in events]


async def test_what_a_link_brought_lies_between_the_points_before_and_after_it() -> None:
    told = await story()
    found = await diff(told, AsOf(recorded_ms=told.moments["mug"]))
    assert (skus(found.before), skus(found.after)) == (["tea"], ["mug", "rug", "tea"])
    assert told_skus(list(found.events)) == ["mug", "rug"]
    tokens = [AsOf(token=told.tokens[f"mila after {what}"]) for what in ("link", "rug")]
    assert told_skus(list((await diff(told, *tokens)).events)) == ["rug"]
    first = AsOf(token=told.tokens["mila after mug"])
    assert told_skus(list((await diff(told, first, tokens[1])).events)) == ["mug", "rug"]
    assert told_skus(list((await diff(told, tokens[1], first)).events)) == ["mug", "rug"]


# --- played --------------------------------------------------------------------------------------


async def frames(stage: Scene, **asked: Any) -> list[PlayEventsResponse]:
    request = PlayEventsRequest(subject_id="visitor", include_state=True, **asked)
    return [frame async for frame in stage.application.play_events(DEVELOPER, request)]


BOTH_ORDERS = [EVENT_ORDER_OCCURRENCE, EVENT_ORDER_RECORDED]


@pytest.mark.parametrize("order", BOTH_ORDERS)
async def test_all_subjects_are_played_with_the_state_of_their_union(
    order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await story()
    streams = told.stage.store.journal.streams
    events = [*streams["mila"].events, *streams["visitor"].events]
    # Less than the streams are long is read at once.
    monkeypatch.setattr(past, "PAGE", 2)
    monkeypatch.setattr(playing, "PAGE", 2)
    played_ = await frames(told.stage, order=order)
    assert [frame.WhichOneof("content") for frame in (played_[0], played_[-1])] == [
        "opened",
        "done",
    ]
    steps = [frame.step for frame in played_[1:-1]]
    assert len(steps) == len(events) == played_[-1].done.count
    so_far: list[Event] = []
    for step in steps:
        so_far.append(step.event)
        if step.journey.ref == CART:
            wanted = projections.publish_all(fold(so_far))["cart/main"]
            assert step.journey.cart == wanted.cart
    assert skus(steps[-1].journey) == ["mug", "rug", "tea"]


@pytest.mark.parametrize("order", BOTH_ORDERS)
async def test_a_play_goes_on_behind_any_of_its_frames(order: int) -> None:
    told = await story()
    for event in told.stage.store.journal.streams["visitor"].events:
        # Some of both happened at the same moment.
        mine = told.stage.store.journal.streams["mila"].events[event.version - 1]
        event.occurrence.CopyFrom(mine.occurrence)
    whole = await frames(told.stage, order=order)
    for index, frame in enumerate(whole[1:-1], 2):
        start = StartPoint(checkpoint=frame.checkpoint)
        rest = await frames(told.stage, order=order, start=start)
        assert [each.step.event for each in rest[1:-1]] == [
            each.step.event for each in whole[index:-1]
        ]
        assert [each.step.journey for each in rest[1:-1]] == [
            each.step.journey for each in whole[index:-1]
        ]


async def test_a_play_begins_and_ends_where_all_subjects_stood() -> None:
    told = await story()
    from_link = await frames(told.stage, start=StartPoint(recorded_ms=told.moments["mug"] + 1))
    assert [each.step.event.type for each in from_link[1:-1]] == [
        "identity.subjects_linked",
        "identity.subjects_linked",
        "cart.line_added",
    ]
    assert skus(from_link[-2].step.journey) == ["mug", "rug", "tea"]
    # A play as things happened goes on over what it began with.
    middle = StartPoint(checkpoint=from_link[1].checkpoint)
    assert len(await frames(told.stage, start=middle)) == len(from_link) - 1
    up_to = await frames(told.stage, end=EndPoint(recorded_ms=told.moments["mug"] + 1))
    assert len(up_to) == len(await frames(told.stage)) - 3
    assert [
        part.WhichOneof("content") for part in await frames(told.stage, start=StartPoint(end=True))
    ] == ["opened", "done"]


async def test_a_play_goes_on_from_a_place_of_a_read_and_ends_at_one() -> None:
    told = await story()
    request = ReadEventsRequest(subject_id="mila", limit=4)
    read = [frame async for frame in read_events(told.stage.application, DEVELOPER, request)]
    place = read[-1].checkpoint
    rest = await frames(told.stage, order=EVENT_ORDER_RECORDED, start=StartPoint(checkpoint=place))
    first = await frames(told.stage, order=EVENT_ORDER_RECORDED, end=EndPoint(checkpoint=place))
    assert (len(first) - 2, len(rest) - 2) == (4, 4)


# --- any history ---------------------------------------------------------------------------------


async def linked_long_ago(history: list[Event]) -> tuple[Scene, dict[str, list[Event]]]:
    """Two who are one customer since the beginning, and what each of them did."""
    stage = await scene()
    evidence = LinkEvidence(kind=LinkEvidence.KIND_CARRIED_OVER)
    joint = Link("link", *SUBJECTS, evidence, made_at_ms=1)
    customer = Customer(tuple(map(Member, SUBJECTS)), (joint,), membership=1)
    streams = {name: [each for each in history if each.subject_id == name] for name in SUBJECTS}
    for name, events in streams.items():
        stage.store.journal.customers[name] = customer
        stage.store.journal.streams[name] = Stream(events=events)
    return stage, streams


@examples(8)
@given(history=histories(most=10), data=st.data())
async def test_the_state_as_of_any_versions_is_the_fold_of_those_prefixes(
    history: list[Event], data: st.DataObject
) -> None:
    stage, streams = await linked_long_ago(history)
    versions = {name: data.draw(st.integers(0, len(streams[name]))) for name in SUBJECTS}
    events = [each for name in SUBJECTS for each in streams[name][: versions[name]]]
    moment_ms = stage.application.now_ms()
    token = made(of=stage, versions=hashed(versions), issued_ms=moment_ms)
    for key, journey in projections.publish_all(fold(events)).items():
        journey.archived = projections.archived(journey, moment_ms)
        journey.finished = projections.finished(journey, moment_ms)
        asked = GetJourneyRequest(
            subject_id=SUBJECTS[0], journey=journey.ref, as_of=AsOf(token=token)
        )
        found = await stage.application.get_journey(DEVELOPER, asked, deadline=None)
        assert found.journey == journey, key


@examples(12)
@given(history=histories(most=12), data=st.data())
async def test_a_play_tells_the_fold_of_all_that_was_played_wherever_it_was_cut(
    history: list[Event], data: st.DataObject
) -> None:
    stage, _ = await linked_long_ago(history)
    whole = await frames(stage)
    cut = data.draw(st.integers(1, len(whole) - 1))
    checkpoint = whole[cut].checkpoint
    rest = await frames(stage, start=StartPoint(checkpoint=checkpoint))
    steps = [frame.step for frame in (*whole[1 : cut + 1], *rest[1:]) if frame.HasField("step")]
    assert [each.event for each in steps] == sorted(
        (each for each in history if each.outcome == OUTCOME_ACCEPTED), key=as_happened
    )
    folds: dict[str, JourneyFold] = {}
    for step in steps:
        touched = projections.keys_of(step.event)
        projections.fold_event(folds, step.event)
        if touched:
            expected = projections.publish_all(folds)[touched[0]]
            assert step.journey.checksum == expected.checksum
