"""Given, when, then for kinds with rules: what a journey takes is recorded, else why it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

import projections
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import ACTOR_KIND_STAFF, Event, MachineOrder
from journey.v1.interactions_pb2 import Line, Product
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.batch import Candidate
from journey_service.domain.catalogue import TYPES
from tests.projections.acts import FIELDS, Device, Story, clock

TAKEN = ""
DUPLICATE = "DUPLICATE"


def units(**quantities: int) -> list[Line]:
    """Lines whose keys are skus."""
    return [Line(product=Product(sku=sku), quantity=n) for sku, n in quantities.items()]


@dataclass
class Told:
    """A customer's story in which the service asks the rules before it records."""

    journey_key: str
    story: Story = field(default_factory=Story)

    def __post_init__(self) -> None:
        self.shop = self.story.back_end()
        self.clerk = self.story.device("till", ACTOR_KIND_STAFF)
        self.phone = self.story.device("phone")

    def tell(
        self,
        body: Message,
        at: str | int = "20:00",
        *,
        by: Device | None = None,
        journey: str = "",
        **facts: Any,
    ) -> str:
        """Record it, or say why not: the reason, or DUPLICATE where its key said the same."""
        event = self.asked(body, at, by=by, journey=journey, **facts)
        standing = projections.RULES.open(self._asked(event), {}, self.story.events)
        objection = standing.ended(event) or standing.forbidden(event)
        if objection is None:
            self.story.events.append(event)
            return TAKEN
        if objection.same_as:
            return DUPLICATE
        return ErrorReason.Name(objection.reason).removeprefix("ERROR_REASON_")

    def takes(self, *bodies: Message, at: str | int = "20:00") -> None:
        """All of these are recorded."""
        for body in bodies:
            assert self.tell(body, at) == TAKEN

    def asked(
        self,
        body: Message,
        at: str | int,
        *,
        by: Device | None = None,
        journey: str = "",
        **facts: Any,
    ) -> Event:
        """The event as it would be recorded."""
        key = journey or self.journey_key
        at_ms = clock(at) if isinstance(at, str) else at
        machine = TYPES[FIELDS[body.DESCRIPTOR.full_name]].machine
        if machine:
            facts["machine"] = MachineOrder(home=self.story.subject_id, rev=self.rev(key) + 1)
        return_to = len(self.story.events)
        event = (by or self.shop).record(key, body, at_ms, **facts)
        del self.story.events[return_to:]
        return event

    def _asked(self, event: Event) -> frozenset[str]:
        return projections.RULES.asked([Candidate(event.interaction, event.type, b"")])

    def rev(self, key: str = "") -> int:
        """The rev that is published."""
        return self.story.journeys()[key].rev if key in self.story.journeys() else 0

    @property
    def journey(self) -> Journey:
        """The published journey."""
        return self.story.journey(self.journey_key)
