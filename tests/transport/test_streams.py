import asyncio
import gc
import time
from typing import Any

import grpc
import pytest

from journey.v1.history_service_pb2 import ReadEventsRequest
from journey.v1.journey_service_pb2 import (
    RecordRequest,
    RecordStreamRequest,
    RecordStreamResponse,
    WatchRequest,
)
from journey.v1.session_service_pb2 import CloseSessionRequest
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_DRAINING,
    GOING_AWAY_REASON_REPLACED,
    GOING_AWAY_REASON_SIGNED_OUT,
    GoingAwayReason,
)
from tests.transport.faulty import FaultyStore, take, until
from tests.transport.serving import (
    Served,
    batch,
    event_id,
    info_of,
    listed,
    reason_of,
    serving,
)


def watching(served: Served, session_id: str, subject: str = "alice") -> Any:
    return served.journeys.Watch(
        WatchRequest(session_id=session_id), metadata=served.as_("device", subject)
    )


async def failure_of(stream: Any) -> grpc.aio.AioRpcError:
    """How a stream ends, after what is left of its frames."""
    try:
        while await stream.read() is not grpc.aio.EOF:
            pass
    except grpc.aio.AioRpcError as error:
        return error
    raise AssertionError("it ended well")


def imported(subject_id: str, count: int, size: int = 10) -> RecordRequest:
    """A back end's batch of `count` events, each with a note of `size` characters."""
    interactions = [listed(0, f"i{number}") for number in range(count)]
    for interaction in interactions:
        interaction.list_item_added.note = "x" * size
    return RecordRequest(subject_id=subject_id, installation_id="import", interactions=interactions)


async def test_frames_are_numbered_and_counted() -> None:
    async with serving() as served:
        session = await served.open_session()
        watch = watching(served, session.session_id)
        caught_up = await take(watch, "caught_up")
        assert caught_up.frame == 3
        page = served.metrics.page().decode()
        method = 'method="JourneyService/Watch"'
        for frame in ("opened", "snapshot", "caught_up"):
            assert f'journey_stream_frames_total{{frame="{frame}",{method}}} 1.0' in page
        assert f"journey_streams_open{{{method}}} 1.0" in page
        watch.cancel()
        await until(
            lambda: f"journey_streams_open{{{method}}} 0.0" in served.metrics.page().decode()
        )


async def test_a_cancelled_watch_ends_on_the_server_and_is_logged() -> None:
    async with serving() as served:
        session = await served.open_session()
        watch = watching(served, session.session_id)
        await take(watch, "caught_up")
        assert served.application.watchers == 1
        watch.cancel()
        await until(lambda: served.application.watchers == 0)
        await until(lambda: served.lines()[-1]["code"] == "CANCELLED")
        assert served.lines()[-1]["method"] == "JourneyService/Watch"


async def test_watches_that_are_cancelled_leave_nothing_behind() -> None:
    async with serving() as served:
        session = await served.open_session()

        async def once() -> None:
            watch = watching(served, session.session_id)
            await take(watch, "caught_up")
            watch.cancel()
            await until(lambda: served.application.watchers == 0)

        await once()
        gc.collect()
        before = len(asyncio.all_tasks())
        for _ in range(20):
            await once()
        await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_newer_watch_of_a_session_replaces_the_older() -> None:
    async with serving() as served:
        session = await served.open_session()
        older = watching(served, session.session_id)
        await take(older, "caught_up")
        newer = watching(served, session.session_id)
        await take(newer, "caught_up")
        gone = await take(older, "going_away")
        assert gone.going_away.reason == GOING_AWAY_REASON_REPLACED
        assert await older.read() is grpc.aio.EOF
        assert await older.code() is grpc.StatusCode.OK
        newer.cancel()


async def test_signing_out_ends_the_watch_with_its_reason() -> None:
    async with serving() as served:
        session = await served.open_session()
        watch = watching(served, session.session_id)
        await take(watch, "caught_up")
        await served.sessions.CloseSession(
            CloseSessionRequest(session_id=session.session_id, sign_out=True),
            metadata=served.as_("device"),
        )
        gone = await take(watch, "going_away")
        assert gone.going_away.reason == GOING_AWAY_REASON_SIGNED_OUT
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await watch.read()
        assert reason_of(raised.value) == "SIGNED_OUT"


async def test_a_watch_is_checked_like_any_call_before_it_opens() -> None:
    async with serving() as served:
        for metadata, reason in (
            ((), "TOKEN_MISSING"),
            (served.as_("operator"), "ROLE_NOT_ALLOWED"),
            (served.as_("service"), "FIELD_VIOLATIONS"),
        ):
            watch = served.journeys.Watch(WatchRequest(), metadata=metadata)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await watch.read()
            assert reason_of(raised.value) == reason
        assert "stream_opened" not in served.log.getvalue()


async def test_one_installation_has_four_streams_at_most() -> None:
    async with serving() as served:
        bound = served.as_("device", installation_id="phone")
        streams = []
        for _ in range(4):
            stream = served.journeys.RecordStream(metadata=bound)
            await take(stream, "opened")
            streams.append(stream)
        fifth = served.journeys.RecordStream(metadata=bound)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await fifth.read()
        assert reason_of(raised.value) == "TOO_MANY_STREAMS"
        streams[0].cancel()
        method = 'method="JourneyService/RecordStream"'
        await until(
            lambda: f"journey_streams_open{{{method}}} 3.0" in served.metrics.page().decode()
        )
        sixth = served.journeys.RecordStream(metadata=bound)
        await take(sixth, "opened")
        for stream in (*streams, sixth):
            stream.cancel()


async def test_a_reader_that_takes_nothing_is_cut_and_told_so() -> None:
    async with serving(blocked_send_ms=200, frame_bytes=262_144) as served:
        me = served.as_("service", "importer", scopes=["journal.read"])
        for number in range(12):
            await served.journeys.Record(imported("customer", 400, 450), metadata=me)
            assert number >= 0
        narrow = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536)]
        async with grpc.aio.insecure_channel(
            f"127.0.0.1:{served.server.port}", options=narrow
        ) as slow:
            method: Any = slow.unary_stream("/journey.v1.HistoryService/ReadEvents")
            read = method(
                ReadEventsRequest(subject_id="customer", purpose="analytics").SerializeToString(),
                metadata=me,
            )
            await read.read()
            await until(lambda: served.lines()[-1]["reason"] == "SLOW_CONSUMER")
            error = await failure_of(read)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(error) == "SLOW_CONSUMER"


async def test_a_bulk_read_gives_its_place_back_while_its_reader_takes_a_page() -> None:
    async with serving(admission_bulk_calls=1) as served:
        me = served.as_("service", "importer", scopes=["journal.read"])
        await served.journeys.Record(imported("customer", 5), metadata=me)
        asked = ReadEventsRequest(subject_id="customer", purpose="analytics")
        first = served.history.ReadEvents(asked, metadata=me)
        await take(first, "opened")
        second = served.history.ReadEvents(asked, metadata=me)
        await take(second, "done")
        await take(first, "done")


async def test_a_drain_says_so_sends_streams_away_and_refuses_what_can_wait() -> None:
    store = FaultyStore()
    async with serving(store, drain_notice_ms=0, drain_grace_ms=5_000) as served:
        session, me = await served.open_session(), served.as_("device")
        watch = watching(served, session.session_id)
        recording = served.journeys.RecordStream(metadata=me)
        await take(watch, "caught_up")
        await take(recording, "credit")
        with store.journal.writes.held():
            under_way = asyncio.ensure_future(
                served.journeys.Record(batch(session), metadata=me, timeout=60)
            )
            await store.journal.writes.reached_by(1)
            stopping = asyncio.create_task(served.server.stop())
            for stream in (watch, recording):
                gone = await take(stream, "going_away")
                assert gone.going_away.reason == GOING_AWAY_REASON_DRAINING
                assert 0 <= gone.going_away.retry_after_ms <= served.settings.drain_streams_ms
                assert await stream.read() is grpc.aio.EOF
            assert not served.server.is_ready()
        answer = await under_way
        assert answer.results[0].version > 0
        await stopping


async def test_while_it_drains_people_are_served_and_others_are_not() -> None:
    async with serving() as served:
        session, me = await served.open_session(), served.as_("device")
        served.server.chain.phase = type(served.server.chain.phase).DRAINING
        await served.journeys.Record(batch(session), metadata=me)
        watch = watching(served, session.session_id)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await watch.read()
        assert reason_of(raised.value) == "DRAINING"


async def test_until_the_journal_is_ready_calls_are_told_that_it_starts() -> None:
    async with serving() as served:
        phase = type(served.server.chain.phase)
        served.server.chain.phase = phase.STARTING
        served.switches["ready"] = False
        served.server.health.look()
        session = served.open_session()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await session
        assert reason_of(raised.value) == "STARTING"
        served.switches["ready"] = True
        await until(lambda: served.server.chain.phase is phase.SERVING)
        await served.open_session()


class Recorder:
    """A client of RecordStream."""

    def __init__(self, served: Served, metadata: Any) -> None:
        self.stream = served.journeys.RecordStream(metadata=metadata)

    async def send(self, request: RecordRequest, batch_no: int) -> None:
        request.batch_no = batch_no
        await self.stream.write(RecordStreamRequest(batch=request))

    async def ack(self) -> Any:
        return (await take(self.stream, "ack")).ack

    async def drain(self) -> None:
        await self.stream.write(RecordStreamRequest(drain={}))


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
