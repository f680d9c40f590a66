"""The continue list as devices get it: series, kinds, pages, pushed live."""

from __future__ import annotations

import pytest

from journey.v1.events_pb2 import OUTCOME_ACCEPTED
from journey.v1.interactions_pb2 import (
    BookingChanged,
    Interaction,
    JourneyMarked,
    MediaStopped,
    ReadingPositionSet,
    RunOpener,
    SearchPerformed,
    SeriesMember,
    SeriesUpdated,
)
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    JourneyView,
    ListJourneysRequest,
    ListJourneysResponse,
    WatchDelta,
    WatchRequest,
)
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.errors import JourneyNotFound
from tests.application.scene import (
    FILM,
    DeviceInUse,
    Watching,
    added,
    paused,
    played,
    run_id,
    scene,
)

SHOW = JourneyRef(kind="series", journey_id="show")
SHOW_NAME = "series/show"
NEXT = JourneyRef(kind="media", journey_id="film-43")
BOOK = JourneyRef(kind="reading", journey_id="book")


def told(*members: JourneyRef) -> Interaction:
    """The catalogue tells what the series consists of."""
    listed = [SeriesMember(journey=ref, order_key=ref.journey_id) for ref in members]
    return Interaction(journey=SHOW, series_updated=SeriesUpdated(members=listed))


def read(page: str, ref: JourneyRef = BOOK) -> Interaction:
    body = ReadingPositionSet(locator=page, progress_ppm=100_000)
    return Interaction(journey=ref, reading_position_set=body)


def ended() -> Interaction:
    body = MediaStopped(
        run_id=run_id(),
        run_start_ms=0,
        opened_by=RunOpener.RUN_OPENER_PLAY,
        point_ms=5_400_000,
        duration_ms=5_400_000,
        reason=MediaStopped.REASON_ENDED,
    )
    return Interaction(journey=FILM, media_stopped=body)


async def listed(device: DeviceInUse, **asked: object) -> ListJourneysResponse:
    request = ListJourneysRequest(**asked)  # type: ignore[arg-type]
    return await device.scene.application.list_journeys(device.principal, request, deadline=None)


def names(refs: list[JourneyRef]) -> list[str]:
    return [f"{ref.kind}/{ref.journey_id}" for ref in refs]


async def next_delta(watching: Watching) -> WatchDelta:
    return (await watching.next("delta")).delta


async def test_a_series_is_pushed_with_the_episode_that_changed_it() -> None:
    stage = await scene()
    tv, phone = await stage.device(), await stage.device()
    await tv.record(told(FILM, NEXT))
    async with phone.watch() as watching:
        await watching.level()
        await tv.record(played(0), paused(1_873_250))
        delta = await next_delta(watching)
        assert names([journey.ref for journey in delta.journeys]) == ["media/film-42", SHOW_NAME]
        assert delta.journeys[1].series.current == FILM
        assert names([*delta.continue_list]) == ["media/film-42"]
        await tv.record(played(0), ended())
        delta = await next_delta(watching)
    assert delta.journeys[1].series.up_next == NEXT
    assert names([*delta.continue_list]) == ["media/film-43"]


async def test_a_token_brings_the_series_of_an_episode_that_changed_since() -> None:
    stage = await scene()
    tv, phone = await stage.device(), await stage.device()
    await tv.record(told(FILM, NEXT))
    async with phone.watch() as watching:
        token = (await watching.level()).token
    await tv.record(played(0), paused(1_873_250))
    elsewhere = stage.neighbour()
    request = WatchRequest(session_id=phone.session.session_id, token=token)
    for frames in (phone.watch(token), Watching(elsewhere.watch(phone.principal, request))):
        async with frames as watching:
            changed = (await watching.level()).delta
        assert names([journey.ref for journey in changed.journeys]) == ["media/film-42", SHOW_NAME]


async def test_another_process_that_reads_the_stored_states_publishes_the_same_series() -> None:
    stage = await scene()
    tv = await stage.device()
    await tv.record(told(FILM, NEXT), played(0), ended())
    request = GetJourneyRequest(journey=SHOW)
    elsewhere = await stage.neighbour().get_journey(tv.principal, request, deadline=None)
    assert elsewhere.journey == await tv.resume(SHOW)
    assert elsewhere.journey.series.up_next == NEXT


async def test_what_comes_next_is_listed_by_its_name_though_nobody_began_it() -> None:
    stage = await scene()
    tv = await stage.device()
    await tv.record(told(FILM, NEXT), played(0), ended())
    page = await listed(tv)
    assert names([journey.ref for journey in page.journeys]) == ["media/film-43"]
    assert page.journeys[0].WhichOneof("state") is None
    with pytest.raises(JourneyNotFound):
        await tv.resume(NEXT)


async def test_the_list_of_some_kinds_knows_the_series_of_the_others() -> None:
    stage = await scene()
    tv = await stage.device()
    await tv.record(told(FILM, NEXT), played(0), ended(), read("page 3"))
    media = await listed(tv, kinds=["media"])
    assert names([journey.ref for journey in media.journeys]) == ["media/film-43"]
    books = await listed(tv, kinds=["reading"])
    assert names([journey.ref for journey in books.journeys]) == ["reading/book"]
    series = await listed(tv, kinds=["series"])
    assert not series.journeys


async def test_the_list_goes_over_all_kinds_newest_activity_first() -> None:
    stage = await scene()
    phone = await stage.device()
    search = Interaction(
        journey=JourneyRef(kind="search", journey_id="main"),
        search_performed=SearchPerformed(query="shoes"),
    )
    await phone.record(read("page 3"), ago_ms=3_000)
    await phone.record(added("B1"), ago_ms=2_000)
    await phone.record(search, ago_ms=1_000)
    shown = await listed(phone)
    assert names([journey.ref for journey in shown.journeys]) == [
        "search/main",
        "cart/main",
        "reading/book",
    ]


async def test_pages_of_the_list_hold_every_entry_once() -> None:
    stage = await scene()
    phone = await stage.device()
    books = [JourneyRef(kind="reading", journey_id=f"book-{number:02}") for number in range(60)]
    await phone.record(*(read("page 3", ref) for ref in books))
    first = await listed(phone)
    assert len(first.journeys) == 50
    second = await listed(phone, page_token=first.next_page_token)
    assert not second.next_page_token
    shown = [journey.ref.journey_id for journey in [*first.journeys, *second.journeys]]
    assert shown == [ref.journey_id for ref in reversed(books)]
    async with phone.watch() as watching:
        snapshot = (await watching.level()).snapshot
    assert [ref.journey_id for ref in snapshot.continue_list] == shown[:20]


async def test_what_is_hidden_leaves_the_list_at_once_and_comes_back_with_the_next_intent() -> None:
    stage = await scene()
    phone, tablet = await stage.device(), await stage.device()
    await phone.record(read("page 3"))
    async with tablet.watch() as watching:
        await watching.level()
        hidden = JourneyMarked(mark=JourneyMarked.MARK_HIDDEN)
        await phone.record(Interaction(journey=BOOK, journey_marked=hidden))
        assert not (await next_delta(watching)).continue_list
        shown = await listed(phone, view=JourneyView.JOURNEY_VIEW_HIDDEN)
        assert names([journey.ref for journey in shown.journeys]) == ["reading/book"]
        await phone.record(read("page 4"))
        assert names([*(await next_delta(watching)).continue_list]) == ["reading/book"]


async def test_a_confirmed_booking_is_finished_once_its_slot_is_past() -> None:
    stage = await scene()
    now_ms = stage.application.now_ms()
    table = JourneyRef(kind="booking", journey_id="table")
    phone = await stage.device()

    async def book(rev: int, status: BookingChanged.Status) -> None:
        body = BookingChanged(
            status=status, slot_start_ms=now_ms - 2_000, slot_end_ms=now_ms - 1_000, party=2
        )
        change = Interaction(journey=table, booking_changed=body, expected_rev=rev)
        (result,) = (await phone.record(change)).results
        assert result.outcome == OUTCOME_ACCEPTED

    await book(0, BookingChanged.STATUS_REQUESTED)
    await book(1, BookingChanged.STATUS_HELD)
    assert not (await phone.resume(table)).finished
    await book(2, BookingChanged.STATUS_CONFIRMED)
    assert (await phone.resume(table)).finished
    finished = await listed(phone, view=JourneyView.JOURNEY_VIEW_FINISHED)
    assert names([journey.ref for journey in finished.journeys]) == ["booking/table"]
