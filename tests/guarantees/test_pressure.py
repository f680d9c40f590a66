"""A watch whose reader takes nothing is cut and told so; the next one is whole (3.7)."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import grpc

from journey.v1.journey_service_pb2 import RecordRequest, WatchRequest
from journey.v1.references_pb2 import JourneyRef
from tests.battery.content import great_line
from tests.guarantees.devices import Copy
from tests.transport.faulty import until
from tests.transport.recording import failure_of
from tests.transport.serving import reason_of, serving

CARTS = 60
NARROW = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536)]


async def test_a_watch_that_is_not_read_ends_with_slow_consumer_and_the_next_is_whole() -> None:
    async with serving(blocked_send_ms=300, rate_bytes_per_s=0) as served:
        shop = served.as_("service", "shop")
        draw = random.Random(1)
        for number in range(CARTS):
            made = great_line(draw)
            made.journey.CopyFrom(JourneyRef(kind="cart", journey_id=f"cart-{number}"))
            batch = RecordRequest(subject_id="customer", interactions=[made])
            await served.journeys.Record(batch, metadata=shop)
        address = f"127.0.0.1:{served.server.port}"
        async with grpc.aio.insecure_channel(address, options=NARROW) as slow:
            method: Any = slow.unary_stream("/journey.v1.JourneyService/Watch")
            watch = method(WatchRequest(subject_id="customer").SerializeToString(), metadata=shop)
            await watch.read()
            await until(lambda: served.lines()[-1]["reason"] == "SLOW_CONSUMER")
            error = await failure_of(watch)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(error) == "SLOW_CONSUMER"
        assert served.application.watchers == 0
        copy = Copy()
        async with asyncio.timeout(20):
            async for frame in served.journeys.Watch(
                WatchRequest(subject_id="customer"), metadata=shop
            ):
                copy.apply(frame)
                if frame.HasField("caught_up"):
                    break
        assert len(copy.journeys) == CARTS
        assert copy.contents.count("snapshot") > 1
