"""How far a consumer is: one stream for each (consumer, upstream application), ids rising.

What a consumer writes and how far it is then are one transaction, in the process of the journal;
over the wire a service writes one stream at a time, so that a process recorder is refused there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from eventsourcing.persistence import (
    IntegrityError,
    ProcessRecorder,
    StoredEvent,
    Tracking,
    TrackingRecorder,
)

from projections.recorders.bridge import Bridge
from projections.recorders.events import TRACKING, Kept, interaction_of, subject_of
from projections.recorders.log import Log, Write, first_of
from projections.recorders.notifications import JourneyApplicationRecorder


class JourneyTrackingRecorder(TrackingRecorder):
    """Tracking records in Journey's streams. `application` names the consumer."""

    def __init__(self, bridge: Bridge, log: Log, *, application: str = "") -> None:
        self._bridge, self._log = bridge, log
        self._application = application

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record how far the consumer is. Raises IntegrityError unless it is farther than ever."""
        self._bridge.run(self._track(tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        """How far the consumer is in that application's sequence; None = nowhere yet."""
        _, last = self._bridge.run(self._tracked(application_name))
        return last

    async def _track(self, tracking: Tracking) -> None:
        await self._log.append([await self._tracking_write(tracking)])

    async def _tracking_write(self, tracking: Tracking) -> Write:
        version, last = await self._tracked(tracking.application_name)
        if last is not None and last >= tracking.notification_id:
            raise IntegrityError(
                f"Tracking id {tracking.notification_id} of {tracking.application_name} is not "
                f"greater than {last}."
            )
        name = tracking.application_name
        tracked = StoredEvent(name, tracking.notification_id, "", b"")
        interaction = interaction_of(tracked, TRACKING, self._application)
        return Write(self._tracking_stream(name), [interaction], version)

    async def _tracked(self, application_name: str) -> tuple[int, int | None]:
        """The stream's version, and the last id in it."""
        stream = self._tracking_stream(application_name)
        event = await first_of(self._log.read_stream(stream, page=1, backwards=True))
        last = Kept.of(event) if event else None
        return (event.version, last.version) if event and last else (0, None)

    def _tracking_stream(self, application_name: str) -> str:
        named = [quote(each, safe="") for each in (self._application, application_name)]
        return subject_of("/".join(["tracking", *named]))


class JourneyProcessRecorder(JourneyTrackingRecorder, JourneyApplicationRecorder, ProcessRecorder):
    """Events, and how far the consumer is that made them, in one transaction."""

    def __init__(
        self, bridge: Bridge, log: Log, *, application: str = "", everything: bool = False
    ) -> None:
        JourneyApplicationRecorder.__init__(
            self, bridge, log, application=application, everything=everything
        )

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        tracking: Tracking | None = None,
        **_: Any,
    ) -> Sequence[int] | None:
        """Write events and tracking, all or none. IntegrityError as for each of them."""
        if tracking is None:
            return super().insert_events(stored_events)
        ids = self._insert(stored_events, self._bridge.run(self._tracking_write(tracking)))
        return ids if self._ordered() else None
