"""A device that works offline: it stores, shows, then sends, and goes on where it was killed."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc

from journey.v1.events_pb2 import Outcome
from journey.v1.interactions_pb2 import Channel, Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.journeys_pb2 import Journey
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.sessions_pb2 import Command, CommandResult
from journey.v1.sessions_pb2 import Device as DeviceFacts
from journey_client._calls import Calls, Retries
from journey_client._copy import JourneyKey
from journey_client._core import Core, Outside
from journey_client._credentials import CredentialProvider, Credentials, account_of
from journey_client._described import channel_of, device_facts
from journey_client._error import JourneyError, TimedOut, from_result
from journey_client._kept import SOMEBODY, VISITOR, Refusal
from journey_client._storage import Storage
from journey_client._store import Store
from journey_client._tasks import to_the_end
from journey_client.clocks import Clocks, MachineClocks
from journey_client.connection import ONLINE, Connection
from journey_client.device_settings import DEFAULT_SETTINGS, DeviceSettings
from journey_client.errors import JourneyNotFound
from journey_client.leases import Leases
from journey_client.reading import ResumePoint, resume_point
from journey_client.recording import refuse_machines
from journey_client.session import PROTOCOL
from journey_client.view import View

Told = Callable[[JourneyError, Interaction], None]
ANSWER_TIMEOUT_MS = 30_000


def open_device(
    address: str,
    store: str | Path,
    *,
    token: str = "",
    credentials: CredentialProvider | None = None,
    account: str = "",
    app_key: str = "",
    device: DeviceFacts | str = "",
    channel: Channel | str = Channel.CHANNEL_MOBILE_APP,
    channel_label: str = "",
    presence: bool = False,
    tls: grpc.ChannelCredentials | None = None,
    clocks: Clocks | None = None,
    settings: DeviceSettings = DEFAULT_SETTINGS,
    on_rejected: Told | None = None,
    on_overflow: Callable[[Interaction], None] | None = None,
) -> Device:
    """A device that works offline, with its local store in the file `store`; use it with
    `async with`.

    The file is made if it is not there and belongs to one process at a time. `token` or
    `credentials` say who uses it, as in `connect`; `account` names that person where several
    share the device and the credential does not tell before there is network (default: the `sub`
    of the token, else who used it last). With an `app_key` a visitor without account uses the
    device where no credential is given, and again after `sign_out`. `on_rejected` hears of every
    interaction that the service refused, once, also after a restart; `on_overflow` of every one for
    which there was no room. `presence`: views also tell who is there.
    """
    retries = Retries(spare=0)  # Repeats are paced by the queue and the connection.
    calls = Calls(address, Credentials(token, credentials), tls=tls, retries=retries)
    request = OpenSessionRequest(
        device=device_facts(device),
        channel=channel_of(channel),
        channel_label=channel_label,
        protocol=PROTOCOL,
    )
    if app_key and not token and credentials is None:
        account = VISITOR
    return Device(
        calls,
        Path(store),
        request,
        account=account or account_of(token),
        app_key=app_key,
        presence=presence,
        clocks=clocks or MachineClocks(),
        settings=settings,
        on_rejected=on_rejected,
        on_overflow=on_overflow,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """Interactions that are stored on this device. `answers` waits for the service."""

    event_ids: tuple[str, ...]
    _answers: Callable[[Sequence[str]], list[asyncio.Future[RecordResult]]]

    async def answers(self, timeout_ms: int = ANSWER_TIMEOUT_MS) -> tuple[RecordResult, ...]:
        """What became of each, in order. Raises TimedOut; they are sent all the same."""
        waiting = [asyncio.shield(each) for each in self._answers(self.event_ids)]
        try:
            async with asyncio.timeout(timeout_ms / 1_000):
                return tuple(await asyncio.gather(*waiting))
        except TimeoutError:
            raise TimedOut("No answer yet; it is sent until there is one.") from None


class Device:
    """One installation. Make it with `open_device`; leaving it sends what it can and ends it.

    What is recorded is stored before the call returns, shown at once, and sent as soon as there
    is network, under the same ids until each has its answer. Reads answer from the local copy.
    """

    def __init__(
        self,
        calls: Calls,
        store: Path,
        request: OpenSessionRequest,
        *,
        account: str = "",
        app_key: str = "",
        presence: bool = False,
        clocks: Clocks,
        settings: DeviceSettings = DEFAULT_SETTINGS,
        on_rejected: Told | None = None,
        on_overflow: Callable[[Interaction], None] | None = None,
        executor: Executor | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._calls = calls
        self._on_rejected = on_rejected
        self._storage = Storage(store, executor)
        self._outside = Outside(
            calls=calls,
            storage=self._storage,
            clocks=clocks,
            settings=settings,
            request=request,
            account=account,
            app_key=app_key,
            presence=presence,
            overflow=on_overflow or (lambda _: None),
            chance=chance,
        )
        self._inside: Core | None = None

    # --- its life ---

    async def start(self) -> Self:
        """Open the local store, show what it holds, and begin to connect. Raises StoreInUse.

        After the connection has ended (signed out, erased, replaced) it begins anew.
        """
        if self._inside is None:
            visits = bool(self._outside.app_key)
            contents = await self._storage.open(self._outside.account, visits=visits)
            if contents.copy_of != contents.subject_id:
                await self._storage.run(Store.drop_copy)  # another person's
            self._inside = Core(self._outside, contents, self._on_rejected)
        self._inside.start()
        return self

    async def close(self, *, flush: bool = True) -> None:
        """Send what can be sent now, end the session, and close the local store.

        What is unsent stays for the next start. `flush` false: break off, as a lost network does.
        """
        core, self._inside = self._inside, None
        try:
            if core is not None and flush:
                await core.farewell()
        finally:
            await to_the_end(self._end(core))

    async def _end(self, core: Core | None) -> None:
        try:
            if core is not None:
                await core.stop()
        finally:
            await self._storage.close()
            await self._calls.close()

    async def sign_in(
        self, *, token: str = "", credentials: CredentialProvider | None = None, account: str = ""
    ) -> None:
        """Who visits has an account: what is recorded from now on is that person's, and the
        account has what the visitor had, as soon as there is network.

        What the visitor recorded is sent first, and for the visitor. Who: as in `open_device`.
        Whoever is cancelled while it waits does not undo it.
        """
        known = Credentials(token, credentials)
        with contextlib.suppress(JourneyError):
            account = account or account_of(await known.current())
        await self.flush()
        await self._core.work.go_on(self._core.sign_in(account or SOMEBODY, known))
        await self.flush()

    async def sign_out(self) -> None:
        """Send what can be sent, sign the customer out, and drop the copy. With an app key the
        device is a visitor's from then on, who is nobody that was here before.

        Ask the customer first if something is unsent (`connection.queue`): it waits on this device
        until the same person signs in again. Raises JourneyError without network, or while what a
        visitor did before cannot be sent; nobody is signed out then. Whoever is cancelled while it
        waits does not undo it.
        """
        await self._core.work.go_on(self._core.sign_out())

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # --- what happens ---

    async def record(self, *interactions: Interaction) -> Kept:
        """Store what happened, in this order, show it, and send it when there is network.

        Returns when it is stored. Raises QueueFull if there is no room (nothing is stored then)
        and OnlineOnly for what the service must check first while there is no connection.
        """
        core = self._core
        if not self.online:
            refuse_machines(interactions)
        items = [core.item(interaction) for interaction in interactions]
        await core.work.finish(core.record(items))
        return Kept(tuple(item.event_id for item in items), core.answers_of)

    async def do(
        self, interaction: Interaction, *, timeout_ms: int = ANSWER_TIMEOUT_MS
    ) -> RecordResult:
        """Record one interaction and wait for its answer; raises its error if it is refused."""
        (result,) = await (await self.record(interaction)).answers(timeout_ms)
        if result.outcome == Outcome.OUTCOME_REJECTED:
            raise from_result(result)
        return result

    async def flush(self) -> None:
        """Send what waits now, if there is network and the service asked for no pause."""
        self._core.sending.wake()
        await self._core.sending.flush()

    # --- what is there ---

    async def journey(self, kind: str, journey_id: str = "main") -> Journey:
        """One journey as it is shown; asks the service where the copy does not hold it.

        Raises JourneyNotFound if there is none, or none is known and there is no network.
        """
        found = self.view.journeys.get(JourneyKey(kind, journey_id))
        if found is not None:
            return found
        if self.online:
            return await self._core.link.journey(kind, journey_id)
        raise JourneyNotFound(metadata={"kind": kind, "journey_id": journey_id})

    async def resume(self, kind: str, journey_id: str = "main") -> ResumePoint:
        """Where to go on with a journey, at once. Raises JourneyNotFound."""
        journey = await self.journey(kind, journey_id)
        lease = self.view.leases.get(JourneyKey(kind, journey_id))
        until_ms = lease.lease_until_ms if lease else None
        return resume_point(journey, self._core.link.server_now_ms(), lease_until_ms=until_ms)

    async def continue_list(self, *, kinds: Sequence[str] = ()) -> list[Journey]:
        """What the customer can go on with, newest activity first."""
        listed = self.view.continue_list
        return [journey for journey in listed if not kinds or journey.ref.kind in kinds]

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._core.screen.view

    def observe(self, observer: Callable[[View], None]) -> Callable[[], None]:
        """Call `observer` at every repaint; the returned function ends that."""
        return self._core.screen.observe(observer)

    async def views(self) -> AsyncGenerator[View, None]:
        """What is shown now, and then whenever it is another; slow readers get the newest."""
        news = asyncio.Event()
        end = self.observe(lambda _: news.set())
        try:
            while True:
                yield self.view
                await news.wait()
                news.clear()
        finally:
            end()

    async def until(self, wanted: Callable[[View], bool]) -> View:
        """The first view for which `wanted` holds, the one at hand included."""
        async with contextlib.aclosing(self.views()) as views:
            async for view in views:
                if wanted(view):
                    return view
        raise AssertionError("views do not end")

    # --- what the service says ---

    def refusals(self) -> AsyncGenerator[Refusal]:
        """Interactions that were refused, each once, also those of before a restart.

        Close it (`contextlib.aclosing`) where you leave it early, so that the last one counts as
        told.
        """
        return self._core.told_refusals()

    @property
    def quarantined(self) -> int:
        """How many interactions were too old to count; they are recorded without effect."""
        return self._core.quarantined

    def commands(self) -> AsyncIterator[Command]:
        """What this device is told to do, each once; say with `answer` what became of it."""
        return aiter(self._core.commands.inbox)

    async def answer(self, command: Command, *, done: bool = True, reason: str = "") -> None:
        """Say what became of a command."""
        result = CommandResult(id=command.id, done=done, reason=reason)
        await self._core.commands.answer(result)

    @property
    def leases(self) -> Leases:
        """Being the active device of a journey; needs the connection."""
        return self._core.link.leases

    # --- what the platform says ---

    @property
    def connection(self) -> Connection:
        """Where the connection is, since when, its last frame, and how much waits."""
        return self.view.connection

    @property
    def online(self) -> bool:
        """Whether the service answers."""
        return self._core.watch.connection.state in ONLINE

    @property
    def installation_id(self) -> str:
        """Id of this local store; another one after it was lost or copied."""
        return self._core.link.installation_id

    @property
    def subject_id(self) -> str:
        """Whose device it is; empty before the first session."""
        return self._core.subject_id

    @property
    def lost(self) -> str:
        """What became of an earlier local store that could not be read; empty: nothing."""
        return self._storage.lost

    def foreground(self) -> None:
        """The customer sees the application, or a push woke it: connect and send now."""
        self._core.commands.foreground = True
        self._core.watch.foreground()
        self._core.wake()

    def background(self) -> None:
        """The customer does not see it: what waits is sent, the stream is closed after 5 min."""
        self._core.commands.foreground = False
        self._core.watch.background()
        self._core.sending.wake()

    def network_up(self) -> None:
        """The platform says that there is network."""
        self._core.watch.network_up()
        self._core.wake()

    def network_down(self) -> None:
        """The platform says that there is none: nothing is tried until `network_up`."""
        self._core.watch.network_down()

    @property
    def _core(self) -> Core:
        if self._inside is None:
            raise RuntimeError("the device is not started: use `async with open_device(...)`")
        return self._inside
