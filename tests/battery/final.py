"""What the journal holds in the end, asked twice: through the API and in the database."""

import asyncio
from collections import defaultdict
from typing import Any

import asyncpg
import grpc.aio

from journey.v1.events_pb2 import (
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
    Event,
)
from journey.v1.history_service_pb2 import ReadEventsRequest
from journey.v1.history_service_pb2_grpc import HistoryServiceStub
from journey.v1.reading_pb2 import EventFilter, StartPoint
from tests.battery.access import Access
from tests.battery.client import OPTIONS, outcome_name, reason_name
from tests.battery.content import hash_of
from tests.history.recorder import Recorder

# Every outcome; left out, a reader gets only what was accepted.
ALL = EventFilter(outcomes=[OUTCOME_ACCEPTED, OUTCOME_QUARANTINED, OUTCOME_REJECTED])
_READ_S = 60.0
_PART = 500

_EVENTS = """
    SELECT originator_id, originator_version, partition, position, event_id::text
    FROM events ORDER BY partition, position
"""
_HEADS = "SELECT partition, head FROM partitions"


async def read_in_the_end(recorder: Recorder, address: str, access: Access) -> None:
    """Record both readings. The service must be healed and its writers at rest."""
    await _read_api(recorder, address, access.back_end())
    await _read_tables(recorder, access)


async def _read_api(recorder: Recorder, address: str, authorization: str) -> None:
    streams: dict[str, list[list[Any]]] = defaultdict(list)
    async with asyncio.timeout(_READ_S), grpc.aio.insecure_channel(address) as channel:
        call = HistoryServiceStub(channel).ReadEvents(
            ReadEventsRequest(filter=ALL, purpose="necessary"),
            metadata=[("authorization", authorization)],
            wait_for_ready=True,
        )
        async for frame in call:
            for event in frame.batch.events:
                streams[event.subject_id].append(_row(event))
    for subject, rows in streams.items():
        for start in range(0, len(rows), _PART):
            recorder.final(subject, rows[start : start + _PART])


def _row(event: Event) -> list[Any]:
    """What was stored. Of what was refused only the hash is there, taken when it arrived."""
    interaction = event.interaction
    refused = event.outcome == OUTCOME_REJECTED
    content = event.content_hash.hex() if refused else hash_of(interaction)
    return [
        event.version,
        event.partition,
        event.position,
        interaction.event_id,
        event.occurrence.installation_id,
        interaction.seq,
        content,
        outcome_name(event.outcome),
        reason_name(event.reason),
        event.type,
    ]


async def _read_tables(recorder: Recorder, access: Access) -> None:
    connection = await asyncpg.connect(access.dsn())
    try:
        rows = await connection.fetch(_EVENTS)
        heads = await connection.fetch(_HEADS)
    finally:
        await connection.close()
    streams: dict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
    for subject, *place in rows:
        streams[subject].append(tuple(place))
    for subject, places in streams.items():
        for start in range(0, len(places), _PART):
            recorder.table(subject, places[start : start + _PART])
    recorder.heads(dict(map(tuple, heads)))


async def read_stream(address: str, access: Access, subject: str) -> list[str]:
    """Event ids of one stream, by version; none of a customer that is not there."""
    request = ReadEventsRequest(subject_id=subject, filter=ALL, purpose="necessary")
    async with grpc.aio.insecure_channel(address) as channel:
        call = HistoryServiceStub(channel).ReadEvents(
            request, metadata=[("authorization", access.back_end())], timeout=10
        )
        try:
            return [
                event.interaction.event_id async for frame in call for event in frame.batch.events
            ]
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            return []


class Follower:
    """Reads the journal again and again from where it was, and records what it sees."""

    def __init__(self, recorder: Recorder, address: str, access: Access, name: str) -> None:
        self._recorder = recorder
        self._address = address
        self._access = access
        self._name = name
        self._checkpoint = ""

    async def follow(self, stopped: asyncio.Event, *, pause_s: float = 0.25) -> None:
        """Until told to stop. A read that breaks goes on from the last checkpoint."""
        async with grpc.aio.insecure_channel(self._address, options=OPTIONS) as channel:
            stub: Any = HistoryServiceStub(channel)
            while not stopped.is_set():
                try:
                    await self._read(stub)
                except grpc.aio.AioRpcError:
                    await channel.channel_ready()
                await asyncio.sleep(pause_s)

    async def _read(self, stub: Any) -> None:
        request = ReadEventsRequest(filter=ALL, purpose="necessary")
        if self._checkpoint:
            request.start.CopyFrom(StartPoint(checkpoint=self._checkpoint))
        metadata = [("authorization", self._access.back_end())]
        async for frame in stub.ReadEvents(request, metadata=metadata, timeout=5):
            seen: dict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
            for event in frame.batch.events:
                place = (event.version, event.partition, event.position)
                seen[event.subject_id].append((*place, event.interaction.event_id))
            for subject, places in seen.items():
                self._recorder.items(self._name, subject, places)
            self._checkpoint = frame.checkpoint or self._checkpoint
