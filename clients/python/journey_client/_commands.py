"""Commands to a device, and the calls that keep its session alive and answer them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Protocol

from journey.v1.sessions_pb2 import Command, CommandKind, CommandResult
from journey_client._calls import Calls
from journey_client._error import JourneyError
from journey_client._kept import KeptCommand
from journey_client._link import Link
from journey_client._screen import Inbox
from journey_client._storage import Storage
from journey_client._store import Store
from journey_client._tasks import Background
from journey_client.connection import NEVER
from journey_client.device_settings import DeviceSettings
from journey_client.errors import InstallationLost, SessionNotFound, SignedOut

# A call that failed is made again after this.
RETRY_S = 5.0
_SIGN_OUT = CommandKind.COMMAND_KIND_SIGN_OUT
_WIPE = CommandKind.COMMAND_KIND_WIPE
_log = logging.getLogger("journey_client")


class CommandOwner(Protocol):
    """What commands need of the device that they are for."""

    @property
    def may_send(self) -> bool:
        """Whether there is network, and the session was not ended for good."""

    @property
    def work(self) -> Background:
        """What goes on although nobody waits for it."""

    async def next_session(self) -> None:
        """The session was ended: have the next one."""

    async def lost(self, error: JourneyError) -> None:
        """Wipe everything and end."""

    def ended(self, error: JourneyError | str) -> None:
        """No more sessions."""


class Commands:
    """Each command is told once, however often it comes; its result is sent until it is heard."""

    def __init__(
        self,
        owner: CommandOwner,
        link: Link,
        calls: Calls,
        storage: Storage,
        settings: DeviceSettings,
        kept: Sequence[KeptCommand],
    ) -> None:
        self._owner = owner
        self._link = link
        self._calls = calls
        self._storage = storage
        self._every_s = settings.refresh_every_ms / 1_000
        self._known = {each.command.id for each in kept}
        self._results = [each.result for each in kept if each.result and not each.told]
        self._awake = asyncio.Event()
        self._told_at = float("-inf")
        self._not_before = 0.0
        self.foreground = True
        self.inbox: Inbox[Command] = Inbox()
        # Whether the device was told to wipe itself, and ended before it did.
        self.wiped = False
        for each in kept:
            self.wiped |= each.command.kind == _WIPE
            if each.result is None and each.command.kind not in {_SIGN_OUT, _WIPE}:
                self.inbox.put(each.command)

    async def take(self, command: Command) -> None:
        """A command came; repeats and what is too late are dropped."""
        late = 0 < command.expires_at_ms <= self._link.server_now_ms()
        if command.id in self._known or late:
            return
        self._known.add(command.id)
        # Whoever took it, a stream perhaps that ends, is no more asked for it to be obeyed.
        await self._owner.work.go_on(self._obey(command))

    async def answer(self, result: CommandResult) -> None:
        """Say what became of a command; the service hears it with the next call, which is now."""
        await self._owner.work.finish(self._keep(result))
        self._awake.set()

    async def run(self) -> None:
        """Keep the session alive while the customer looks, and renew the credential in time."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._rest_s()):
                    await self._awake.wait()
            self._awake.clear()
            if self._link.session_id and self._owner.may_send and _now_s() >= self._due_s():
                await self._try_refresh()

    async def refresh(self) -> None:
        """One call: presence, queue, results of commands; tells commands that wait."""
        results = list(self._results)
        answer = await self._link.refresh(foreground=self.foreground, results=results)
        self._told_at, self._not_before = _now_s(), 0.0
        self._results = [each for each in self._results if each not in results]
        await self._storage.run(Store.told_results, [each.id for each in results])
        for command in answer.commands:
            await self.take(command)

    def opened(self) -> None:
        """A session was opened: it is alive for now."""
        self._told_at = _now_s()
        self.wake()

    def wake(self) -> None:
        """There is network, a session, or the customer is looking: look when to call next."""
        self._awake.set()

    def _rest_s(self) -> float | None:
        """Until the next call; None: until there is network and a session."""
        if not (self._link.session_id and self._owner.may_send):
            return None
        due_s = self._due_s()
        return None if due_s == NEVER else max(0.0, due_s - _now_s())

    def _due_s(self) -> float:
        """When the next call is due, by the loop's clock, in seconds."""
        credential_s = _now_s() + self._calls.credential_due_in_s
        beat_s = self._told_at + self._every_s if self.foreground else NEVER
        result_s = 0.0 if self._results else NEVER
        return max(self._not_before, min(credential_s, beat_s, result_s))

    async def _try_refresh(self) -> None:
        """What fails now is tried again a little later."""
        self._not_before = _now_s() + RETRY_S
        try:
            try:
                await self.refresh()
            except SessionNotFound:
                await self._owner.next_session()
        except JourneyError as error:
            _log.info("session %s was not refreshed: %s", self._link.session_id, error)

    async def _keep(self, result: CommandResult) -> None:
        await self._storage.run(Store.keep_result, result)
        self._results.append(result)

    async def _obey(self, command: Command) -> None:
        """Keep it, and do it or pass it on."""
        await self._storage.run(Store.keep_command, command)
        match command.kind:
            case CommandKind.COMMAND_KIND_SIGN_OUT:
                try:
                    await self._confirm(command)
                finally:  # also where the device is closed meanwhile
                    self._owner.ended(SignedOut("Signed out from elsewhere."))
            case CommandKind.COMMAND_KIND_WIPE:
                try:
                    await self._confirm(command)
                finally:
                    await self._owner.lost(InstallationLost("The device was reported lost."))
            case _:
                self.inbox.put(command)

    async def _confirm(self, command: Command) -> None:
        """Say that it is done, while there still is a session to say it in."""
        self._results.append(CommandResult(id=command.id, done=True))
        with contextlib.suppress(JourneyError):
            await self._link.refresh(foreground=self.foreground, results=self._results)


def _now_s() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time()
