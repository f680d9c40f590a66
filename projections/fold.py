"""The five commutative parts of which the fold state of every journey is made.

Each part is a join-semilattice: the same set of writes gives the same bytes in whatever order,
however often and in however many portions it comes. Functions change their first argument in
place and copy what they take in.

    part                      state           written by                     read by
    1 latest register         Write           keep_latest                    (as it stands)
      ... with ranks          Write           keep_latest, by Write.rank     (as it stands)
      ... with conflicts      Tagged          replace_observed               latest, conflicts
    2 max register            Write           keep_greatest                  (as it stands)
    3 tag set, add wins       Tagged          add_tag, cancel                latest
    4 tagged quantity         TaggedQuantity  add_quantity, set_quantity,    quantity_of
                                              cancel_quantity
    5 server-ordered machine  Machine         record_transition              last_of_homes,
                                                                             sum_of_entries
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from operator import attrgetter
from typing import TypeVar

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Repeated
from google.protobuf.internal.containers import RepeatedScalarFieldContainer
from google.protobuf.message import Message

from journey.v1.events_pb2 import StreamVersion
from journey.v1.folds_pb2 import (
    InstallationMark,
    Machine,
    MachineTransition,
    Marks,
    Tagged,
    TaggedQuantity,
    Write,
)

GREATEST_INT64 = 2**63 - 1
M = TypeVar("M", bound=Message)


# Place of an event in the order of occurrence of a customer; greater is later: t_ms, counter,
# installation_id, seq, subject_id, version. Texts compare by code point, which is the order of
# their UTF-8 bytes. The version decides nothing between events, because two of one subject never
# agree in all before it.
Order = tuple[int, int, str, int, str, int]

order_of: Callable[[Write], Order] = attrgetter(
    "t_ms", "counter", "installation_id", "seq", "subject_id", "version"
)


# --- lists sorted by a key -----------------------------------------------------------------------


_field: Callable[[str], Callable[[Message], str]] = cache(attrgetter)


def entry(entries: Repeated[M], make: type[M], name: str, key: str) -> M:
    """The entry whose field `name` is `key`; made in its place where it is missing."""
    field = _field(name)
    index = bisect_left(entries, key, key=field)
    if index < len(entries):
        found = entries[index]
        if field(found) == key:
            return found
        entries.insert(index, make(**{name: key}))
        return entries[index]
    made = entries.add()
    setattr(made, name, key)
    return made


_identity: Callable[[Write], tuple[str, int]] = attrgetter("subject_id", "version")


def include(writes: Repeated[Write], write: Write) -> None:
    """Put a write in its place by subject_id and version, once."""
    identity = _identity(write)
    if not writes or _identity(writes[-1]) < identity:
        # Events mostly come in their order.
        writes.append(write)
        return
    index = bisect_left(writes, identity, key=_identity)
    if _identity(writes[index]) != identity:
        writes.insert(index, write)


def include_text(texts: RepeatedScalarFieldContainer[str], text: str) -> None:
    """Put a text in its place, once."""
    index = bisect_left(texts, text)
    if index == len(texts) or texts[index] != text:
        texts.insert(index, text)


# --- 1 latest register, 2 max register -----------------------------------------------------------


def keep_latest(register: Write, write: Write) -> None:
    """Keep the write of the higher rank; of one rank the later one."""
    if not register.version or _outranks(write, register):
        register.CopyFrom(write)


def _outranks(write: Write, other: Write) -> bool:
    # Nearly always the time decides, and reading seven fields of both costs twice as much.
    if write.t_ms != other.t_ms and write.rank == other.rank:
        return write.t_ms > other.t_ms
    return _ranked(write) > _ranked(other)


def keep_earliest(register: Write, write: Write) -> None:
    """Keep the earlier write: the mirror of a latest register."""
    if not register.version or _precedes(write, register):
        register.CopyFrom(write)


def _precedes(write: Write, other: Write) -> bool:
    if write.t_ms != other.t_ms:
        return write.t_ms < other.t_ms
    return order_of(write) < order_of(other)


def keep_greatest(register: Write, write: Write) -> None:
    """Keep the write of the greater number; of one number the earlier one."""
    if not register.version or write.number > register.number:
        register.CopyFrom(write)
    elif write.number == register.number:
        keep_earliest(register, write)


def join(keep: Callable[[Write, Write], None], mine: M, theirs: M, *names: str) -> None:
    """Join registers of two states, field by field; a register never written stays unset."""
    for name in names:
        if theirs.HasField(name):
            keep(getattr(mine, name), getattr(theirs, name))


_ranked: Callable[[Write], tuple[int | str, ...]] = attrgetter(
    "rank", "t_ms", "counter", "installation_id", "seq", "subject_id", "version"
)


# --- 3 tag set -----------------------------------------------------------------------------------


def raise_marks(marks: Marks, others: Marks) -> None:
    """Join marks by their maxima."""
    for seen in others.versions:
        mine = entry(marks.versions, StreamVersion, "subject_id", seen.subject_id)
        mine.version = max(mine.version, seen.version)
    for other in others.installations:
        known = entry(
            marks.installations, InstallationMark, "installation_id", other.installation_id
        )
        if not known.HasField("before") or order_of(other.before) > order_of(known.before):
            known.before.CopyFrom(other.before)


def is_cancelled(write: Write, marks: Marks) -> bool:
    """Whether an event with these marks had observed the write."""
    for seen in marks.versions:
        if seen.subject_id == write.subject_id and write.version <= seen.version:
            return True
    for mark in marks.installations:
        if mark.installation_id == write.installation_id:
            return order_of(write) < order_of(mark.before)
    return False


def add_tag(tagged: Tagged, write: Write, *more: Marks) -> None:
    """Add a tag, unless it was cancelled by marks of its item or by `more`."""
    keep_tag(tagged.tags, write, tagged.marks, *more)


def cancel(tagged: Tagged, marks: Marks) -> None:
    """Remove what an event observed; what it did not observe survives."""
    raise_marks(tagged.marks, marks)
    drop_cancelled(tagged.tags, marks)


def join_tagged(mine: Tagged, theirs: Tagged, *more: Marks) -> None:
    """Union of the tags minus those under the joined marks."""
    raise_marks(mine.marks, theirs.marks)
    join_tags(mine.tags, theirs.tags, mine.marks, *more)


def latest(tags: Iterable[Write]) -> Write | None:
    """The tag of the greatest occurrence."""
    return max(tags, key=order_of, default=None)


def drop_cancelled(tags: Repeated[Write], *marks: Marks) -> None:
    """Remove tags under any of the marks, for good as long as the marks are kept."""
    cancelled = [
        index for index, tag in enumerate(tags) for each in marks if is_cancelled(tag, each)
    ]
    for index in sorted(set(cancelled), reverse=True):
        del tags[index]


def keep_tag(tags: Repeated[Write], write: Write, *marks: Marks) -> None:
    """Add to bare tags whose marks somebody keeps, unless it was cancelled by them."""
    for each in marks:
        if is_cancelled(write, each):
            return
    include(tags, write)


def join_tags(mine: Repeated[Write], theirs: Iterable[Write], *marks: Marks) -> None:
    """Union of bare tags minus those under the joined marks, which somebody keeps."""
    drop_cancelled(mine, *marks)
    for write in theirs:
        keep_tag(mine, write, *marks)


# --- 1 with conflicts: a tag set in which each write removes what it observed --------------------


def replace_observed(tagged: Tagged, write: Write, marks: Marks) -> None:
    """Write a register that keeps conflicts; `marks` are the cut of the write."""
    cancel(tagged, marks)
    add_tag(tagged, write)


def conflicts(tagged: Tagged, most: int) -> list[Write]:
    """The concurrent writes that lost against the latest one, newest first."""
    return sorted(tagged.tags, key=order_of, reverse=True)[1 : most + 1]


# --- 4 tagged quantity ---------------------------------------------------------------------------


def add_quantity(quantity: TaggedQuantity, write: Write, *more: Marks) -> None:
    """Add a difference; it counts on top of every set that did not observe it."""
    keep_tag(quantity.adds, write, quantity.marks, *more)


def set_quantity(quantity: TaggedQuantity, write: Write, marks: Marks, *more: Marks) -> None:
    """Set the quantity in place of all that the write observed."""
    cancel_quantity(quantity, marks)
    keep_tag(quantity.sets, write, quantity.marks, *more)


def cancel_quantity(quantity: TaggedQuantity, marks: Marks) -> None:
    """Remove what an event observed."""
    raise_marks(quantity.marks, marks)
    drop_cancelled_quantity(quantity, marks)


def drop_cancelled_quantity(quantity: TaggedQuantity, *marks: Marks) -> None:
    """Remove sets and adds under any of the marks, which somebody keeps."""
    drop_cancelled(quantity.sets, *marks)
    drop_cancelled(quantity.adds, *marks)


def join_quantity(mine: TaggedQuantity, theirs: TaggedQuantity, *more: Marks) -> None:
    """Union of sets and adds minus those under the joined marks."""
    raise_marks(mine.marks, theirs.marks)
    join_tags(mine.sets, theirs.sets, mine.marks, *more)
    join_tags(mine.adds, theirs.adds, mine.marks, *more)


def quantity_of(quantity: TaggedQuantity) -> int:
    """The latest set, or 0, plus all adds; never below 0, never beyond int64."""
    chosen = latest(quantity.sets)
    total = chosen.number if chosen else 0
    for add in quantity.adds:
        total += add.number
    return min(max(0, total), GREATEST_INT64)


# --- 5 server-ordered machine --------------------------------------------------------------------


def record_transition(machine: Machine, home: str, rev: int, write: Write) -> None:
    """Add an accepted transition; the one of a home and rev that occurred first stays."""
    transitions = machine.transitions
    place = (home, rev)
    index = bisect_left(transitions, place, key=_machine_place)
    if index == len(transitions) or _machine_place(transitions[index]) != place:
        transitions.insert(index, MachineTransition(home=home, rev=rev))
    keep_earliest(transitions[index].write, write)


def join_machine(mine: Machine, theirs: Machine) -> None:
    """Union of the transitions."""
    for transition in theirs.transitions:
        record_transition(mine, transition.home, transition.rev, transition.write)


def last_of_homes(machine: Machine) -> list[MachineTransition]:
    """The transition of the greatest rev of each home; the home that moved last comes first."""
    last = {transition.home: transition for transition in machine.transitions}
    return sorted(last.values(), key=lambda each: order_of(each.write), reverse=True)


def sum_of_entries(machine: Machine) -> int:
    """Sum of the numbers of entries, each key once over all homes: the one that occurred first."""
    first: dict[str, Write] = {}
    for write in _entries(machine):
        known = first.setdefault(write.text, write)
        if order_of(write) < order_of(known):
            first[write.text] = write
    return sum(write.number for write in first.values())


def _entries(machine: Machine) -> Iterator[Write]:
    return (each.write for each in machine.transitions if each.write.text)


_machine_place: Callable[[MachineTransition], tuple[str, int]] = attrgetter("home", "rev")
