from typing import Any

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import (
    ACTOR_KIND_STAFF,
    ACTOR_KIND_SYSTEM,
    DATA_CLASS_PERSONAL,
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
    TIME_QUALITY_MONO,
    TIME_QUALITY_TRUSTED,
    Actor,
    Outcome,
    StreamVersion,
)
from journey.v1.interactions_pb2 import (
    Interaction,
    InteractionRejected,
    MediaProgressed,
    OrderPlaced,
    SessionClosed,
)
from journey.v1.references_pb2 import FieldViolation, JourneyRef
from journey_service.domain.append import decide
from journey_service.domain.batch import Candidate, Known, KnownEvent, Refusal, Seen, Stamp
from journey_service.domain.errors import (
    InstallationCloned,
    SeqGap,
    SubjectErased,
)
from tests.domain.samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PHONE,
    SUBJECT,
    SYSTEM,
    TV,
    Stream,
    batch,
    candidate,
    clock,
    event_id,
    pause,
    pauses,
    seen,
    stamps,
    unsequenced,
)

VIOLATION = FieldViolation(path="media_paused.point_ms", rule="must be at least 0; is -1")
UNREASONED = reasons.ERROR_REASON_UNSPECIFIED
BAD = Refusal(reasons.ERROR_REASON_FIELD_VIOLATIONS, (VIOLATION,))


def progress(seq: int, **facts: Any) -> Candidate:
    """Telemetry of the film."""
    report = pause(seq)
    report.media_progressed.CopyFrom(MediaProgressed(point_ms=seq))
    return candidate(report, **facts)


# --- what is written -----------------------------------------------------------------------------


def test_an_event_says_all_that_the_server_knows() -> None:
    act = pause(1, mono_ms=HOUR, wall_ms=NOW - 7)
    token = Seen({"visitor": 3, SUBJECT: 8, "empty": 0}, NOW - DAY, Stamp(NOW - DAY, 0))
    sent = batch(
        candidate(act, seen=token, data_class=DATA_CLASS_PERSONAL, seen_ignored=True),
        clock=clock(sent_mono_ms=HOUR + 2 * MINUTE),
        session_id="12.session",
    )
    decision = decide(sent, Known(version=8))
    [event], [result] = decision.events, decision.results
    happened = event.occurrence
    assert (event.subject_id, event.version, event.type) == (SUBJECT, 9, "media.paused")
    assert (happened.t_ms, happened.counter) == (NOW - 2 * MINUTE, 0)
    assert (happened.installation_id, happened.seq) == (PHONE, 1)
    assert (event.time_quality, event.skew_ms, event.late) == (TIME_QUALITY_MONO, 119_993, True)
    assert (event.received_ms, event.session_id, event.actor) == (NOW, "12.session", sent.actor)
    assert (event.outcome, event.reason) == (OUTCOME_ACCEPTED, 0)
    assert list(event.cut.versions) == [
        StreamVersion(subject_id="visitor", version=3),
        StreamVersion(subject_id=SUBJECT, version=8),
    ]
    assert (event.cut.installation_id, event.cut.before) == (PHONE, happened)
    assert event.interaction == act
    assert event.content_hash == sent.candidates[0].content_hash
    assert event.data_class == DATA_CLASS_PERSONAL
    assert (event.partition, event.position, event.recorded_at_ms) == (0, 0, 0)
    assert not event.HasField("machine")
    assert (result.seq, result.event_id, result.version) == (1, event_id(1), 9)
    assert (result.outcome, result.duplicate, result.seen_ignored) == (
        OUTCOME_ACCEPTED,
        False,
        True,
    )


def test_the_candidate_is_left_as_it_is() -> None:
    sent = pauses(1)
    before = sent.candidates[0].interaction.SerializeToString()
    decide(sent, Known())
    assert sent.candidates[0].interaction.SerializeToString() == before


@pytest.mark.parametrize(("age_ms", "late"), [(MINUTE, False), (MINUTE + 1, True)])
def test_what_arrives_more_than_a_minute_after_it_happened_is_late(age_ms: int, late: bool) -> None:
    sent = batch(candidate(pause(1)), clock=clock(sent_mono_ms=age_ms))
    assert decide(sent, Known()).events[0].late is late


def test_telemetry_is_stamped_without_what_was_seen_and_has_no_cut() -> None:
    floor = Stamp(NOW, 9)
    decision = decide(batch(progress(1, seen=seen(floor=floor))), Known())
    assert stamps(decision.events) == [(NOW, 0)]
    assert not decision.events[0].HasField("cut")


def test_who_saw_nothing_knows_its_own_acts() -> None:
    [event] = decide(pauses(1), Known()).events
    assert (list(event.cut.versions), event.cut.installation_id) == ([], PHONE)


def test_an_order_cancels_nothing_by_itself() -> None:
    order = pause(1, journey=JourneyRef(kind="order", journey_id="o1"))
    order.order_placed.CopyFrom(OrderPlaced())
    [event] = decide(batch(candidate(order, seen=seen(4))), Known()).events
    assert not event.HasField("cut")


def test_each_event_of_a_batch_has_the_cut_of_its_own_token() -> None:
    tokens = [seen(1), seen(1), seen(2), None, seen(1)]
    acts = [candidate(pause(n + 1), seen=token) for n, token in enumerate(tokens)]
    events = decide(batch(*acts), Known(version=2)).events
    versions = [[seen.version for seen in event.cut.versions] for event in events]
    assert versions == [[1], [1], [2], [], [1]]
    assert [event.cut.before for event in events] == [event.occurrence for event in events]


def test_a_batch_is_stamped_in_the_order_of_its_numbers() -> None:
    events = decide(pauses(1, 2, 3), Known(previous=Stamp(NOW, 4))).events
    assert stamps(events) == [(NOW, 5), (NOW, 6), (NOW, 7)]


@pytest.mark.parametrize(("ahead_ms", "warned"), [(5 * MINUTE, False), (5 * MINUTE + 1, True)])
def test_a_clock_off_by_more_than_five_minutes_is_told(ahead_ms: int, warned: bool) -> None:
    assert (
        decide(batch(candidate(pause(1, wall_ms=NOW + ahead_ms))), Known()).clock_warning is warned
    )


def test_what_holds_after_a_write_is_what_the_next_one_stands_on() -> None:
    first = decide(pauses(1, 2), Known(version=5, floor=Stamp(NOW - 1, 0)))
    assert (first.known.version, first.known.processed_seq) == (7, 2)
    assert first.known.previous == first.known.floor == (NOW, 1)
    assert decide(pauses(1, 2), first.known).events == ()


def test_a_floor_of_others_stays() -> None:
    ahead = Stamp(NOW + DAY, 0)
    assert decide(pauses(1), Known(floor=ahead)).known.floor == ahead


# --- numbers -------------------------------------------------------------------------------------


def test_a_batch_behind_a_gap_is_refused_with_the_number_expected() -> None:
    with pytest.raises(SeqGap) as refused:
        decide(pauses(5, 6), Known(processed_seq=2))
    assert refused.value.expected_seq == 3
    assert refused.value.metadata == {"expected_seq": "3"}


def test_a_number_used_for_what_nobody_knows_gives_a_copied_storage_away() -> None:
    with pytest.raises(InstallationCloned):
        decide(pauses(3, 4), Known(processed_seq=3))


def test_a_batch_may_begin_with_what_is_known_and_go_on_with_what_is_new() -> None:
    stream = Stream()
    stream.append(pauses(1, 2))
    again, new = stream.record(pauses(2, 3))
    assert (again.version, again.duplicate) == (2, True)
    assert (new.version, new.duplicate) == (3, False)


def test_a_known_event_under_a_new_number_moves_the_watermark() -> None:
    stream = Stream()
    stream.append(pauses(1))
    renumbered = [candidate(pause(1)), candidate(pause(2, event_id=event_id(9)))]
    answers = stream.record(batch(*renumbered, installation_id=TV))
    assert [answer.duplicate for answer in answers] == [True, False]
    assert stream.watermarks[TV][0] == 2


def test_a_known_id_with_other_content_is_refused_and_the_first_content_stays() -> None:
    stream = Stream()
    stream.append(pauses(1))
    other = candidate(pause(2, event_id=event_id(1)))
    [answer] = stream.record(batch(other))
    assert (answer.outcome, answer.reason) == (
        OUTCOME_REJECTED,
        reasons.ERROR_REASON_EVENT_ID_REUSED,
    )
    assert (answer.version, answer.duplicate) == (0, False)
    assert (len(stream.events), stream.watermarks[PHONE][0]) == (1, 2)
    assert stream.record(batch(other)) == (answer,)


def test_one_id_twice_in_a_batch_is_recorded_once() -> None:
    same = pause(1)
    same.seq = 2
    other = pause(3, event_id=same.event_id)
    acts = [candidate(act) for act in (pause(1), same, other)]
    decision = decide(batch(*acts), Known(version=4))
    first, again, reused = decision.results
    assert (first.version, again.version, again.duplicate) == (5, 5, True)
    assert reused.reason == reasons.ERROR_REASON_EVENT_ID_REUSED
    assert len(decision.events) == 1
    assert decision.known.processed_seq == 3


def test_a_repeat_gets_the_place_it_was_given() -> None:
    act = candidate(pause(1))
    recorded = KnownEvent(7, 70, OUTCOME_ACCEPTED, UNREASONED, act.content_hash)
    known = Known(version=9, processed_seq=1, events={event_id(1): recorded})
    [answer] = decide(batch(act), known).results
    assert (answer.version, answer.position, answer.duplicate) == (7, 70, True)


def test_an_erased_subject_takes_nothing() -> None:
    with pytest.raises(SubjectErased):
        decide(pauses(1), Known(erased=True))


# --- refusals ------------------------------------------------------------------------------------


def refused(seq: int = 1, refusal: Refusal = BAD, **facts: Any) -> Candidate:
    return candidate(pause(seq), refusal=refusal, **facts)


def test_a_refusal_is_recorded_without_its_content() -> None:
    [event] = decide(batch(refused(seen=seen())), Known()).events
    assert event.type == "journey.interaction_rejected"
    assert (event.outcome, event.reason) == (OUTCOME_REJECTED, BAD.reason)
    assert event.actor == Actor(kind=ACTOR_KIND_SYSTEM)
    assert event.interaction == Interaction(
        event_id=event_id(1),
        seq=1,
        interaction_rejected=InteractionRejected(
            event_id=event_id(1), seq=1, type="media.paused", reason=BAD.reason
        ),
    )
    assert (event.content_hash, event.occurrence.seq) == (refused().content_hash, 1)
    assert not event.HasField("cut")


def test_a_refusal_for_lack_of_consent_tells_no_type() -> None:
    refusal = Refusal(reasons.ERROR_REASON_PURPOSE_NOT_ALLOWED)
    [event] = decide(batch(refused(refusal=refusal)), Known()).events
    assert event.interaction.interaction_rejected.type == ""


def test_a_repeated_refusal_is_answered_as_the_first_time() -> None:
    stream = Stream()
    [first] = stream.record(batch(refused()))
    [again] = stream.record(batch(refused()))
    assert list(first.violations) == [VIOLATION]
    assert again.duplicate
    again.duplicate = False
    assert (again, len(stream.events)) == (first, 1)


def test_violations_that_were_stored_are_answered_as_stored() -> None:
    act = candidate(pause(1))
    stored = KnownEvent(
        1, 1, OUTCOME_REJECTED, BAD.reason, act.content_hash, violations=(VIOLATION,)
    )
    known = Known(version=1, processed_seq=1, events={event_id(1): stored})
    [answer] = decide(batch(act), known).results
    assert list(answer.violations) == [VIOLATION]


def test_a_repeat_of_what_was_accepted_stays_accepted_under_stricter_rules() -> None:
    stream = Stream()
    stream.append(pauses(1))
    [answer] = stream.record(batch(refused()))
    assert (answer.outcome, list(answer.violations)) == (OUTCOME_ACCEPTED, [])


def test_a_refusal_keeps_its_place_in_the_order_of_the_installation() -> None:
    acts = [candidate(pause(1)), refused(2), candidate(pause(3))]
    events = decide(batch(*acts), Known()).events
    assert stamps(events) == [(NOW, 0), (NOW, 1), (NOW, 2)]
    assert [event.version for event in events] == [1, 2, 3]


def test_an_id_that_was_written_otherwise_is_answered_as_sent() -> None:
    act = candidate(pause(1), sent_event_id=event_id(1).upper())
    [answer] = decide(batch(act), Known()).results
    assert answer.event_id == event_id(1).upper()


# --- age -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age_ms", "outcome", "reason"),
    [
        (30 * DAY, OUTCOME_ACCEPTED, 0),
        (30 * DAY + 1, OUTCOME_QUARANTINED, reasons.ERROR_REASON_TOO_OLD),
    ],
)
def test_what_is_older_than_thirty_days_is_quarantined(
    age_ms: int, outcome: Outcome, reason: reasons.ErrorReason
) -> None:
    decision = decide(batch(candidate(pause(1)), clock=clock(sent_mono_ms=age_ms)), Known())
    [event], [result] = decision.events, decision.results
    assert (event.outcome, event.reason) == (result.outcome, result.reason) == (outcome, reason)
    assert event.HasField("interaction")


def test_the_late_limit_is_a_setting() -> None:
    sent = batch(candidate(pause(1)), clock=clock(sent_mono_ms=HOUR))
    assert decide(sent, Known(), late_limit_ms=MINUTE).results[0].outcome == OUTCOME_QUARANTINED


def test_a_trusted_clock_knows_no_late_limit() -> None:
    sent = unsequenced(1, trusted_clock=True)
    sent.candidates[0].interaction.wall_ms = NOW - 4_000 * DAY
    [event] = decide(sent, Known()).events
    assert (event.outcome, event.occurrence.t_ms) == (OUTCOME_ACCEPTED, NOW - 4_000 * DAY)
    assert event.time_quality == TIME_QUALITY_TRUSTED


# --- back ends and the service itself ------------------------------------------------------------


def test_unsequenced_events_are_known_by_their_ids_and_sorted_by_their_versions() -> None:
    stream = Stream()
    stream.append(unsequenced(4, 9))
    again = stream.record(unsequenced(9, 5))
    assert [(answer.version, answer.duplicate) for answer in again] == [(2, True), (3, False)]
    assert [event.occurrence.seq for event in stream.events] == [1, 2, 3]


def test_unsequenced_events_follow_no_event_of_their_source() -> None:
    known = Known(version=3, previous=Stamp(NOW + DAY, 0), processed_seq=8)
    decision = decide(unsequenced(1, 2), known)
    assert stamps(decision.events) == [(NOW, 0), (NOW, 0)]
    assert (decision.known.processed_seq, decision.known.previous) == (8, (NOW + DAY, 0))


def test_a_back_end_without_token_and_installation_has_no_cut() -> None:
    [event] = decide(unsequenced(1), Known()).events
    assert not event.HasField("cut")


def test_a_back_end_that_says_what_it_saw_has_a_cut() -> None:
    sent = unsequenced(1)
    [event] = decide(
        batch(
            candidate(sent.candidates[0].interaction, seen=seen(2)),
            installation_id="",
            sequenced=False,
        ),
        Known(),
    ).events
    assert [seen.version for seen in event.cut.versions] == [2]


def test_staff_act_for_the_customer_and_are_named() -> None:
    clerk = Actor(kind=ACTOR_KIND_STAFF, id="clerk-7")
    [event] = decide(pauses(1, actor=clerk), Known()).events
    assert event.actor == clerk


def test_what_the_service_decides_happens_when_it_is_recorded() -> None:
    fact = Interaction(event_id=event_id(1), session_closed=SessionClosed(session_id="s"))
    cause = Seen({}, NOW - HOUR, Stamp(NOW, 3))
    decided = batch(
        candidate(fact, seen=cause), installation_id="", actor=SYSTEM, clock=None, sequenced=False
    )
    [event] = decide(decided, Known(version=6)).events
    assert event.time_quality == TIME_QUALITY_TRUSTED
    assert stamps([event]) == [(NOW, 4)]
    assert (event.occurrence.installation_id, event.occurrence.seq) == ("", 7)
