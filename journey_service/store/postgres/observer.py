"""What the store tells whoever measures it. Nothing here measures."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Callbacks; they must not block and must not raise."""

    def appended(self, path: str, *, requests: int, events: int, seconds: float) -> None:
        """A group was written over `path` (fast or careful); seconds from sending to COMMIT."""

    def retried(self, cause: str) -> None:
        """A group was tried again: contention, conflict, connection, poison."""

    def outcome_unknown(self, resolved: str) -> None:
        """A commit's answer was lost; then committed, absent or unresolved was found."""

    def queued(self, lane: int, interactions: int) -> None:
        """So many interactions wait in a lane."""

    def pool_waited(self, pool: str, seconds: float) -> None:
        """A connection was waited for."""

    def hole_found(self, partition: int, position: int) -> None:
        """A position is missing below the head: the journal is damaged."""


class NoObserver:
    """Nobody measures."""

    def appended(self, path: str, *, requests: int, events: int, seconds: float) -> None:
        """Ignored."""

    def retried(self, cause: str) -> None:
        """Ignored."""

    def outcome_unknown(self, resolved: str) -> None:
        """Ignored."""

    def queued(self, lane: int, interactions: int) -> None:
        """Ignored."""

    def pool_waited(self, pool: str, seconds: float) -> None:
        """Ignored."""

    def hole_found(self, partition: int, position: int) -> None:
        """Ignored."""
