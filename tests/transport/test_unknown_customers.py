"""Who reaches everybody learns that a customer is not there; a device learns nothing of others."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ResourceInfo
from google.rpc.status_pb2 import Status

from journey.v1.history_service_pb2 import ListEventsRequest
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    ListJourneysRequest,
    RecordRequest,
    WatchRequest,
)
from journey.v1.session_service_pb2 import ListSessionsRequest
from journey.v1.sessions_pb2 import SESSION_STATUS_ACTIVE, Device, Session
from journey_service.domain.identity import session_id_of
from journey_service.ports import CommandKey
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from tests.transport.faulty import take
from tests.transport.serving import (
    TEST_SETTINGS,
    batch,
    detail,
    info_of,
    listed,
    reason_of,
    serving,
    status_of,
)
from tests.transport.world import GROCERIES


async def refused(call: Awaitable[Any]) -> Status:
    """The status of a call that fails."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return status_of(raised.value)


async def test_the_error_names_the_customer_and_what_to_do() -> None:
    async with serving() as served:
        service = served.as_("service", "shop")
        status = await refused(
            served.journeys.ListJourneys(ListJourneysRequest(subject_id="nobody"), metadata=service)
        )
    info, resource = info_of(status), detail(status, ResourceInfo)
    assert (info.reason, info.metadata["subject_id"]) == ("CUSTOMER_NOT_FOUND", "nobody")
    assert (resource.resource_type, resource.resource_name) == ("customer", "nobody")
    assert "no customer nobody" in status.message
    assert "Look at the id" in status.message


async def test_a_journey_that_is_not_there_is_named_with_its_kind() -> None:
    async with serving() as served:
        await served.open_session()
        asked = GetJourneyRequest(journey=GROCERIES)
        status = await refused(served.journeys.GetJourney(asked, metadata=served.as_("device")))
    assert detail(status, ResourceInfo).resource_name == "list/groceries"


async def test_recording_for_a_customer_makes_it() -> None:
    async with serving() as served:
        service = served.as_("service", "shop")
        await served.journeys.Record(
            RecordRequest(subject_id="new", installation_id="shop", interactions=[listed(0)]),
            metadata=service,
        )
        answer = await served.history.ListEvents(
            ListEventsRequest(subject_id="new"), metadata=service
        )
        sessions = await served.sessions.ListSessions(
            ListSessionsRequest(subject_id="new"), metadata=service
        )
    assert len(answer.events) == 1
    assert not sessions.sessions


async def test_a_session_whose_first_event_was_lost_makes_a_customer_too() -> None:
    store = MemoryStore(Settings(**TEST_SETTINGS))
    now_ms = time.time_ns() // 1_000_000
    session = Session(
        session_id=session_id_of("early", store.journal.partition_count, bytes(17)),
        subject_id="early",
        installation_id="phone",
        device=Device(device_id="phone-1"),
        status=SESSION_STATUS_ACTIVE,
        opened_at_ms=now_ms,
        last_seen_at_ms=now_ms,
        expires_at_ms=now_ms + 60_000,
    )
    await store.sessions.open(CommandKey(str(uuid.uuid4()), "device/x/early", b"h"), session)
    async with serving(store) as served:
        asked = ListJourneysRequest(subject_id="early")
        answer = await served.journeys.ListJourneys(asked, metadata=served.as_("service", "shop"))
    assert not answer.journeys


async def test_a_new_customer_of_a_device_is_there_and_empty() -> None:
    async with serving() as served:
        device = served.as_("device", "newcomer")
        journeys = await served.journeys.ListJourneys(ListJourneysRequest(), metadata=device)
        events = await served.history.ListEvents(ListEventsRequest(), metadata=device)
        sessions = await served.sessions.ListSessions(ListSessionsRequest(), metadata=device)
        assert not journeys.journeys
        assert not events.events
        assert not sessions.sessions
        session = await served.open_session("newcomer")
        asked = WatchRequest(session_id=session.session_id)
        frames = served.journeys.Watch(asked, metadata=device)
        assert not (await take(frames, "snapshot")).snapshot.journeys
        frames.cancel()


async def test_a_device_cannot_tell_another_customer_from_none() -> None:
    async with serving() as served:
        other = await served.open_session("other")
        await served.journeys.Record(batch(other), metadata=served.as_("device", "other"))
        device = served.as_("device")
        told = []
        for subject_id in (other.subject_id, "nobody"):
            status = await refused(
                served.journeys.ListJourneys(
                    ListJourneysRequest(subject_id=subject_id), metadata=device
                )
            )
            info = info_of(status)
            told.append((info.reason, status.message, sorted(info.metadata)))
    assert told[0] == told[1]
    assert told[0][0] == "CUSTOMER_MISMATCH"


async def test_a_watch_of_nobody_ends_before_its_first_frame() -> None:
    async with serving() as served:
        frames = served.journeys.Watch(
            WatchRequest(subject_id="nobody"), metadata=served.as_("developer")
        )
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await frames.read()
    assert reason_of(raised.value) == "CUSTOMER_NOT_FOUND"
