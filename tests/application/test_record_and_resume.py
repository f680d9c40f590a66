"""Record on one device, resume on another: what the calls promise."""

from __future__ import annotations

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import ACTOR_KIND_SERVICE, OUTCOME_ACCEPTED, OUTCOME_REJECTED
from journey.v1.history_service_pb2 import ReadEventsRequest
from journey.v1.interactions_pb2 import Interaction, JourneyMarked
from journey.v1.journey_service_pb2 import (
    JOURNEY_VIEW_ALL,
    JOURNEY_VIEW_FINISHED,
    JOURNEY_VIEW_HIDDEN,
    GetJourneyRequest,
    ListJourneysRequest,
    RecordRequest,
)
from journey.v1.reading_pb2 import AsOf
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import CloseSessionRequest
from journey_service.domain.errors import (
    CustomerMismatch,
    FieldViolations,
    JournalRewound,
    JourneyNotFound,
    ProjectionBehind,
    SeqGap,
    SessionNotFound,
    SignedOut,
    TokenMismatch,
)
from journey_service.domain.tokens import Tokens, WriteToken, hashed
from tests.application.scene import (
    CART,
    DEVELOPER,
    FILM,
    SERVICE,
    added,
    paused,
    played,
    scene,
    uuid7,
)
from tests.application.taking import read_events


async def test_a_laptop_resumes_at_the_millisecond_at_which_the_phone_paused() -> None:
    stage = await scene()
    phone, laptop = await stage.device(), await stage.device()
    await phone.record(played(0), paused(1_873_250))
    found = await laptop.resume()
    assert found.media.point_ms == found.media.start_ms == 1_873_250
    assert found.last_device_id == phone.session.device.device_id


async def test_an_answered_batch_names_versions_positions_and_the_watermark() -> None:
    stage = await scene()
    phone = await stage.device()
    answer = await phone.record(played(0), paused(10_000))
    assert [result.outcome for result in answer.results] == [OUTCOME_ACCEPTED] * 2
    assert [result.version for result in answer.results] == [2, 3]
    assert answer.processed_seq == 2
    assert answer.clock.received_ms > 0
    assert not answer.clock.clock_warning


async def test_a_repeated_batch_is_answered_alike_and_recorded_once() -> None:
    stage = await scene()
    phone = await stage.device()
    batch = [played(0), paused(10_000)]
    first = await phone.record(*batch)
    again = await phone.send(*batch)
    assert all(result.duplicate for result in again.results)
    assert [result.version for result in again.results] == [r.version for r in first.results]


async def test_a_bad_interaction_is_refused_and_its_neighbours_are_recorded() -> None:
    stage = await scene()
    phone = await stage.device()
    bad = paused(20_000)
    bad.media_paused.run_id = "0" * 32
    answer = await phone.record(played(0), bad, paused(30_000))
    assert [result.outcome for result in answer.results] == [
        OUTCOME_ACCEPTED,
        OUTCOME_REJECTED,
        OUTCOME_ACCEPTED,
    ]
    assert answer.results[1].reason == reasons.ERROR_REASON_RUN_MISMATCH
    assert (await phone.resume()).media.point_ms == 30_000


async def test_a_gap_in_the_numbers_records_nothing_and_names_the_next() -> None:
    stage = await scene()
    phone = await stage.device()
    phone.seq = 4
    with pytest.raises(SeqGap) as refused:
        await phone.record(played(0))
    assert refused.value.expected_seq == 1
    with pytest.raises(JourneyNotFound):
        await phone.resume()


async def test_a_session_of_somebody_else_cannot_be_recorded_in() -> None:
    stage = await scene()
    mila, eve = await stage.device("mila"), await stage.device("eve")
    eve.session = mila.session
    with pytest.raises(CustomerMismatch):
        await eve.record(played(0))


async def test_an_unknown_session_looks_like_somebody_elses() -> None:
    stage = await scene()
    stranger = await stage.device()
    stranger.session.session_id = "0." + "a" * 26
    with pytest.raises(CustomerMismatch):
        await stranger.record(played(0))


async def test_an_expired_session_is_not_found() -> None:
    stage = await scene(session_idle_ms=1)
    phone = await stage.device()
    while stage.application.now_ms() < phone.session.expires_at_ms:
        pass
    with pytest.raises(SessionNotFound, match="expired"):
        await phone.record(played(0))


async def test_a_closed_session_is_signed_out() -> None:
    stage = await scene()
    phone = await stage.device()
    await stage.application.close_session(
        phone.principal,
        CloseSessionRequest(session_id=phone.session.session_id),
        received_ms=stage.application.now_ms(),
    )
    with pytest.raises(SignedOut):
        await phone.record(played(0))


async def test_an_epoch_ahead_of_the_session_is_refused_by_name() -> None:
    stage = await scene()
    phone = await stage.device()
    request = RecordRequest(session_id=phone.session.session_id, epoch=3)
    request.interactions.append(played(0))
    request.interactions[0].seq = 1
    request.clock.sent_wall_ms = 1
    with pytest.raises(FieldViolations, match="epoch"):
        await stage.application.record(
            phone.principal, request, received_ms=stage.application.now_ms(), deadline=None
        )


async def test_a_back_end_records_for_a_subject_it_names_at_the_time_it_says() -> None:
    stage = await scene()
    interaction = added("B1")
    interaction.event_id = uuid7()
    interaction.wall_ms = 1_700_000_000_000
    request = RecordRequest(subject_id="mila", interactions=[interaction])
    answer = await stage.application.record(
        SERVICE, request, received_ms=stage.application.now_ms(), deadline=None
    )
    event = (await stage.store.journal.read_stream("mila"))[0]
    assert answer.results[0].outcome == OUTCOME_ACCEPTED
    assert event.occurrence.t_ms == 1_700_000_000_000
    assert event.actor.kind == ACTOR_KIND_SERVICE
    assert event.actor.id == "shop"


async def test_the_write_token_of_an_answer_is_contained_in_the_read_after_it() -> None:
    stage = await scene()
    phone = await stage.device()
    answer = await phone.record(played(0), paused(9_000))
    found = await stage.application.get_journey(
        phone.principal,
        GetJourneyRequest(journey=FILM, at_least=answer.write_token),
        deadline=None,
    )
    assert found.journey.media.point_ms == 9_000


async def test_a_read_that_cannot_contain_its_token_says_so_and_answers_nothing_older() -> None:
    stage = await scene(at_least_wait_ms=50)
    phone = await stage.device()
    await phone.record(played(0))
    ahead = WriteToken(epoch=stage.store.journal.epoch, versions=hashed({"mila": 99}), positions={})
    token = Tokens([b"k" * 32], stage.store.journal.journal_id).seal_write(ahead)
    with pytest.raises(ProjectionBehind):
        await stage.application.get_journey(
            phone.principal, GetJourneyRequest(journey=FILM, at_least=token), deadline=None
        )


async def test_a_token_of_another_epoch_is_of_a_journal_that_was_rewound() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0))
    old = WriteToken(epoch="before", versions=hashed({"mila": 1}), positions={})
    token = Tokens([b"k" * 32], stage.store.journal.journal_id).seal_write(old)
    with pytest.raises(JournalRewound):
        await stage.application.get_journey(
            phone.principal, GetJourneyRequest(journey=FILM, at_least=token), deadline=None
        )


async def test_a_token_of_another_customer_is_not_yours() -> None:
    stage = await scene()
    mila, eve = await stage.device("mila"), await stage.device("eve")
    answer = await mila.record(played(0))
    with pytest.raises(CustomerMismatch):
        await stage.application.get_journey(
            eve.principal,
            GetJourneyRequest(journey=FILM, at_least=answer.write_token),
            deadline=None,
        )


async def test_a_damaged_token_is_refused() -> None:
    stage = await scene()
    phone = await stage.device()
    with pytest.raises(TokenMismatch):
        await stage.application.get_journey(
            phone.principal, GetJourneyRequest(journey=FILM, at_least="rubbish"), deadline=None
        )


async def test_a_journey_can_be_read_as_it_stood_when_a_token_was_made() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0), paused(8_000))
    then = await stage.application.get_journey(
        phone.principal, GetJourneyRequest(journey=FILM), deadline=None
    )
    await phone.record(played(8_000, run="b"), paused(99_000, 8_000, run="b"))
    past = await stage.application.get_journey(
        phone.principal,
        GetJourneyRequest(journey=FILM, as_of=AsOf(token=then.token)),
        deadline=None,
    )
    assert past.journey.media.point_ms == 8_000
    assert (await phone.resume()).media.point_ms == 99_000


async def test_a_journey_can_be_read_as_it_was_recorded_or_had_occurred_by_a_time() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0), paused(8_000), ago_ms=60_000)
    await phone.record(played(8_000, run="b"), paused(99_000, 8_000, run="b"))
    before = stage.application.now_ms() - 30_000
    occurred = await stage.application.get_journey(
        phone.principal,
        GetJourneyRequest(journey=FILM, as_of=AsOf(occurred_ms=before)),
        deadline=None,
    )
    assert occurred.journey.media.point_ms == 8_000
    with pytest.raises(JourneyNotFound):
        await stage.application.get_journey(
            phone.principal,
            GetJourneyRequest(journey=FILM, as_of=AsOf(recorded_ms=before)),
            deadline=None,
        )


async def test_an_unset_point_in_the_past_is_refused_by_name() -> None:
    stage = await scene()
    phone = await stage.device()
    with pytest.raises(FieldViolations, match="as_of"):
        await stage.application.get_journey(
            phone.principal, GetJourneyRequest(journey=FILM, as_of=AsOf()), deadline=None
        )


async def test_the_continue_list_has_the_newest_activity_first_and_leaves_out_what_ended() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    await phone.record(played(0), paused(1_000_000))
    await phone.record(
        Interaction(journey=CART, journey_marked=JourneyMarked(mark=JourneyMarked.MARK_HIDDEN))
    )
    listed = await stage.application.list_journeys(
        phone.principal, ListJourneysRequest(), deadline=None
    )
    assert [journey.ref.journey_id for journey in listed.journeys] == ["film-42"]
    hidden = await stage.application.list_journeys(
        phone.principal, ListJourneysRequest(view=JOURNEY_VIEW_HIDDEN), deadline=None
    )
    assert [journey.ref.kind for journey in hidden.journeys] == ["cart"]
    finished = await stage.application.list_journeys(
        phone.principal, ListJourneysRequest(view=JOURNEY_VIEW_FINISHED), deadline=None
    )
    assert not finished.journeys


async def test_pages_go_on_behind_each_other_and_belong_to_their_call() -> None:
    stage = await scene()
    phone = await stage.device()
    for number in range(5):
        await phone.record(added("B1", cart=JourneyRef(kind="cart", journey_id=f"cart-{number}")))
    seen: list[str] = []
    token = ""
    while True:
        page = await stage.application.list_journeys(
            phone.principal,
            ListJourneysRequest(view=JOURNEY_VIEW_ALL, page_size=2, page_token=token),
            deadline=None,
        )
        seen += [journey.ref.journey_id for journey in page.journeys]
        token = page.next_page_token
        if not token:
            break
        last_token = token
    assert seen == [f"cart-{number}" for number in reversed(range(5))]
    with pytest.raises(TokenMismatch):
        await stage.application.list_journeys(
            phone.principal, ListJourneysRequest(page_token=last_token), deadline=None
        )


async def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    stage = await scene()
    phone = await stage.device()
    with pytest.raises(FieldViolations, match="media"):
        await stage.application.list_journeys(
            phone.principal, ListJourneysRequest(kinds=["carts"]), deadline=None
        )


async def test_a_device_whose_clock_is_far_off_is_told_so_and_not_refused() -> None:
    stage = await scene()
    phone = await stage.device()
    year_ms = 365 * 86_400_000
    interaction = played(0)
    interaction.event_id, interaction.seq = uuid7(), 1
    interaction.wall_ms = stage.application.now_ms() + year_ms
    interaction.mono_ms, interaction.boot_id = stage.application.now_ms(), "boot"
    answer = await phone.send(interaction)
    assert answer.results[0].outcome == OUTCOME_ACCEPTED
    assert answer.clock.clock_warning


async def test_the_past_names_the_device_and_can_be_a_place_in_the_journal() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    whole = ReadEventsRequest()
    places = [frame.checkpoint async for frame in read_events(stage.application, DEVELOPER, whole)]
    await phone.record(added("B1"))
    past = await stage.application.get_journey(
        phone.principal,
        GetJourneyRequest(journey=CART, as_of=AsOf(token=places[-1])),
        deadline=None,
    )
    assert past.journey.cart.lines[0].quantity == 1
    assert past.journey.last_device_id == phone.session.device.device_id


async def test_a_token_that_cannot_be_used_is_named_by_its_field() -> None:
    stage = await scene()
    phone = await stage.device()
    with pytest.raises(TokenMismatch) as refused:
        await stage.application.list_journeys(
            phone.principal, ListJourneysRequest(page_token="rubbish"), deadline=None
        )
    assert refused.value.metadata["field"] == "page_token"
