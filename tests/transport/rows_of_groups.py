"""What gets calls on groups of consumers refused, and settlements not counted."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    ConsumeRequest,
    ConsumeStart,
    CreateGroupRequest,
    Credit,
    DeleteGroupRequest,
    DiscardParkedRequest,
    GetGroupRequest,
    Group,
    ListGroupsRequest,
    ListParkedRequest,
    Nack,
    PullRequest,
    ReplayParkedRequest,
    SeekGroupRequest,
    Settlement,
    SettleRequest,
    UpdateGroupRequest,
)
from journey.v1.reading_pb2 import StartPoint
from tests.transport.serving import batch
from tests.transport.world import World, provokes

BEGINNING = StartPoint(beginning=True)
MINE = ("group.billing",)


def consumer(world: World, *scopes: str) -> Any:
    """Metadata of a back end that has the group."""
    return world.served.as_("service", "billing", scopes=scopes or MINE)


def group(**changes: Any) -> Group:
    return Group(group_id="billing", purpose="necessary", **changes)


async def create(world: World, wanted: Group | None = None, **fields: Any) -> Group:
    request = CreateGroupRequest(group=wanted or group(), start=BEGINNING, **fields)
    answer = await world.served.subscriptions.CreateGroup(request, metadata=consumer(world))
    made: Group = answer.group
    return made


async def delivered(world: World) -> str:
    """A group with one event, which is delivered; returns the delivery's id."""
    session = await world.served.open_session()
    await world.record(batch(session))
    await create(world)
    asked = PullRequest(group_id="billing", consumer_id="worker", max_deliveries=1, wait_ms=10_000)
    answer = await world.served.subscriptions.Pull(asked, metadata=consumer(world))
    return str(answer.deliveries[0].delivery_id)


async def settle(world: World, settlement: Settlement) -> Any:
    request = SettleRequest(group_id="billing", settlement=settlement)
    answer = await world.served.subscriptions.Settle(request, metadata=consumer(world))
    return answer.result


async def park(world: World) -> None:
    """A group with one event, which is parked."""
    nack = Nack(delivery_id=await delivered(world), action=NACK_ACTION_PARK, reason="poison")
    assert len((await settle(world, Settlement(nacks=[nack]))).settled_ids) == 1


async def replay(world: World) -> None:
    request = ReplayParkedRequest(group_id="billing", command_id=str(uuid.uuid4()))
    await world.served.subscriptions.ReplayParked(request, metadata=consumer(world))


async def seek(world: World, command_id: str = "", target: StartPoint = BEGINNING) -> None:
    request = SeekGroupRequest(
        group_id="billing", target=target, command_id=command_id or str(uuid.uuid4())
    )
    await world.served.subscriptions.SeekGroup(request, metadata=consumer(world))


async def consume(world: World, *requests: ConsumeRequest) -> None:
    """A consumer that sends these and reads until it is refused."""

    async def sent() -> AsyncIterator[ConsumeRequest]:
        for request in requests:
            yield request
        await asyncio.sleep(30)

    async for _ in world.served.subscriptions.Consume(sent(), metadata=consumer(world)):
        pass


def start(**changes: Any) -> ConsumeRequest:
    fields = {"credit": Credit(deliveries=1, bytes=1_000), **changes}
    return ConsumeRequest(
        start=ConsumeStart(**{"group_id": "billing", "consumer_id": "w", **fields})
    )


@provokes("GROUP_NOT_FOUND")
async def figures_of_a_group_that_is_not_there(world: World) -> None:
    asked = GetGroupRequest(group_id="billing")
    await world.served.subscriptions.GetGroup(asked, metadata=consumer(world))


@provokes("GROUP_NOT_FOUND")
async def a_consumer_of_a_group_that_is_not_there(world: World) -> None:
    await consume(world, start())


@provokes("GROUP_NOT_FOUND")
async def a_pull_from_a_group_that_is_not_there(world: World) -> None:
    asked = PullRequest(group_id="billing", consumer_id="worker", max_deliveries=1)
    await world.served.subscriptions.Pull(asked, metadata=consumer(world))


@provokes("GROUP_EXISTS")
async def a_group_made_twice(world: World) -> None:
    await create(world)
    await create(world)


@provokes("GROUP_EXISTS")
async def an_existing_group_with_other_settings(world: World) -> None:
    await create(world)
    await create(world, group(max_attempts=3), allow_existing=True)


@provokes("ETAG_MISMATCH")
async def a_change_to_what_is_not_as_it_was_read(world: World) -> None:
    made = await create(world)
    changed = group(etag=made.etag, max_attempts=3)
    request = UpdateGroupRequest(group=changed, update_mask=FieldMask(paths=["max_attempts"]))
    for _ in range(2):
        await world.served.subscriptions.UpdateGroup(request, metadata=consumer(world))


@provokes("ETAG_MISMATCH")
async def a_removal_of_what_is_not_as_it_was_read(world: World) -> None:
    await create(world)
    request = DeleteGroupRequest(group_id="billing", etag="another")
    await world.served.subscriptions.DeleteGroup(request, metadata=consumer(world))


@provokes("PARKED_PRESENT")
async def a_removal_of_a_group_with_parked_events(world: World) -> None:
    await park(world)
    asked = GetGroupRequest(group_id="billing")
    found = await world.served.subscriptions.GetGroup(asked, metadata=consumer(world))
    request = DeleteGroupRequest(group_id="billing", etag=found.group.etag)
    await world.served.subscriptions.DeleteGroup(request, metadata=consumer(world))


@provokes("REPLAY_RUNNING")
async def a_second_replay(world: World) -> None:
    await park(world)
    await replay(world)
    await replay(world)


@provokes("REPLAY_RUNNING")
async def a_discard_while_a_replay_runs(world: World) -> None:
    await park(world)
    await replay(world)
    request = DiscardParkedRequest(
        group_id="billing", reason="too old", command_id=str(uuid.uuid4())
    )
    await world.served.subscriptions.DiscardParked(request, metadata=consumer(world))


@provokes("LEASE_LOST")
async def a_settlement_of_a_group_that_was_moved(world: World) -> Any:
    delivery_id = await delivered(world)
    await seek(world)
    return (await settle(world, Settlement(ack_ids=[delivery_id]))).failures[0]


@provokes("DELIVERY_UNKNOWN")
async def a_settlement_of_what_was_never_delivered(world: World) -> Any:
    await create(world)
    return (await settle(world, Settlement(ack_ids=["no delivery"]))).failures[0]


@provokes("SCOPE_MISSING")
async def a_group_that_the_credential_does_not_name(world: World) -> None:
    asked = GetGroupRequest(group_id="billing")
    await world.served.subscriptions.GetGroup(asked, metadata=consumer(world, "group.mail"))


@provokes("SCOPE_MISSING")
async def a_consumer_of_another_ones_group(world: World) -> None:
    await consume(world, start(group_id="mail"))


@provokes("SCOPE_MISSING")
async def a_developer_who_makes_a_group_of_others(world: World) -> None:
    request = CreateGroupRequest(group=group(), start=BEGINNING)
    metadata = world.served.as_("developer", "ada")
    await world.served.subscriptions.CreateGroup(request, metadata=metadata)


@provokes("FIELD_VIOLATIONS")
async def a_consumer_without_credit(world: World) -> None:
    await create(world)
    await consume(world, start(credit=Credit(deliveries=0, bytes=1)))


@provokes("FIELD_VIOLATIONS")
async def a_consumer_that_begins_with_a_settlement(world: World) -> None:
    await consume(world, ConsumeRequest(settlement=Settlement(ack_ids=["x"])))


@provokes("FIELD_VIOLATIONS")
async def a_consumer_that_starts_twice(world: World) -> None:
    await create(world)
    await consume(world, start(), start())


@provokes("FIELD_VIOLATIONS")
async def a_delivery_that_failed_without_saying_what_becomes_of_it(world: World) -> None:
    await settle(world, Settlement(nacks=[Nack(delivery_id=await delivered(world))]))


@provokes("FIELD_VIOLATIONS")
async def a_consumer_that_does_not_say_what_becomes_of_a_delivery(world: World) -> None:
    await create(world)
    nothing = Settlement(nacks=[Nack(delivery_id="x")])
    await consume(world, start(), ConsumeRequest(settlement=nothing))


@provokes("FIELD_VIOLATIONS")
async def a_group_with_a_name_that_is_none(world: World) -> None:
    wanted = Group(group_id="Billing!", purpose="necessary")
    request = CreateGroupRequest(group=wanted, start=BEGINNING)
    await world.served.subscriptions.CreateGroup(request, metadata=consumer(world, "group.*"))


@provokes("FIELD_VIOLATIONS")
async def a_lease_that_is_too_short(world: World) -> None:
    await create(world, group(lease_ms=1))


@provokes("FIELD_VIOLATIONS")
async def a_change_of_what_never_changes(world: World) -> None:
    made = await create(world)
    changed = group(etag=made.etag)
    request = UpdateGroupRequest(group=changed, update_mask=FieldMask(paths=["purpose"]))
    await world.served.subscriptions.UpdateGroup(request, metadata=consumer(world))


@provokes("COMMAND_ID_REUSED")
async def a_seek_elsewhere_by_the_same_command(world: World) -> None:
    await create(world)
    command_id = str(uuid.uuid4())
    await seek(world, command_id)
    await seek(world, command_id, StartPoint(end=True))


@provokes("TOKEN_MISMATCH")
async def a_seek_to_a_damaged_checkpoint(world: World) -> None:
    await create(world)
    await seek(world, target=StartPoint(checkpoint="x"))


@provokes("TOKEN_MISMATCH")
async def a_damaged_page_of_groups(world: World) -> None:
    asked = ListGroupsRequest(page_token="x")
    await world.served.subscriptions.ListGroups(asked, metadata=consumer(world))


@provokes("TOKEN_MISMATCH")
async def a_damaged_page_of_parked_events(world: World) -> None:
    await create(world)
    asked = ListParkedRequest(group_id="billing", page_token="x")
    await world.served.subscriptions.ListParked(asked, metadata=consumer(world))
