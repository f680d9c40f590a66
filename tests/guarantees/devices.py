"""Devices that speak to the service with the generated stubs, and what they keep of the answers.

No client library stands between, so that none can hide what the service does.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.events_pb2 import (
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
    Event,
)
from journey.v1.history_service_pb2 import ListEventsRequest
from journey.v1.history_service_pb2_grpc import HistoryServiceStub
from journey.v1.interactions_pb2 import (
    CHANNEL_MOBILE_APP,
    CartLineAdded,
    Interaction,
    Line,
    Product,
)
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    GetJourneyResponse,
    RecordRequest,
    RecordResponse,
    WatchRequest,
    WatchResponse,
)
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from journey.v1.journeys_pb2 import Journey
from journey.v1.reading_pb2 import EventFilter
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.session_service_pb2_grpc import SessionServiceStub
from journey.v1.sessions_pb2 import Device as About
from tests.transport.serving import event_id

CART = JourneyRef(kind="cart", journey_id="main")
CART_KEY = "cart/main"
ALL_OUTCOMES = EventFilter(outcomes=[OUTCOME_ACCEPTED, OUTCOME_QUARANTINED, OUTCOME_REJECTED])
PATIENCE_S = 20
OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
]


def added(line: str = "tea", quantity: int = 1, cart: JourneyRef = CART) -> Interaction:
    """Something is put into the cart."""
    body = CartLineAdded(
        line=Line(line_key=line, product=Product(sku=line), quantity=quantity, unit="C62")
    )
    return Interaction(journey=cart, cart_line_added=body)


def quantities(journey: Journey) -> dict[str, int]:
    """Quantity by line of a cart."""
    return {line.line_key: line.quantity for line in journey.cart.lines}


@dataclass(slots=True)
class Copy:
    """A client's copy by rules 2 and 3 of the protocol; `restarts` counts resets and refusals."""

    token: str = ""
    journeys: dict[str, Journey] = field(default_factory=dict)
    continue_list: list[str] = field(default_factory=list)
    processed: int = 0
    frame: int = 0
    restarts: int = 0
    contents: list[str] = field(default_factory=list)
    _parts: list[Journey] = field(default_factory=list)

    def opens(self) -> None:
        """A new stream begins; what was not complete of the old one is forgotten."""
        self.frame = 0
        self._parts.clear()

    def apply(self, frame: WatchResponse) -> bool:
        """Take a frame; whether a whole state came with it."""
        assert frame.frame == self.frame + 1, f"frame {frame.frame} after {self.frame}"
        self.frame = frame.frame
        content = frame.WhichOneof("content") or ""
        self.contents.append(content)
        if content == "reset" or (content == "opened" and frame.opened.why_not):
            self.restarts += 1
        whole = content in {"snapshot", "delta"} and self._state(frame)
        if frame.token:
            self.token = frame.token
        return whole

    def cart(self) -> dict[str, int]:
        """Quantity by line of the cart."""
        return quantities(self.journeys.get(CART_KEY, Journey()))

    def bytes(self) -> dict[str, bytes]:
        """Every journey as sent."""
        return {
            key: journey.SerializeToString(deterministic=True)
            for key, journey in sorted(self.journeys.items())
        }

    def _state(self, frame: WatchResponse) -> bool:
        is_snapshot = frame.HasField("snapshot")
        state: Any = frame.snapshot if is_snapshot else frame.delta
        assert state.part == 1 or self._parts is not None
        self._parts.extend(state.journeys)
        assert bool(frame.token) is state.last, "the last part alone carries the token"
        if not state.last:
            return False
        if is_snapshot:
            self.journeys.clear()
        for journey in self._parts:
            self.journeys[f"{journey.ref.kind}/{journey.ref.journey_id}"] = journey
        self._parts = []
        if is_snapshot or state.continue_changed:
            self.continue_list = [f"{ref.kind}/{ref.journey_id}" for ref in state.continue_list]
        for processed in state.processed:
            assert processed.seq >= self.processed, "a watermark never goes back"
            self.processed = processed.seq
        return True


class Device:
    """An installation of a customer at one service; it can move to another."""

    def __init__(self, address: str, authorization: str, name: str = "phone") -> None:
        self.name = name
        self.installation_id = str(uuid.uuid4())
        self.copy = Copy()
        self.seq = 0
        self.session_id = ""
        self.subject_id = ""
        self._authorization = authorization
        self._boot_id = uuid.uuid4().hex
        self._channels: list[grpc.aio.Channel] = []
        self.go_to(address)

    @property
    def metadata(self) -> list[tuple[str, str]]:
        """What goes with every call."""
        return [("authorization", self._authorization)]

    def go_to(self, address: str) -> None:
        """From now on call the service there."""
        self._channel = grpc.aio.insecure_channel(address, options=OPTIONS)
        self._channels.append(self._channel)
        self.journeys: Any = JourneyServiceStub(self._channel)
        self.history: Any = HistoryServiceStub(self._channel)

    async def close(self) -> None:
        """Close every connection."""
        for channel in self._channels:
            await channel.close()

    async def open_session(self) -> Device:
        """Open a session, and go on behind what was processed."""
        stub: Any = SessionServiceStub(self._channel)
        opened = await stub.OpenSession(
            OpenSessionRequest(
                installation_id=self.installation_id,
                device=About(device_id=f"{self.name}-{self.installation_id[:8]}", name=self.name),
                channel=CHANNEL_MOBILE_APP,
                protocol=1,
                clock=self.clock(),
                command_id=str(uuid.uuid4()),
            ),
            metadata=self.metadata,
            timeout=PATIENCE_S,
            wait_for_ready=True,
        )
        self.session_id = opened.session.session_id
        self.subject_id = opened.session.subject_id
        return self

    def clock(self) -> ClientClock:
        """The device's clocks now."""
        now_ns = time.time_ns()
        return ClientClock(
            sent_wall_ms=now_ns // 1_000_000,
            sent_mono_ms=time.monotonic_ns() // 1_000_000,
            boot_id=self._boot_id,
        )

    def number(self, *interactions: Interaction) -> list[Interaction]:
        """Give them what the library gives when something happens: id, number, clocks."""
        clock = self.clock()
        for interaction in interactions:
            self.seq += 1
            interaction.seq = self.seq
            interaction.event_id = interaction.event_id or event_id()
            interaction.wall_ms, interaction.mono_ms = clock.sent_wall_ms, clock.sent_mono_ms
            interaction.boot_id = clock.boot_id
        return list(interactions)

    async def record(self, *interactions: Interaction) -> RecordResponse:
        """Something happens and is recorded."""
        return await self.send(*self.number(*interactions))

    async def send(self, *interactions: Interaction, timeout: float = PATIENCE_S) -> RecordResponse:
        """Send what happened, as it is."""
        request = RecordRequest(
            session_id=self.session_id, interactions=interactions, clock=self.clock()
        )
        answer: RecordResponse = await self.journeys.Record(
            request, metadata=self.metadata, timeout=timeout, wait_for_ready=True
        )
        return answer

    async def cart(self, *, at_least: str = "") -> GetJourneyResponse:
        """The cart, as the service has it."""
        answer: GetJourneyResponse = await self.journeys.GetJourney(
            GetJourneyRequest(journey=CART, at_least=at_least),
            metadata=self.metadata,
            timeout=PATIENCE_S,
            wait_for_ready=True,
        )
        return answer

    async def events(self) -> list[Event]:
        """The whole stream, by version, whatever became of it."""
        events: list[Event] = []
        request = ListEventsRequest(filter=ALL_OUTCOMES, page_size=1_000)
        while True:
            page = await self.history.ListEvents(
                request, metadata=self.metadata, timeout=PATIENCE_S
            )
            events += page.events
            if not page.next_page_token:
                return sorted(events, key=lambda event: event.version)
            request.page_token = page.next_page_token

    def watch(self, **fields: Any) -> Watch:
        """Watch the customer, going on from the copy's token."""
        self.copy.opens()
        request = WatchRequest(session_id=self.session_id, token=self.copy.token, **fields)
        return Watch(self.journeys.Watch(request, metadata=self.metadata), self.copy)


class Watch:
    """One stream, applied to a copy."""

    def __init__(self, call: Any, copy: Copy) -> None:
        self.call = call
        self.copy = copy

    async def next(self) -> WatchResponse:
        """The next frame, applied. EOFError at the end of the stream."""
        async with asyncio.timeout(PATIENCE_S):
            frame = await self.call.read()
        if frame is grpc.aio.EOF:
            raise EOFError
        taken: WatchResponse = frame
        self.copy.apply(taken)
        return taken

    async def until(self, holds: Callable[[WatchResponse], bool]) -> WatchResponse:
        """Take frames until one of which this holds."""
        while True:
            frame = await self.next()
            if holds(frame):
                return frame

    async def caught_up(self) -> None:
        """Until level with the service."""
        await self.until(lambda frame: frame.HasField("caught_up"))

    def close(self) -> None:
        """Hang up."""
        self.call.cancel()
