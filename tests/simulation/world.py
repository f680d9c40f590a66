"""True time, a journal, and the service processes on it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import projections
from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.events_pb2 import Event
from journey_service.application import Application
from journey_service.application.projected import Projected
from journey_service.bootstrap import visiting_of
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import Tokens
from journey_service.ports import Journal, States
from journey_service.settings import Settings
from journey_service.store.postgres.store import PostgresStore
from projections.runner import Runner
from projections.view import Catalogue
from tests.application.scene import VALIDATION, Scene
from tests.application.scene import scene as a_scene
from tests.stage import TrueClock

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
BEGIN_MS = 1_795_000_000_000
# Telemetry is pushed at once, because what is held back waits for a clock that nobody moves.
SETTINGS = Settings(telemetry_push_ms=0, snapshot_journeys=200)

Spawn = Callable[[], Application]


@dataclass(slots=True)
class World:
    """What all share. `spawn` makes another process on the same journal, `turn` lets all go on."""

    draw: random.Random
    journal: Journal
    states: Sequence[States]
    spawn: Spawn
    set_time: Callable[[int], None]
    turn: Callable[[], Awaitable[None]]
    subject_id: str = "mila"
    now_ms: int = BEGIN_MS
    nodes: list[Application] = field(default_factory=list)
    fold_version: int = projections.JOURNEYS.version

    @property
    def principal(self) -> Principal:
        """What every device of the customer is."""
        return Principal(ROLE_DEVICE, self.subject_id, self.subject_id)

    def begin(self, nodes: int) -> None:
        """Start the processes at the beginning of time."""
        self.set_time(self.now_ms)
        self.nodes = [self.spawn() for _ in range(nodes)]

    def pass_by(self, milliseconds: int) -> None:
        """Time goes by, for all."""
        self.now_ms += milliseconds
        self.set_time(self.now_ms)

    def node(self) -> Application:
        """One of the processes."""
        return self.draw.choice(self.nodes)

    def restart(self) -> Application:
        """A process ends and another takes its place; returns the one that is gone."""
        place = self.draw.randrange(len(self.nodes))
        gone, self.nodes[place] = self.nodes[place], self.spawn()
        return gone

    async def project(self) -> None:
        """Fold what there is into stored states."""
        runner = Runner(
            projections.JOURNEYS,
            self.journal,
            self.states[0],
            owner=f"runner-{self.now_ms}",
            lease_life_ms=1,
        )
        await runner.catch_up()

    async def rebuild(self) -> None:
        """Another version of the fold begins with nothing."""
        self.fold_version += 1
        for states in self.states:
            await states.register(projections.JOURNEYS.name, self.fold_version)

    async def events(self) -> list[Event]:
        """The customer's whole stream."""
        found: Sequence[Event] = await self.journal.read_stream(self.subject_id, limit=100_000)
        return list(found)


async def in_memory(draw: random.Random) -> World:
    """A world whose journal is a list."""
    stage: Scene = await a_scene(SETTINGS)

    def set_time(now_ms: int) -> None:
        stage.store.clock.now_ms = lambda: now_ms  # type: ignore[method-assign]

    store = stage.store
    return World(draw, store.journal, [store.states], stage.neighbour, set_time, _at_once)


async def on_postgres(draw: random.Random, stores: Sequence[PostgresStore]) -> World:
    """A world on a database, through these stores; time is the story's, not the database's."""
    clock = TrueClock()
    turns = cycle(stores)
    for store in stores:
        store.clock = clock
        await store.states.register(projections.JOURNEYS.name, projections.JOURNEYS.version)

    def spawn() -> Application:
        store = next(turns)
        return Application(
            journal=store.journal,
            states=store.states,
            projected=Projected(
                Catalogue(projections.VIEWS), store.state_lists, store.stops, store.rebuilds
            ),
            sessions=store.sessions,
            devices=store.devices,
            handoffs=store.handoffs,
            groups=store.groups,
            identities=store.identities,
            visiting=visiting_of(store.installations, SETTINGS, b"i" * 32, b"v" * 32),
            clock=clock,
            tokens=Tokens([b"k" * 32], store.journal.journal_id),
            validation=VALIDATION,
            settings=SETTINGS,
        )

    def set_time(now_ms: int) -> None:
        clock.time_ms = now_ms

    all_states = [store.states for store in stores]
    subject_id = f"mila-{draw.getrandbits(64):x}"
    return World(draw, stores[0].journal, all_states, spawn, set_time, _soon, subject_id)


async def _at_once() -> None:
    await asyncio.sleep(0)


async def _soon() -> None:
    """A database takes a moment; who waits for something waits for many of these."""
    await asyncio.sleep(0.002)


MakeWorld = Callable[[random.Random], Awaitable[World]]
