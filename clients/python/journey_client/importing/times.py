"""When a row happened: text of a column to ms since 1970 UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

When = Callable[[str], int]
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
    return lambda text: _ms(datetime.strptime(text, form), zone)  # noqa: DTZ007 - zone follows


def _ms(moment: datetime, zone: tzinfo) -> int:
    placed = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return round(placed.timestamp() * 1_000)
