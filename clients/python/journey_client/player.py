"""What a media player reports: runs of playing, so that any device goes on exactly there."""

from __future__ import annotations

from dataclasses import dataclass, field

from journey.v1.interactions_pb2 import (
    Interaction,
    MediaFormat,
    MediaPaused,
    MediaPlayed,
    MediaProgressed,
    MediaSeeked,
    MediaStopped,
    RunOpener,
)
from journey.v1.references_pb2 import JourneyRef
from journey_client.ids import run_id

NORMAL_SPEED = 1_000
# Play on with a progress report at least this often while playing.
PROGRESS_EVERY_MS = 15_000


@dataclass(frozen=True, slots=True)
class _Run:
    """One stretch of playing without a jump."""

    run_id: str
    run_start_ms: int
    opened_by: RunOpener


@dataclass(slots=True)
class MediaRuns:
    """Reports of one player on one piece of content, as interactions to record.

    A run opens with each `played` and each `seeked`, and ends with the next of these, `paused` or
    `stopped`; every report repeats its run, so each can be judged by itself. Points are ms of
    content, adverts not counted; speed in thousandths.
    """

    content_id: str
    duration_ms: int = 0
    credits_at_ms: int = 0
    format: MediaFormat = MediaFormat.MEDIA_FORMAT_UNSPECIFIED
    group_id: str = ""
    series_id: str = ""
    speed: int = NORMAL_SPEED
    _run: _Run | None = field(default=None, init=False)
    _playing: bool = field(default=False, init=False)

    def played(
        self,
        point_ms: int,
        *,
        cause: MediaPlayed.Cause = MediaPlayed.CAUSE_UNSPECIFIED,
        restart: bool = False,
    ) -> Interaction:
        """Playing began or went on at a place; `restart`: asked to begin anew.

        Without `cause` it is START at 0 and RESUME elsewhere.
        """
        if cause == MediaPlayed.CAUSE_UNSPECIFIED:
            cause = MediaPlayed.CAUSE_RESUME if point_ms else MediaPlayed.CAUSE_START
        opener = RunOpener.RUN_OPENER_RESTART if restart else RunOpener.RUN_OPENER_PLAY
        run = self._open(point_ms, opener)
        self._playing = True
        body = MediaPlayed(
            run_id=run.run_id,
            run_start_ms=run.run_start_ms,
            opened_by=run.opened_by,
            point_ms=point_ms,
            speed=self.speed,
            duration_ms=self.duration_ms,
            cause=cause,
            credits_at_ms=self.credits_at_ms,
            format=self.format,
            group_id=self.group_id,
            series_id=self.series_id,
        )
        return self._of(Interaction(media_played=body))

    def progressed(self, point_ms: int, *, lease_epoch: int = 0) -> Interaction:
        """Playing goes on: every 15 s, at a change of speed, and right before a seek."""
        run = self._open_run()
        body = MediaProgressed(
            run_id=run.run_id,
            run_start_ms=run.run_start_ms,
            opened_by=run.opened_by,
            point_ms=point_ms,
            speed=self.speed,
            lease_epoch=lease_epoch,
        )
        return self._of(Interaction(media_progressed=body))

    def paused(self, point_ms: int) -> Interaction:
        """Playing was paused."""
        run = self._open_run()
        self._playing = False
        body = MediaPaused(
            run_id=run.run_id,
            run_start_ms=run.run_start_ms,
            opened_by=run.opened_by,
            point_ms=point_ms,
            speed=self.speed,
            duration_ms=self.duration_ms,
        )
        return self._of(Interaction(media_paused=body))

    def seeked(self, point_ms: int, *, from_point_ms: int) -> Interaction:
        """The customer jumped to another place; while paused the new run stands still there."""
        run = self._open(point_ms, RunOpener.RUN_OPENER_SEEK)
        body = MediaSeeked(
            run_id=run.run_id,
            run_start_ms=run.run_start_ms,
            opened_by=run.opened_by,
            point_ms=point_ms,
            speed=self.speed if self._playing else 0,
            duration_ms=self.duration_ms,
            from_point_ms=from_point_ms,
        )
        return self._of(Interaction(media_seeked=body))

    def stopped(
        self, point_ms: int, reason: MediaStopped.Reason = MediaStopped.REASON_CUSTOMER
    ) -> Interaction:
        """Playing ended; ENDED if the content was over."""
        run = self._open_run()
        self._playing, self._run = False, None
        body = MediaStopped(
            run_id=run.run_id,
            run_start_ms=run.run_start_ms,
            opened_by=run.opened_by,
            point_ms=point_ms,
            speed=self.speed,
            duration_ms=self.duration_ms,
            reason=reason,
        )
        return self._of(Interaction(media_stopped=body))

    def _open(self, start_ms: int, opened_by: RunOpener) -> _Run:
        self._run = _Run(run_id("media", self.content_id), start_ms, opened_by)
        return self._run

    def _open_run(self) -> _Run:
        if self._run is None:
            raise ValueError(f"{self.content_id} does not play: report `played` first")
        return self._run

    def _of(self, interaction: Interaction) -> Interaction:
        interaction.journey.CopyFrom(JourneyRef(kind="media", journey_id=self.content_id))
        return interaction
