"""A device that is often offline, whose clocks are wrong, and whose answers get lost."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.interactions_pb2 import (
    CHANNEL_MOBILE_APP,
    Interaction,
)
from journey.v1.journey_service_pb2 import (
    RecordRequest,
    RecordResult,
    WatchRequest,
)
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.sessions_pb2 import Device as About
from journey_service.application import Application
from journey_service.domain.errors import InstallationCloned, SeqGap
from tests.guarantees.devices import Copy
from tests.simulation.clocks import Clocks, wrong
from tests.simulation.customer import Customer
from tests.simulation.stream import Stream
from tests.simulation.world import HOUR_MS, MINUTE_MS, World

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
class Device:
    """One device of the customer. `book` holds what all devices accepted from their users."""

    world: World
    name: str
    clocks: Clocks
    book: Book
    customer: Customer
    online: bool = True
    seq: int = 0
    # The greatest number ever given by this installation, whatever became of its storage since.
    highest: int = 0
    installations: int = 0
    installation_id: str = ""
    session_id: str = ""
    session_until_ms: int = 0
    queue: list[Interaction] = field(default_factory=list)
    old: list[list[Interaction]] = field(default_factory=list)
    answers: dict[str, RecordResult] = field(default_factory=dict)
    backup: tuple[int, list[Interaction]] | None = None
    copy: Copy = field(default_factory=Copy)
    stream: Stream | None = None
    shown: str = ""

    # --- what the customer does ------------------------------------------------------------------

    def act(self) -> None:
        """Something happens on the device; it is stored before anything is sent."""
        interaction = self.customer.something()
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
            self.highest = max(self.highest, self.seq)
            if draw.random() < 0.05:
                await self._refused_gap(batch)
            try:
                answered = await self._send(batch)
            except InstallationCloned:
                await self._renumber()
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
        later.seq = self.highest + 2
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

    async def _renumber(self) -> None:
        """The service saw that a number was used for two acts: begin anew, keeping event ids.

        The open stream tells the watermark of the installation that was left.
        """
        await self.hang_up()
        self._new_installation()
        self.old.clear()
        for interaction in self.queue:
            interaction.seq = 0

    def _new_installation(self) -> None:
        self.installations += 1
        self.installation_id = str(uuid.UUID(int=self.world.draw.getrandbits(128), version=4))
        self.seq = self.highest = self.copy.processed = 0
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


def make(world: World, number: int, book: Book) -> Device:
    """A device with clocks of its own."""
    name = f"device-{number}"
    clocks = Clocks(
        world,
        wrong(world.draw),
        booted_ms=world.now_ms - world.draw.randrange(HOUR_MS),
        mono_pauses=world.draw.random() < 0.3,
    )
    return Device(world, name, clocks, book, Customer(world.draw))


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
