"""Handing events out: to each consumer what it has credit for, its partitions taking turns."""

from __future__ import annotations

from collections.abc import Mapping

from journey.v1.groups_pb2 import Delivery
from journey_service.application.group_round import Handed, Round, Supplies
from journey_service.application.group_seats import Seat
from journey_service.application.group_shelf import Shelf
from journey_service.application.group_shelves import Shelves
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.groups import DeliveryName


async def deliver(
    group_id: str, now: Round, seats: Mapping[str, Seat], shelves: Shelves, supplies: Supplies
) -> None:
    """Note in the round what goes out once it is stored."""
    for seat in [*seats.values()]:
        if seat.stalled or now.is_going(seat.consumer_id):
            continue
        # A partition that goes to another consumer gets nothing new in flight.
        giving = [shelf for shelf in shelves.of(seat) if shelf.partition not in shelves.leaving]
        while giving and seat.has_credit:
            giving = [
                shelf
                for shelf in giving
                if await _deliver_one(group_id, now, seat, shelf, supplies)
            ]


async def _deliver_one(
    group_id: str, now: Round, seat: Seat, shelf: Shelf, supplies: Supplies
) -> bool:
    """Whether the partition had something, and may have more."""
    now_ms = supplies.clock.now_ms()
    position = shelf.book.next_ready(now_ms)
    if not position or not seat.has_credit:
        return False
    try:
        event = await shelf.take(position)
    except EventUnreadable as damage:
        shelf.damage = damage
        return False
    if event is None:
        shelf.book.forget(position)
        return True
    entry = shelf.book.deliver(position, seat.consumer_id, now_ms)
    name = DeliveryName.of(group_id, shelf.partition, entry)
    delivery = Delivery(
        delivery_id=supplies.tokens.sign_name(str(name)),
        event=event,
        attempt=entry.attempt,
        lease_expires_at_ms=entry.due_ms,
        replayed=entry.replayed,
        bytes=event.ByteSize(),
    )
    seat.spend(delivery.bytes)
    now.handed.append(Handed(name, seat, delivery))
    return True
