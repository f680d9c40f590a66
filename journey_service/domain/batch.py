"""What a caller hands to the journal, what the journal knows, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import DATA_CLASS_UNSPECIFIED, Actor, DataClass, Event, Outcome
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.references_pb2 import FieldViolation

if TYPE_CHECKING:
    from journey_service.domain.leases import Held, LeaseBook, LeaseRow
    from journey_service.domain.machines import Journeys


class Stamp(NamedTuple):
    """The comparable head of an occurrence: ms since 1970 UTC and the causal counter."""

    t_ms: int
    counter: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a usable `seen` token says: stream versions, when it was made, greatest stamp in it."""

    versions: Mapping[str, int]
    issued_ms: int
    floor: Stamp


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an interaction is REJECTED whatever the journal knows."""

    reason: ErrorReason
    violations: tuple[FieldViolation, ...] = ()

    @classmethod
    def of(cls, reason: ErrorReason, path: str, rule: str) -> Refusal:
        """For one field that breaks one rule."""
        return cls(reason, (FieldViolation(path=path, rule=rule),))


@dataclass(slots=True)
class Candidate:
    """One interaction, checked against its rules but not yet against the journal. A value: it is
    not frozen only because freezing costs more than making it, for every event.

    `content_hash` is the first 16 bytes of SHA-256 over the deterministic serialization of
    journey, body, wall_ms, mono_ms and boot_id, as sent. `seen` is None where nothing usable was
    given. `sent_event_id` is how the client wrote the id, where that is not how it is recorded.
    """

    interaction: Interaction
    type: str
    content_hash: bytes
    telemetry: bool = False
    machine: bool = False
    seen: Seen | None = None
    seen_ignored: bool = False
    refusal: Refusal | None = None
    data_class: DataClass = DATA_CLASS_UNSPECIFIED
    sent_event_id: str = ""
    only_if_free: bool = False


@dataclass(frozen=True, slots=True)
class LeaseLimit:
    """How many devices of a group may hold leases at once, by kind; the oldest gives way or not."""

    group: str
    most: Mapping[str, int]
    evict: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Candidates of one installation or back end for one stream, in seq order.

    `sequenced` batches move the watermark of (installation, subject); the others are known by
    event id alone. `trusted_clock` takes wall_ms as it is. `clock` is None for system events.
    `limit` counts its leases. `signed_out`: from when to when its device was signed out from
    elsewhere, ms since 1970 UTC. `beside`: by key, what the customer's other subjects have of
    journeys that rules look at.
    `journal_id`-bound checks are the application's; the journal only decides and writes.
    """

    subject_id: str
    installation_id: str
    candidates: tuple[Candidate, ...]
    received_ms: int
    actor: Actor
    session_id: str = ""
    clock: ClientClock | None = None
    sequenced: bool = True
    trusted_clock: bool = False
    atomic: bool = False
    expected_version: int | None = None
    signed_out: tuple[int, int] | None = None
    limit: LeaseLimit | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class KnownEvent:
    """A recorded event as far as a repeat of it needs to be answered; a value, like Candidate.

    `lease_epoch`: of the lease that it took. `same_as`: it was refused, and answered as the
    accepted event of this version; 0 = it was not.
    """

    version: int
    position: int
    outcome: Outcome
    reason: ErrorReason
    content_hash: bytes
    violations: tuple[FieldViolation, ...] = ()
    same_as: int = 0
    lease_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal knows of a batch's stream, read under the partition's lock.

    `processed_seq` and `previous` are the watermark of (installation, subject). `events` holds
    the batch's event ids that are recorded; `revs` the machine revs of its journeys, 0 = none.
    `floor` is the greatest stamp in the stream. `journeys` are read for batches that a rule of
    their journeys concerns; None = nobody asks. `leases` are the rows of the journeys whose leases
    the batch concerns, None = it concerns none; `held` those of its limit group.
    """

    version: int = 0
    floor: Stamp = Stamp(0, 0)
    processed_seq: int = 0
    previous: Stamp | None = None
    events: Mapping[str, KnownEvent] = field(default_factory=dict)
    revs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    erased: bool = False
    journeys: Journeys | None = None
    leases: Mapping[tuple[str, str], LeaseRow] | None = None
    held: Sequence[Held] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What to write and what to answer.

    `events` lack partition, position and recorded_at_ms, which the journal fills; versions are
    dense from `Known.version` + 1. `results` stand one per candidate and lack the partition; those
    with version > 0 and position 0 also lack the position, which is that of the event with this
    version. `known` is what holds after the write, its `events` now hold the batch's (position 0).
    `leases`: what changed of them. `clock_warning`: an interaction's wall clock was off by more
    than 5 min.
    """

    events: tuple[Event, ...]
    results: tuple[RecordResult, ...]
    known: Known
    clock_warning: bool = False
    leases: LeaseBook | None = None
