"""Hard cases 16 to 19 and 34 to 37: repeats, gaps, refusals, tokens and reads of one's own."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_REJECTED
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import GetJourneyRequest, RecordRequest, WatchRequest
from journey.v1.references_pb2 import JourneyRef
from journey.v1.stream_pb2 import RESET_REASON_TOKEN_TOO_OLD
from journey_client import ConnectionState, interactions
from journey_client.clocks import ClockWatch
from tests.stage import DAY_MS, DeviceOfStory, Stage
from tests.store.wire import Wire
from tests.transport.serving import info_of, status_of


async def test_hard_case_16_a_batch_sent_three_times_is_stored_once_and_answered_alike(
    stage: Stage,
) -> None:
    phone = await stage.device("phone")
    phone.disconnect()
    await phone.add("tea", at="20:00")
    await phone.add("milk", at="20:01")
    batch = list(phone.kept)
    await phone.reconnect(at="20:10")
    first = phone.answered
    again = [await phone.session.record(*batch) for _ in range(2)]
    for repeated in again:
        assert [result.duplicate for result in repeated.results] == [True, True]
        for result, known in zip(repeated.results, first.results, strict=True):
            assert (result.version, result.position) == (known.version, known.position)
    assert await phone.cart() == {"milk": 1, "tea": 1}
    assert len(await phone.events("cart.*")) == 2


async def test_hard_case_18_one_invalid_interaction_in_the_middle_spoils_nothing(
    stage: Stage,
) -> None:
    phone = await stage.device("phone")
    phone.disconnect()
    await phone.add("tea", at="20:00")
    await phone.act(interactions.cart_line_added("milk", 0))
    await phone.add("bread")
    await phone.reconnect(at="20:10")
    outcomes = [result.outcome for result in phone.answered.results]
    assert outcomes == [OUTCOME_ACCEPTED, OUTCOME_REJECTED, OUTCOME_ACCEPTED]
    assert phone.answered.processed_seq == 3
    assert await phone.cart() == {"bread": 1, "tea": 1}


async def test_hard_case_17_nothing_is_stored_behind_a_gap_and_all_in_order_once_it_is_closed(
    stage: Stage,
) -> None:
    phone = await stage.device("phone")
    await phone.add("1")
    await phone.add("2")
    items = [numbered(phone, seq) for seq in range(3, 10)]
    with pytest.raises(grpc.aio.AioRpcError) as gap:
        await stage.served.journeys.Record(batch(phone, items[2:]), metadata=stage.as_("device"))
    status = status_of(gap.value)
    assert info_of(status).reason == "SEQ_GAP"
    assert info_of(status).metadata["expected_seq"] == "3"
    assert len(await phone.events("cart.*")) == 2

    whole = await stage.served.journeys.Record(batch(phone, items), metadata=stage.as_("device"))
    assert [result.outcome for result in whole.results] == [OUTCOME_ACCEPTED] * 7
    recorded = [event.interaction.seq for event in await phone.events("cart.*")]
    assert recorded == list(range(1, 10))


async def test_hard_case_19_a_database_that_goes_in_mid_batch_leaves_one_copy(
    stage: Stage, wire: Wire
) -> None:
    phone = await stage.device("phone")
    phone.disconnect()
    for sku in ("tea", "milk", "bread"):
        await phone.add(sku)
    batch_of_three, phone.kept = phone.kept, []
    for seq, interaction in enumerate(batch_of_three, 1):
        interaction.seq = seq
    wire.refusing = True
    wire.cut_all()
    with pytest.raises(grpc.aio.AioRpcError) as away:
        await stage.served.journeys.Record(
            batch(phone, batch_of_three), metadata=stage.as_("device")
        )
    assert away.value.code() is grpc.StatusCode.UNAVAILABLE
    # Whichever it says, nobody was told that it was recorded, and a repeat is safe.
    assert info_of(status_of(away.value)).reason in {"STORAGE_UNAVAILABLE", "OUTCOME_UNKNOWN"}
    wire.refusing = False
    recorded = await phone.session.record(*batch_of_three)
    assert [result.outcome for result in recorded.results] == [OUTCOME_ACCEPTED] * 3
    assert await phone.cart() == {"bread": 1, "milk": 1, "tea": 1}
    assert len(await phone.events("cart.*")) == 3


async def test_hard_case_34_a_token_of_8_days_ago_begins_anew_on_the_same_stream(
    stage: Stage,
) -> None:
    phone = await stage.device("phone")
    await phone.add("tea")
    token = await token_of(stage, phone)
    stage.clock.pass_by(8 * DAY_MS)
    await phone.session.reopen()
    opened, frame = await first_frames(stage, phone, token, 2)
    assert (opened.opened.resumed, opened.opened.why_not) == (False, RESET_REASON_TOKEN_TOO_OLD)
    assert frame.WhichOneof("content") == "snapshot"
    assert [each.ref.journey_id for each in frame.snapshot.journeys] == ["main"]


async def test_hard_case_34_a_hundred_reconnects_with_an_old_token_make_no_loop(
    stage: Stage,
) -> None:
    phone = await stage.device("phone")
    await phone.add("tea")
    token = await token_of(stage, phone)
    stage.clock.pass_by(8 * DAY_MS)
    await phone.session.reopen()
    for attempt in range(100):
        opened, frame = await first_frames(stage, phone, token, 2)
        assert opened.opened.resumed is bool(attempt), "only the first begins anew"
        assert frame.WhichOneof("content") == ("delta" if attempt else "snapshot")
        token = frame.token


async def test_hard_case_37_a_write_is_in_what_another_service_answers_to_its_token(
    two_services: Stage,
) -> None:
    phone, other = await two_services.device("phone"), two_services.services[1]
    for number in range(1, 21):
        recorded = await phone.add("tea")
        answer = await other.journeys.GetJourney(
            GetJourneyRequest(
                journey=JourneyRef(kind="cart", journey_id="main"),
                at_least=recorded.write_token,
            ),
            metadata=two_services.as_("device"),
        )
        assert answer.journey.cart.lines[0].quantity == number


def numbered(phone: DeviceOfStory, seq: int) -> Interaction:
    """An add with a number of the test's own."""
    interaction = phone.session.stamp(interactions.cart_line_added(str(seq)))
    interaction.seq = seq
    phone.stage.clock.pass_by(1_000)
    return interaction


def batch(phone: DeviceOfStory, items: list[Interaction]) -> RecordRequest:
    """A batch of them."""
    return RecordRequest(
        session_id=phone.session.session_id,
        interactions=items,
        clock=ClockWatch(phone.clocks).sending(),
    )


async def token_of(stage: Stage, phone: DeviceOfStory) -> str:
    """The token of a watch that is level."""
    watch = phone.session.watch()
    view = await watch.until(lambda view: view.connection.state is ConnectionState.LIVE)
    await watch.aclose()
    return view.token


async def first_frames(stage: Stage, phone: DeviceOfStory, token: str, count: int) -> list[Any]:
    """The first frames of a stream that goes on from a token."""
    call = stage.served.journeys.Watch(
        WatchRequest(session_id=phone.session.session_id, token=token),
        metadata=stage.as_("device"),
    )
    async with asyncio.timeout(10):
        frames = [await call.read() for _ in range(count)]
    call.cancel()
    return frames
