"""Whole numbers as people type them: how large one may be that a message still carries."""

from __future__ import annotations

from journey_service.cli.exits import Exit, Refusal

# The largest number of an int32 field: what a count, a partition or an attempt is sent in.
MOST = 2**31 - 1
# The largest of an int64 field: a position, a version.
MOST_POSITION = 2**63 - 1
# Times the real pace; it is sent in thousandths, in an int32.
MOST_SPEED = 1_000_000


def whole(option: str, typed: str, digits: str, *, least: int = 0, most: int = MOST) -> int:
    """The number in what was typed behind an option. Raises Refusal outside of the range."""
    # By its length first: Python reads no number of thousands of digits.
    short = digits.lstrip("0") or "0"
    if len(short) > len(str(most)) or not least <= int(short) <= most:
        told = f"{option} {typed}: {digits} is not between {least:,} and {most:,}"
        raise Refusal(told, status=Exit.USAGE)
    return int(short)
