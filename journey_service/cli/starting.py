"""Points in the journal as people type them: beginning, end, a moment, or a checkpoint."""

from __future__ import annotations

import re

from journey.v1.reading_pb2 import EndPoint, StartPoint
from journey_service.cli import filters
from journey_service.cli.exits import Exit, Refusal

ENDS = "a moment in UTC (2026-11-22T08:00), so long ago (2h, 3d), or a checkpoint."
HELP = f"beginning, end, {ENDS}"
# What begins like a date is one, also where it is none that there is.
_DATE = re.compile(r"\d{4}-\d{2}")
# A checkpoint or token is letters of base64 of at least a format byte and its seal of 16 bytes.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{23,}={0,2}")
_AGO = re.compile(r"\d+(\.\d+)?\s*[a-z]+", re.IGNORECASE)


def start_point(typed: str, option: str = "--from") -> StartPoint:
    """Where to start. Raises Refusal."""
    if typed in {"beginning", "end"}:
        return StartPoint(beginning=True) if typed == "beginning" else StartPoint(end=True)
    at_ms = moment_ms(typed, option)
    if at_ms is None:
        return StartPoint(checkpoint=token(typed, option))
    return StartPoint(recorded_ms=at_ms)


def end_point(typed: str, option: str = "--to") -> EndPoint:
    """Where to stop: a moment or a checkpoint. Raises Refusal."""
    at_ms = moment_ms(typed, option, ENDS)
    if at_ms is None:
        return EndPoint(checkpoint=token(typed, option, ENDS))
    return EndPoint(recorded_ms=at_ms)


def token(typed: str, option: str, forms: str = HELP) -> str:
    """A checkpoint or another token as typed. Raises Refusal for what cannot be one."""
    if not _TOKEN.fullmatch(typed):
        raise Refusal(f"{option} {typed}: is no point", f"Write {forms}", Exit.USAGE)
    return typed


def moment_ms(typed: str, option: str, forms: str = HELP) -> int | None:
    """Ms since 1970 UTC of a moment, or of so long ago; None for what looks like neither.

    Raises Refusal.
    """
    if not (_DATE.match(typed) or _AGO.fullmatch(typed)):
        return None
    try:
        return filters.moment_ms(typed)
    except ValueError as error:
        raise Refusal(f"{option} {typed}: {error}", f"Write {forms}", Exit.USAGE) from error
