import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import grpc
import pytest

from journey.v1.journey_service_pb2 import WatchDelta, WatchResponse, WatchSnapshot
from journey.v1.journeys_pb2 import Journey, MediaState
from journey.v1.references_pb2 import JourneyRef
from journey.v1.sessions_pb2 import Command, CommandKind
from journey.v1.stream_pb2 import CaughtUp, GoingAway, GoingAwayReason, StreamOpened
from journey_client import Client, ConnectionState, JourneyKey, MediaRuns, connect, errors
from journey_client.connection import Backoff, ConnectionSettings
from journey_client.watching import Watch
from tests.client.scripted import Script, refuse, serving

FILM = JourneyKey("media", "film")
Context = Any
Content = Any
OPENED = StreamOpened(stream_id="s", heartbeat_ms=15_000)


def film(point_ms: int) -> Journey:
    return Journey(
        ref=JourneyRef(kind="media", journey_id="film"), media=MediaState(point_ms=point_ms)
    )


def frames(*contents: Content, token: str = "t", first: int = 1) -> list[WatchResponse]:
    """Numbered frames of these contents; the token counts with them."""
    made = []
    for number, content in enumerate(contents, first):
        field = {
            StreamOpened: "opened",
            WatchSnapshot: "snapshot",
            WatchDelta: "delta",
            CaughtUp: "caught_up",
            GoingAway: "going_away",
            Command: "command",
        }[type(content)]
        frame = WatchResponse(frame=number, token=f"{token}{number}")
        getattr(frame, field).CopyFrom(content)
        made.append(frame)
    return made


def snapshot(point_ms: int) -> WatchSnapshot:
    return WatchSnapshot(last=True, journeys=[film(point_ms)], continue_list=[film(0).ref])


def plays(*streams: list[WatchResponse], then: Callable[[Context], Any] | None = None) -> Any:
    """A stream handler: each call gets the next list, and stays open after the last one."""
    left = list(streams)

    async def watch(_: Any, context: Context) -> AsyncIterator[WatchResponse]:
        for frame in left.pop(0):
            yield frame
        if left:
            return
        if then is not None:
            await then(context)
        await asyncio.Event().wait()

    return watch


def client_of(script: Script) -> Client:
    return connect(script.address, token="t", device="phone")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journey_client.connection.DEFAULTS", ConnectionSettings(first_wait_ms=1))


@pytest.fixture
def longest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits long enough to be seen: only the newest view is shown to who comes late."""
    waits = ConnectionSettings(first_wait_ms=100)
    monkeypatch.setattr("journey_client.connection.DEFAULTS", waits)
    monkeypatch.setattr("journey_client.session.Watch", partial(Watch, chance=lambda: 1.0))


async def test_a_watch_shows_what_changed_and_how_fresh_it_is() -> None:
    script = Script()
    script.stream["Watch"] = plays(
        frames(OPENED, snapshot(1), CaughtUp(), WatchDelta(last=True, journeys=[film(2)]))
    )
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        watch = session.watch()
        view = await watch.until(lambda view: view.journeys.get(FILM) == film(2))
        assert view.connection.state is ConnectionState.LIVE
        assert view.connection.stream_id == "s"
        assert [journey.ref.journey_id for journey in view.continue_list] == ["film"]
        assert view.token == "t4"
    assert script.of("Watch")[0].session_id == "0.session-1"


async def test_changes_since_the_last_view_come_together() -> None:
    script = Script()
    script.stream["Watch"] = plays(frames(OPENED, snapshot(1), CaughtUp()))
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        async with session.watch() as watch:
            await until_state(watch, ConnectionState.LIVE)
            view = await anext(watch)
            assert view.changed == {FILM}
            assert watch.view.changed == frozenset()


@pytest.mark.usefixtures("longest_waits")
async def test_a_broken_stream_is_shown_and_goes_on_from_the_last_token() -> None:
    script = Script()
    script.stream["Watch"] = plays(
        frames(OPENED, snapshot(1), CaughtUp()),
        frames(StreamOpened(resumed=True), WatchDelta(last=True), CaughtUp()),
    )
    seen = []
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        async for view in session.watch():
            seen.append(view.connection.state)
            if len(script.of("Watch")) == 2 and view.connection.state is ConnectionState.LIVE:
                break
        assert view.journeys == {FILM: film(1)}
    assert ConnectionState.STALE in seen
    assert [request.token for request in script.of("Watch")] == ["", "t3"]


async def test_a_planned_end_is_followed_by_the_next_stream_without_staleness() -> None:
    script = Script()
    rotated = GoingAway(reason=GoingAwayReason.GOING_AWAY_REASON_ROTATION, retry_after_ms=1)
    script.stream["Watch"] = plays(
        frames(OPENED, snapshot(1), CaughtUp(), rotated),
        frames(StreamOpened(resumed=True), CaughtUp(), WatchDelta(last=True, journeys=[film(2)])),
    )
    seen = []
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        async for view in session.watch():
            seen.append(view.connection.state)
            if view.journeys.get(FILM) == film(2):
                break
    assert ConnectionState.STALE not in seen


async def test_restart_means_opening_without_a_token() -> None:
    script = Script()
    restart = GoingAway(reason=GoingAwayReason.GOING_AWAY_REASON_RESTART, retry_after_ms=1)
    script.stream["Watch"] = plays(
        frames(OPENED, snapshot(1), restart), frames(OPENED, snapshot(2), CaughtUp())
    )
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        await session.watch().until(lambda view: view.journeys.get(FILM) == film(2))
    assert [request.token for request in script.of("Watch")] == ["", ""]


async def test_a_watch_that_was_replaced_ends_and_does_not_come_back() -> None:
    script = Script()
    replaced = GoingAway(reason=GoingAwayReason.GOING_AWAY_REASON_REPLACED)
    script.stream["Watch"] = plays(frames(OPENED, snapshot(1), replaced))
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        watch = session.watch()
        views = [view async for view in watch]
        assert views[-1].connection.state is ConnectionState.ENDED
        assert views[-1].connection.why == "REPLACED"
        assert views[-1].journeys == {FILM: film(1)}
    assert len(script.of("Watch")) == 1


async def test_a_hole_in_the_numbers_opens_a_new_stream_with_the_last_token() -> None:
    script = Script()
    script.stream["Watch"] = plays(
        [
            *frames(OPENED, snapshot(1)),
            *frames(WatchDelta(last=True, journeys=[film(9)]), first=4),
            *frames(WatchDelta(last=True, journeys=[film(9)]), first=5),
        ],
        frames(StreamOpened(resumed=True), WatchDelta(last=True, journeys=[film(2)]), CaughtUp()),
    )
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        view = await session.watch().until(
            lambda view: view.connection.state is ConnectionState.LIVE
        )
        assert view.journeys == {FILM: film(2)}
    assert [request.token for request in script.of("Watch")] == ["", "t2"]


async def test_a_silent_stream_is_dead_after_two_and_a_half_heartbeats() -> None:
    script = Script()
    quiet = StreamOpened(heartbeat_ms=20)
    still_open = 0

    async def watch(_: Any, __: Context) -> AsyncIterator[WatchResponse]:
        nonlocal still_open
        still_open += 1
        for frame in frames(quiet, snapshot(still_open)):
            yield frame
        await asyncio.Event().wait()

    script.stream["Watch"] = watch
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        stale = session.watch()
        view = await stale.until(lambda view: view.connection.state is ConnectionState.STALE)
        assert view.connection.why == "no frame for 50 ms"
        await stale.until(lambda view: view.journeys.get(FILM) == film(2))


async def test_an_expired_credential_ends_the_watch_only_the_second_time() -> None:
    script = Script()

    async def expired(context: Context) -> None:
        await refuse(context, "TOKEN_EXPIRED", grpc.StatusCode.UNAUTHENTICATED)

    async def watch(_: Any, context: Context) -> AsyncIterator[WatchResponse]:
        for frame in frames(OPENED, snapshot(1)):
            yield frame
        await expired(context)

    script.stream["Watch"] = watch
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        with pytest.raises(errors.TokenExpired):
            async for _ in session.watch():
                pass
    assert len(script.of("Watch")) == 2


async def test_another_customers_watch_is_an_error_at_once() -> None:
    script = Script()

    async def watch(_: Any, context: Context) -> AsyncIterator[WatchResponse]:
        await refuse(context, "CUSTOMER_MISMATCH", grpc.StatusCode.PERMISSION_DENIED)
        yield WatchResponse()

    script.stream["Watch"] = watch
    async with serving(script), client_of(script) as client:
        with pytest.raises(errors.CustomerMismatch):
            async for _ in client.customer("not-mine").watch():
                pass
    assert script.of("Watch")[0].subject_id == "not-mine"


async def test_an_ended_session_is_followed_by_the_next_also_for_its_watch() -> None:
    script = Script()

    async def watch(request: Any, context: Context) -> AsyncIterator[WatchResponse]:
        if request.session_id == "0.session-1":
            await refuse(context, "SESSION_NOT_FOUND", grpc.StatusCode.NOT_FOUND)
        for frame in frames(OPENED, snapshot(1), CaughtUp()):
            yield frame
        await asyncio.Event().wait()

    script.stream["Watch"] = watch
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        await session.watch().until(lambda view: view.connection.state is ConnectionState.LIVE)
        assert session.session_id == "0.session-2"


async def test_a_next_session_that_cannot_be_opened_is_tried_again() -> None:
    script = Script()
    opens = script.unary["OpenSession"]

    async def opens_late(request: Any, context: Context) -> Any:
        if len(script.of("OpenSession")) in {2, 3}:
            await context.abort(grpc.StatusCode.INTERNAL, "not now")
        return await opens(request, context)

    async def watch(request: Any, context: Context) -> AsyncIterator[WatchResponse]:
        if request.session_id == "0.session-1":
            await refuse(context, "SESSION_NOT_FOUND", grpc.StatusCode.NOT_FOUND)
        for frame in frames(OPENED, snapshot(1), CaughtUp()):
            yield frame
        await asyncio.Event().wait()

    script.unary["OpenSession"] = opens_late
    script.stream["Watch"] = watch
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        async with asyncio.timeout(20):
            await session.watch().until(lambda view: view.connection.state is ConnectionState.LIVE)
        assert len(script.of("OpenSession")) == 4


async def test_a_command_is_told_once_however_often_it_comes() -> None:
    script = Script()
    pause = Command(id="c1", kind=CommandKind.COMMAND_KIND_PAUSE)
    script.stream["Watch"] = plays(
        frames(OPENED, pause), frames(OPENED, pause, snapshot(1), CaughtUp())
    )
    told: list[Command] = []
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        async for view in session.watch():
            told += view.commands
            if view.connection.state is ConnectionState.LIVE:
                break
    assert told == [pause]


async def test_a_paused_watch_closes_its_stream_and_goes_on_when_started() -> None:
    script = Script()
    script.stream["Watch"] = always(frames(OPENED, CaughtUp()))
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        watch = session.watch()
        await watch.until(lambda view: view.connection.state is ConnectionState.LIVE)
        watch.pause()
        await watch.until(lambda view: view.connection.state is ConnectionState.PAUSED)
        assert len(script.of("Watch")) == 1
        watch.start()
        await watch.until(lambda view: view.connection.state is ConnectionState.LIVE)
    assert len(script.of("Watch")) == 2


async def test_an_act_carries_what_was_in_sight() -> None:
    script = Script()
    script.stream["Watch"] = always(frames(OPENED, snapshot(1), CaughtUp()))
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        player = MediaRuns("film")
        before = session.stamp(player.played(0))
        await session.watch().until(lambda view: view.connection.state is ConnectionState.LIVE)
        shown = session.stamp(player.paused(5))
        player.played(5)
        telemetry = session.stamp(player.progressed(6))
        other = session.stamp(MediaRuns("another").played(0))
    assert before.seen == ""
    assert shown.seen == "t3"
    assert telemetry.seen == ""
    assert other.seen == ""


def test_waits_double_up_to_half_a_minute_and_begin_anew_with_health() -> None:
    backoff = Backoff(chance=lambda: 1.0)
    waits = [backoff.next_wait_ms() for _ in range(9)]
    assert waits[:3] == [1, 2, 4]
    backoff.healthy()
    assert backoff.next_wait_ms() == 1
    assert backoff.next_wait_ms(asked_ms=777) == 777


def test_no_wait_is_longer_than_half_a_minute() -> None:
    backoff = Backoff(chance=lambda: 1.0)
    assert max(backoff.next_wait_ms() for _ in range(40)) == 30_000


def always(sent: list[WatchResponse]) -> Any:
    """Every call gets these frames and stays open."""

    async def watch(_: Any, __: Context) -> AsyncIterator[WatchResponse]:
        for frame in sent:
            yield frame
        await asyncio.Event().wait()

    return watch


async def until_state(watch: Any, state: ConnectionState) -> None:
    """Wait without taking views."""
    async with asyncio.timeout(5):
        while watch.connection.state is not state:  # noqa: ASYNC110 - no view is to be taken
            await asyncio.sleep(0.005)
