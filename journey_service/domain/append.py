"""What a batch becomes, given what the journal knows: the table of Record, row by row.

    known already? → does the stream stand where it should? → refused? → what does its journey say?
    → too old? → accepted

Pure and shared by every store: the same batch and the same knowledge give the same events, the
same answers and the same knowledge afterwards. An answer never says more than the journal will
still know when the batch comes again.
"""

from __future__ import annotations

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import (
    ACTOR_KIND_SYSTEM,
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
    Actor,
    Cut,
    Event,
)
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.references_pb2 import Lease
from journey_service.domain.answers import rejection, result_of, same_answer
from journey_service.domain.batch import (
    Batch,
    Candidate,
    Decision,
    Known,
    KnownEvent,
    Refusal,
    Seen,
)
from journey_service.domain.errors import (
    BatchRefused,
    InstallationCloned,
    SeqGap,
    SubjectErased,
    VersionConflict,
)
from journey_service.domain.leases import LEASE_LIFE_MS, LeaseBook
from journey_service.domain.machines import REASONS, Objection
from journey_service.domain.occurrence import (
    CLOCK_WARNING_MS,
    LATE_LIMIT_MS,
    LATE_MARK_MS,
    Placed,
    place,
    readings,
)

REJECTED_TYPE = "journey.interaction_rejected"
# An order cancels in a cart what its checkout had in view, not what its own reporter had.
TYPES_WITHOUT_OWN_CUT = frozenset({"order.placed"})

_REUSED = reasons.ERROR_REASON_EVENT_ID_REUSED


def decide(
    batch: Batch,
    known: Known,
    *,
    late_limit_ms: int = LATE_LIMIT_MS,
    lease_life_ms: int = LEASE_LIFE_MS,
) -> Decision:
    """Decide what to write and what to answer.

    Raises SubjectErased, SeqGap, InstallationCloned, VersionConflict, BatchRefused, LeaseHeld and
    LimitReached; nothing of the batch may be written then.
    """
    if known.erased:
        raise SubjectErased
    _check_sequence(batch, known)
    if batch.atomic or batch.expected_version is not None:
        _check_conditions(batch, known)
    writing = _Writing(batch, known, late_limit_ms, lease_life_ms)
    results = tuple([writing.answer(candidate) for candidate in batch.candidates])
    return Decision(
        tuple(writing.events), results, writing.known(), writing.clock_warning, writing.leases
    )


def _check_sequence(batch: Batch, known: Known) -> None:
    if not batch.sequenced:
        return
    first_seq, expected_seq = batch.candidates[0].interaction.seq, known.processed_seq + 1
    if first_seq > expected_seq:
        raise SeqGap(expected_seq, first_seq)


def _check_conditions(batch: Batch, known: Known) -> None:
    """A batch with a condition is wholly new and meets it, or wholly known and answered again.

    Identity goes first: a repeat gets its first answer, wherever the stream stands by now.
    """
    ids = [candidate.interaction.event_id for candidate in batch.candidates]
    repeated = [index for index, event_id in enumerate(ids) if event_id in known.events]
    if len(repeated) == len(ids):
        return
    if batch.expected_version is not None and batch.expected_version != known.version:
        raise VersionConflict(batch.subject_id, batch.expected_version, known.version)
    if repeated:
        raise BatchRefused(repeated[0], _REUSED)


class _Writing:
    """The stream while the batch is written to it, one candidate after the other."""

    def __init__(self, batch: Batch, known: Known, late_limit_ms: int, lease_life_ms: int) -> None:
        self.batch = batch
        self.before = known
        self.late_limit_ms = late_limit_ms
        self.trusted = batch.trusted_clock or batch.actor.kind == ACTOR_KIND_SYSTEM
        self.sent = readings(batch.clock, batch.received_ms, trusted=self.trusted)
        self.version = known.version
        self.floor = known.floor
        self.processed_seq = known.processed_seq
        self.previous = known.previous if batch.sequenced else None
        self.recorded = dict(known.events)
        self.revs = dict(known.revs)
        self.journeys = known.journeys.branch() if known.journeys is not None else None
        if self.journeys is not None and batch.beside:
            self.journeys.join(batch.beside)
        self.leases = (
            LeaseBook(batch, known.leases, known.held, lease_life_ms)
            if known.leases is not None
            else None
        )
        self.events: list[Event] = []
        self.clock_warning = False
        # Parsing what all events of the batch share costs a third of setting it field by field.
        self.blank = _blank(batch).SerializeToString()
        self.cut_of: tuple[Seen | None, bytes] = (None, b"")

    def answer(self, candidate: Candidate) -> RecordResult:
        """Write the candidate, unless it is known, and answer it."""
        earlier = self.recorded.get(candidate.interaction.event_id)
        if self.batch.sequenced:
            self._pass_seq(candidate.interaction.seq, known=earlier is not None)
        if earlier is not None:
            return self._repeat(candidate, earlier)
        if candidate.refusal is not None:
            return self._refuse(candidate, candidate.refusal)
        event, placed = self._draw(candidate)
        if self._is_after_sign_out(placed):
            return self._refuse(candidate, Refusal(reasons.ERROR_REASON_AFTER_SIGN_OUT))
        objection = self._objection(candidate, event)
        if objection is not None:
            return self._object(candidate, objection)
        return self._record(candidate, event, placed)

    def known(self) -> Known:
        """What holds once everything is written."""
        previous = self.previous if self.batch.sequenced else self.before.previous
        return Known(
            self.version,
            self.floor,
            self.processed_seq,
            previous,
            self.recorded,
            self.revs,
            journeys=self.journeys,
        )

    def _pass_seq(self, seq: int, *, known: bool) -> None:
        """Move the watermark; a number that was used for what nobody knows gives a copy away."""
        if seq > self.processed_seq:
            self.processed_seq = seq
        elif not known:
            raise InstallationCloned

    def _repeat(self, candidate: Candidate, earlier: KnownEvent) -> RecordResult:
        """The first answer again; other content under a known id is refused, the first stays."""
        if candidate.content_hash != earlier.content_hash:
            self._refuse_atomic(candidate, Refusal(_REUSED))
            return result_of(candidate, OUTCOME_REJECTED, _REUSED)
        if earlier.same_as:
            return same_answer(candidate, earlier.same_as)
        result = result_of(candidate, earlier.outcome, earlier.reason, earlier.version)
        result.duplicate = True
        result.position = earlier.position
        lease = self._lease_again(candidate, earlier)
        if lease is not None:
            result.lease.CopyFrom(lease)
        self._show_current(candidate, result)
        violations = earlier.violations
        if not violations and earlier.reason and candidate.refusal is not None:
            # They are not stored; the same content breaks the same rules.
            violations = candidate.refusal.violations
        result.violations.extend(violations)
        return result

    def _is_after_sign_out(self, placed: Placed) -> bool:
        """Whether it occurred while its device was signed out from elsewhere."""
        if self.batch.signed_out is None:
            return False
        signed_out_ms, signed_in_ms = self.batch.signed_out
        return signed_out_ms < placed.stamp.t_ms < signed_in_ms

    # --- what the journey says --------------------------------------------------------------------

    def _objection(self, candidate: Candidate, event: Event) -> Objection | None:
        """Why the journey does not take the event; a known key goes before the screen's rev."""
        if self.journeys is None:
            return self._moved_on(candidate)
        return (
            self.journeys.ended(event)
            or self._moved_on(candidate)
            or self.journeys.forbidden(event)
        )

    def _moved_on(self, candidate: Candidate) -> Objection | None:
        """REV_MISMATCH when the journey is not the one that was on the screen."""
        if not candidate.machine or not candidate.interaction.HasField("expected_rev"):
            return None
        if candidate.interaction.expected_rev == self._rev(candidate):
            return None
        return Objection(reasons.ERROR_REASON_REV_MISMATCH)

    def _object(self, candidate: Candidate, objection: Objection) -> RecordResult:
        """Store the refusal and show the journey that refused, or answer as the first time."""
        result = self._refuse(candidate, Refusal(objection.reason), same_as=objection.same_as)
        if objection.same_as:
            return same_answer(candidate, objection.same_as)
        self._show_current(candidate, result)
        return result

    def _show_current(self, candidate: Candidate, result: RecordResult) -> None:
        """Refusals of a journey show it as it stands now; a repeat as it stands by then."""
        if self.journeys is not None and result.reason in REASONS:
            current = self.journeys.current(candidate.interaction, result.reason)
            if current is not None:
                result.current.CopyFrom(current)

    # --- what is written --------------------------------------------------------------------------

    def _refuse(self, candidate: Candidate, refusal: Refusal, *, same_as: int = 0) -> RecordResult:
        """Store that it was refused, without its content, so that a repeat gets the same answer."""
        self._refuse_atomic(candidate, refusal)
        event, placed = self._begin(candidate, REJECTED_TYPE)
        event.outcome = OUTCOME_REJECTED
        event.reason = refusal.reason
        event.same_as = same_as
        event.actor.CopyFrom(Actor(kind=ACTOR_KIND_SYSTEM))
        event.interaction.CopyFrom(rejection(candidate, refusal))
        return self._end(candidate, event, placed, refusal)

    def _draw(self, candidate: Candidate) -> tuple[Event, Placed]:
        """What happened, as it is stored if nothing speaks against it; what happened too long ago
        is stored without effect."""
        event, placed = self._begin(candidate, candidate.type)
        if not self.trusted and self.batch.received_ms - placed.stamp.t_ms > self.late_limit_ms:
            event.outcome = OUTCOME_QUARANTINED
            event.reason = reasons.ERROR_REASON_TOO_OLD
        else:
            event.outcome = OUTCOME_ACCEPTED
            if candidate.machine:
                event.machine.home = self.batch.subject_id
                event.machine.rev = self._rev(candidate) + 1
        event.data_class = candidate.data_class
        event.interaction.MergeFromString(candidate.interaction.SerializeToString())
        if candidate.type in TYPES_WITHOUT_OWN_CUT:
            self._take_cut_over(event)
        elif not candidate.telemetry:
            self._give_cut(event, candidate.seen)
        return event, placed

    def _record(self, candidate: Candidate, event: Event, placed: Placed) -> RecordResult:
        """Store what happened; a transition takes its place in the journey's order."""
        if candidate.machine and event.outcome == OUTCOME_ACCEPTED:
            self.revs[_machine_key(candidate)] = event.machine.rev
        if self.journeys is not None:
            self.journeys.record(event)
        lease = self.leases.judge(candidate, event) if self.leases is not None else None
        result = self._end(candidate, event, placed, None)
        if lease is not None:
            result.lease.CopyFrom(lease)
        return result

    def _lease_again(self, candidate: Candidate, earlier: KnownEvent) -> Lease | None:
        """What a repeat is told of the lease it took: its epoch, and its end if it holds it; or who
        still denies it."""
        if self.leases is None or earlier.outcome != OUTCOME_ACCEPTED:
            return None
        if not earlier.lease_epoch:
            event, _ = self._begin(candidate, candidate.type)
            return self.leases.denial(candidate, event)
        row = self.leases.of(_machine_key(candidate))
        if row.epoch == earlier.lease_epoch:
            return row.lease(*_machine_key(candidate))
        return Lease(journey=candidate.interaction.journey, epoch=earlier.lease_epoch)

    def _begin(self, candidate: Candidate, topic: str) -> tuple[Event, Placed]:
        """The next event of the stream with its place in time."""
        interaction = candidate.interaction
        seen = None if candidate.telemetry else candidate.seen
        placed = place(interaction, self.sent, self.previous, seen, self.late_limit_ms)
        event = Event.FromString(self.blank)
        event.version = self.version + 1
        event.type = topic
        event.time_quality = placed.quality
        event.skew_ms = placed.skew_ms
        event.late = self.batch.received_ms - placed.stamp.t_ms > LATE_MARK_MS
        event.content_hash = candidate.content_hash
        happened = event.occurrence
        happened.t_ms, happened.counter = placed.stamp
        # Numbers count per subject and installation; where there are none the version sorts.
        happened.seq = interaction.seq if self.batch.sequenced else event.version
        return event, placed

    def _end(
        self, candidate: Candidate, event: Event, placed: Placed, refusal: Refusal | None
    ) -> RecordResult:
        """Remember the event and answer it."""
        stamp, self.version = placed.stamp, event.version
        if self.batch.sequenced:
            self.previous = stamp
        self.floor = max(self.floor, stamp)
        if abs(placed.skew_ms) > CLOCK_WARNING_MS:
            self.clock_warning = True
        self.events.append(event)
        outcome, reason = event.outcome, event.reason
        violations = refusal.violations if refusal is not None else ()
        self.recorded[candidate.interaction.event_id] = KnownEvent(
            self.version,
            0,
            outcome,
            reason,
            candidate.content_hash,
            violations,
            event.same_as,
            event.lease_epoch,
        )
        result = result_of(candidate, outcome, reason, self.version)
        if violations:
            result.violations.extend(violations)
        return result

    def _give_cut(self, event: Event, seen: Seen | None) -> None:
        """What the event had in view: what was seen, and all earlier acts of its installation."""
        if seen is None and not self.batch.installation_id:
            return
        if not self.cut_of[1] or self.cut_of[0] is not seen:
            self.cut_of = seen, _cut(seen, self.batch.installation_id).SerializeToString()
        event.cut.MergeFromString(self.cut_of[1])
        before, happened = event.cut.before, event.occurrence
        before.t_ms, before.counter, before.seq = happened.t_ms, happened.counter, happened.seq

    def _take_cut_over(self, event: Event) -> None:
        """What the act that it answers had in view, if it names one that is known."""
        cut = self.journeys.cut_for(event) if self.journeys is not None else None
        if cut is not None:
            event.cut.CopyFrom(cut)

    def _rev(self, candidate: Candidate) -> int:
        return self.revs.get(_machine_key(candidate), 0)

    def _refuse_atomic(self, candidate: Candidate, refusal: Refusal) -> None:
        if self.batch.atomic:
            index = self.batch.candidates.index(candidate)
            raise BatchRefused(index, refusal.reason, refusal.violations)


def _blank(batch: Batch) -> Event:
    """What all events of the batch have in common."""
    blank = Event(
        subject_id=batch.subject_id,
        received_ms=batch.received_ms,
        session_id=batch.session_id,
        actor=batch.actor,
    )
    blank.occurrence.installation_id = batch.installation_id
    return blank


def _cut(seen: Seen | None, installation_id: str) -> Cut:
    """All of a cut but its stamp, which is that of the event."""
    cut = Cut()
    cut.installation_id = cut.before.installation_id = installation_id
    for subject_id, version in sorted(seen.versions.items()) if seen is not None else ():
        if version:
            entry = cut.versions.add()
            entry.subject_id, entry.version = subject_id, version
    return cut


def _machine_key(candidate: Candidate) -> tuple[str, str]:
    journey = candidate.interaction.journey
    return journey.kind, journey.journey_id
