"""One delivery of a group: what a body is given, and what it can say by how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from journey.v1.events_pb2 import Event
from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    NACK_ACTION_RETRY,
    NACK_ACTION_SKIP,
    Nack,
    NackAction,
)
from journey_client._holding import Held

# What is kept of a reason.
REASON_BYTES = 4_096


class Retry(Exception):
    """Raised in the body of a delivery: it comes again after `delay_ms`; 0 = the back-off."""

    def __init__(self, delay_ms: int = 0, reason: str = "") -> None:
        self.delay_ms = delay_ms
        self.reason = reason
        super().__init__(reason)


class Park(Exception):
    """Raised in the body of a delivery: its event is put aside with this reason."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        super().__init__(reason)


class Skip(Exception):
    """Raised in the body of a delivery: it is settled without effect."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        super().__init__(reason)


class Delivery:
    """One hand-out of one event. Use it with `async with`: leaving it acknowledges.

    `Retry`, `Park` and `Skip` raised inside settle it so, and go no further. Any other exception
    is a retry and is told to `on_error`; the loop goes on. A cancellation is a retry and gets out.
    """

    def __init__(self, held: Held, left: Callable[[Delivery, BaseException | None], None]) -> None:
        self._held = held
        self._left = left

    @property
    def event(self) -> Event:
        """What was recorded."""
        return self._held.handed.event

    @property
    def delivery_id(self) -> str:
        """Names this attempt."""
        return self._held.handed.delivery_id

    @property
    def attempt(self) -> int:
        """1 for the first attempt."""
        return self._held.handed.attempt

    @property
    def replayed(self) -> bool:
        """Whether it comes from a seek or from what was parked."""
        return self._held.handed.replayed

    @property
    def lost(self) -> bool:
        """Whether the lease was lost: the event is delivered again, what is done here is in vain.

        A body that takes long looks at it now and then.
        """
        return self._held.lost

    async def settled(self) -> None:
        """Wait until the settlement is durable. Raises LeaseLost, DeliveryUnknown."""
        error = await asyncio.shield(self._held.answer)
        if error is not None:
            raise error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._left(self, error)
        return isinstance(error, Exception)


def nack_of(delivery_id: str, error: BaseException | None) -> Nack | None:
    """What is told of a body that ended so; None: it succeeded."""
    match error:
        case None:
            return None
        case Retry():
            return _nack(delivery_id, NACK_ACTION_RETRY, error.reason, error.delay_ms)
        case Park():
            return _nack(delivery_id, NACK_ACTION_PARK, error.reason)
        case Skip():
            return _nack(delivery_id, NACK_ACTION_SKIP, error.reason)
        case _:
            said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            return _nack(delivery_id, NACK_ACTION_RETRY, said)


def _nack(delivery_id: str, action: NackAction, reason: str, delay_ms: int = 0) -> Nack:
    kept = reason.encode()[:REASON_BYTES].decode(errors="ignore")
    return Nack(delivery_id=delivery_id, action=action, reason=kept, delay_ms=delay_ms)
