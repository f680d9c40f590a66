"""Films, episodes, songs, audiobooks, courses: exact resume points from runs of playing.

A run opens with each play and each seek and ends with the next of these or with a pause, stop or
finish. Every report names its run and where that began, so each is judged by itself and a lost
one harms nothing. Latest wins, not furthest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from journey.v1.folds_pb2 import JourneyFold, MediaFold, MediaRun
from journey.v1.interactions_pb2 import JourneyMarked, MediaFormat, MediaStopped
from journey.v1.journeys_pb2 import Journey, MediaPlace, MediaState, MediaTracks
from projections import thresholds
from projections.fold import (
    Order,
    entry,
    include,
    join,
    keep_earliest,
    keep_greatest,
    keep_latest,
    order_of,
)
from projections.journeys.media_runs import (
    NORMAL_SPEED,
    Stretch,
    Verdict,
    by_end,
    judge_finished,
    resume_run,
    stretches,
)
from projections.projection import Act, JourneyKind, serialized

# Looked up once: an enum of the generated code costs a search by name each time.
ENDED = MediaStopped.REASON_ENDED
FORMATS = frozenset(MediaFormat.values()) - {MediaFormat.MEDIA_FORMAT_UNSPECIFIED}


# --- fold ----------------------------------------------------------------------------------------


def opened(media: MediaFold, act: Act) -> None:
    """A play or a seek."""
    _tell_facts(media, act)
    run = _counting_run(media, act)
    if run is not None:
        keep_greatest(run.top, act.write(number=act.body.point_ms, aside=act.body.speed))


def progressed(media: MediaFold, act: Act) -> None:
    """A report while playing."""
    run = _counting_run(media, act)
    if run is not None:
        keep_greatest(run.top, act.write(number=act.body.point_ms, aside=act.body.speed))


def closed(media: MediaFold, act: Act) -> None:
    """A pause, a stop or a finish; later ones of a run repeat the first."""
    _tell_facts(media, act)
    run = _counting_run(media, act)
    if run is None:
        return
    keep_earliest(run.close, act.write(number=act.body.point_ms))
    if act.name == "media_stopped" and act.body.reason == ENDED:
        keep_latest(run.finish, act.write(number=act.body.point_ms))


def chose_tracks(media: MediaFold, act: Act) -> None:
    """The whole choice of tracks."""
    tracks = MediaTracks(
        audio_language=act.body.audio_language,
        subtitle_language=act.body.subtitle_language,
        speed=act.body.speed,
    )
    keep_latest(media.tracks, act.write(message=serialized(tracks)))


def marked(media: MediaFold, act: Act) -> None:
    """A mark by hand; hiding concerns all kinds and is kept outside."""
    if act.body.mark == JourneyMarked.MARK_FINISHED:
        include(media.finished_marks, act.write())
    elif act.body.mark == JourneyMarked.MARK_UNFINISHED:
        include(media.unfinished_marks, act.write())


def _counting_run(media: MediaFold, act: Act) -> MediaRun | None:
    """The run of a report; None where the report does not count."""
    body = act.body
    if act.event.lease_stale or not body.run_id or body.point_ms < body.run_start_ms:
        return None
    run = entry(media.runs, MediaRun, "run_id", body.run_id)
    keep_earliest(run.first, act.write(number=body.run_start_ms, aside=body.opened_by))
    return run


def _tell_facts(media: MediaFold, act: Act) -> None:
    """What an intent tells of the content; what is not set is not told."""
    body = act.body
    if body.duration_ms > 0:
        keep_latest(media.duration, act.write(number=body.duration_ms))
    if act.name != "media_played":
        return
    if body.credits_at_ms > 0:
        keep_latest(media.credits, act.write(number=body.credits_at_ms))
    if body.format in FORMATS:
        keep_latest(media.format, act.write(number=body.format))
    if body.group_id:
        keep_latest(media.group, act.write(text=body.group_id))
    if body.series_id:
        keep_latest(media.series, act.write(text=body.series_id))


def merge(mine: MediaFold, theirs: MediaFold) -> None:
    """Join the second state into the first."""
    for run in theirs.runs:
        known = entry(mine.runs, MediaRun, "run_id", run.run_id)
        join(keep_earliest, known, run, "first", "close")
        join(keep_greatest, known, run, "top")
        join(keep_latest, known, run, "finish")
    join(keep_latest, mine, theirs, "duration", "credits", "format", "group", "series", "tracks")
    for mark in theirs.finished_marks:
        include(mine.finished_marks, mark)
    for mark in theirs.unfinished_marks:
        include(mine.unfinished_marks, mark)


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.media` and `finished`; returns the activity."""
    media, state = fold.media, journey.media
    found = stretches(media)
    resume = resume_run(found)
    _publish_facts(media, state)
    _publish_verdict(judge_finished(media, found), state)
    if resume is not None:
        _publish_resume(resume, state)
        state.history.extend(_history(found, resume))
        state.alternates.extend(_alternates(found, resume))
    state.start_ms = 0 if state.finished else state.point_ms
    state.furthest_ms = max((each.point_ms for each in found if each.played), default=0)
    journey.finished = state.finished
    reported = [max(run.first.t_ms, run.top.t_ms) for run in media.runs]
    journey.updated_at_ms = max([journey.updated_at_ms, *reported])
    return _activity(media, found)


def _publish_facts(media: MediaFold, state: MediaState) -> None:
    state.SetInParent()
    state.duration_ms = media.duration.number
    state.credits_at_ms = media.credits.number
    state.format = cast("MediaFormat", media.format.number)
    state.group_id = media.group.text
    state.series_id = media.series.text
    if media.HasField("tracks"):
        state.tracks.ParseFromString(media.tracks.message)


def _publish_verdict(verdict: Verdict, state: MediaState) -> None:
    state.finished = verdict.finished
    state.finished_at_ms = verdict.finished_at_ms
    state.watch_count = verdict.watch_count


def _publish_resume(resume: Stretch, state: MediaState) -> None:
    """Exact, capped at the duration; no threshold touches it."""
    beyond = state.duration_ms and resume.point_ms > state.duration_ms
    state.point_ms = state.duration_ms if beyond else resume.point_ms
    state.as_of_ms = resume.end[0]
    state.speed = resume.speed
    state.installation_id = resume.installation_id
    state.run_id = resume.run_id


def _history(found: Iterable[Stretch], resume: Stretch) -> list[MediaPlace]:
    """Where the latest other runs ended, newest first, for undo."""
    others = [each for each in found if each.played and each is not resume]
    others.sort(key=by_end, reverse=True)
    return [_place(each) for each in others[: thresholds.HISTORY_MOST]]


def _alternates(found: Iterable[Stretch], resume: Stretch) -> list[MediaPlace]:
    """Where other installations were playing at the same time, newest first."""
    last: dict[str, Stretch] = {}
    for each in sorted(found, key=by_end):
        if each.established and each.installation_id != resume.installation_id:
            last[each.installation_id] = each
    since_ms = resume.end[0] - thresholds.ALTERNATE_LAG_MS
    playing = [each for each in last.values() if each.speed > 0 and each.end[0] >= since_ms]
    playing.sort(key=by_end, reverse=True)
    return [_place(each) for each in playing[: thresholds.ALTERNATES_MOST]]


def _place(stretch: Stretch) -> MediaPlace:
    return MediaPlace(
        point_ms=stretch.point_ms,
        at_ms=stretch.end[0],
        installation_id=stretch.installation_id,
        run_id=stretch.run_id,
    )


def _activity(media: MediaFold, found: Iterable[Stretch]) -> Order | None:
    """Begin and close of established runs, and marks by hand; telemetry never reorders."""
    moments = [order_of(mark) for mark in media.finished_marks]
    for each in found:
        if each.established:
            moments += [each.first, each.end] if each.closed else [each.first]
    return max(moments, default=None)


def listed(journey: Journey) -> bool:
    """Whether there is a resume point, and enough before it to go on with."""
    media = journey.media
    return media.as_of_ms != 0 and media.point_ms >= listing_floor(media.duration_ms)


def listing_floor(duration_ms: int) -> int:
    """Resume points below it are not offered, ms of content. `duration_ms` 0 = unknown."""
    if duration_ms <= 0:
        return thresholds.LISTING_FLOOR_UNKNOWN_MS
    return thresholds.LISTING_FLOOR.of(duration_ms)


def place_at(media: MediaState, now_ms: int, lease_until_ms: int = 0) -> int:
    """The resume point extrapolated to server time `now_ms`, ms of content.

    It runs on until the lease ends (0 = none: 45 s), never beyond the duration.
    """
    until_ms = min(now_ms, lease_until_ms or media.as_of_ms + thresholds.EXTRAPOLATION_MS)
    played_ms = max(0, until_ms - media.as_of_ms) * media.speed // NORMAL_SPEED
    place_ms = media.point_ms + max(0, played_ms)
    return min(place_ms, media.duration_ms) if media.duration_ms else place_ms


MEDIA = JourneyKind(
    name="media",
    folds={
        "media_played": opened,
        "media_seeked": opened,
        "media_progressed": progressed,
        "media_paused": closed,
        "media_stopped": closed,
        "media_tracks_set": chose_tracks,
        "journey_marked": marked,
    },
    merge=merge,
    publish=publish,
    listed=listed,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
)
