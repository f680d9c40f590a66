"""Text with columns in braces, as mappings hold it: `{session_id}/{event}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Row = Mapping[str, str]
_COLUMN = re.compile(r"\{([^{}]+)\}")
_ONE_COLUMN = 3
_BRACE = re.compile(r"[{}]")


class RowError(ValueError):
    """A row cannot be understood; the text says which column and why."""


@dataclass(frozen=True, slots=True)
class Template:
    """Pieces of text and names of columns, in turns: text, column, text, column, … text."""

    pieces: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read `{column}` places. Raises ValueError for a brace without its partner."""
        pieces = tuple(_COLUMN.split(text))
        if any(_BRACE.search(piece) for piece in pieces[::2]):
            raise ValueError(f"{text!r} has a brace without its partner")
        return cls(pieces)

    @property
    def columns(self) -> frozenset[str]:
        """The columns it needs."""
        return frozenset(self.pieces[1::2])

    def fill(self, row: Row) -> str:
        """The text for a row; a column that a row lacks is empty."""
        if len(self.pieces) == 1:
            return self.pieces[0]
        if self.pieces[0] == self.pieces[-1] == "" and len(self.pieces) == _ONE_COLUMN:
            return row.get(self.pieces[1], "")
        filled = list(self.pieces)
        for index in range(1, len(filled), 2):
            filled[index] = row.get(filled[index], "")
        return "".join(filled)
