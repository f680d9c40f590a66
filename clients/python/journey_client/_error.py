"""The root of all errors of this library, and how the answer of a failed call becomes one.

JourneyError
├── one class per reason of the service, in `journey_client.errors`
├── OnlineOnly             needs the connection, and there is none
├── QueueFull              what waits on this device is as much as it may be
├── StoreInUse             another process has the local store open
├── Replaced               a newer stream of the same name took over
└── NotAnswered            no answer of the service at all
    ├── Unreachable        no connection, or it broke
    ├── TimedOut           the caller's deadline passed first
    └── TransportRefused   the transport refused before the service saw the call
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, cast

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from journey.v1 import errors_pb2 as reasons
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.references_pb2 import FieldViolation

PREFIX = "ERROR_REASON_"
Outcome = Literal["none", "unknown"]
_STATUS_CODES = {status.value[0]: status for status in grpc.StatusCode}
_by_reason: dict[str, type[JourneyError]] = {}


class JourneyError(Exception):
    """Something was refused, or the service could not be reached.

    `outcome` says whether the call may have had an effect: "none" or "unknown". `metadata` is
    what the service tells about this reason; `violations` the fields that broke their rules;
    `retry_after_ms` the wait it asks for; `result` the refused interaction's, if it was one.
    """

    reason: ClassVar[str] = ""
    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.UNKNOWN
    action: ClassVar[reasons.ClientAction] = reasons.CLIENT_ACTION_RAISE

    def __init__(
        self,
        message: str = "",
        *,
        metadata: Mapping[str, str] | None = None,
        outcome: Outcome = "none",
        retry_after_ms: int | None = None,
        violations: Sequence[FieldViolation] = (),
        result: RecordResult | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").split("\n", 1)[0]
        self.metadata: Mapping[str, str] = dict(metadata or {})
        self.outcome = outcome
        self.retry_after_ms = retry_after_ms
        self.violations = tuple(violations)
        self.result = result
        super().__init__(self.message)

    @property
    def request_id(self) -> str:
        """What finds the call in the service's log; empty if the service did not answer."""
        return self.metadata.get("request_id", "")

    @property
    def retryable(self) -> bool:
        """Whether the same call with the same ids may succeed later by itself."""
        if self.action == reasons.CLIENT_ACTION_RETRY_AFTER:
            return self.retry_after_ms is not None
        return self.action == reasons.CLIENT_ACTION_RETRY


class RefusedError(JourneyError):
    """The service refused for a reason of its closed set; subclasses are named after them."""

    def __init_subclass__(cls) -> None:
        """Find reason, code and action of the class by its name."""
        cls.reason = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()
        value = reasons.ErrorReason.DESCRIPTOR.values_by_name[PREFIX + cls.reason]
        rules = cast("Any", value.GetOptions()).Extensions[reasons.reason_rules]
        cls.code = _STATUS_CODES[rules.code]
        cls.action = rules.action
        _by_reason[cls.reason] = cls


class OnlineOnly(JourneyError):
    """The service must check this against the exact state, and there is no connection."""

    reason = "ONLINE_ONLY"
    code = grpc.StatusCode.FAILED_PRECONDITION


class QueueFull(JourneyError):
    """So much waits on this device that nothing more is taken."""

    reason = "QUEUE_FULL"
    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class StoreInUse(JourneyError):
    """Another process has the local store open."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Replaced(JourneyError):
    """A newer stream of the same consumer took over; this one does not go on."""

    code = grpc.StatusCode.ABORTED


class NotAnswered(JourneyError):
    """The service gave no answer of its own."""

    code = grpc.StatusCode.UNKNOWN


class Unreachable(NotAnswered):
    """The service cannot be reached, or the connection broke."""

    code = grpc.StatusCode.UNAVAILABLE
    action = reasons.CLIENT_ACTION_RETRY


class TimedOut(NotAnswered):
    """The deadline passed before the service answered."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class TransportRefused(NotAnswered):
    """The transport refused the call before the service saw it, e.g. because of its size."""


_FINAL_ACTIONS = frozenset({reasons.CLIENT_ACTION_END_SESSION, reasons.CLIENT_ACTION_WIPE})
_FINAL_CODES = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)


def is_final(error: JourneyError) -> bool:
    """Whether no further try of a stream can help."""
    return error.action in _FINAL_ACTIONS or error.code in _FINAL_CODES


def from_call(error: grpc.aio.AioRpcError) -> JourneyError:
    """The typed error of a call that failed; reads ErrorInfo, RetryInfo and BadRequest."""
    status = _status_of(error)
    info, retry, bad = ErrorInfo(), RetryInfo(), BadRequest()
    for detail in status.details:
        for kind in (info, retry, bad):
            if detail.Is(kind.DESCRIPTOR):
                detail.Unpack(kind)
    if not info.reason:
        return _unexplained(error)
    violations = [
        FieldViolation(path=found.field, rule=found.description) for found in bad.field_violations
    ]
    return refusal(
        info.reason,
        status.message,
        metadata=dict(info.metadata),
        outcome="unknown" if info.metadata.get("outcome") == "unknown" else "none",
        retry_after_ms=retry.retry_delay.ToMilliseconds()
        if retry.HasField("retry_delay")
        else None,
        violations=violations,
    )


def from_result(result: RecordResult) -> JourneyError:
    """The typed error of an interaction that was refused while its call succeeded."""
    name = reasons.ErrorReason.Name(result.reason)
    listed = "; ".join(f"{found.path}: {found.rule}" for found in result.violations)
    return refusal(name, listed, violations=tuple(result.violations), result=result)


def refusal(
    reason: str,
    message: str = "",
    *,
    metadata: Mapping[str, str] | None = None,
    outcome: Outcome = "none",
    retry_after_ms: int | None = None,
    violations: Sequence[FieldViolation] = (),
    result: RecordResult | None = None,
) -> JourneyError:
    """The error of a reason by its name on the wire; a reason of the future is a JourneyError."""
    kind = _by_reason.get(reason.removeprefix(PREFIX), JourneyError)
    return kind(
        message,
        metadata=metadata,
        outcome=outcome,
        retry_after_ms=retry_after_ms,
        violations=violations,
        result=result,
    )


def _status_of(error: grpc.aio.AioRpcError) -> Status:
    """The google.rpc.Status in the trailers; one made of code and text if there is none."""
    plain = Status(code=error.code().value[0], message=error.details() or "")
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:
                return plain
    return plain


def _unexplained(error: grpc.aio.AioRpcError) -> JourneyError:
    """The error of an answer without ErrorInfo: it came from the transport."""
    code, text = error.code(), error.details() or ""
    if code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}:
        return Unreachable(text, outcome="unknown")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return TimedOut(text, outcome="unknown")
    refused = TransportRefused(f"{code.name}: {text}")
    refused.outcome = "none" if code is grpc.StatusCode.RESOURCE_EXHAUSTED else "unknown"
    return refused
