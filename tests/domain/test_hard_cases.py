"""Hard cases 14 to 20 of the journeys page: clocks, repeats, gaps, bad and old interactions.

PH is the phone, TV the television; 20:00h is a true time of day.
"""

from __future__ import annotations

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import (
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
    TIME_QUALITY_FLOOR,
    TIME_QUALITY_MONO,
)
from journey_service.domain.append import decide
from journey_service.domain.batch import Known, Refusal, Stamp
from journey_service.domain.errors import SeqGap
from journey_service.domain.occurrence import observed, occurrence_key
from tests.domain.samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PHONE,
    SECOND,
    TV,
    Stream,
    batch,
    candidate,
    clock,
    pause,
    pauses,
    seen,
    stamps,
)

FACTORY_DATE_MS = 1_230_768_000_000  # 2009
EIGHT, NINE, TEN = NOW, NOW + HOUR, NOW + 2 * HOUR  # 20:00h, 21:00h, 22:00h


def test_hard_case_14_a_restart_with_the_factory_date_does_not_beat_what_another_device_did() -> (
    None
):
    stream = Stream()
    stream.append(pauses(1, received_ms=EIGHT - HOUR, clock=clock(sent_wall_ms=NOW)))
    last_token = seen(1, issued_ms=EIGHT, floor=Stamp(EIGHT - HOUR, 0))
    [on_tv] = stream.append(pauses(9, installation_id=TV, received_ms=NINE, sequenced=False)).events

    offline = [
        candidate(
            pause(seq, boot_id="factory", wall_ms=FACTORY_DATE_MS + seq * MINUTE), seen=last_token
        )
        for seq in (2, 3)
    ]
    right_again = clock(boot_id="right", sent_wall_ms=TEN, sent_mono_ms=MINUTE)
    events = stream.append(batch(*offline, received_ms=TEN, clock=right_again)).events

    assert [event.time_quality for event in events] == [TIME_QUALITY_FLOOR] * 2
    assert stamps(events) == [(EIGHT, 0), (EIGHT, 1)]
    assert max(stream.events, key=occurrence_key) == on_tv
    assert [event.outcome for event in events] == [OUTCOME_ACCEPTED] * 2
    assert not observed(events[-1].cut, on_tv)


def test_hard_case_14_without_token_the_last_event_of_the_device_is_the_floor() -> None:
    stream = Stream()
    stream.append(pauses(1, received_ms=EIGHT))
    offline = candidate(pause(2, boot_id="factory", wall_ms=FACTORY_DATE_MS))
    [event] = stream.append(
        batch(offline, received_ms=TEN, clock=clock(boot_id="right", sent_wall_ms=TEN))
    ).events
    assert (event.time_quality, stamps([event])) == (TIME_QUALITY_FLOOR, [(EIGHT, 1)])


def test_hard_case_15_a_date_set_ahead_and_back_changes_neither_order_nor_time() -> None:
    year = 365 * DAY
    acts = [
        candidate(pause(1, mono_ms=10 * MINUTE, wall_ms=NOW)),
        candidate(pause(2, mono_ms=20 * MINUTE, wall_ms=NOW + 10 * MINUTE + year)),
        candidate(pause(3, mono_ms=30 * MINUTE, wall_ms=NOW + 20 * MINUTE)),
    ]
    sent = clock(sent_mono_ms=HOUR, sent_wall_ms=NOW + 50 * MINUTE, rtt_ms=400)
    decision = decide(batch(*acts, received_ms=NOW + 50 * MINUTE, clock=sent), Known())

    truth = [NOW, NOW + 10 * MINUTE, NOW + 20 * MINUTE]
    found = [stamp.t_ms for stamp in stamps(decision.events)]
    assert all(abs(at - true) <= SECOND for at, true in zip(found, truth, strict=True))
    assert found == sorted(found)
    assert {event.time_quality for event in decision.events} == {TIME_QUALITY_MONO}
    assert decision.clock_warning


def test_hard_case_16_one_batch_sent_three_times_is_stored_once_and_answered_alike() -> None:
    stream = Stream()
    first = stream.record(pauses(1, 2, 3))
    second = stream.record(pauses(1, 2, 3))
    # The third comes an hour later, after a lost answer, with its clocks read anew.
    third = stream.record(pauses(1, 2, 3, received_ms=NINE, clock=clock(sent_mono_ms=HOUR)))

    assert len(stream.events) == 3
    assert not any(answer.duplicate for answer in first)
    for again in (second, third):
        assert all(answer.duplicate for answer in again)
        assert [(answer.version, answer.outcome) for answer in again] == [
            (answer.version, answer.outcome) for answer in first
        ]


def test_hard_case_17_nothing_is_stored_behind_a_gap_and_all_in_order_once_it_is_closed() -> None:
    stream = Stream()
    stream.append(pauses(1, 2))
    with pytest.raises(SeqGap) as refused:
        stream.append(pauses(5, 6, 7, 8, 9))
    assert refused.value.expected_seq == 3
    assert len(stream.events) == 2

    stream.append(pauses(*range(3, 10)))
    assert [event.occurrence.seq for event in stream.events] == list(range(1, 10))
    assert sorted(stream.events, key=occurrence_key) == stream.events


def test_hard_case_18_one_invalid_interaction_spoils_nothing() -> None:
    stream = Stream()
    bad = candidate(pause(2), refusal=Refusal(reasons.ERROR_REASON_RUN_MISMATCH))
    answers = stream.record(batch(candidate(pause(1)), bad, candidate(pause(3))))

    assert [answer.outcome for answer in answers] == [
        OUTCOME_ACCEPTED,
        OUTCOME_REJECTED,
        OUTCOME_ACCEPTED,
    ]
    assert answers[1].reason == reasons.ERROR_REASON_RUN_MISMATCH
    assert stream.watermarks[PHONE][0] == 3
    assert [answer.version for answer in answers] == [1, 2, 3]


def test_hard_case_19_a_batch_that_was_not_written_is_decided_anew_as_if_never_sent() -> None:
    """Deciding keeps nothing: where the database was away nothing is known of the batch."""
    known = Known(version=4, processed_seq=2, previous=Stamp(NOW - HOUR, 0))
    lost = decide(pauses(3, 4), known)
    repeated = decide(pauses(3, 4), known)
    assert repeated == lost
    assert not any(answer.duplicate for answer in repeated.results)


def test_hard_case_20_an_act_of_31_days_ago_is_kept_without_effect() -> None:
    stream = Stream()
    old = candidate(pause(1))
    sent = batch(old, clock=clock(sent_mono_ms=31 * DAY))
    [answer] = stream.record(sent)
    assert (answer.outcome, answer.reason) == (
        OUTCOME_QUARANTINED,
        reasons.ERROR_REASON_TOO_OLD,
    )
    [event] = stream.events
    assert event.interaction == old.interaction
    assert stream.watermarks[PHONE][0] == 1
    assert stream.record(sent)[0].duplicate
