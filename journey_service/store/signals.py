"""Who wants to know that something of a subject's devices changed, within this process."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_HASH_BYTES = 8


def signal_of(subject_id: str) -> str:
    """What is told to other processes instead of the subject: 16 hex digits."""
    return hashlib.sha256(subject_id.encode()).hexdigest()[: 2 * _HASH_BYTES]


class Followers:
    """By subject; two subjects of one signal look once too often."""

    def __init__(self) -> None:
        self._followers: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)

    def moved(self, signal: str) -> None:
        """Call whoever follows."""
        for follower in tuple(self._followers.get(signal, ())):
            follower()

    @contextmanager
    def follow(self, subject_id: str, moved: Callable[[], None]) -> Iterator[None]:
        """Call `moved` while this is open."""
        signal = signal_of(subject_id)
        self._followers[signal].append(moved)
        try:
            yield
        finally:
            self._followers[signal].remove(moved)
            if not self._followers[signal]:
                del self._followers[signal]
