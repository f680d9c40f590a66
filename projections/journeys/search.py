"""Searches: the latest setting of words, filters, sorting and place, whole as it was sent."""

from __future__ import annotations

from journey.v1.folds_pb2 import JourneyFold, SearchFold
from journey.v1.journeys_pb2 import Journey, SearchState
from projections import thresholds
from projections.fold import Order, join, keep_latest
from projections.projection import Act, JourneyKind, activity_by_intent, serialized


def performed(search: SearchFold, act: Act) -> None:
    """A search was made or changed; what is sent is the whole setting."""
    body = act.body
    setting = SearchState(
        query=body.query, filters=body.filters, sort=body.sort, anchor=body.anchor
    )
    if body.HasField("result_count"):
        setting.result_count = body.result_count
    keep_latest(search.setting, act.write(message=serialized(setting)))


def merge(mine: SearchFold, theirs: SearchFold) -> None:
    """Join the second state into the first."""
    join(keep_latest, mine, theirs, "setting")


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.search`; returns the activity."""
    journey.search.MergeFromString(fold.search.setting.message)
    return activity_by_intent(fold)


SEARCH = JourneyKind(
    name="search",
    folds={"search_performed": performed},
    merge=merge,
    publish=publish,
    listed=lambda journey: bool(journey.search.query),
    archive_after_ms=lambda _: thresholds.SEARCH_ARCHIVE_AFTER_MS,
)
