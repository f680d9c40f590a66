"""The last attempts of events that a group is done with, as many as are remembered."""

from __future__ import annotations

from journey_service.domain.groups import DeliveryName, Entry

MOST_DONE = 1_000


class Done:
    """Of one partition; it outlasts the book that notes it."""

    def __init__(self) -> None:
        # By position: when the first attempt was, and which was the last.
        self._attempts: dict[int, tuple[int, int]] = {}

    def add(self, entry: Entry) -> None:
        """Nothing more is to be done with this event."""
        self._attempts[entry.position] = (entry.first_ms, entry.attempt)
        if len(self._attempts) > MOST_DONE:
            del self._attempts[next(iter(self._attempts))]

    def may_be_last(self, name: DeliveryName) -> bool:
        """Whether no other attempt is known to be the one with which it was done."""
        attempt = (name.first_ms, name.attempt)
        return self._attempts.get(name.position, attempt) == attempt
