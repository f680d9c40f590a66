"""Rounds: every side in turn, A B A B …, so that a slow minute of the machine hits all alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

T = TypeVar("T")
Measure = Callable[[], Awaitable[T]]


async def interleaved(
    sides: Mapping[str, Measure[T]], rounds: int, tell: Callable[[str], None]
) -> dict[str, list[T]]:
    """What each side gave in each round. One round before the first warms up and is dropped; before
    a single one there is none, for that shows no more than that all of it runs.
    """
    taken: dict[str, list[T]] = {name: [] for name in sides}
    for number in range(int(rounds == 1), rounds + 1):
        tell(f"round {number} of {rounds}" if number else "warming up")
        for name, measure in sides.items():
            measured = await measure()
            if number:
                taken[name].append(measured)
    return taken


def quantile(values: list[float], part: float) -> float:
    """The value below which `part` of the values lie; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
