"""Recorders of the `eventsourcing` library over Journey's log.

    Application, ProjectionRunner ──▶ recorders (synchronous) ──▶ Bridge (a loop in a thread)
         ──▶ Log ──┬─ the journal, in this process   journey_service.store.eventsourcing
                   └─ a service, over gRPC           journey_client.eventsourcing

An event of an originator stands in the stream of that name, as a custom interaction with its topic
and state. Its version there is dense from 1, whether the library counts from 0 or from 1. Where
the journal has one partition, positions are the library's notification ids; with more there is no
total order, so that aggregates and tracking work and notifications do not.
"""

from __future__ import annotations

from projections.recorders.bridge import Bridge
from projections.recorders.events import JourneyMapper, RecordedEvent
from projections.recorders.factory import JourneyFactory
from projections.recorders.log import Conflict, Log, Write
from projections.recorders.notifications import JourneyApplicationRecorder, JourneySubscription
from projections.recorders.streams import JourneyAggregateRecorder
from projections.recorders.tracking import JourneyProcessRecorder, JourneyTrackingRecorder

__all__ = [
    "Bridge",
    "Conflict",
    "JourneyAggregateRecorder",
    "JourneyApplicationRecorder",
    "JourneyFactory",
    "JourneyMapper",
    "JourneyProcessRecorder",
    "JourneySubscription",
    "JourneyTrackingRecorder",
    "Log",
    "RecordedEvent",
    "Write",
]
