"""How the store stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """What can be said of the store now. `writable` = durable, and the database was seen lately.

    `weak` names settings under which acknowledged events may be lost; `warnings` says in words
    what an operator should know.
    """

    writable: bool
    reachable: bool
    weak: tuple[str, ...]
    warnings: tuple[str, ...]
