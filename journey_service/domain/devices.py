"""How devices stand with a subject: in use, signed out, lost, wiped; and who is refused for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_ACTIVE,
    DEVICE_STATUS_LOST,
    DEVICE_STATUS_SIGNED_OUT,
    DEVICE_STATUS_WIPED,
    SESSION_STATUS_CLOSED,
    Device,
    DeviceRecord,
    DeviceStatus,
    Session,
)
from journey_service.domain.errors import InstallationLost, SignedOut

LOST = frozenset({DEVICE_STATUS_LOST, DEVICE_STATUS_WIPED})


@dataclass(frozen=True, slots=True)
class Installation:
    """One client storage on a device, as one subject knows it.

    `signed_out_ms`: when it was last signed out from elsewhere, 0 = never. `last_seen_ms`: last
    contact that was stored; both ms since 1970 UTC. `guest`: others alone had sessions of the
    subject on it.
    """

    installation_id: str
    device: Device
    status: DeviceStatus
    signed_out_ms: int = 0
    last_seen_ms: int = 0
    guest: bool = False


def refuse_lost(status: DeviceStatus) -> None:
    """Raise InstallationLost for a device that was reported lost."""
    if status in LOST:
        raise InstallationLost


def refuse_signed_out(installation: Installation, issued_ms: int | None) -> None:
    """Raise SignedOut where the credential is from before the sign-out.

    Credentials tell whole seconds: one of the very second counts as from before.
    """
    if installation.status != DEVICE_STATUS_SIGNED_OUT or issued_ms is None:
        return
    if issued_ms <= installation.signed_out_ms:
        raise SignedOut("The device was signed out: sign in again.")


def admit(known: Iterable[Installation], session: Session, issued_ms: int | None) -> int:
    """When the session's device was last signed out from elsewhere, 0 = never.

    What holds for a device holds for each of its installations, also new ones. Raises
    InstallationLost and SignedOut.
    """
    last_ms = 0
    for one in known:
        if is_on(one, session.device.device_id) or one.installation_id == session.installation_id:
            refuse_lost(one.status)
            refuse_signed_out(one, issued_ms)
            last_ms = max(last_ms, one.signed_out_ms)
    return last_ms


def is_on(installation: Installation, device_id: str) -> bool:
    """Whether the installation is on that device."""
    return installation.device.device_id == device_id


def standing_after(stored: DeviceStatus, asked: DeviceStatus) -> DeviceStatus:
    """What is lost stays lost, and what was wiped stays wiped."""
    return max(stored, asked) if stored in LOST else asked


def standings(
    installations: Iterable[Installation], asked: DeviceStatus
) -> dict[str, DeviceStatus]:
    """How each installation of one device stands from now on, by its id.

    A guest's device is nobody's to lose but the guest's: here it is signed out at most.
    """
    found = [*installations]
    status = standing_after(max(one.status for one in found), asked)
    return {one.installation_id: DEVICE_STATUS_SIGNED_OUT if one.guest else status for one in found}


def ended(session: Session, status: DeviceStatus) -> Session:
    """The session, closed because its device stands so."""
    session.status = SESSION_STATUS_CLOSED
    session.device_status = status
    return session


def was_ended(session: Session, record: DeviceRecord) -> bool:
    """Whether the session was closed because this device was signed out."""
    for_its_device = session.device_status > DEVICE_STATUS_ACTIVE
    return for_its_device and session.installation_id in record.installation_ids


def device_record(installations: Iterable[Installation]) -> DeviceRecord:
    """One device of these installations: as last told, and as its worst installation stands."""
    found = sorted(installations, key=lambda one: (one.last_seen_ms, one.installation_id))
    return DeviceRecord(
        device=found[-1].device,
        status=max(one.status for one in found),
        installation_ids=sorted(one.installation_id for one in found),
        last_seen_at_ms=found[-1].last_seen_ms,
    )
