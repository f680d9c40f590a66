"""An application over a store in memory, and people who use it."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
import zlib
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Self

import projections
from journey.v1.access_pb2 import ROLE_DEVELOPER, ROLE_DEVICE, ROLE_SERVICE
from journey.v1.clocks_pb2 import ClientClock
from journey.v1.interactions_pb2 import (
    CHANNEL_MOBILE_APP,
    RUN_OPENER_PLAY,
    CartLineAdded,
    Interaction,
    Line,
    MediaPaused,
    MediaPlayed,
    MediaProgressed,
    MediaStopped,
    Product,
)
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    RecordRequest,
    RecordResponse,
    WatchRequest,
    WatchResponse,
)
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.sessions_pb2 import Device, Session
from journey_service.application import Application
from journey_service.application.projected import Projected
from journey_service.bootstrap import visiting_of
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import Tokens
from journey_service.domain.validation import Validation
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from journey_service.store.postgres import PostgresStore
from projections.view import Catalogue, View

FILM = JourneyRef(kind="media", journey_id="film-42")
CART = JourneyRef(kind="cart", journey_id="main")
HOUR_MS = 3_600_000
IDENTITY_KEY = b"i" * 32
# It reads the rules of all messages once, and holds nothing else.
VALIDATION = Validation()
SERVICE = Principal(ROLE_SERVICE, "shop", scopes=frozenset({"clock.trusted"}))
DEVELOPER = Principal(ROLE_DEVELOPER, "dev")


def uuid7() -> str:
    """A UUID of version 7 made now."""
    raw = bytearray(int(time.time() * 1_000).to_bytes(6) + os.urandom(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


def run_id(ref: JourneyRef = FILM, run: str = "a") -> str:
    """A run of a journey: 24 digits and the checksum of its name."""
    return run * 24 + f"{zlib.crc32(f'{ref.kind}/{ref.journey_id}'.encode()):08x}"


def played(point_ms: int, run: str = "a") -> Interaction:
    """The film starts to play."""
    body = MediaPlayed(
        run_id=run_id(run=run),
        run_start_ms=point_ms,
        opened_by=RUN_OPENER_PLAY,
        point_ms=point_ms,
        speed=1_000,
        duration_ms=5_400_000,
        cause=MediaPlayed.CAUSE_START,
    )
    return Interaction(journey=FILM, media_played=body)


def progressed(point_ms: int, start_ms: int = 0, run: str = "a") -> Interaction:
    """The app reports where it is."""
    body = MediaProgressed(
        run_id=run_id(run=run),
        run_start_ms=start_ms,
        opened_by=RUN_OPENER_PLAY,
        point_ms=point_ms,
        speed=1_000,
    )
    return Interaction(journey=FILM, media_progressed=body)


def paused(point_ms: int, start_ms: int = 0, run: str = "a") -> Interaction:
    """The customer pauses."""
    body = MediaPaused(
        run_id=run_id(run=run),
        run_start_ms=start_ms,
        opened_by=RUN_OPENER_PLAY,
        point_ms=point_ms,
        speed=0,
        duration_ms=5_400_000,
    )
    return Interaction(journey=FILM, media_paused=body)


def stopped(point_ms: int, start_ms: int = 0, run: str = "a") -> Interaction:
    """The customer stops."""
    body = MediaStopped(
        run_id=run_id(run=run),
        run_start_ms=start_ms,
        opened_by=RUN_OPENER_PLAY,
        point_ms=point_ms,
        duration_ms=5_400_000,
        reason=MediaStopped.REASON_ENDED,
    )
    return Interaction(journey=FILM, media_stopped=body)


def added(sku: str, quantity: int = 1, cart: JourneyRef = CART) -> Interaction:
    """Something is put into the cart."""
    line = Line(product=Product(sku=sku), quantity=quantity)
    return Interaction(journey=cart, cart_line_added=CartLineAdded(line=line))


@dataclass(slots=True)
class DeviceInUse:
    """A device with an open session; numbers its interactions."""

    scene: Scene
    principal: Principal
    session: Session
    seq: int = 0

    def elsewhere(self) -> DeviceInUse:
        """The same device, connected to another process on the same store."""
        return replace(self, scene=replace(self.scene, application=self.scene.neighbour()))

    async def record(self, *interactions: Interaction, ago_ms: int = 0) -> RecordResponse:
        """Record what happened `ago_ms` before now."""
        now_ms = self.scene.application.now_ms()
        for interaction in interactions:
            self.seq += 1
            interaction.event_id = interaction.event_id or uuid7()
            interaction.seq = self.seq
            interaction.wall_ms = now_ms - ago_ms
            interaction.mono_ms = now_ms - ago_ms
            interaction.boot_id = "boot"
        return await self.send(*interactions)

    async def send(self, *interactions: Interaction) -> RecordResponse:
        """Send them as they are."""
        now_ms = self.scene.application.now_ms()
        clock = ClientClock(sent_wall_ms=now_ms, sent_mono_ms=now_ms, boot_id="boot")
        request = RecordRequest(
            session_id=self.session.session_id, interactions=interactions, clock=clock
        )
        return await self.scene.application.record(
            self.principal, request, received_ms=now_ms, deadline=None
        )

    def watch(self, token: str = "", **fields: object) -> Watching:
        """Watch the customer."""
        request = WatchRequest(session_id=self.session.session_id, token=token, **fields)  # type: ignore[arg-type]
        return Watching(self.scene.application.watch(self.principal, request))

    async def resume(self, ref: JourneyRef = FILM) -> Journey:
        """The journey as this device would go on with it."""
        response = await self.scene.application.get_journey(
            self.principal, GetJourneyRequest(journey=ref), deadline=None
        )
        return response.journey


class Watching:
    """A watch whose frames are taken one by one."""

    def __init__(self, frames: AsyncIterator[WatchResponse]) -> None:
        self.frames = frames

    async def next(self, content: str) -> WatchResponse:
        """The next frame, which must have this content."""
        async with asyncio.timeout(5):
            frame = await anext(self.frames)
        assert frame.WhichOneof("content") == content, frame
        return frame

    async def level(self) -> WatchResponse:
        """Past opened and the first state; returns that state's frame."""
        await self.next("opened")
        first = await self.take()
        await self.next("caught_up")
        return first

    async def take(self) -> WatchResponse:
        """The next frame, whatever it is."""
        async with asyncio.timeout(5):
            return await anext(self.frames)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await aclosing(self.frames).__aexit__(None, None, None)  # type: ignore[type-var]


@dataclass(slots=True)
class Scene:
    """An application and its store."""

    application: Application
    store: MemoryStore
    settings: Settings
    opened: list[Session] = field(default_factory=list)

    def pass_by(self, milliseconds: int) -> None:
        """It is so much later at once; who waits for a time looks when something wakes it."""
        clock = self.store.clock
        before = clock.now_ms
        clock.now_ms = lambda: before() + milliseconds  # type: ignore[method-assign]

    def neighbour(self) -> Application:
        """Another process on the same store."""
        return application_on(self.store, self.settings)

    async def device(self, subject_id: str = "mila", **about: str) -> DeviceInUse:
        """A device of a person, signed in, with an open session."""
        principal = Principal(
            ROLE_DEVICE, subject_id, subject_id, self.application.now_ms() + HOUR_MS
        )
        request = self.opening(**about)
        response = await self.application.open_session(
            principal, request, received_ms=self.application.now_ms()
        )
        return DeviceInUse(self, principal, response.session)

    def opening(self, **about: str) -> OpenSessionRequest:
        """What a phone sends to open a session."""
        now_ms = self.application.now_ms()
        installation_id = about.pop("installation_id", str(uuid.uuid4()))
        return OpenSessionRequest(
            installation_id=installation_id,
            device=Device(
                device_id=about.pop(
                    "device_id", f"device of {installation_id[:4]}".replace(" ", "-")
                )
            ),
            channel=CHANNEL_MOBILE_APP,
            protocol=1,
            clock=ClientClock(sent_wall_ms=now_ms, sent_mono_ms=now_ms),
            command_id=about.pop("command_id", str(uuid.uuid4())),
        )


def application_on(
    store: MemoryStore | PostgresStore, settings: Settings, catalogue: Catalogue | None = None
) -> Application:
    """A process on a store, which others may be on, too."""
    return Application(
        journal=store.journal,
        states=store.states,
        projected=Projected(
            catalogue or Catalogue(projections.VIEWS),
            store.state_lists,
            store.stops,
            store.rebuilds,
        ),
        sessions=store.sessions,
        devices=store.devices,
        handoffs=store.handoffs,
        groups=store.groups,
        identities=store.identities,
        visiting=visiting_of(store.installations, settings, IDENTITY_KEY, b"v" * 32),
        clock=store.clock,
        tokens=Tokens([b"k" * 32], store.journal.journal_id),
        validation=VALIDATION,
        settings=settings,
    )


async def scene(
    settings: Settings | None = None,
    *,
    views: Iterable[View] = projections.VIEWS,
    **changes: int,
) -> Scene:
    """A fresh application that can read these views."""
    settings = replace(settings or Settings(), **changes)  # type: ignore[arg-type]
    store = MemoryStore(settings)
    catalogue = Catalogue(views)
    for view in catalogue.stored():
        await store.states.register(view.name, view.version)
    return Scene(application_on(store, settings, catalogue), store, settings)
