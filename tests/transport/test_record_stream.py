import asyncio
import time
from typing import Any

import grpc
import pytest

from journey.v1.journey_service_pb2 import (
    RecordRequest,
    RecordStreamRequest,
    RecordStreamResponse,
)
from journey.v1.session_service_pb2 import RefreshSessionRequest
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_AUTH_EXPIRING,
    GoingAwayReason,
)
from tests.transport.faulty import FaultyStore, take, until
from tests.transport.recording import Recorder, failure_of, imported
from tests.transport.serving import (
    batch,
    clock,
    event_id,
    info_of,
    listed,
    reason_of,
    serving,
)


async def test_a_recording_stream_opens_tells_its_credit_and_answers_batches() -> None:
    async with serving() as served:
        session = await served.open_session()
        recorder = Recorder(served, served.as_("device"))
        opened = (await recorder.stream.read()).opened
        assert opened.heartbeat_ms == 15_000
        assert opened.rotate_at_ms > opened.server_ms
        credit = (await recorder.stream.read()).credit
        assert (credit.batches, credit.bytes) == (16, 8 * 1_024 * 1_024)
        for number in (1, 2, 3):
            await recorder.send(batch(session, listed(number)), number)
        acks = [await recorder.ack() for _ in range(3)]
        assert [ack.batch_no for ack in acks] == [1, 2, 3]
        assert [ack.response.processed_seq for ack in acks] == [1, 2, 3]
        await recorder.drain()
        assert await recorder.stream.read() is grpc.aio.EOF
        assert await recorder.stream.code() is grpc.StatusCode.OK


async def test_a_refused_batch_ends_neither_the_stream_nor_other_pairs() -> None:
    async with serving() as served:
        mine, me = await served.open_session(), served.as_("device")
        second = await served.open_session(installation="tablet")
        foreign = await served.open_session("bob", "telly")
        recorder = Recorder(served, me)
        requests = [
            batch(mine, listed(1)),
            batch(mine, listed(7)),
            batch(foreign, listed(1)),
            RecordRequest(session_id=mine.session_id),
            batch(second, listed(1)),
            batch(mine, listed(2)),
        ]
        for number, request in enumerate(requests):
            await recorder.send(request, number)
        acks = {}
        for _ in requests:
            ack = await recorder.ack()
            acks[ack.batch_no] = ack
        refused = {number for number, ack in acks.items() if ack.HasField("error")}
        assert refused == {1, 2, 3}
        reasons = [info_of(acks[number].error).reason for number in (1, 2, 3)]
        assert reasons == ["SEQ_GAP", "CUSTOMER_MISMATCH", "FIELD_VIOLATIONS"]
        assert info_of(acks[1].error).metadata["expected_seq"] == "2"
        page = served.metrics.page().decode()
        assert 'journey_stream_batches_refused_total{code="FAILED_PRECONDITION"' in page
        recorder.stream.cancel()


async def test_batches_of_a_pair_are_recorded_in_order_and_pairs_beside_each_other() -> None:
    store = FaultyStore()
    async with serving(store) as served:
        recorder = Recorder(served, served.as_("service", "importer"))
        with store.journal.writes.held():
            for number in range(8):
                await recorder.send(imported(f"customer{number % 2}", 1), number)
            await store.journal.writes.reached_by(2)
            assert store.journal.writes.waiting == 2
        acks = [(await recorder.ack()).batch_no for _ in range(8)]
        assert [number for number in acks if number % 2 == 0] == [0, 2, 4, 6]
        assert [number for number in acks if number % 2 == 1] == [1, 3, 5, 7]
        recorder.stream.cancel()


async def test_no_more_is_read_than_the_credit_allows() -> None:
    store = FaultyStore()
    async with serving(store, record_stream_batches=3) as served:
        recorder = Recorder(served, served.as_("service", "importer"))
        with store.journal.writes.held():
            for number in range(6):
                await recorder.send(imported(f"customer{number}", 1), number)
            await store.journal.writes.reached_by(3)
            await asyncio.sleep(0.05)
            assert store.journal.writes.waiting == 3
        assert sorted([(await recorder.ack()).batch_no for _ in range(6)]) == list(range(6))
        recorder.stream.cancel()


async def test_a_fifth_batch_of_a_pair_waits_for_an_answer() -> None:
    store = FaultyStore()
    async with serving(store) as served:
        recorder = Recorder(served, served.as_("service", "importer"))
        with store.journal.writes.held():
            for number in range(5):
                await recorder.send(imported("customer", 1), number)
            await recorder.send(imported("another", 1), 5)
            await store.journal.writes.reached_by(1)
            await asyncio.sleep(0.05)
            assert store.journal.writes.waiting == 1
        acks = [(await recorder.ack()).batch_no for _ in range(6)]
        assert [number for number in acks if number < 5] == [0, 1, 2, 3, 4]
        recorder.stream.cancel()


async def test_a_quiet_recording_stream_sends_heartbeats() -> None:
    async with serving(heartbeat_ms=20) as served:
        recorder = Recorder(served, served.as_("device"))
        for _ in range(2):
            assert (await take(recorder.stream, "heartbeat")).heartbeat.server_ms > 0
        recorder.stream.cancel()


@pytest.mark.parametrize(
    ("changes", "life_s", "reason"),
    [
        ({"stream_life_ms": 1_000}, 900, "GOING_AWAY_REASON_ROTATION"),
        ({"auth_warning_ms": 59_000}, 60, "GOING_AWAY_REASON_AUTH_EXPIRING"),
    ],
)
async def test_a_recording_stream_ends_planned_before_its_time_is_over(
    changes: dict[str, Any], life_s: int, reason: str
) -> None:
    async with serving(**changes) as served:
        recorder = Recorder(served, served.as_("device", life_s=life_s))
        began = time.monotonic()
        gone = (await take(recorder.stream, "going_away")).going_away
        assert GoingAwayReason.Name(gone.reason) == reason
        assert time.monotonic() - began < 5
        assert await recorder.stream.read() is grpc.aio.EOF


async def test_a_recording_stream_that_never_pauses_ends_as_well_with_its_credential() -> None:
    store = FaultyStore()
    async with serving(store) as served:
        session = await served.open_session()
        recorder = Recorder(served, served.as_("device", life_s=300))
        with store.journal.writes.held():
            # All are on their way before the end: a write that it cuts would hide why.
            for number in range(1, 61):
                await recorder.send(batch(session, listed(number)), number)
            await store.journal.writes.reached_by(1)
            store.clock.ahead_ms = 290_000
        answered = 0
        async with asyncio.timeout(30):
            while (frame := await recorder.stream.read()).HasField("ack") or not answered:
                answered += frame.HasField("ack")
        assert frame.going_away.reason == GOING_AWAY_REASON_AUTH_EXPIRING
        assert answered < 60
        assert await recorder.stream.read() is grpc.aio.EOF


async def test_a_frame_that_is_none_ends_the_stream_after_what_was_under_way() -> None:
    async with serving() as served:
        session = await served.open_session()
        stream: Any = served.channel.stream_stream("/journey.v1.JourneyService/RecordStream")(
            metadata=served.as_("device")
        )
        await stream.write(RecordStreamRequest(batch=batch(session, listed(1))).SerializeToString())
        await stream.write(b"\xff\xff\xff")
        frames = [RecordStreamResponse.FromString(await stream.read()) for _ in range(3)]
        assert [frame.WhichOneof("content") for frame in frames] == ["opened", "credit", "ack"]
        assert reason_of(await failure_of(stream)) == "FIELD_VIOLATIONS"


async def test_a_client_that_goes_while_batches_are_under_way_leaves_nothing_behind() -> None:
    store = FaultyStore()
    async with serving(store) as served:
        before = len(asyncio.all_tasks())
        with store.journal.writes.held():
            recorder = Recorder(served, served.as_("service", "importer"))
            await take(recorder.stream, "credit")
            for number in range(3):
                await recorder.send(imported(f"customer{number}", 1), number)
            await store.journal.writes.reached_by(3)
            recorder.stream.cancel()
            await until(lambda: store.journal.writes.waiting == 0)
        await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_what_nobody_foresaw_in_one_batch_is_told_in_its_ack() -> None:
    store = FaultyStore()
    async with serving(store) as served:
        recorder = Recorder(served, served.as_("service", "importer"))
        with store.journal.writes.failing(RuntimeError("boom")):
            await recorder.send(imported("customer", 1), 1)
            refused = await recorder.ack()
        assert info_of(refused.error).reason == "BUG"
        assert "boom" not in str(refused.error)
        await recorder.send(imported("customer", 1), 2)
        assert (await recorder.ack()).response.results[0].version == 1
        recorder.stream.cancel()


async def test_a_repeated_batch_on_a_stream_gets_the_first_answer_again() -> None:
    async with serving() as served:
        session = await served.open_session()
        recorder = Recorder(served, served.as_("device"))
        request = batch(session, listed(1, event_id=event_id()))
        await recorder.send(request, 1)
        await recorder.send(request, 2)
        first, again = await recorder.ack(), await recorder.ack()
        assert again.response.results[0].duplicate
        assert again.response.results[0].version == first.response.results[0].version
        recorder.stream.cancel()


async def test_who_refreshes_a_session_moves_the_end_of_the_streams_that_record_for_it() -> None:
    store = FaultyStore()
    async with serving(store, heartbeat_ms=20) as served:
        me = served.as_("device", life_s=300)
        phone, tablet = await served.open_session(), await served.open_session(installation="tab")
        streams = [Recorder(served, me), Recorder(served, me)]
        for recorder, session in zip(streams, (phone, tablet), strict=True):
            await recorder.send(batch(session, listed(1)), 1)
            assert (await recorder.ack()).HasField("response")
        refresh = RefreshSessionRequest(session_id=phone.session_id, clock=clock())
        await served.sessions.RefreshSession(refresh, metadata=served.as_("device", life_s=900))
        store.clock.ahead_ms = 290_000
        gone = (await take(streams[1].stream, "going_away")).going_away
        assert gone.reason == GOING_AWAY_REASON_AUTH_EXPIRING
        assert await streams[1].stream.read() is grpc.aio.EOF
        while (await take(streams[0].stream, "heartbeat")).heartbeat.server_ms < (
            phone.opened_at_ms + store.clock.ahead_ms
        ):
            pass
        await streams[0].drain()
        while await streams[0].stream.read() is not grpc.aio.EOF:
            pass
