"""Installations, devices and sessions as dicts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_ACTIVE,
    DEVICE_STATUS_SIGNED_OUT,
    SESSION_STATUS_ACTIVE,
    Device,
    DeviceStatus,
    Session,
)
from journey_service.domain.devices import Installation, admit, is_on, refuse_lost
from journey_service.domain.errors import CommandIdReused, SessionNotFound
from journey_service.ports import Clock, CommandKey
from journey_service.settings import Settings
from journey_service.store.installations import epoch_after_sign_out, epoch_in_force


@dataclass(slots=True)
class _Installation:
    epoch: int = 0
    status: DeviceStatus = DEVICE_STATUS_ACTIVE


@dataclass(slots=True)
class _Command:
    content_hash: bytes
    answer: bytes
    expires_ms: int


class MemorySessions:
    """See ports.Sessions."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._command_life_ms = settings.command_life_ms
        self._installations: dict[str, _Installation] = {}
        self.installations: dict[str, dict[str, Installation]] = {}
        self.sessions: dict[str, Session] = {}
        self._commands: dict[tuple[str, str], _Command] = {}

    async def open(
        self, command: CommandKey, session: Session, *, issued_ms: int | None = None
    ) -> Session:
        """See ports.Sessions."""
        known = self.known(command)
        if known is not None:
            return Session.FromString(known)
        of_subject = self.installations.get(session.subject_id, {})
        signed_out_ms = admit(of_subject.values(), session, issued_ms)
        installation = self._installations.get(session.installation_id, _Installation())
        refuse_lost(installation.status)
        opened = _copy(session)
        opened.signed_out_at_ms = signed_out_ms
        opened.epoch = installation.epoch = epoch_in_force(installation.epoch, session.epoch)
        self._installations[session.installation_id] = installation
        for one in of_subject.values():
            if one.status == DEVICE_STATUS_SIGNED_OUT and is_on(one, session.device.device_id):
                of_subject[one.installation_id] = replace(one, status=DEVICE_STATUS_ACTIVE)
        self._store(opened)
        self.give(command, opened.SerializeToString())
        return opened

    def known(self, command: CommandKey) -> bytes | None:
        """The answer of a repeated call. Raises CommandIdReused."""
        known = self._commands.get((command.caller, command.command_id))
        if known is None or known.expires_ms <= self._clock.now_ms():
            return None
        if known.content_hash != command.content_hash:
            raise CommandIdReused
        return known.answer

    def give(self, command: CommandKey, answer: bytes) -> None:
        """Keep the answer of a call."""
        self._commands[command.caller, command.command_id] = _Command(
            command.content_hash, answer, self._clock.now_ms() + self._command_life_ms
        )

    def epoch_of(self, installation_id: str) -> int:
        """The epoch that an installation is in, 0 = it is not known."""
        return self._installations.get(installation_id, _Installation()).epoch

    def end_installation(self, installation_id: str, status: DeviceStatus | None) -> None:
        """Raise its epoch, and its standing to at least this."""
        installation = self._installations[installation_id]
        installation.epoch += 1
        installation.status = max(installation.status, status or installation.status)

    async def load(self, session_id: str) -> Session | None:
        """See ports.Sessions."""
        found = self.sessions.get(session_id)
        return _copy(found) if found else None

    async def save(self, session: Session) -> None:
        """See ports.Sessions."""
        stored = self.sessions.get(session.session_id)
        if stored is None or (
            stored.status != SESSION_STATUS_ACTIVE and session.status == SESSION_STATUS_ACTIVE
        ):
            raise SessionNotFound
        self._store(session)

    async def list_of(self, subject_id: str, *, limit: int, before: str = "") -> list[Session]:
        """See ports.Sessions."""
        newest_first = sorted(
            (found for found in self.sessions.values() if found.subject_id == subject_id),
            key=_age,
            reverse=True,
        )
        if before:
            bound = self.sessions.get(before)
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
        found = self.installations.get(subject_id, {})
        return {name: _copy_device(one.device) for name, one in found.items()}

    def _store(self, session: Session) -> None:
        self.sessions[session.session_id] = _copy(session)
        of_subject = self.installations.setdefault(session.subject_id, {})
        name = session.installation_id
        guest = bool(session.claimant)
        known = of_subject.get(name) or Installation(
            name, session.device, DEVICE_STATUS_ACTIVE, guest=guest
        )
        of_subject[name] = replace(
            known,
            device=_copy_device(session.device),
            last_seen_ms=max(known.last_seen_ms, session.last_seen_at_ms),
            guest=known.guest and guest,
        )


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
