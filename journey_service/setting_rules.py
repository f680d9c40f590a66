"""How a setting is declared: its default, its rule and its meaning, under a heading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any, NamedTuple


class Rules(NamedTuple):
    """What holds for one setting, and what it means."""

    section: str
    doc: str
    at_least: int | None
    at_most: int | None
    choices: tuple[str, ...]
    secret: bool


def section_of(section: str) -> Callable[..., Any]:
    """A maker of fields that stand under one heading."""

    def setting(
        default: object = None,
        doc: str = "",
        *,
        at_least: int | None = 0,
        at_most: int | None = None,
        choices: tuple[str, ...] = (),
        secret: bool = False,
    ) -> Any:
        rules = Rules(section, doc, at_least, at_most, choices, secret)
        return field(default=default, metadata={"rules": rules})

    return setting
