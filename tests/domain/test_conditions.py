"""Batches with conditions, and transitions of machines."""

from typing import Any

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import (
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
)
from journey.v1.references_pb2 import FieldViolation
from journey_service.domain.append import decide
from journey_service.domain.batch import Candidate, Known, Refusal
from journey_service.domain.errors import (
    BatchRefused,
    VersionConflict,
)
from tests.domain.samples import (
    DAY,
    SUBJECT,
    Stream,
    batch,
    candidate,
    clock,
    event_id,
    message,
    pause,
    unsequenced,
)

VIOLATION = FieldViolation(path="media_paused.point_ms", rule="must be at least 0; is -1")
BAD = Refusal(reasons.ERROR_REASON_FIELD_VIOLATIONS, (VIOLATION,))


def refused(seq: int = 1, refusal: Refusal = BAD, **facts: Any) -> Candidate:
    return candidate(pause(seq), refusal=refusal, **facts)


# --- conditions ----------------------------------------------------------------------------------


def test_a_stream_at_the_expected_version_is_written() -> None:
    assert decide(unsequenced(1, expected_version=4), Known(version=4)).events


def test_a_stream_at_another_version_is_told() -> None:
    with pytest.raises(VersionConflict) as refused:
        decide(unsequenced(1, expected_version=4), Known(version=5))
    conflict = refused.value
    assert (conflict.subject_id, conflict.expected_version) == (SUBJECT, 4)
    assert conflict.current_version == 5


def test_a_known_batch_is_answered_wherever_the_stream_stands() -> None:
    stream = Stream()
    stream.append(unsequenced(1, 2, expected_version=0, atomic=True))
    stream.append(unsequenced(3))
    again = stream.record(unsequenced(1, 2, expected_version=0, atomic=True))
    assert [(answer.version, answer.duplicate) for answer in again] == [(1, True), (2, True)]


@pytest.mark.parametrize("condition", [{"atomic": True}, {"expected_version": 2}])
def test_a_conditional_batch_that_is_partly_known_is_refused_whole(
    condition: dict[str, Any],
) -> None:
    stream = Stream()
    stream.append(unsequenced(1, 2))
    with pytest.raises(BatchRefused) as refused:
        stream.append(unsequenced(3, 2, 4, **condition))
    assert refused.value.metadata == {"index": "1"}
    assert refused.value.refused_reason == reasons.ERROR_REASON_EVENT_ID_REUSED


def test_a_partly_known_batch_whose_stream_moved_on_is_a_conflict_of_versions() -> None:
    stream = Stream()
    stream.append(unsequenced(1, 2))
    with pytest.raises(VersionConflict):
        stream.append(unsequenced(2, 3, expected_version=1))


def test_a_known_id_with_other_content_is_told_before_any_condition() -> None:
    stream = Stream()
    stream.append(unsequenced(1))
    other = unsequenced(1, expected_version=0)
    other.candidates[0].interaction.wall_ms += 1
    other = batch(candidate(other.candidates[0].interaction), sequenced=False, expected_version=0)
    assert stream.record(other)[0].reason == reasons.ERROR_REASON_EVENT_ID_REUSED


def test_the_first_refusal_fails_an_atomic_batch() -> None:
    with pytest.raises(BatchRefused) as refused_whole:
        decide(batch(candidate(pause(1)), refused(2), refused(3), atomic=True), Known())
    error = refused_whole.value
    assert (error.metadata, error.refused_reason) == ({"index": "1"}, BAD.reason)
    assert error.violations == (VIOLATION,)


def test_an_id_reused_inside_an_atomic_batch_fails_it() -> None:
    acts = [candidate(pause(1)), candidate(pause(2, event_id=event_id(1)))]
    with pytest.raises(BatchRefused) as refused_whole:
        decide(batch(*acts, atomic=True), Known())
    assert refused_whole.value.metadata == {"index": "1"}


def test_quarantine_is_no_refusal() -> None:
    sent = batch(candidate(pause(1)), clock=clock(sent_mono_ms=31 * DAY), atomic=True)
    assert decide(sent, Known()).results[0].outcome == OUTCOME_QUARANTINED


# --- machines ------------------------------------------------------------------------------------

CHAT = ("conversation", "chat")


def test_each_transition_takes_the_next_rev_of_its_journey() -> None:
    acts = [message(1, 4), message(2), message(3, 0, journey_id="other"), message(4, 6)]
    decision = decide(batch(*acts), Known(revs={CHAT: 4}))
    machines = [(event.machine.home, event.machine.rev) for event in decision.events]
    assert machines == [(SUBJECT, 5), (SUBJECT, 6), (SUBJECT, 1), (SUBJECT, 7)]
    assert decision.known.revs == {CHAT: 7, ("conversation", "other"): 1}


def test_a_decision_on_an_old_screen_is_refused_and_moves_no_rev() -> None:
    stale = batch(message(1, 3), message(2, 4))
    decision = decide(stale, Known(revs={CHAT: 4}))
    [refusal, accepted] = decision.results
    assert (refusal.outcome, refusal.reason) == (
        OUTCOME_REJECTED,
        reasons.ERROR_REASON_REV_MISMATCH,
    )
    assert (accepted.outcome, decision.events[1].machine.rev) == (OUTCOME_ACCEPTED, 5)


def test_a_repeated_transition_is_answered_though_its_rev_has_passed() -> None:
    stream = Stream()
    stream.append(batch(message(1, 0)))
    [again] = stream.record(batch(message(1, 0)))
    assert (again.outcome, again.duplicate, stream.revs) == (OUTCOME_ACCEPTED, True, {CHAT: 1})


def test_a_stale_screen_fails_an_atomic_batch() -> None:
    with pytest.raises(BatchRefused) as refused_whole:
        decide(batch(message(1, 3), atomic=True), Known())
    assert refused_whole.value.refused_reason == reasons.ERROR_REASON_REV_MISMATCH


def test_a_quarantined_transition_moves_no_rev() -> None:
    decision = decide(batch(message(1, 0), clock=clock(sent_mono_ms=31 * DAY)), Known())
    assert decision.known.revs == {}
    assert not decision.events[0].HasField("machine")
