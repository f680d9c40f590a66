"""What happens around every call, written once for all transports.

request id and trace → deadline → authenticate → role → admission → decode → field rules → object
check → application function → error table → log and figures. A stream is opened the same way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from enum import Enum
from functools import partial
from typing import Any, NoReturn, cast

import structlog
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from journey.v1.access_pb2 import LOAD_CLASS_BULK, LOAD_CLASS_INTERACTIVE
from journey.v1.stream_pb2 import ResetReason
from journey_service.domain import errors
from journey_service.domain.validation import Validation
from journey_service.figures import CallMetrics, StreamMetrics
from journey_service.observability import CallFacts, CallLog, Metrics
from journey_service.settings import Settings
from journey_service.transport.admission import Admission
from journey_service.transport.auth import Authenticator
from journey_service.transport.call import Call
from journey_service.transport.checks import Vet, parsed, vet
from journey_service.transport.errors import MEANINGS, bug, reason_of, status_of
from journey_service.transport.methods import Method
from journey_service.transport.mint import ROLES
from journey_service.transport.place import Place
from journey_service.transport.quotas import StreamSlots

CODES = {
    0: "OK", 1: "CANCELLED", 3: "INVALID_ARGUMENT", 4: "DEADLINE_EXCEEDED", 5: "NOT_FOUND",
    6: "ALREADY_EXISTS", 7: "PERMISSION_DENIED", 8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION", 10: "ABORTED", 11: "OUT_OF_RANGE", 12: "UNIMPLEMENTED",
    13: "INTERNAL", 14: "UNAVAILABLE", 15: "DATA_LOSS", 16: "UNAUTHENTICATED",
}  # fmt: skip
ROLE_NAMES: dict[int, str] = {number: name for name, number in ROLES.items()}

Send = Callable[[bytes], Awaitable[None]]
Read = Callable[[], Awaitable[bytes | None]]
Frames = AsyncIterator[Message]
log = structlog.get_logger("journey.rpc")


class Refused(Exception):
    """What a transport answers instead of a message; logged already."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.message)
        self.status = status


class Phase(Enum):
    """What the process does with calls."""

    STARTING = "refuses all"
    SERVING = "serves"
    DRAINING = "refuses all but what a person waits for"


Perform = Callable[[Call, Any], Awaitable[Message]]
PerformStream = Callable[[Call, Any], Frames]
PerformBidi = Callable[[Call, Read, Send], Awaitable[None]]
LoadOf = Callable[[Any], int]
Unary = Callable[[Call, bytes], Awaitable[bytes]]
Stream = Callable[[Call, bytes, Send], Awaitable[None]]
Bidi = Callable[[Call, Read, Send], Awaitable[None]]


class Chain:
    """The middleware. `phase` says what is refused."""

    def __init__(
        self,
        authenticator: Authenticator,
        admission: Admission,
        methods: Mapping[str, Method],
        validation: Validation,
        settings: Settings,
        metrics: Metrics,
        call_log: CallLog,
    ) -> None:
        self.phase = Phase.STARTING
        self.admission = admission
        self.methods = methods
        self._validation = validation
        self.settings = settings
        self.metrics = metrics
        self._authenticate = authenticator.principal
        self._door = authenticator.door
        self._log = call_log
        self._slots = StreamSlots(settings)
        # The loop's own clock counts in whole milliseconds on uvloop; it is the same clock.
        self._now = time.monotonic

    def unary(
        self, method: Method, perform: Perform, transport: str, *, load_of: LoadOf | None = None
    ) -> Unary:
        """Bytes in, bytes out. `load_of` tells the class of a request where it depends on it."""
        figures = self.metrics.calls_of(method.label, transport)
        enter, leave, now = self._enter, self.admission.leave, self._now
        authorize, check = self._authorize, _noting(method, self._validation)

        async def serve(call: Call, data: bytes) -> bytes:
            authorize(call, data)
            load: int = method.load
            await enter(call, load)
            began = now()
            try:
                request = check(call, parsed(method.request, data))
                if load_of is not None and (other := load_of(request)) != load:
                    leave(load)
                    load = 0
                    await enter(call, other)
                    load, began = other, now()
                if call.brought_deadline:  # the transport cancels the call when it is over
                    return (await perform(call, request)).SerializeToString()
                return await self._in_time(call, perform(call, request))
            finally:
                if load:
                    leave(load, now() - began)

        async def answer(call: Call, data: bytes) -> bytes:
            call.bytes_in = len(data)
            try:
                answered = await serve(call, data)
            except BaseException as error:  # noqa: BLE001  told apart there, and raised again
                self._failed(call, figures, error)
            call.bytes_out = len(answered)
            self._finished(call, figures)
            return answered

        return answer

    def stream(self, method: Method, perform: PerformStream, transport: str) -> Stream:
        """One message in, frames out through `send`, which returns when the transport took it."""
        figures = self.metrics.calls_of(method.label, transport)
        frames_of = self.metrics.streams_of(method.label)
        check = _noting(method, self._validation)

        async def serve(call: Call, data: bytes, send: Send) -> None:
            self._authorize(call)
            with Place(partial(self._enter, call), self.admission, method.load) as place:
                await place.take()
                call.rest = place.rest
                frames = perform(call, check(call, parsed(method.request, data)))
                with self._slots.hold(call.principal, call.session_id):
                    await self._send_all(call, frames, send, place, frames_of)

        async def answer(call: Call, data: bytes, send: Send) -> None:
            call.bytes_in = len(data)
            try:
                await serve(call, data, send)
            except BaseException as error:  # noqa: BLE001  told apart there, and raised again
                self._failed(call, figures, error)
            self._finished(call, figures)

        return answer

    def bidi(self, method: Method, perform: PerformBidi, transport: str) -> Bidi:
        """Messages in through `read`, None at their end; frames out through `send`."""
        figures = self.metrics.calls_of(method.label, transport)
        streams = self.metrics.streams_of(method.label)

        async def answer(call: Call, read: Read, send: Send) -> None:
            try:
                self._authorize(call)
                with self._slots.hold(call.principal, ""), streams.open.track_inprogress():
                    self._opened(call)
                    await perform(call, read, self._guarded(call, send, streams))
            except BaseException as error:  # noqa: BLE001  told apart there, and raised again
                self._failed(call, figures, error)
            self._finished(call, figures)

        return answer

    def vet(self, label: str) -> Vet:
        """The checks of the messages of a method, for those that come on a stream."""
        return vet(self.methods[label], self._validation)

    @asynccontextmanager
    async def place(self, load: int, deadline: float) -> AsyncIterator[None]:
        """A place of the admission for one message of a stream. Raises what `enter` raises."""
        if not self.admission.try_enter(load):
            await self.admission.enter(load, deadline)
        began = self._now()
        try:
            yield
        finally:
            self.admission.leave(load, self._now() - began)

    def refused_batch(self, call: Call, error: Exception) -> Status:
        """Count one refused message of a stream that goes on; returns what its client gets."""
        status = self.status(call, error)
        reason = reason_of(error) if isinstance(error, errors.JourneyError) else errors.Bug.reason
        labels = (call.method.label, CODES[status.code], MEANINGS[reason].name)
        self.metrics.batches_refused.labels(*labels).inc()
        return status

    def authorize(self, call: Call) -> None:
        """Whether the caller may call, for methods outside the chain. Raises Refused."""
        try:
            self._authorize(call)
        except errors.JourneyError as error:
            raise Refused(self.status(call, error)) from error

    def status(self, call: Call, error: Exception) -> Status:
        """What a caller gets for an error; what nobody foresaw is logged and becomes BUG."""
        if not isinstance(error, errors.JourneyError):
            log.error("bug", request_id=call.request_id, method=call.method.label, exc_info=error)
            error = bug(call.request_id)
        return status_of(error, call.request_id)

    def _authorize(self, call: Call, data: bytes = b"") -> None:
        """Who calls, whether they may, and whether anybody may just now; once for a call. `data` is
        the request of a unary call: visitors are known by it."""
        if call.authorization is None and self._door.is_of(call.method):
            principal = call.principal = self._door.principal(call.method, call.peer(), data)
        else:
            principal = call.principal = self._authenticate(call.authorization, call.is_local)
            # A stream lasts for hours and is judged once: no copy of its token is kept for that.
            call.authorization = None
        if principal.role not in call.method.roles:
            raise errors.RoleNotAllowed(
                f"Role {ROLE_NAMES[principal.role]} may not call {call.method.name}."
            )
        if self.phase is not Phase.SERVING:
            if self.phase is Phase.STARTING:
                raise errors.Starting
            if call.method.load != LOAD_CLASS_INTERACTIVE:
                raise errors.Draining

    async def _enter(self, call: Call, load: int, *, patient: bool = False) -> None:
        """Take a place of a class; the wait counts as the call's."""
        if call.deadline <= self._now() and not patient:
            raise errors.ExpiredInQueue
        if self.admission.try_enter(load):
            return
        since = self._now()
        try:
            await self.admission.enter(load, call.deadline, patient=patient)
        finally:
            call.queued_s += self._now() - since

    async def _in_time(self, call: Call, answer: Awaitable[Message]) -> bytes:
        """The answer of a call that brought no deadline, within the default one."""
        limit = asyncio.timeout_at(call.deadline)
        try:
            async with limit:
                return (await answer).SerializeToString()
        except TimeoutError:
            if not limit.expired():
                raise
            if call.method.side_effects:
                raise errors.OutcomeUnknown from None
            raise errors.ExpiredInQueue("The deadline passed; nothing was done.") from None

    async def _send_all(
        self, call: Call, frames: Frames, send: Send, place: Place, figures: StreamMetrics
    ) -> None:
        """Every frame; bulk reads hold their place only while they read, the others to begin."""
        guarded = self._guarded(call, send, figures)
        paced = call.method.load == LOAD_CLASS_BULK
        sent = 0
        async with aclosing(cast("AsyncGenerator[Message, None]", frames)):
            with figures.open.track_inprogress():
                self._opened(call)
                while (frame := await anext(frames, None)) is not None:
                    sent += 1
                    if paced or sent > 1:
                        place.free()
                    _note_reset(figures, frame)
                    content, data = frame.WhichOneof("content"), frame.SerializeToString()
                    # Not to be held until the next one, which may be long after.
                    del frame
                    await guarded(data)
                    del data
                    figures.sent(content or "")
                    if paced:
                        await place.take(patient=True)

    def _guarded(self, call: Call, send: Send, figures: StreamMetrics) -> Send:
        """A send that ends the stream when its reader takes nothing for too long."""
        limit_s, now = self.settings.blocked_send_ms / 1_000, self._now

        async def guarded(data: bytes) -> None:
            began = now()
            try:
                async with asyncio.timeout(limit_s):
                    await send(data)
            except TimeoutError:
                raise errors.SlowConsumer from None
            finally:
                figures.blocked.observe(now() - began)
            call.bytes_out += len(data)

        return guarded

    def _opened(self, call: Call) -> None:
        self._write(call, "stream_opened", "OK", "", "")

    def _finished(self, call: Call, figures: CallMetrics) -> None:
        figures.finished("OK", "", self._now() - call.started)
        self._write(call, "call", "OK", "", "")

    def _failed(self, call: Call, figures: CallMetrics, error: BaseException) -> NoReturn:
        """Count and log a call that did not end well; raises Refused, or the cancellation."""
        seconds = self._now() - call.started
        if not isinstance(error, Exception):
            code = "DEADLINE_EXCEEDED" if self._is_over(call) else "CANCELLED"
            figures.finished(code, "", seconds)
            self._write(call, "call", code, "", "")
            raise error
        status = self.status(call, error)
        reason = errors.Bug.reason
        outcome = ""
        if isinstance(error, errors.JourneyError):
            reason = reason_of(error)
            outcome = error.outcome if isinstance(error, errors.Unavailable) else ""
        code, name = CODES[status.code], MEANINGS[reason].name
        figures.finished(code, name, seconds)
        self._write(call, "call", code, name, outcome)
        raise Refused(status) from error

    def _is_over(self, call: Call) -> bool:
        return call.brought_deadline and call.deadline <= self._now()

    def _write(self, call: Call, event: str, code: str, reason: str, outcome: str) -> None:
        hashed = self._log.hashed
        principal = getattr(call, "principal", None)
        self._log.write(
            CallFacts(
                event,
                call.request_id,
                call.trace_id,
                call.method.label,
                call.transport,
                ROLE_NAMES[principal.role] if principal else "",
                code,
                reason,
                outcome,
                (self._now() - call.started) * 1_000,
                call.bytes_in,
                call.bytes_out,
                call.queued_s * 1_000,
                self.admission.waiting,
                hashed(call.subject_id or (principal.subject_id if principal else "")),
                hashed(call.session_id),
            )
        )


def _noting(method: Method, validation: Validation) -> Callable[[Call, Message], Message]:
    """The checks of a method's request, which also note whose call it is."""
    checked = vet(method, validation)
    names_session = "session_id" in method.request.DESCRIPTOR.fields_by_name

    def check(call: Call, request: Message) -> Message:
        if names_session:
            call.session_id = getattr(request, "session_id")  # noqa: B009  the type has it
        call.subject_id = checked(call.principal, request)
        return request

    return check


def _note_reset(figures: StreamMetrics, frame: Message) -> None:
    """Count copies that are sent anew: a reset, or a token that was not taken."""
    kind = frame.WhichOneof("content")
    if kind == "reset":
        reason = getattr(frame, "reset").reason  # noqa: B009  every stream of states has it
    elif kind == "opened":
        reason = getattr(frame, "opened").why_not  # noqa: B009  every stream has it
    else:
        return
    if reason:
        figures.resets.labels(ResetReason.Name(reason).removeprefix("RESET_REASON_")).inc()
