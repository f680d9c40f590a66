"""One RecordStream: several batches under way, many subjects mixed.

opened → credit → (ack | heartbeat)* → [going_away]

Batches of one (installation, subject) are recorded one after the other, in the order in which they
came; others beside them. Acks come in the order of the commits. A client may have as much
unanswered as `credit` says and four batches of one pair; beyond that nothing more is read.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from random import SystemRandom

from journey.v1.access_pb2 import LOAD_CLASS_FLUSH
from journey.v1.journey_service_pb2 import (
    RecordAck,
    RecordCredit,
    RecordRequest,
    RecordResponse,
    RecordStreamRequest,
    RecordStreamResponse,
)
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_AUTH_EXPIRING,
    GOING_AWAY_REASON_ROTATION,
    GoingAway,
    GoingAwayReason,
    Heartbeat,
    StreamOpened,
)
from journey_service.application import Application
from journey_service.application.hub import Recorder
from journey_service.domain.errors import FieldViolations, JourneyError
from journey_service.transport.call import Call
from journey_service.transport.checks import parsed
from journey_service.transport.quotas import RecordRates
from journey_service.transport.rpc import Chain, Read, Send

SPREAD = 0.1
_CHANCE = SystemRandom()
Pair = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Arrived:
    """A batch that came in."""

    request: RecordRequest
    size: int
    received_ms: int
    pair: Pair


class Recording:
    """The stream of one client."""

    def __init__(
        self,
        application: Application,
        chain: Chain,
        call: Call,
        send: Send,
        rates: RecordRates,
    ) -> None:
        self._application = application
        self._chain = chain
        self._call = call
        self._send = send
        self._rates = rates
        self._vet = chain.vet("JourneyService/Record")
        self._settings = chain.settings
        self._now = asyncio.get_running_loop().time
        spread = 1 + SPREAD * _CHANCE.uniform(-1, 1)
        self._rotate_at_ms = application.now_ms() + int(self._settings.stream_life_ms * spread)
        self._recorder = Recorder(call.principal.expires_at_ms)
        self._ending: GoingAwayReason | None = None
        self._failure: JourneyError | None = None
        self._reading: asyncio.Task[None] | None = None
        # What is unanswered: reading itself counts, so that 0 is the end.
        self._unanswered = 1
        self._bytes = 0
        self._of_pair: Counter[Pair] = Counter()
        self._last: dict[Pair, asyncio.Task[None]] = {}
        self._room = asyncio.Event()
        self._answered: asyncio.Queue[tuple[_Arrived, RecordAck] | None] = asyncio.Queue()

    async def run(self, read: Read) -> None:
        """Serve the stream to its end. Raises FieldViolations for a frame that is none."""
        with self._application.recording(self._recorder):
            await self._run(read)

    async def _run(self, read: Read) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                self._reading = tasks.create_task(self._read_all(read, tasks))
                await self._say_all()
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
        if self._failure is not None:
            raise self._failure

    def end(self, reason: GoingAwayReason) -> None:
        """Read nothing more, answer what came, say good-bye. The first reason stands."""
        if self._ending is None and self._reading is not None:
            self._ending = reason
            self._reading.cancel()

    async def _say_all(self) -> None:
        """Everything that is sent, in order."""
        await self._say(RecordStreamResponse(opened=self._opened()))
        await self._say(RecordStreamResponse(credit=self._credit()))
        while True:
            if self._ending is None and not self._patience_s():
                # Also when answers never pause.
                await self._quiet()
            try:
                async with asyncio.timeout(self._patience_s()):
                    answered = await self._answered.get()
            except TimeoutError:
                await self._quiet()
                continue
            if answered is None:
                break
            arrived, ack = answered
            await self._say(RecordStreamResponse(ack=ack))
            self._release(arrived)
        if self._ending is not None:
            await self._say(RecordStreamResponse(going_away=self._going_away(self._ending)))

    async def _say(self, frame: RecordStreamResponse) -> None:
        await self._send(frame.SerializeToString())

    async def _quiet(self) -> None:
        """Nothing happened for a while: the stream's time is over, or a heartbeat is due."""
        now_ms = self._application.now_ms()
        if self._ending is None and now_ms >= self._auth_end_ms():
            self.end(GOING_AWAY_REASON_AUTH_EXPIRING)
        elif self._ending is None and now_ms >= self._rotate_at_ms:
            self.end(GOING_AWAY_REASON_ROTATION)
        else:
            await self._say(RecordStreamResponse(heartbeat=Heartbeat(server_ms=now_ms)))

    def _patience_s(self) -> float:
        """How long to wait for an answer before looking at the clock."""
        longest_ms = self._settings.heartbeat_ms
        if self._ending is None:
            left_ms = min(self._rotate_at_ms, self._auth_end_ms()) - self._application.now_ms()
            longest_ms = max(0, min(longest_ms, left_ms))
        return longest_ms / 1_000

    def _auth_end_ms(self) -> int:
        return self._recorder.auth_expires_at_ms - self._settings.auth_warning_ms

    async def _read_all(self, read: Read, tasks: asyncio.TaskGroup) -> None:
        try:
            while (data := await read()) is not None:
                frame = parsed(RecordStreamRequest, data)
                kind = frame.WhichOneof("content")
                if kind == "drain":
                    break
                if kind is None:
                    raise FieldViolations.one("content", "must be one of batch, drain")
                await self._begin(frame.batch, len(data), tasks)
        except JourneyError as error:
            self._failure = error
        finally:
            self._settle()

    async def _begin(self, request: RecordRequest, size: int, tasks: asyncio.TaskGroup) -> None:
        """Start on a batch as soon as there is room for it."""
        received_ms = self._application.now_ms()
        pair = (request.session_id, request.installation_id, request.subject_id)
        arrived = _Arrived(request, size, received_ms, pair)
        while not self._has_room(arrived):
            self._room.clear()
            await self._room.wait()
        self._call.bytes_in += size
        self._unanswered += 1
        self._bytes += size
        self._of_pair[pair] += 1
        self._last[pair] = tasks.create_task(self._answer(arrived, self._last.get(pair)))

    def _has_room(self, arrived: _Arrived) -> bool:
        settings = self._settings
        return (
            self._unanswered <= settings.record_stream_batches
            and self._of_pair[arrived.pair] < settings.record_stream_pair_batches
            and (not self._bytes or self._bytes + arrived.size <= settings.record_stream_bytes)
        )

    def _release(self, arrived: _Arrived) -> None:
        """The answer was taken: there is room again."""
        self._bytes -= arrived.size
        self._of_pair[arrived.pair] -= 1
        if not self._of_pair[arrived.pair]:
            del self._of_pair[arrived.pair], self._last[arrived.pair]
        self._room.set()
        self._settle()

    def _settle(self) -> None:
        """One thing less is unanswered."""
        self._unanswered -= 1
        if not self._unanswered:
            self._answered.put_nowait(None)

    async def _answer(self, arrived: _Arrived, previous: asyncio.Task[None] | None) -> None:
        """Record a batch when the one before it is done; a refusal is an answer, too."""
        if previous is not None:
            await asyncio.wait((previous,))
        ack = RecordAck(batch_no=arrived.request.batch_no)
        try:
            ack.response.CopyFrom(await self._record(arrived))
        except Exception as error:  # noqa: BLE001  what nobody foresaw is told as BUG
            ack.error.CopyFrom(self._chain.refused_batch(self._call, error))
        self._answered.put_nowait((arrived, ack))

    async def _record(self, arrived: _Arrived) -> RecordResponse:
        principal, request = self._call.principal, arrived.request
        deadline = self._now() + self._settings.call_deadline_ms / 1_000
        self._vet(principal, request)
        count = len(request.interactions)
        self._rates.take(principal, request.session_id, count, arrived.size)
        async with self._chain.place(LOAD_CLASS_FLUSH, deadline):
            recorded = await self._application.record(
                principal, request, received_ms=arrived.received_ms, deadline=deadline
            )
        self._application.records(self._recorder, request.session_id)
        return recorded

    def _opened(self) -> StreamOpened:
        return StreamOpened(
            stream_id=self._call.request_id,
            heartbeat_ms=self._settings.heartbeat_ms,
            rotate_at_ms=self._rotate_at_ms,
            auth_expires_at_ms=self._recorder.auth_expires_at_ms,
            server_ms=self._application.now_ms(),
        )

    def _credit(self) -> RecordCredit:
        return RecordCredit(
            batches=self._settings.record_stream_batches, bytes=self._settings.record_stream_bytes
        )

    def _going_away(self, reason: GoingAwayReason) -> GoingAway:
        spread_ms = self._settings.drain_streams_ms
        return GoingAway(reason=reason, retry_after_ms=_CHANCE.randrange(spread_ms + 1))
