"""When a row happened: text of a column to ms since 1970 UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, tzinfo

When = Callable[[str], int]
_COMMON = "%Y-%m-%d %H:%M:%S"
_COMMON_TEXT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
NAMED = ("iso8601", "unix_s", "unix_ms")


def reader(form: str, zone: tzinfo) -> When:
    """How texts of a format are read; `zone` is meant where a text names none.

    `form` is iso8601, unix_s, unix_ms, or a pattern of strptime.
    """
    if form == "unix_ms":
        return int
    if form == "unix_s":
        return lambda text: round(float(text) * 1_000)
    if form == "iso8601":
        return lambda text: _ms(datetime.fromisoformat(text), zone)
    if form == _COMMON:
        return lambda text: _ms(_common(text), zone)
    return lambda text: _ms(datetime.strptime(text, form), zone)  # noqa: DTZ007 - zone follows


def _common(text: str) -> datetime:
    """As strptime reads the most frequent pattern, in a tenth of its time."""
    if _COMMON_TEXT.fullmatch(text) is None:
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _ms(moment: datetime, zone: tzinfo) -> int:
    placed = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return round(placed.timestamp() * 1_000)
