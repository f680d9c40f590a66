"""What gets a call refused."""

import asyncio
import time
from typing import Any

import grpc

from journey.v1.admin_service_pb2 import GetPartitionsRequest, GetServerInfoRequest
from journey.v1.history_service_pb2 import ListEventsRequest, ReadEventsRequest
from journey.v1.history_service_pb2_grpc import HistoryServiceStub
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    ListJourneysRequest,
    RecordRequest,
    WatchRequest,
)
from journey.v1.reading_pb2 import StartPoint
from journey.v1.session_service_pb2 import CloseSessionRequest
from journey.v1.sessions_pb2 import Session
from journey_service.domain.errors import EventUnreadable, StorageUnavailable
from journey_service.domain.tokens import Checkpoint
from journey_service.transport.rpc import Phase
from tests.transport.faulty import take, until
from tests.transport.serving import (
    batch,
    event_id,
    listed,
    opening,
)
from tests.transport.world import GROCERIES, World, provokes, read_journal, to_the_end


@provokes("FIELD_VIOLATIONS")
async def a_call_without_a_required_field(world: World) -> None:
    await world.served.journeys.GetJourney(GetJourneyRequest(), metadata=world.device)


@provokes("FIELD_VIOLATIONS")
async def a_batch_without_session(world: World) -> None:
    await world.record(RecordRequest(interactions=[listed()]))


@provokes("FIELD_VIOLATIONS")
async def a_negative_page_size(world: World) -> None:
    asked = ListJourneysRequest(page_size=-1)
    await world.served.journeys.ListJourneys(asked, metadata=world.device)


@provokes("FIELD_VIOLATIONS")
async def a_service_that_names_nobody(world: World) -> None:
    await world.served.journeys.ListJourneys(ListJourneysRequest(), metadata=world.service)


@provokes("TOO_LARGE")
async def a_batch_of_too_many(world: World) -> None:
    session = await world.served.open_session()
    await world.record(batch(session, *[listed(seq) for seq in range(1, 202)]))


@provokes("EVENT_ID_REUSED")
async def an_event_id_with_other_content_in_an_atomic_batch(world: World) -> None:
    same = event_id()
    for item in ("milk", "bread"):
        sent = listed(0, item, event_id=same)
        await world.record(
            RecordRequest(
                subject_id="c", installation_id="i", interactions=[sent, listed(0)], atomic=True
            ),
            world.service,
        )


@provokes("TOKEN_MISMATCH")
async def a_damaged_page_token(world: World) -> None:
    asked = ListJourneysRequest(page_token="x")
    await world.served.journeys.ListJourneys(asked, metadata=world.device)


@provokes("TOKEN_MISMATCH")
async def a_page_token_with_another_filter(world: World) -> None:
    session = await world.served.open_session()
    await world.record(batch(session, *[listed(seq, f"i{seq}") for seq in (1, 2)]))
    first = await world.served.history.ListEvents(
        ListEventsRequest(page_size=1), metadata=world.device
    )
    asked = ListEventsRequest(page_size=1, descending=True, page_token=first.next_page_token)
    await world.served.history.ListEvents(asked, metadata=world.device)


@provokes("TOKEN_MISMATCH")
async def a_write_token_as_resume_token(world: World) -> None:
    session = await world.served.open_session()
    written = await world.record(batch(session))
    await to_the_end(
        world.served.journeys.Watch(
            WatchRequest(session_id=session.session_id, token=written.write_token),
            metadata=world.device,
        )
    )


@provokes("TOKEN_MISSING")
async def no_credential(world: World) -> None:
    await world.served.admin.GetServerInfo(GetServerInfoRequest())


@provokes("TOKEN_INVALID")
async def a_credential_that_was_changed(world: World) -> None:
    name, value = world.device[0]
    changed = value[:-2] + ("AA" if not value.endswith("AA") else "BB")
    await world.served.admin.GetServerInfo(GetServerInfoRequest(), metadata=((name, changed),))


@provokes("TOKEN_EXPIRED")
async def a_credential_that_has_ended(world: World) -> None:
    ended = world.served.as_("device", life_s=60, now_s=time.time() - 120)
    await world.served.admin.GetServerInfo(GetServerInfoRequest(), metadata=ended)


@provokes("SIGNED_OUT")
async def recording_in_a_session_that_was_closed(world: World) -> None:
    session = await world.served.open_session()
    await world.served.sessions.CloseSession(
        CloseSessionRequest(session_id=session.session_id, sign_out=True), metadata=world.device
    )
    await world.record(batch(session))


@provokes("ROLE_NOT_ALLOWED")
async def a_device_that_asks_for_partitions(world: World) -> None:
    await world.served.admin.GetPartitions(GetPartitionsRequest(), metadata=world.device)


@provokes("SCOPE_MISSING")
async def a_service_that_reads_the_journal_without_scope(world: World) -> None:
    await to_the_end(
        world.served.history.ReadEvents(
            ReadEventsRequest(purpose="analytics"), metadata=world.service
        )
    )


@provokes("CUSTOMER_MISMATCH")
async def a_device_that_reads_another_customer(world: World) -> None:
    asked = GetJourneyRequest(subject_id="somebody", journey=GROCERIES)
    await world.served.journeys.GetJourney(asked, metadata=world.device)


@provokes("CUSTOMER_MISMATCH")
async def a_device_that_records_for_another_customer(world: World) -> None:
    session = await world.served.open_session()
    await world.record(batch(session, subject_id="somebody"))


@provokes("CUSTOMER_MISMATCH")
async def a_token_of_another_customer(world: World) -> None:
    asked = ListJourneysRequest(at_least=world.state_token("somebody", 1))
    await world.served.journeys.ListJourneys(asked, metadata=world.device)


@provokes("CUSTOMER_MISMATCH")
async def staff_without_an_open_case(world: World) -> None:
    metadata = world.served.as_("staff", "clerk")
    await world.served.journeys.ListJourneys(ListJourneysRequest(), metadata=metadata)


@provokes("JOURNEY_NOT_FOUND")
async def a_journey_that_is_not_there(world: World) -> None:
    await world.served.journeys.GetJourney(
        GetJourneyRequest(journey=GROCERIES), metadata=world.device
    )


@provokes("CUSTOMER_MISMATCH")
async def a_session_that_is_not_there(world: World) -> None:
    await world.record(batch(Session(session_id="1.aaaaaaaaaaaaaaaaaaaaaaaaaa")))


@provokes("SESSION_NOT_FOUND", session_idle_ms=1)
async def a_session_that_has_expired(world: World) -> None:
    session = await world.served.open_session()
    await asyncio.sleep(0.01)
    await world.record(batch(session))


@provokes("VERSION_CONFLICT")
async def a_version_that_is_not_the_last(world: World) -> None:
    await world.record(
        RecordRequest(
            subject_id="c", installation_id="i", interactions=[listed(0)], expected_version=3
        ),
        world.service,
    )


@provokes("COMMAND_ID_REUSED")
async def a_command_id_with_other_content(world: World) -> None:
    command = opening()
    await world.served.sessions.OpenSession(command, metadata=world.device)
    command.device.name = "Another phone"
    await world.served.sessions.OpenSession(command, metadata=world.device)


@provokes("SEQ_GAP")
async def a_seq_that_is_not_next(world: World) -> None:
    await world.record(batch(await world.served.open_session(), listed(5)))


@provokes("INSTALLATION_CLONED")
async def a_seq_that_was_used_for_another_event(world: World) -> None:
    session = await world.served.open_session()
    await world.record(batch(session, listed(1)))
    await world.record(batch(session, listed(1)))


@provokes("CHECKPOINT_AHEAD")
async def a_checkpoint_ahead_of_the_journal(world: World) -> None:
    checkpoint = world.tokens().seal_checkpoint(Checkpoint(epoch="1", positions={0: 99}))
    await read_journal(world, StartPoint(checkpoint=checkpoint))


@provokes("JOURNAL_REWOUND")
async def a_checkpoint_from_before_a_restore(world: World) -> None:
    checkpoint = world.tokens().seal_checkpoint(Checkpoint(epoch="1", positions={0: 1}))
    world.store.journal.begin_epoch()
    await read_journal(world, StartPoint(checkpoint=checkpoint))


@provokes("JOURNAL_REWOUND")
async def at_least_what_was_before_a_restore(world: World) -> None:
    session = await world.served.open_session()
    asked = ListJourneysRequest(at_least=world.state_token(session.subject_id, 9, epoch="1"))
    world.store.journal.begin_epoch()
    await world.served.journeys.ListJourneys(asked, metadata=world.device)


@provokes("RATE_LIMITED", rate_interactions_burst=10)
async def more_interactions_than_the_quota(world: World) -> None:
    session = await world.served.open_session()
    for first in range(1, 40, 8):
        await world.record(batch(session, *[listed(first + more) for more in range(8)]))


@provokes(
    "RATE_LIMITED",
    admission_start_calls=1,
    admission_floor_calls=1,
    admission_ceiling_calls=1,
    admission_wait_ms=1,
)
async def a_call_while_the_service_is_busy(world: World) -> None:
    with world.store.journal.reads.held():
        call = world.served.journeys.ListJourneys(
            ListJourneysRequest(), metadata=world.device, timeout=60
        )
        busy = asyncio.ensure_future(call)
        await world.store.journal.reads.reached_by(1)
        try:
            await world.served.admin.GetServerInfo(GetServerInfoRequest(), metadata=world.device)
        finally:
            call.cancel()
            await asyncio.gather(busy, return_exceptions=True)


@provokes("TOO_MANY_STREAMS", streams_per_installation=1)
async def a_second_stream_where_one_is_allowed(world: World) -> None:
    bound = world.served.as_("device", installation_id="phone")
    first = world.served.journeys.RecordStream(metadata=bound)
    await take(first, "opened")
    try:
        await to_the_end(world.served.journeys.RecordStream(metadata=bound))
    finally:
        first.cancel()


@provokes("SLOW_CONSUMER", blocked_send_ms=100)
async def a_reader_that_takes_nothing(world: World) -> None:
    for _ in range(12):
        many = [listed(0, f"i{number}") for number in range(400)]
        for interaction in many:
            interaction.list_item_added.note = "x" * 450
        await world.record(
            RecordRequest(subject_id="c", installation_id="i", interactions=many), world.service
        )
    asked = ReadEventsRequest(subject_id="c", purpose="analytics")
    # Without probing, what runs ahead of the reader stays small.
    narrow = [("grpc.http2.bdp_probe", 0)]
    target = f"127.0.0.1:{world.served.server.port}"
    async with grpc.aio.insecure_channel(target, options=narrow) as channel:
        history: Any = HistoryServiceStub(channel)
        stream = history.ReadEvents(asked, metadata=world.service)
        await stream.read()
        await until(lambda: "SLOW_CONSUMER" in world.served.log())
        await to_the_end(stream)


@provokes("PROJECTION_BEHIND", at_least_wait_ms=30)
async def a_read_that_should_contain_what_is_not_there(world: World) -> None:
    session = await world.served.open_session()
    asked = ListJourneysRequest(at_least=world.state_token(session.subject_id, 1_000))
    await world.served.journeys.ListJourneys(asked, metadata=world.device)


@provokes("EXPIRED_IN_QUEUE", call_deadline_ms=20)
async def a_read_that_takes_longer_than_the_default_deadline(world: World) -> None:
    with world.store.journal.reads.held():
        await world.served.journeys.ListJourneys(ListJourneysRequest(), metadata=world.device)


@provokes("STARTING")
async def a_call_before_the_journal_is_ready(world: World) -> None:
    world.served.switches["ready"] = False
    world.served.server.chain.phase = Phase.STARTING
    await world.served.admin.GetServerInfo(GetServerInfoRequest(), metadata=world.device)


@provokes("DRAINING")
async def a_watch_while_the_service_stops(world: World) -> None:
    session = await world.served.open_session()
    world.served.server.chain.phase = Phase.DRAINING
    await to_the_end(
        world.served.journeys.Watch(
            WatchRequest(session_id=session.session_id), metadata=world.device
        )
    )


@provokes("STORAGE_UNAVAILABLE")
async def a_write_while_the_database_is_away(world: World) -> None:
    session = await world.served.open_session()
    with world.store.journal.writes.failing(StorageUnavailable()):
        await world.record(batch(session))


@provokes("STORAGE_UNAVAILABLE")
async def a_write_while_the_clock_of_the_database_is_unknown(world: World) -> None:
    session = await world.served.open_session()
    world.store.clock.known = False
    try:
        await world.record(batch(session))
    finally:
        world.store.clock.known = True


@provokes("OUTCOME_UNKNOWN", call_deadline_ms=50)
async def a_write_whose_answer_does_not_come_in_time(world: World) -> None:
    session = await world.served.open_session()
    with world.store.journal.writes.held():
        await world.record(batch(session))


@provokes("EVENT_UNREADABLE")
async def a_read_of_a_damaged_event(world: World) -> None:
    with world.store.journal.reads.failing(EventUnreadable()):
        await world.served.history.ListEvents(ListEventsRequest(), metadata=world.device)


@provokes("BUG")
async def what_nobody_foresaw(world: World) -> None:
    with world.store.journal.reads.failing(RuntimeError("boom")):
        await world.served.journeys.ListJourneys(ListJourneysRequest(), metadata=world.device)
