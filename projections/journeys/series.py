"""Series: what belongs to them as their catalogue told, and what to go on with.

A telling is the whole of the series: it takes the place of the tellings that it had in view, and
keeps those it had not. Which member is in progress, how many are finished and what comes next
follows from the journeys of the members.
"""

from __future__ import annotations

from journey.v1.folds_pb2 import JourneyFold, SeriesFold, SeriesMemberFold
from journey.v1.journeys_pb2 import Journey, SeriesMemberState
from journey.v1.references_pb2 import JourneyRef
from projections import thresholds
from projections.fold import (
    Order,
    drop_cancelled,
    entry,
    join,
    join_tags,
    keep_latest,
    keep_tag,
    latest,
    order_of,
    raise_marks,
)
from projections.members import Members
from projections.projection import (
    Act,
    JourneyKind,
    activity_by_intent,
    key_of,
    serialized,
)
from projections.published import keep_newest


def updated(series: SeriesFold, act: Act) -> None:
    """The catalogue told what the series consists of and what comes next."""
    raise_marks(series.marks, act.marks)
    for known in series.members:
        drop_cancelled(known.tags, act.marks)
    for told in act.body.members:
        if told.journey.kind and told.journey.journey_id:
            state = SeriesMemberState(journey=told.journey, order_key=told.order_key)
            tags = _member(series, key_of(told.journey)).tags
            keep_tag(tags, act.write(message=serialized(state)), series.marks)
    if act.body.HasField("next"):
        keep_latest(series.next, act.write(message=serialized(act.body.next)))


def _member(series: SeriesFold, key: str) -> SeriesMemberFold:
    return entry(series.members, SeriesMemberFold, "key", key)


def merge(mine: SeriesFold, theirs: SeriesFold) -> None:
    """Join the second state into the first."""
    raise_marks(mine.marks, theirs.marks)
    for member in mine.members:
        drop_cancelled(member.tags, mine.marks)
    for member in theirs.members:
        join_tags(_member(mine, member.key).tags, member.tags, mine.marks)
    join(keep_latest, mine, theirs, "next")


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill in what was told of the series; returns the activity of the catalogue."""
    told = _told(fold.series)
    journey.series.members.extend(member for member, _ in told)
    journey.series.more = keep_newest(journey.series.members, lambda index: told[index][1])
    return activity_by_intent(fold)


def _told(series: SeriesFold) -> list[tuple[SeriesMemberState, Order]]:
    """The members in their order, each with when it was told last."""
    tellings = filter(None, (latest(member.tags) for member in series.members))
    told = [(SeriesMemberState.FromString(each.message), order_of(each)) for each in tellings]
    return sorted(told, key=lambda each: (each[0].order_key, key_of(each[0].journey)))


def keys_of_members(fold: JourneyFold) -> list[str]:
    """Keys of the journeys from which the rest follows: the members, and what was told as next."""
    keys = [member.key for member in fold.series.members if member.tags]
    return [*keys, key_of(_told_next(fold.series))]


def complete(fold: JourneyFold, journey: Journey, members: Members) -> Order | None:
    """Fill in what follows from the members; returns their activity, None where they have none."""
    state, refs = journey.series, [member.journey for member, _ in _told(fold.series)]
    keys = [key_of(ref) for ref in refs]
    finished = members.finished(keys)
    state.finished_count = len(finished)
    journey.finished = 0 < len(keys) == len(finished)
    current = members.going_on(keys)
    if current:
        state.current.CopyFrom(members.journeys[current].ref)
    after = current or members.finished_last(keys)
    up_next = _up_next(_told_next(fold.series), refs, after, members)
    if up_next is not None:
        state.up_next.CopyFrom(up_next)
    return members.activity(keys)


def _up_next(
    told: JourneyRef, refs: list[JourneyRef], after: str, members: Members
) -> JourneyRef | None:
    """What the catalogue told as next, unless that is going on or finished; else what follows."""
    if told.journey_id and key_of(told) != after and not members.finished([key_of(told)]):
        return told
    keys = [key_of(ref) for ref in refs]
    behind = refs[keys.index(after) + 1 :] if after in keys else []
    if not behind or members.finished([key_of(behind[0])]):
        return None
    return behind[0]


def _told_next(series: SeriesFold) -> JourneyRef:
    return JourneyRef.FromString(series.next.message)


SERIES = JourneyKind(
    name="series",
    folds={"series_updated": updated},
    merge=merge,
    publish=publish,
    listed=lambda _: False,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
    members=keys_of_members,
    complete=complete,
)
