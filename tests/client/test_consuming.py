"""A consumer over real gRPC, with a service that the test plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_LEASE_LOST
from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    NACK_ACTION_RETRY,
    NACK_ACTION_SKIP,
    ConsumeResponse,
    SettlementFailure,
    SettlementResult,
)
from journey.v1.stream_pb2 import GoingAwayReason
from journey_client import (
    ConnectionState,
    ConsumeSettings,
    Deliveries,
    Delivery,
    NotAnswered,
    Park,
    Replaced,
    Retry,
    Skip,
    TimedOut,
    connect,
    errors,
)
from journey_client.connection import ConnectionSettings
from tests.client.consumed import Playing, Stream, playing

AT_ONCE = ConsumeSettings(confirms_within_ms=50, ends_within_ms=50)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journey_client.connection.DEFAULTS", ConnectionSettings(first_wait_ms=1))


@pytest.fixture
async def played() -> AsyncIterator[Playing]:
    async with playing() as service:
        yield service


@asynccontextmanager
async def consuming(
    played: Playing, *, heartbeat_ms: int = 15_000, **options: Any
) -> AsyncIterator[tuple[Deliveries, Stream]]:
    """A consumer of `billing` and its first stream, opened. It may leave unconfirmed."""
    options = {"credits": 4, "settings": AT_ONCE, **options}
    async with connect(played.address, token="t", service=True) as client:
        deliveries = client.consume("billing", consumer_id="worker-1", **options)
        entering = asyncio.create_task(deliveries.__aenter__())
        stream = await played.stream()
        await stream.open(heartbeat_ms=heartbeat_ms)
        await entering
        try:
            yield deliveries, stream
        finally:
            with_error = ValueError()
            await deliveries.__aexit__(ValueError, with_error, None)


async def consume_one(deliveries: Deliveries, body: Callable[[Delivery], None]) -> Delivery:
    delivery = await anext(deliveries)
    async with delivery:
        body(delivery)
    return delivery


def does_nothing(_: Delivery) -> None:
    pass


def raises(error: BaseException) -> Callable[[Delivery], None]:
    def body(_: Delivery) -> None:
        raise error

    return body


async def test_leaving_a_delivery_acknowledges_it_and_leaving_all_waits_for_the_answers(
    played: Playing,
) -> None:
    async def serve() -> list[str]:
        stream = await played.stream()
        start = await stream.open()
        assert (start.group_id, start.consumer_id) == ("billing", "worker-1")
        assert (start.credit.deliveries, start.credit.bytes) == (10, 1_000)
        await stream.deliver("a1", "a2")
        acked: list[str] = []
        while len(acked) < 2:
            acked += (await stream.confirm()).ack_ids
        assert await stream.take("drain") is not None
        assert await stream.read() is None
        stream.ended.set()
        return acked

    service = asyncio.create_task(serve())
    versions = []
    async with connect(played.address, token="t", service=True) as client:
        consumer = client.consume("billing", consumer_id="worker-1", credits=10, credit_bytes=1_000)
        async with consumer as deliveries:
            async for delivery in deliveries:
                async with delivery:
                    versions.append((delivery.event.version, delivery.attempt, delivery.replayed))
                if len(versions) == 2:
                    break
        assert deliveries.unconfirmed == 0
    assert await service == ["a1", "a2"]
    assert versions == [(1, 1, False), (2, 1, False)]


@pytest.mark.parametrize(
    ("error", "action", "reason", "delay_ms"),
    [
        (Retry(5_000, "busy"), NACK_ACTION_RETRY, "busy", 5_000),
        (Retry(), NACK_ACTION_RETRY, "", 0),
        (Park("poison"), NACK_ACTION_PARK, "poison", 0),
        (Skip("ours"), NACK_ACTION_SKIP, "ours", 0),
        (KeyError("total"), NACK_ACTION_RETRY, "KeyError: 'total'", 0),
        (RuntimeError(), NACK_ACTION_RETRY, "RuntimeError", 0),
        (Park("ä" * 4_000), NACK_ACTION_PARK, "ä" * 2_048, 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_a_body_says_by_how_it_ends_what_becomes_of_its_delivery(
    played: Playing, error: Exception, action: int, reason: str, delay_ms: int
) -> None:
    failed: list[Exception] = []
    async with consuming(played, on_error=lambda _, each: failed.append(each)) as (mine, stream):
        await stream.deliver("a1")
        await consume_one(mine, raises(error))
        (nack,) = (await stream.confirm()).nacks
    assert (nack.delivery_id, nack.action) == ("a1", action)
    assert (nack.reason, nack.delay_ms) == (reason, delay_ms)
    assert failed == ([] if isinstance(error, Retry | Park | Skip) else [error])


async def test_a_cancelled_body_is_a_retry_and_the_cancellation_gets_out(played: Playing) -> None:
    async with consuming(played) as (mine, stream):
        await stream.deliver("a1")
        with pytest.raises(asyncio.CancelledError):
            await consume_one(mine, raises(asyncio.CancelledError()))
        (nack,) = (await stream.confirm()).nacks
    assert (nack.action, nack.reason) == (NACK_ACTION_RETRY, "CancelledError")


async def test_a_body_that_fails_is_logged_and_the_next_delivery_comes(
    played: Playing, caplog: pytest.LogCaptureFixture
) -> None:
    async with consuming(played) as (mine, stream):
        await stream.deliver("a1", "b2")
        await consume_one(mine, raises(ZeroDivisionError("no total")))
        second = await consume_one(mine, does_nothing)
    assert second.delivery_id == "b2"
    assert "no total" in caplog.text


async def test_what_on_error_raises_gets_out(played: Playing) -> None:
    def stop(_: Delivery, error: Exception) -> None:
        raise error

    async with consuming(played, on_error=stop) as (mine, stream):
        await stream.deliver("a1")
        with pytest.raises(ZeroDivisionError):
            await consume_one(mine, raises(ZeroDivisionError()))
        assert len((await stream.confirm()).nacks) == 1


async def test_a_lost_lease_is_told_to_who_waits_and_to_on_lost(played: Playing) -> None:
    lost: list[str] = []
    async with consuming(played, on_lost=lambda each, _: lost.append(each.delivery_id)) as (
        mine,
        stream,
    ):
        await stream.deliver("a1")
        delivery = await consume_one(mine, does_nothing)
        await stream.take("settlement")
        failure = SettlementFailure(delivery_id="a1", reason=ERROR_REASON_LEASE_LOST)
        await stream.send(ConsumeResponse(result=SettlementResult(failures=[failure])))
        with pytest.raises(errors.LeaseLost):
            await delivery.settled()
        assert delivery.lost
    assert lost == ["a1"]


async def test_a_confirmed_delivery_is_settled(played: Playing) -> None:
    async with consuming(played) as (mine, stream):
        await stream.deliver("a1")
        delivery = await consume_one(mine, does_nothing)
        await stream.confirm()
        await delivery.settled()
        assert not delivery.lost


async def test_the_lease_of_a_body_that_runs_is_made_longer(played: Playing) -> None:
    async with consuming(played) as (mine, stream):
        # Long enough that a moment in which the process stands still does not matter.
        await stream.deliver("a1", lease_ms=3_000)
        async with await anext(mine) as delivery:
            for _ in range(2):
                (extension,) = (await stream.confirm()).extensions
                assert extension.delivery_id == "a1"
                # As long as it was at first, as far as two clocks tell.
                assert 2_250 <= extension.lease_ms <= 3_750
            assert not delivery.lost
        assert list((await stream.confirm()).ack_ids) == ["a1"]


async def test_credit_is_given_back_at_half(played: Playing) -> None:
    async with consuming(played, credits=4) as (mine, stream):
        await stream.deliver("a1", "b2", "c3", "d4", size=7)
        for _ in range(2):
            await consume_one(mine, does_nothing)
        credit = await stream.take("credit")
        assert (credit.deliveries, credit.bytes) == (2, 14)


async def test_a_broken_stream_is_opened_again_and_told_what_is_not_confirmed(
    played: Playing,
) -> None:
    async with consuming(played) as (mine, first):
        await first.deliver("a1", "b2")
        await consume_one(mine, does_nothing)
        await first.take("settlement")
        first.ended.set()
        second = await played.stream()
        start = await second.open()
        assert start.consumer_id == "worker-1"
        assert start.credit.deliveries == 4
        assert list((await second.confirm()).ack_ids) == ["a1"]
        await second.deliver("b3")
        assert (await consume_one(mine, does_nothing)).delivery_id == "b3"


async def test_a_planned_end_opens_the_stream_again(played: Playing) -> None:
    async with consuming(played) as (mine, first):
        await first.go_away(GoingAwayReason.GOING_AWAY_REASON_DRAINING)
        second = await played.stream()
        await second.open()
        await second.deliver("a1")
        await consume_one(mine, does_nothing)
        assert mine.connection.state is ConnectionState.LIVE


async def test_a_consumer_that_was_replaced_says_so_and_does_not_come_back(
    played: Playing,
) -> None:
    async with consuming(played) as (mine, stream):
        await stream.go_away(GoingAwayReason.GOING_AWAY_REASON_REPLACED)
        with pytest.raises(Replaced):
            await anext(mine)
        assert mine.connection.state is ConnectionState.ENDED


async def test_a_silent_stream_is_dead(played: Playing) -> None:
    async with consuming(played, heartbeat_ms=40) as (mine, first):
        await first.beat()
        second = await played.stream()
        await second.open()
        await second.deliver("a1")
        await consume_one(mine, does_nothing)


async def test_a_group_that_nobody_serves_is_an_error_at_the_door() -> None:
    async with connect("127.0.0.1:1", token="t", service=True) as client:
        settings = ConsumeSettings(first_tries=2)
        with pytest.raises(NotAnswered):
            await client.consume("billing", settings=settings).__aenter__()


async def test_what_is_not_confirmed_in_time_is_told_on_leaving(played: Playing) -> None:
    async with connect(played.address, token="t", service=True) as client:
        deliveries = client.consume("billing", settings=AT_ONCE)
        entering = asyncio.create_task(deliveries.__aenter__())
        stream = await played.stream()
        await stream.open()
        await entering
        await stream.deliver("a1")
        await consume_one(deliveries, does_nothing)
        with pytest.raises(TimedOut, match="1 settlements") as told:
            await deliveries.__aexit__(None, None, None)
    assert told.value.outcome == "unknown"


async def test_draining_ends_the_iteration_behind_what_is_at_hand(played: Playing) -> None:
    async with consuming(played) as (mine, stream):
        await stream.deliver("a1", "b2")
        await consume_one(mine, does_nothing)
        mine.drain()
        rest = [delivery.delivery_id async for delivery in mine]
        assert await stream.take("drain") is not None
    assert rest == ["b2"]


async def test_a_consumer_without_a_name_gets_one_of_its_own() -> None:
    async with connect("127.0.0.1:1", token="t", service=True) as client:
        names = {client.consume("billing").consumer_id for _ in range(2)}
    assert len(names) == 2
    assert all(0 < len(name) <= 128 for name in names)
