"""Plays a planned day with real devices against a running service, and compares at its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import Outcome
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import JourneyView, RecordResult
from journey.v1.sessions_pb2 import CommandKind
from journey_client import Client, Customer, JourneyError, JourneyKey, errors
from journey_client.catalogue import dotted_name, rules_of
from journey_service.cli.output import resume_point
from journey_service.cli.simulation.acts import MINUTE_MS, Act, Turn
from journey_service.cli.simulation.comparing import SERVICE, Shown, differences, shown_by
from journey_service.cli.simulation.day import BEGIN, Day
from journey_service.cli.simulation.devices import Member, Surroundings, cast_of
from journey_service.cli.simulation.scenes import PLACES

# A device that is back has sent and heard everything within this.
SETTLES_WITHIN_S = 30.0
# How often the end is compared until all is the same.
COMPARED_EVERY_S = 0.05
_OUTCOMES = {
    Outcome.OUTCOME_ACCEPTED: "recorded",
    Outcome.OUTCOME_REJECTED: "refused",
    Outcome.OUTCOME_QUARANTINED: "too old to count",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """An act that was played. `network`: of who acted, None for the shop's systems."""

    act: Act
    answer: str
    network: bool | None
    failed: bool = False


@dataclass
class Playing:
    """One day being played; use it with `async with`. `tell` hears of every act."""

    day: Day
    surroundings: Surroundings
    clock_error_ms: int = 0
    tell: Callable[[Happened], None] = lambda _: None
    failed: int = 0
    now: Act = field(default_factory=lambda: Act(BEGIN, "", ""))
    members: dict[str, Member] = field(default_factory=dict)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    shop: Client = field(init=False)
    customer: Customer = field(init=False)

    async def __aenter__(self) -> Self:
        self.shop = await self.stack.enter_async_context(self.surroundings.shop())
        self.customer = self.shop.customer(self.surroundings.subject_id)
        cast = cast_of(
            self.day.devices,
            self.surroundings,
            seed=self.day.seed,
            clock_error_ms=self.clock_error_ms,
        )
        for member in cast:
            await self.stack.enter_async_context(member.device)
            self.members[member.name] = member
            self.stack.enter_context(_cancelled(self._obey(member)))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stack.aclose()

    async def was_played(self) -> bool:
        """Whether this seed's day was played for this account before: its ids are taken."""
        try:
            async with self.surroundings.shop() as shop:
                customer = shop.customer(self.surroundings.subject_id)
                await customer.journey("media", self.day.film)
        except (errors.JourneyNotFound, errors.CustomerNotFound):
            return False
        return True

    async def play(self, speed: float = 0) -> None:
        """Play all acts, `speed` times as fast as life; 0: as fast as they go."""
        await asyncio.gather(*(self._settle(each) for each in self.members.values()))
        began, loop = asyncio.get_running_loop().time(), asyncio.get_running_loop()
        for act in self.day.acts:
            if speed:
                due = began + (act.minute - BEGIN) * MINUTE_MS / 1_000 / speed
                await asyncio.sleep(max(0.0, due - loop.time()))
            self.now = act
            happened = await self._happen(act)
            self.failed += happened.failed
            self.tell(happened)

    async def compare(self, within_s: float = SETTLES_WITHIN_S) -> list[str]:
        """What is not the same on all devices and at the service, in words; empty: all is."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while True:
            found = differences(await self._shown()) + self._unsettled()
            if not found or loop.time() > end:
                return found
            await asyncio.sleep(COMPARED_EVERY_S)

    @property
    def journeys(self) -> int:
        """How many journeys the first device shows."""
        return len(self.members[self.day.devices[0]].device.view.journeys)

    # --- acts ---

    async def _happen(self, act: Act) -> Happened:
        if act.who in PLACES:
            return await self._at_the_shop(act)
        member = self.members[act.who]
        if act.turn is not None:
            told = await self._turn(member, act.turn)
            return Happened(act, told, network=act.turn is Turn.ONLINE)
        return await self._by_device(member, act)

    async def _at_the_shop(self, act: Act) -> Happened:
        recorded = await self.shop.record(self.surroundings.subject_id, _copies(act))
        answer, failed = _told(recorded.results)
        return Happened(act, answer, network=None, failed=failed)

    async def _turn(self, member: Member, turn: Turn) -> str:
        if turn is Turn.OFFLINE:
            member.turn(on=False)
            return f"goes on with its own copy: {_shows(member)}"
        waiting = member.device.connection.queue
        member.turn(on=True)
        await self._settle(member)
        sent = f"{waiting} sent" if waiting else "nothing waited"
        return f"{sent}, shows {_shows(member)}"

    async def _by_device(self, member: Member, act: Act) -> Happened:
        if act.online or act.goes_on:
            await self._level(member)
        found = await _found(member, act) if act.goes_on else ""
        sent = [self._upon_what_is_shown(member, each) for each in _copies(act)]
        try:
            kept = await member.device.record(*sent)
            if not member.has_network:
                waits = member.device.connection.queue
                return Happened(act, f"{found}kept on the device, {waits} wait", network=False)
            results = await kept.answers()
        except JourneyError as error:
            said = f"{error.reason}: {error.message}"
            return Happened(act, said, network=member.has_network, failed=True)
        answer, failed = _told(results)
        return Happened(act, found + answer, network=True, failed=failed)

    async def _obey(self, member: Member) -> None:
        """Do as the device is told, e.g. pause because another one plays on."""
        async for command in member.device.commands():
            await member.device.answer(command)
            kind = CommandKind.Name(command.kind).removeprefix("COMMAND_KIND_").lower()
            act = Act(self.now.minute, member.name, f"is told to {kind}".replace("_", " "))
            self.tell(Happened(act, "done", network=True))

    def _upon_what_is_shown(self, member: Member, interaction: Interaction) -> Interaction:
        """What the service checks against the screen says which states were on it."""
        shown, ref = member.device.view.journeys, interaction.journey
        body = interaction.WhichOneof("body") or ""
        if rules_of(body).expected_rev_required:
            journey = shown.get(JourneyKey(ref.kind, ref.journey_id))
            interaction.expected_rev = journey.rev if journey else 0
        if ref.kind == "checkout" and (cart := shown.get(JourneyKey("cart", "main"))):
            made = getattr(interaction, body)
            if "cart_digest" in made.DESCRIPTOR.fields_by_name:
                made.cart_digest = cart.cart.digest
        return interaction

    # --- waiting ---

    async def _settle(self, member: Member) -> None:
        """Wait until it is live and nothing waits; the end tells if it never is."""
        if member.has_network:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLES_WITHIN_S):
                    await member.device.until(lambda _: member.settled)

    async def _level(self, member: Member) -> None:
        """Wait until a device with network shows what the service reads now."""
        await self._settle(member)
        if member.has_network:
            truth = await self._truth()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLES_WITHIN_S):
                    await member.device.until(
                        lambda view: not differences({"": shown_by(view), SERVICE: truth})
                    )

    async def _truth(self) -> Shown:
        """What the service reads, exactly."""
        all_of_them = JourneyView.JOURNEY_VIEW_ALL
        journeys = [each async for each in self.customer.journeys(all_of_them)]
        listed = await self.customer.continue_list()
        return Shown(
            {(each.ref.kind, each.ref.journey_id): each for each in journeys},
            tuple((each.ref.kind, each.ref.journey_id) for each in listed),
        )

    async def _shown(self) -> dict[str, Shown]:
        shown = {name: shown_by(member.device.view) for name, member in self.members.items()}
        return {**shown, SERVICE: await self._truth()}

    def _unsettled(self) -> list[str]:
        return [
            f"{name}: {member.device.connection.state.value}, "
            f"{member.device.connection.queue} wait {member.device.connection.why}".rstrip()
            for name, member in self.members.items()
            if not member.settled
        ]


@contextlib.contextmanager
def _cancelled(work: Coroutine[None, None, None]) -> Iterator[None]:
    """Work on in the background until this closes."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()


def _shows(member: Member) -> str:
    """How many journeys a device shows."""
    count = len(member.device.view.journeys)
    return "1 journey" if count == 1 else f"{count} journeys"


async def _found(member: Member, act: Act) -> str:
    """Where a device that goes on finds the journey, and where that was left."""
    ref = act.interactions[0].journey
    try:
        journey = await member.device.journey(ref.kind, ref.journey_id)
    except errors.JourneyNotFound:
        return ""
    left = f", left on {journey.last_device_id}" if journey.last_device_id else ""
    return f"found at {resume_point(journey)}{left}; "


def _copies(act: Act) -> list[Interaction]:
    """Interactions to send: recording writes into them."""
    return [Interaction.FromString(each.SerializeToString()) for each in act.interactions]


def _told(results: Sequence[RecordResult]) -> tuple[str, bool]:
    """What the service said, and whether anything was not accepted."""
    bad = [each for each in results if each.outcome != Outcome.OUTCOME_ACCEPTED]
    if bad:
        worst = bad[0]
        reason = ErrorReason.Name(worst.reason).removeprefix("ERROR_REASON_")
        violated = "; ".join(f"{found.path}: {found.rule}" for found in worst.violations)
        return f"{_OUTCOMES.get(worst.outcome, 'unknown')}: {reason} {violated}".rstrip(), True
    versions = [each.version for each in results]
    whole = f"version {versions[-1]}" if len(versions) == 1 else f"versions to {versions[-1]}"
    return f"recorded, {whole}", False


def types_of(act: Act) -> list[str]:
    """Types of an act's interactions."""
    return [dotted_name(each) for each in act.interactions]
