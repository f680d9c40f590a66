"""What gets a subscription refused, or cut."""

from typing import Any

import grpc

from journey.v1.journey_service_pb2 import RecordRequest
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey.v1.subscription_service_pb2 import SubscribeRequest
from journey.v1.subscription_service_pb2_grpc import SubscriptionServiceStub
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.tokens import Checkpoint
from journey_service.transport.rpc import Phase
from tests.transport.faulty import take, until
from tests.transport.serving import batch, listed
from tests.transport.world import World, provokes, to_the_end

BEGINNING = StartPoint(beginning=True)


def _asked(start: StartPoint = BEGINNING, **fields: Any) -> SubscribeRequest:
    return SubscribeRequest(**{"start": start, "consumer": "billing", **fields})


async def _subscribe(world: World, request: SubscribeRequest, role: str = "developer") -> None:
    metadata = world.served.as_(role, "reader")
    await to_the_end(world.served.subscriptions.Subscribe(request, metadata=metadata))


def _sealed(world: World, **facts: Any) -> StartPoint:
    places = facts.pop("positions", dict.fromkeys(range(64), 0))
    token = world.tokens().seal_checkpoint(Checkpoint(epoch="1", positions=places, **facts))
    return StartPoint(checkpoint=token)


@provokes("FIELD_VIOLATIONS")
async def a_subscription_from_nowhere(world: World) -> None:
    await _subscribe(world, SubscribeRequest(consumer="billing"))


@provokes("FIELD_VIOLATIONS")
async def a_subscription_without_a_name(world: World) -> None:
    await _subscribe(world, _asked(consumer=""))


@provokes("FIELD_VIOLATIONS")
async def a_subscription_with_a_name_that_is_none(world: World) -> None:
    await _subscribe(world, _asked(consumer="no spaces, please"))


@provokes("FIELD_VIOLATIONS")
async def a_subscription_of_a_service_without_a_purpose(world: World) -> None:
    await _subscribe(world, _asked(subject_id="alice"), role="service")


@provokes("TOKEN_MISMATCH")
async def a_damaged_checkpoint(world: World) -> None:
    await _subscribe(world, _asked(StartPoint(checkpoint="x")))


@provokes("TOKEN_MISMATCH")
async def a_checkpoint_of_another_filter(world: World) -> None:
    await _subscribe(world, _asked(_sealed(world), filter=EventFilter(kinds=["cart"])))


@provokes("TOKEN_MISMATCH")
async def a_checkpoint_of_a_projection(world: World) -> None:
    await _subscribe(world, _asked(_sealed(world, generation=2)))


@provokes("TOKEN_MISMATCH")
async def a_write_token_as_checkpoint(world: World) -> None:
    written = await world.record(batch(await world.served.open_session()))
    await _subscribe(world, _asked(StartPoint(checkpoint=written.write_token)))


@provokes("CHECKPOINT_AHEAD")
async def a_subscription_ahead_of_the_journal(world: World) -> None:
    await _subscribe(world, _asked(_sealed(world, positions=dict.fromkeys(range(64), 99))))


@provokes("JOURNAL_REWOUND")
async def a_subscription_from_before_a_restore(world: World) -> None:
    start = _sealed(world, positions=dict.fromkeys(range(64), 1))
    world.store.journal.begin_epoch()
    await _subscribe(world, _asked(start))


@provokes("CUSTOMER_NOT_FOUND")
async def a_subscription_to_nobody(world: World) -> None:
    await _subscribe(world, _asked(subject_id="nobody"))


@provokes("SCOPE_MISSING")
async def a_subscription_to_the_journal_without_the_scope(world: World) -> None:
    await _subscribe(world, _asked(purpose="analytics"), role="service")


@provokes("ROLE_NOT_ALLOWED")
async def a_subscription_of_a_device(world: World) -> None:
    await _subscribe(world, _asked(), role="device")


@provokes("DRAINING")
async def a_subscription_while_the_service_stops(world: World) -> None:
    world.served.server.chain.phase = Phase.DRAINING
    await _subscribe(world, _asked())


@provokes("TOO_MANY_STREAMS", streams_per_service=1)
async def one_subscription_too_many(world: World) -> None:
    metadata = world.served.as_("developer", "reader")
    first = world.served.subscriptions.Subscribe(_asked(), metadata=metadata)
    await take(first, "caught_up")
    await _subscribe(world, _asked(consumer="search"))


@provokes("EVENT_UNREADABLE")
async def a_subscription_over_a_damaged_event(world: World) -> None:
    await world.record(batch(await world.served.open_session()))
    with world.store.journal.reads.failing(EventUnreadable()):
        await _subscribe(world, _asked())


@provokes("SLOW_CONSUMER", blocked_send_ms=20, frame_bytes=16_384)
async def a_subscriber_that_takes_nothing(world: World) -> None:
    for number in range(8):
        many = [listed(0, f"i{number}-{each}") for each in range(400)]
        for interaction in many:
            interaction.list_item_added.note = "x" * 450
        await world.record(
            RecordRequest(subject_id="c", installation_id="i", interactions=many), world.service
        )
    # Without probing, what runs ahead of the reader stays small.
    narrow = [("grpc.http2.bdp_probe", 0)]
    target = f"127.0.0.1:{world.served.server.port}"
    async with grpc.aio.insecure_channel(target, options=narrow) as channel:
        subscriptions: Any = SubscriptionServiceStub(channel)
        stream = subscriptions.Subscribe(_asked(), metadata=world.served.as_("developer", "reader"))
        await stream.read()
        await until(lambda: "SLOW_CONSUMER" in world.served.log())
        await to_the_end(stream)
