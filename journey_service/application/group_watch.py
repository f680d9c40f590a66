"""Who is told how groups fare: figures and log lines are made of it elsewhere."""

from __future__ import annotations

from typing import Protocol


class GroupWatch(Protocol):
    """Must not block and must not raise."""

    def stands(self, group_id: str, *, lag_events: int) -> None:
        """So many events wait here for consumers; -1 = unknown."""

    def lapsed(self, group_id: str) -> None:
        """The lease of a delivery ran out."""

    def parked(self, group_id: str, events: int) -> None:
        """So many events were put aside."""

    def park_failed(self, group_id: str, error: Exception) -> None:
        """An event could not be put aside: its subject waits, and it is tried again."""

    def stopped(self, group_id: str, partition: int, error: Exception) -> None:
        """A partition goes no further: an event in it cannot be read. It is tried again."""

    def failed(self, group_id: str, error: Exception) -> None:
        """A fault of the service ended the streams of the group here."""


class Unwatched:
    """Nobody is told."""

    def stands(self, group_id: str, *, lag_events: int) -> None:
        """See GroupWatch."""

    def lapsed(self, group_id: str) -> None:
        """See GroupWatch."""

    def parked(self, group_id: str, events: int) -> None:
        """See GroupWatch."""

    def park_failed(self, group_id: str, error: Exception) -> None:
        """See GroupWatch."""

    def stopped(self, group_id: str, partition: int, error: Exception) -> None:
        """See GroupWatch."""

    def failed(self, group_id: str, error: Exception) -> None:
        """See GroupWatch."""
