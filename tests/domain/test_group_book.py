from dataclasses import replace
from typing import Any

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_DELIVERY_UNKNOWN, ERROR_REASON_LEASE_LOST
from journey_service.domain.group_book import COUNTED
from journey_service.domain.groups import Act, DeliveryName, Said, Standing
from tests.domain.group_case import ACK, CONTINUE, HOLD, NOW, PARK, RETRY, Case, entry, name_of

# --- what goes out next ---------------------------------------------------------------------------


def test_the_lowest_event_of_each_subject_goes_out() -> None:
    case = Case()
    case.come("mila", "mila", "noah", "", "mila")
    assert case.out() == [1, 3]
    case.say(1)
    assert case.out() == [2]


def test_an_event_that_waits_holds_its_subject_and_no_other() -> None:
    case = Case()
    case.come("mila", "mila", "noah", "noah")
    case.out()
    case.say(1, RETRY)
    case.say(3)
    assert case.out() == [4]
    case.pass_ms(10)
    assert case.out() == [1]
    assert case.names[1].attempt == 2


def test_a_retry_waits_as_long_as_it_asks() -> None:
    case = Case()
    case.come("mila")
    case.out()
    case.say(1, Said(Act.RETRY, delay_ms=70))
    assert case.book.next_ms == NOW + 70
    case.pass_ms(69)
    assert case.out() == []
    case.pass_ms(1)
    assert case.out() == [1]


def test_what_was_delivered_before_a_seek_is_marked() -> None:
    case = Case(replayed_to=1)
    case.come("mila", "noah")
    case.out()
    assert case.book.entries[1].replayed
    assert not case.book.entries[2].replayed


# --- settling -------------------------------------------------------------------------------------


def test_settling_twice_is_right_and_changes_nothing() -> None:
    case = Case()
    case.come("mila", "noah")
    case.out()
    assert case.say(2) == COUNTED
    assert case.say(2) == COUNTED
    case.store()
    assert case.say(2) == COUNTED
    case.say(1)
    case.store()
    assert case.say(1) == COUNTED
    assert case.say(1, RETRY) == ERROR_REASON_LEASE_LOST
    assert case.say(2, PARK) == ERROR_REASON_LEASE_LOST


def test_another_attempt_owner_or_consumer_settles_nothing() -> None:
    case = Case()
    case.come("mila")
    case.out()
    first = case.names[1]
    case.say(1, RETRY)
    assert case.say(1, RETRY) == COUNTED
    assert case.say(1) == ERROR_REASON_LEASE_LOST
    case.pass_ms(10)
    case.out()
    for late in (first, case.names[1]._replace(epoch=4), case.names[1]._replace(consumer_id="x")):
        assert case.book.say(late, ACK, case.now_ms, 0.5) == ERROR_REASON_LEASE_LOST
    assert case.standing(1) == Standing.OUT


def test_what_was_parked_meanwhile_cannot_be_acknowledged() -> None:
    case = Case()
    case.come("mila")
    case.out()
    case.say(1, PARK)
    case.store()
    assert case.say(1) == ERROR_REASON_LEASE_LOST
    assert case.say(1, PARK) == COUNTED


def test_an_older_attempt_of_what_is_done_with_settles_nothing() -> None:
    case = Case()
    case.come("mila")
    case.out()
    first = case.names[1]
    case.pass_ms(100)
    case.out()
    case.say(1)
    case.store()
    assert case.say(1) == COUNTED
    assert case.book.say(first, ACK, case.now_ms, 0.5) == ERROR_REASON_LEASE_LOST


def test_attempts_are_remembered_of_so_many_events_at_most() -> None:
    case = Case()
    case.come(*(f"s{number}" for number in range(1_001)))
    for position in case.out():
        case.say(position)
    case.store()
    older = case.names[1]._replace(attempt=7)
    assert case.book.say(older, ACK, case.now_ms, 0.5) == COUNTED
    assert case.book.say(older._replace(position=2), ACK, NOW, 0.5) == ERROR_REASON_LEASE_LOST


def test_what_was_never_delivered_is_unknown() -> None:
    case = Case()
    case.come("mila")
    case.out()
    for wrong in (case.names[1]._replace(epoch=6), case.names[1]._replace(position=9)):
        assert case.book.say(wrong, ACK, NOW, 0.5) == ERROR_REASON_DELIVERY_UNKNOWN


@pytest.mark.parametrize(
    "invented",
    [
        {"consumer_id": "p"},
        {"first_ms": NOW + 101},
        {"first_ms": NOW - 201},
        {"attempt": 0},
        {"position": 0},
    ],
)
def test_an_invented_attempt_at_what_is_passed_is_unknown(invented: dict[str, Any]) -> None:
    case = Case(checkpoint=7, terms=replace(HOLD, since_ms=NOW - 100))
    passed = DeliveryName("g", 3, 5, 7, 1, NOW + 100, "one")
    assert case.book.say(passed, ACK, NOW, 0.5) == COUNTED
    wrong = passed._replace(**invented)
    assert case.book.say(wrong, ACK, NOW, 0.5) == ERROR_REASON_DELIVERY_UNKNOWN


def test_a_lease_that_is_over_settles_nothing() -> None:
    case = Case()
    case.come("mila")
    case.out()
    case.now_ms += 100
    assert case.say(1) == ERROR_REASON_LEASE_LOST


def test_an_extended_lease_ends_later() -> None:
    case = Case()
    case.come("mila")
    case.out()
    assert case.say(1, Said(Act.EXTEND, lease_ms=500)) == COUNTED
    assert case.pass_ms(100) == []
    assert case.pass_ms(400) == [1]
    assert case.out() == [1]


# --- parking --------------------------------------------------------------------------------------


def test_a_parked_event_holds_what_comes_after_it() -> None:
    case = Case()
    case.come("mila", "mila", "noah")
    case.out()
    case.say(1, PARK)
    case.come("mila")
    assert case.out() == []
    change = case.store()
    assert [(one.position, one.standing) for one in change.entries] == [
        (1, Standing.PARKED),
        (2, Standing.HELD),
        (3, Standing.OUT),
        (4, Standing.HELD),
    ]
    assert change.entries[0].reason == "why"
    assert change.progress.checkpoint == 2
    assert case.say(1, PARK) == COUNTED


def test_a_parked_event_holds_nothing_where_the_group_says_so() -> None:
    case = Case(terms=CONTINUE)
    case.come("mila", "mila")
    case.out()
    case.say(1, PARK)
    assert case.out() == [2]


def test_too_many_attempts_park() -> None:
    case = Case()
    case.come("mila", "noah")
    for attempt in (1, 2, 3):
        assert case.out() == [1, 2]
        assert case.names[1].attempt == attempt
        case.say(1, Said(Act.RETRY, "no stock", delay_ms=100))
        case.pass_ms(100)
    assert case.standing(1) == Standing.PARKED
    assert case.book.entries[1].reason == "no stock"
    assert case.book.entries[2].reason == "max_attempts"
    assert case.out() == []


def test_a_parked_event_is_kept_until_the_checkpoint_passes() -> None:
    case = Case()
    case.come("mila", "noah", "anna")
    case.out()
    case.say(2, PARK)
    case.store()
    assert case.say(2, PARK) == COUNTED
    assert case.say(2) == ERROR_REASON_LEASE_LOST
    case.say(1)
    assert case.store().gone == (1,)
    assert case.book.known == 1


# --- the checkpoint -------------------------------------------------------------------------------


def test_the_checkpoint_stays_before_the_lowest_unsettled() -> None:
    case = Case()
    case.come("a", "b", "", "c")
    assert case.book.checkpoint == 0
    case.out()
    case.say(2)
    change = case.store()
    assert change.progress.checkpoint == 0
    assert [one.standing for one in change.entries][1] == Standing.SETTLED
    case.say(1)
    change = case.store()
    assert (change.progress.checkpoint, change.gone) == (3, (1, 2))
    case.say(4)
    case.come("", "")
    assert case.book.unsaved == 3
    assert case.store().progress.checkpoint == 6
    assert not case.book.is_dirty


def test_the_checkpoint_never_passes_what_was_not_looked_at() -> None:
    case = Case(entry(8, "mila", Standing.OUT), checkpoint=5)
    assert case.book.checkpoint == 5
    case.come("noah")
    assert case.book.checkpoint == 5


def test_a_book_goes_on_where_another_one_ended() -> None:
    case = Case(
        entry(2, "a", Standing.SETTLED),
        entry(3, "b", Standing.OUT),
        entry(4, "c", Standing.WAITING, due_ms=NOW + 10),
        entry(6, "e", Standing.PARKED),
        checkpoint=1,
        parked={"e": 6},
    )
    case.come("a", "b", "c", "d", "e", "e")
    assert case.out() == [5]
    assert case.book.out == 2
    case.names[3] = name_of(case.book.entries[3])
    assert case.say(3) == COUNTED
    case.pass_ms(10)
    assert case.out() == [4]
    change = case.store()
    assert change.progress.checkpoint == 3
    assert change.gone == (2, 3)


def test_what_another_owner_had_out_goes_out_again_at_once() -> None:
    case = Case(
        entry(1, "a", Standing.OUT, epoch=4), entry(2, "b", Standing.OUT, epoch=4, attempt=3)
    )
    assert case.out() == [1]
    assert case.names[1].attempt == 2
    assert case.standing(2) == Standing.PARKED


def test_a_delivery_that_was_stored_and_not_sent_is_no_attempt() -> None:
    case = Case(entry(1, "a", Standing.OUT))
    case.book.take_back([name_of(case.book.entries[1])])
    assert case.out() == [1]
    assert case.names[1].attempt == 1


def test_a_seek_leaves_parked_and_held_events_where_they_are() -> None:
    case = Case(
        entry(2, "a", Standing.PARKED), entry(3, "a", Standing.HELD), parked={"a": 2}, replayed_to=3
    )
    case.come("a", "a", "a")
    assert case.out() == [1]
    case.say(1)
    assert case.out() == []
    change = case.store()
    assert change.progress.checkpoint == 3
    assert case.book.known == 0


# --- parked ones again ----------------------------------------------------------------------------


def test_replayed_events_go_before_what_was_held_behind_them() -> None:
    case = Case(
        entry(1, "a", Standing.WAITING, due_ms=0, attempt=0, replaying=True, replayed=True),
        entry(2, "a", Standing.WAITING, due_ms=0, attempt=0),
        checkpoint=9,
    )
    assert case.out() == [1]
    case.say(1)
    change = case.store()
    assert change.gone == (1,)
    assert case.out() == [2]
    case.say(2, PARK)
    assert [one.standing for one in case.store().entries] == [Standing.PARKED]
    assert case.book.known == 0


def test_an_attempt_before_a_replay_settles_nothing_of_it() -> None:
    case = Case(entry(1, "a", Standing.WAITING, due_ms=0, attempt=0), checkpoint=9)
    case.out()
    before = case.names[1]._replace(first_ms=NOW - 7)
    assert case.book.say(before, ACK, NOW, 0.5) == ERROR_REASON_LEASE_LOST
    case.say(1)
    case.store()
    assert case.say(1) == COUNTED
    assert case.book.say(before, ACK, NOW, 0.5) == ERROR_REASON_LEASE_LOST


def test_one_that_is_parked_again_holds_what_was_released() -> None:
    case = Case(
        entry(1, "a", Standing.WAITING, due_ms=0, attempt=0, replaying=True),
        entry(2, "a", Standing.WAITING, due_ms=0, attempt=0),
        checkpoint=9,
    )
    case.out()
    case.say(1, PARK)
    change = case.store()
    assert [(one.standing, one.replaying) for one in change.entries] == [
        (Standing.PARKED, False),
        (Standing.HELD, False),
    ]


def test_what_was_released_behind_a_parked_event_is_held_again() -> None:
    case = Case(
        entry(5, "a", Standing.WAITING, due_ms=0),
        entry(6, "b", Standing.WAITING, due_ms=0, replaying=True),
        checkpoint=9,
        parked={"a": 2, "b": 2},
    )
    assert case.out() == [6]
    assert case.standing(5) == Standing.HELD


def test_more_before_the_checkpoint_is_loaded_when_this_is_done() -> None:
    case = Case(entry(1, "a", Standing.WAITING, due_ms=0), checkpoint=9, more=True)
    assert not case.book.is_short
    case.out()
    case.say(1)
    assert case.book.is_short


def test_an_erased_event_counts_as_settled() -> None:
    case = Case()
    case.come("a", "a")
    assert case.book.next_ready(NOW) == 1
    case.book.forget(1)
    assert case.out() == [2]
    assert case.book.checkpoint == 1
