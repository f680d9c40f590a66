"""The first resume, played by two real clients: a phone that goes offline, and a laptop.

Every evening is another film with a basket of its own; so it can be played again and again on the
same data, touches nothing of anybody's, and each time it must come out the same.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from rich.text import Text

from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import JourneyView
from journey.v1.journeys_pb2 import Journey
from journey_client import (
    Client,
    JourneyKey,
    MediaRuns,
    Recorded,
    ResumePoint,
    Session,
    Watch,
    errors,
    interactions,
)
from journey_service.cli import output
from journey_service.cli.output import Output

T = TypeVar("T")
Connect = Callable[[str], Client]

ACCOUNT = "mila"
FIRST_FILM = 42
DURATION_MS = 5_400_000
LEFT_MS = 1_873_250
LATER_MS = 3_160_000
_ALL = JourneyView.JOURNEY_VIEW_ALL
_FILM = re.compile(r"film-(\d+)$")
WHOLE_BASKET = {"popcorn": 2, "lemonade": 2, "napkins": 1}


class NotTheSame(AssertionError):
    """What came back is not what must come back."""


@dataclass(slots=True)
class Scene:
    """One evening. `connect` makes a client of a device by the device's name."""

    connect: Connect
    out: Output
    film: str = ""
    steps: int = 0
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def play(self) -> str:
        """Play the evening; returns the film. Raises NotTheSame, JourneyError."""
        async with self.stack:
            await self._evening()
        return self.film

    async def _evening(self) -> None:
        phone = await self.connected("phone")
        on_phone = await self.signed_in("phone", phone, "mobile_app")
        await self.look_around(on_phone)
        await self.watch_film(on_phone)
        kept = self.go_offline(on_phone)
        await phone.disconnect()
        laptop = await self.connected("laptop")
        on_laptop = await self.signed_in("laptop", laptop, "web")
        await self.go_on(on_laptop)
        await self.fill_basket(on_laptop)
        await self.come_back(on_laptop, kept)

    # --- the steps of the evening ---

    async def look_around(self, phone: Session) -> None:
        """Which evening it is: one that nobody had yet."""
        media = [journey async for journey in phone.journeys(_ALL, kinds=["media"])]
        evenings = [int(found[1]) for each in media if (found := _FILM.match(each.ref.journey_id))]
        self.film = f"film-{max(evenings, default=FIRST_FILM - 1) + 1}"
        self.same("the basket", await self.basket(phone), {})

    async def watch_film(self, phone: Session) -> None:
        """A film, from the start to the pause."""
        player = MediaRuns(self.film, duration_ms=DURATION_MS)
        await self.step(
            "phone",
            f"plays {self.film} from the start",
            "Record media.played, point_ms 0",
            phone.do(player.played(0)),
            _version,
        )
        await self.step(
            "phone",
            "plays on",
            f"Record media.progressed, point_ms {LEFT_MS // 2}",
            phone.do(player.progressed(LEFT_MS // 2)),
            _version,
        )
        await self.step(
            "phone",
            f"pauses at [bold]{output.place(LEFT_MS)}[/]",
            f"Record media.paused, point_ms {LEFT_MS}",
            phone.do(player.paused(LEFT_MS)),
            _version,
        )

    def go_offline(self, phone: Session) -> list[Interaction]:
        """Two things for the basket, kept with the times at which they were put there."""
        kept = [
            phone.stamp(self.wanted("popcorn", 1)),
            phone.stamp(self.wanted("lemonade", 2)),
        ]
        self.line(
            "phone",
            "[yellow]loses its network[/] and puts popcorn × 1, lemonade × 2 into the basket",
            "nothing: 2 × cart.line_added",
            "kept on the phone, with ids and clocks of that moment",
            None,
        )
        return kept

    async def go_on(self, laptop: Session) -> None:
        """The laptop goes on with the film exactly where the phone left it."""
        listed = await self.step(
            "laptop",
            "asks what to go on with",
            "ListJourneys",
            laptop.continue_list(),
            lambda found: ", ".join(each.ref.journey_id for each in found),
        )
        self.same("first in the list", listed[0].ref.journey_id if listed else "", self.film)
        point = await self.step(
            "laptop",
            f"goes on with {self.film}",
            f"GetJourney media/{self.film}",
            laptop.resume("media", self.film),
            _place_and_device,
        )
        self.same("the resume point in ms", point.start_ms, LEFT_MS)
        player = MediaRuns(self.film, duration_ms=DURATION_MS)
        played = [player.played(point.start_ms), player.progressed(LATER_MS - 5_000)]
        await self.step(
            "laptop",
            f"plays on from there and pauses at {output.place(LATER_MS)}",
            "Record media.played, media.progressed, media.paused",
            laptop.record(*played, player.paused(LATER_MS)),
            _all_recorded,
        )

    async def fill_basket(self, laptop: Session) -> None:
        """The laptop changes the basket, not knowing of the phone's."""
        self.same("the basket on the laptop", await self.basket(laptop), {})
        added = [
            self.wanted("popcorn", 1),
            self.wanted("napkins", 1),
        ]
        await self.step(
            "laptop",
            "puts popcorn × 1, napkins × 1 into the basket",
            "Record 2 × cart.line_added",
            laptop.record(*added),
            _all_recorded,
        )

    async def come_back(self, laptop: Session, kept: list[Interaction]) -> None:
        """The phone has network again: both show the same."""
        beside = laptop.watch()
        await beside.until(lambda view: self.lines(view.journeys) == {"popcorn": 1, "napkins": 1})
        phone = await self.connected("phone")
        again = await self.signed_in("phone", phone, "mobile_app", "finds its network again and ")
        before_ms = min(each.wall_ms for each in kept)
        recorded = await self.step(
            "phone",
            "[green]sends what it kept[/], with its true times",
            "Record 2 × cart.line_added",
            again.record(*kept),
            _all_recorded,
        )
        self.same("what was kept and is recorded", len(recorded.results), len(kept))
        in_hand = again.watch()
        sent = "nothing: its Watch is open"
        await self.step("laptop", "sees it by itself", sent, self.whole(beside), _in_words)
        await self.step("phone", "sees the same", "Watch", self.whole(in_hand), _in_words)
        await self.compare(again, laptop)
        async for event in again.events(descending=True):
            if event.interaction.event_id == kept[0].event_id:
                apart_ms = abs(event.occurrence.t_ms - before_ms)
                self.same("its time, in whole seconds apart", apart_ms // 1_000, 0)
                return
        raise NotTheSame("the phone's kept act is not in the history")

    async def compare(self, phone: Session, laptop: Session) -> None:
        """Film and basket, byte for byte, through both devices."""
        for kind, journey_id in (("media", self.film), self.cart):
            there = await laptop.journey(kind, journey_id)
            here = await phone.journey(kind, journey_id)
            self.same(f"{kind}/{journey_id} on both", _bytes(here), _bytes(there))
            got = f"{output.resume_point(here)}, byte for byte the same"
            self.line("both", f"show {kind}/{journey_id}", "GetJourney", got, None)
        self.same("the film's place", (await phone.resume("media", self.film)).point_ms, LATER_MS)

    # --- the basket ---

    @property
    def cart(self) -> JourneyKey:
        """The basket of this evening."""
        return JourneyKey("cart", self.film)

    def wanted(self, sku: str, quantity: int) -> Interaction:
        """Something for the basket."""
        return interactions.cart_line_added(
            sku, quantity, name=sku.capitalize(), cart_id=self.cart.journey_id
        )

    async def basket(self, session: Session) -> dict[str, int]:
        """Quantities by line, as this device reads them now."""
        try:
            return self.lines({self.cart: await session.journey(*self.cart)})
        except errors.JourneyNotFound:
            return {}

    def lines(self, journeys: Mapping[JourneyKey, Journey]) -> dict[str, int]:
        """Quantities by line in this evening's basket."""
        cart = journeys.get(self.cart)
        return {line.line_key: line.quantity for line in cart.cart.lines} if cart else {}

    async def whole(self, watch: Watch) -> Mapping[str, int]:
        """The basket of both devices, once the watch shows it."""
        view = await watch.until(lambda view: self.lines(view.journeys) == WHOLE_BASKET)
        return self.lines(view.journeys)

    # --- how it is told ---

    async def connected(self, device: str) -> Client:
        """A device's own connection."""
        return await self.stack.enter_async_context(self.connect(device))

    async def signed_in(
        self, device: str, client: Client, channel: str, before: str = ""
    ) -> Session:
        """A session of the device."""
        return await self.step(
            device,
            f"{before}signs in as {ACCOUNT}",
            f"OpenSession, channel {channel}",
            client.open_session(channel=channel),
            lambda session: f"session {session.session_id}",
        )

    async def step(
        self, device: str, what: str, sent: str, doing: Awaitable[T], told: Callable[[T], str]
    ) -> T:
        """Do it, and print device, what was sent, what came back, and how long it took."""
        began = time.perf_counter()
        found = await doing
        took_ms = (time.perf_counter() - began) * 1_000
        self.line(device, what, sent, told(found), round(took_ms, 1))
        return found

    def line(self, device: str, what: str, sent: str, back: str, ms: float | None) -> None:
        """One step of the story."""
        self.steps += 1
        if self.out.as_json:
            texts = {"step": _plain(what), "sent": sent, "answer": _plain(back)}
            self.out.record({"no": self.steps, "device": device, **texts, "ms": ms})
        took = "" if ms is None else f"  [dim]{ms:.1f} ms[/]"
        self.out.say(f" {self.steps:2}  [cyan]{device:7}[/] {what}", soft_wrap=True)
        self.out.say(f"     [dim]{'':7} {sent}  →[/]  {back}{took}", soft_wrap=True)

    def same(self, what: str, found: object, expected: object) -> None:
        """Fail loudly unless what came back is what must."""
        if found != expected:
            raise NotTheSame(f"{what}: {found!r} came back instead of {expected!r}")


def _version(recorded: Recorded) -> str:
    """Where the one interaction stands in the customer's stream."""
    return f"recorded, version {recorded.require().results[0].version}"


def _all_recorded(recorded: Recorded) -> str:
    return f"{len(recorded.require().results)} recorded"


def _place_and_device(found: ResumePoint) -> str:
    return f"[bold green]{output.place(found.start_ms)}[/], left on {found.journey.last_device_id}"


def _in_words(lines: Mapping[str, int]) -> str:
    return ", ".join(f"{key} × {quantity}" for key, quantity in lines.items()) or "empty"


def _bytes(journey: Journey) -> bytes:
    return journey.SerializeToString(deterministic=True)


def _plain(markup: str) -> str:
    return Text.from_markup(markup).plain
