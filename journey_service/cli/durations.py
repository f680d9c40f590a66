"""Durations as people type them."""

from __future__ import annotations

import re

from journey_service.cli.exits import Exit, Refusal

_UNITS_MS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "y": 31_557_600_000,
}
# Longer ago is no moment that a calendar or the service could tell.
LONGEST_Y = 1_000
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")


def duration_ms(text: str) -> int:
    """Milliseconds of e.g. 90s, 1.5h or 3y (of 365.25 days). Raises ValueError."""
    written = _WRITTEN.fullmatch(text.strip().lower())
    if written is None or written[2] not in _UNITS_MS:
        raise ValueError(f"write a number and one of {', '.join(_UNITS_MS)}, e.g. 90s or 3y")
    ms = float(written[1]) * _UNITS_MS[written[2]]
    if ms > LONGEST_Y * _UNITS_MS["y"]:
        raise ValueError(f"is longer than {LONGEST_Y:,}y, the longest that can be written")
    return round(ms)


def option_ms(option: str, typed: str) -> int:
    """The same of what was typed behind an option. Raises Refusal."""
    try:
        return duration_ms(typed)
    except ValueError as error:
        raise Refusal(f"{option} {typed}: {error}", status=Exit.USAGE) from error


def written(ms: int) -> str:
    """A duration in its largest unit that leaves no rest, e.g. 90s or 2h."""
    for unit in ("d", "h", "m", "s"):
        if ms and ms % _UNITS_MS[unit] == 0:
            return f"{ms // _UNITS_MS[unit]}{unit}"
    return f"{ms}ms"


def rounded(ms: int) -> str:
    """About how long, in its largest unit, e.g. 3m."""
    for unit in ("d", "h", "m", "s"):
        if ms >= _UNITS_MS[unit]:
            return f"{ms // _UNITS_MS[unit]}{unit}"
    return f"{ms}ms"
