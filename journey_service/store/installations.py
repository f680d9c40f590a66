"""Rules of installations that every store keeps: which sign-in epoch counts, who is refused."""

from __future__ import annotations

from journey.v1.sessions_pb2 import DEVICE_STATUS_LOST, DEVICE_STATUS_WIPED, DeviceStatus
from journey_service.domain.errors import InstallationLost

EPOCHS_AHEAD = 16


def epoch_in_force(stored: int, asked: int) -> int:
    """The greater of both: clients sign out offline, but not more than 16 times unseen."""
    return max(stored, min(asked, stored + EPOCHS_AHEAD))


def epoch_after_sign_out(stored: int, ended: int) -> int:
    """Behind the epoch that ended; signing out of it twice changes nothing."""
    return max(stored, ended + 1)


def refuse_lost(status: DeviceStatus) -> None:
    """Raise InstallationLost for a device that was reported lost."""
    if status in {DEVICE_STATUS_LOST, DEVICE_STATUS_WIPED}:
        raise InstallationLost
