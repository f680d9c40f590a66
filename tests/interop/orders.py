"""A small application of the library, and projections of what it and devices record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application, ProcessingEvent
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.popo import POPOTrackingRecorder
from eventsourcing.projection import EventSourcedProjection, Projection

from projections.recorders import RecordedEvent


class Order(Aggregate):
    """An order with its lines."""

    @event("Placed")
    def __init__(self, customer: str) -> None:
        self.customer = customer
        self.lines: list[str] = []

    @event("LineAdded")
    def add(self, sku: str) -> None:
        self.lines.append(sku)


class Orders(Application[UUID]):
    """Places orders."""

    snapshotting_intervals = {Order: 3}  # noqa: RUF012  as the library has it

    def place(self, customer: str, *skus: str) -> tuple[UUID, int | None]:
        """The order's id, and the notification id of its last event."""
        order = Order(customer)
        for sku in skus:
            order.add(sku)
        recordings = self.save(order)
        return order.id, recordings[-1].notification.id if recordings else None

    def add(self, order_id: UUID, sku: str) -> None:
        order: Order = self.repository.get(order_id)
        order.add(sku)
        self.save(order)

    def lines(self, order_id: UUID) -> list[str]:
        order: Order = self.repository.get(order_id)
        return order.lines


class Counter(Aggregate):
    """How often something was counted."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0

    @classmethod
    def create_id(cls, name: str) -> UUID:
        return UUID(int=sum(name.encode()))

    @event("Counted")
    def add(self) -> None:
        self.count += 1


class Counts(EventSourcedProjection[UUID]):
    """Counts lines by sku, as events of its own."""

    @singledispatchmethod
    def policy(self, domain_event: Any, processing_event: ProcessingEvent[UUID]) -> None:
        """Others are of no interest."""

    @policy.register
    def _(self, domain_event: Order.LineAdded, processing_event: ProcessingEvent[UUID]) -> None:  # type: ignore[name-defined]
        name = domain_event.sku
        try:
            counter: Counter = self.repository.get(Counter.create_id(name))
        except AggregateNotFoundError:
            counter = Counter(name)
        counter.add()
        processing_event.collect_events(counter)

    def count(self, name: str) -> int:
        counter: Counter = self.repository.get(Counter.create_id(name))
        return counter.count


class SeenView(POPOTrackingRecorder):
    """What was seen, with how far that is."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str]] = []

    def note(self, owner: str, what: str, tracking: Tracking) -> None:
        with self._database_lock:
            self._assert_tracking_uniqueness(tracking)
            self._insert_tracking(tracking)
            self.seen.append((owner, what))


class Seen(Projection[SeenView]):
    """Notes every event."""

    topics: Sequence[str] = ()  # type: ignore[assignment]

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.note("orders", type(domain_event).__name__, tracking)

    @process_event.register
    def _(self, domain_event: RecordedEvent, tracking: Tracking) -> None:
        self.view.note(domain_event.originator_id, domain_event.event.type, tracking)
