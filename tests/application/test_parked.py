import asyncio

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_DELIVERY_UNKNOWN
from journey.v1.groups_pb2 import (
    NACK_ACTION_RETRY,
    ON_PARK_CONTINUE,
    DiscardParkedRequest,
    ListParkedRequest,
    Nack,
    ParkedFilter,
    PullRequest,
    ReplayParkedRequest,
    Settlement,
    SettleRequest,
)
from journey_service.domain.errors import (
    FieldViolations,
    GroupNotFound,
    ReplayRunning,
)
from tests.application.consumers import (
    BILLING,
    command,
    group_scene,
    parked_scene,
)

# --- parked ---------------------------------------------------------------------------------------


async def test_parked_events_are_listed_with_their_total_page_by_page() -> None:
    stage = await parked_scene()
    first = await stage.application.list_parked(
        BILLING, ListParkedRequest(group_id="billing", page_size=2)
    )
    assert (len(first.parked), first.total) == (2, 3)
    rest = await stage.application.list_parked(
        BILLING,
        ListParkedRequest(group_id="billing", page_size=2, page_token=first.next_page_token),
    )
    assert (len(rest.parked), rest.total, rest.next_page_token) == (1, 3, "")
    for one in [*first.parked, *rest.parked]:
        assert one.event.version == 1
        assert (one.attempts, one.consumer_id, one.held) == (1, "one", 1)
        assert one.reason == f"because {one.event.subject_id[1:]}"


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (ParkedFilter(subject_id="s1"), 1),
        (ParkedFilter(reason_contains="because"), 3),
        (ParkedFilter(reason_contains="because 2"), 1),
        (ParkedFilter(types=["media.paused"]), 3),
        (ParkedFilter(types=["cart.*"]), 0),
        (ParkedFilter(parked_to_ms=1), 0),
    ],
)
async def test_parked_events_are_found_by_filter(wanted: ParkedFilter, count: int) -> None:
    stage = await parked_scene()
    request = ListParkedRequest(group_id="billing", filter=wanted)
    assert (await stage.application.list_parked(BILLING, request)).total == count


async def test_a_replay_delivers_parked_events_and_then_what_waited_behind_them() -> None:
    stage = await parked_scene(1)
    async with stage.consumer() as consumer:
        await consumer.frame("assignment")
        request = ReplayParkedRequest(group_id="billing", command_id=command())
        answer = await stage.application.replay_parked(BILLING, request)
        assert (answer.matched, answer.replayed, answer.remaining) == (1, 1, 0)
        replayed = await consumer.one()
        assert (replayed.event.version, replayed.attempt, replayed.replayed) == (1, 1, True)
        another = ReplayParkedRequest(group_id="billing", command_id=command())
        with pytest.raises(ReplayRunning):
            await stage.application.replay_parked(BILLING, another)
        await consumer.ack(replayed)
        held = await consumer.one()
        assert (held.event.version, held.replayed) == (2, False)
        await consumer.ack(held)
        assert await stage.application.replay_parked(BILLING, request) == answer
        stats = (await stage.stands()).stats
        assert (stats.parked, stats.held, stats.backlog) == (0, 0, 0)


async def test_a_dry_replay_counts_and_a_limit_takes_the_first() -> None:
    stage = await parked_scene()
    request = ReplayParkedRequest(group_id="billing", limit=2, dry_run=True, command_id=command())
    dry = await stage.application.replay_parked(BILLING, request)
    assert (dry.matched, dry.replayed, dry.remaining) == (3, 2, 1)
    assert (await stage.stands()).stats.parked == 3
    request.dry_run = False
    await stage.application.replay_parked(BILLING, request)
    assert (await stage.stands()).stats.parked == 1


async def test_discarded_events_are_gone_and_their_subjects_go_on() -> None:
    stage = await parked_scene(2)
    listed = await stage.application.list_parked(BILLING, ListParkedRequest(group_id="billing"))
    request = DiscardParkedRequest(
        group_id="billing",
        parked_ids=[listed.parked[0].parked_id, "nonsense"],
        command_id=command(),
    )
    with pytest.raises(FieldViolations, match="reason"):
        await stage.application.discard_parked(BILLING, request)
    request.reason = "test data"
    answer = await stage.application.discard_parked(BILLING, request)
    assert (answer.matched, answer.discarded, answer.remaining) == (1, 1, 0)
    async with stage.consumer() as consumer:
        delivery = await consumer.one()
        assert delivery.event.subject_id == listed.parked[0].event.subject_id
        assert delivery.event.version == 2
    stats = (await stage.stands()).stats
    assert (stats.parked, stats.held) == (1, 1)


async def test_a_negative_limit_is_refused() -> None:
    stage = await parked_scene(1)
    request = ReplayParkedRequest(group_id="billing", limit=-1, command_id=command())
    with pytest.raises(FieldViolations, match="limit"):
        await stage.application.replay_parked(BILLING, request)


async def test_later_events_go_on_where_the_group_says_so() -> None:
    stage = await parked_scene(1, on_park=ON_PARK_CONTINUE)
    async with stage.consumer() as consumer:
        assert (await consumer.one()).event.version == 2
    assert (await stage.stands()).stats.held == 0


# --- without a stream -----------------------------------------------------------------------------


def pulling(**about: object) -> PullRequest:
    """By default ten at most, without waiting."""
    fields = {"group_id": "billing", "consumer_id": "cron", "max_deliveries": 10} | about
    return PullRequest(**fields)  # type: ignore[arg-type]


async def test_what_is_pulled_is_settled_by_calling() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.create()
    pulled = (await stage.application.pull(BILLING, pulling())).deliveries
    assert [each.event.version for each in pulled] == [1]
    assert (await stage.application.pull(BILLING, pulling())).deliveries == []
    settlement = Settlement(ack_ids=[pulled[0].delivery_id])
    request = SettleRequest(group_id="billing", settlement=settlement)
    for _ in range(2):
        result = (await stage.application.settle(BILLING, request)).result
        assert result.settled_ids == [pulled[0].delivery_id]
    again = (await stage.application.pull(BILLING, pulling())).deliveries
    assert [each.event.version for each in again] == [2]


async def test_a_pull_waits_for_the_first_one() -> None:
    stage = await group_scene()
    await stage.create()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(stage.application.pull(BILLING, pulling(wait_ms=5_000)))
        await asyncio.sleep(0.01)
        await stage.record("mila")
    assert [each.event.subject_id for each in waiting.result().deliveries] == ["mila"]


@pytest.mark.parametrize(
    ("request_", "path"),
    [(pulling(max_deliveries=0), "max_deliveries"), (pulling(consumer_id=""), "consumer_id")],
)
async def test_a_wrong_pull_is_refused(request_: PullRequest, path: str) -> None:
    stage = await group_scene()
    await stage.create()
    with pytest.raises(FieldViolations, match=path):
        await stage.application.pull(BILLING, request_)


async def test_settling_what_was_never_delivered_is_told() -> None:
    stage = await group_scene()
    await stage.create()
    names = [
        "nonsense",
        "other/1.0.1.1.1/cron",
        "billing/1.0.9.1.1/cron",
        "billing/9999.0.9.1.1/cron",
    ]
    ids = ["nonsense", *map(stage.application._context.tokens.sign_name, names)]
    request = SettleRequest(group_id="billing", settlement=Settlement(ack_ids=ids))
    result = (await stage.application.settle(BILLING, request)).result
    assert [failure.delivery_id for failure in result.failures] == ids
    request.group_id = "nobody"
    with pytest.raises(GroupNotFound):
        await stage.application.settle(BILLING, request)


async def test_a_made_up_id_does_not_count_though_its_event_was_settled() -> None:
    stage = await group_scene(partition_count=1)
    await stage.record("mila", 2)
    await stage.create()
    ids = []
    for _ in range(2):
        found = await stage.application.pull(BILLING, pulling(wait_ms=5_000))
        (delivery,) = found.deliveries
        ids.append(delivery.delivery_id)
        request = SettleRequest(group_id="billing", settlement=Settlement(ack_ids=ids[-1:]))
        assert len((await stage.application.settle(BILLING, request)).result.settled_ids) == 1
    signature, _, name = ids[0].partition("/")
    # One of the other event by the signature of this one, and one without any.
    made_up = [f"{signature}/{ids[1].partition('/')[2]}", name]
    request = SettleRequest(group_id="billing", settlement=Settlement(ack_ids=[*made_up, *ids]))
    result = (await stage.application.settle(BILLING, request)).result
    assert [failure.delivery_id for failure in result.failures] == made_up
    assert [failure.reason for failure in result.failures] == [ERROR_REASON_DELIVERY_UNKNOWN] * 2
    assert list(result.settled_ids) == ids


async def test_a_pulled_event_is_tried_again_and_parked_in_the_end() -> None:
    stage = await group_scene()
    await stage.record("mila")
    await stage.create(max_attempts=2, min_backoff_ms=1, max_backoff_ms=1)
    for attempt in (1, 2):
        found = await stage.application.pull(BILLING, pulling(wait_ms=5_000))
        assert [each.attempt for each in found.deliveries] == [attempt]
        nack = Nack(delivery_id=found.deliveries[0].delivery_id, action=NACK_ACTION_RETRY)
        request = SettleRequest(group_id="billing", settlement=Settlement(nacks=[nack]))
        await stage.application.settle(BILLING, request)
    listed = await stage.application.list_parked(BILLING, ListParkedRequest(group_id="billing"))
    assert [(one.reason, one.attempts) for one in listed.parked] == [("max_attempts", 2)]
