"""Consume a group: deliveries one by one, acknowledged by leaving them.

    async with client.consume("billing", credits=100) as deliveries:
        async for delivery in deliveries:
            async with delivery:
                await bill(delivery.event)

connecting → live → (going away | broken → stale) → connecting … → drained → ended

Acknowledgements count when the service confirms them, which leaving `deliveries` waits for. What
was not confirmed comes again, here or elsewhere: make the body safe to repeat.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import grpc.aio
from google.protobuf.message import Message

from journey.v1.errors_pb2 import CLIENT_ACTION_RENEW_CREDENTIAL
from journey.v1.groups_pb2 import (
    ConsumeDrain,
    ConsumeRequest,
    ConsumeResponse,
    ConsumeStart,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_REPLACED, GoingAway
from journey_client import connection
from journey_client._calls import Calls
from journey_client._error import (
    JourneyError,
    Replaced,
    TimedOut,
    Unreachable,
    from_call,
    is_final,
)
from journey_client._holding import Held, Holding, Stage
from journey_client._methods import CONSUME
from journey_client._tasks import end_task
from journey_client.connection import Backoff, Connection, ConnectionState
from journey_client.consume_settings import DEFAULTS, ConsumeSettings
from journey_client.delivery import Delivery, Park, Retry, Skip, nack_of

_log = logging.getLogger("journey_client")


class Deliveries:
    """The deliveries of a group to this consumer. Use it with `async with`, then iterate it.

    Several tasks may iterate it; the events of one subject come one after the other all the same.
    `connection` tells where the connection is; it is opened again by itself. Iteration ends after
    `drain`, and raises Replaced when another stream of the same consumer id took over, or the
    JourneyError that makes further tries useless.
    """

    def __init__(
        self,
        calls: Calls,
        start: ConsumeStart,
        *,
        on_error: Callable[[Delivery, Exception], None] | None = None,
        on_lost: Callable[[Delivery, JourneyError], None] | None = None,
        settings: ConsumeSettings = DEFAULTS,
    ) -> None:
        self._calls = calls
        self._start = start
        self._on_error = on_error or _log_error
        self._on_lost = on_lost or _log_lost
        self._settings = settings
        self._holding = Holding(start.credit.deliveries, start.credit.bytes, self._lose)
        waits = replace(connection.DEFAULTS, longest_wait_ms=settings.longest_wait_ms)
        self._backoff = Backoff(settings=waits)
        # What the stream has to do, and what the application is to hear of.
        self._turn, self._news = asyncio.Event(), asyncio.Event()
        self._draining = self._closing = False
        self._was_open = False
        self._task: asyncio.Task[None] | None = None
        self._failure: JourneyError | None = None
        # The service's clock minus ours, as the freshest frame of the stream says.
        self._ahead_ms = float("-inf")
        self._heard_at_ms = 0.0
        self._heartbeat_ms = 0
        self.connection = Connection()
        self.assigned: Sequence[int] = ()

    @property
    def consumer_id(self) -> str:
        """Who this consumer is to the group."""
        return self._start.consumer_id

    @property
    def unconfirmed(self) -> int:
        """Settlements that the service has not confirmed yet."""
        return self._holding.count(Stage.SETTLED)

    def drain(self) -> None:
        """Take nothing new: iteration ends behind what is at hand."""
        self._draining = True
        self._turn.set()
        self._news.set()

    # --- its life ---

    async def __aenter__(self) -> Self:
        """Open the stream. Raises JourneyError if that is refused, or nobody answers."""
        self._task = asyncio.create_task(self._run(), name="journey consumer")
        while not self._was_open and self._failure is None:
            await self._until_news()
        if self._failure is not None:
            await self._stop()
            raise self._failure
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take nothing new, wait until all that was settled is confirmed, end the stream.

        Raises TimedOut if the service does not confirm in time, unless an error is on its way.
        """
        try:
            await self._confirm()
        finally:
            await self._stop()
        if kind is None and self.unconfirmed:
            raise TimedOut(
                f"{self.unconfirmed} settlements were not confirmed; their events may come again.",
                outcome="unknown",
            )

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Delivery:
        while (held := self._holding.next(_now_ms())) is None:
            if self._failure is not None:
                raise self._failure
            if self._draining or self.connection.state is ConnectionState.ENDED:
                raise StopAsyncIteration
            await self._until_news()
        return self._told(held)

    def _told(self, held: Held) -> Delivery:
        return Delivery(held, lambda delivery, error: self._left(held, delivery, error))

    def _left(self, held: Held, delivery: Delivery, error: BaseException | None) -> None:
        """A body is done; what nobody foresaw is told."""
        self._holding.settle(held, nack_of(delivery.delivery_id, error))
        self._turn.set()
        if isinstance(error, Exception) and not isinstance(error, Retry | Park | Skip):
            self._on_error(delivery, error)

    async def _until_news(self) -> None:
        self._news.clear()
        await self._news.wait()

    async def _confirm(self) -> None:
        """Wait for the answers to all that was settled, as long as the settings say."""
        self._closing = True
        self._holding.let_go()
        self.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.confirms_within_ms / 1_000):
                while self.unconfirmed and self._is_running:
                    await self._until_news()

    async def _stop(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        if not self.unconfirmed:
            self._turn.set()
            await asyncio.wait([task], timeout=self._settings.ends_within_ms / 1_000)
        await end_task(task)
        self._go(ConnectionState.ENDED, self.connection.why or "closed by the application")

    @property
    def _is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def _is_done(self) -> bool:
        """Whether the stream has nothing more to do."""
        return self._closing and not self.unconfirmed

    # --- the stream ---

    async def _run(self) -> None:
        """Open streams one after the other, until the end."""
        try:
            while not self._is_done and self.connection.state is not ConnectionState.ENDED:
                self._go(ConnectionState.CONNECTING)
                await self._once()
        finally:
            self._news.set()

    async def _once(self) -> None:
        """One stream, and the wait behind it."""
        try:
            away = await self._follow()
        except JourneyError as error:
            await self._failed(error)
        else:
            if away is not None and away.reason == GOING_AWAY_REASON_REPLACED:
                self._failure = Replaced()
                self._go(ConnectionState.ENDED, self._failure.message)
            elif away is not None:
                await self._rest("the service ends the stream", away.retry_after_ms)
            elif not self._is_done:
                await self._rest("the stream ended", None)

    async def _failed(self, error: JourneyError) -> None:
        """Try again, where that can help."""
        if error.action == CLIENT_ACTION_RENEW_CREDENTIAL and self._backoff.tries == 0:
            try:
                await self._calls.renew_credential()
            except JourneyError as no_credential:
                error = no_credential
            else:
                await self._rest(error.message, 0)
                return
        never_open = not self._was_open and self._backoff.tries >= self._settings.first_tries
        if is_final(error) or never_open:
            self._failure = error
            self._go(ConnectionState.ENDED, error.message)
            return
        _log.warning("group %s: %s", self._start.group_id, error)
        await self._rest(error.message, error.retry_after_ms)

    async def _rest(self, why: str, asked_ms: int | None) -> None:
        """Wait before the next stream."""
        self._go(ConnectionState.STALE, why)
        wait_ms = self._backoff.next_wait_ms(asked_ms)
        if self._calls.credential_due:
            with contextlib.suppress(JourneyError):
                await self._calls.renew_credential()
        await asyncio.sleep(wait_ms / 1_000)

    async def _follow(self) -> GoingAway | None:
        """One stream to its end: how the service said good-bye. Raises JourneyError."""
        call = await self._calls.bidi(CONSUME)
        reading = asyncio.create_task(self._read(call), name="journey consumer stream")
        reading.add_done_callback(lambda _: self._turn.set())
        try:
            await self._write_all(call, reading)
            return await reading
        except grpc.aio.AioRpcError as error:
            raise from_call(error) from error
        finally:
            call.cancel()
            with contextlib.suppress(grpc.aio.AioRpcError):
                await end_task(reading)

    async def _write_all(self, call: _Call, reading: asyncio.Task[GoingAway | None]) -> None:
        """Everything that is sent, until the service ends the stream or nothing is left to do."""
        start = ConsumeStart()
        start.CopyFrom(self._start)
        start.credit.CopyFrom(self._holding.reopened())
        self._heartbeat_ms, self._ahead_ms = 0, float("-inf")
        self._heard_at_ms = _now_ms()
        try:
            await self._write(call, ConsumeRequest(start=start))
            drained = False
            while not reading.done():
                self._turn.clear()
                for frame in self._holding.take_frames(_now_ms(), more=not self._draining):
                    await self._write(call, frame)
                if self._draining and not drained:
                    drained = True
                    await self._write(call, ConsumeRequest(drain=ConsumeDrain()))
                if self._is_done:
                    await call.done_writing()
                    return
                await self._until_turn()
        except (asyncio.InvalidStateError, grpc.aio.AioRpcError):
            # The stream ended meanwhile; reading knows how.
            return

    async def _write(self, call: _Call, frame: ConsumeRequest) -> None:
        try:
            async with asyncio.timeout(self._settings.opens_within_ms / 1_000):
                await call.write(frame)
        except TimeoutError:
            raise Unreachable("The service takes nothing.", outcome="unknown") from None

    async def _until_turn(self) -> None:
        """Wait for something to send, a lease to extend, or the end. Raises Unreachable."""
        due_at = min(self._holding.next_at_ms(), self._silent_at_ms())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, due_at - _now_ms()) / 1_000):
                await self._turn.wait()
        if _now_ms() >= self._silent_at_ms() and not self._turn.is_set():
            raise Unreachable("The service is silent.", outcome="unknown")

    def _silent_at_ms(self) -> float:
        """When the stream is dead, if nothing is heard until then."""
        silent_ms = self._heartbeat_ms * self._settings.silent_heartbeats
        return self._heard_at_ms + (silent_ms or self._settings.opens_within_ms)

    async def _read(self, call: _Call) -> GoingAway | None:
        """Take what comes, to the end. Raises AioRpcError."""
        while isinstance(frame := await call.read(), ConsumeResponse):
            self._heard_at_ms = _now_ms()
            match frame.WhichOneof("content"):
                case "opened":
                    self._opened(frame)
                case "deliveries":
                    self._arrived(frame)
                case "result":
                    self._backoff.healthy()
                    self._holding.result(frame.result, self._heard_at_ms)
                    # Places may be free again.
                    self._turn.set()
                case "assignment":
                    self._joined(frame)
                case "heartbeat":
                    self._tell_time(frame.heartbeat.server_ms)
                case "going_away":
                    return frame.going_away
            self._news.set()
        return None

    def _opened(self, frame: ConsumeResponse) -> None:
        self._heartbeat_ms = frame.opened.heartbeat_ms
        self._tell_time(frame.opened.server_ms)
        self.connection = replace(self.connection, stream_id=frame.opened.stream_id)
        self._turn.set()

    def _joined(self, frame: ConsumeResponse) -> None:
        """The group is there, and this consumer has a part of it."""
        self.assigned = tuple(frame.assignment.partitions)
        self._was_open = True
        if self.connection.state is not ConnectionState.LIVE:
            self._go(ConnectionState.LIVE)

    def _arrived(self, frame: ConsumeResponse) -> None:
        self._backoff.healthy()
        if self._closing:
            return
        for handed in frame.deliveries.deliveries:
            left_ms = handed.lease_expires_at_ms - self._ahead_ms - self._heard_at_ms
            self._holding.arrived(handed, left_ms, self._heard_at_ms)
        # Their leases have to be looked after.
        self._turn.set()

    def _tell_time(self, server_ms: int) -> None:
        """The frame that was the least on its way says best how far the clocks are apart."""
        self._ahead_ms = max(self._ahead_ms, server_ms - self._heard_at_ms)

    def _lose(self, held: Held, error: JourneyError) -> None:
        self._on_lost(self._told(held), error)

    def _go(self, state: ConnectionState, why: str = "") -> None:
        self.connection = self.connection.to(state, time.time_ns() // 1_000_000, why)
        self.connection = replace(self.connection, tries=self._backoff.tries)
        self._news.set()


_Call = grpc.aio.StreamStreamCall[Message, ConsumeResponse]


def _log_error(delivery: Delivery, error: Exception) -> None:
    _log.error(
        "delivery of %s to a consumer failed, attempt %d; it comes again",
        f"{delivery.event.subject_id} version {delivery.event.version}",
        delivery.attempt,
        exc_info=error,
    )


def _log_lost(delivery: Delivery, error: JourneyError) -> None:
    _log.warning(
        "delivery of %s version %d was lost and comes again elsewhere: %s",
        delivery.event.subject_id,
        delivery.event.version,
        error,
    )


def _now_ms() -> float:
    return time.monotonic() * 1_000
