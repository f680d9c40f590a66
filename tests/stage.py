"""Devices of one customer and the real service between them, on one clock that the test moves.

Every call goes over real gRPC through the client library to a service on PostgreSQL; only time is
played. A time of the day such as "20:10" is the true one; what a device's own clocks say may be
years off.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import journey_client
from journey.v1.events_pb2 import Event, Outcome
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journeys_pb2 import CartState, Journey, MediaState
from journey.v1.reading_pb2 import EventFilter
from journey_client import (
    Client,
    CredentialProvider,
    JourneyKey,
    MediaRuns,
    Recorded,
    Session,
    Watch,
    interactions,
)
from journey_service.settings import Settings
from journey_service.store.postgres.clock import PostgresClock
from journey_service.store.postgres.store import PostgresStore
from tests.transport.serving import APP_KEY, Served, serving

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
# A day to come: what the database cleans up by its own clock is not yet over.
MIDNIGHT_MS = int(datetime(2040, 11, 5, tzinfo=UTC).timestamp()) * 1_000
ONE_HOUR = 60 * MINUTE_MS
MASTER_KEYS = {1: b"m" * 32}
# The machine that runs the tests may be busy.
PATIENT = Settings(pool_wait_ms=2_000, pool_read_wait_ms=2_000)


def place(text: str) -> int:
    """A place in content, mm:ss, in ms."""
    minutes, seconds = text.split(":")
    return 1_000 * (60 * int(minutes) + int(seconds))


class TrueClock(PostgresClock):
    """The time of the story; the service takes it for the database's. See ports.Clock."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.time_ms = MIDNIGHT_MS

    def now_ms(self) -> int:
        """Ms since 1970 UTC."""
        return self.time_ms

    def ms_at(self, moment_s: float) -> int:
        """Calls take no time in the story, however busy the machine is."""
        return self.now_ms()

    def move_to(self, text: str, *, day: int = 0) -> None:
        """It is hh:mm or hh:mm:ss now; time does not go back."""
        hours, minutes, *seconds = text.split(":")
        of_day = 3_600 * int(hours) + 60 * int(minutes) + int(seconds[0] if seconds else 0)
        moved = MIDNIGHT_MS + day * DAY_MS + 1_000 * of_day
        assert moved >= self.time_ms, f"the story goes back to {text}"
        self.time_ms = moved

    def pass_by(self, milliseconds: int) -> None:
        """Time goes by."""
        self.time_ms += milliseconds


@dataclass
class DeviceClocks:
    """The clocks of one device: the wall clock is off, the other counts since the last start."""

    true: TrueClock
    off_ms: int = 0
    started_ms: int = MIDNIGHT_MS - HOUR_MS
    starts: int = 1
    mono_pauses: bool = False

    @property
    def boot_id(self) -> str:
        """Of this start."""
        return f"start {self.starts}"

    def wall_ms(self) -> int:
        """As the device believes."""
        return self.true.time_ms + self.off_ms

    def mono_ms(self) -> int:
        """Since its last start."""
        return self.true.time_ms - self.started_ms

    def start_anew(self, *, off_ms: int) -> None:
        """The device restarts, and its wall clock is off by so much from now on."""
        self.started_ms, self.starts, self.off_ms = self.true.time_ms, self.starts + 1, off_ms


@dataclass
class DeviceOfStory:
    """A device that acts, with or without a network."""

    stage: Stage
    client: Client
    clocks: DeviceClocks
    channel: str
    session: Session = field(init=False)
    players: dict[str, MediaRuns] = field(default_factory=dict)
    kept: list[Interaction] = field(default_factory=list)
    online: bool = False

    async def connect(self) -> DeviceOfStory:
        """There is a network: the session is opened and what was kept is sent in order."""
        self.session = await self.client.open_session(channel=self.channel, keep_alive_ms=0)
        return await self.reconnect()

    async def reconnect(self, at: str = "") -> DeviceOfStory:
        """The network is back; what was kept is sent in order."""
        self.stage.at(at)
        self.online, kept, self.kept = True, self.kept, []
        if kept:
            self.answered = await self.session.record(*kept)
        return self

    async def sign_in(self, subject: str = "mila", at: str = "") -> DeviceOfStory:
        """Who visits signs in on this device."""
        self.stage.at(at)
        credentials = self.stage.credentials("device", subject)
        self.session = await self.client.sign_in(self.session, credentials=credentials)
        return self

    @property
    def kept_by_visitor(self) -> dict[str, str]:
        """By what this device is known again when nobody signed in on it."""
        secret = self.client.installation_secret
        return {
            "installation_id": self.session.installation_id,
            "installation_secret": secret,
        }

    def disconnect(self) -> None:
        """No network from now on."""
        self.online = False

    async def act(self, interaction: Interaction, at: str = "") -> Recorded:
        """It happens now: recorded at once, or stamped and kept."""
        self.stage.at(at)
        if self.online:
            recorded = await self.session.do(interaction)
            if self.stage.twice:
                await self._again(interaction, recorded)
            return recorded
        self.kept.append(self.session.stamp(interaction))
        return Recorded()

    async def _again(self, interaction: Interaction, first: Recorded) -> None:
        """It is sent once more, and nothing comes of it."""
        repeated = (await self.session.record(interaction)).results[0]
        assert repeated.duplicate
        assert repeated.version == first.results[0].version

    # --- media ---

    async def play(self, film: str, point: str, at: str = "", **more: Any) -> Recorded:
        """Playing begins at a place."""
        player = self.players.setdefault(film, self.stage.player(film))
        return await self.act(player.played(place(point), **more), at)

    async def progress(self, film: str, point: str, at: str = "", *, epoch: int = 0) -> Recorded:
        """The app reports where playing is."""
        reported = self.players[film].progressed(place(point), lease_epoch=epoch)
        return await self.act(reported, at)

    async def pause(self, film: str, point: str, at: str = "") -> Recorded:
        """Playing pauses at a place."""
        return await self.act(self.players[film].paused(place(point)), at)

    async def stop(self, film: str, point: str, at: str = "", **more: Any) -> Recorded:
        """Playing ends at a place."""
        return await self.act(self.players[film].stopped(place(point), **more), at)

    # --- cart ---

    async def add(self, sku: str, quantity: int = 1, at: str = "") -> Recorded:
        """More of a product is put into the cart."""
        return await self.act(interactions.cart_line_added(sku, quantity), at)

    async def set(self, sku: str, quantity: int, at: str = "") -> Recorded:
        """The quantity of a product is chosen."""
        return await self.act(interactions.cart_line_quantity_set(sku, quantity), at)

    async def remove(self, sku: str, at: str = "") -> Recorded:
        """A product is taken out of the cart."""
        return await self.act(interactions.cart_line_removed(sku), at)

    # --- what it sees ---

    async def sees(self, kind: str, journey_id: str = "main") -> Journey:
        """The journey as this device is answered."""
        return await self.session.journey(kind, journey_id)

    async def film(self, film: str = "film") -> MediaState:
        """The film as this device is answered."""
        return (await self.sees("media", film)).media

    async def cart(self) -> dict[str, int]:
        """Quantities by line as this device is answered."""
        return quantities((await self.sees("cart")).cart)

    async def can_go_on_with(self) -> list[str]:
        """Ids of the continue list, in order."""
        return [journey.ref.journey_id for journey in await self.session.continue_list()]

    async def events(self, *types: str, outcomes: tuple[Outcome, ...] = ()) -> list[Event]:
        """The customer's events, as things happened."""
        wanted = EventFilter(types=types, outcomes=outcomes)
        return [event async for event in self.session.events(filter=wanted)]


@dataclass
class Stage:
    """One service or several, one customer unless said, and the devices of the story.

    Devices connect to one service after the other. `twice`: every interaction is sent twice.
    """

    services: list[Served]
    stores: list[PostgresStore]
    clock: TrueClock
    stack: AsyncExitStack
    # Clients leave before the services that they talk to.
    house: AsyncExitStack
    twice: bool = False
    titles: dict[str, dict[str, Any]] = field(default_factory=dict)
    connected: int = 0

    @property
    def served(self) -> Served:
        """The first service."""
        return self.services[0]

    def connect(self, **options: Any) -> Client:
        """A client of the next service."""
        served = self.services[self.connected % len(self.services)]
        self.connected += 1
        address = f"127.0.0.1:{served.server.port}"
        return journey_client.connect(address, timeout_ms=MINUTE_MS, **options)

    def token(self, role: str, name: str, **claims: str) -> str:
        """A token of now."""
        now_s = self.clock.time_ms / 1_000
        mint: Any = self.served.mint
        made: str = mint.token(role, name, now_s=now_s, **claims)
        return made

    def credentials(self, role: str, name: str, **claims: str) -> CredentialProvider:
        """Gives out tokens of its time."""

        async def ask() -> str:
            return self.token(role, name, **claims)

        return ask

    def as_(self, role: str, name: str = "mila") -> tuple[tuple[str, str], ...]:
        """Metadata of a call made by hand."""
        return (("authorization", f"Bearer {self.token(role, name)}"),)

    def at(self, text: str) -> None:
        """Move the clock to a time of the day; empty: a second goes by."""
        if text:
            self.clock.move_to(text)
        else:
            self.clock.pass_by(1_000)

    def player(self, film: str) -> MediaRuns:
        """A player of a title; one of 60 minutes unless the story says otherwise."""
        return MediaRuns(film, **self.titles.get(film, {"duration_ms": ONE_HOUR}))

    async def stop_first(self) -> None:
        """The first service is gone; streams and calls to it break."""
        await self.served.server.stop()

    async def start_first_again(self) -> None:
        """The first service is back at its address."""
        address = f"127.0.0.1:{self.served.server.port}"
        again = serving(self.stores[0], grpc_address=address)
        self.services[0] = await self.house.enter_async_context(again)

    async def device(
        self,
        name: str,
        *,
        subject: str = "mila",
        off_ms: int = 0,
        channel: str = "mobile_app",
        claims: Mapping[str, str] | None = None,
        kept: Mapping[str, str] | None = None,
    ) -> DeviceOfStory:
        """A device with a network; `off_ms` is how wrong its wall clock is, `kept` are id and
        secret of an earlier visit on it."""
        clocks = DeviceClocks(self.clock, off_ms)
        client = self.connect(
            credentials=self.credentials("device", subject, **(claims or {})),
            device=name,
            clocks=clocks,
            **(kept or {}),
        )
        await self.stack.enter_async_context(client)
        return await DeviceOfStory(self, client, clocks, channel).connect()

    async def visitor(self, name: str, *, channel: str = "web", **kept: str) -> DeviceOfStory:
        """A device on which nobody signed in; `kept` are id and secret of an earlier visit."""
        clocks = DeviceClocks(self.clock)
        client = self.connect(app_key=APP_KEY, device=name, clocks=clocks, **kept)
        await self.stack.enter_async_context(client)
        return await DeviceOfStory(self, client, clocks, channel).connect()

    async def clerk(
        self, employee: str, subject_id: str, *, device: str = "till", channel: str = "store"
    ) -> DeviceOfStory:
        """A member of staff with this customer's case open, at a till or a desk."""
        clocks = DeviceClocks(self.clock)
        credentials = self.credentials("staff", employee, case=subject_id)
        client = self.connect(credentials=credentials, device=device, clocks=clocks)
        await self.stack.enter_async_context(client)
        return await DeviceOfStory(self, client, clocks, channel).connect()

    async def back_end(self, name: str = "shop", *scopes: str) -> Client:
        """A back end of the brand."""
        credentials = self.credentials("service", name, scope=" ".join(scopes))
        return await self.stack.enter_async_context(
            self.connect(credentials=credentials, service=True)
        )

    async def fact(
        self, back_end: Client, subject_id: str, interaction: Interaction, at: str = ""
    ) -> Recorded:
        """A back end reports something of a customer, and it is accepted."""
        return (await self.tell(back_end, subject_id, interaction, at)).require()

    async def tell(
        self, back_end: Client, subject_id: str, interaction: Interaction, at: str = ""
    ) -> Recorded:
        """A back end reports something of a customer, and may be refused."""
        self.at(at)
        recorded = await back_end.record(subject_id, [interaction])
        if self.twice:
            repeated = await back_end.record(subject_id, [interaction])
            assert repeated.results[0].duplicate
        return recorded


def quantities(cart: CartState) -> dict[str, int]:
    """Quantities by line."""
    return {line.line_key: line.quantity for line in cart.lines}


def points(media: MediaState) -> list[int]:
    """Places that can be gone back to, newest first."""
    return [former.point_ms for former in media.history]


async def seen_on(
    watch: Watch, key: JourneyKey, expected: Callable[[Journey], bool] = lambda journey: True
) -> Journey:
    """The journey as a watch shows it, once it is as expected; 10 s at most."""
    async with asyncio.timeout(10):
        view = await watch.until(lambda view: key in view.journeys and expected(view.journeys[key]))
    return view.journeys[key]


@asynccontextmanager
async def staged(dsn: str, clock: TrueClock, *, services: int = 1) -> AsyncIterator[Stage]:
    """Services on one database; the story moves the clock that they all have."""
    async with AsyncExitStack() as house, AsyncExitStack() as stack:
        served, stores = [], []
        for _ in range(services):
            opened = await PostgresStore.open(dsn, MASTER_KEYS, settings=PATIENT)
            stores.append(await house.enter_async_context(opened))
            stores[-1].clock = clock
            served.append(await house.enter_async_context(serving(stores[-1])))
        yield Stage(served, stores, clock, stack, house)
