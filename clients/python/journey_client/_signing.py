"""Who uses a device, and how that changes: a visitor signs in, a person signs out.

    visitor ──sign_in──▶ visitor, with the person to follow ──queue of the visitor sent──▶ person
    person  ──sign_out──▶ the next visitor, of whom nothing is known

What is recorded belongs to the person as soon as `sign_in` returns; what the visitor recorded is
sent first and for the visitor, so that the service finds it when it joins the two.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace

from journey.v1.sessions_pb2 import DeviceStatus
from journey_client._commands import Commands
from journey_client._copy import Copy
from journey_client._credentials import Credentials
from journey_client._error import JourneyError, NotAnswered
from journey_client._keeping import FrameKeeper
from journey_client._kept import VISITOR, Item, Who
from journey_client._link import Link
from journey_client._outbox import Outbox
from journey_client._screen import Screen
from journey_client._sending import Sending
from journey_client._storage import Storage
from journey_client._store import Store
from journey_client._tasks import Background
from journey_client._visits import Visits
from journey_client.connection import ONLINE, ConnectionState
from journey_client.errors import InstallationCloned, InstallationLost, SignedOut
from journey_client.watching import Watch

_log = logging.getLogger("journey_client")
_GONE = {DeviceStatus.DEVICE_STATUS_LOST, DeviceStatus.DEVICE_STATUS_WIPED}
_STREAMING = {*ONLINE, ConnectionState.CONNECTING}


class Signing(FrameKeeper):
    """The part of a device's inside that knows who uses it. `person` has the session; `following`
    signed in and has to wait until the queue of `person`, a visitor, is sent."""

    person: Who
    following: Who | None
    visits: Visits
    link: Link
    outbox: Outbox
    watch: Watch
    screen: Screen
    sending: Sending
    commands: Commands
    work: Background
    _storage: Storage
    _opening: asyncio.Lock
    _copy: Copy
    _copy_of: str
    _kept_secret: str
    _obeyed: str
    _credentials: Credentials

    async def sign_in(self, account: str, credentials: Credentials) -> None:
        """Somebody is signed in from now on; the session follows when it can."""
        who = await self._storage.run(Store.person, account)
        await self.outbox.follow(self.person.account, who if self.person.is_visitor else None)
        self.following, self._credentials = who, credentials
        if self.person.is_visitor and self._waiting(self.person):
            self.changed()
            self.wake()
        else:
            await self.follow()

    async def follow(self) -> None:
        """The person who signed in has the next session."""
        async with self._opening:
            if self.following is None:
                return
            streamed = self._pause()
            if self.link.session_id and streamed:
                with contextlib.suppress(JourneyError):
                    await self.link.close()
            # Until here somebody follows, and all that is recorded is that person's.
            who = self._next_person()
            if who is None:  # signed out again, or the device was lost, meanwhile
                self.link.forget(self.link.installation_id)
                self._resume(streamed=streamed)
                return
            self.visits.end(self._credentials)
            await self.work.finish(self._become_person(who, streamed=streamed))

    def _next_person(self) -> Who | None:
        """Whoever signed in last; nobody follows any more."""
        who, self.following = self.following, None
        return who

    async def sign_out(self) -> None:
        """The customer signed out here; with an app key the next visitor is here at once."""
        self.sending.wake()
        await self.sending.flush()
        await self._followed()
        with contextlib.suppress(SignedOut):  # by the service, which told so just now
            await self.have_session()
            await self.sending.flush()
        if not self.visits.app_key:
            await self.link.close(sign_out=True)
            await self.work.finish(self._nobody_is_here())
            return
        async with self._opening:
            self._check_nothing_is_left()
            streamed = self._pause()
            try:
                await self.link.close(sign_out=True)
            except JourneyError:
                self._resume(streamed=streamed)
                raise
            self.visits.begin()
            visitor = Who(f"{VISITOR}{self.person.epoch + 1}")
            await self.work.finish(self._become_person(visitor, streamed=streamed))

    async def _followed(self) -> None:
        """Who follows has the next session: a visitor is never here again to send what waits.

        Raises JourneyError while that cannot be sent.
        """
        if self.following is None:
            return
        await self.have_session()
        await self.sending.flush()
        self._check_nothing_is_left()
        await self.follow()

    def _check_nothing_is_left(self) -> None:
        if self.person.is_visitor and self._waiting(self.person):
            raise NotAnswered("What the visitor did is not sent yet, so nobody was signed out.")

    async def _nobody_is_here(self) -> None:
        async with self.outbox.local:
            await self._storage.run(Store.drop_copy)
            self._forget_copy()
        self.ended("signed out")

    def drained(self) -> bool:
        """Whether somebody follows for whom nothing is to be waited for any more."""
        return self.following is not None and not self._waiting(self.person)

    def _waiting(self, who: Who) -> bool:
        return any(item.waiting for item in self.outbox.of(who.account, who.subject_id))

    def own_items(self) -> list[Item]:
        """What is shown on top of the copy: of who has the session, and of who follows."""
        shown = self.outbox.of(self.person.account, self.person.subject_id)
        if self.following is not None:
            shown = shown + self.outbox.of(self.following.account, self.following.subject_id)
        return shown

    async def _become_person(self, who: Who, *, streamed: bool) -> None:
        self.person = who
        self.link.forget(self.link.installation_id)
        if who.is_visitor:  # after whom nobody signed in yet
            await self.outbox.follow(who.account, None)
        async with self.outbox.local:
            await self._storage.run(Store.note_person, who.account)
            await self._drop_copy_but_of(who.subject_id)
        self.changed()
        self._resume(streamed=streamed)
        self.wake()

    def _pause(self) -> bool:
        """Close the stream, so that the end of its session is not taken for the device's."""
        streamed = self.watch.connection.state in _STREAMING
        if streamed:
            self.watch.pause()
        return streamed

    def _resume(self, *, streamed: bool) -> None:
        if streamed or self.watch.connection.state is ConnectionState.ENDED:
            self.watch.start()

    # --- sessions ---

    async def next_session(self) -> None:
        """The session was ended by the service, or is another installation's: the next one."""
        async with self._opening:
            await self._open()

    async def _open(self) -> None:
        try:
            await self.link.reopen()
        except InstallationCloned:
            await self._renumber()
            await self.link.reopen()
        await self._opened()

    async def have_session(self) -> None:
        """Open a session, unless there is one. Raises JourneyError."""
        async with self._opening:
            if not self.link.session_id:
                await self._open()
            elif self._obeyed != self.link.session_id:
                await self._opened()  # Whoever opened it was cancelled before it was obeyed.

    async def _opened(self) -> None:
        """A session was opened: obey what it tells."""
        opened, session = self.link.opened, self.link.record_of
        if self.visits.secret != self._kept_secret:
            await self.work.finish(self._keep_secret(self.visits.secret))
        if opened.device_status in _GONE:
            error = InstallationLost()
            await self.lost(error)
            raise error
        if opened.device_status == DeviceStatus.DEVICE_STATUS_SIGNED_OUT:
            raise SignedOut
        known = self.person
        if (session.subject_id, session.epoch) != (known.subject_id, known.epoch):
            await self.work.finish(self._bind(session.subject_id, session.epoch))
        for command in opened.commands:
            await self.commands.take(command)
        self._obeyed = session.session_id
        self.commands.opened()
        self.sending.wake()

    async def _keep_secret(self, secret: str) -> None:
        await self._storage.run(Store.keep_secret, secret)
        self._kept_secret = secret

    async def _bind(self, subject_id: str, epoch: int) -> None:
        """The subject is known now, has signed in again, or is another person's."""
        account = self.person.account
        if self.person.subject_id not in {"", subject_id}:
            account = f"{VISITOR}{epoch}" if self.visits.now else f"subject:{subject_id}"
        async with self.outbox.local:
            await self._storage.run(Store.bind, account, subject_id, epoch)
            self.outbox.bind(account, subject_id, epoch)
            self.person = Who(account, subject_id, epoch)
            await self._drop_copy_but_of(subject_id)

    async def _drop_copy_but_of(self, subject_id: str) -> None:
        if self._copy_of not in {"", subject_id}:
            await self._storage.run(Store.drop_copy)
            self._forget_copy()

    async def _renumber(self) -> None:
        """The installation is in use elsewhere: what is unsent goes under another id."""
        _log.warning("installation %s is in use elsewhere", self.link.installation_id)
        await self.work.finish(self._take_another_id())

    async def _take_another_id(self) -> None:
        self._become(await self.outbox.renumber())

    def _become(self, installation_id: str) -> None:
        """Another installation from now on, without a visitor who is known."""
        self.link.forget(installation_id)
        self.visits.secret = self._kept_secret = ""
        if self.person.is_visitor:
            self.person = Who(self.person.account)
        self._copy.processed.clear()
        self.screen.own = replace(self.screen.own, installation_id=installation_id)

    async def lost(self, error: JourneyError) -> None:
        """The device was reported lost: nothing stays on it."""
        raise NotImplementedError

    def ended(self, error: JourneyError | str) -> None:
        """No more sessions until the application starts it anew."""
        raise NotImplementedError

    def wake(self) -> None:
        """Something changed: send, and keep the session alive."""
        raise NotImplementedError

    def _forget_copy(self) -> None:
        raise NotImplementedError
