"""Credentials of devices that were signed out or lost, where no session tells of it.

So are those of visitors whose sign-in epoch has ended.
"""

from __future__ import annotations

import time
from collections import OrderedDict

from journey.v1.access_pb2 import ROLE_DEVICE
from journey_service.domain.devices import Installation, refuse_lost, refuse_signed_out
from journey_service.domain.errors import SignedOut
from journey_service.domain.identity import Principal
from journey_service.ports_of_devices import Devices, Installations
from journey_service.settings import Settings


class Standing:
    """What is known of installations, for a few seconds."""

    def __init__(self, devices: Devices, installations: Installations, settings: Settings) -> None:
        self._devices = devices
        self._epochs = installations
        self._life_s = settings.session_cache_ms / 1_000
        self._most = settings.session_cache_entries
        self._known: OrderedDict[str, tuple[float, dict[str, Installation]]] = OrderedDict()
        self._known_epochs: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def check(self, principal: Principal) -> None:
        """Raises SignedOut, InstallationLost; says nothing of credentials of no installation."""
        if principal.role != ROLE_DEVICE or not principal.installation_id:
            return
        if principal.anonymous and principal.epoch < await self._epoch(principal.installation_id):
            raise SignedOut
        known = await self._installations(principal.subject_id)
        one = known.get(principal.installation_id)
        if one is not None:
            refuse_lost(one.status)
            refuse_signed_out(one, principal.issued_at_ms)

    def forget(self, subject_id: str) -> None:
        """Something changed just now."""
        self._known.pop(subject_id, None)

    async def _epoch(self, installation_id: str) -> int:
        found = self._known_epochs.get(installation_id)
        if found is not None and time.monotonic() - found[0] < self._life_s:
            return found[1]
        epoch = await self._epochs.epoch(installation_id)
        self._known_epochs[installation_id] = (time.monotonic(), epoch)
        while len(self._known_epochs) > self._most:
            self._known_epochs.popitem(last=False)
        return epoch

    async def _installations(self, subject_id: str) -> dict[str, Installation]:
        found = self._known.get(subject_id)
        if found is not None and time.monotonic() - found[0] < self._life_s:
            return found[1]
        read = await self._devices.installations_of(subject_id)
        known = {one.installation_id: one for one in read}
        self._known[subject_id] = (time.monotonic(), known)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return known
