"""Groups over real gRPC on PostgreSQL: consumed, moved, parked, by the client library alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from journey.v1.groups_pb2 import ON_PARK_CONTINUE, Group, ParkedFilter
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey_client import Client, Delivery, Park, Replaced, errors, interactions
from tests.client.conftest import Connect
from tests.transport.serving import Served

BEGINNING = StartPoint(beginning=True)
CUSTOMERS = ("ada", "ben", "cleo")
LINES = 3
PATIENCE_S = 20


@pytest.fixture
async def backend(connect: Connect) -> AsyncIterator[Client]:
    """A back end that has all groups, and customers who put three lines into their carts each."""
    async with connect(subject="shop", role="service", scopes=("group.*",)) as client:
        for customer in CUSTOMERS:
            lines = [interactions.cart_line_added(f"line-{n}") for n in range(LINES)]
            (await client.record(customer, lines)).require()
        yield client


async def make(client: Client, **settings: object) -> Group:
    group = Group(group_id="billing", purpose="necessary", min_backoff_ms=1, **settings)  # type: ignore[arg-type]
    return await client.create_group(group, start=BEGINNING)


async def take(client: Client, count: int, *, name: str = "worker-1") -> list[Delivery]:
    """Acknowledge so many deliveries of one consumer."""
    taken = []
    async with asyncio.timeout(PATIENCE_S), client.consume("billing", consumer_id=name) as mine:
        async for delivery in mine:
            async with delivery:
                taken.append(delivery)
            if len(taken) == count:
                break
    return taken


def versions(deliveries: Iterable[Delivery]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for delivery in deliveries:
        found.setdefault(delivery.event.subject_id, []).append(delivery.event.version)
    return found


ALL = {customer: [1, 2, 3] for customer in CUSTOMERS}


@pytest.mark.parametrize(("wrong", "most"), [("credits", 1_000), ("credit_bytes", 16 * 1_024**2)])
async def test_a_consumer_is_told_which_credit_is_out_of_its_range(
    backend: Client, wrong: str, most: int
) -> None:
    for value in (-1, 0, most + 1, 10**12, 10**30):
        with pytest.raises(ValueError, match=f"^{wrong} must be 1 to {most:,}; is {value:,}$"):
            backend.consume("billing", **{wrong: value})  # type: ignore[arg-type]
    for value in (1, most):
        backend.consume("billing", **{wrong: value})  # type: ignore[arg-type]


async def test_each_customers_events_come_in_order_and_once_acknowledged_never_again(
    backend: Client,
) -> None:
    await make(backend)
    taken = await take(backend, 9)
    assert versions(taken) == ALL
    assert {(each.attempt, each.replayed) for each in taken} == {(1, False)}
    (await backend.record("ada", [interactions.cart_line_added("line-9")])).require()
    (last,) = await take(backend, 1)
    assert (last.event.subject_id, last.event.version) == ("ada", 4)
    stats = (await backend.group("billing")).stats
    assert (stats.backlog, stats.in_flight, stats.parked) == (0, 0, 0)


async def test_two_consumers_share_the_customers_and_each_customers_events_stay_in_order(
    backend: Client, connect: Connect
) -> None:
    await make(backend)
    taken: list[Delivery] = []

    async def work(client: Client, name: str) -> None:
        async with client.consume("billing", consumer_id=name, credits=2) as deliveries:
            async for delivery in deliveries:
                async with delivery:
                    taken.append(delivery)
                if len(taken) == 9:
                    done.set()

    done = asyncio.Event()
    async with connect(subject="other", role="service", scopes=("group.billing",)) as other:
        tasks = [
            asyncio.create_task(work(client, name))
            for client, name in ((backend, "north"), (other, "south"))
        ]
        async with asyncio.timeout(PATIENCE_S):
            await done.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert versions(taken) == ALL


async def test_a_body_that_fails_is_tried_again_and_parked_with_its_cause(
    backend: Client,
) -> None:
    await make(backend, max_attempts=2)
    attempts: list[tuple[int, int]] = []
    others: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_S):
        async with backend.consume("billing", on_error=lambda *_: None) as deliveries:
            async for delivery in deliveries:
                async with delivery:
                    if delivery.event.subject_id == "ada":
                        attempts.append((delivery.event.version, delivery.attempt))
                        raise RuntimeError("no such account")
                    others.append(delivery)
                if len(others) == 6 and len(attempts) == 2:
                    break
    assert attempts == [(1, 1), (1, 2)]
    (parked,) = [each async for each in backend.parked("billing")]
    assert (parked.event.subject_id, parked.event.version) == ("ada", 1)
    assert (parked.reason, parked.attempts) == ("RuntimeError: no such account", 2)
    assert parked.held == 2
    stats = (await backend.group("billing")).stats
    assert (stats.parked, stats.held, stats.backlog) == (1, 2, 0)


async def test_parked_events_are_replayed_in_order_and_release_what_waited(
    backend: Client,
) -> None:
    await make(backend)
    async with asyncio.timeout(PATIENCE_S), backend.consume("billing") as deliveries:
        seen = 0
        async for delivery in deliveries:
            async with delivery:
                seen += 1
                if delivery.event.version == 1:
                    raise Park("the ledger is closed")
            if seen == 3:
                break
    page = await backend.parked_page("billing", wanted=ParkedFilter(subject_id="ada"))
    assert (page.total, len(page.parked)) == (1, 1)
    nothing = await backend.replay_parked("billing", dry_run=True)
    assert (nothing.matched, nothing.replayed) == (3, 3)
    assert (await backend.group("billing")).stats.parked == 3
    done = await backend.replay_parked("billing", wanted=ParkedFilter(reason_contains="ledger"))
    assert (done.matched, done.replayed, done.remaining) == (3, 3, 0)
    taken = await take(backend, 9)
    assert versions(taken) == ALL
    assert {each.event.version for each in taken if each.replayed} == {1}


async def test_discarded_events_are_gone_and_release_what_waited(backend: Client) -> None:
    await make(backend)
    async with asyncio.timeout(PATIENCE_S), backend.consume("billing") as deliveries:
        async for delivery in deliveries:
            async with delivery:
                raise Park("poison")
            await delivery.settled()
            break
    (parked,) = [each async for each in backend.parked("billing")]
    done = await backend.discard_parked("billing", parked_ids=[parked.parked_id], reason="known")
    assert (done.matched, done.discarded) == (1, 1)
    assert [each async for each in backend.parked("billing")] == []
    taken = versions(await take(backend, 8))
    assert taken[parked.event.subject_id] == [2, 3]


async def test_what_is_pulled_is_settled_by_its_id_or_comes_again(backend: Client) -> None:
    await make(backend)
    pulled = await backend.pull("billing", consumer_id="job", max_deliveries=10, wait_ms=5_000)
    assert sorted(each.event.subject_id for each in pulled) == [*CUSTOMERS]
    ids = [each.delivery_id for each in pulled]
    result = await backend.settle("billing", ack_ids=ids)
    assert sorted(result.settled_ids) == sorted(ids)
    assert sorted((await backend.settle("billing", ack_ids=ids)).settled_ids) == sorted(ids)
    rest = await backend.pull("billing", consumer_id="job", max_deliveries=10, wait_ms=5_000)
    assert {each.event.version for each in rest} == {2}


async def test_a_seek_delivers_again_marked_as_replayed_and_can_be_tried_first(
    backend: Client,
) -> None:
    await make(backend, filter=EventFilter(types=["cart.*"]))
    await take(backend, 9)
    counted = await backend.seek_group("billing", BEGINNING, dry_run=True)
    assert counted.events == 9
    assert (await backend.group("billing")).stats.backlog == 0
    assert (await backend.seek_group("billing", BEGINNING)).events == 9
    again = await take(backend, 9)
    assert versions(again) == ALL
    assert all(each.replayed for each in again)


async def test_a_consumer_of_the_same_name_takes_the_place_of_the_older(backend: Client) -> None:
    await make(backend)
    async with asyncio.timeout(PATIENCE_S):
        older = backend.consume("billing", consumer_id="worker")
        async with older, backend.consume("billing", consumer_id="worker"):
            with pytest.raises(Replaced):
                async for _ in older:
                    pass


async def test_a_group_is_listed_changed_and_removed(backend: Client) -> None:
    made = await make(backend)
    assert [each.group_id async for each in backend.groups()] == ["billing"]
    assert (made.lease_ms, made.max_attempts) == (30_000, 10)
    made.max_attempts, made.on_park = 3, ON_PARK_CONTINUE
    changed = await backend.update_group(made, ["max_attempts", "on_park"])
    assert (changed.max_attempts, changed.on_park) == (3, ON_PARK_CONTINUE)
    with pytest.raises(errors.EtagMismatch):
        await backend.update_group(made, ["max_attempts"])
    assert await backend.delete_group("billing")
    with pytest.raises(errors.GroupNotFound):
        await backend.group("billing")


async def test_a_group_that_is_not_there_is_an_error_at_the_door(backend: Client) -> None:
    with pytest.raises(errors.GroupNotFound):
        await backend.consume("nobody").__aenter__()


async def test_a_service_that_stops_sends_consumers_away_in_order(
    backend: Client, served: Served
) -> None:
    await make(backend)
    async with asyncio.timeout(PATIENCE_S), backend.consume("billing") as deliveries:
        async with await anext(deliveries) as delivery:
            pass
        await delivery.settled()
        served.application.drain()
        while "ends the stream" not in deliveries.connection.why:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.01)
