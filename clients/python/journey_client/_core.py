"""The inside of a device: store, queue, session and watch, and how they hear of each other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

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
from journey_client._keeping import FrameKeeper
from journey_client._kept import Contents, CopyChange, Item, Refusal
from journey_client._link import Link
from journey_client._outbox import Outbox, Overflow
from journey_client._screen import Inbox, Screen
from journey_client._sending import Sending
from journey_client._storage import Storage
from journey_client._store import Store
from journey_client.clocks import Clocks, ClockWatch
from journey_client.connection import ONLINE, ConnectionState
from journey_client.device_settings import DeviceSettings
from journey_client.errors import InstallationLost, SignedOut, SubjectErased
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
    presence: bool
    overflow: Overflow
    chance: Callable[[], float] = random.random


class Core(FrameKeeper):
    """Everything between `start` and `stop`. Sending and Watch ask it for sessions and tell it."""

    def __init__(
        self, outside: Outside, contents: Contents, on_rejected: Told | None = None
    ) -> None:
        self._outside = outside
        self._storage = outside.storage
        self._account = contents.account
        self._subject_id, self._epoch = contents.subject_id, contents.epoch
        self._copy = contents.copy
        self._copy_of = contents.copy_of
        self._opening = asyncio.Lock()
        self._stream_of = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._answers: dict[str, asyncio.Future[RecordResult]] = {}
        self._background: set[asyncio.Task[Any]] = set()
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
        self.link = Link(outside.calls, clock, outside.request, self.outbox, self.screen)
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
        if self._copy_of == self._subject_id:
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
        """Send what can be sent now, and end the session."""
        if self.watch.connection.state in ONLINE:
            await self.sending.flush()
            with contextlib.suppress(JourneyError):
                await self.link.close()

    async def sign_out(self) -> None:
        """The customer signed out here."""
        await self.link.close(sign_out=True)
        await self._storage.run(Store.drop_copy)
        self._forget_copy()
        self.ended("signed out")

    async def stop(self) -> None:
        """Stop all of it; what is being stored is stored."""
        await self.watch.aclose()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._background, return_exceptions=True)
        self._refusals.close()
        self.commands.inbox.close()

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it to its end, also if whoever waits for it stops waiting."""
        return await asyncio.shield(self._in_background(work))

    # --- recording ---

    def item(self, interaction: Interaction) -> Item:
        """An interaction that happens now, upon what is on the screen."""
        self.link.stamp(interaction)
        seen_ms = optimism.newest_ms(self.screen.view.journeys.get(key_of(interaction.journey)))
        return Item(
            interaction,
            account=self._account,
            subject_id=self._subject_id,
            epoch=self._epoch,
            t_ms=max(self._server_now_ms(), seen_ms),
            size=interaction.ByteSize(),
        )

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
        return self._subject_id

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

    async def next_session(self) -> None:
        """The session was ended by the service, or is another installation's: the next one."""
        async with self._opening:
            await self.link.reopen()
            await self._opened()

    async def renumber(self) -> None:
        """This installation's numbers are in use elsewhere: a new id, numbers from 1."""
        new = await self.outbox.renumber()
        _log.warning("installation %s is in use elsewhere: now %s", self.link.installation_id, new)
        self._become(new)
        self.watch.restart("another installation id")

    async def erased(self, error: JourneyError) -> None:
        """The subject was erased: so are its queue and copy here."""
        await self._storage.run(Store.wipe_subject, self._subject_id)
        self.outbox.forget(self._subject_id)
        self._forget_copy()
        self.ended(error)

    async def lost(self, error: JourneyError) -> None:
        """The device was reported lost: nothing stays on it."""
        new = await self._storage.run(Store.wipe)
        self.outbox.forget()
        self._account = self._subject_id = ""
        self._become(new)
        self._forget_copy()
        self.ended(error)

    def ended(self, error: JourneyError | str) -> None:
        """No more sessions until the application starts it anew."""
        self.watch.end(error)
        self.changed()

    def answered(self, results: Iterable[RecordResult], write_token: str) -> None:
        """These have their answers."""
        self.link.wrote(write_token)
        for result in results:
            waiting = self._answers.pop(result.event_id, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(result)
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
                self._in_background(forgetting)

    # --- what Watch needs ---

    async def have_session(self) -> None:
        """Open a session, unless there is one. Raises JourneyError."""
        async with self._opening:
            if not self.link.session_id:
                await self.link.reopen()
                await self._opened()

    async def prepare(self) -> None:
        """A stream is about to be opened for this installation."""
        await self.have_session()
        self._stream_of = self.link.installation_id

    async def keep(self, frame: WatchResponse, copy: Copy) -> None:
        """Apply a frame in one local transaction, then show it."""
        match frame.WhichOneof("content"):
            case "command":
                await self.commands.take(frame.command)
            case "snapshot" | "delta":
                part = frame.snapshot if frame.HasField("snapshot") else frame.delta
                if part.last:
                    await self.finish(self._keep_copy(copy, whole=frame.HasField("snapshot")))
            case _ if frame.token:
                await self.finish(self._keep_copy(copy, whole=False, data=False))

    async def failed(self, error: JourneyError) -> None:
        """The connection has ended; what was erased or wiped goes from here, too."""
        if isinstance(error, SubjectErased):
            await self.finish(self.erased(error))
        elif isinstance(error, InstallationLost):
            await self.finish(self.lost(error))

    def changed(self) -> None:
        """Paint, if anything is another than before."""
        own = self.outbox.of(self._account, self._subject_id)
        waiting = sum(item.waiting for item in own)
        connection = replace(self.watch.connection, queue=waiting)
        on_top = [item for item in own if item.shown]
        self.screen.paint(on_top, connection, self.watch.presence)

    # --- inside ---

    def _in_background(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _keep_copy(self, copy: Copy, *, whole: bool, data: bool = True) -> None:
        changed, removed = copy.take_changes()
        own_stream = self._stream_of == self.link.installation_id
        if not own_stream:
            copy.processed.clear()  # They speak of the installation id before.
        covers = data and own_stream
        processed = max(
            (seq for (_, who), seq in copy.processed.items() if who == self._subject_id), default=0
        )
        change = CopyChange(
            copy=copy,
            changed=changed | (copy.leases.keys() & copy.journeys.keys()),
            removed=removed,
            copy_of=self._subject_id,
            whole=whole,
            processed_of=self._subject_id if covers else "",
            processed_seq=processed,
        )
        async with self.outbox.local:
            await self._storage.run(Store.keep_copy, change)
            self._copy_of = self._subject_id
            if covers:
                self.outbox.cover(self._subject_id, processed)
            self.screen.take(copy)

    async def _opened(self) -> None:
        """A session was opened: obey what it tells."""
        opened, session = self.link.opened, self.link.record_of
        if opened.device_status in _GONE:
            error = InstallationLost()
            await self.lost(error)
            raise error
        if opened.device_status == DeviceStatus.DEVICE_STATUS_SIGNED_OUT:
            raise SignedOut
        if (session.subject_id, session.epoch) != (self._subject_id, self._epoch):
            await self._bind(session.subject_id, session.epoch)
        for command in opened.commands:
            await self.commands.take(command)
        self.commands.opened()
        self.sending.wake()

    async def _bind(self, subject_id: str, epoch: int) -> None:
        """The subject is known now, has signed in again, or is another person's."""
        if self._subject_id not in {"", subject_id}:
            self._account = f"subject:{subject_id}"
        async with self.outbox.local:
            await self._storage.run(Store.bind, self._account, subject_id, epoch)
            self.outbox.bind(self._account, subject_id, epoch)
        self._subject_id, self._epoch = subject_id, epoch
        if self._copy_of not in {"", subject_id}:
            await self._storage.run(Store.drop_copy)
            self._forget_copy()

    def _become(self, installation_id: str) -> None:
        """Another installation from now on."""
        self.link.forget(installation_id)
        self._copy.processed.clear()
        self.screen.own = replace(self.screen.own, installation_id=installation_id)

    def _forget_copy(self) -> None:
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
