"""The SQL of the store: one statement a file, the file's name is the statement's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

_HERE = files("journey_service.store.postgres")


@cache
def statement(name: str) -> str:
    """The text of statements/NAME.sql; one object for ever, so that asyncpg finds its plan fast."""
    return _HERE.joinpath("statements", f"{name}.sql").read_text(encoding="utf-8")


def columns(count: int, rows: Iterable[Sequence[Any]]) -> list[Any]:
    """Rows as a statement takes them: so many arrays, one a column."""
    return list(zip(*rows, strict=True)) or [[] for _ in range(count)]


def privileges() -> list[str]:
    """The statements of privileges.sql."""
    return _split(_HERE.joinpath("privileges.sql").read_text(encoding="utf-8"))


class Migration(NamedTuple):
    """One file of migrations/: its number, its name without ending, its text."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """The text, statement by statement."""
        return _split(self.text)


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations in order."""
    found = [file for file in _HERE.joinpath("migrations").iterdir() if file.name.endswith(".sql")]
    named = sorted((file.name.removesuffix(".sql"), file) for file in found)
    return tuple(
        Migration(int(name.partition("_")[0]), name, file.read_text(encoding="utf-8"))
        for name, file in named
    )


def _split(text: str) -> list[str]:
    # Our files end each statement, and nothing else, with a semicolon at the end of a line.
    parts = (part.strip() for part in f"{text}\n".split(";\n"))
    return [part for part in parts if part]
