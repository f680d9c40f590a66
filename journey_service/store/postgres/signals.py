"""Telling all processes that something of a subject's devices changed; a hint, it may be lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from journey_service.store.postgres.hints import Hints
from journey_service.store.signals import Followers, signal_of


class Signals:
    """Over the connection of the hints: who is here is told at once, the others soon."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._followers = Followers()
        hints.on_signal = self._followers.moved

    def tell(self, subject_id: str) -> None:
        """See ports_of_devices.Devices.tell."""
        signal = signal_of(subject_id)
        self._hints.signal(signal)
        self._followers.moved(signal)

    def follow(self, subject_id: str, moved: Callable[[], None]) -> AbstractContextManager[None]:
        """See ports_of_devices.Devices.follow."""
        return self._followers.follow(subject_id, moved)
