"""The one table from errors to what clients get.

The status code stands as an option on the reason (errors.proto). The details stand here: one line
for each class of journey_service/domain/errors.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from google.protobuf.any_pb2 import Any
from google.protobuf.descriptor import EnumValueDescriptor
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    QuotaFailure,
    ResourceInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status

from journey.v1 import error_details_pb2
from journey.v1.errors_pb2 import ErrorReason, ReasonRules, reason_rules
from journey.v1.references_pb2 import FieldViolation
from journey_service.domain import errors

DOMAIN = "journey"
# Metadata for the log alone: what is wrong behind the service is nothing to its callers.
INTERNAL = frozenset({"cause", "settings"})
_PREFIX = "ERROR_REASON_"
MOST_CHARS = 500
MOST_BYTES_OF_VIOLATIONS = 3_000
_UNSAID = "The reason is in the log under the request id."


class Meaning(NamedTuple):
    """A reason as clients see it."""

    name: str
    code: int


def rules_of(value: EnumValueDescriptor) -> ReasonRules:
    """How a reason reaches clients, as its option says."""
    rules: ReasonRules = value.GetOptions().Extensions[reason_rules]  # type: ignore[index]  # stubs
    return rules


def _meanings() -> Mapping[int, Meaning]:
    return {
        value.number: Meaning(value.name.removeprefix(_PREFIX), rules_of(value).code)
        for value in ErrorReason.DESCRIPTOR.values
    }


MEANINGS = _meanings()


def _nothing(_: errors.JourneyError) -> Iterator[Message]:
    return iter(())


def _bad_request(error: errors.JourneyError) -> Iterator[Message]:
    field = error.metadata.get("field", "")
    violation = BadRequest.FieldViolation(field=field, description=error.message)
    yield BadRequest(field_violations=[violation])


def _violations(error: errors.JourneyError) -> Iterator[Message]:
    assert isinstance(error, errors.FieldViolations)
    yield _listed(error.violations)


def _leases_held(error: errors.JourneyError) -> Iterator[Message]:
    assert isinstance(error, errors.LeaseHeld)
    yield error_details_pb2.LeasesHeld(leases=error.leases)


def _refused_batch(error: errors.JourneyError) -> Iterator[Message]:
    assert isinstance(error, errors.BatchRefused)
    if error.violations:
        yield _listed(error.violations)


def _listed(violations: tuple[FieldViolation, ...]) -> BadRequest:
    """As many violations as fit into metadata, of which clients take 8 KiB in all."""
    told, size = BadRequest(), 0
    for index, found in enumerate(violations):
        path, rule = found.path[:MOST_CHARS], found.rule[:MOST_CHARS]
        size += len(path.encode()) + len(rule.encode()) + 8
        if size > MOST_BYTES_OF_VIOLATIONS:
            rest = f"{len(violations) - index} more fields break their rules"
            told.field_violations.add(description=rest)
            break
        told.field_violations.add(field=path, description=rule)
    return told


def _resource(kind: str, *names: str) -> Callable[[errors.JourneyError], Iterator[Message]]:
    """What is not there; its name is made of these entries of the error's metadata."""

    def details(error: errors.JourneyError) -> Iterator[Message]:
        name = "/".join(filter(None, (error.metadata.get(part, "") for part in names)))
        yield ResourceInfo(resource_type=kind, resource_name=name, description=error.message)

    return details


def _version_conflict(error: errors.JourneyError) -> Iterator[Message]:
    assert isinstance(error, errors.VersionConflict)
    yield error_details_pb2.VersionConflict(
        subject_id=error.subject_id,
        expected_version=error.expected_version,
        current_version=error.current_version,
    )


def _range(_: errors.JourneyError) -> Iterator[Message]:
    yield error_details_pb2.CheckpointRange()


def _retry(error: errors.JourneyError) -> Iterator[Message]:
    """When to come again: the error's delay, spread by half to both sides."""
    assert isinstance(error, errors.Overloaded | errors.Unavailable)
    delay_ms = error.retry_after_ms * random.uniform(0.5, 1.5)  # noqa: S311  spreads, hides nothing
    info = RetryInfo()
    info.retry_delay.FromMilliseconds(round(delay_ms))
    yield info
    if quota := error.metadata.get("quota"):
        over = QuotaFailure.Violation(subject=quota, description=error.message)
        yield QuotaFailure(violations=[over])


# Each class of the tree, in its order. A class above others has a line, too: it may be raised.
DETAILS: Mapping[type[errors.JourneyError], Callable[[errors.JourneyError], Iterator[Message]]] = {
    errors.JourneyError: _nothing,
    errors.InputError: _bad_request,
    errors.FieldViolations: _violations,
    errors.TooLarge: _bad_request,
    errors.TokenMismatch: _bad_request,
    errors.CredentialError: _nothing,
    errors.TokenMissing: _nothing,
    errors.TokenInvalid: _nothing,
    errors.TokenExpired: _nothing,
    errors.SignedOut: _nothing,
    errors.NotAllowed: _nothing,
    errors.RoleNotAllowed: _nothing,
    errors.ScopeMissing: _nothing,
    errors.CustomerMismatch: _nothing,
    errors.InstallationLost: _nothing,
    errors.NotFound: _resource("thing"),
    errors.CustomerNotFound: _resource("customer", "subject_id"),
    errors.JourneyNotFound: _resource("journey", "kind", "journey_id"),
    errors.SessionNotFound: _resource("session"),
    errors.ProjectionNotFound: _resource("projection"),
    errors.HandoffUnknown: _resource("handoff"),
    errors.RebuildNotFound: _resource("rebuild", "rebuild_id"),
    errors.GroupNotFound: _resource("group", "group_id"),
    errors.DeliveryUnknown: _resource("delivery", "delivery_id"),
    errors.Conflict: _nothing,
    errors.VersionConflict: _version_conflict,
    errors.CommandIdReused: _nothing,
    errors.IdentityContention: _nothing,
    errors.BatchRefused: _refused_batch,
    errors.SeqGap: _nothing,
    errors.InstallationCloned: _nothing,
    errors.SubjectErased: _nothing,
    errors.LeaseLost: _nothing,
    errors.LeaseHeld: _leases_held,
    errors.LimitReached: _leases_held,
    errors.HandoffSpent: _nothing,
    errors.HandoffOtherCustomer: _nothing,
    errors.ConfirmationMissing: _nothing,
    errors.RebuildRunning: _nothing,
    errors.GroupExists: _resource("group", "group_id"),
    errors.EtagMismatch: _nothing,
    errors.ParkedPresent: _nothing,
    errors.ReplayRunning: _nothing,
    errors.PositionError: _range,
    errors.CheckpointAhead: _range,
    errors.JournalRewound: _range,
    errors.ProjectionBehind: _nothing,
    errors.Overloaded: _retry,
    errors.RateLimited: _retry,
    errors.TooManyStreams: _retry,
    errors.SlowConsumer: _nothing,
    errors.ClaimLocked: _retry,
    errors.ExpiredInQueue: _nothing,
    errors.Unavailable: _retry,
    errors.Starting: _retry,
    errors.Draining: _retry,
    errors.StorageUnavailable: _retry,
    errors.OutcomeUnknown: _retry,
    errors.TransportUnsupported: _nothing,
    errors.EventUnreadable: _nothing,
    errors.Bug: _nothing,
}


def reason_of(error: errors.JourneyError) -> ErrorReason:
    """The reason of an error; of a refused atomic batch the reason of the interaction."""
    if isinstance(error, errors.BatchRefused):
        return error.refused_reason
    return error.reason


def status_of(error: errors.JourneyError, request_id: str) -> Status:
    """What the caller gets: code, text, ErrorInfo first, then the details of the table."""
    meaning = MEANINGS[reason_of(error)]
    told = {name: value for name, value in error.metadata.items() if name not in INTERNAL}
    info = ErrorInfo(reason=meaning.name, domain=DOMAIN, metadata=told)
    info.metadata["request_id"] = request_id
    if isinstance(error, errors.Unavailable):
        info.metadata["outcome"] = error.outcome
    status = Status(code=meaning.code, message=error.message[:MOST_CHARS])
    for detail in (info, *DETAILS[type(error)](error)):
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def bug(request_id: str) -> errors.Bug:
    """What a caller learns of an exception that nobody foresaw: nothing but where to look."""
    return errors.Bug(f"A fault of the service. {_UNSAID} ({request_id})")
