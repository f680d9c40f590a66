"""A subscription over breaks, ends and refusals, against a service that a test plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import grpc
import pytest

from journey.v1.events_pb2 import Event
from journey.v1.reading_pb2 import EventBatch, StartPoint
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_REPLACED,
    GOING_AWAY_REASON_ROTATION,
    CaughtUp,
    GoingAway,
    Heartbeat,
    StreamOpened,
)
from journey.v1.subscription_service_pb2 import SubscribeRequest, SubscribeResponse
from journey_client import (
    JourneyError,
    MemoryCheckpoints,
    Replaced,
    Unreachable,
    connect,
    errors,
)
from journey_client.connection import ConnectionSettings
from tests.client.scripted import REQUESTS, Script, refuse, serving

OPENED = SubscribeResponse(opened=StreamOpened(heartbeat_ms=15_000))
OPENED_AT_THE_END = SubscribeResponse(opened=StreamOpened(heartbeat_ms=15_000), checkpoint="end")
ROTATED = SubscribeResponse(
    going_away=GoingAway(reason=GOING_AWAY_REASON_ROTATION, retry_after_ms=1)
)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = ConnectionSettings(first_wait_ms=1)
    monkeypatch.setattr("journey_client.connection.DEFAULTS", quick)
    monkeypatch.setattr("journey_client._streams.DEFAULTS", quick)
    monkeypatch.setitem(REQUESTS, "Subscribe", SubscribeRequest)


def batch(*positions: int) -> SubscribeResponse:
    events = [Event(position=position) for position in positions]
    return SubscribeResponse(batch=EventBatch(events=events), checkpoint=f"c{positions[-1]}")


def heartbeat(checkpoint: str, lag: int = 0) -> SubscribeResponse:
    return SubscribeResponse(heartbeat=Heartbeat(lag_events=lag), checkpoint=checkpoint)


def caught_up(checkpoint: str) -> SubscribeResponse:
    return SubscribeResponse(caught_up=CaughtUp(), checkpoint=checkpoint)


def plays(*streams: list[SubscribeResponse]) -> Script:
    """A service that plays these streams, and then refuses for good."""
    script, left = Script(), list(streams)

    async def subscribe(_: Any, context: Any) -> AsyncIterator[SubscribeResponse]:
        if not left:
            await refuse(context, "CHECKPOINT_AHEAD", grpc.StatusCode.OUT_OF_RANGE)
        for frame in left.pop(0):
            yield frame

    script.stream["Subscribe"] = subscribe
    return script


async def subscribed(script: Script, store: MemoryCheckpoints | None = None, **wanted: Any) -> Any:
    """What comes until the service refuses for good: positions, the error, the subscription."""
    seen: list[int] = []
    async with serving(script), connect(script.address, token="t", service=True) as client:
        subscription = client.subscribe("billing", store=store, **wanted)
        try:
            async for event in subscription:
                seen.append(event.position)
        except JourneyError as error:
            return seen, error, subscription
    raise AssertionError("a subscription ended by itself")


def starts(script: Script) -> list[str]:
    """Where each stream was asked to start."""
    asked = [request.start for request in script.of("Subscribe")]
    return [start.checkpoint or str(start.WhichOneof("point")) for start in asked]


async def test_without_a_checkpoint_a_broken_stream_asks_for_the_moment_again() -> None:
    script = plays([OPENED, caught_up(""), heartbeat(""), ROTATED], [OPENED, batch(1)])
    seen, _, _ = await subscribed(script, start=StartPoint(recorded_ms=7))
    assert seen == [1]
    assert starts(script) == ["recorded_ms", "recorded_ms", "c1"]


async def test_a_broken_stream_goes_on_behind_the_last_batch() -> None:
    script = plays([OPENED, batch(1, 2)], [OPENED, batch(3), ROTATED], [OPENED, batch(4)])
    seen, error, _ = await subscribed(script)
    assert seen == [1, 2, 3, 4]
    assert starts(script) == ["beginning", "c2", "c3", "c4"]
    assert isinstance(error, errors.CheckpointAhead)


async def test_what_was_hidden_is_not_asked_for_again_and_the_end_is_kept_from_opened_on() -> None:
    script = plays([OPENED_AT_THE_END], [OPENED, heartbeat("c7", lag=3)], [OPENED, caught_up("c9")])
    _, _, subscription = await subscribed(script, start=StartPoint(end=True))
    assert starts(script) == ["end", "end", "c7", "c9"]
    assert script.of("Subscribe")[1].start.WhichOneof("point") == "checkpoint"
    assert subscription.checkpoint == "c9"


async def test_a_place_in_the_store_goes_before_the_start() -> None:
    store = MemoryCheckpoints()
    await store.save("billing", "c5")
    script = plays([OPENED, batch(6)])
    seen, _, _ = await subscribed(script, store, start=StartPoint(end=True))
    assert seen == [6]
    assert starts(script)[0] == "c5"
    assert await store.load("billing") == "c6"


async def test_the_place_is_stored_after_the_body_of_the_last_event_of_a_batch() -> None:
    store, script = MemoryCheckpoints(), plays([OPENED, batch(1, 2), batch(3)])
    kept = []
    async with (
        serving(script),
        connect(script.address, token="t", service=True) as client,
        client.subscribe("billing", store=store) as subscription,
    ):
        async for event in subscription:
            kept.append((event.position, await store.load("billing")))
            if event.position == 3:
                break
    assert kept == [(1, ""), (2, ""), (3, "c2")]
    assert await store.load("billing") == "c2"


async def test_a_body_that_stores_the_place_itself_stores_it_once() -> None:
    own, kept = MemoryCheckpoints(), _Counting()
    script = plays([OPENED, batch(1, 2), batch(3)])
    async with serving(script), connect(script.address, token="t", service=True) as client:
        with suppress(errors.CheckpointAhead):
            async for each in client.subscribe("billing", store=kept).batches():
                if each.checkpoint == "c2":
                    await each.save(own)
    assert await own.load("billing") == "c2"
    assert kept.saved == ["c3"]


class _Counting(MemoryCheckpoints):
    def __init__(self) -> None:
        super().__init__()
        self.saved: list[str] = []

    async def save(self, consumer: str, checkpoint: str) -> None:
        self.saved.append(checkpoint)
        await super().save(consumer, checkpoint)


async def test_a_failing_body_leaves_the_place_where_it_was() -> None:
    store, script = MemoryCheckpoints(), plays([OPENED, batch(1)])
    bodies = 0
    async with serving(script), connect(script.address, token="t", service=True) as client:
        with suppress(RuntimeError):
            async for _ in client.subscribe("billing", store=store):
                bodies += 1
                raise RuntimeError("body")
    assert bodies == 1
    assert not await store.load("billing")


async def test_a_newer_stream_of_the_name_ends_it_with_an_error() -> None:
    script = plays(
        [
            OPENED,
            batch(1),
            SubscribeResponse(going_away=GoingAway(reason=GOING_AWAY_REASON_REPLACED)),
        ]
    )
    seen, error, _ = await subscribed(script)
    assert seen == [1]
    assert isinstance(error, Replaced)
    assert len(starts(script)) == 1


async def test_a_slow_reader_that_was_cut_goes_on() -> None:
    script, turns = Script(), iter(range(9))

    async def slow(_: Any, context: Any) -> AsyncIterator[SubscribeResponse]:
        turn = next(turns)
        yield OPENED
        yield batch(turn + 1)
        if turn:
            await refuse(context, "JOURNAL_REWOUND", grpc.StatusCode.OUT_OF_RANGE)
        await refuse(context, "SLOW_CONSUMER", grpc.StatusCode.RESOURCE_EXHAUSTED)

    script.stream["Subscribe"] = slow
    seen, error, subscription = await subscribed(script)
    assert seen == [1, 2]
    assert isinstance(error, errors.JournalRewound)
    assert subscription.interrupted_by is None


async def test_a_silent_stream_is_given_up_and_opened_again() -> None:
    quiet = SubscribeResponse(opened=StreamOpened(heartbeat_ms=10))
    script, turns = Script(), iter(range(9))

    async def silent(_: Any, context: Any) -> AsyncIterator[SubscribeResponse]:
        if next(turns):
            await refuse(context, "TOKEN_MISMATCH", grpc.StatusCode.INVALID_ARGUMENT)
        yield quiet
        await asyncio.sleep(30)

    script.stream["Subscribe"] = silent
    seen, error, subscription = await subscribed(script)
    assert not seen
    assert isinstance(error, errors.TokenMismatch)
    assert isinstance(subscription.interrupted_by, Unreachable)


async def test_a_credential_that_has_ended_is_renewed_once() -> None:
    script = Script()

    async def expired(_: Any, context: Any) -> AsyncIterator[SubscribeResponse]:
        await refuse(context, "TOKEN_EXPIRED", grpc.StatusCode.UNAUTHENTICATED)
        yield OPENED

    script.stream["Subscribe"] = expired
    asked: list[str] = []

    async def provider() -> str:
        asked.append(f"t{len(asked)}")
        return asked[-1]

    async with serving(script), connect(script.address, credentials=provider) as client:
        with pytest.raises(errors.TokenExpired):
            async for _ in client.subscribe("billing"):
                pass
    assert len(asked) == 2
    assert len(starts(script)) == 2
