"""What a consumer holds: deliveries that wait, are worked on, or are settled and not yet confirmed.

            arrived           next            settle             result
   (server) ───────▶ waiting ─────▶ under way ──────▶ to confirm ───────▶ settled | lost
                        │               │ lease over                │
                        ▼ stream ends   ▼                           ▼ stream ends
                     (comes again)    lost                       sent again

No clock and no network: times (ms of a monotonic clock) and frames come in, frames go out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import islice

from journey.v1.errors_pb2 import ErrorReason
from journey.v1.groups_pb2 import (
    ConsumeRequest,
    Credit,
    Extension,
    Nack,
    Settlement,
    SettlementResult,
)
from journey.v1.groups_pb2 import Delivery as Handed
from journey_client._error import JourneyError, refusal
from journey_client.errors import LeaseLost

# What one settlement frame may name, at most.
MOST_OF_A_FRAME = 5_000


class Stage(Enum):
    """What is done with a delivery."""

    WAITING = "nobody began on it"
    UNDER_WAY = "a body runs"
    SETTLED = "told; the answer is due"


class Held:
    """One delivery in this process. `answer` is None once it is settled, else why it is not."""

    __slots__ = ("answer", "extend_at_ms", "handed", "nack", "over_at_ms", "stage")

    def __init__(self, handed: Handed, lease_ms: float, now_ms: float) -> None:
        self.handed = handed
        self.stage = Stage.WAITING
        self.nack: Nack | None = None
        self.answer: asyncio.Future[JourneyError | None] = (
            asyncio.get_running_loop().create_future()
        )
        self.extended(lease_ms, now_ms)

    def extended(self, lease_ms: float, now_ms: float) -> None:
        """Its lease lasts so long from now; at half of it more is asked for."""
        self.over_at_ms = now_ms + lease_ms
        self.extend_at_ms = now_ms + lease_ms / 2

    def answered(self, error: JourneyError | None) -> None:
        """Known now whether it counts; the first answer stands."""
        if not self.answer.done():
            self.answer.set_result(error)

    @property
    def lost(self) -> bool:
        """Whether its event went elsewhere: nothing that is done with it counts."""
        return self.answer.done() and self.answer.result() is not None


Lost = Callable[[Held, JourneyError], None]


class Holding:
    """Everything that one consumer holds. `deliveries` and `size_bytes`: how much that may be."""

    def __init__(self, deliveries: int, size_bytes: int, lost: Lost) -> None:
        self._most, self._most_bytes = deliveries, size_bytes
        self._lost = lost
        self._held: dict[str, Held] = {}
        self._waiting: deque[Held] = deque()
        self._unsent: list[Held] = []
        self._owed, self._owed_bytes = 0, 0
        # The longest that was left of a lease: that of the group, less the way here.
        self._lease_ms = 1.0

    def count(self, stage: Stage) -> int:
        """Deliveries at this stage."""
        return sum(held.stage is stage for held in self._held.values())

    def arrived(self, handed: Handed, lease_ms: float, now_ms: float) -> None:
        """A delivery came; its lease lasts so long from now."""
        held = Held(handed, lease_ms, now_ms)
        self._lease_ms = max(self._lease_ms, lease_ms)
        self._held[handed.delivery_id] = held
        self._waiting.append(held)

    def next(self, now_ms: float) -> Held | None:
        """The next delivery to work on. Those that waited beyond their lease went elsewhere."""
        while self._waiting:
            held = self._waiting.popleft()
            if held.answer.done():
                continue
            if held.over_at_ms > now_ms:
                held.stage = Stage.UNDER_WAY
                return held
            self._lose(held, LeaseLost("The lease ended before anybody began on the event."))
        return None

    def settle(self, held: Held, nack: Nack | None) -> None:
        """A body is done: None acknowledges. Of what was lost nothing is told."""
        if held.stage is not Stage.UNDER_WAY:
            return
        held.stage, held.nack = Stage.SETTLED, nack
        self._owe(held)
        if not held.lost:
            self._unsent.append(held)

    def result(self, result: SettlementResult, now_ms: float) -> None:
        """The service told what counted: settlements, and longer leases."""
        for delivery_id in result.settled_ids:
            held = self._held.get(delivery_id)
            if held is not None and held.stage is Stage.SETTLED:
                del self._held[delivery_id]
                held.answered(None)
            elif held is not None:
                held.extended(self._lease_ms, now_ms)
        for failure in result.failures:
            if (held := self._held.get(failure.delivery_id)) is not None:
                self._lose(held, refusal(ErrorReason.Name(failure.reason)))

    def take_frames(self, now_ms: float, *, more: bool = True) -> Iterator[ConsumeRequest]:
        """What is to be sent now: settlements, longer leases and, if `more` is wanted, credit."""
        unsent, self._unsent = iter(self._unsent), []
        while part := list(islice(unsent, MOST_OF_A_FRAME)):
            yield ConsumeRequest(settlement=_settlement(part))
        if due := [held for held in self._leased() if held.extend_at_ms <= now_ms]:
            yield ConsumeRequest(settlement=self._extensions(due, now_ms))
        if more and self._is_half_free:
            credit = Credit(deliveries=self._owed, bytes=max(1, self._owed_bytes))
            self._owed, self._owed_bytes = 0, 0
            yield ConsumeRequest(credit=credit)

    @property
    def _is_half_free(self) -> bool:
        return self._owed * 2 >= self._most or self._owed_bytes * 2 >= self._most_bytes

    def next_at_ms(self) -> float:
        """When a lease must be made longer; infinite if none."""
        return min((held.extend_at_ms for held in self._leased()), default=float("inf"))

    def reopened(self) -> Credit:
        """A new stream begins: what waited comes again, what is settled is told again.

        Returns the credit that is left beside the bodies that still run.
        """
        self.let_go()
        self._owed, self._owed_bytes = 0, 0
        kept = self._held.values()
        self._unsent = [held for held in kept if held.stage is Stage.SETTLED]
        running = [held.handed.bytes for held in kept if held.stage is Stage.UNDER_WAY]
        return Credit(
            deliveries=max(1, self._most - len(running)),
            bytes=max(1, self._most_bytes - sum(running)),
        )

    def let_go(self) -> None:
        """Nobody will begin on what waits: it goes back when the stream ends."""
        for held in self._waiting:
            self._held.pop(held.handed.delivery_id, None)
        self._waiting.clear()

    def _leased(self) -> Iterator[Held]:
        return (held for held in self._held.values() if held.stage is not Stage.SETTLED)

    def _extensions(self, due: list[Held], now_ms: float) -> Settlement:
        """Longer leases. They count from the answer; meanwhile they are not asked for again."""
        lease_ms = int(self._lease_ms)
        for held in due:
            held.extend_at_ms = now_ms + lease_ms / 2
        return Settlement(
            extensions=[
                Extension(delivery_id=held.handed.delivery_id, lease_ms=lease_ms) for held in due
            ]
        )

    def _owe(self, held: Held) -> None:
        """Its place is free again, whatever became of it."""
        self._owed += 1
        self._owed_bytes += held.handed.bytes

    def _lose(self, held: Held, error: JourneyError) -> None:
        """Its event went elsewhere. The place of a body that still runs is free when it ends."""
        del self._held[held.handed.delivery_id]
        if held.stage is Stage.WAITING:
            self._owe(held)
        held.answered(error)
        self._lost(held, error)


def _settlement(settled: list[Held]) -> Settlement:
    nacks = [held.nack for held in settled if held.nack is not None]
    ack_ids = [held.handed.delivery_id for held in settled if held.nack is None]
    return Settlement(ack_ids=ack_ids, nacks=nacks)
