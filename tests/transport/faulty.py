"""The store in memory with faults: it waits, or raises what ports may, when a test says so."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

from journey_service.domain.batch import Batch
from journey_service.domain.errors import StorageUnavailable
from journey_service.ports import Appended
from journey_service.settings import Settings
from journey_service.store.memory import MemoryClock, MemoryStore
from journey_service.store.memory.devices import MemoryDevices, MemoryHandoffs
from journey_service.store.memory.groups import MemoryGroups
from journey_service.store.memory.identity import MemoryIdentities
from journey_service.store.memory.installations import MemoryInstallations
from journey_service.store.memory.journal import MemoryJournal
from journey_service.store.memory.rebuilds import MemoryRebuilds
from journey_service.store.memory.sessions import MemorySessions
from journey_service.store.memory.states import MemoryStates
from journey_service.store.memory.stops import MemoryStateLists, MemoryStops


class Gate:
    """Lets everything through, or holds it, or makes it fail."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._fault: Exception | None = None
        self.waiting = 0
        self.passed = 0

    async def passing(self) -> None:
        """Wait here while the gate is held; raise its fault."""
        self.waiting += 1
        try:
            await self._open.wait()
        finally:
            self.waiting -= 1
        if self._fault is not None:
            raise self._fault
        self.passed += 1

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold whatever comes while the context is open."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    @contextlib.contextmanager
    def failing(self, fault: Exception) -> Iterator[None]:
        """Raise the fault while the context is open."""
        self._fault = fault
        try:
            yield
        finally:
            self._fault = None

    async def reached_by(self, count: int) -> None:
        """Return when so many wait here."""
        async with asyncio.timeout(10):
            while self.waiting < count:  # noqa: ASYNC110  the store tells nobody
                await asyncio.sleep(0.001)


class FaultyClock(MemoryClock):
    """A clock whose offset to the database may be unknown, and that can be put forward."""

    known = True
    ahead_ms = 0

    def now_ms(self) -> int:
        """As the port says."""
        if not self.known:
            raise StorageUnavailable
        return super().now_ms() + self.ahead_ms


class FaultyJournal(MemoryJournal):
    """Appends and reads pass gates."""

    def __init__(self, clock: MemoryClock, settings: Settings) -> None:
        super().__init__(clock, settings)
        self.writes, self.reads = Gate(), Gate()
        self.order: list[tuple[str, int]] = []

    async def append(self, batch: Batch, *, deadline: float | None = None) -> Appended:
        """As the port says."""
        await self.writes.passing()
        if batch.candidates:
            self.order.append((batch.subject_id, batch.candidates[0].interaction.seq))
        return await super().append(batch, deadline=deadline)

    async def read_stream(self, *positional: Any, **named: Any) -> Any:
        """As the port says."""
        await self.reads.passing()
        return await super().read_stream(*positional, **named)

    async def read_by_occurrence(self, *positional: Any, **named: Any) -> Any:
        """As the port says."""
        await self.reads.passing()
        return await super().read_by_occurrence(*positional, **named)

    async def read_partition(self, *positional: Any, **named: Any) -> Any:
        """As the port says."""
        await self.reads.passing()
        return await super().read_partition(*positional, **named)


class FaultyStates(MemoryStates):
    """Reads of subjects pass a gate."""

    reads: Gate

    async def read_subject(self, *positional: Any, **named: Any) -> Any:
        """As the port says."""
        await self.reads.passing()
        return await super().read_subject(*positional, **named)


class FaultyStore(MemoryStore):
    """The ports with faults."""

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or Settings()
        self.clock: FaultyClock = FaultyClock()
        self.journal: FaultyJournal = FaultyJournal(self.clock, settings)
        self.states: FaultyStates = FaultyStates(self.journal, self.clock)
        self.state_lists = MemoryStateLists(self.states)
        self.stops = MemoryStops(self.clock)
        self.rebuilds = MemoryRebuilds(self.journal, self.states, self.clock)
        self.states.reads = self.journal.reads
        self.sessions = MemorySessions(self.clock, settings)
        self.devices = MemoryDevices(self.sessions, self.clock)
        self.handoffs = MemoryHandoffs(self.sessions, self.clock)
        self.installations = MemoryInstallations(self.sessions, self.clock)
        self.groups = MemoryGroups(self.sessions, self.clock)
        self.identities = MemoryIdentities(self.journal)


async def take(stream: Any, kind: str) -> Any:
    """The next frame of a kind; others before it are passed over."""
    async with asyncio.timeout(10):
        while (frame := await stream.read()) is not None:
            if frame.WhichOneof("content") == kind:
                return frame
    raise AssertionError(f"the stream ended without {kind}")


async def until(condition: Any) -> None:
    """Return when something holds that other tasks bring about."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  what brings it about tells nobody
            await asyncio.sleep(0.002)


async def frames_of(stream: Any) -> AsyncIterator[Any]:
    """All frames to the end."""
    async for frame in stream:
        yield frame
