"""What one round of a desk brings, and what a desk stands on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

from journey.v1.errors_pb2 import ErrorReason
from journey.v1.groups_pb2 import Delivery
from journey_service.application.group_seats import Asked, Seat
from journey_service.application.group_watch import GroupWatch
from journey_service.domain.groups import DeliveryName
from journey_service.domain.tokens import Tokens
from journey_service.ports import Clock, Journal
from journey_service.ports_of_groups import Groups
from journey_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Supplies:
    """What a desk stands on."""

    groups: Groups
    journal: Journal
    clock: Clock
    settings: Settings
    watch: GroupWatch
    tokens: Tokens


class Handed(NamedTuple):
    """A delivery that goes out once it is stored."""

    name: DeliveryName
    seat: Seat
    delivery: Delivery


class Verdict(NamedTuple):
    """What is answered of one delivery once it is stored; `ends`: it is out no more."""

    partition: int
    asked: Asked
    text: str
    name: DeliveryName
    reason: ErrorReason
    ends: bool


@dataclass(slots=True)
class Round:
    """What one round brings.

    `leaving`: consumers that go with it, `watching`: who waits for its end. `lapsed`: deliveries
    whose lease is over, and who had them. `stale`: partitions of
    which nothing could be stored, because others stored something; `doubted`: those to be loaded
    anew before anything is refused.
    """

    leaving: list[tuple[Seat, asyncio.Future[None]]]
    watching: list[asyncio.Future[None]]
    handed: list[Handed] = field(default_factory=list)
    lapsed: list[tuple[Seat, DeliveryName]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    stale: set[int] = field(default_factory=set)
    doubted: set[int] = field(default_factory=set)

    def take_back(self) -> None:
        """Nothing of it was stored, so nothing was sent."""
        for each in self.handed:
            each.seat.give_back(each.delivery.bytes)
        self.handed.clear()

    def is_over(self, error: Exception | None = None) -> None:
        """Tell who waits for it."""
        for future in self.watching:
            if not future.done() and error is not None:
                future.set_exception(error)
            elif not future.done():
                future.set_result(None)

    def is_going(self, consumer_id: str) -> bool:
        """Whether a consumer goes with it."""
        return any(seat.consumer_id == consumer_id for seat, _ in self.leaving)
