"""The history of a customer of several subjects: listed and read as one, in every order."""

from __future__ import annotations

from typing import Any

import pytest

from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import (
    EVENT_ORDER_OCCURRENCE,
    EVENT_ORDER_RECORDED,
    ListEventsRequest,
    ListEventsResponse,
    ReadEventsRequest,
    ReadEventsResponse,
)
from journey.v1.reading_pb2 import EndPoint, EventFilter, StartPoint
from journey_service.application import bulk as reading
from journey_service.application import history
from journey_service.domain.errors import TokenMismatch
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import Tokens, hashed
from tests.application.linking import link
from tests.application.scene import DEVELOPER, SERVICE, Scene, added, scene
from tests.application.taking import read_events

CARTS = EventFilter(types=["cart.*"])
BOTH_ORDERS = [EVENT_ORDER_OCCURRENCE, EVENT_ORDER_RECORDED]


async def one_customer(*others: str) -> Scene:
    """Mila with an account, and visitors who turned out to be her; acts of all between another."""
    stage = await scene()
    names = ("mila", *(others or ("visitor",)))
    devices = [await stage.device(name) for name in names]
    for number in range(6):
        device = devices[number % len(devices)]
        stage.pass_by(1_000)
        await device.record(added(f"{number}"), ago_ms=number * 1_700 % 3_000)
    for other in names[1:]:
        await link(stage, "mila", other, "mila")
    return stage


async def page(stage: Scene, principal: Principal = SERVICE, **asked: Any) -> ListEventsResponse:
    asked = {"subject_id": "mila", **asked}
    return await stage.application.list_events(principal, ListEventsRequest(**asked))


async def listed(stage: Scene, **asked: Any) -> list[Event]:
    """All events, however many pages they are."""
    found: list[Event] = []
    token, first = "", True
    while token or first:
        answer = await page(stage, page_token=token, **asked)
        found += answer.events
        token, first = answer.next_page_token, False
    return found


async def frames(stage: Scene, **asked: Any) -> list[ReadEventsResponse]:
    asked = {"subject_id": "mila", "purpose": "necessary", **asked}
    request = ReadEventsRequest(**asked)
    return [frame async for frame in read_events(stage.application, SERVICE, request)]


async def bulk(stage: Scene, **asked: Any) -> list[Event]:
    return [event for frame in await frames(stage, **asked) for event in frame.batch.events]


def places(events: list[Event]) -> list[tuple[str, int]]:
    return [(event.subject_id, event.version) for event in events]


def happened(event: Event) -> tuple[int, int, bytes, int, str]:
    at = event.occurrence
    return (at.t_ms, at.counter, at.installation_id.encode(), at.seq, event.subject_id)


@pytest.mark.parametrize("asked", ["mila", "visitor", "anon"])
async def test_any_member_names_the_whole_customer_each_event_once(asked: str) -> None:
    stage = await one_customer("visitor", "anon")
    found = await listed(stage, subject_id=asked)
    streams = stage.store.journal.streams
    wanted = {(name, event.version) for name in streams for event in streams[name].events}
    assert set(places(found)) == wanted
    assert len(found) == len(wanted)
    assert found == sorted(found, key=happened)


@pytest.mark.parametrize("order", BOTH_ORDERS)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 4])
async def test_pages_join_up_and_share_the_cut_of_the_first(
    order: int, size: int, *, descending: bool
) -> None:
    stage = await one_customer("visitor", "anon")
    asked: dict[str, Any] = {"order": order, "descending": descending}
    whole = await listed(stage, **asked)
    again: list[Event] = []
    token, checkpoints = "", set[str]()
    while True:
        answer = await page(stage, page_size=size, page_token=token, **asked)
        again += answer.events
        checkpoints.add(answer.checkpoint)
        token = answer.next_page_token
        if not token:
            break
        # Neither what is recorded meanwhile nor who joins meanwhile is in these pages.
        newcomer = await stage.device(f"newcomer-{len(again)}")
        await newcomer.record(added("late"), ago_ms=5_000)
        await link(stage, "visitor", f"newcomer-{len(again)}", "mila")
    assert places(again) == places(whole)
    assert answer.events
    assert len(checkpoints) == 1


async def test_what_was_recorded_comes_as_it_was_recorded() -> None:
    found = await listed(await one_customer(), order=EVENT_ORDER_RECORDED)
    assert [each.recorded_at_ms for each in found] == sorted(each.recorded_at_ms for each in found)
    for name in ("mila", "visitor"):
        versions = [each.version for each in found if each.subject_id == name]
        assert versions == sorted(versions)


@pytest.mark.parametrize("descending", [False, True])
async def test_events_of_one_moment_come_once_each_in_the_order_of_subjects(
    *, descending: bool
) -> None:
    stage = await one_customer("visitor", "anon")
    for name in ("mila", "visitor", "anon"):
        for event in stage.store.journal.streams[name].events:
            event.occurrence.t_ms, event.occurrence.counter = 1, 0
            event.occurrence.installation_id, event.occurrence.seq = "", event.version
    wanted = await listed(stage, descending=descending)
    assert await listed(stage, descending=descending, page_size=1) == wanted
    assert wanted == sorted(wanted, key=happened, reverse=descending)


async def test_a_filter_and_a_single_stream_choose_among_them() -> None:
    stage = await one_customer()
    assert len(await listed(stage, filter=CARTS, page_size=2)) == 6
    own = await listed(stage, stream_only=True, page_size=2)
    assert {event.subject_id for event in own} == {"mila"}
    assert len(own) == len(stage.store.journal.streams["mila"].events)


async def test_a_page_token_of_the_customer_is_none_of_the_single_stream_nor_of_fewer() -> None:
    stage = await one_customer()
    token = (await page(stage, page_size=1)).next_page_token
    with pytest.raises(TokenMismatch):
        await page(stage, page_size=1, page_token=token, stream_only=True)
    stage.store.journal.customers.clear()
    with pytest.raises(TokenMismatch, match="not the customer's"):
        await page(stage, page_size=1, page_token=token)


async def test_a_device_that_is_not_signed_in_sees_nothing_of_the_others() -> None:
    stage = await one_customer()
    visitor = Principal(ROLE_DEVICE, "visitor", "visitor")
    own = await page(stage, visitor, subject_id="")
    assert {event.subject_id for event in own.events} == {"visitor"}
    mila = Principal(ROLE_DEVICE, "mila", "mila")
    both = await page(stage, mila, subject_id="")
    assert {event.subject_id for event in both.events} == {"mila", "visitor"}


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_bulk_read_brings_all_streams_as_they_were_recorded_and_goes_on_anywhere(
    *, backwards: bool
) -> None:
    stage = await one_customer("visitor", "anon")
    recorded = await listed(stage, order=EVENT_ORDER_RECORDED, descending=backwards)
    for limit in range(1, len(recorded)):
        first = await frames(stage, backwards=backwards, limit=limit)
        head = [event for frame in first for event in frame.batch.events]
        rest = await bulk(
            stage, backwards=backwards, start=StartPoint(checkpoint=first[-1].checkpoint)
        )
        assert places(head + rest) == places(recorded)


async def test_a_bulk_read_ends_where_it_is_told_to() -> None:
    stage = await one_customer()
    half = await frames(stage, limit=5)
    end = EndPoint(checkpoint=half[-1].checkpoint)
    assert len(await bulk(stage, end=end)) == 5
    # Of each stream with the event at which it stood.
    assert len(await bulk(stage, end=end, backwards=True)) == len(await bulk(stage)) - 5 + 2
    assert {each.subject_id for each in await bulk(stage, stream_only=True)} == {"mila"}


async def test_a_reader_goes_on_over_a_link_and_gets_who_joined_from_the_beginning() -> None:
    stage = await scene()
    mila, visitor = await stage.device("mila"), await stage.device("visitor")
    await mila.record(added("a"))
    await visitor.record(added("b"))
    before = (await frames(stage))[-1].checkpoint
    await link(stage, "mila", "visitor", "mila")
    rest = await bulk(stage, start=StartPoint(checkpoint=before))
    assert [each.type for each in rest if each.subject_id == "mila"] == ["identity.subjects_linked"]
    assert [each.version for each in rest if each.subject_id == "visitor"] == [1, 2, 3]
    with pytest.raises(TokenMismatch, match="another customer"):
        await bulk(stage, subject_id="mila", start=StartPoint(checkpoint=await _foreign(stage)))


async def _foreign(stage: Scene) -> str:
    await (await stage.device("ben")).record(added("c"))
    return (await frames(stage, subject_id="ben"))[-1].checkpoint


async def test_a_customer_of_one_subject_gets_the_same_tokens_as_ever() -> None:
    stage = await scene()
    mila = await stage.device("mila")
    await mila.record(added("a"), added("b"))
    answer = await page(stage, DEVELOPER, page_size=1)
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    checkpoint = tokens.open_checkpoint(answer.checkpoint)
    assert (checkpoint.versions, checkpoint.positions) == (hashed({"mila": 3}), {})
    asked = ListEventsRequest(subject_id="mila", page_size=1, page_token=answer.next_page_token)
    assert (await stage.application.list_events(DEVELOPER, asked)).events[0].version == 2


async def test_a_customer_of_one_subject_is_listed_with_the_reads_that_it_always_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    await (await stage.device("mila")).record(added("a"), added("b"))
    asked: list[str] = []

    def noted(of: object, name: str) -> None:
        read = getattr(of, name)

        async def reading(*named: Any, **more: Any) -> Any:
            asked.append(name)
            return await read(*named, **more)

        monkeypatch.setattr(of, name, reading)

    noted(stage.store.identities, "customer")
    for name in ("stream_head", "read_by_occurrence", "read_stream"):
        noted(stage.store.journal, name)
    token = (await page(stage, DEVELOPER, page_size=1)).next_page_token
    # Who it is is asked once, for all pages.
    assert asked == ["customer", "stream_head", "read_by_occurrence"]
    asked.clear()
    await page(stage, DEVELOPER, page_size=1, page_token=token)
    assert asked == ["read_by_occurrence"]


@pytest.mark.parametrize("order", BOTH_ORDERS)
@pytest.mark.parametrize("descending", [False, True])
async def test_streams_that_are_longer_than_what_is_read_at_once_are_read_on(
    order: int, monkeypatch: pytest.MonkeyPatch, *, descending: bool
) -> None:
    stage = await one_customer("visitor", "anon")
    asked: dict[str, Any] = {"order": order, "descending": descending}
    whole = places(await listed(stage, **asked))
    monkeypatch.setattr(history, "READ_PAGE", 2)
    monkeypatch.setattr(history, "READ_LEAST", 1)
    monkeypatch.setattr(reading, "READ_PAGE", 2)
    for size in (1, 2, 3, len(whole), 0):
        assert places(await listed(stage, **asked, page_size=size)) == whole
    # The last page is known to be the last one.
    assert not (await page(stage, **asked, page_size=len(whole))).next_page_token
    if order == EVENT_ORDER_RECORDED:
        assert places(await bulk(stage, backwards=descending)) == whole


@pytest.mark.parametrize("order", BOTH_ORDERS)
async def test_pages_that_began_before_a_link_stay_those_of_the_one_stream(order: int) -> None:
    stage = await scene()
    mila, visitor = await stage.device("mila"), await stage.device("visitor")
    await mila.record(added("a"), added("b"))
    await visitor.record(added("c"))
    first = await page(stage, order=order, page_size=1)
    await link(stage, "mila", "visitor", "mila")
    rest = await page(stage, order=order, page_token=first.next_page_token)
    assert places([*first.events, *rest.events]) == [("mila", 1), ("mila", 2), ("mila", 3)]
    assert not rest.next_page_token
