import pickle
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history import lies, lies_of_groups, lies_of_readers
from tests.history.checker import check
from tests.history.findings import RULES
from tests.history.history import gather
from tests.history.lying import LIES, Lie, Record
from tests.history.truthful import truthful_history

SEEDS = range(3)
# Each of them adds its lies when it is imported.
TABLES = (lies, lies_of_groups, lies_of_readers)


@pytest.fixture(scope="module")
def histories() -> list[list[Record]]:
    return [truthful_history(seed) for seed in SEEDS]


def copied(records: list[Record]) -> list[Record]:
    """As `copy.deepcopy`, in a fifth of its time."""
    same: list[Record] = pickle.loads(pickle.dumps(records))  # noqa: S301  our own, made here
    return same


# How long it takes says nothing: other tests run beside it.
@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_true_history_breaks_no_rule(seed: int) -> None:
    assert check(gather(truthful_history(seed, operations=120))) == []


def test_a_true_history_holds_every_kind_of_call(histories: list[list[Record]]) -> None:
    history = gather(histories[0])
    outcomes = {outcome: history.count(outcome) for outcome in ("ok", "fail", "unknown")}
    reasons = {call.reason for stream in history.streams.values() for call in stream.calls}
    answers = [
        answer
        for stream in history.streams.values()
        for call in stream.calls
        for answer in call.answers
    ]
    assert outcomes["ok"] > 200
    assert outcomes["fail"] > 10
    assert outcomes["unknown"] > 10
    assert reasons >= {"VERSION_CONFLICT", "STORAGE_UNAVAILABLE", "OUTCOME_UNKNOWN"}
    assert any(answer.duplicate for answer in answers)
    assert any(answer.reason == "EVENT_ID_REUSED" for answer in answers)


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: f"{lie.rule}-{lie.name}")
def test_a_lie_is_found_out_by_its_rule(lie: Lie, histories: list[list[Record]]) -> None:
    for seed, records in zip(SEEDS, histories, strict=True):
        told = copied(records)
        lie.tell(told, random.Random(seed))
        found = [finding for finding in check(gather(told)) if finding.rule == lie.rule]
        assert any(lie.words in finding.seen for finding in found), (seed, found)


def test_every_rule_is_tripped_by_some_lie() -> None:
    assert {lie.rule for lie in LIES} == RULES.keys()


def test_a_finding_names_rule_subject_ids_and_what_was_seen(
    histories: list[list[Record]],
) -> None:
    told = copied(histories[0])
    lie = next(lie for lie in LIES if lie.name == "an_acknowledged_tail_is_lost")
    lie.tell(told, random.Random(0))
    finding = next(one for one in check(gather(told)) if one.rule == "H1")
    assert finding.ids
    assert all(len(event_id) == 32 for event_id in finding.ids)
    assert str(finding).startswith(f"H1 {finding.subject} [")
    assert "acknowledged events are gone: the tail of the stream" in finding.seen
