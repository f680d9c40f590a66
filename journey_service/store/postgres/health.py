"""How the store stands."""

from __future__ import annotations

from dataclasses import dataclass

from journey_service.store.postgres.connecting import Server
from journey_service.store.postgres.durability import DurabilityGuard


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


def health_of(guard: DurabilityGuard, server: Server, *, reachable: bool) -> Health:
    """What the last look at the database found."""
    warnings = [f"the database may lose what it acknowledges: {one}" for one in guard.weak]
    if server.warning:
        warnings.append(server.warning)
    if not reachable:
        warnings.append("the database does not answer")
    return Health(
        writable=reachable and guard.writable,
        reachable=reachable,
        weak=guard.weak,
        warnings=tuple(warnings),
    )
