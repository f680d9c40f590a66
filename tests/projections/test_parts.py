"""Each of the five parts by itself: what it means, and that it is a join."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from journey.v1.events_pb2 import StreamVersion
from journey.v1.folds_pb2 import (
    InstallationMark,
    Machine,
    Marks,
    Tagged,
    TaggedQuantity,
    Write,
)
from projections import fold
from tests.projections.histories import examples

GREATEST = 2**63 - 1


def write(t_ms: int, subject_id: str = "anna", **values: Any) -> Write:
    return Write(t_ms=t_ms, subject_id=subject_id, **{"version": t_ms, **values})


def saw(**versions: int) -> Marks:
    """Marks of an event that saw these streams up to these versions."""
    return Marks(
        versions=[StreamVersion(subject_id=s, version=v) for s, v in sorted(versions.items())]
    )


def knew(installation_id: str, before: int) -> Marks:
    """Marks of an event that its installation made at this time."""
    mark = Write(t_ms=before, installation_id=installation_id, subject_id="anna")
    return Marks(installations=[InstallationMark(installation_id=installation_id, before=mark)])


# --- order of occurrence -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"t_ms": 1, "counter": 9}, {"t_ms": 2}),
        ({"counter": 1, "installation_id": "z"}, {"counter": 2}),
        ({"installation_id": "phone", "seq": 9}, {"installation_id": "tv"}),
        ({"installation_id": "\uffff"}, {"installation_id": "\U00010000"}),
        ({"seq": 1, "subject_id": "z"}, {"seq": 2}),
        ({"subject_id": "anna", "version": 9}, {"subject_id": "ben"}),
    ],
)
def test_occurrence_is_compared_field_by_field_and_texts_by_bytes(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    assert fold.order_of(Write(**earlier)) < fold.order_of(Write(**later))


# --- 1 latest register ---------------------------------------------------------------------------


def test_the_later_write_is_kept_whichever_comes_first() -> None:
    register = Write()
    for number in (2, 3, 1):
        fold.keep_latest(register, write(number, number=number))
    assert register.number == 3


def test_a_higher_rank_wins_against_a_later_write() -> None:
    register = Write()
    fold.keep_latest(register, write(5, rank=0, text="inferred"))
    fold.keep_latest(register, write(1, rank=1, text="stated"))
    fold.keep_latest(register, write(9, rank=0, text="inferred again"))
    assert register.text == "stated"


def test_a_mirrored_register_keeps_the_earlier_write() -> None:
    register = Write()
    for number in (2, 1, 3):
        fold.keep_earliest(register, write(number, number=number))
    assert register.number == 1


def test_a_write_replaces_the_conflicts_that_it_saw_and_no_others() -> None:
    register = Tagged()
    fold.replace_observed(register, write(1, text="phone"), saw())
    fold.replace_observed(register, write(2, text="laptop"), saw())
    assert [each.text for each in fold.conflicts(register, 5)] == ["phone"]

    fold.replace_observed(register, write(3, text="settled"), saw(anna=2))
    newest = fold.latest(register.tags)
    assert newest is not None
    assert newest.text == "settled"
    assert fold.conflicts(register, 5) == []


def test_only_the_newest_conflicts_are_told() -> None:
    register = Tagged()
    for t_ms in range(1, 9):
        fold.replace_observed(register, write(t_ms), saw())
    assert [each.t_ms for each in fold.conflicts(register, 5)] == [7, 6, 5, 4, 3]


# --- 2 max register ------------------------------------------------------------------------------


def test_the_greatest_number_is_kept_with_the_earliest_write_that_reached_it() -> None:
    register = Write()
    for t_ms, number in ((4, 7), (9, 7), (2, 7), (1, 3), (8, 5)):
        fold.keep_greatest(register, write(t_ms, number=number))
    assert (register.number, register.t_ms) == (7, 2)


# --- 3 tag set -----------------------------------------------------------------------------------


def test_an_add_that_was_not_seen_survives_a_removal() -> None:
    item = Tagged()
    fold.add_tag(item, write(1))
    fold.add_tag(item, write(2))
    fold.cancel(item, saw(anna=1))
    assert [tag.version for tag in item.tags] == [2]


def test_an_add_that_was_seen_stays_away_when_it_comes_again() -> None:
    item = Tagged()
    fold.cancel(item, saw(anna=1))
    fold.add_tag(item, write(1))
    assert not item.tags


def test_an_installation_removes_its_own_adds_also_those_that_are_not_sent_yet() -> None:
    item = Tagged()
    fold.cancel(item, knew("phone", before=5))
    fold.add_tag(item, write(4, "visitor", installation_id="phone"))
    fold.add_tag(item, write(5, installation_id="phone"))
    fold.add_tag(item, write(3, installation_id="tv"))
    assert [(tag.installation_id, tag.t_ms) for tag in item.tags] == [("tv", 3), ("phone", 5)]


def test_marks_only_rise() -> None:
    item = Tagged()
    for cut in (knew("phone", before=5), knew("phone", before=3), saw(anna=2), saw(anna=1)):
        fold.cancel(item, cut)
    assert item.marks == Marks(
        versions=saw(anna=2).versions, installations=knew("phone", before=5).installations
    )


def test_nothing_is_latest_in_an_empty_set() -> None:
    assert fold.latest(Tagged().tags) is None


# --- 4 tagged quantity ---------------------------------------------------------------------------


def test_adds_count_on_top_of_the_latest_set() -> None:
    line = TaggedQuantity()
    fold.set_quantity(line, write(2, number=5), saw())
    fold.set_quantity(line, write(1, number=9), saw())
    fold.add_quantity(line, write(3, number=2))
    fold.add_quantity(line, write(4, number=-1))
    assert fold.quantity_of(line) == 6


def test_a_set_replaces_the_sets_and_adds_that_it_saw() -> None:
    line = TaggedQuantity()
    fold.set_quantity(line, write(1, number=5), saw())
    fold.add_quantity(line, write(2, number=2))
    fold.add_quantity(line, write(3, number=1))
    fold.set_quantity(line, write(4, number=3), saw(anna=2))
    assert fold.quantity_of(line) == 4


@pytest.mark.parametrize(("deltas", "quantity"), [([-3, 1], 0), ([GREATEST, GREATEST], GREATEST)])
def test_a_quantity_is_never_below_nothing_nor_beyond_its_field(
    deltas: list[int], quantity: int
) -> None:
    line = TaggedQuantity()
    for version, delta in enumerate(deltas, start=1):
        fold.add_quantity(line, write(version, number=delta))
    assert fold.quantity_of(line) == quantity


# --- 5 server-ordered machine --------------------------------------------------------------------


def test_entries_count_once_each_over_all_homes() -> None:
    machine = Machine()
    fold.record_transition(machine, "anna", 1, write(1, text="earned", number=10))
    fold.record_transition(machine, "anna", 2, write(3, text="spent", number=-4))
    fold.record_transition(machine, "visitor", 1, write(2, "visitor", text="spent", number=-5))
    fold.record_transition(machine, "visitor", 2, write(4, "visitor", number=99))
    assert fold.sum_of_entries(machine) == 5


def test_of_several_homes_the_one_that_moved_last_leads() -> None:
    machine = Machine()
    fold.record_transition(machine, "anna", 2, write(5, text="held"))
    fold.record_transition(machine, "anna", 1, write(9, text="requested"))
    fold.record_transition(machine, "visitor", 1, write(6, "visitor", text="requested"))
    last = [(each.home, each.rev, each.write.text) for each in fold.last_of_homes(machine)]
    assert last == [("visitor", 1, "requested"), ("anna", 2, "held")]


def test_a_transition_counts_once_however_it_is_learned() -> None:
    machine, other = Machine(), Machine()
    for each in (machine, other, machine):
        fold.record_transition(each, "anna", 1, write(1, text="earned", number=10))
    fold.record_transition(other, "anna", 2, write(2, text="spent", number=-3))
    fold.join_machine(machine, other)
    assert [each.rev for each in machine.transitions] == [1, 2]
    assert fold.sum_of_entries(machine) == 7


# --- every part is a join ------------------------------------------------------------------------

IDS = st.tuples(st.sampled_from(["anna", "visitor"]), st.integers(1, 9))
Step = Callable[[Any], None]


@st.composite
def writes(draw: st.DrawFn) -> Write:
    """Writes whose values follow from their identity, as those of one event do."""
    subject_id, version = draw(IDS)
    return Write(
        t_ms=version // 2,
        counter=version % 2,
        installation_id="phone" if version % 3 else "",
        seq=version,
        subject_id=subject_id,
        version=version,
        rank=version % 2,
        number=version % 4,
        text=("", "earned", "spent")[version % 3],
    )


@st.composite
def marks(draw: st.DrawFn) -> Marks:
    """What any event may have observed."""
    seen = draw(st.dictionaries(st.sampled_from(["anna", "visitor"]), st.integers(1, 5)))
    if draw(st.booleans()):
        return saw(**seen)
    return knew("phone", draw(st.integers(0, 4)))


def _steps(draw: st.DrawFn, make: Callable[[st.DrawFn], Step]) -> list[Step]:
    return [make(draw) for _ in range(draw(st.integers(1, 8)))]


def _of_register(keep: Callable[[Write, Write], None]) -> Callable[[st.DrawFn], Step]:
    def make(draw: st.DrawFn) -> Step:
        each = draw(writes())
        return lambda register: keep(register, each)

    return make


def _of_conflicts(draw: st.DrawFn) -> Step:
    each, cut = draw(writes()), draw(marks())
    return lambda register: fold.replace_observed(register, each, cut)


def _of_set(draw: st.DrawFn) -> Step:
    each, cut = draw(writes()), draw(marks())
    if draw(st.booleans()):
        return lambda item: fold.add_tag(item, each)
    return lambda item: fold.cancel(item, cut)


def _of_quantity(draw: st.DrawFn) -> Step:
    each, cut = draw(writes()), draw(marks())
    step: Step = draw(
        st.sampled_from(
            [
                lambda line: fold.add_quantity(line, each),
                lambda line: fold.set_quantity(line, each, cut),
                lambda line: fold.cancel_quantity(line, cut),
            ]
        )
    )
    return step


def _of_machine(draw: st.DrawFn) -> Step:
    each = draw(writes())
    home, rev = draw(st.sampled_from(["anna", "visitor"])), draw(st.integers(1, 3))
    return lambda machine: fold.record_transition(machine, home, rev, each)


def _join_register(keep: Callable[[Write, Write], None]) -> Callable[[Any, Any], None]:
    def join(mine: Write, theirs: Write) -> None:
        if theirs.version:
            keep(mine, theirs)

    return join


PARTS: dict[str, tuple[type[Message], Callable[[st.DrawFn], Step], Callable[[Any, Any], None]]] = {
    "latest": (Write, _of_register(fold.keep_latest), _join_register(fold.keep_latest)),
    "earliest": (Write, _of_register(fold.keep_earliest), _join_register(fold.keep_earliest)),
    "max": (Write, _of_register(fold.keep_greatest), _join_register(fold.keep_greatest)),
    "conflicts": (Tagged, _of_conflicts, fold.join_tagged),
    "set": (Tagged, _of_set, fold.join_tagged),
    "quantity": (TaggedQuantity, _of_quantity, fold.join_quantity),
    "machine": (Machine, _of_machine, fold.join_machine),
}


@pytest.mark.parametrize("part", list(PARTS))
@examples(30)
@given(data=st.data())
def test_a_part_is_the_same_in_any_order_repetition_and_split(part: str, data: Any) -> None:
    make, step, join = PARTS[part]
    steps = _steps(data.draw, step)

    def folded(chosen: list[Step]) -> bytes:
        state = make()
        for each in chosen:
            each(state)
        return state.SerializeToString(deterministic=True)

    whole = folded(steps)
    again = data.draw(st.lists(st.sampled_from(steps), max_size=4))
    assert folded(data.draw(st.permutations(steps + again))) == whole

    sides: tuple[list[Step], list[Step]] = ([], [])
    for each in steps:
        for index in data.draw(st.sets(st.integers(0, 1), min_size=1)):
            sides[index].append(each)
    for mine, theirs in (sides, sides[::-1]):
        state = make.FromString(folded(mine))
        join(state, make.FromString(folded(theirs)))
        assert state.SerializeToString(deterministic=True) == whole
