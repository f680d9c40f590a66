"""What of a table or a line fits into so many columns of a terminal.

A wide one shows all as it is. On a narrow one times become short, columns that matter less go, long
ids are shortened in the middle, and text is cut at its end: in this order, and only what has to.
JSON lines always have all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from datetime import UTC, datetime

# Columns that go, in this order.
SPARE = (
    "channel",
    "outcome",
    "content",
    "readers",
    "generation",
    "found by",
    "age",
    "fold",
    "began",
    "oldest",
    "on park",
)
GAP = 2
# Below this a terminal is narrow.
NARROW = 100
# Characters in which a column that wraps can still be read: on a wide one, on a narrow one.
READABLE = 24
READABLE_NARROW = 16
# Columns that stay on one line: what is copied into the next command.
WHOLE = frozenset(
    {"journey", "customer", "subject", "place", "version", "type", "when", "outcome"}
    | {"projection", "rebuild", "status", "began", "behind", "group", "key", "parked"}
)
TIMES = frozenset({"when", "began", "changed", "linked"})
IDS, CONTENT = frozenset({"customer", "subject"}), "content"
# Characters of a customer's id that had to be shortened.
ID_WIDTH = 13

Rows = list[list[str]]
_DAY = re.compile(r"(\d{4})(-\d\d-\d\d \d\d:\d\d)")


def fitted(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, spare: Sequence[str] = SPARE
) -> tuple[list[str], Rows, bool]:
    """The columns and rows to show, and whether those that are WHOLE can stay so."""
    shown, cells = [*columns], [[*row] for row in rows]
    if width < NARROW and sum(_widest(shown, cells)) > width:
        _rewrite(shown, cells, TIMES, short_moment)
    left = [*spare]
    while left and _least(shown, cells, width) > width:
        _drop(shown, cells, left.pop(0))
    if width < NARROW and _least(shown, cells, width) > width:
        _rewrite(shown, cells, IDS, short_id)
    least = _least(shown, cells, width)
    if width < NARROW and CONTENT in shown:
        room = max(width - least, 0) + READABLE_NARROW
        _rewrite(shown, cells, {CONTENT}, lambda text: cut(text, room))
    return shown, cells, least <= width


def _least(columns: Sequence[str], rows: Rows, width: int) -> int:
    """What all columns need to be readable, with their gaps."""
    readable = GAP + (READABLE if width >= NARROW else READABLE_NARROW)
    widest = zip(columns, _widest(columns, rows), strict=True)
    return sum(each if column in WHOLE else min(each, readable) for column, each in widest)


def _widest(columns: Sequence[str], rows: Rows) -> Iterator[int]:
    """What each column needs to be on one line, with its gap."""
    for at, column in enumerate(columns):
        yield GAP + max(map(len, (column, *(row[at] for row in rows))))


def _drop(columns: list[str], rows: Rows, column: str) -> None:
    if column in columns:
        at = columns.index(column)
        for row in (columns, *rows):
            del row[at]


def _rewrite(
    columns: Sequence[str], rows: Rows, named: Container[str], write: Callable[[str], str]
) -> None:
    for at, column in enumerate(columns):
        if column in named:
            for row in rows:
                row[at] = write(row[at])


def short_moment(told: str) -> str:
    """A day of this year without the year, one of another year without the time of day."""
    found = _DAY.fullmatch(told)
    if not found:
        return told
    this_year = found[1] == str(datetime.now(UTC).astimezone().year)
    return told[5:] if this_year else told[:10]


def short_id(told: str, width: int = ID_WIDTH) -> str:
    """An id without its middle, so that its begin and its end can be told from others."""
    if len(told) <= width:
        return told
    end = (width - 1) // 2
    return f"{told[: width - 1 - end]}…{told[-end:]}"


def cut(text: str, width: int) -> str:
    """The begin of a text."""
    return text if len(text) <= width else text[: width - 1] + "…"
