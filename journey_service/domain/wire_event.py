"""An event on its way through: the bytes that go over the wire, and what is asked of every one.

It has what an `Event` has where readers look, so that both are read by the same lines of code; what
lies deeper is parsed when it is asked for.
"""

from __future__ import annotations

from typing import NamedTuple, Self, TypeAlias

from journey.v1.events_pb2 import Actor, Event, Outcome
from journey.v1.interactions_pb2 import Interaction


class WireEvent(NamedTuple):
    """An event that is not parsed: `data` is what a message of it would be serialized to."""

    subject_id: str
    version: int
    position: int
    type: str
    recorded_at_ms: int
    outcome: Outcome
    data: bytes

    @classmethod
    def of(cls, event: Event) -> Self:
        """The same event."""
        return cls(
            event.subject_id,
            event.version,
            event.position,
            event.type,
            event.recorded_at_ms,
            event.outcome,
            event.SerializeToString(),
        )

    @property
    def interaction(self) -> Interaction:
        """What was reported; parsed anew each time."""
        return Event.FromString(self.data).interaction

    @property
    def actor(self) -> Actor:
        """Who acted; parsed anew each time."""
        return Event.FromString(self.data).actor

    def ByteSize(self) -> int:  # noqa: N802  as messages name it
        """Of its bytes."""
        return len(self.data)

    def SerializeToString(self) -> bytes:  # noqa: N802  as messages name it
        """Its bytes."""
        return self.data


AnyEvent: TypeAlias = Event | WireEvent


def parsed(event: AnyEvent) -> Event:
    """The event as a message."""
    return event if isinstance(event, Event) else Event.FromString(event.data)
