"""The inside of a device: store, queue, session and watch, and how they hear of each other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResult, WatchResponse
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.sessions_pb2 import DeviceStatus
from journey.v1.stream_pb2 import GoingAwayReason
from journey_client import _optimism as optimism
from journey_client._calls import Calls
from journey_client._commands import Commands
from journey_client._copy import Copy, key_of
from journey_client._error import JourneyError, from_result
from journey_client._kept import Contents, CopyChange, Item, Refusal, Who
from journey_client._link import Link
from journey_client._outbox import Outbox, Overflow
from journey_client._screen import Inbox, Screen
from journey_client._sending import Sending
from journey_client._signing import Signing
from journey_client._storage import Storage
from journey_client._store import Store
from journey_client._tasks import Background
from journey_client._visits import Visits
from journey_client.catalogue import is_telemetry
from journey_client.clocks import Clocks, ClockWatch
from journey_client.connection import ONLINE, ConnectionState
from journey_client.device_settings import DeviceSettings
from journey_client.errors import (
    InstallationLost,
    SubjectErased,
)
from journey_client.recording import BatchLimits
from journey_client.view import WatchFilter
from journey_client.watching import Watch

_log = logging.getLogger("journey_client")
T = TypeVar("T")
Told = Callable[[JourneyError, Interaction], None]
_REPLACED = GoingAwayReason.GOING_AWAY_REASON_REPLACED
_NO_NETWORK = {ConnectionState.OFFLINE, ConnectionState.ENDED}
_GONE = {DeviceStatus.DEVICE_STATUS_LOST, DeviceStatus.DEVICE_STATUS_WIPED}


@dataclass(frozen=True, slots=True)
class Outside:
    """What a device is given: the service, the disk, clocks, chance, and who is told."""

    calls: Calls
    storage: Storage
    clocks: Clocks
    settings: DeviceSettings
    request: OpenSessionRequest
    account: str
    app_key: str
    presence: bool
    overflow: Overflow
    chance: Callable[[], float] = random.random


class Core(Signing):
    """Everything between `start` and `stop`. Sending and Watch ask it for sessions and tell it."""

    def __init__(
        self, outside: Outside, contents: Contents, on_rejected: Told | None = None
    ) -> None:
        self._outside = outside
        self._storage = outside.storage
        self.work = Background()
        self.person = Who(contents.account, contents.subject_id, contents.epoch)
        self.following = contents.following
        self._credentials = outside.calls.credentials
        self._copy = contents.copy
        self._copy_of = contents.copy_of
        self._opening = asyncio.Lock()
        self._obeyed = ""
        self._stream_of = ("", "")
        self._tasks: list[asyncio.Task[None]] = []
        self._answers: dict[str, asyncio.Future[RecordResult]] = {}
        self._on_rejected = on_rejected
        self._refusals: Inbox[Refusal] = Inbox()
        self.quarantined = contents.quarantined
        clock = ClockWatch(outside.clocks)
        own = optimism.Self(contents.installation_id, outside.request.device.device_id)
        outside.request.installation_id = contents.installation_id
        self.outbox = Outbox(
            outside.storage,
            outside.clocks,
            outside.settings.queue,
            contents.items,
            outside.overflow,
        )
        self.screen = Screen(Copy(), own, self._server_now_ms)
        self.visits = Visits(outside.calls, clock, outside.app_key, contents.secret)
        if self.person.is_visitor:
            self.visits.begin()
        self._kept_secret = contents.secret
        self.link = Link(
            outside.calls, clock, outside.request, self.outbox, self.screen, self.visits
        )
        self.commands = Commands(
            self,
            self.link,
            outside.calls,
            outside.storage,
            outside.settings,
            contents.commands,
        )
        self.sending = Sending(
            self, self.outbox, outside.calls, clock, outside.settings, outside.chance
        )
        self.watch = self._make_watch()
        if self._copy_of == self.person.subject_id:
            self.screen.take(self._copy)
        else:
            self._copy.clear()
        self.changed()
        self.refused(contents.refusals, 0)

    # --- its life ---

    def start(self) -> None:
        """Begin to watch, to send and to keep the session alive."""
        ended = self.watch.connection
        if ended.state is ConnectionState.ENDED and ended.end_reason != _REPLACED:
            self.link.forget(self.link.installation_id)
        self.watch.start()
        if self.commands.wiped:
            self.commands.wiped = False
            self.work.begin(self.lost(InstallationLost()), local=True)
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self.sending.run(), name="journey queue"),
                asyncio.create_task(self.commands.run(), name="journey session"),
            ]
        self.wake()

    def wake(self) -> None:
        """There is network, or the customer is looking: send, and keep the session alive."""
        self.sending.wake()
        self.commands.wake()

    async def farewell(self) -> None:
        """Send what can be sent now, and end the session; it takes 2 s at most."""
        if self.watch.connection.state not in ONLINE:
            return
        with contextlib.suppress(TimeoutError, JourneyError):
            async with asyncio.timeout(self._outside.settings.close_flush_ms / 1_000):
                await self.sending.flush()
                # Unless somebody signs out just now, which ends it in another way.
                if not self.work.calling:
                    await self.link.close()

    async def stop(self) -> None:
        """Stop all of it; what is being stored is stored."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        try:
            # What goes on may begin to watch, and a frame may begin what goes on.
            for _ in range(2):
                await self.work.stop()
                await self.watch.aclose()
        finally:
            await self.work.stop()
            self._refusals.close()
            self.commands.inbox.close()

    # --- recording ---

    def item(self, interaction: Interaction) -> Item:
        """An interaction that happens now, upon what is on the screen."""
        self.link.stamp(interaction)
        seen_ms = optimism.newest_ms(self.screen.view.journeys.get(key_of(interaction.journey)))
        who = self.following or self.person
        return Item(
            interaction,
            account=who.account,
            subject_id=who.subject_id,
            epoch=who.epoch,
            t_ms=max(self._server_now_ms(), seen_ms),
            size=interaction.ByteSize(),
        )

    async def record(self, items: Sequence[Item]) -> None:
        """Store and show them, and see to it that they are sent. Raises QueueFull."""
        await self.outbox.add(items)
        self.changed()
        if not all(is_telemetry(item.interaction) for item in items):
            self.watch.poke()
        self.sending.wake()

    def answers_of(self, event_ids: Sequence[str]) -> list[asyncio.Future[RecordResult]]:
        """Their answers, when they come."""
        loop = asyncio.get_running_loop()
        return [self._answers.setdefault(each, loop.create_future()) for each in event_ids]

    async def told_refusals(self) -> AsyncGenerator[Refusal]:
        """Refusals, one after the other; what was taken is not told again."""
        async for refusal in self._refusals:
            try:
                yield refusal
            finally:  # also where the taker goes no further
                await self._storage.run(Store.forget_refusal, refusal.interaction.event_id)

    # --- what Sending needs ---

    @property
    def subject_id(self) -> str:
        """Whose queue is sent; empty before the first session."""
        return self.person.subject_id

    @property
    def session_id(self) -> str:
        """The session in use; empty: none."""
        return self.link.session_id

    @property
    def limits(self) -> BatchLimits:
        """How much one batch may hold."""
        return self.link.limits

    @property
    def may_send(self) -> bool:
        """Whether there is network and a session; hidden, sending opens one by itself.

        Otherwise the watch does, so that a service that is away is asked once, not twice.
        """
        state = self.watch.connection.state
        hidden = state is ConnectionState.PAUSED
        return state not in _NO_NETWORK and (bool(self.link.session_id) or hidden)

    async def renumber(self) -> None:
        """This installation's numbers are in use elsewhere: a new id, numbers from 1."""
        await self._renumber()
        self.watch.restart("another installation id")

    async def erased(self, error: JourneyError) -> None:
        """The subject was erased: so are its queue and copy here."""
        await self.work.finish(self._erase(error))

    async def lost(self, error: JourneyError) -> None:
        """The device was reported lost: nothing stays on it."""
        await self.work.finish(self._lose(error))

    async def _erase(self, error: JourneyError) -> None:
        async with self.outbox.local:
            await self._storage.run(Store.wipe_subject, self.person.subject_id)
            self.outbox.forget(self.person.subject_id)
            self._forget_copy()
        self.ended(error)

    async def _lose(self, error: JourneyError) -> None:
        async with self.outbox.local:
            new = await self._storage.run(Store.wipe)
            self.outbox.forget()
            self.person, self.following = Who(""), None
            self._become(new)
            self._forget_copy()
        self.ended(error)

    def ended(self, error: JourneyError | str) -> None:
        """No more sessions until the application starts it anew, or somebody follows."""
        if self.following is not None:
            self.work.begin(self.follow())
            return
        self.watch.end(error)
        self.changed()

    def answered(self, results: Iterable[RecordResult], write_token: str) -> None:
        """These have their answers."""
        self.link.wrote(write_token)
        for result in results:
            waiting = self._answers.pop(result.event_id, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(result)
        if self.drained():
            self.work.begin(self.follow())
        self.changed()

    def refused(self, refusals: Sequence[Refusal], quarantined: int) -> None:
        """Some were refused, or are too old to count."""
        self.quarantined += quarantined
        for refusal in refusals:
            if self._on_rejected is None:
                self._refusals.put(refusal)
            else:
                self._on_rejected(from_result(refusal.result), refusal.interaction)
                forgetting = self._storage.run(Store.forget_refusal, refusal.interaction.event_id)
                self.work.begin(forgetting, local=True)

    # --- what Watch needs ---

    async def prepare(self) -> None:
        """A stream is about to be opened for this installation."""
        await self.have_session()
        if self._copy_of != self.person.subject_id:
            self._copy.clear()  # Of who was here before, perhaps by a last frame.
        self._stream_of = self.link.installation_id, self.person.subject_id

    async def keep(self, frame: WatchResponse, copy: Copy) -> None:
        """Apply a frame in one local transaction, then show it."""
        if not self._is_of_stream:
            return
        match frame.WhichOneof("content"):
            case "command":
                await self.commands.take(frame.command)
            case "snapshot" | "delta":
                part = frame.snapshot if frame.HasField("snapshot") else frame.delta
                if part.last:
                    whole = frame.HasField("snapshot")
                    await self.work.finish(self._keep_copy(copy, whole=whole))
            case _ if frame.token:
                await self.work.finish(self._keep_copy(copy, whole=False, data=False))

    async def failed(self, error: JourneyError) -> None:
        """The connection has ended; what was erased or wiped goes from here, too."""
        if isinstance(error, SubjectErased):
            await self.erased(error)
        elif isinstance(error, InstallationLost):
            await self.lost(error)

    def changed(self) -> None:
        """Paint, if anything is another than before."""
        own = self.own_items()
        waiting = sum(item.waiting for item in own)
        connection = replace(self.watch.connection, queue=waiting)
        on_top = [item for item in own if item.shown]
        self.screen.paint(on_top, connection, self.watch.presence)

    # --- inside ---

    async def _keep_copy(self, copy: Copy, *, whole: bool, data: bool = True) -> None:
        async with self.outbox.local:
            if not self._is_of_stream:
                return  # wiped while this waited
            changed, removed = copy.take_changes()
            own_stream = self._stream_of[0] == self.link.installation_id
            subject_id = self.person.subject_id
            if not own_stream:
                copy.processed.clear()  # They speak of the installation id before.
            covers = data and own_stream
            processed = max(
                (seq for (_, who), seq in copy.processed.items() if who == subject_id), default=0
            )
            change = CopyChange(
                copy=copy,
                changed=changed | (copy.leases.keys() & copy.journeys.keys()),
                removed=removed,
                copy_of=subject_id,
                whole=whole,
                processed_of=subject_id if covers else "",
                processed_seq=processed,
            )
            await self._storage.run(Store.keep_copy, change)
            self._copy_of = subject_id
            if covers:
                self.outbox.cover(subject_id, processed)
            self.screen.take(copy)

    @property
    def _is_of_stream(self) -> bool:
        """Whether the stream's subject still has the device."""
        return bool(self._stream_of[1]) and self._stream_of[1] == self.person.subject_id

    def _forget_copy(self) -> None:
        self._stream_of = ("", "")
        self._copy.clear()
        self._copy_of = ""
        self.screen.take(self._copy)
        self.changed()

    def _server_now_ms(self) -> int:
        return self.link.server_now_ms() if hasattr(self, "link") else 0

    def _make_watch(self) -> Watch:
        wanted = WatchFilter(presence=self._outside.presence)
        return Watch(
            self._outside.calls,
            self._outside.clocks,
            wanted,
            session_id=lambda: self.link.session_id,
            next_session=self.next_session,
            copy=self._copy,
            keeper=self,
            settings=self._outside.settings.connection,
            chance=self._outside.chance,
        )
