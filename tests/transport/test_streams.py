import asyncio
import gc
from typing import Any

import grpc
import pytest

from journey.v1.access_pb2 import LOAD_CLASS_BULK
from journey.v1.history_service_pb2 import PlayEventsRequest, ReadEventsRequest
from journey.v1.journey_service_pb2 import (
    WatchRequest,
)
from journey.v1.session_service_pb2 import CloseSessionRequest
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_DRAINING,
    GOING_AWAY_REASON_REPLACED,
    GOING_AWAY_REASON_SIGNED_OUT,
)
from journey_service.transport.call import Call
from tests.transport.faulty import FaultyStore, take, until
from tests.transport.recording import failure_of, imported
from tests.transport.serving import (
    Served,
    batch,
    reason_of,
    serving,
)


def watching(served: Served, session_id: str, subject: str = "alice") -> Any:
    return served.journeys.Watch(
        WatchRequest(session_id=session_id), metadata=served.as_("device", subject)
    )


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


async def test_of_a_watch_that_stays_open_no_copy_of_its_token_is_kept() -> None:
    async with serving() as served:
        session = await served.open_session()
        watch = watching(served, session.session_id)
        await take(watch, "caught_up")
        gc.collect()  # calls of other tests
        calls = [each for each in gc.get_objects() if isinstance(each, Call)]
        assert {each.authorization for each in calls if each.method.name == "Watch"} == {None}
        watch.cancel()


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
        assert "stream_opened" not in served.log()


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


async def test_a_play_is_a_bulk_read_that_holds_no_place_while_it_pauses() -> None:
    async with serving(admission_bulk_calls=1) as served, asyncio.timeout(30):
        me = served.as_("service", "importer", scopes=["journal.read"])
        request = imported("customer", 2)
        request.interactions[0].wall_ms -= 3_600_000
        await served.journeys.Record(request, metadata=me)
        asked = PlayEventsRequest(subject_id="customer", speed=1_000, max_pause_ms=600_000)
        play = served.history.PlayEvents(asked, metadata=me)
        await take(play, "step")
        while await _reads(served, me) == "RATE_LIMITED":
            pass  # It is on the way to its pause.
        admission = served.server.chain.admission
        assert admission.try_enter(LOAD_CLASS_BULK)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await take(served.history.PlayEvents(asked, metadata=me), "opened")
        assert reason_of(refused.value) == "RATE_LIMITED"
        admission.leave(LOAD_CLASS_BULK)
        play.cancel()
        assert await _reads(served, me) == ""


async def _reads(served: Served, me: Any) -> str:
    """Read all of a customer; why that was refused, if it was."""
    asked = ReadEventsRequest(subject_id="customer", purpose="analytics")
    try:
        await take(served.history.ReadEvents(asked, metadata=me), "done")
    except grpc.aio.AioRpcError as refused:
        return reason_of(refused)
    return ""


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


async def test_copies_that_are_sent_anew_are_counted_by_their_reason() -> None:
    async with serving() as served:
        session, me = await served.open_session(), served.as_("device")
        watch = watching(served, session.session_id)
        token = (await take(watch, "snapshot")).token
        watch.cancel()
        asked = WatchRequest(session_id=session.session_id, token=token, kinds=["cart"])
        filtered = served.journeys.Watch(asked, metadata=me)
        opened = (await take(filtered, "opened")).opened
        assert not opened.resumed
        page = served.metrics.page().decode()
        assert 'journey_stream_resets_total{reason="FILTER_CHANGED"} 1.0' in page
        filtered.cancel()


async def test_a_bulk_read_comes_in_frames_of_so_many_events() -> None:
    async with serving(event_frame_events=3) as served:
        me = served.as_("service", "importer")
        await served.journeys.Record(imported("customer", 8), metadata=me)
        asked = ReadEventsRequest(subject_id="customer", purpose="analytics")
        frames = [frame async for frame in served.history.ReadEvents(asked, metadata=me)]
        assert [len(frame.batch.events) for frame in frames[1:-1]] == [3, 3, 2]
        assert frames[-1].done.count == 8
