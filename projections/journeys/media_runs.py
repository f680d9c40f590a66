"""What runs of playing amount to: where they ended, which of them count, whether all was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import NamedTuple

from journey.v1.folds_pb2 import MediaFold, MediaRun, Write
from journey.v1.interactions_pb2 import RunOpener
from projections import thresholds
from projections.fold import Order, order_of

NORMAL_SPEED = 1_000
# Looked up once: an enum of the generated code costs a search by name each time.
RESTART = RunOpener.RUN_OPENER_RESTART
DELIBERATE = frozenset({RESTART, RunOpener.RUN_OPENER_SEEK})


class Stretch(NamedTuple):
    """A run as it is judged: from where to where, until when, and whether it counts.

    `end` is the moment at which its last place was reached; `speed` is 0 once it was closed.
    `played`: its span is long enough. `established`: it may move the resume point.
    """

    run_id: str
    installation_id: str
    opened_by: int
    first: Order
    end: Order
    point_ms: int
    played: bool
    established: bool
    speed: int
    closed: bool
    finish: Write | None


def stretches(media: MediaFold) -> list[Stretch]:
    """All that may give the resume point: the runs, and each mark as unfinished at point 0."""
    return [_judge(run) for run in media.runs] + [_begun_anew(m) for m in media.unfinished_marks]


def _judge(run: MediaRun) -> Stretch:
    first, top = run.first, run.top
    opened_by, closed = first.aside, run.HasField("close")
    point_ms, end = _end(top, run.close) if closed else (top.number, order_of(top))
    played = point_ms - first.number >= thresholds.ESTABLISHED_SPAN_MS
    return Stretch(
        run.run_id,
        first.installation_id,
        opened_by,
        order_of(first),
        end,
        point_ms,
        played,
        played or opened_by in DELIBERATE,
        0 if closed else top.aside,
        closed,
        run.finish if run.HasField("finish") else None,
    )


def _begun_anew(mark: Write) -> Stretch:
    order = order_of(mark)
    return Stretch(
        run_id="",
        installation_id=mark.installation_id,
        opened_by=RESTART,
        first=order,
        end=order,
        point_ms=0,
        played=False,
        established=True,
        speed=0,
        closed=True,
        finish=None,
    )


def _end(top: Write, close: Write) -> tuple[int, Order]:
    """Where a closed run ended, and when that place was reached.

    So a failed start, a paused device that repeats its point and a television that is switched
    off hours after its last pause move nothing.
    """
    point_ms = close.number
    if not top.version:
        return point_ms, order_of(close)
    if point_ms < top.number - thresholds.RESET_TOLERANCE_MS:
        return top.number, order_of(top)
    speed = top.aside if top.aside > 0 else NORMAL_SPEED
    played_on_ms = max(0, point_ms - top.number) * NORMAL_SPEED // speed
    reached_ms = min(close.t_ms, top.t_ms + played_on_ms)
    return point_ms, (reached_ms, *order_of(close)[1:])


def resume_run(found: Iterable[Stretch]) -> Stretch | None:
    """The established run that ended last."""
    established = [each for each in found if each.established]
    return max(established, key=by_end, default=None)


by_end: Callable[[Stretch], Order] = attrgetter("end")


# --- finished ------------------------------------------------------------------------------------


def finish_line(media: MediaFold) -> int | None:
    """Place from which the content counts as seen, ms of content; None = unknown."""
    duration_ms, credits_ms = media.duration.number, media.credits.number
    if duration_ms <= 0:
        return None
    if 0 < credits_ms <= duration_ms:
        return credits_ms
    before_end = thresholds.FINISH_BEFORE_END_BY_FORMAT.get(
        media.format.number, thresholds.FINISH_BEFORE_END
    )
    return duration_ms - before_end.of(duration_ms)


class Verdict(NamedTuple):
    """Whether the content was seen to its end, when (ms since 1970 UTC, 0 = not), how often."""

    finished: bool
    finished_at_ms: int
    watch_count: int


def judge_finished(media: MediaFold, found: Iterable[Stretch]) -> Verdict:
    """Weigh finishing marks against opening marks, in order of occurrence.

    An event that does both, e.g. the only report left of a rewatch, opens before it finishes.
    """
    marks = sorted(_marks(media, found))
    watched = [
        order
        for index, (order, finishing) in enumerate(marks)
        if finishing and not (index and marks[index - 1][1])
    ]
    if not marks or not marks[-1][1]:
        return Verdict(finished=False, finished_at_ms=0, watch_count=len(watched))
    return Verdict(finished=True, finished_at_ms=watched[-1][0], watch_count=len(watched))


def _marks(media: MediaFold, found: Iterable[Stretch]) -> list[tuple[Order, bool]]:
    """Opening (False) and finishing (True) marks."""
    line = finish_line(media)
    marks = [(order_of(mark), True) for mark in media.finished_marks]
    for stretch in found:
        finishing = _finishing_marks(stretch, line)
        marks += [(order, True) for order in finishing]
        reopens = stretch.established and not finishing and _ends_below(stretch, line)
        if stretch.opened_by == RESTART or reopens:
            marks.append((stretch.first, False))
    return marks


def _finishing_marks(stretch: Stretch, line: int | None) -> list[Order]:
    marks = []
    if stretch.finish is not None and (line is None or stretch.finish.number >= line):
        marks.append(order_of(stretch.finish))
    if stretch.played and not _ends_below(stretch, line):
        marks.append(stretch.end)
    return marks


def _ends_below(stretch: Stretch, line: int | None) -> bool:
    """A seek alone to behind the line neither finishes nor reopens."""
    return line is None or stretch.point_ms < line
