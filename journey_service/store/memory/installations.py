"""Sign-in epochs and secrets of installations, as a dict."""

from __future__ import annotations

from journey_service.ports import Clock
from journey_service.ports_of_devices import InstallationSecret
from journey_service.store.installations import epoch_in_force
from journey_service.store.memory.sessions import MemorySessions


class MemoryInstallations:
    """See ports_of_devices.Installations."""

    def __init__(self, sessions: MemorySessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._secrets: dict[str, InstallationSecret] = {}

    async def epoch(self, installation_id: str, *, asked: int = 0) -> int:
        """See ports_of_devices.Installations."""
        return epoch_in_force(self._sessions.epoch_of(installation_id), asked)

    async def secret(self, installation_id: str) -> InstallationSecret | None:
        """See ports_of_devices.Installations."""
        return self._secrets.get(installation_id)

    async def keep_secret(self, installation_id: str, secret_hash: str) -> InstallationSecret:
        """See ports_of_devices.Installations."""
        new = InstallationSecret(secret_hash, self._clock.now_ms())
        return self._secrets.setdefault(installation_id, new)
