import pytest

from journey_service.domain.group_progress import Progress, Spans
from journey_service.domain.groups import Standing, forgotten_by_seek
from tests.domain.group_case import RETRY, Case, entry

# What lies behind 2 up to 5 comes again to a group that stood at 9.
AGAIN = (2, 5, 9)


def through(case: Case, last: int) -> list[int]:
    """All that is delivered while the journal is looked at to this position, acknowledged."""
    given = []
    while case.book.scanned < last:
        case.come("a")
        for position in case.out():
            given.append(position)
            case.say(position)
    return given


# --- which events come ----------------------------------------------------------------------------


def test_a_range_comes_again_marked_as_replayed_and_then_what_is_new() -> None:
    case = Case(checkpoint=2, again=AGAIN, replayed_to=5)
    assert through(case, 11) == [3, 4, 5, 10, 11]
    replayed = [case.book.entries[each].replayed for each in (3, 4, 5, 10, 11)]
    assert replayed == [True, True, True, False, False]
    assert case.book.checkpoint == 11


def test_a_range_that_lies_ahead_of_the_place_hides_what_lies_before_it() -> None:
    case = Case(checkpoint=0, again=AGAIN)
    assert case.book.scanned == 2
    assert through(case, 10) == [3, 4, 5, 10]


def test_a_range_that_ends_behind_where_the_group_stood_hides_nothing() -> None:
    case = Case(checkpoint=2, again=(2, 12, 9))
    assert through(case, 13) == [*range(3, 14)]


def test_an_empty_range_brings_nothing_again() -> None:
    case = Case(checkpoint=2, again=(7, 4, 9))
    assert case.book.scanned == 9
    assert through(case, 10) == [10]


def test_what_the_journal_brings_of_what_is_not_to_come_is_left_out() -> None:
    case = Case(checkpoint=5, again=AGAIN)
    for position in range(6, 11):
        case.book.note(position, "a", "a.b", wanted=True)
    assert case.out() == [10]
    assert case.book.scanned == 10


def test_what_was_unsettled_behind_the_range_is_still_to_come() -> None:
    case = Case(entry(7, "b", Standing.WAITING, due_ms=0), checkpoint=2, again=AGAIN, replayed_to=5)
    case.come("a", "a", "a")
    assert case.book.scanned == 9
    assert case.out() == [3, 7]
    assert [case.say(each) for each in (3, 7)] == [0, 0]
    assert case.out() == [4]


def test_a_restart_in_the_midst_of_a_range_goes_on_there() -> None:
    case = Case(entry(4, "a", Standing.SETTLED), checkpoint=3, again=AGAIN, replayed_to=5)
    assert through(case, 10) == [5, 10]


# --- the order of a subject -----------------------------------------------------------------------


def test_a_known_event_waits_until_all_that_comes_again_before_it_was_looked_at() -> None:
    waits = entry(7, "a", Standing.WAITING, due_ms=0)
    case = Case(waits, checkpoint=2, again=AGAIN, replayed_to=5)
    case.come("b")
    assert case.out() == [3]
    case.come("a", "b")
    assert case.out() == [4]
    case.say(4)
    assert case.out() == [7]


def test_a_known_event_waits_also_where_all_comes_again() -> None:
    case = Case(entry(3, "a", Standing.WAITING, due_ms=0), replayed_to=3)
    assert case.out() == []
    case.come("a", "b", "a")
    assert case.out() == [1, 2]
    assert case.say(1, RETRY) == 0
    assert case.out() == []


def test_a_known_event_in_a_range_is_delivered_at_its_place() -> None:
    case = Case(entry(4, "b", Standing.WAITING, due_ms=0), checkpoint=2, again=AGAIN, replayed_to=5)
    case.come("a")
    assert case.out() == [3]
    case.come("ignored")
    assert case.out() == [4]
    assert case.book.entries[4].attempt == 2
    assert case.book.entries[4].replayed


def test_events_that_a_seek_left_ahead_take_no_room_until_they_are_passed() -> None:
    case = Case(*(entry(each, "a", Standing.SETTLED) for each in (4, 8)), checkpoint=2)
    assert case.book.known == 0
    case.come("a", "a")
    assert case.book.known == 2


# --- where a seek leaves the progress -------------------------------------------------------------

STOOD = Progress(3, checkpoint=9, owner="one", epoch=5, revision=1)


def test_a_range_takes_the_place_back_and_remembers_where_the_group_stood() -> None:
    moved = STOOD.again(6, 2, 5, furthest=12)
    assert (moved.checkpoint, moved.epoch, moved.revision, moved.replayed_to) == (2, 6, 2, 5)
    assert (moved.again_from, moved.again_to, moved.resume_at) == AGAIN


def test_a_range_that_begins_ahead_of_the_place_leaves_it_there() -> None:
    moved = STOOD.again(6, 11, 14, furthest=12)
    assert (moved.checkpoint, moved.replayed_to, moved.resume_at) == (9, 12, 9)


def test_an_empty_range_leaves_the_place() -> None:
    assert STOOD.again(6, 5, 5, furthest=0).checkpoint == 9


def test_a_later_range_takes_the_place_of_what_is_left_of_the_first() -> None:
    first = STOOD.again(6, 2, 5, furthest=9)
    second = first.again(7, 6, 8, furthest=0)
    assert (second.checkpoint, second.resume_at) == (2, 9)
    assert second.skipped(2) == 6
    assert [second.skipped(place) for place in (7, 8, 10)] == [7, 9, 10]


def test_a_seek_ends_a_range_and_knows_what_was_delivered_before_it() -> None:
    moved = STOOD.again(6, 2, 5, furthest=9).sought(7, 1, furthest=3)
    assert (moved.checkpoint, moved.replayed_to) == (1, 9)
    assert (moved.again_from, moved.again_to, moved.resume_at) == (0, 0, 0)


@pytest.mark.parametrize(
    ("is_range", "discard_parked", "forgotten"),
    [
        (False, False, {Standing.WAITING, Standing.OUT, Standing.SETTLED}),
        (False, True, {*Standing}),
        (True, False, {Standing.SETTLED}),
        (True, True, {Standing.SETTLED, Standing.PARKED}),
    ],
)
def test_what_a_seek_forgets(
    is_range: bool, discard_parked: bool, forgotten: set[Standing]
) -> None:
    assert forgotten_by_seek(is_range=is_range, discard_parked=discard_parked) == forgotten


@pytest.mark.parametrize(
    ("progress", "spans"),
    [
        (STOOD, ((9, 20),)),
        (Progress(3, checkpoint=20), ()),
        (STOOD.again(6, 2, 5, furthest=9), ((2, 5), (9, 20))),
        (STOOD.again(6, 2, 12, furthest=9), ((2, 20),)),
        (STOOD.again(6, 12, 14, furthest=9), ((9, 20),)),
        (STOOD.again(6, 5, 5, furthest=9), ((9, 20),)),
        (Progress(3, 2, again_from=2, again_to=5, resume_at=20), ((2, 5),)),
    ],
)
def test_where_what_is_to_come_lies(progress: Progress, spans: Spans) -> None:
    assert progress.ahead(20) == spans
