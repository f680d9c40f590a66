"""A session: one device in use for one customer. It records, reads and watches."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordRequest, RecordResponse
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef, Queue
from journey.v1.session_service_pb2 import (
    ClaimHandoffRequest,
    ClaimHandoffResponse,
    CloseSessionRequest,
    HandoffVia,
    OpenSessionRequest,
    OpenSessionResponse,
    RefreshSessionRequest,
    RefreshSessionResponse,
)
from journey.v1.sessions_pb2 import CommandResult, Device
from journey.v1.sessions_pb2 import Session as SessionRecord
from journey_client import _methods as methods
from journey_client._calls import Calls
from journey_client._copy import JourneyKey, key_of
from journey_client._error import JourneyError
from journey_client._sequence import Line, Lines, Tries
from journey_client._tasks import end_task
from journey_client._timed import timed_call
from journey_client._visits import Visits
from journey_client.catalogue import is_telemetry
from journey_client.clocks import ClockWatch
from journey_client.errors import InstallationCloned, SeqGap, SessionNotFound
from journey_client.ids import event_id, installation_id
from journey_client.leases import Leases
from journey_client.reading import Customer
from journey_client.recording import BatchLimits, Recorded
from journey_client.view import WatchFilter
from journey_client.watching import Watch

_log = logging.getLogger("journey_client")
PROTOCOL = 1
RECORD_TIMEOUT_MS = 30_000
KEEP_ALIVE_MS = 60_000


class Session(Customer):
    """One device in use for one customer, as `Client.open_session` opened it.

    It keeps itself alive, opens the next session when the service has ended this one, and takes a
    new installation id when the service says that another device uses this one's.
    """

    def __init__(
        self,
        calls: Calls,
        clock: ClockWatch,
        request: OpenSessionRequest,
        lines: Lines,
        visits: Visits,
    ) -> None:
        super().__init__(calls, clock)
        self._request = request
        self._visits = visits
        self._lines = lines
        self._opened = OpenSessionResponse()
        self._opening = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None

    # --- what it is ---

    @property
    def record_of(self) -> SessionRecord:
        """The session as the service knows it."""
        return self._opened.session

    @property
    def session_id(self) -> str:
        """Id of the session in use; another one after the service has ended it."""
        return self._opened.session.session_id

    @property
    def installation_id(self) -> str:
        """Id of this client's storage. Keep it: numbers of interactions go on from it."""
        return self._request.installation_id

    @property
    def device(self) -> Device:
        """The device."""
        return self._request.device

    @property
    def subject_id(self) -> str:
        """The subject that it records for."""
        return self._opened.session.subject_id

    @property
    def opened(self) -> OpenSessionResponse:
        """The whole answer to the opening: limits, capabilities, commands, processed."""
        return self._opened

    @property
    def leases(self) -> Leases:
        """Being the active device of a journey: acquire, release, transfer, handoff codes."""
        return Leases(self._calls, lambda: self.session_id)

    @property
    def unresolved(self) -> int:
        """How many interactions were sent without anybody knowing whether they arrived.

        They go first with the next `record`, under the same ids.
        """
        return len(self._line.unresolved)

    # --- recording ---

    def stamp(self, interaction: Interaction) -> Interaction:
        """Say that it happens now: id, clocks, and what was in sight. Returns it.

        `record` does it by itself; stamp what is recorded later, e.g. because there is no network.
        """
        clocks = self._clock.clocks
        if not interaction.event_id:
            interaction.event_id = event_id(clocks.wall_ms())
        if interaction.wall_ms:
            return interaction
        interaction.wall_ms = clocks.wall_ms()
        interaction.mono_ms = clocks.mono_ms()
        interaction.boot_id = clocks.boot_id
        best = self._clock.best()
        if best is not None:
            interaction.offset_ms = best.offset_ms
        if not interaction.seen and not is_telemetry(interaction):
            interaction.seen = self._in_sight(key_of(interaction.journey))
        return interaction

    async def record(
        self, *interactions: Interaction, timeout_ms: int = RECORD_TIMEOUT_MS
    ) -> Recorded:
        """Record what happened, in this order; returns when it is durable.

        One that breaks its rules is a result and spoils no other: see `Recorded.require`. Repeats
        with the same ids while the service is away. Raises JourneyError; if its `outcome` is
        "unknown", the interactions are kept and go first with the next `record`.
        """
        stamped = [self.stamp(interaction) for interaction in interactions]
        for watch in self._watches:
            watch.poke()
        recorded = Recorded()
        limits = BatchLimits.told(self._opened.limits)
        async with self._lines.in_flight:
            for batch in limits.split(stamped):
                recorded = await self._record_batch(recorded, batch, timeout_ms)
        return recorded

    async def do(self, interaction: Interaction) -> Recorded:
        """Record one interaction and insist: raises its typed error if it was rejected."""
        return (await self.record(interaction)).require()

    async def _record_batch(
        self, recorded: Recorded, batch: Sequence[Interaction], timeout_ms: int
    ) -> Recorded:
        """One batch, a second time from a new installation or session if that is the remedy."""
        for remedy_left in (True, False):
            earlier = len(self._line.unresolved)
            try:
                response = await self._send(batch, timeout_ms)
            except (InstallationCloned, SeqGap, SessionNotFound) as error:
                if not remedy_left:
                    raise
                await self._begin_anew(error)
            else:
                self._write_token = response.write_token
                return recorded.with_response(response, skip=earlier)
        raise AssertionError("the second try returns or raises")

    async def _send(self, interactions: Sequence[Interaction], timeout_ms: int) -> RecordResponse:
        """Send one batch until it is answered; what stays open is kept in the line."""
        line, tries = self._line, Tries()
        batch = line.enter(interactions)

        def request(clock: ClientClock) -> RecordRequest:
            return RecordRequest(session_id=self.session_id, interactions=batch, clock=clock)

        try:
            response = await timed_call(
                self._calls,
                self._clock,
                methods.RECORD,
                request,
                timeout_ms=timeout_ms,
                failed=tries.failed,
            )
        except JourneyError as error:
            (line.lost if tries.unknown else line.refused)(batch)
            if tries.unknown:
                error.outcome = "unknown"
            raise
        except asyncio.CancelledError:
            line.lost(batch)
            raise
        line.answered()
        return response

    async def _begin_anew(self, error: JourneyError) -> None:
        """Open the next session; under a new installation id unless only the session ended."""
        if isinstance(error, SessionNotFound):
            await self.reopen()
            return
        _log.warning("installation %s is in use elsewhere: taking a new id", self.installation_id)
        before = self._line
        self._request.installation_id = installation_id()
        await self.reopen()
        before.hand_over(self._line)

    def _in_sight(self, key: JourneyKey) -> str:
        """Token of what was shown: the watched copy if it holds the journey, else the answer."""
        for watch in reversed(self._watches):
            if key in watch.shown.journeys:
                return watch.shown.token
        return self._tokens.get(key, "")

    @property
    def _line(self) -> Line:
        return self._lines.of(self.installation_id, self.subject_id, self._processed_seq())

    def _processed_seq(self) -> int:
        """The last number of this installation that the service has processed."""
        marks = [
            mark.seq
            for mark in self._opened.processed
            if mark.subject_id == self.subject_id and mark.epoch == self.record_of.epoch
        ]
        return max(marks, default=0)

    # --- its life ---

    async def reopen(self) -> None:
        """Open the next session for the same device and installation."""
        before = self.session_id
        async with self._opening:
            if self.session_id != before:
                return
            try:
                await self._open()
            except InstallationCloned as error:
                await self._open_elsewhere(error)

    async def _open(self) -> None:
        self._request.command_id = str(uuid.uuid4())
        answer = await timed_call(
            self._calls,
            self._clock,
            methods.OPEN_SESSION,
            self._open_request,
            bare=self._visits.now,
        )
        self._visits.opened(answer)
        self._opened = answer

    async def _open_elsewhere(self, error: InstallationCloned) -> None:
        """The installation is another's, or its secret was lost: be a new one."""
        _log.warning("installation %s: %s", self.installation_id, error.message)
        self._request.installation_id, self._visits.secret = installation_id(), ""
        await self._open()

    async def resolve(self) -> None:
        """Send again what was sent without anybody knowing whether it arrived."""
        if self.unresolved:
            async with self._lines.in_flight:
                await self._send([], RECORD_TIMEOUT_MS)

    async def claim(self, code: str, via: int) -> ClaimHandoffResponse:
        """Become the session that a handoff code gives, instead of opening one."""
        command_id, opening = str(uuid.uuid4()), self._request

        def request(clock: ClientClock) -> ClaimHandoffRequest:
            return ClaimHandoffRequest(
                code=code,
                via=HandoffVia.Name(via),
                installation_id=opening.installation_id,
                device=opening.device,
                channel=opening.channel,
                channel_label=opening.channel_label,
                clock=clock,
                command_id=command_id,
            )

        answer = await timed_call(self._calls, self._clock, methods.CLAIM_HANDOFF, request)
        self._opened = OpenSessionResponse(
            session=answer.session, customer_id=answer.customer_id, processed=answer.processed
        )
        return answer

    async def refresh(
        self,
        *,
        foreground: bool = True,
        journey: Journey | None = None,
        results: Sequence[CommandResult] = (),
    ) -> RefreshSessionResponse:
        """Keep the session alive and renew the credential of its streams; happens by itself.

        `results` says what became of commands; the answer tells those that are to be carried out.
        """
        if self._calls.credential_due:
            await self._calls.renew_credential()
        ref = JourneyRef() if journey is None else journey.ref

        def request(clock: ClientClock) -> RefreshSessionRequest:
            return RefreshSessionRequest(
                session_id=self.session_id,
                applied_token=self._applied_token(),
                queues=self._queues(),
                foreground=foreground,
                journey=ref if ref.kind else None,
                results=results,
                clock=clock,
            )

        return await timed_call(self._calls, self._clock, methods.REFRESH_SESSION, request)

    def _applied_token(self) -> str:
        return next((watch.shown.token for watch in self._watches), "")

    def _queues(self) -> list[Queue]:
        """What is unsent: nothing that outlives this process."""
        return []

    def keep_alive(self, every_ms: int) -> None:
        """Refresh the session in the background; 0 = do not."""
        if every_ms and self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(every_ms / 1_000), name="journey session")

    async def close(self, *, sign_out: bool = False) -> None:
        """End watches and session. `sign_out`: the customer signed out on this device."""
        await self.let_go()
        request = CloseSessionRequest(session_id=self.session_id, sign_out=sign_out)
        with contextlib.suppress(SessionNotFound):
            await self._calls.unary(methods.CLOSE_SESSION, lambda: request)

    async def let_go(self) -> None:
        """End watches and keeping alive, and leave the session to its own end."""
        await super().let_go()
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            await end_task(keeper)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _keep(self, every_seconds: float) -> None:
        """Refresh until cancelled; what fails now is tried again at the next beat."""
        while True:
            await asyncio.sleep(every_seconds)
            try:
                await self.refresh()
            except SessionNotFound:
                with contextlib.suppress(JourneyError):
                    await self.reopen()
            except JourneyError as error:
                _log.info("session %s was not refreshed: %s", self.session_id, error)

    def _make_watch(self, wanted: WatchFilter) -> Watch:
        own = WatchFilter("", wanted.kinds, wanted.journeys, wanted.presence)
        return Watch(
            self._calls,
            self._clock.clocks,
            own,
            session_id=lambda: self.session_id,
            next_session=self.reopen,
        )

    def _open_request(self, clock: ClientClock) -> OpenSessionRequest:
        request = OpenSessionRequest()
        request.CopyFrom(self._request)
        self._visits.ask(request)
        request.queues.extend(self._queues())
        request.clock.CopyFrom(clock)
        return request
