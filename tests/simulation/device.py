"""A device that is often offline, whose clocks are wrong, and whose answers get lost."""

from __future__ import annotations

import asyncio
import uuid
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.interactions_pb2 import (
    CHANNEL_MOBILE_APP,
    RUN_OPENER_PLAY,
    RUN_OPENER_RESTART,
    CartLineAdded,
    CartLineQuantitySet,
    CartLineRemoved,
    Interaction,
    Line,
    ListItemAdded,
    ListItemRemoved,
    MediaPaused,
    MediaPlayed,
    MediaProgressed,
    MediaStopped,
    Product,
    RunOpener,
)
from journey.v1.journey_service_pb2 import (
    RecordRequest,
    RecordResult,
    WatchRequest,
    WatchResponse,
)
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.sessions_pb2 import Device as About
from journey_service.application import Application
from journey_service.domain.errors import InstallationCloned, SeqGap
from tests.guarantees.devices import Copy
from tests.simulation.world import DAY_MS, HOUR_MS, MINUTE_MS, World

CART = JourneyRef(kind="cart", journey_id="main")
LIST = JourneyRef(kind="list", journey_id="wishes")
FILMS = ("film-1", "film-2")
LINES = ("tea", "milk", "bread")
YEAR_MS = 365 * DAY_MS
# Turns of the event loop in which a stream says all that it has to say.
TURNS = 12
# Times that it is asked whether it is level.
PATIENCE = 100
# Shorter than a session's longest silence.
SESSION_MS = 20 * MINUTE_MS


class Wrong(AssertionError):
    """A promise was broken."""


@dataclass(slots=True)
class Book:
    """When each act truly happened, by event id, and which of them no device remembers.

    `exact` are those of devices whose monotonic clock never stands still.
    """

    happened: dict[str, int] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Run:
    """What is playing."""

    ref: JourneyRef
    run_id: str
    start_ms: int
    opened_by: RunOpener
    point_ms: int


@dataclass(slots=True)
class Clocks:
    """Wall clock (`off_ms` from the truth) and one that counts since the last start."""

    world: World
    off_ms: int
    boots: int = 1
    booted_ms: int = 0
    paused_ms: int = 0
    mono_pauses: bool = False
    sample_ms: int | None = None

    def wall_ms(self) -> int:
        return max(0, self.world.now_ms + self.off_ms)

    def mono_ms(self) -> int:
        return self.world.now_ms - self.booted_ms - self.paused_ms

    def boot(self, name: str) -> str:
        return f"{name}-{self.boots}"

    def disturb(self) -> None:
        """A start, a step of the wall clock, or a long sleep."""
        draw = self.world.draw
        match draw.randrange(4):
            case 0:
                self.boots += 1
                self.booted_ms, self.paused_ms = self.world.now_ms, 0
                self.sample_ms = None
                if draw.random() < 0.3:
                    self.off_ms = -self.world.now_ms + 946_684_800_000
            case 1:
                self.off_ms = wrong(draw)
                self.sample_ms = None
            case 2 if self.mono_pauses:
                self.paused_ms += draw.randrange(
                    max(1, self.world.now_ms - self.booted_ms - self.paused_ms)
                )
            case _:
                self.off_ms += draw.randint(-3_000, 3_000)


def wrong(draw: Any) -> int:
    """How far a wall clock is off, ms."""
    return int(draw.choice((0, 0, draw.randint(-90_000, 90_000), draw.randint(-10, 10) * YEAR_MS)))


@dataclass(slots=True)
class Device:
    """One device of the customer. `book` holds what all devices accepted from their users."""

    world: World
    name: str
    clocks: Clocks
    book: Book
    online: bool = True
    seq: int = 0
    installations: int = 0
    installation_id: str = ""
    session_id: str = ""
    session_until_ms: int = 0
    queue: list[Interaction] = field(default_factory=list)
    old: list[list[Interaction]] = field(default_factory=list)
    answers: dict[str, RecordResult] = field(default_factory=dict)
    backup: tuple[int, list[Interaction]] | None = None
    run: Run | None = None
    copy: Copy = field(default_factory=Copy)
    stream: Stream | None = None
    shown: str = ""

    # --- what the customer does ------------------------------------------------------------------

    def act(self) -> None:
        """Something happens on the device; it is stored before anything is sent."""
        interaction = self._something()
        draw, clocks = self.world.draw, self.clocks
        interaction.event_id = _uuid7(self.world)
        interaction.wall_ms, interaction.mono_ms = clocks.wall_ms(), max(0, clocks.mono_ms())
        interaction.boot_id = clocks.boot(self.name) if draw.random() < 0.95 else ""
        if clocks.sample_ms is not None:
            interaction.offset_ms = clocks.sample_ms
        if interaction.WhichOneof("body") != "media_progressed":
            interaction.seen = self.shown
        self.queue.append(interaction)
        self.book.happened[interaction.event_id] = self.world.now_ms
        if not clocks.mono_pauses:
            self.book.exact.add(interaction.event_id)

    def _something(self) -> Interaction:
        draw = self.world.draw
        chosen = draw.random()
        if chosen < 0.45:
            return self._in_the_cart()
        if chosen < 0.6:
            return self._on_the_list()
        return self._while_playing()

    def _in_the_cart(self) -> Interaction:
        draw, made = self.world.draw, Interaction(journey=CART)
        key = draw.choice(LINES)
        line = Line(line_key=key, product=Product(sku=key), quantity=draw.randint(1, 5))
        match draw.randrange(5):
            case 0:
                made.cart_line_quantity_set.CopyFrom(CartLineQuantitySet(line=line))
            case 1:
                made.cart_line_removed.CopyFrom(CartLineRemoved(line_key=key))
            case _:
                if draw.random() < 0.05:
                    line.quantity = 0  # refused
                made.cart_line_added.CopyFrom(CartLineAdded(line=line))
        return made

    def _on_the_list(self) -> Interaction:
        draw, made = self.world.draw, Interaction(journey=LIST)
        key = draw.choice(LINES)
        if draw.random() < 0.4:
            made.list_item_removed.CopyFrom(ListItemRemoved(item_key=key))
        else:
            made.list_item_added.CopyFrom(ListItemAdded(item_key=key, content_id=key))
        return made

    def _while_playing(self) -> Interaction:
        draw, run = self.world.draw, self.run
        if run is None or draw.random() < 0.2:
            return self._play()
        run.point_ms += draw.choice((0, 1_000, 15_000, 400_000))
        made = Interaction(journey=run.ref)
        fields: dict[str, Any] = {
            "run_id": run.run_id,
            "run_start_ms": run.start_ms,
            "opened_by": run.opened_by,
            "point_ms": run.point_ms,
        }
        match draw.randrange(4):
            case 0:
                made.media_paused.CopyFrom(MediaPaused(**fields, duration_ms=3_600_000))
                self.run = None
            case 1:
                fields["point_ms"] = draw.choice((run.start_ms, run.point_ms))
                made.media_stopped.CopyFrom(MediaStopped(**fields))
                self.run = None
            case _:
                made.media_progressed.CopyFrom(MediaProgressed(**fields, speed=1_000))
        return made

    def _play(self) -> Interaction:
        draw = self.world.draw
        ref = JourneyRef(kind="media", journey_id=draw.choice(FILMS))
        restart = draw.random() < 0.2
        start = 0 if restart else draw.randrange(0, 3_000_000, 1_000)
        digits = f"{draw.getrandbits(96):024x}"
        checksum = zlib.crc32(f"{ref.kind}/{ref.journey_id}".encode())
        opened_by = RUN_OPENER_RESTART if restart else RUN_OPENER_PLAY
        self.run = Run(ref, f"{digits}{checksum:08x}", start, opened_by, start)
        body = MediaPlayed(
            run_id=self.run.run_id,
            run_start_ms=start,
            opened_by=opened_by,
            point_ms=start,
            speed=1_000,
            duration_ms=3_600_000,
            cause=MediaPlayed.CAUSE_START,
        )
        return Interaction(journey=ref, media_played=body)

    # --- what the device sends -------------------------------------------------------------------

    async def connect(self, node: Application) -> None:
        """A session, unless one was opened just now; the answer carries a clock sample."""
        if self.session_id and self.world.now_ms < self.session_until_ms:
            return
        if not self.installation_id:
            self._new_installation()
        opened = await node.open_session(
            self.world.principal,
            OpenSessionRequest(
                installation_id=self.installation_id,
                device=About(device_id=self.name),
                channel=CHANNEL_MOBILE_APP,
                protocol=1,
                clock=self.clock(),
                command_id=_uuid7(self.world),
            ),
            received_ms=self.world.now_ms,
        )
        self.session_id = opened.session.session_id
        self.session_until_ms = self.world.now_ms + SESSION_MS
        self.clocks.sample_ms = self.world.now_ms - self.clocks.wall_ms()

    def clock(self) -> ClientClock:
        """What the clocks say at sending."""
        sent = ClientClock(
            sent_wall_ms=self.clocks.wall_ms(),
            sent_mono_ms=max(0, self.clocks.mono_ms()),
            boot_id=self.clocks.boot(self.name),
            mono_pauses=self.clocks.mono_pauses,
            rtt_ms=self.world.draw.choice((0, 40, 900)),
        )
        if self.clocks.sample_ms is not None:
            sent.offset_ms = self.clocks.sample_ms
        return sent

    async def flush(self, *, patience: int = 1_000) -> None:
        """Send the queue in batches of any size, until it is empty or an answer is lost."""
        draw = self.world.draw
        while self.queue and patience:
            patience -= 1
            batch = self.queue[: draw.randint(1, 6)]
            for interaction in batch:
                if not interaction.seq:
                    self.seq += 1
                    interaction.seq = self.seq
            if draw.random() < 0.05:
                await self._refused_gap(batch)
            try:
                answered = await self._send(batch)
            except InstallationCloned:
                self._renumber()
                await self.connect(self.world.node())
                continue
            if draw.random() < 0.15:
                continue  # the answer is lost, and with it the way the queue was cut
            for result in answered:
                self._settle(result)
            self.old.append(batch)

    async def repeat(self) -> None:
        """What was answered long ago is sent once more, at one process or at two at once."""
        if not self.old:
            return
        batch = self.world.draw.choice(self.old)
        if batch[0].seq > self.seq:
            return
        sends = [self._send(batch) for _ in range(self.world.draw.randint(1, 2))]
        for answered in await asyncio.gather(*sends, return_exceptions=True):
            if isinstance(answered, InstallationCloned):
                continue  # numbers of an earlier installation
            if isinstance(answered, BaseException):
                raise answered
            for result in answered:
                self._compare(result)

    async def _send(self, batch: list[Interaction]) -> list[RecordResult]:
        request = RecordRequest(session_id=self.session_id, interactions=batch, clock=self.clock())
        answer = await self.world.node().record(
            self.world.principal, request, received_ms=self.world.now_ms, deadline=None
        )
        for interaction, result in zip(batch, answer.results, strict=True):
            expect(result.event_id == interaction.event_id, "a result of another interaction")
        return list(answer.results)

    async def _refused_gap(self, batch: list[Interaction]) -> None:
        """Numbers are missing: nothing is stored, and what is expected is named."""
        later = Interaction()
        later.CopyFrom(batch[-1])
        later.seq = self.seq + 2
        later.event_id = _uuid7(self.world)
        with suppress(SeqGap, InstallationCloned):
            await self._send([later])
            raise Wrong("a gap in the numbers was taken")

    def _settle(self, result: RecordResult) -> None:
        """An answer arrived: the interaction leaves the queue."""
        self._compare(result)
        self.queue = [each for each in self.queue if each.event_id != result.event_id]

    def _compare(self, result: RecordResult) -> None:
        known = self.answers.setdefault(result.event_id, result)
        same = (known.outcome, known.reason, known.version, known.position)
        expect(
            same == (result.outcome, result.reason, result.version, result.position),
            f"{result.event_id} was answered differently: {known} then {result}",
        )

    # --- storage that was copied -----------------------------------------------------------------

    def back_up(self) -> None:
        """Somebody copies the device's storage."""
        self.backup = self.seq, [_twin(each) for each in self.queue]

    def restore(self) -> None:
        """The copy is put back: numbers are used again for what is done from now on."""
        if self.backup is None or self.backup[0] == self.seq:
            return
        forgotten = {each.event_id for each in self.queue}
        self.seq, self.queue = self.backup[0], [_twin(each) for each in self.backup[1]]
        self.book.forgotten |= forgotten - {each.event_id for each in self.queue}
        self.old.clear()
        self.backup = None

    def _renumber(self) -> None:
        """The service saw that a number was used for two acts: begin anew, keeping event ids."""
        self._new_installation()
        self.old.clear()
        for interaction in self.queue:
            interaction.seq = 0

    def _new_installation(self) -> None:
        self.installations += 1
        self.installation_id = str(uuid.UUID(int=self.world.draw.getrandbits(128), version=4))
        self.seq, self.copy.processed = 0, 0
        self.session_id = ""

    # --- what the device is shown ----------------------------------------------------------------

    async def watch(self, *, keep: bool, afresh: bool = False) -> None:
        """Open a stream at some process and take it to level; keep it open or hang up."""
        await self.hang_up()
        if afresh:
            self.copy.token = ""
        self.copy.opens()
        node = self.world.node()
        request = WatchRequest(session_id=self.session_id, token=self.copy.token)
        self.stream = Stream(self.world, node, node.watch(self.world.principal, request), self.copy)
        self.copy.contents.clear()
        for _ in range(PATIENCE):
            await self.stream.pump()
            if "caught_up" in self.copy.contents:
                break
        expect("caught_up" in self.copy.contents, "a stream did not catch up")
        self.shown = self.copy.token
        if not keep:
            await self.hang_up()

    async def look(self) -> None:
        """Take what an open stream brought."""
        if self.stream is not None:
            await self.stream.pump()
            self.shown = self.copy.token
            if self.stream.ended:
                await self.hang_up()

    async def hang_up(self) -> None:
        """Close the stream."""
        if self.stream is not None:
            await self.stream.close()
            self.stream = None


class Stream:
    """An open watch. Its frames are taken as far as there are any."""

    def __init__(
        self, world: World, node: Application, frames: AsyncIterator[WatchResponse], copy: Copy
    ) -> None:
        self._world = world
        self.node = node
        self.ended = False
        self._frames: Any = frames
        self._copy = copy
        self._next: asyncio.Future[WatchResponse] | None = None

    async def pump(self) -> None:
        """Take frames until there are no more for now."""
        while not self.ended:
            if self._next is None:
                self._next = asyncio.ensure_future(anext(self._frames))
            for _ in range(TURNS):
                if self._next.done():
                    break
                await self._world.turn()
            if not self._next.done():
                return
            taken, self._next = self._next, None
            try:
                self._copy.apply(taken.result())
            except StopAsyncIteration:
                self.ended = True

    async def close(self) -> None:
        """Hang up, whatever it waits for."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.wait([self._next])
            self._next = None
        await self._frames.aclose()


def make(world: World, number: int, book: Book) -> Device:
    """A device with clocks of its own."""
    name = f"device-{number}"
    clocks = Clocks(
        world,
        wrong(world.draw),
        booted_ms=world.now_ms - world.draw.randrange(HOUR_MS),
        mono_pauses=world.draw.random() < 0.3,
    )
    return Device(world, name, clocks, book)


def a_while(draw: Any) -> int:
    """How long it takes until something happens again, ms."""
    return int(
        draw.choice(
            (0, 10, 1_500, 20_000, draw.randrange(10 * MINUTE_MS), draw.randrange(5 * HOUR_MS))
        )
    )


def _twin(interaction: Interaction) -> Interaction:
    copy = Interaction()
    copy.CopyFrom(interaction)
    return copy


def _uuid7(world: World) -> str:
    number = world.now_ms << 80 | world.draw.getrandbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    text = f"{number & ~(0x3 << 62) | 0x2 << 62:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)
