"""Everything that can be refused, as one tree. The docstring of a class is its default message.

JourneyError
├── InputError          the call is malformed: FieldViolations TooLarge TokenMismatch
├── CredentialError     TokenMissing TokenInvalid TokenExpired SignedOut
├── NotAllowed          RoleNotAllowed ScopeMissing CustomerMismatch InstallationLost
├── NotFound            CustomerNotFound JourneyNotFound SessionNotFound ProjectionNotFound
│                       HandoffUnknown RebuildNotFound GroupNotFound DeliveryUnknown
├── Conflict            the state is another one than the caller thinks: VersionConflict
│                       CommandIdReused BatchRefused SeqGap InstallationCloned SubjectErased
│                       LeaseLost LeaseHeld LimitReached HandoffSpent HandoffOtherCustomer
│                       ConfirmationMissing GroupExists EtagMismatch ParkedPresent
│                       ReplayRunning RebuildRunning IdentityContention
├── PositionError       CheckpointAhead JournalRewound ProjectionBehind
├── Overloaded          RateLimited TooManyStreams SlowConsumer ClaimLocked ExpiredInQueue
├── Unavailable         nothing is wrong with the call: Starting Draining StorageUnavailable
│                       OutcomeUnknown
├── TransportUnsupported
├── EventUnreadable     stored bytes are damaged
└── Bug
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from journey.v1 import errors_pb2 as reasons
from journey.v1.references_pb2 import FieldViolation, Lease


class JourneyError(Exception):
    """Something was refused."""

    reason: ClassVar[reasons.ErrorReason] = reasons.ERROR_REASON_BUG

    def __init__(self, message: str = "", **metadata: object) -> None:
        self.message = message or (type(self).__doc__ or "").split("\n", 1)[0]
        self.metadata: Mapping[str, str] = {name: str(value) for name, value in metadata.items()}
        super().__init__(self.message)


class InputError(JourneyError):
    """The call is malformed."""

    reason = reasons.ERROR_REASON_FIELD_VIOLATIONS


class FieldViolations(InputError):
    """A field is missing or breaks its rule."""

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        self.violations = tuple(violations)
        listed = "; ".join(f"{found.path}: {found.rule}" for found in self.violations[:5])
        super().__init__(f"These fields break their rules: {listed}")

    @classmethod
    def one(cls, path: str, rule: str) -> FieldViolations:
        """The error with a single violation."""
        return cls([FieldViolation(path=path, rule=rule)])


class TooLarge(InputError):
    """The batch is over its limit: send fewer or smaller interactions."""

    reason = reasons.ERROR_REASON_TOO_LARGE


class TokenMismatch(InputError):
    """The token is damaged or was made for another call, filter or customer."""

    reason = reasons.ERROR_REASON_TOKEN_MISMATCH


class CredentialError(JourneyError):
    """The credential cannot be used."""

    reason = reasons.ERROR_REASON_TOKEN_INVALID


class TokenMissing(CredentialError):
    """The call carries no credential: send metadata `authorization: Bearer TOKEN`."""

    reason = reasons.ERROR_REASON_TOKEN_MISSING


class TokenInvalid(CredentialError):
    """The credential cannot be verified."""

    reason = reasons.ERROR_REASON_TOKEN_INVALID


class TokenExpired(CredentialError):
    """The credential has ended: ask for a new one."""

    reason = reasons.ERROR_REASON_TOKEN_EXPIRED


class SignedOut(CredentialError):
    """The session was signed out."""

    reason = reasons.ERROR_REASON_SIGNED_OUT


class NotAllowed(JourneyError):
    """The caller may not do this."""

    reason = reasons.ERROR_REASON_ROLE_NOT_ALLOWED


class RoleNotAllowed(NotAllowed):
    """The caller's role may not call this method."""

    reason = reasons.ERROR_REASON_ROLE_NOT_ALLOWED


class ScopeMissing(NotAllowed):
    """The credential lacks a scope that this call needs."""

    reason = reasons.ERROR_REASON_SCOPE_MISSING


class CustomerMismatch(NotAllowed):
    """This is not yours, or is not there."""

    reason = reasons.ERROR_REASON_CUSTOMER_MISMATCH


class InstallationLost(NotAllowed):
    """The device was reported lost: wipe its data."""

    reason = reasons.ERROR_REASON_INSTALLATION_LOST


class NotFound(JourneyError):
    """There is no such thing."""

    reason = reasons.ERROR_REASON_JOURNEY_NOT_FOUND


class CustomerNotFound(NotFound):
    """There is no such customer."""

    reason = reasons.ERROR_REASON_CUSTOMER_NOT_FOUND


class JourneyNotFound(NotFound):
    """The customer has no such journey."""

    reason = reasons.ERROR_REASON_JOURNEY_NOT_FOUND


class SessionNotFound(NotFound):
    """There is no such session, or it has ended: open a new one."""

    reason = reasons.ERROR_REASON_SESSION_NOT_FOUND


class ProjectionNotFound(NotFound):
    """There is no such projection."""

    reason = reasons.ERROR_REASON_PROJECTION_NOT_FOUND


class RebuildNotFound(NotFound):
    """There is no such rebuild."""

    reason = reasons.ERROR_REASON_REBUILD_NOT_FOUND


class HandoffUnknown(NotFound):
    """The code is unknown or over: ask the other device for a new one."""

    reason = reasons.ERROR_REASON_HANDOFF_UNKNOWN


class GroupNotFound(NotFound):
    """There is no such group: make it with CreateGroup."""

    reason = reasons.ERROR_REASON_GROUP_NOT_FOUND


class DeliveryUnknown(NotFound):
    """There is no such delivery."""

    reason = reasons.ERROR_REASON_DELIVERY_UNKNOWN


class Conflict(JourneyError):
    """The state is another one than the caller thinks."""

    reason = reasons.ERROR_REASON_STATE_CONFLICT


class VersionConflict(Conflict):
    """The stream does not stand at the version expected."""

    reason = reasons.ERROR_REASON_VERSION_CONFLICT

    def __init__(self, subject_id: str, expected_version: int, current_version: int) -> None:
        self.subject_id = subject_id
        self.expected_version = expected_version
        self.current_version = current_version
        super().__init__(
            f"The stream stands at version {current_version}, not at {expected_version}: "
            "read again and decide again.",
            expected_version=expected_version,
            current_version=current_version,
        )


class IdentityContention(Conflict):
    """Too many changes of the same customer at once: repeat."""

    reason = reasons.ERROR_REASON_IDENTITY_CONTENTION


class CommandIdReused(Conflict):
    """The command id is known with other content: make a new one."""

    reason = reasons.ERROR_REASON_COMMAND_ID_REUSED


class BatchRefused(Conflict):
    """One interaction of an atomic batch was refused, so nothing was recorded."""

    def __init__(
        self,
        index: int,
        reason: reasons.ErrorReason,
        violations: Sequence[FieldViolation] = (),
    ) -> None:
        self.refused_reason = reason
        self.violations = tuple(violations)
        name = reasons.ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
        super().__init__(
            f"Interaction {index} was refused ({name}), so nothing of the batch was recorded.",
            index=index,
        )


class SeqGap(Conflict):
    """Sequence numbers are missing."""

    reason = reasons.ERROR_REASON_SEQ_GAP

    def __init__(self, expected_seq: int, first_seq: int) -> None:
        self.expected_seq = expected_seq
        super().__init__(
            f"The batch begins at seq {first_seq}, but {expected_seq} is next: send from there.",
            expected_seq=expected_seq,
        )


class InstallationCloned(Conflict):
    """This seq was used for another event: take a new installation id and renumber from 1."""

    reason = reasons.ERROR_REASON_INSTALLATION_CLONED


class SubjectErased(Conflict):
    """The subject was erased: wipe its queue and copy."""

    reason = reasons.ERROR_REASON_SUBJECT_ERASED


class LeaseLost(Conflict):
    """The lease went to another owner; nothing was written."""

    reason = reasons.ERROR_REASON_LEASE_LOST


class LeaseHeld(Conflict):
    """Another device holds the lease: take it over, or wait until it ends."""

    reason = reasons.ERROR_REASON_LEASE_HELD

    def __init__(self, leases: Sequence[Lease]) -> None:
        self.leases = tuple(leases)
        super().__init__()


class LimitReached(LeaseHeld):
    """As many devices as may are active: end it on one of them first."""

    reason = reasons.ERROR_REASON_LIMIT_REACHED


class HandoffSpent(Conflict):
    """The code was used: ask the other device for a new one."""

    reason = reasons.ERROR_REASON_HANDOFF_SPENT


class HandoffOtherCustomer(Conflict):
    """The code is not for this account: ask for one of a single journey."""

    reason = reasons.ERROR_REASON_HANDOFF_OTHER_CUSTOMER


class ConfirmationMissing(Conflict):
    """The code is of somebody who is signed in: sign in here, then claim it."""

    reason = reasons.ERROR_REASON_CONFIRMATION_MISSING


class RebuildRunning(Conflict):
    """The projection is being rebuilt: wait for the end, or cancel it first."""

    reason = reasons.ERROR_REASON_REBUILD_RUNNING


class GroupExists(Conflict):
    """A group with this id is there: take another id, or allow_existing for an equal one."""

    reason = reasons.ERROR_REASON_GROUP_EXISTS


class EtagMismatch(Conflict):
    """The group was changed meanwhile: read it again and decide again."""

    reason = reasons.ERROR_REASON_ETAG_MISMATCH


class ParkedPresent(Conflict):
    """The group has parked events: replay or discard them, or delete with force."""

    reason = reasons.ERROR_REASON_PARKED_PRESENT


class ReplayRunning(Conflict):
    """Parked events of the group are being delivered again: wait until they are settled."""

    reason = reasons.ERROR_REASON_REPLAY_RUNNING


class PositionError(JourneyError):
    """The place asked for cannot be read."""

    reason = reasons.ERROR_REASON_CHECKPOINT_AHEAD


class CheckpointAhead(PositionError):
    """The checkpoint is ahead of the journal."""

    reason = reasons.ERROR_REASON_CHECKPOINT_AHEAD


class JournalRewound(PositionError):
    """The journal was restored or failed over behind this token."""

    reason = reasons.ERROR_REASON_JOURNAL_REWOUND


class ProjectionBehind(PositionError):
    """The read cannot contain the token before the deadline: ask again."""

    reason = reasons.ERROR_REASON_PROJECTION_BEHIND


class Overloaded(JourneyError):
    """The service is busy."""

    reason = reasons.ERROR_REASON_RATE_LIMITED
    retry_after_ms = 1_000


class RateLimited(Overloaded):
    """Over a quota, or refused because the service is busy: repeat after the delay."""

    reason = reasons.ERROR_REASON_RATE_LIMITED


class TooManyStreams(Overloaded):
    """Too many streams are open: close one first."""

    reason = reasons.ERROR_REASON_TOO_MANY_STREAMS


class SlowConsumer(Overloaded):
    """Nothing was taken from the stream for too long: open it again with the last token."""

    reason = reasons.ERROR_REASON_SLOW_CONSUMER


class ClaimLocked(Overloaded):
    """Too many codes were typed: wait a while."""

    reason = reasons.ERROR_REASON_CLAIM_LOCKED
    retry_after_ms = 60_000


class ExpiredInQueue(Overloaded):
    """The deadline passed before work began; nothing was done."""

    reason = reasons.ERROR_REASON_EXPIRED_IN_QUEUE


class Unavailable(JourneyError):
    """The service cannot answer now; repeat with the same ids."""

    reason = reasons.ERROR_REASON_STORAGE_UNAVAILABLE
    outcome: ClassVar[str] = "none"
    retry_after_ms = 500


class Starting(Unavailable):
    """The service starts; nothing was done."""

    reason = reasons.ERROR_REASON_STARTING


class Draining(Unavailable):
    """The service stops; nothing was done: another process serves you."""

    reason = reasons.ERROR_REASON_DRAINING


class StorageUnavailable(Unavailable):
    """The database is away; nothing was done."""

    reason = reasons.ERROR_REASON_STORAGE_UNAVAILABLE


class OutcomeUnknown(Unavailable):
    """The write may have happened: send it again with the same ids."""

    reason = reasons.ERROR_REASON_OUTCOME_UNKNOWN
    outcome = "unknown"


class TransportUnsupported(JourneyError):
    """This call needs native gRPC."""

    reason = reasons.ERROR_REASON_TRANSPORT_UNSUPPORTED


class EventUnreadable(JourneyError):
    """A stored event is damaged; it is not served."""

    reason = reasons.ERROR_REASON_EVENT_UNREADABLE


class Bug(JourneyError):
    """A fault of the service; the request id finds it in the log."""

    reason = reasons.ERROR_REASON_BUG
