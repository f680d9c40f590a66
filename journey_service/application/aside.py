"""What a watch tells beside the journeys: commands to its device, and who is present.

Commands come until they are answered; the stream sends each once. Presence is sent when it changed,
at most once in a while.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

from journey.v1.journey_service_pb2 import WatchResponse
from journey.v1.journeys_pb2 import Journey
from journey.v1.sessions_pb2 import Command, Presence, Session
from journey_service.application.context import Context
from journey_service.application.customer_view import CustomerView
from journey_service.application.presence import presence_of
from journey_service.application.reader import ExactRead
from journey_service.domain.errors import Overloaded, Unavailable


@dataclass(slots=True)
class Aside:
    """Of one watch. `presence`: the caller wants to know who is there."""

    context: Context
    subject_id: str
    session: Session | None
    presence: bool
    # See Reader.read.
    proved_only: bool = False
    # Loop time at which it looks again by itself.
    due_at: float = -math.inf
    _told: set[str] = field(default_factory=set)
    _shown: bytes | None = None
    _shown_at: float = -math.inf
    _commands_at: float = -math.inf

    def __post_init__(self) -> None:
        # A guest is handed one journey, and learns nothing of who else is there.
        self.presence = self.presence and not (self.session is not None and self.session.guest)

    async def contents(self, *, nudged: bool, moved: bool) -> AsyncIterator[WatchResponse]:
        """What is new. `nudged`: something of the devices changed; `moved`: or of the customer."""
        if self.session is not None and (nudged or self._is_time_for_commands()):
            for command in await self.commands():
                yield WatchResponse(command=command)
        if self.presence and (moved or _now() >= self.due_at):
            changed = await self._changed_presence()
            if changed is not None:
                yield WatchResponse(presence=changed)
        elif not self.presence:
            self.due_at = math.inf

    async def commands(self) -> list[Command]:
        """Commands to this device that the stream has not sent yet."""
        if self.session is None:
            return []
        self._commands_at = _now()
        found: list[Command] = []
        # Who cannot be asked now is asked again soon.
        with suppress(Unavailable, Overloaded):
            found = await self.context.devices.orders(self.subject_id, self.session.installation_id)
        fresh = [command for command in found if command.id not in self._told]
        self._told = {command.id for command in found} or self._told
        return fresh

    def _is_time_for_commands(self) -> bool:
        return _now() >= self._commands_at + self.context.settings.watch_look_ms / 1_000

    async def _changed_presence(self) -> Presence | None:
        """Who is there, unless that was said; not before its time."""
        earliest = self._shown_at + self.context.settings.presence_push_ms / 1_000
        if _now() < earliest:
            self.due_at = earliest
            return None
        self.due_at = _now() + self.context.settings.watch_look_ms / 1_000
        with suppress(Unavailable, Overloaded):
            return await self._read_presence()
        return None

    async def _read_presence(self) -> Presence | None:
        read = await self.context.reader.read(self.subject_id, proved_only=self.proved_only)
        found = await self._present(read)
        now_ms = self.context.clock.now_ms()
        for _, until_ms in found:
            self.due_at = min(self.due_at, _now() + max(1, until_ms - now_ms) / 1_000)
        sessions = [session for session, _ in found]
        until_ms_of = {row.installation_id: row.until_ms for row in read.leases.values()}
        presence = presence_of(sessions, _playing(read.view, now_ms), until_ms_of)
        said = presence.SerializeToString(deterministic=True)
        if said == self._shown:
            return None
        self._shown, self._shown_at = said, _now()
        return presence

    async def _present(self, read: ExactRead) -> list[tuple[Session, int]]:
        """The sessions of all members that are seen, side by side; of an installation that was
        signed in, its earlier one is not shown beside."""
        found = await self.context.devices.present(self.subject_id)
        others = () if read.narrow else read.view.versions.keys() - {self.subject_id}
        here = {session.installation_id for session, _ in found}
        for member in sorted(others):
            more = await self.context.devices.present(member)
            found += [each for each in more if each[0].installation_id not in here]
        return found


def _playing(view: CustomerView, now_ms: int) -> dict[str, Journey]:
    """By installation, the medium that it plays or paused last."""
    playing: dict[str, Journey] = {}
    for journey in view.published(now_ms, ["media"]).values():
        best = playing.get(journey.media.installation_id)
        if best is None or best.media.as_of_ms < journey.media.as_of_ms:
            playing[journey.media.installation_id] = journey
    return playing


def _now() -> float:
    return asyncio.get_running_loop().time()
