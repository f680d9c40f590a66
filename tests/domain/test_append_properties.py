"""Batches cut, repeated and mixed at will, against what the journal knew when they came."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.v1 import errors_pb2 as reasons
from journey.v1.journey_service_pb2 import RecordResult
from journey_service.domain.append import decide
from journey_service.domain.batch import Batch, Candidate, Refusal
from journey_service.domain.errors import SeqGap
from journey_service.domain.occurrence import occurrence_key
from tests.domain.samples import (
    DAY,
    HOUR,
    NOW,
    PHONE,
    TV,
    Stream,
    batch,
    candidate,
    clock,
    event_id,
    pause,
)

# Being measured takes longer than what it does; other tests reach all lines of it.
pytestmark = pytest.mark.unmeasured

INSTALLATIONS = (PHONE, TV)
QUEUE = 8
BAD = Refusal(reasons.ERROR_REASON_RUN_MISMATCH)

# One sending: whose queue, from and to which number, how long after the first one.
sendings = st.lists(
    st.tuples(
        st.sampled_from(INSTALLATIONS),
        st.integers(1, QUEUE),
        st.integers(1, QUEUE),
        st.integers(0, DAY),
    ),
    min_size=1,
    max_size=12,
)
bad_numbers = st.frozensets(st.integers(1, QUEUE), max_size=3)


def queued(installation_id: str, number: int, bad: frozenset[int]) -> Candidate:
    """What stands at a number of an installation's queue; the same whenever it is sent."""
    act = pause(
        number,
        event_id=event_id(number + QUEUE * INSTALLATIONS.index(installation_id)),
        mono_ms=number * HOUR,
        wall_ms=NOW + number * HOUR,
    )
    return candidate(act, refusal=BAD if number in bad else None)


def sent(
    sending: tuple[str, int, int, int], bad: frozenset[int], **conditions: bool | int
) -> Batch:
    installation_id, one, other, after_ms = sending
    numbers = range(min(one, other), max(one, other) + 1)
    return batch(
        *(queued(installation_id, number, bad) for number in numbers),
        installation_id=installation_id,
        received_ms=NOW + DAY + after_ms,
        clock=clock(sent_mono_ms=DAY + after_ms, sent_wall_ms=NOW + DAY + after_ms),
        **conditions,
    )


def told(result: RecordResult) -> tuple[int, int, int]:
    return result.version, result.outcome, result.reason


@settings(deadline=None)
@given(plan=sendings, bad=bad_numbers)
def test_however_often_it_is_sent_everything_is_stored_once_and_answered_alike(
    plan: list[tuple[str, int, int, int]], bad: frozenset[int]
) -> None:
    stream, answers = Stream(), dict[str, RecordResult]()
    for sending in plan:
        try:
            results = stream.record(sent(sending, bad))
        except SeqGap:
            continue
        for result in results:
            first = answers.setdefault(result.event_id, result)
            assert told(result) == told(first)
            assert result.duplicate is (result is not first)
    assert [event.version for event in stream.events] == list(range(1, len(stream.events) + 1))
    assert {event.interaction.event_id for event in stream.events} == answers.keys()


@settings(deadline=None)
@given(plan=sendings, bad=bad_numbers)
def test_the_numbers_of_an_installation_are_stored_in_order_without_holes(
    plan: list[tuple[str, int, int, int]], bad: frozenset[int]
) -> None:
    stream = Stream()
    for sending in plan:
        try:
            stream.append(sent(sending, bad))
        except SeqGap:
            continue
    stored = defaultdict(list)
    for event in stream.events:
        stored[event.occurrence.installation_id].append(event)
    for installation_id, events in stored.items():
        assert [event.occurrence.seq for event in events] == list(range(1, len(events) + 1))
        assert stream.watermarks[installation_id][0] == len(events)
        assert sorted(events, key=occurrence_key) == events


@settings(deadline=None)
@given(plan=sendings, bad=bad_numbers)
def test_one_batch_or_many_make_the_same_stream(
    plan: list[tuple[str, int, int, int]], bad: frozenset[int]
) -> None:
    """Cut anywhere, with clocks that are right, the same events come out in the same order."""
    cuts = sorted({number for _, number, _, _ in plan} | {QUEUE})
    whole, parts = Stream(), Stream()
    whole.append(sent((PHONE, 1, QUEUE, 0), bad))
    first = 1
    for last in cuts:
        parts.append(sent((PHONE, first, last, 0), bad))
        first = last + 1
    assert parts.events == whole.events


@settings(deadline=None)
@given(plan=sendings, bad=bad_numbers)
def test_what_decide_says_holds_is_what_the_journal_then_knows(
    plan: list[tuple[str, int, int, int]], bad: frozenset[int]
) -> None:
    """So a writer may decide the next batch before the first is durable."""
    stream = Stream()
    for sending in plan:
        wanted = sent(sending, bad)
        try:
            decision = stream.append(wanted)
        except SeqGap:
            continue
        ahead, read = decide(wanted, decision.known), decide(wanted, stream.known(wanted))
        assert ahead == read
        assert ahead.events == ()


@settings(deadline=None)
@given(plan=sendings)
def test_a_condition_is_never_half_met(plan: list[tuple[str, int, int, int]]) -> None:
    stream = Stream()
    for sending in plan:
        before = len(stream.events)
        wanted = sent(sending, frozenset(), atomic=True)
        try:
            results = stream.record(wanted)
        except Exception:  # noqa: BLE001 - whatever refused it, nothing may be left
            assert len(stream.events) == before
            continue
        assert len(stream.events) - before in {0, len(results)}
