"""GetJourney as of a point in the past: by token, by what was recorded, by what had occurred."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import ReadEventsRequest
from journey.v1.interactions_pb2 import Interaction, SeriesMember, SeriesUpdated
from journey.v1.journey_service_pb2 import GetJourneyRequest, RecordRequest
from journey.v1.journeys_pb2 import Journey
from journey.v1.reading_pb2 import AsOf
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.errors import (
    CheckpointAhead,
    CustomerNotFound,
    FieldViolations,
    JourneyNotFound,
    TokenMismatch,
)
from journey_service.domain.identity import partition_of
from journey_service.domain.tokens import Checkpoint, Tokens, WriteToken, hashed
from journey_service.store.memory.journal import Stream
from tests.application.scene import (
    CART,
    DEVELOPER,
    FILM,
    SERVICE,
    Scene,
    added,
    paused,
    played,
    scene,
    uuid7,
)
from tests.application.taking import read_events
from tests.projections.acts import fold
from tests.projections.histories import examples, histories

DAY_MS = 24 * 3_600_000
SERIES = JourneyRef(kind="series", journey_id="nights")


async def then(stage: Scene, ref: JourneyRef = CART, **point: object) -> Journey:
    """A journey of mila at a point in the past."""
    request = GetJourneyRequest(subject_id="mila", journey=ref, as_of=AsOf(**point))  # type: ignore[arg-type]
    return (await stage.application.get_journey(DEVELOPER, request, deadline=None)).journey


def made(**token: object) -> str:
    """A journal's own checkpoint of any content."""
    stage: Scene = token.pop("of")  # type: ignore[assignment]
    journal = stage.store.journal
    sealed = Checkpoint(epoch=journal.epoch, **token)  # type: ignore[arg-type]
    return Tokens([b"k" * 32], journal.journal_id).seal_checkpoint(sealed)


async def imported(stage: Scene, *interactions: Interaction, at_ms: int) -> None:
    """Facts of another system, at their own time."""
    for interaction in interactions:
        interaction.event_id, interaction.wall_ms = uuid7(), at_ms
    request = RecordRequest(subject_id="mila", installation_id="shop", interactions=interactions)
    now_ms = stage.application.now_ms()
    await stage.application.record(SERVICE, request, received_ms=now_ms, deadline=None)


async def test_as_of_the_token_of_an_answer_the_journey_is_what_was_answered() -> None:
    stage = await scene()
    phone = await stage.device()
    told = SeriesUpdated(members=[SeriesMember(journey=FILM, order_key="1")])
    await imported(stage, Interaction(journey=SERIES, series_updated=told), at_ms=1)
    await phone.record(played(0), paused(80_000))
    asked = [GetJourneyRequest(subject_id="mila", journey=ref) for ref in (FILM, SERIES)]
    first = [await stage.application.get_journey(DEVELOPER, one, deadline=None) for one in asked]
    assert first[1].journey.series.current == FILM
    await phone.record(played(80_000, run="b"), paused(5_399_000, 80_000, run="b"))
    for answer in first:
        again = await then(stage, answer.journey.ref, token=answer.token)
        assert again.SerializeToString(deterministic=True) == answer.journey.SerializeToString(
            deterministic=True
        )


async def test_what_follows_from_the_time_that_went_by_is_told_as_of_that_moment() -> None:
    stage = await scene()
    long_ago = stage.application.now_ms() - 500 * DAY_MS
    await imported(stage, added("tea"), at_ms=long_ago)
    assert not (await then(stage, occurred_ms=long_ago)).archived
    assert (await then(stage, occurred_ms=long_ago + 450 * DAY_MS)).archived


async def test_as_of_a_moment_counts_what_was_recorded_or_had_occurred_by_then() -> None:
    stage = await scene()
    phone = await stage.device()
    await imported(stage, added("tea"), at_ms=stage.application.now_ms() - DAY_MS)
    await phone.record(added("tea", 2))
    stream = stage.store.journal.streams["mila"].events
    events = [event for event in stream if event.type == "cart.line_added"]
    events[0].recorded_at_ms -= 60_000
    between = events[0].recorded_at_ms
    assert (await then(stage, recorded_ms=between)).cart.lines[0].quantity == 1
    assert (await then(stage, recorded_ms=events[1].recorded_at_ms)).cart.lines[0].quantity == 3
    assert (await then(stage, occurred_ms=between)).cart.lines[0].quantity == 1


async def test_before_the_first_event_there_is_no_journey_and_it_is_told_when_they_begin() -> None:
    stage = await scene()
    await (await stage.device()).record(added("tea"))
    with pytest.raises(JourneyNotFound, match=r"no journey cart/main at 1970.*first event was"):
        await then(stage, recorded_ms=1)
    with pytest.raises(JourneyNotFound, match=r"no journey cart/main at that point; its first"):
        await then(stage, token=made(of=stage, versions=hashed({"mila": 0})))


async def test_of_a_customer_that_is_not_there_no_past_is_told() -> None:
    with pytest.raises(CustomerNotFound):
        await then(await scene(), occurred_ms=1)


@pytest.mark.parametrize("point", ["recorded_ms", "occurred_ms"])
async def test_a_moment_that_is_still_to_come_is_refused_by_its_field(point: str) -> None:
    stage = await scene()
    for at_ms in (stage.application.now_ms() + 60_000, -1):
        with pytest.raises(FieldViolations, match=f"as_of.{point}: a moment that has gone by"):
            await then(stage, CART, **{point: at_ms})


async def test_a_point_in_the_past_and_a_token_to_wait_for_exclude_one_another() -> None:
    stage = await scene()
    request = GetJourneyRequest(
        subject_id="mila", journey=CART, as_of=AsOf(recorded_ms=1), at_least="token"
    )
    with pytest.raises(FieldViolations, match="at_least: not together with as_of"):
        await stage.application.get_journey(DEVELOPER, request, deadline=None)


async def test_tokens_of_other_customers_and_of_other_places_are_refused() -> None:
    stage = await scene()
    await (await stage.device()).record(added("tea"))
    other = await (await stage.device("ben")).record(added("tea"))
    partition = partition_of("mila", stage.store.journal.partition_count)
    tokens = (
        other.write_token,
        made(of=stage, versions=hashed({"ben": 1})),
        made(of=stage, positions={partition + 1: 1}),
        "rubbish",
    )
    for token in tokens:
        with pytest.raises(TokenMismatch) as refused:
            await then(stage, token=token)
        assert refused.value.metadata["field"] == "as_of.token"


async def test_places_that_the_journal_has_not_reached_are_refused() -> None:
    stage = await scene()
    await (await stage.device()).record(added("tea"))
    partition = partition_of("mila", stage.store.journal.partition_count)
    for place in ({"versions": hashed({"mila": 99})}, {"positions": {partition: 99}}):
        with pytest.raises(CheckpointAhead):
            await then(stage, token=made(of=stage, **place))


async def test_a_place_in_the_journal_is_the_last_version_that_it_covers() -> None:
    stage = await scene(partition_count=1)
    phone, other = await stage.device(), await stage.device("ben")
    places = []
    for _ in range(3):
        await other.record(added("mug"))
        await phone.record(added("tea"))
        read = read_events(stage.application, DEVELOPER, ReadEventsRequest())
        places.append([frame.checkpoint async for frame in read][-1])
    counts = [(await then(stage, token=place)).cart.lines[0].quantity for place in places]
    assert counts == [1, 2, 3]


async def test_a_write_token_says_what_the_service_knew_with_that_write() -> None:
    stage = await scene()
    phone = await stage.device()
    writes = [(await phone.record(added("tea"))).write_token for _ in range(3)]
    assert (await then(stage, token=writes[1])).cart.lines[0].quantity == 2
    elsewhere = Tokens([b"k" * 32], "another journal").seal_write(
        WriteToken(epoch="1", versions=hashed({"mila": 1}), positions={})
    )
    with pytest.raises(TokenMismatch):
        await then(stage, token=elsewhere)


async def test_the_past_stays_the_same_when_states_are_made_anew() -> None:
    stage = await scene()
    phone = await stage.device()
    token = (await phone.record(added("tea"), added("mug"))).write_token
    await phone.record(added("tea"))
    before = await then(stage, token=token)
    await stage.store.states.register(projections.JOURNEYS.name, projections.JOURNEYS.version + 1)
    await phone.record(added("tea"))
    assert await then(stage, token=token) == before


@examples(30)
@given(history=histories(most=14), data=st.data())
async def test_the_state_as_of_any_version_is_the_fold_of_that_prefix(
    history: list[Event], data: st.DataObject
) -> None:
    stage = await scene()
    events = [event for event in history if event.subject_id == history[0].subject_id]
    for event in events:
        event.subject_id = "mila"
    stage.store.journal.streams["mila"] = Stream(events=events)
    version = data.draw(st.integers(1, len(events)))
    folds = fold(events[:version])
    expected = projections.publish_all(folds)
    moment_ms = stage.application.now_ms()
    token = made(of=stage, versions=hashed({"mila": version}), issued_ms=moment_ms)
    for key, journey in expected.items():
        journey.archived = projections.archived(journey, moment_ms)
        journey.finished = projections.finished(journey, moment_ms)
        assert await then(stage, journey.ref, token=token) == journey, key
