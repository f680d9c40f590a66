"""Numbers for the interactions of one (installation, subject), without holes and without reuse."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from journey.v1.interactions_pb2 import Interaction
from journey_client._error import JourneyError


class Line:
    """The interactions of one (installation, subject).

    A number is given when an interaction first enters a batch. If nobody knows whether a batch
    arrived, it stays in `unresolved` with its numbers and goes first the next time.
    """

    def __init__(self, processed_seq: int) -> None:
        self.unresolved: list[Interaction] = []
        self._next_seq = processed_seq + 1

    def enter(self, interactions: Iterable[Interaction]) -> list[Interaction]:
        """The next batch: what is unresolved, then these with their numbers."""
        batch = list(self.unresolved)
        for interaction in interactions:
            interaction.seq = self._next_seq
            self._next_seq += 1
            batch.append(interaction)
        return batch

    def answered(self) -> None:
        """All that was entered has its answer."""
        self.unresolved = []

    def lost(self, batch: Sequence[Interaction]) -> None:
        """Nobody knows whether the batch arrived."""
        self.unresolved = list(batch)

    def refused(self, batch: Sequence[Interaction]) -> None:
        """Nothing of the batch was done: what was new in it gives its numbers back."""
        for interaction in batch[len(self.unresolved) :]:
            interaction.seq = 0
            self._next_seq -= 1

    def hand_over(self, successor: Line) -> None:
        """Another installation takes over what has no answer yet, with numbers of its own."""
        waiting, self.unresolved = self.unresolved, []
        successor.unresolved = successor.enter(waiting)


class Lines:
    """The lines of one client: (installation, subject) -> numbers. One batch in flight in all."""

    def __init__(self) -> None:
        self.in_flight = asyncio.Lock()
        self._lines: dict[tuple[str, str], Line] = {}

    def of(self, installation_id: str, subject_id: str, processed_seq: int) -> Line:
        """The line of a pair; a new one goes on behind what the service has processed."""
        return self._lines.setdefault((installation_id, subject_id), Line(processed_seq))


class Tries:
    """What the failed tries of one call leave open."""

    def __init__(self) -> None:
        self.unknown = False

    def failed(self, error: JourneyError) -> None:
        """One try failed."""
        self.unknown = self.unknown or error.outcome == "unknown"
