"""Watch a customer: a local copy that follows the service over lost connections.

The states of the connection and the moments of its tries are the machine's, in
`journey_client.connection`; here frames are read and applied, and the machine is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import grpc.aio
from google.protobuf.message import Message

from journey.v1 import errors_pb2 as reasons
from journey.v1.journey_service_pb2 import WatchRequest, WatchResponse
from journey.v1.references_pb2 import JourneyRef
from journey.v1.sessions_pb2 import Command, PresentSession
from journey.v1.stream_pb2 import GoingAway, GoingAwayReason
from journey_client._calls import Calls
from journey_client._copy import Copy, JourneyKey, Step
from journey_client._error import JourneyError, NotAnswered, from_call, is_final
from journey_client._keeping import FrameKeeper
from journey_client._methods import WATCH
from journey_client._tasks import end_task
from journey_client.clocks import Clocks
from journey_client.connection import (
    NEVER,
    ONLINE,
    Connection,
    ConnectionMachine,
    ConnectionSettings,
    ConnectionState,
)
from journey_client.errors import SessionNotFound, TokenMismatch
from journey_client.view import View, WatchFilter, view_of

_log = logging.getLogger("journey_client")


class Watch:
    """Follows a customer. Iterate it for views; leaving it, or `aclose`, ends it.

    Frames are applied as they come, whether or not views are taken; a view taken later holds all
    changes since the last one. Iteration ends when the service says that another stream took its
    place, and raises the JourneyError that makes further tries useless.
    """

    def __init__(
        self,
        calls: Calls,
        clocks: Clocks,
        wanted: WatchFilter,
        *,
        session_id: Callable[[], str] = str,
        next_session: Callable[[], Awaitable[None]] | None = None,
        copy: Copy | None = None,
        keeper: FrameKeeper | None = None,
        settings: ConnectionSettings | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._calls = calls
        self._clocks = clocks
        self._wanted = wanted
        self._session_id = session_id
        self._next_session = next_session
        self._keeper = keeper or FrameKeeper()
        self._copy = copy or Copy()
        self._commands: dict[str, Command] = {}
        self._commands_known: set[str] = set()
        self._presence: tuple[PresentSession, ...] = ()
        self._shown = View()
        self._news = asyncio.Event()
        self._turn = asyncio.Event()
        self._machine = ConnectionMachine(settings, chance=chance, wall_ms=clocks.wall_ms)
        self._told = self._machine.connection
        self._task: asyncio.Task[None] | None = None
        self._failure: JourneyError | None = None
        self._forgiven: set[str] = set()

    # --- what the application sees ---

    @property
    def presence(self) -> tuple[PresentSession, ...]:
        """Who is there, if it was asked for."""
        return self._presence

    @property
    def connection(self) -> Connection:
        """Where the connection is, since when, and why."""
        return self._machine.connection

    @property
    def view(self) -> View:
        """The copy as it stands, without waiting; what changed is told again by iteration."""
        return self._shown if not self._copy.token else self._render(frozenset(), frozenset())

    @property
    def shown(self) -> View:
        """The view last taken: what the customer had in sight."""
        return self._shown

    def start(self) -> None:
        """Begin to follow; goes on after `pause`, and after an end."""
        if self.connection.state in {ConnectionState.PAUSED, ConnectionState.ENDED}:
            self._failure = None
            self._machine.start(_now())
            self._turned()
        self._begin()

    def pause(self) -> None:
        """Close the stream and keep the copy, e.g. while the application is hidden."""
        self._machine.pause()
        self._turned()

    def poke(self) -> None:
        """Try at once: push, a new act; at most once in 5 s."""
        self._machine.act(_now())
        self._turned()

    def foreground(self) -> None:
        """The customer sees the application."""
        self._machine.foreground(_now())
        self._turned()

    def background(self) -> None:
        """The customer does not see it; after 5 min the stream is closed."""
        self._machine.hidden(_now())
        self._turned()

    def network_up(self) -> None:
        """The platform says that there is network."""
        self._machine.network_up(_now())
        self._turned()

    def network_down(self) -> None:
        """The platform says that there is none."""
        self._machine.network_down()
        self._turned()

    def restart(self, why: str) -> None:
        """Another stream at once, for another session."""
        if self.connection.state in {*ONLINE, ConnectionState.CONNECTING}:
            self._machine.mended(_now(), why)
            self._turned()

    def end(self, failure: JourneyError | str) -> None:
        """For good: the session, the credential or the data are no more."""
        if isinstance(failure, JourneyError):
            self._failure = failure
        self._machine.end(str(failure))
        self._turned()

    async def until(self, wanted: Callable[[View], bool]) -> View:
        """The first view for which `wanted` holds, the copy at hand included.

        Raises NotAnswered when the watch ends before.
        """
        if self._copy.token and wanted(self.view):
            return self.view
        async for view in self:
            if wanted(view):
                return view
        raise NotAnswered(f"The watch ended before: {self.connection.why}")

    async def aclose(self) -> None:
        """End the watch and its stream."""
        task, self._task = self._task, None
        if task is not None:
            await end_task(task)
        self._machine.end("closed by the application")
        self._turned()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> Watch:
        self._begin()
        return self

    async def __anext__(self) -> View:
        while not self._news.is_set():
            if self.connection.state is ConnectionState.ENDED:
                if self._failure is not None:
                    raise self._failure
                raise StopAsyncIteration
            await self._news.wait()
        self._news.clear()
        changed, removed = self._copy.take_changes()
        self._shown = self._render(changed, removed)
        self._commands.clear()
        return self._shown

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            if self.connection.state is ConnectionState.ENDED:
                return
            if self._machine.due == NEVER and self.connection.state is ConnectionState.CONNECTING:
                self._machine.start(_now())
            self._task = asyncio.create_task(self._run(), name="journey watch")

    def _render(self, changed: frozenset[JourneyKey], removed: frozenset[JourneyKey]) -> View:
        view = view_of(self._copy, self.connection, changed, removed)
        return replace(view, presence=self._presence, commands=tuple(self._commands.values()))

    # --- the connection's states ---

    async def _run(self) -> None:
        """Open streams one after the other, as the machine says, until the end."""
        while self.connection.state is not ConnectionState.ENDED:
            if self._machine.streaming:
                await self._follow()
            else:
                await self._until_turn_or_due()

    async def _follow(self) -> None:
        """One stream, until it ends or the machine wants none."""
        self._copy.begin_stream()
        stream_no = self._machine.stream_no
        reading = asyncio.create_task(self._read(stream_no), name="journey watch stream")
        reading.add_done_callback(lambda _: self._turn.set())
        try:
            while self._wants(stream_no) and not reading.done():
                await self._until_turn_or_due()
        finally:
            await end_task(reading)

    def _wants(self, stream_no: int) -> bool:
        """Whether the machine still wants this stream, and not already the next."""
        return self._machine.streaming and self._machine.stream_no == stream_no

    async def _until_turn_or_due(self) -> None:
        """Wait until something happened, or the machine's moment has come."""
        wake_at = self._machine.wake_at
        wait_s = None if wake_at == NEVER else max(0.0, wake_at - _now()) / 1_000
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._turn.wait()
        self._turn.clear()
        self._machine.timer(_now())
        self._tell()

    async def _read(self, stream_no: int) -> None:
        """Take frames until the stream is over; tells the machine why it is."""
        try:
            await self._keeper.prepare()
            call = await self._calls.stream(WATCH, self._request())
            try:
                await self._read_frames(call, stream_no)
            finally:
                call.cancel()
        except grpc.aio.AioRpcError as error:
            await self._failed(from_call(error), stream_no)
        except JourneyError as error:  # the provider of credentials may fail likewise
            await self._failed(error, stream_no)

    async def _read_frames(
        self, call: grpc.aio.UnaryStreamCall[Message, WatchResponse], stream_no: int
    ) -> None:
        while self._wants(stream_no):
            frame = await call.read()
            if not self._wants(stream_no):
                return  # Given up in the moment in which it came.
            if isinstance(frame, WatchResponse):
                await self._take(frame, stream_no)
            else:
                self._machine.failed(_now(), "the stream ended without a farewell")

    async def _take(self, frame: WatchResponse, stream_no: int) -> None:
        """Apply one frame, once; a hole in the numbers means another stream at once."""
        step = self._copy.apply(frame)
        if step is Step.DROPPED:
            return
        if step is Step.HOLE:
            self._machine.hole(_now())
            return
        await self._keeper.keep(frame, self._copy)
        # What a stream says about the connection is nothing where it is given up meanwhile.
        if self._wants(stream_no):
            self._machine.frame(_now())
            self._mean(frame)
        if step is Step.APPLIED:
            self._news.set()
        self._tell()
        self._keeper.changed()

    def _mean(self, frame: WatchResponse) -> None:
        """What a frame says beside states."""
        match frame.WhichOneof("content"):
            case "delta":
                self._machine.delta()
            case "opened":
                opened = frame.opened
                self._machine.opened(_now(), opened.heartbeat_ms, opened.stream_id)
            case "caught_up":
                self._forgiven.clear()
                self._machine.caught_up()
            case "heartbeat":
                self._machine.frame(_now(), frame.heartbeat.lag_events)
            case "presence":
                self._presence = tuple(frame.presence.sessions)
                self._news.set()
            case "command":
                self._command(frame.command)
            case "going_away":
                self._farewell(frame.going_away)

    def _command(self, command: Command) -> None:
        """Tell a command once, however often it comes."""
        if command.id not in self._commands_known:
            self._commands_known.add(command.id)
            self._commands[command.id] = command
            self._news.set()

    def _farewell(self, away: GoingAway) -> None:
        if away.reason == GoingAwayReason.GOING_AWAY_REASON_RESTART:
            self._copy.token = ""
        self._machine.went_away(_now(), away.reason, away.retry_after_ms)

    async def _failed(self, error: JourneyError, stream_no: int) -> None:
        """What a failed stream means: another one at once, a later try, or the end."""
        mended = False
        try:
            mended = self._wants(stream_no) and await self._mended(error)
        except JourneyError as failure:
            error = failure
        if not self._wants(stream_no):
            return
        if mended:
            self._machine.mended(_now(), error.message)
        elif is_final(error):
            self.end(error)
            await self._keeper.failed(error)
        else:
            self._machine.failed(_now(), error.message, error.retry_after_ms)
            if self._machine.wants_new_names:
                await self._calls.reopen()

    async def _mended(self, error: JourneyError) -> bool:
        """Whether the cause could be removed; each cause once until live again."""
        if error.reason in self._forgiven:
            return False
        if error.action == reasons.CLIENT_ACTION_RENEW_CREDENTIAL:
            await self._calls.renew_credential()
        elif isinstance(error, SessionNotFound) and self._next_session is not None:
            await self._next_session()
        elif isinstance(error, TokenMismatch) and self._copy.token:
            self._copy.token = ""
        else:
            return False
        self._forgiven.add(error.reason)
        return True

    def _request(self) -> WatchRequest:
        return WatchRequest(
            subject_id=self._wanted.subject_id,
            session_id=self._session_id(),
            token=self._copy.token,
            kinds=self._wanted.kinds,
            journeys=[
                JourneyRef(kind=key.kind, journey_id=key.journey_id)
                for key in self._wanted.journeys
            ],
            presence=self._wanted.presence,
        )

    def _turned(self) -> None:
        """The machine was told something from outside."""
        self._turn.set()
        self._tell()

    def _tell(self) -> None:
        """Say that the connection is in another state."""
        before, now = self._told, self.connection
        if (before.state, before.why) != (now.state, now.why):
            self._told = now
            _log.info("watch %s: %s %s", self._session_id(), now.state.value, now.why)
            self._news.set()
            self._keeper.changed()


def _now() -> float:
    """The loop's clock, ms: what the machine counts in."""
    return asyncio.get_running_loop().time() * 1_000
