"""Readers of a journal that keeps its promises: their lines, made to fit a history."""

import random
from typing import Any

Record = dict[str, Any]
WANTS = ("ACCEPTED",)


def reader_records(seed: int, records: list[Record]) -> list[Record]:
    """Two readers of everything in `records`: frames of some events, heartbeats, reconnects."""
    draw = random.Random(f"readers/{seed}")
    rows = sorted(
        (row[1], row[2], row[3])
        for record in records
        if record["kind"] == "final"
        for row in record["events"]
    )
    end = max([record.get("t1", 0) for record in records], default=0)
    return [line for name in ("journal-1", "journal-2") for line in _read(name, rows, end, draw)]


def _read(
    name: str, rows: list[tuple[int, int, str]], end: int, draw: random.Random
) -> list[Record]:
    """Partition by partition, as one that catches up reads them."""
    places: dict[str, int] = {}
    told = [_opened(name, end, places)]
    left = list(rows)
    while left:
        end += draw.randint(1, 1_000)
        if draw.random() < 0.05:
            told.append(_opened(name, end, places))
        events, left = left[: (size := draw.randint(0, 7))], left[size:]
        moved = {str(partition): position for partition, position, _ in events}
        places |= moved
        told.append(
            {
                "kind": "frame",
                "reader": name,
                "t": end,
                "events": [list(event) for event in events],
                "places": moved,
            }
        )
    return told


def _opened(name: str, t: int, places: dict[str, int]) -> Record:
    return {"kind": "stream", "reader": name, "t": t, "start": dict(places), "wants": [*WANTS]}
