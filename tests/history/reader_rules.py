"""Rules H11 and H13, over one reader and what the journal holds in the end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.history.findings import Finding
from tests.history.history import Call, Stored
from tests.history.readers import Frame, Opened, ReaderHistory

# Rows by partition, each in order of positions: the row with position n is at n - 1.
Rows = Mapping[int, Sequence[Stored]]
Attempts = Mapping[str, Sequence[Call]]


@dataclass(slots=True)
class _Reading:
    """How far a reader is, by what it was told last."""

    reader: ReaderHistory
    rows: Rows
    attempts: Attempts
    wants: frozenset[str] = frozenset()
    places: dict[int, int] = field(default_factory=dict)
    # Up to where it was sent events, and which, behind `places`.
    sent: dict[int, int] = field(default_factory=dict)
    fresh: set[tuple[int, int]] = field(default_factory=set)

    def finding(self, rule: str, partition: int, ids: Sequence[str], seen: str) -> Finding:
        where = f"partition {partition}"
        return Finding(rule, where, tuple(ids), f"reader {self.reader.name}: {seen}")


def readers_are_sent_everything_once(
    reader: ReaderHistory, rows: Rows, attempts: Attempts
) -> Iterator[Finding]:
    """H11, and H13 where what is missing was appended after the reader had passed its place."""
    reading = _Reading(reader, rows, attempts)
    for index, noted in enumerate(reader.noted):
        if isinstance(noted, Opened):
            yield from _open(reading, noted, first=index == 0)
        else:
            yield from _take(reading, noted)


def _open(reading: _Reading, opened: Opened, *, first: bool) -> Iterator[Finding]:
    """A stream begins where the reader stood."""
    if first:
        reading.places = dict(opened.start)
    for partition in opened.start.keys() | reading.places.keys():
        start, place = opened.start.get(partition, 0), reading.places.get(partition, 0)
        if start != place:
            yield reading.finding(
                "H11", partition, (), f"opened behind {start}, where it stood at {place}"
            )
    reading.wants = opened.wants
    reading.sent = dict(opened.start)
    reading.places = dict(opened.start)
    reading.fresh.clear()


def _take(reading: _Reading, frame: Frame) -> Iterator[Finding]:
    for partition, position, event_id in frame.events:
        yield from _event(reading, partition, position, event_id)
    for partition, place in frame.places.items():
        yield from _move(reading, frame, partition, place)
    for partition in {partition for partition, *_ in frame.events}:
        place = reading.places.get(partition, 0)
        if place < reading.sent[partition]:
            yield reading.finding(
                "H11",
                partition,
                (),
                f"sent up to {reading.sent[partition]} with a checkpoint at {place}",
            )


def _event(reading: _Reading, partition: int, position: int, event_id: str) -> Iterator[Finding]:
    row = _row(reading, partition, position)
    if row is None or row.event_id != event_id:
        yield reading.finding(
            "H11", partition, [event_id], f"sent as position {position}, where it is not"
        )
    before = reading.sent.get(partition, 0)
    if position <= before:
        yield reading.finding(
            "H11", partition, [event_id], f"position {position} was sent again, behind {before}"
        )
    reading.sent[partition] = max(before, position)
    reading.fresh.add((partition, position))


def _move(reading: _Reading, frame: Frame, partition: int, place: int) -> Iterator[Finding]:
    """The checkpoint moves forward, over what was sent and what is not wanted."""
    before = reading.places.get(partition, 0)
    if place < before:
        yield reading.finding("H11", partition, (), f"the checkpoint went from {before} to {place}")
    for position in range(before + 1, place + 1):
        row = _row(reading, partition, position)
        if row is None:
            yield reading.finding(
                "H11", partition, (), f"the checkpoint names {place}, which is not there"
            )
            break
        if row.outcome in reading.wants and (partition, position) not in reading.fresh:
            yield _missing(reading, frame, row)
        reading.fresh.discard((partition, position))
    reading.places[partition] = place


def _missing(reading: _Reading, frame: Frame, row: Stored) -> Finding:
    """What was passed without being sent: skipped, or not there at that time."""
    attempts = reading.attempts.get(row.event_id, ())
    if attempts and min(call.t0 for call in attempts) > frame.t:
        rule, how = "H13", "appeared below the place that the reader had passed"
    else:
        rule, how = "H11", "was skipped"
    return reading.finding(rule, row.partition, [row.event_id], f"position {row.position} {how}")


def _row(reading: _Reading, partition: int, position: int) -> Stored | None:
    rows = reading.rows.get(partition, ())
    return rows[position - 1] if 0 < position <= len(rows) else None
