"""Rules H1 to H9, each over one stream or one partition, each in one or two passes.

Versions and positions come back with every write and are read in the end, so the order of
everything is known and nothing has to be searched for.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.history.findings import Finding
from tests.history.history import Call, Stored, Stream
from tests.history.recorder import Answer

SYSTEM_TYPES = frozenset({"session.opened", "session.closed"})
SESSION_CALLS = frozenset({"OpenSession", "CloseSession"})
ID_REUSED = "EVENT_ID_REUSED"


Attempts = list[tuple[Call, int]]


@dataclass(slots=True)
class Case:
    """One stream with what several rules look up.

    `rows` by version, each with the attempts to write it (calls, and the index in each);
    `answered` holds every answer of an ok call: call, content hash, event id, answer.
    """

    stream: Stream
    rows: list[tuple[Stored, Attempts]]
    by_id: dict[str, Stored]
    attempts: dict[str, Attempts]
    answered: list[tuple[Call, str, str, Answer]]

    @classmethod
    def of(cls, stream: Stream) -> "Case":
        """Sort and index a stream."""
        attempts: dict[str, Attempts] = {}
        answered = []
        for call in stream.calls:
            for index, event_id in enumerate(call.event_ids):
                attempts.setdefault(event_id, []).append((call, index))
            if call.outcome == "ok":
                answered += [
                    (call, *told)
                    for told in zip(call.hashes, call.event_ids, call.answers, strict=False)
                ]
        by_id: dict[str, Stored] = {}
        rows = sorted(stream.stored)
        for row in rows:
            by_id.setdefault(row.event_id, row)
        return cls(
            stream,
            [(row, attempts.get(row.event_id, [])) for row in rows],
            by_id,
            attempts,
            answered,
        )

    def finding(self, rule: str, ids: Iterable[str], seen: str) -> Finding:
        """A finding in this stream."""
        return Finding(rule, self.stream.subject, tuple(ids), seen)


def nothing_is_lost(case: Case) -> Iterator[Finding]:
    """H1."""
    gone = {
        answer.version: event_id
        for _, _, event_id, answer in case.answered
        if answer.version and event_id not in case.by_id
    }
    if gone:
        acknowledged = sorted({answer.version for *_, answer in case.answered if answer.version})
        lost = sorted(gone)
        yield case.finding(
            "H1",
            (gone[version] for version in lost),
            f"{len(lost)} of {len(acknowledged)} acknowledged events are gone: "
            f"{_where_lost(lost, acknowledged)} of the stream, versions {_shortened(lost)}",
        )


def _where_lost(lost: list[int], acknowledged: list[int]) -> str:
    if lost == acknowledged[: len(lost)]:
        return "a prefix"
    return "the tail" if lost == acknowledged[-len(lost) :] else "the middle"


def _shortened(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return shown if len(numbers) <= 5 else f"{shown} … {numbers[-1]}"


def nothing_is_twice(case: Case) -> Iterator[Finding]:
    """H2."""
    by_seq: dict[tuple[str, int], Stored] = {}
    for row, _ in case.rows:
        first = case.by_id[row.event_id]
        if first is not row:
            yield case.finding(
                "H2", [row.event_id], f"stored at version {first.version} and at {row.version}"
            )
        if row.seq and row.type not in SYSTEM_TYPES:
            other = by_seq.setdefault((row.installation, row.seq), row)
            if other is not row and other.event_id != row.event_id:
                yield case.finding(
                    "H2",
                    [other.event_id, row.event_id],
                    f"both are seq {row.seq} of installation {row.installation}",
                )


def answers_are_true(case: Case) -> Iterator[Finding]:
    """H3 against what is stored."""
    for call, content, event_id, answer in case.answered:
        row = case.by_id.get(event_id)
        if row is not None and row.hash == content and answer[3:] == row[:3]:
            if answer[:2] != (row.outcome, row.reason):
                yield case.finding(
                    "H3",
                    [call.id, event_id],
                    f"answered {_spoken(answer)}, stored as {row.outcome} {row.reason}",
                )
        elif wrong := _untruth(content, answer, row):
            yield case.finding("H3", [call.id, event_id], wrong)
    for call in case.stream.calls:
        if call.outcome == "ok" and len(call.answers) != len(call.event_ids):
            yield case.finding(
                "H3",
                [call.id],
                f"{len(call.answers)} answers to {len(call.event_ids)} interactions",
            )


def repeats_are_alike(case: Case) -> Iterator[Finding]:
    """H3 between the answers to one interaction."""
    first: dict[tuple[str, str], tuple[Call, Answer]] = {}
    for call, content, event_id, answer in case.answered:
        if len(case.attempts[event_id]) == 1:
            continue
        before, known = first.setdefault((event_id, content), (call, answer))
        if known is answer:
            continue
        if answer.version and not answer.duplicate and not known.duplicate:
            yield case.finding(
                "H3", [before.id, call.id, event_id], "two calls were told to be the first"
            )
        if answer._replace(duplicate=known.duplicate) != known:
            yield case.finding(
                "H3",
                [before.id, call.id, event_id],
                f"answered {_spoken(known)}, then {_spoken(answer)}",
            )


def _untruth(content: str, answer: Answer, row: Stored | None) -> str:
    """What is wrong with an answer that does not agree with its row; a loss is H1's."""
    if not answer.version and answer.reason != ID_REUSED:
        return f"ok without a place: {_spoken(answer)}"
    if not answer.version:
        other = row is not None and row.hash != content
        return "" if other else f"told {ID_REUSED}, but no other content is stored under the id"
    if row is None:
        return ""
    if row.hash != content:
        return f"answered {_spoken(answer)} for other content"
    return (
        f"answered {_spoken(answer)}, stored at version {row.version}, "
        f"partition {row.partition}, position {row.position}"
    )


def _spoken(answer: Answer) -> str:
    return (
        f"{answer.outcome} {answer.reason} at version {answer.version}, "
        f"partition {answer.partition}, position {answer.position}"
    )


def versions_are_dense(case: Case) -> Iterator[Finding]:
    """H4 along a stream."""
    for expected, (row, _) in enumerate(case.rows, 1):
        if row.version != expected:
            yield case.finding(
                "H4", [row.event_id], f"version {row.version} where {expected} is due"
            )
            break
    partitions = {row.partition for row, _ in case.rows}
    if len(partitions) > 1:
        yield case.finding("H4", (), f"in several partitions: {sorted(partitions)}")


def all_saw_the_same(case: Case) -> Iterator[Finding]:
    """H4 between all who looked: readers, the API in the end, the database."""
    stored = {row.version: (row.event_id, row.partition, row.position) for row, _ in case.rows}
    stream = case.stream
    for version, place in [*stream.contradictions, *stream.seen.items()]:
        known = stored.get(version)
        if place != known:
            ids = [place.event_id] if known is None else [place.event_id, known[0]]
            yield case.finding(
                "H4", ids, f"seen at version {version}: {tuple(place)}, in the end: {known}"
            )
    if stream.rows not in {None, len(case.rows)}:
        yield case.finding(
            "H4", (), f"the database has {stream.rows} rows, the API tells {len(case.rows)} events"
        )


def nothing_is_invented(case: Case) -> Iterator[Finding]:
    """H5."""
    sessions = sum(call.rpc in SESSION_CALLS for call in case.stream.calls)
    for row, attempts in case.rows:
        if row.type in SYSTEM_TYPES:
            sessions -= 1
            if sessions < 0:
                yield case.finding("H5", [row.event_id], f"{row.type}, but no call asked for it")
        elif not attempts:
            yield case.finding("H5", [row.event_id], f"version {row.version} was never attempted")
        elif not any(_is_attempt(row, call, index) for call, index in attempts):
            yield case.finding(
                "H5",
                [row.event_id],
                f"stored with hash {row.hash}, installation {row.installation!r}, seq {row.seq}; "
                "no attempt had these",
            )


def _is_attempt(row: Stored, call: Call, index: int) -> bool:
    if call.hashes[index] != row.hash:
        return False
    return not call.first_seq or (call.installation, call.seq(index)) == (row.installation, row.seq)


def failures_stay_failures(case: Case) -> Iterator[Finding]:
    """H6. Some attempt that did not fail wrote it, and was not told that it is a repeat."""
    for row, attempts in case.rows:
        failed = next((call for call, _ in attempts if call.outcome == "fail"), None)
        if failed and not any(_may_have_written(call, index) for call, index in attempts):
            yield case.finding(
                "H6",
                [failed.id, row.event_id],
                f"every attempt that may have written version {row.version} failed for good "
                f"({failed.reason})",
            )


def _may_have_written(call: Call, index: int) -> bool:
    if call.outcome != "ok" or index >= len(call.answers):
        return call.outcome != "fail"
    answer = call.answers[index]
    return answer.version > 0 and not answer.duplicate


def sequences_are_kept(case: Case) -> Iterator[Finding]:
    """H7."""
    last: dict[str, Stored] = {}
    stored: set[tuple[str, int]] = set()
    for row, _ in case.rows:
        if not row.seq or row.type in SYSTEM_TYPES:
            continue
        before = last.get(row.installation)
        if before is not None and before.seq > row.seq:
            yield case.finding(
                "H7",
                [before.event_id, row.event_id],
                f"seq {before.seq} at version {before.version}, then seq {row.seq} at "
                f"{row.version}, installation {row.installation}",
            )
        last[row.installation] = row
        stored.add((row.installation, row.seq))
    yield from _holes(case, stored)


def _holes(case: Case, stored: set[tuple[str, int]]) -> Iterator[Finding]:
    """Acknowledged sequence numbers under which nothing is stored, and nothing had to be."""
    processed: dict[str, tuple[int, Call]] = {}
    elsewhere: set[tuple[str, int]] = set()
    for call in case.stream.calls:
        if not call.first_seq:
            continue
        if call.outcome == "ok":
            if call.processed_seq > processed.get(call.installation, (0, call))[0]:
                processed[call.installation] = (call.processed_seq, call)
            if call.processed_seq < call.seq(len(call.event_ids) - 1):
                yield case.finding(
                    "H7", [call.id], f"ok, but processed only up to seq {call.processed_seq}"
                )
        for index, event_id in enumerate(call.event_ids):
            # Known under another number, or refused because it is known with other content.
            if event_id in case.by_id:
                elsewhere.add((call.installation, call.seq(index)))
    for installation, (last_seq, call) in processed.items():
        for seq in range(1, last_seq + 1):
            if (installation, seq) not in stored and (installation, seq) not in elsewhere:
                yield case.finding(
                    "H7",
                    [call.id],
                    f"processed up to seq {last_seq} of installation {installation}, "
                    f"but {seq} is missing",
                )


def time_is_kept(case: Case) -> Iterator[Finding]:
    """H8. Backwards through the stream, remembering who was answered first among the later."""
    earliest = math.inf
    answered = ""
    for row, attempts in reversed(case.rows):
        if not attempts:
            continue
        first_sent = min([call.t0 for call, _ in attempts])
        if earliest < first_sent:
            yield case.finding(
                "H8",
                [answered, row.event_id],
                f"the first was answered before the second was sent; versions "
                f"{case.by_id[answered].version} and {row.version}",
            )
        for call, _ in attempts:
            if call.outcome == "ok" and call.t1 is not None and call.t1 < earliest:
                earliest, answered = call.t1, row.event_id


def conditions_are_kept(case: Case) -> Iterator[Finding]:
    """H9."""
    for call in case.stream.calls:
        if call.expected_version is None or not call.event_ids:
            continue
        if call.outcome == "ok" and call.answers:
            yield from _condition(case, call, call.answers[0])
        elif call.reason == "VERSION_CONFLICT":
            yield from _conflict(case, call, call.expected_version)


def _conflict(case: Case, call: Call, expected: int) -> Iterator[Finding]:
    """The head named is another one, and real; and it was not this very batch that moved it."""
    head, own = call.current_version, case.by_id.get(call.event_ids[0])
    whole = all(event_id in case.by_id for event_id in call.event_ids)
    if head is None or head == expected or head > len(case.rows):
        yield case.finding(
            "H9",
            [call.id],
            f"expected {expected} and was told a conflict with head {head}, the stream ends at "
            f"{len(case.rows)}",
        )
    elif own is not None and whole and own.version == expected + 1 <= head:
        yield case.finding(
            "H9",
            [call.id, own.event_id],
            f"expected {expected} and was told a conflict with head {head}, but was written at "
            f"version {own.version} and should have been answered again",
        )


def _condition(case: Case, call: Call, answer: Answer) -> Iterator[Finding]:
    attempts = (other for other, _ in case.attempts[call.event_ids[0]])
    expected = {call.expected_version}
    if answer.duplicate:  # the first attempt that was written may have expected something else
        expected |= {other.expected_version for other in attempts}
    if answer.version and None not in expected and answer.version - 1 not in expected:
        yield case.finding(
            "H9",
            [call.id, call.event_ids[0]],
            f"expected {call.expected_version}, written at version {answer.version}",
        )


def positions_are_dense(
    partition: int, places: list[tuple[int, str]], head: int | None
) -> Iterator[Finding]:
    """H4 along a partition. `places`: (position, event id); `head`: last position, if known."""
    places.sort()
    for expected, (position, event_id) in enumerate(places, 1):
        if position != expected:
            yield Finding(
                "H4",
                f"partition {partition}",
                (event_id,),
                f"position {position} where {expected} is due",
            )
            break
    if head is not None and head != len(places):
        yield Finding("H4", f"partition {partition}", (), f"head {head}, but {len(places)} events")


OF_STREAMS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    nothing_is_lost,
    nothing_is_twice,
    answers_are_true,
    repeats_are_alike,
    versions_are_dense,
    all_saw_the_same,
    nothing_is_invented,
    failures_stay_failures,
    sequences_are_kept,
    time_is_kept,
    conditions_are_kept,
)
