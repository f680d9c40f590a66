"""Books, articles, documents: the page turned last, the furthest share, bookmarks.

Only turning a page moves the place; opening a book does not. Latest wins, not furthest.
"""

from __future__ import annotations

from journey.v1.folds_pb2 import JourneyFold, ReadingBookmarkFold, ReadingFold
from journey.v1.interactions_pb2 import JourneyMarked
from journey.v1.journeys_pb2 import Journey, ReadingBookmarkState, ReadingState
from projections import thresholds
from projections.fold import (
    Order,
    cancel,
    entry,
    join,
    join_tagged,
    keep_greatest,
    keep_latest,
    latest,
    order_of,
    replace_observed,
)
from projections.projection import Act, JourneyKind, activity_by_intent, serialized
from projections.published import keep_newest


def turned(reading: ReadingFold, act: Act) -> None:
    """A page was turned, or reading began anew."""
    progress_ppm = act.body.progress_ppm
    keep_latest(reading.place, act.write(text=act.body.locator, number=progress_ppm))
    keep_greatest(reading.furthest, act.write(number=progress_ppm))
    if progress_ppm >= thresholds.READING_FINISHED_PPM:
        keep_latest(reading.finish, act.write())
    if act.body.restart:
        keep_latest(reading.reopening, act.write())


def marked(reading: ReadingFold, act: Act) -> None:
    """A mark by hand; hiding concerns all kinds and is kept outside."""
    if act.body.mark == JourneyMarked.MARK_FINISHED:
        keep_latest(reading.finish, act.write())
    elif act.body.mark == JourneyMarked.MARK_UNFINISHED:
        keep_latest(reading.reopening, act.write())


def bookmark_changed(reading: ReadingFold, act: Act) -> None:
    """A bookmark was set in place of what was seen of it, or taken out."""
    settings = _bookmark(reading, act.body.bookmark_id).settings
    if act.body.removed:
        cancel(settings, act.marks)
        return
    told = ReadingBookmarkState(locator=act.body.locator, text=act.body.text)
    replace_observed(settings, act.write(message=serialized(told)), act.marks)


def _bookmark(reading: ReadingFold, bookmark_id: str) -> ReadingBookmarkFold:
    return entry(reading.bookmarks, ReadingBookmarkFold, "bookmark_id", bookmark_id)


def merge(mine: ReadingFold, theirs: ReadingFold) -> None:
    """Join the second state into the first."""
    join(keep_latest, mine, theirs, "place", "finish", "reopening")
    join(keep_greatest, mine, theirs, "furthest")
    for bookmark in theirs.bookmarks:
        join_tagged(_bookmark(mine, bookmark.bookmark_id).settings, bookmark.settings)


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.reading` and `finished`; returns the activity."""
    reading, state = fold.reading, journey.reading
    state.locator = reading.place.text
    state.as_of_ms = reading.place.t_ms
    state.progress_ppm = reading.place.number
    state.furthest_ppm = reading.furthest.number
    if _is_finished(reading):
        state.finished, state.finished_at_ms = True, reading.finish.t_ms
    _publish_bookmarks(reading, state)
    journey.finished = state.finished
    return activity_by_intent(fold)


def _is_finished(reading: ReadingFold) -> bool:
    """Finished later than begun anew; what does both begins."""
    return order_of(reading.finish) > order_of(reading.reopening)


def _publish_bookmarks(reading: ReadingFold, state: ReadingState) -> None:
    orders = []
    for bookmark in reading.bookmarks:
        setting = latest(bookmark.settings.tags)
        if setting is not None:
            orders.append(order_of(setting))
            told = ReadingBookmarkState.FromString(setting.message)
            told.bookmark_id, told.set_at_ms = bookmark.bookmark_id, setting.t_ms
            state.bookmarks.append(told)
    state.more = keep_newest(state.bookmarks, orders.__getitem__)


READING = JourneyKind(
    name="reading",
    folds={
        "reading_position_set": turned,
        "reading_bookmark_changed": bookmark_changed,
        "journey_marked": marked,
    },
    merge=merge,
    publish=publish,
    listed=lambda journey: journey.reading.progress_ppm > 0,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
)
