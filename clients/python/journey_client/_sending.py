"""The queue on its way to the service: one batch in flight, repeated until it has its answer.

rest ──record, 15 s, foreground, network──▶ send ──answer──▶ send … ──queue empty──▶ rest
                                             │  failed, throttled
  a new act, out of turn ──────────────▶   wait (by the rules of reconnecting) ──over──▶ send
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sqlite3
from collections.abc import Callable
from typing import Protocol

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.errors_pb2 import CLIENT_ACTION_END_SESSION
from journey.v1.events_pb2 import Outcome
from journey.v1.journey_service_pb2 import RecordRequest, RecordResponse, RecordResult
from journey_client import _methods as methods
from journey_client._calls import Calls
from journey_client._error import JourneyError, TransportRefused
from journey_client._kept import Item, Refusal
from journey_client._outbox import Outbox
from journey_client._tasks import Background
from journey_client._timed import timed_call
from journey_client.clocks import ClockWatch
from journey_client.connection import Backoff, ConnectionSettings, Unscheduled
from journey_client.device_settings import DeviceSettings
from journey_client.errors import (
    InstallationCloned,
    InstallationLost,
    SeqGap,
    SessionNotFound,
    SubjectErased,
    TooLarge,
)
from journey_client.recording import BatchLimits

_log = logging.getLogger("journey_client")


class Pacing:
    """When the next batch may go. Pure: moments are ms of a monotonic clock, and come in."""

    def __init__(self, settings: ConnectionSettings, chance: Callable[[], float]) -> None:
        self._backoff = Backoff(chance, settings)
        self._unscheduled = Unscheduled(settings)
        self._asked = False
        self.ready_at = float("-inf")

    def failed(self, now: float, asked_ms: int | None) -> None:
        """A try failed; the service may have asked for a wait of its own."""
        self._asked = asked_ms is not None
        self.ready_at = now + self._backoff.next_wait_ms(asked_ms)

    def answered(self, now: float, throttle_ms: int) -> None:
        """A batch was answered; the service may ask to slow down."""
        self._backoff.healthy()
        self._asked = throttle_ms > 0
        self.ready_at = now + throttle_ms

    def act(self, now: float) -> None:
        """Out of turn, at most once in 5 s, and never against a wait that the service asked for."""
        if now < self.ready_at and not self._asked and self._unscheduled.earliest(now) == now:
            self._unscheduled.take(now)
            self.ready_at = now


class SendingOwner(Protocol):
    """What sending needs of the device that it belongs to."""

    @property
    def subject_id(self) -> str:
        """Whose queue is sent."""

    @property
    def session_id(self) -> str:
        """The session in use."""

    @property
    def limits(self) -> BatchLimits:
        """How much one batch may hold."""

    @property
    def may_send(self) -> bool:
        """Whether there is network, and the session has not been ended for good."""

    @property
    def work(self) -> Background:
        """What goes on although nobody waits for it."""

    async def have_session(self) -> None:
        """Open a session, unless there is one. Raises JourneyError."""

    async def next_session(self) -> None:
        """The session was ended: have the next one."""

    async def renumber(self) -> None:
        """Take a new installation id and number what is unsent anew."""

    async def erased(self, error: JourneyError) -> None:
        """The subject was erased."""

    async def lost(self, error: JourneyError) -> None:
        """The device was reported lost."""

    def ended(self, error: JourneyError) -> None:
        """The session was ended for good."""

    def answered(self, results: list[RecordResult], write_token: str) -> None:
        """These have their answers."""

    def refused(self, refusals: list[Refusal], quarantined: int) -> None:
        """Some were refused, or are too old to count."""


class Sending:
    """Sends the queue of a device. `run` it; `wake` it whenever there may be something to do."""

    def __init__(
        self,
        owner: SendingOwner,
        outbox: Outbox,
        calls: Calls,
        clock: ClockWatch,
        settings: DeviceSettings,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._owner = owner
        self._outbox = outbox
        self._calls = calls
        self._clock = clock
        self._settings = settings
        self._pacing = Pacing(settings.connection, chance)
        self._most = settings.queue.interactions
        self._batch_no = 0
        self._forgiven: set[str] = set()
        self._awake = asyncio.Event()
        self._in_flight = asyncio.Lock()

    def wake(self) -> None:
        """There is something to send, or network, or the customer is looking."""
        self._pacing.act(_now())
        self._awake.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._rest()
            await self.flush()

    async def flush(self) -> None:
        """Send what waits, unless it is to wait; returns when nothing more can be done now."""
        async with self._in_flight:
            while self._is_due and self._has_something:
                await self._send_one()

    @property
    def _is_due(self) -> bool:
        return self._owner.may_send and _now() >= self._pacing.ready_at

    @property
    def _has_something(self) -> bool:
        """Something waits for this subject, or for one that a session would tell."""
        known = self._owner.subject_id
        return self._outbox.waits_for(known) if known else self._outbox.waiting > 0

    async def _rest(self) -> None:
        """Wait for a cause to send: woken, the wait is over, or the timer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._rest_s()):
                await self._awake.wait()
        self._awake.clear()

    def _rest_s(self) -> float | None:
        """How long it may rest; None: until it is woken, for there is nothing to do."""
        if not (self._has_something and self._owner.may_send):
            return None
        left_ms = self._pacing.ready_at - _now()
        return (left_ms if left_ms > 0 else self._settings.flush_every_ms) / 1_000

    async def _send_one(self) -> None:
        """One batch to its answer, or to what its failure means."""
        try:
            await self._owner.have_session()
            batch = await self._outbox.next_batch(self._owner.subject_id, self._limits)
            if batch:
                response = await self._record(batch)
                await self._owner.work.finish(self._take(batch, response))
        except JourneyError as error:
            await self._failed(error)
        except sqlite3.Error:
            _log.exception("queue of %s cannot be kept: tried again", self._owner.subject_id)
            self._pacing.failed(_now(), None)

    @property
    def _limits(self) -> BatchLimits:
        told = self._owner.limits
        return BatchLimits(min(told.interactions, self._most), told.size_bytes)

    async def _record(self, batch: list[Item]) -> RecordResponse:
        self._batch_no += 1

        def request(clock: ClientClock) -> RecordRequest:
            return RecordRequest(
                batch_no=self._batch_no,
                session_id=self._owner.session_id,
                epoch=batch[0].epoch,
                interactions=[item.interaction for item in batch],
                clock=clock,
            )

        timeout_ms = self._settings.record_timeout_ms
        return await timed_call(
            self._calls, self._clock, methods.RECORD, request, timeout_ms=timeout_ms
        )

    async def _take(self, batch: list[Item], response: RecordResponse) -> None:
        """Every interaction leaves the queue with its own answer, and with no other."""
        sent = {item.event_id: item for item in batch}
        results = [result for result in response.results if result.event_id in sent]
        refusals = [
            Refusal(sent[result.event_id].interaction, result)
            for result in results
            if result.outcome == Outcome.OUTCOME_REJECTED
        ]
        late = sum(result.outcome == Outcome.OUTCOME_QUARANTINED for result in results)
        await self._outbox.settle({result.event_id for result in results}, refusals, late)
        self._owner.refused(refusals, late)
        self._most = response.throttle.max_interactions or self._settings.queue.interactions
        self._pacing.answered(_now(), response.throttle.wait_ms)
        if not results:
            self._pacing.failed(_now(), None)  # an answer to nothing is none
        self._forgiven.clear()
        self._owner.answered(results, response.write_token)

    async def _failed(self, error: JourneyError) -> None:
        """What a failure asks for: wait, another session, another installation id, or the end."""
        _log.info("queue of %s: %s", self._owner.subject_id, error.message)
        match error:
            case SubjectErased():
                await self._owner.erased(error)
            case InstallationLost():
                await self._owner.lost(error)
            case InstallationCloned() | SeqGap() | SessionNotFound() if self._forgives(error):
                await self._mend(error)
            case TooLarge() | TransportRefused():
                self._most = max(1, min(self._most, self._limits.interactions) // 2)
                self._pacing.failed(_now(), error.retry_after_ms)
            case _ if error.action == CLIENT_ACTION_END_SESSION:
                self._owner.ended(error)
            case _:
                self._pacing.failed(_now(), error.retry_after_ms)

    def _forgives(self, error: JourneyError) -> bool:
        """Each cause is mended once until the next answer; after that with waits."""
        forgiven = error.reason not in self._forgiven
        self._forgiven.add(error.reason)
        return forgiven

    async def _mend(self, error: JourneyError) -> None:
        """Another session; for numbers that are somebody else's another installation id."""
        if not isinstance(error, SessionNotFound):
            await self._owner.renumber()
        try:
            await self._owner.next_session()
        except JourneyError as failure:
            self._pacing.failed(_now(), failure.retry_after_ms)


def _now() -> float:
    """The loop's clock, ms."""
    return asyncio.get_running_loop().time() * 1_000
