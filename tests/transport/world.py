"""A running service with a caller of each kind, and the table of what gets which reason."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import grpc

from journey.v1.history_service_pb2 import ReadEventsRequest
from journey.v1.interactions_pb2 import (
    FormSubmitted,
    Interaction,
)
from journey.v1.journey_service_pb2 import (
    RecordRequest,
)
from journey.v1.reading_pb2 import StartPoint
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.batch import Stamp
from journey_service.domain.tokens import StateToken, Tokens, hashed, subject_hash
from tests.transport.faulty import FaultyStore
from tests.transport.serving import (
    Served,
    batch,
    listed,
)

DAY_MS = 86_400_000
GROCERIES = JourneyRef(kind="list", journey_id="groceries")


@dataclass
class World:
    """A running service with a caller of each kind."""

    served: Served
    store: FaultyStore
    device: Any = field(init=False)
    service: Any = field(init=False)

    def __post_init__(self) -> None:
        self.device = self.served.as_("device")
        self.service = self.served.as_("service", "importer")

    async def record(self, request: RecordRequest, metadata: Any = None) -> Any:
        return await self.served.journeys.Record(request, metadata=metadata or self.device)

    async def result(self, interaction: Interaction) -> Any:
        """The result of one interaction of a new session."""
        session = await self.served.open_session(installation=str(uuid.uuid4()))
        answer = await self.record(batch(session, interaction))
        assert answer.processed_seq == 1, "a refused interaction moves the watermark"
        return answer.results[0]

    def tokens(self) -> Tokens:
        """What seals this journal's tokens: a copy restored from a backup has it, too."""
        return Tokens([b"t" * 32], self.store.journal.journal_id)

    def state_token(self, subject_id: str, version: int, epoch: str = "1") -> str:
        return self.tokens().seal_state(
            StateToken(
                epoch=epoch,
                session_subject=subject_hash(subject_id),
                versions=hashed({subject_id: version}),
                floor=Stamp(0, 0),
                issued_ms=int(time.time() * 1_000),
            )
        )


Provoke = Callable[[World], Awaitable[Any]]


class Row(NamedTuple):
    reason: str
    provoke: Provoke
    settings: dict[str, Any]


ROWS: list[Row] = []


def provokes(reason: str, **settings: Any) -> Callable[[Provoke], Provoke]:
    """A function that gets this reason: as the error of a call, or as the result it returns."""

    def add(provoke: Provoke) -> Provoke:
        ROWS.append(Row(reason, provoke, settings))
        return provoke

    return add


def form(**changes: Any) -> Interaction:
    """A form that is submitted for the first time."""
    interaction = listed(journey=JourneyRef(kind="form", journey_id="address"), expected_rev=0)
    if "expected_rev" in changes:
        interaction.expected_rev = changes.pop("expected_rev")
    submitted = FormSubmitted(attempt=1, answers={"name": "x"}, **changes)
    interaction.form_submitted.CopyFrom(submitted)
    return interaction


async def to_the_end(stream: Any) -> None:
    """Read until a stream ends or fails."""
    while await stream.read() is not grpc.aio.EOF:
        pass


async def read_journal(world: World, start: StartPoint) -> None:
    metadata = world.served.as_("service", "reader", scopes=["journal.read"])
    asked = ReadEventsRequest(start=start, purpose="analytics")
    await to_the_end(world.served.history.ReadEvents(asked, metadata=metadata))
