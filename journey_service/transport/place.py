"""The place of a stream in the admission."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, Self

from journey_service.transport.admission import Admission


class Enter(Protocol):
    """How a call enters."""

    async def __call__(self, load: int, *, patient: bool = False) -> None:
        """Wait for a place of a class; `patient` for ever."""


class Place:
    """A place of the admission that is held at times; given back when the context is left."""

    def __init__(self, enter: Enter, admission: Admission, load: int) -> None:
        self._enter = enter
        self._admission = admission
        self._load = load
        self._held = False

    async def take(self, *, patient: bool = False) -> None:
        """Wait for a place."""
        await self._enter(self._load, patient=patient)
        self._held = True

    def free(self) -> None:
        """Give it back; twice is once."""
        if self._held:
            self._held = False
            self._admission.leave(self._load)

    @asynccontextmanager
    async def rest(self) -> AsyncIterator[None]:
        """Others have the place meanwhile; who is cancelled there does not wait for it again."""
        self.free()
        yield
        await self.take(patient=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.free()
