import asyncio
import socket
from pathlib import Path
from typing import Any

import grpc
import pytest

from journey.v1.admin_service_pb2 import GetPartitionsRequest, GetServerInfoRequest
from journey.v1.admin_service_pb2_grpc import AdminServiceStub
from journey.v1.journey_service_pb2 import GetJourneyRequest, ListJourneysRequest, WatchRequest
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import ListSessionsRequest, RefreshSessionRequest
from journey_service.settings import Settings
from journey_service.transport.grpc_server import AddressTaken, options
from tests.transport.faulty import FaultyStore, take, until
from tests.transport.serving import (
    batch,
    clock,
    event_id,
    info_of,
    listed,
    opening,
    reason_of,
    request_id,
    serving,
    status_of,
    trailing,
)

GROCERIES = GetJourneyRequest(journey=JourneyRef(kind="list", journey_id="groceries"))
INFO = GetServerInfoRequest()


async def test_what_is_recorded_can_be_read_and_is_watched() -> None:
    async with serving() as served:
        session, me = await served.open_session(), served.as_("device")
        watch = served.journeys.Watch(WatchRequest(session_id=session.session_id), metadata=me)
        await take(watch, "caught_up")
        answer = await served.journeys.Record(batch(session), metadata=me)
        assert answer.results[0].version > 0
        delta = (await take(watch, "delta")).delta
        assert delta.processed[0].seq == 1
        read = await served.journeys.GetJourney(GROCERIES, metadata=me)
        assert read.journey.list == delta.journeys[0].list
        assert [item.content_id for item in read.journey.list.items] == ["milk"]
        watch.cancel()


async def test_answer_error_and_log_carry_one_request_id() -> None:
    async with serving() as served:
        call = served.admin.GetServerInfo(INFO, metadata=served.as_("device"))
        await call
        told = request_id(await call.trailing_metadata())
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await served.admin.GetServerInfo(INFO)
        refused = request_id(trailing(raised.value))
        assert info_of(status_of(raised.value)).metadata["request_id"] == refused
        assert [line["request_id"] for line in served.lines()] == [told, refused]
        assert told != refused


async def test_a_stream_tells_its_request_id_at_once() -> None:
    async with serving() as served:
        session = await served.open_session()
        watch = served.journeys.Watch(
            WatchRequest(session_id=session.session_id), metadata=served.as_("device")
        )
        told = request_id(await watch.initial_metadata())
        await take(watch, "opened")
        opened = [line for line in served.lines() if line["event"] == "stream_opened"]
        assert [line["request_id"] for line in opened] == [told]
        watch.cancel()


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        ("00-" + "a" * 32 + "-" + "b" * 16 + "-01", "a" * 32),
        ("00-" + "A" * 32 + "-" + "b" * 16 + "-01", ""),
        ('","level":"error', ""),
    ],
)
async def test_the_trace_of_the_caller_is_logged_if_it_is_one(header: str, trace: str) -> None:
    async with serving() as served:
        metadata = (*served.as_("device"), ("traceparent", header))
        await served.admin.GetServerInfo(INFO, metadata=metadata)
        assert served.lines()[-1]["trace_id"] == trace
        assert served.lines()[-1]["level"] == "info"


async def test_no_line_holds_an_identifier_a_token_or_a_payload() -> None:
    async with serving() as served:
        session, me = (
            await served.open_session("alice.secret"),
            served.as_("device", "alice.secret"),
        )
        await served.journeys.Record(batch(session, listed(item="diapers")), metadata=me)
        with pytest.raises(grpc.aio.AioRpcError):
            await served.journeys.GetJourney(
                GetJourneyRequest(subject_id="bob.secret", journey=GROCERIES.journey), metadata=me
            )
        log = served.log()
        ids = (session.subject_id, session.session_id, session.installation_id)
        clear = (*ids, "secret", "diaper", "groceries", me[0][1].removeprefix("Bearer "))
        assert [value for value in clear if value in log] == []
        recorded = next(line for line in served.lines() if line["method"].endswith("/Record"))
        assert recorded["customer"]
        assert recorded["session"]


async def test_figures_count_every_call_by_its_end() -> None:
    async with serving() as served:
        await served.admin.GetServerInfo(INFO, metadata=served.as_("device"))
        with pytest.raises(grpc.aio.AioRpcError):
            await served.admin.GetServerInfo(INFO)
        page = served.metrics.page().decode()
        name = 'method="AdminService/GetServerInfo"'
        assert f'journey_rpc_total{{code="OK",{name},reason="",transport="grpc"}} 1.0' in page
        assert f'{{code="UNAUTHENTICATED",{name},reason="TOKEN_MISSING",transport="grpc"}}' in page


async def test_bytes_that_are_no_message_are_refused_by_us_and_not_by_the_library() -> None:
    async with serving() as served:
        raw: Any = served.channel.unary_unary("/journey.v1.JourneyService/GetJourney")
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await raw(b"\xff\xff\xff", metadata=served.as_("device"))
        assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert reason_of(raised.value) == "FIELD_VIOLATIONS"


async def test_who_calls_is_looked_at_before_what_they_say() -> None:
    async with serving() as served:
        raw: Any = served.channel.unary_unary("/journey.v1.JourneyService/GetJourney")
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await raw(b"\xff\xff\xff")
        assert reason_of(raised.value) == "TOKEN_MISSING"
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await raw(b"\xff\xff\xff", metadata=served.as_("operator"))
        assert reason_of(raised.value) == "ROLE_NOT_ALLOWED"


async def test_a_development_token_that_came_through_a_proxy_is_refused() -> None:
    async with serving() as served:
        metadata = (*served.as_("device"), ("x-forwarded-for", "203.0.113.9"))
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await served.admin.GetServerInfo(INFO, metadata=metadata)
        assert reason_of(raised.value) == "TOKEN_INVALID"


async def test_other_customers_and_customers_that_do_not_exist_look_alike() -> None:
    async with serving() as served:
        other = await served.open_session("bob", "tablet")
        statuses = []
        for subject_id in (other.subject_id, "nobody"):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await served.journeys.GetJourney(
                    GetJourneyRequest(subject_id=subject_id, journey=GROCERIES.journey),
                    metadata=served.as_("device"),
                )
            status = status_of(raised.value)
            statuses.append((status.code, status.message, info_of(status).reason))
        assert statuses[0] == statuses[1]
        assert statuses[0][2] == "CUSTOMER_MISMATCH"


async def test_a_credential_bound_to_an_installation_opens_no_other() -> None:
    async with serving() as served:
        bound = served.as_("device", installation_id="phone")
        await served.sessions.OpenSession(opening("phone"), metadata=bound)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await served.sessions.OpenSession(opening("tablet"), metadata=bound)
        assert reason_of(raised.value) == "CUSTOMER_MISMATCH"


async def test_a_session_of_somebody_else_is_of_no_use() -> None:
    async with serving() as served:
        session = await served.open_session("bob", "tablet")
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await served.journeys.Record(batch(session), metadata=served.as_("device"))
        assert reason_of(raised.value) == "CUSTOMER_MISMATCH"


async def test_a_write_without_deadline_ends_as_unknown_when_the_default_is_over() -> None:
    store = FaultyStore()
    async with serving(store, call_deadline_ms=50) as served:
        session = await served.open_session()
        with store.journal.writes.held(), pytest.raises(grpc.aio.AioRpcError) as raised:
            await served.journeys.Record(batch(session), metadata=served.as_("device"))
        assert reason_of(raised.value) == "OUTCOME_UNKNOWN"
        assert info_of(status_of(raised.value)).metadata["outcome"] == "unknown"


async def test_a_read_without_deadline_ends_as_not_done() -> None:
    store = FaultyStore()
    async with serving(store, call_deadline_ms=50) as served:
        with store.journal.reads.held(), pytest.raises(grpc.aio.AioRpcError) as raised:
            await served.journeys.ListJourneys(ListJourneysRequest(), metadata=served.as_("device"))
        assert reason_of(raised.value) == "EXPIRED_IN_QUEUE"


async def test_the_callers_deadline_ends_the_work_and_gives_the_place_back() -> None:
    store = FaultyStore()
    async with serving(store) as served:
        # Held until the service has given up, too: its clock may be a moment behind the caller's.
        with store.journal.reads.held():
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await served.journeys.ListJourneys(
                    ListJourneysRequest(), metadata=served.as_("device"), timeout=0.1
                )
            await until(served.lines)
        assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert served.lines()[-1]["code"] == "DEADLINE_EXCEEDED"
        assert (
            'journey_admission_in_flight{load="interactive"} 0.0' in served.metrics.page().decode()
        )


async def test_a_cancelled_call_is_logged_as_such_and_gives_its_place_back() -> None:
    store = FaultyStore()
    async with serving(store) as served:
        with store.journal.reads.held():
            call = served.journeys.ListJourneys(
                ListJourneysRequest(), metadata=served.as_("device"), timeout=60
            )
            waiting = asyncio.ensure_future(call)
            await store.journal.reads.reached_by(1)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await until(served.lines)
        assert served.lines()[-1]["code"] == "CANCELLED"
        assert store.journal.reads.waiting == 0
        assert (
            'journey_admission_in_flight{load="interactive"} 0.0' in served.metrics.page().decode()
        )


async def test_what_nobody_foresaw_tells_the_caller_the_id_and_the_log_the_rest() -> None:
    store = FaultyStore()
    async with serving(store) as served:
        fault = RuntimeError("password is hunter2")
        with store.journal.reads.failing(fault), pytest.raises(grpc.aio.AioRpcError) as raised:
            await served.journeys.ListJourneys(ListJourneysRequest(), metadata=served.as_("device"))
        assert raised.value.code() is grpc.StatusCode.INTERNAL
        assert reason_of(raised.value) == "BUG"
        assert "hunter2" not in str(status_of(raised.value))
        bug, call = served.lines()
        assert "RuntimeError: password is hunter2" in bug["exception"]
        assert bug["request_id"] == call["request_id"] == request_id(trailing(raised.value))
        assert call["level"] == "error"


async def test_a_busy_service_refuses_early_and_says_when_to_come_again() -> None:
    store = FaultyStore()
    tight: dict[str, Any] = {
        "admission_start_calls": 1,
        "admission_floor_calls": 1,
        "admission_ceiling_calls": 1,
    }
    async with serving(store, admission_wait_ms=10, **tight) as served:
        with store.journal.reads.held():
            me = served.as_("device")
            first = asyncio.ensure_future(
                served.journeys.ListJourneys(ListJourneysRequest(), metadata=me, timeout=60)
            )
            await store.journal.reads.reached_by(1)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await served.admin.GetServerInfo(INFO, metadata=me)
        await first
        assert reason_of(raised.value) == "RATE_LIMITED"
        line = next(line for line in served.lines() if line["code"] == "RESOURCE_EXHAUSTED")
        assert line["queue_wait_ms"] >= 5


async def test_a_large_batch_gives_way_to_calls_that_a_person_waits_for() -> None:
    tight: dict[str, Any] = {
        "admission_start_calls": 4,
        "admission_floor_calls": 3,
        "admission_ceiling_calls": 4,
    }
    store = FaultyStore()
    async with serving(store, admission_flush_wait_ms=0, **tight) as served:
        me = served.as_("device")
        sessions = [await served.open_session(installation=f"i{number}") for number in range(2)]
        large = [
            batch(session, *[listed(seq, f"i{seq}") for seq in range(1, 12)])
            for session in sessions
        ]
        with store.journal.writes.held():
            first = asyncio.ensure_future(served.journeys.Record(large[0], metadata=me, timeout=60))
            await store.journal.writes.reached_by(1)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await served.journeys.Record(large[1], metadata=me, timeout=60)
            assert reason_of(raised.value) == "RATE_LIMITED"
            await served.admin.GetServerInfo(INFO, metadata=me)
        await first


async def test_a_message_over_the_limit_is_refused_by_the_transport() -> None:
    async with serving() as served:
        raw: Any = served.channel.unary_unary("/journey.v1.JourneyService/Record")
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await raw(b"x" * (1_114_112 + 1), metadata=served.as_("device"))
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_second_server_on_the_same_port_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(AddressTaken, match="JOURNEY_GRPC_ADDRESS"):
            async with serving(grpc_address=address):
                pass


def test_the_options_of_the_server_are_those_that_were_decided() -> None:
    assert dict(options(Settings())) == {
        "grpc.so_reuseport": 0,
        "grpc.max_concurrent_streams": 200,
        "grpc.max_receive_message_length": 1_114_112,
        "grpc.max_metadata_size": 16_384,
        "grpc.absolute_max_metadata_size": 16_384,
        "grpc.keepalive_time_ms": 30_000,
        "grpc.keepalive_timeout_ms": 10_000,
        "grpc.keepalive_permit_without_calls": 1,
        "grpc.http2.min_recv_ping_interval_without_data_ms": 5_000,
        "grpc.max_connection_age_ms": 1_800_000,
        "grpc.max_connection_age_grace_ms": 2_160_000,
    }


async def test_a_list_of_sessions_is_of_the_caller() -> None:
    async with serving() as served:
        mine = await served.open_session()
        await served.open_session("bob", "tablet")
        answer = await served.sessions.ListSessions(
            ListSessionsRequest(), metadata=served.as_("device")
        )
        assert [session.session_id for session in answer.sessions] == [mine.session_id]


async def test_a_repeat_of_a_batch_gets_the_first_answer_again() -> None:
    async with serving() as served:
        session, me = await served.open_session(), served.as_("device")
        request = batch(session, listed(event_id=event_id()))
        first = await served.journeys.Record(request, metadata=me)
        again = await served.journeys.Record(request, metadata=me)
        assert again.results[0].duplicate
        assert again.results[0].version == first.results[0].version


async def test_a_session_is_kept_alive_with_a_newer_credential() -> None:
    async with serving() as served:
        session = await served.open_session()
        answer = await served.sessions.RefreshSession(
            RefreshSessionRequest(session_id=session.session_id, clock=clock()),
            metadata=served.as_("device", life_s=800),
        )
        assert answer.session.expires_at_ms >= session.expires_at_ms
        assert answer.auth_expires_at_ms > answer.clock.received_ms
        assert answer.clock.answered_ms >= answer.clock.received_ms


async def test_an_operator_sees_where_every_partition_stands() -> None:
    async with serving(partition_count=4) as served:
        await served.open_session()
        answer = await served.admin.GetPartitions(
            GetPartitionsRequest(), metadata=served.as_("operator", "op")
        )
        assert [found.partition for found in answer.partitions] == [0, 1, 2, 3]
        assert sum(found.head_position for found in answer.partitions) == 1


async def test_the_service_can_listen_on_a_unix_socket(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/journey.sock"
    async with serving(grpc_address=address, self_check_ms=20) as served:
        await until(served.server.is_alive)
        async with grpc.aio.insecure_channel(address) as channel:
            admin: Any = AdminServiceStub(channel)
            answer = await admin.GetServerInfo(INFO, metadata=served.as_("device"))
        assert answer.api == ["journey.v1"]
