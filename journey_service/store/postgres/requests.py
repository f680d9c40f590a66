"""What waits in a lane: one batch of one caller, and how far the lane is with it."""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass

from journey_service.domain.batch import Batch
from journey_service.domain.errors import (
    ExpiredInQueue,
    JourneyError,
    OutcomeUnknown,
    StorageUnavailable,
    Unavailable,
)
from journey_service.domain.leases import DECIDED, Key
from journey_service.ports import Appended
from journey_service.store.postgres.joining import Joining


class Stage(enum.Enum):
    """What can be said of a request whose deadline passes now."""

    QUEUED = "nothing was done"
    TRIED = "it was tried and surely not written"
    SENT = "it may be written at this moment"


@dataclass(slots=True, eq=False)
class Request:
    """One batch in a lane. `deadline` is loop time in seconds.

    `asked`: journeys that must be read under the lock to decide it (Rules.asked); nearly always
    none. Who asks for anything takes the careful path. `leased`: journeys whose leases it concerns.
    `together`: all of its group are written, or none; `joining`, of the first of such a group, is
    written with it.
    """

    batch: Batch
    partition: int
    deadline: float
    answered: asyncio.Future[Appended]
    bytes: int
    asked: frozenset[str] = frozenset()
    leased: frozenset[Key] = frozenset()
    together: bool = False
    joining: Joining | None = None
    stage: Stage = Stage.QUEUED
    trouble: Unavailable | None = None
    # An earlier try was lost and may still arrive at the database.
    doubted: bool = False

    @property
    def careful(self) -> bool:
        """Whether it must be decided on what is read under the lock."""
        if self.together or self.asked or not self.leased:
            return self.together or bool(self.asked)
        decided = any(candidate.type in DECIDED for candidate in self.batch.candidates)
        return decided or self.batch.limit is not None

    @property
    def interactions(self) -> int:
        """How many it brings."""
        return len(self.batch.candidates)

    def answer(self, appended: Appended) -> None:
        """Tell the caller, if it still waits."""
        if not self.answered.done():
            self.answered.set_result(appended)

    def refuse(self, error: BaseException) -> None:
        """Tell the caller why not, if it still waits."""
        if not self.answered.done():
            self.answered.set_exception(error)

    def failed(self, trouble: Unavailable) -> None:
        """A try surely wrote nothing; there may be another one."""
        self.stage = Stage.SENT if self.doubted else Stage.TRIED
        self.trouble = trouble

    def expire(self) -> None:
        """The deadline has passed: say what is known."""
        self.refuse(self.expired())

    def expired(self) -> JourneyError:
        """What a caller is told that waits no longer."""
        match self.stage:
            case Stage.QUEUED:
                return ExpiredInQueue()
            case Stage.TRIED:
                return self.trouble or StorageUnavailable()
            case Stage.SENT:
                return OutcomeUnknown()
