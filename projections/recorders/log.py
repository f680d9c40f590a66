"""What the recorders need of a log, whether it is in this process or behind a service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from eventsourcing.persistence import IntegrityError

from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import Interaction

PAGE = 500


class Conflict(IntegrityError):
    """A stream does not stand where the writer believed; nothing was written."""


@dataclass(frozen=True, slots=True)
class Write:
    """Interactions for one stream, which must stand at `expected_version` (0 = it is empty)."""

    subject_id: str
    interactions: Sequence[Interaction]
    expected_version: int


class Log(Protocol):
    """Journey's log. All methods raise the library's errors: Conflict, DataError for what cannot
    be stored, NotSupportedError, OperationalError when trying again may help."""

    async def partition_count(self) -> int:
        """1 = the journal has one total order."""

    async def append(self, writes: Sequence[Write]) -> list[list[int]]:
        """Write all or none; returns the positions of each write's events, in order."""

    def read_stream(
        self,
        subject_id: str,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        page: int = PAGE,
        backwards: bool = False,
    ) -> AsyncGenerator[Event]:
        """Events with after_version < version <= up_to_version by version; backwards the newest
        first. `page`: how many the reader probably wants; it closes when it has enough."""

    def read_log(
        self,
        *,
        after_position: int = 0,
        up_to_position: int | None = None,
        page: int = PAGE,
        backwards: bool = False,
    ) -> AsyncGenerator[Event]:
        """The same of the only partition, by position."""

    def follow(self, after_position: int) -> AsyncGenerator[Sequence[Event]]:
        """Events of the only partition behind the position, in order, then those to come; it ends
        when it is closed. What nobody asks for yet is not read ahead by more than a page."""

    async def close(self) -> None:
        """Let go of connections."""


async def first_of(events: AsyncGenerator[Event]) -> Event | None:
    """The first one, if there is any."""
    async with aclosing(events):
        async for event in events:
            return event
    return None
