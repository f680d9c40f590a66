import asyncio
import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from journey.v1.events_pb2 import Outcome
from journey.v1.interactions_pb2 import Interaction, OrderCancelled
from journey.v1.journey_service_pb2 import (
    RecordResponse,
    RecordResult,
    WatchDelta,
    WatchResponse,
    WatchSnapshot,
)
from journey.v1.journeys_pb2 import CartLineState, CartState, Journey
from journey.v1.references_pb2 import JourneyRef, Processed
from journey.v1.stream_pb2 import CaughtUp, Heartbeat, StreamOpened
from journey_client import (
    ConnectionState,
    JourneyKey,
    MediaRuns,
    OnlineOnly,
    QueueFull,
    TimedOut,
    Unreachable,
    View,
    interactions,
)
from journey_client._store import Store
from tests.client.stage import Stage, settle
from tests.client.virtual import play

CART = JourneyKey("cart", "main")
DAY_S = 86_400


def cart(**lines: int) -> Journey:
    states = [
        CartLineState(line_key=key, quantity=number, wanted=number) for key, number in lines.items()
    ]
    ref = JourneyRef(kind="cart", journey_id="main")
    return Journey(ref=ref, cart=CartState(lines=states))


def numbered(*frames: WatchResponse) -> list[WatchResponse]:
    for number, frame in enumerate(frames, 1):
        frame.frame = number
    return list(frames)


def opening(*journeys: Journey) -> list[WatchResponse]:
    return numbered(
        WatchResponse(opened=StreamOpened(heartbeat_ms=15_000, stream_id="s")),
        WatchResponse(snapshot=WatchSnapshot(last=True, journeys=journeys), token="t2"),
        WatchResponse(caught_up=CaughtUp(), token="t3"),
    )


def delta(frame: int, *journeys: Journey, processed: int = 0) -> WatchResponse:
    marks = [Processed(epoch=1, subject_id="mila", seq=processed)] if processed else []
    content = WatchDelta(last=True, journeys=journeys, processed=marks)
    return WatchResponse(delta=content, frame=frame, token=f"t{frame}")


def accepted(request: Any) -> RecordResponse:
    results = [
        RecordResult(
            seq=each.seq, event_id=each.event_id, outcome=Outcome.OUTCOME_ACCEPTED, version=each.seq
        )
        for each in request.interactions
    ]
    return RecordResponse(results=results, processed_seq=results[-1].seq, write_token="w")


def lines(view: View) -> dict[str, int]:
    found = view.journeys.get(CART)
    return {line.line_key: line.quantity for line in found.cart.lines} if found else {}


def test_no_repaint_ever_shows_an_act_gone_or_doubled(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        stage.stream.send(*opening(cart(tea=1)))
        await settle()
        stage.painted.clear()
        await phone.record(interactions.cart_line_added("tea", 2))
        await settle()
        (sent,) = stage.service.of("Record")
        await stage.answer("Record", accepted(sent.request))
        assert phone.connection.queue == 0
        stage.stream.send(delta(4, cart(tea=3), processed=1))
        await settle()
        quantities = [lines(view).get("tea", 0) for view in stage.painted]
        assert quantities
        assert set(quantities) == {3}
        assert [view.token for view in stage.painted if lines(view) == {"tea": 3}][-1] == "t4"
        await stage.switch_off()

    play(story)


def test_a_frame_that_comes_before_the_answer_ends_the_effect_and_not_the_sending(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        stage.stream.send(*opening(cart(tea=1)))
        await phone.record(interactions.cart_line_added("tea", 2))
        await settle()
        stage.stream.send(delta(4, cart(tea=3), processed=1))
        await settle()
        assert lines(phone.view) == {"tea": 3}
        assert phone.connection.queue == 1
        await stage.switch_off()
        phone = await stage.switch_on()
        assert lines(phone.view) == {"tea": 3}
        assert [each.seq for each in stage.service.of("Record")[-1].request.interactions] == [1]
        await stage.switch_off()

    play(story)


def test_three_weeks_in_a_drawer_cost_nothing_and_lose_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        phone.network_down()
        await phone.record(interactions.cart_line_added("tea"))
        await asyncio.sleep(21 * DAY_S)
        assert len(stage.service.of("Record")) == 0
        stage.service.answers["Record"] = accepted
        phone.network_up()
        await settle()
        (sent,) = stage.service.of("Record")
        assert sent.request.clock.sent_mono_ms - sent.request.interactions[0].mono_ms == 21 * (
            DAY_S * 1_000
        )
        assert phone.connection.queue == 0
        await stage.switch_off()

    play(story)


@pytest.mark.unmeasured  # a thousand tries are one like the other
def test_a_service_that_is_away_for_days_is_asked_again_and_again_with_waits(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db", {"manual": ["OpenSession"]})
        stage.service.answers["OpenSession"] = lambda _: _away()
        phone = await stage.switch_on()
        await phone.record(interactions.cart_line_added("tea"))
        await asyncio.sleep(DAY_S / 2)
        tries = [call.at_ms for call in stage.service.of("OpenSession")]
        assert phone.connection.state is ConnectionState.STALE
        assert DAY_S / 2 / 30 * 0.9 < len(tries) < DAY_S / 2 / 30 + 40
        assert stage.service.new_names > 200
        await stage.switch_off()

    play(story)


def _away() -> Unreachable:
    return Unreachable("no route")


def test_acts_of_a_busy_customer_start_at_most_one_try_in_five_seconds(tmp_path: Path) -> None:
    async def story() -> None:
        start = {"connection": {"first_wait_ms": 30_000}}
        stage = Stage(tmp_path / "phone.db", start)
        phone = await stage.switch_on()
        stage.stream.send(_away())
        await settle()
        before = len(stage.service.of("Watch"))
        for _ in range(80):
            await phone.record(interactions.cart_line_added("tea"))
            await settle()
            if phone.connection.state is ConnectionState.CONNECTING:
                stage.stream.send(_away())
            await asyncio.sleep(0.25)
        starts = [call.at_ms for call in stage.service.of("Watch")[before:]]
        assert len(starts) >= 3
        assert all(later - sooner >= 5_000 for sooner, later in pairwise(starts))
        await stage.switch_off()

    play(story)


def test_hard_case_39_a_full_queue_compacts_reports_and_refuses_intents_visibly(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db", {"queue": {"interactions": 10}})
        phone = await stage.switch_on()
        phone.network_down()
        film = MediaRuns("film", duration_ms=3_600_000)
        await phone.record(film.played(0))
        for point in range(1, 40):
            await phone.record(film.progressed(point * 15_000))
        assert phone.connection.queue < 10
        assert (await phone.resume("media", "film")).point_ms == 39 * 15_000
        while phone.connection.queue < 10:
            await phone.record(interactions.cart_line_added("tea"))
        report = film.progressed(50 * 15_000)
        await phone.record(report)
        assert stage.overflowed == [report.event_id]
        with pytest.raises(QueueFull):
            await phone.record(interactions.cart_line_added("one-too-many"))
        assert phone.connection.queue == 10
        assert "one-too-many" not in lines(phone.view)
        await stage.switch_off()

    play(story)


def test_a_queue_whose_oldest_is_a_month_old_takes_nothing_more_and_is_still_sent(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        phone.network_down()
        await phone.record(interactions.cart_line_added("tea"))
        await asyncio.sleep(30 * DAY_S + 60)
        with pytest.raises(QueueFull):
            await phone.record(interactions.cart_line_added("milk"))
        phone.network_up()
        await settle()
        assert len(stage.service.of("Record")) == 1
        await stage.switch_off()

    play(story)


def test_what_the_service_must_check_is_not_queued_without_a_connection(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        phone.network_down()
        cancelled = Interaction(
            journey=JourneyRef(kind="order", journey_id="o-1"), order_cancelled=OrderCancelled()
        )
        with pytest.raises(OnlineOnly, match=r"order\.cancelled"):
            await phone.record(cancelled)
        assert phone.connection.queue == 0
        await stage.switch_off()

    play(story)


def test_an_answer_can_be_waited_for_and_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        kept = await phone.record(interactions.cart_line_added("tea"))
        with pytest.raises(TimedOut):
            await kept.answers(timeout_ms=1_000)
        stage.service.answers["Record"] = accepted
        (result,) = await kept.answers(timeout_ms=60_000)
        assert result.version == 1
        await stage.switch_off()

    play(story)


def test_the_screen_paints_from_the_local_store_without_network(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        stage.stream.send(*opening(cart(tea=1)))
        await settle()
        phone.network_down()
        await phone.record(interactions.cart_line_added("milk"))
        await stage.switch_off()
        stage.start = {"credential": "unreachable"}
        phone = await stage.switch_on()
        assert lines(phone.view) == {"milk": 1, "tea": 1}
        assert phone.view.token == "t3"
        assert not phone.online
        await stage.switch_off()

    play(story)


def test_another_person_does_not_see_the_copy_and_the_queue_waits_for_its_owner(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "shared.db")
        phone = await stage.switch_on()
        stage.stream.send(*opening(cart(tea=1)))
        await settle()
        phone.network_down()
        await phone.record(interactions.cart_line_added("milk"))
        await stage.switch_off()
        stage.start = {"account": "anna", "subject_id": "anna"}
        phone = await stage.switch_on()
        assert phone.view.journeys == {}
        assert stage.service.of("Record") == []
        assert phone.connection.queue == 0
        await stage.switch_off()
        stage.start = {}
        await stage.switch_on()
        (sent,) = stage.service.of("Record")
        assert sent.request.interactions[0].cart_line_added.line.product.sku == "milk"
        await stage.switch_off()

    play(story)


def test_heartbeats_keep_a_stream_alive_for_hours(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        stage.stream.send(*opening())
        for number in range(4, 400):
            await asyncio.sleep(15)
            beat = WatchResponse(heartbeat=Heartbeat(lag_events=2), frame=number)
            stage.stream.send(beat)
        await settle()
        assert phone.connection.lag == 2
        assert len(stage.service.streams) == 1
        await asyncio.sleep(37.4)
        states = [phone.connection.state]
        await asyncio.sleep(0.2)
        states.append(phone.connection.state)
        assert states == [ConnectionState.LIVE, ConnectionState.STALE]
        await stage.switch_off()

    play(story)


def test_a_provider_that_fails_is_asked_again_and_ends_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage(tmp_path / "phone.db", {"credential": "unreachable"})
        phone = await stage.switch_on()
        await asyncio.sleep(60)
        assert phone.connection.state is ConnectionState.STALE
        assert "identity provider is away" in phone.connection.why
        stage.start = {}
        await asyncio.sleep(31)
        assert len(stage.service.of("Watch")) == 1
        await stage.switch_off()

    play(story)


def test_a_disk_that_fails_for_a_while_does_not_end_the_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async def story() -> None:
        stage = Stage(tmp_path / "phone.db")
        phone = await stage.switch_on()
        stage.stream.send(*opening())
        await settle()
        with monkeypatch.context() as full:
            full.setattr(Store, "next_batch", fail)
            await phone.record(interactions.cart_line_added("milk"))
            await settle()
            assert stage.service.of("Record") == []
        await asyncio.sleep(60)
        sent, *_ = stage.service.of("Record")
        assert sent.request.interactions[0].cart_line_added.line.product.sku == "milk"
        await stage.switch_off()

    play(story)
