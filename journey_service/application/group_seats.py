"""A consumer's place at a desk: its credit, what it has out, what it is to be sent, and what it
asked to be settled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from journey.v1.errors_pb2 import ERROR_REASON_DELIVERY_UNKNOWN, ErrorReason
from journey.v1.groups_pb2 import (
    Assignment,
    ConsumeResponse,
    Delivery,
    DeliveryBatch,
    Settlement,
    SettlementFailure,
    SettlementResult,
)
from journey.v1.stream_pb2 import GoingAwayReason
from journey_service.domain.errors import JourneyError
from journey_service.domain.group_book import COUNTED
from journey_service.domain.groups import Act, DeliveryName, Said, delivery_name
from journey_service.domain.tokens import Tokens
from journey_service.settings import Settings


class Asked:
    """A settlement on its way: what is not decided yet, and what counted."""

    def __init__(
        self, group_id: str, settlement: Settlement, settings: Settings, tokens: Tokens
    ) -> None:
        self._tokens = tokens
        self.open: dict[str, tuple[DeliveryName, Said]] = {}
        self.done: asyncio.Future[SettlementResult] = asyncio.get_running_loop().create_future()
        self._order: list[str] = []
        self._reasons: dict[str, ErrorReason] = {}
        for text in settlement.ack_ids:
            self._ask(group_id, text, Said(Act.ACK))
        for nack in settlement.nacks:
            self._ask(group_id, nack.delivery_id, Said.of(nack))
        for more in settlement.extensions:
            lease_ms = min(more.lease_ms, settings.group_lease_most_ms)
            self._ask(group_id, more.delivery_id, Said(Act.EXTEND, lease_ms=lease_ms))
        self._finish()

    def _ask(self, group_id: str, text: str, said: Said) -> None:
        """What is said first of a delivery holds."""
        if text in self.open or text in self._reasons:
            return
        self._order.append(text)
        # What is not signed was never delivered.
        name = delivery_name(self._tokens.signed_name(text))
        if name is None or name.group_id != group_id:
            self._reasons[text] = ERROR_REASON_DELIVERY_UNKNOWN
        else:
            self.open[text] = (name, said)

    def decide(self, text: str, reason: ErrorReason) -> None:
        """What is durable of one delivery; 0 = it counts."""
        del self.open[text]
        self._reasons[text] = reason
        self._finish()

    def fail(self, error: JourneyError) -> None:
        """Nothing more is known of it."""
        self.open.clear()
        if not self.done.done():
            self.done.set_exception(error)
            # Whoever has a stream gets it there.
            self.done.exception()

    def _finish(self) -> None:
        if self.open or self.done.done():
            return
        failed = [
            SettlementFailure(delivery_id=text, reason=self._reasons[text])
            for text in self._order
            if self._reasons[text] != COUNTED
        ]
        counted = [text for text in self._order if self._reasons[text] == COUNTED]
        self.done.set_result(SettlementResult(settled_ids=counted, failures=failed))


@dataclass(slots=True, eq=False)
class Seat:
    """One consumer in this process. `stream` tells it from others of its name.

    `life_ms`: it is lost where nothing is told of it for so long; `heard_ms`: when it last sent
    something; `silent`: it sends nothing more; `gives_back`: it went on purpose, so that what it
    did not settle is no attempt; `out`: what it has out.
    """

    consumer_id: str
    stream: str
    life_ms: int
    deliveries: int
    bytes: int
    settings: Settings
    heard_ms: int = 0
    joining: bool = True
    stalled: bool = False
    draining: bool = False
    silent: bool = False
    gives_back: bool = False
    ending: GoingAwayReason | None = None
    failure: JourneyError | None = None
    out: set[DeliveryName] = field(default_factory=set)
    frames: deque[ConsumeResponse] = field(default_factory=deque)
    asked: deque[Asked] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    partitions: tuple[int, ...] | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything new may be sent to it."""
        return not self.draining and self.ending is None and self.failure is None

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to wait for: all is answered, and settled if it can be."""
        return self.draining and not self.asked and (self.silent or not self.out)

    @property
    def has_credit(self) -> bool:
        """The last delivery may take more bytes than are left, so that none is too large."""
        return self.is_open and self.deliveries > 0 and self.bytes > 0

    def add_credit(self, deliveries: int, more_bytes: int) -> None:
        """It adds up, to the caps of the settings."""
        self.deliveries = min(self.deliveries + deliveries, self.settings.consume_deliveries)
        self.bytes = min(self.bytes + more_bytes, self.settings.consume_bytes)

    def spend(self, size: int) -> None:
        """A delivery is on its way."""
        self.deliveries -= 1
        self.bytes -= size

    def give_back(self, size: int) -> None:
        """It was not sent after all."""
        self.deliveries += 1
        self.bytes += size

    def end(self, reason: GoingAwayReason) -> None:
        """Ask the stream to say good-bye; the first reason stands."""
        self.ending = self.ending or reason
        self.wake.set()

    def fail(self, error: JourneyError) -> None:
        """End the stream with an error."""
        self.failure = self.failure or error
        self.wake.set()

    def assign(self, partitions: tuple[int, ...], epoch: int) -> None:
        """Tell which partitions it has, where that changed."""
        if partitions != self.partitions:
            self.partitions = partitions
            told = Assignment(partitions=partitions, epoch=epoch)
            self._send(ConsumeResponse(assignment=told))

    def hand_over(self, deliveries: list[Delivery]) -> None:
        """Send deliveries, in frames that are not too large."""
        batch: list[Delivery] = []
        size = 0
        for delivery in deliveries:
            full = len(batch) == self.settings.event_frame_events
            if batch and (full or size + delivery.bytes > self.settings.frame_bytes):
                self._send(_batch(batch))
                batch, size = [], 0
            batch.append(delivery)
            size += delivery.bytes
        if batch:
            self._send(_batch(batch))

    def tell_results(self) -> None:
        """Send what is decided, in the order in which it was asked."""
        while self.asked and self.asked[0].done.done():
            done = self.asked.popleft().done
            if done.exception() is None:
                self._send(ConsumeResponse(result=done.result()))
        self.wake.set()

    def _send(self, frame: ConsumeResponse) -> None:
        self.frames.append(frame)
        self.wake.set()


def _batch(deliveries: list[Delivery]) -> ConsumeResponse:
    return ConsumeResponse(deliveries=DeliveryBatch(deliveries=deliveries))
