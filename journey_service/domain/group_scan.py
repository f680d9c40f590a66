"""How far a partition was looked at for a group, and which of its known events lie further ahead.

After a seek known events lie ahead of what comes again. They wait until all before them was looked
at, so that a subject's events go out in order also then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from journey_service.domain.group_progress import Progress


class Scan:
    """See the module. `at`: all up to here was looked at, or is not to come."""

    def __init__(self, progress: Progress, known: Iterable[int]) -> None:
        """`known`: positions of which something is stored."""
        self._progress = progress
        self.at = progress.skipped(progress.checkpoint)
        self._ahead = deque(sorted(position for position in known if position > self.at))

    @property
    def ahead(self) -> int:
        """How many known events lie ahead."""
        return len(self._ahead)

    def allows(self, position: int) -> bool:
        """Whether an event may go out: none of its subject can come before it any more."""
        return position <= self.at or self._is_open

    @property
    def _is_open(self) -> bool:
        """Behind what was delivered before a seek nothing comes that was not known in order."""
        return self.at >= self._progress.replayed_to

    def move(self, position: int) -> list[int]:
        """All up to here was looked at; returns known events that may go out since."""
        was_open = self._is_open
        self.at = self._progress.skipped(position)
        passed = []
        while self._ahead and self._ahead[0] <= self.at:
            passed.append(self._ahead.popleft())
        return passed if was_open or not self._is_open else [*passed, *self._ahead]
