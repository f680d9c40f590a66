"""Watch a customer: a local copy that follows the service over lost connections."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import grpc
import grpc.aio
from google.protobuf.message import Message

from journey.v1 import errors_pb2 as reasons
from journey.v1.journey_service_pb2 import WatchRequest, WatchResponse
from journey.v1.references_pb2 import JourneyRef
from journey.v1.sessions_pb2 import Command, PresentSession
from journey.v1.stream_pb2 import GoingAway, GoingAwayReason
from journey_client import connection as rules
from journey_client._calls import Calls
from journey_client._copy import Copy, JourneyKey, Step
from journey_client._error import JourneyError, NotAnswered, from_call
from journey_client._methods import WATCH
from journey_client.clocks import Clocks
from journey_client.connection import Backoff, Connection, ConnectionState
from journey_client.errors import SessionNotFound, TokenMismatch
from journey_client.view import View, WatchFilter, view_of

_log = logging.getLogger("journey_client")
FAILURES_BEFORE_NEW_NAMES = 5
_FINAL_FAREWELLS = {
    GoingAwayReason.GOING_AWAY_REASON_REPLACED,
    GoingAwayReason.GOING_AWAY_REASON_SIGNED_OUT,
}
_FINAL_ACTIONS = {reasons.CLIENT_ACTION_END_SESSION, reasons.CLIENT_ACTION_WIPE}
_FINAL_CODES = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.UNIMPLEMENTED,
}


class _StreamOver(Exception):
    """One stream has ended, the watch goes on. `wait_ms` is the wait the service asks for."""

    def __init__(self, why: str, wait_ms: int | None = None, *, planned: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.wait_ms = wait_ms
        self.planned = planned


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
        backoff: Backoff | None = None,
    ) -> None:
        self._calls = calls
        self._clocks = clocks
        self._wanted = wanted
        self._session_id = session_id
        self._next_session = next_session
        self._backoff = backoff or Backoff()
        self._copy = Copy()
        self._commands: dict[str, Command] = {}
        self._commands_known: set[str] = set()
        self._presence: tuple[PresentSession, ...] = ()
        self._shown = View()
        self._news = asyncio.Event()
        self._try_now = asyncio.Event()
        self._may_run = asyncio.Event()
        self._may_run.set()
        self._poked_at = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self._failure: JourneyError | None = None
        self._forgiven: set[str] = set()
        self.connection = Connection(since_ms=clocks.wall_ms())

    # --- what the application sees ---

    @property
    def view(self) -> View:
        """The copy as it stands, without waiting; what changed is told again by iteration."""
        return self._shown if not self._copy.token else self._render(frozenset(), frozenset())

    @property
    def shown(self) -> View:
        """The view last taken: what the customer had in sight."""
        return self._shown

    def start(self) -> None:
        """Begin to follow; goes on after `pause`."""
        self._may_run.set()
        self._begin()

    def pause(self) -> None:
        """Close the stream and keep the copy, e.g. while the application is hidden."""
        self._may_run.clear()
        self._try_now.set()

    def poke(self) -> None:
        """Try at once: network came up, foreground, a new act; at most once in 5 s."""
        now = asyncio.get_running_loop().time()
        if now - self._poked_at >= rules.UNSCHEDULED_EVERY_MS / 1_000:
            self._poked_at = now
            self._try_now.set()

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
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._set(ConnectionState.ENDED, "closed by the application")

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
        if self._task is None and self.connection.state is not ConnectionState.ENDED:
            self._task = asyncio.create_task(self._run(), name="journey watch")

    def _render(self, changed: frozenset[JourneyKey], removed: frozenset[JourneyKey]) -> View:
        view = view_of(self._copy, self.connection, changed, removed)
        return replace(view, presence=self._presence, commands=tuple(self._commands.values()))

    # --- the connection's states ---

    async def _run(self) -> None:
        """Open streams one after the other until the end."""
        try:
            while self.connection.state is not ConnectionState.ENDED:
                if not self._may_run.is_set():
                    self._set(ConnectionState.PAUSED)
                    await self._may_run.wait()
                await self._follow_once()
        except JourneyError as error:
            self._failure = error
            self._set(ConnectionState.ENDED, error.message)

    async def _follow_once(self) -> None:
        """One stream, from connecting to its end, and the wait after it."""
        try:
            await self._follow()
        except _StreamOver as over:
            if self.connection.state is not ConnectionState.ENDED and self._may_run.is_set():
                await self._wait(over)

    async def _follow(self) -> None:
        """Apply the frames of one stream; always ends by raising."""
        self._set(ConnectionState.CONNECTING)
        self._try_now.clear()
        self._copy.begin_stream()
        try:
            call = await self._calls.stream(WATCH, self._request())
            try:
                await self._read(call)
            finally:
                call.cancel()
        except grpc.aio.AioRpcError as error:
            raise await self._over(from_call(error)) from error
        except JourneyError as error:  # the provider of credentials may fail likewise
            raise await self._over(error) from error

    async def _read(self, call: grpc.aio.UnaryStreamCall[Message, WatchResponse]) -> None:
        """Take frames until silence, a farewell, or `pause`."""
        silence_ms: float = rules.OPENS_WITHIN_MS
        opened_at = self._clocks.mono_ms()
        while True:
            frame = await self._next_frame(call, silence_ms)
            if self._clocks.mono_ms() - opened_at >= rules.HEALTHY_MS:
                self._backoff.healthy()
            if frame.HasField("opened"):
                silence_ms = frame.opened.heartbeat_ms * rules.SILENCE or silence_ms
            self._take(frame)

    async def _next_frame(
        self, call: grpc.aio.UnaryStreamCall[Message, WatchResponse], silence_ms: float
    ) -> WatchResponse:
        reading = asyncio.ensure_future(_read_one(call))
        poked = asyncio.ensure_future(self._paused())
        try:
            done, _ = await asyncio.wait(
                {reading, poked}, timeout=silence_ms / 1_000, return_when=asyncio.FIRST_COMPLETED
            )
            if reading in done:
                frame = reading.result()
                if frame is None:
                    raise _StreamOver("the stream ended without a farewell")
                return frame
            if poked in done:
                raise _StreamOver("paused", planned=True)
            raise _StreamOver(f"no frame for {silence_ms:.0f} ms")
        finally:
            poked.cancel()
            reading.cancel()

    async def _paused(self) -> None:
        """Return when `pause` was called while a stream is open."""
        while self._may_run.is_set():
            self._try_now.clear()
            await self._try_now.wait()

    def _take(self, frame: WatchResponse) -> None:
        """Apply one frame, once; a hole in the numbers means another stream at once."""
        step = self._copy.apply(frame)
        if step is Step.HOLE:
            raise _StreamOver("a frame is missing", 0)
        if step is Step.DROPPED:
            return
        self.connection = replace(self.connection, last_frame_ms=self._clocks.wall_ms())
        if step is Step.APPLIED:
            self._news.set()
        self._mean(frame)

    def _mean(self, frame: WatchResponse) -> None:
        """What a frame says beside states."""
        match frame.WhichOneof("content"):
            case "delta":
                self._backoff.healthy()
            case "opened":
                self.connection = replace(self.connection, stream_id=frame.opened.stream_id)
                self._set(ConnectionState.CATCHING_UP)
            case "caught_up":
                self._forgiven.clear()
                self._set(ConnectionState.LIVE)
            case "heartbeat":
                self.connection = replace(self.connection, lag=frame.heartbeat.lag_events)
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
        reason = GoingAwayReason.Name(away.reason).removeprefix("GOING_AWAY_REASON_")
        if away.reason in _FINAL_FAREWELLS:
            self.connection = replace(self.connection, end_reason=away.reason)
            self._set(ConnectionState.ENDED, reason)
        if away.reason == GoingAwayReason.GOING_AWAY_REASON_RESTART:
            self._copy.token = ""
        raise _StreamOver(reason, away.retry_after_ms, planned=True)

    async def _over(self, error: JourneyError) -> _StreamOver:
        """What a failed stream means: another try, or, raised again, the end."""
        mended = await self._mended(error)
        if not mended and _is_final(error):
            raise error
        return _StreamOver(error.message, 0 if mended else error.retry_after_ms)

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

    async def _wait(self, over: _StreamOver) -> None:
        """Stale, unless the end was planned, until back-off, request or poke end it."""
        self._set(ConnectionState.CONNECTING if over.planned else ConnectionState.STALE, over.why)
        wait_ms = self._backoff.next_wait_ms(over.wait_ms)
        self.connection = replace(self.connection, tries=self._backoff.tries)
        _log.info("watch %s: %s; next try in %.0f ms", self._session_id(), over.why, wait_ms)
        if self._backoff.tries % FAILURES_BEFORE_NEW_NAMES == 0:
            await self._calls.reopen()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_ms / 1_000):
                await self._try_now.wait()

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

    def _set(self, state: ConnectionState, why: str = "") -> None:
        if state is not self.connection.state or why != self.connection.why:
            self.connection = self.connection.to(state, self._clocks.wall_ms(), why)
            self._news.set()


async def _read_one(
    call: grpc.aio.UnaryStreamCall[Message, WatchResponse],
) -> WatchResponse | None:
    """The next frame; None at the end of the stream."""
    frame = await call.read()
    return frame if isinstance(frame, WatchResponse) else None


def _is_final(error: JourneyError) -> bool:
    """Whether no further try can help."""
    if error.action in _FINAL_ACTIONS or error.code in _FINAL_CODES:
        return True
    return error.code is grpc.StatusCode.UNAUTHENTICATED
