"""The whole store in memory, under the same contract as PostgreSQL: for tests and first tries.

Nothing here waits, so every method is atomic on the event loop; what is stored is copied in and
out, so no caller can change history.
"""

from __future__ import annotations

import time

from journey_service.domain.machines import Rules
from journey_service.settings import Settings
from journey_service.store.memory.devices import MemoryDevices, MemoryHandoffs
from journey_service.store.memory.erasing import MemoryErasure
from journey_service.store.memory.groups import MemoryGroups
from journey_service.store.memory.identity import MemoryIdentities
from journey_service.store.memory.installations import MemoryInstallations
from journey_service.store.memory.journal import MemoryJournal
from journey_service.store.memory.rebuilds import MemoryRebuilds
from journey_service.store.memory.sessions import MemorySessions
from journey_service.store.memory.states import MemoryStates
from journey_service.store.memory.stops import MemoryStateLists, MemoryStops
from projections import RULES

__all__ = ["MemoryClock", "MemoryJournal", "MemorySessions", "MemoryStates", "MemoryStore"]


class MemoryClock:
    """This process's clock; it is the database's, too."""

    def now_ms(self) -> int:
        """Ms since 1970 UTC."""
        return time.time_ns() // 1_000_000

    def ms_at(self, moment_s: float) -> int:
        """See ports.Clock."""
        return self.now_ms() - int((time.monotonic() - moment_s) * 1_000)


class MemoryStore:
    """The ports over one memory; gone with the process."""

    def __init__(self, settings: Settings | None = None, rules: Rules = RULES) -> None:
        settings = settings or Settings()
        self.clock = MemoryClock()
        self.journal = MemoryJournal(self.clock, settings, rules)
        self.states = MemoryStates(self.journal, self.clock)
        self.rebuilds = MemoryRebuilds(self.journal, self.states, self.clock)
        self.state_lists = MemoryStateLists(self.states)
        self.stops = MemoryStops(self.clock)
        self.sessions = MemorySessions(self.clock, settings)
        self.devices = MemoryDevices(self.sessions, self.clock)
        self.handoffs = MemoryHandoffs(self.sessions, self.clock)
        self.installations = MemoryInstallations(self.sessions, self.clock)
        self.groups = MemoryGroups(self.sessions, self.clock)
        self.identities = MemoryIdentities(self.journal)
        self.erasure = MemoryErasure(self.journal, self.groups)
