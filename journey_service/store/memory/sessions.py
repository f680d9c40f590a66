"""Installations, devices and sessions as dicts."""

from __future__ import annotations

from dataclasses import dataclass

from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_ACTIVE,
    SESSION_STATUS_ACTIVE,
    Device,
    DeviceStatus,
    Session,
)
from journey_service.domain.errors import CommandIdReused, SessionNotFound
from journey_service.ports import Clock, CommandKey
from journey_service.settings import Settings
from journey_service.store.installations import epoch_after_sign_out, epoch_in_force, refuse_lost


@dataclass(slots=True)
class _Installation:
    epoch: int = 0
    status: DeviceStatus = DEVICE_STATUS_ACTIVE


@dataclass(slots=True)
class _Command:
    content_hash: bytes
    answer: Session
    expires_ms: int


class MemorySessions:
    """See ports.Sessions."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._command_life_ms = settings.command_life_ms
        self._installations: dict[str, _Installation] = {}
        self._devices: dict[str, dict[str, Device]] = {}
        self._sessions: dict[str, Session] = {}
        self._commands: dict[tuple[str, str], _Command] = {}

    async def open(self, command: CommandKey, session: Session) -> Session:
        """See ports.Sessions."""
        now_ms = self._clock.now_ms()
        known = self._commands.get((command.caller, command.command_id))
        if known and known.expires_ms > now_ms:
            if known.content_hash != command.content_hash:
                raise CommandIdReused
            return _copy(known.answer)
        installation = self._installations.get(session.installation_id, _Installation())
        refuse_lost(installation.status)
        opened = _copy(session)
        opened.epoch = installation.epoch = epoch_in_force(installation.epoch, session.epoch)
        self._installations[session.installation_id] = installation
        self._store(opened)
        self._commands[command.caller, command.command_id] = _Command(
            command.content_hash, _copy(opened), now_ms + self._command_life_ms
        )
        return opened

    async def load(self, session_id: str) -> Session | None:
        """See ports.Sessions."""
        found = self._sessions.get(session_id)
        return _copy(found) if found else None

    async def save(self, session: Session) -> None:
        """See ports.Sessions."""
        stored = self._sessions.get(session.session_id)
        if stored is None or (
            stored.status != SESSION_STATUS_ACTIVE and session.status == SESSION_STATUS_ACTIVE
        ):
            raise SessionNotFound
        self._store(session)

    async def list_of(self, subject_id: str, *, limit: int, before: str = "") -> list[Session]:
        """See ports.Sessions."""
        newest_first = sorted(
            (found for found in self._sessions.values() if found.subject_id == subject_id),
            key=_age,
            reverse=True,
        )
        if before:
            bound = self._sessions.get(before)
            newest_first = [found for found in newest_first if bound and _age(found) < _age(bound)]
        return [_copy(found) for found in newest_first[:limit]]

    async def sign_out(self, session: Session) -> int:
        """See ports.Sessions."""
        await self.save(session)
        installation = self._installations[session.installation_id]
        installation.epoch = epoch_after_sign_out(installation.epoch, session.epoch)
        return installation.epoch

    async def devices_of(self, subject_id: str) -> dict[str, Device]:
        """See ports.Sessions."""
        devices = self._devices.get(subject_id, {})
        return {installation_id: _copy_device(found) for installation_id, found in devices.items()}

    def _store(self, session: Session) -> None:
        self._sessions[session.session_id] = _copy(session)
        devices = self._devices.setdefault(session.subject_id, {})
        devices[session.installation_id] = _copy_device(session.device)


def _age(session: Session) -> tuple[int, bytes]:
    return (session.opened_at_ms, session.session_id.encode())


def _copy(session: Session) -> Session:
    twin = Session()
    twin.CopyFrom(session)
    return twin


def _copy_device(device: Device) -> Device:
    twin = Device()
    twin.CopyFrom(device)
    return twin
