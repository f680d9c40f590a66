"""The store on PostgreSQL, opened and closed as one: the four ports and what they stand on.

probe the server ──▶ connect, look (R6, R17) ──▶ journal id ──▶ pools, lanes, tail ──▶ tasks
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Self

import asyncpg

from journey_service.domain.errors import JourneyError
from journey_service.domain.machines import Rules
from journey_service.settings import Settings
from journey_service.store.keys import KeyRing
from journey_service.store.postgres.answers import Answers
from journey_service.store.postgres.clock import PostgresClock
from journey_service.store.postgres.connecting import Connector, probe
from journey_service.store.postgres.devices import PostgresDevices
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.epochs import Epochs
from journey_service.store.postgres.erasing import PostgresErasure
from journey_service.store.postgres.fitting import (
    read_journal,
    try_identity_key,
    try_master_keys,
)
from journey_service.store.postgres.groups import PostgresGroups
from journey_service.store.postgres.handoffs import PostgresHandoffs
from journey_service.store.postgres.health import Health, health_of
from journey_service.store.postgres.hints import Hints
from journey_service.store.postgres.identity import PostgresIdentities
from journey_service.store.postgres.installations import PostgresInstallations
from journey_service.store.postgres.journal import PostgresJournal, read_heads, tail_read
from journey_service.store.postgres.lanes import Lane
from journey_service.store.postgres.observer import NoObserver, Observer
from journey_service.store.postgres.pool import Pool
from journey_service.store.postgres.rebuilds import PostgresRebuilds
from journey_service.store.postgres.registry import Registry
from journey_service.store.postgres.rows import EventReader
from journey_service.store.postgres.sessions import PostgresSessions
from journey_service.store.postgres.signals import Signals
from journey_service.store.postgres.state_lists import PostgresStateLists
from journey_service.store.postgres.states import PostgresStates
from journey_service.store.postgres.stops import PostgresStops
from journey_service.store.postgres.tail import Tail
from journey_service.store.postgres.verify import Finding, Folding, Walked, verify
from journey_service.store.postgres.writer import Durable, Writer
from projections import RULES

_LOOK_AGAIN_S = 1.0
_FORGET_EVERY_S = 60.0


class PostgresStore:
    """`async with await PostgresStore.open(dsn, master_keys) as store: …`."""

    journal: PostgresJournal
    states: PostgresStates
    state_lists: PostgresStateLists
    stops: PostgresStops
    rebuilds: PostgresRebuilds
    sessions: PostgresSessions
    devices: PostgresDevices
    handoffs: PostgresHandoffs
    installations: PostgresInstallations
    groups: PostgresGroups
    identities: PostgresIdentities
    erasure: PostgresErasure
    clock: PostgresClock

    def __init__(
        self, connector: Connector, epochs: Epochs, observer: Observer, rules: Rules
    ) -> None:
        self._connector = connector
        self._settings = connector.settings
        self._guard = connector.guard
        self._epochs = epochs
        self._observer = observer
        self._rules = rules
        self._tasks: list[asyncio.Task[None]] = []
        self._lanes_to_close: list[Lane] = []
        self._reachable = True
        self._look = asyncio.Event()
        settings = connector.settings
        wait_s = settings.pool_wait_ms / 1_000
        read_wait_s = settings.pool_read_wait_ms / 1_000
        self._append = self._pool("append", settings.pool_append_connections, wait_s)
        self._reads = self._pool("reads", settings.pool_read_connections, read_wait_s)
        self._catch_up = self._pool("catch-up", settings.pool_catch_up_connections, wait_s)
        self._bulk = self._pool("bulk", settings.pool_bulk_connections, wait_s, bulk=True)
        self._admin = self._pool("admin", 1, wait_s)

    def _pool(self, name: str, size: int, wait_s: float, *, bulk: bool = False) -> Pool:
        opener = partial(self._connector.open, name, bulk=bulk)
        return Pool(name, size, opener, wait_s=wait_s, observer=self._observer)

    @property
    def _pools(self) -> tuple[Pool, ...]:
        return (self._append, self._reads, self._catch_up, self._bulk, self._admin)

    # --- opening and closing ----------------------------------------------------------------------

    @classmethod
    async def open(
        cls,
        dsn: str,
        master_keys: Mapping[int, bytes],
        *,
        settings: Settings | None = None,
        observer: Observer | None = None,
        embedded: bool = False,
        rules: Rules = RULES,
        identity_key: bytes = b"",
    ) -> Self:
        """Open the store on a migrated database.

        `dsn` is the application's login, or one that is a member of its role; `master_keys` by
        version, 32 bytes each; `rules` are those of the journeys. `embedded` asks for page
        checksums, too. `identity_key` must be the one of the first start that brought one; b"" =
        nothing here needs it. Raises DatabaseUnfit with what to do, StorageUnavailable, and
        asyncpg's errors or OSError where nobody answers.
        """
        settings = settings or Settings()
        epochs = Epochs()
        connector = Connector(
            dsn=dsn,
            server=await probe(dsn),
            settings=settings,
            guard=DurabilityGuard(unsafe=settings.unsafe_durability),
            embedded=embedded,
            epochs=epochs.follow,
        )
        store = cls(connector, epochs, observer or NoObserver(), rules)
        try:
            await store._start(master_keys, identity_key)
        except BaseException:
            await store.close(grace_s=0)
            raise
        return store

    async def _start(self, master_keys: Mapping[int, bytes], identity_key: bytes) -> None:
        settings = self._settings
        connection = await self._connector.open_first("admin")
        try:
            journal_id, partitions = await read_journal(connection)
            heads = await read_heads(connection)
            self.clock = PostgresClock(settings)
            await self.clock.sample(connection)
            ring = KeyRing(
                journal_id,
                master_keys,
                entries=settings.key_cache_entries,
                life_s=settings.key_cache_ms / 1_000,
            )
            await try_master_keys(connection, ring, partitions)
            if identity_key:
                await try_identity_key(connection, journal_id, identity_key, self._guard)
        finally:
            await connection.close()
        self._reader = EventReader(ring, partitions)
        tail = Tail(tail_read(self._catch_up, self._reader), self._observer)
        tail.start(heads)
        hints = self._hints = Hints(self._connector.open_hints, self._read_heads, tail, settings)
        *lanes, together = self._lanes(ring, tail, hints, partitions)
        self.journal = PostgresJournal(
            journal_id,
            partitions,
            lanes=lanes,
            together=together,
            appends=self._append,
            reads=self._reads,
            catch_up=self._catch_up,
            reader=self._reader,
            tail=tail,
            epochs=self._epochs,
            rules=self._rules,
            settings=settings,
        )
        self.states = PostgresStates(
            reads=self._reads,
            catch_up=self._catch_up,
            ring=ring,
            reader=self._reader,
            partitions=partitions,
            index_key=identity_key,
        )
        self.state_lists = PostgresStateLists(
            reads=self._reads,
            bulk=self._bulk,
            reader=self._reader,
            index_key=identity_key,
            partitions=partitions,
        )
        self.stops = PostgresStops(self._catch_up)
        self.identities = PostgresIdentities(reads=self._reads, journal=self.journal)
        self.rebuilds = PostgresRebuilds(
            bulk=self._bulk,
            ring=ring,
            reader=self._reader,
            partitions=partitions,
            index_key=identity_key,
        )
        self._open_registry(ring, partitions, settings)
        self._forget_guesses_when_needed([*lanes, together], tail)
        await asyncio.gather(*(pool.warm() for pool in self._pools))
        work = [*(lane.run for lane in lanes), tail.run, hints.exchange, hints.poll]
        for forever in [*work, self._watch, self._tidy]:
            task = asyncio.create_task(forever(), name=forever.__qualname__)
            task.add_done_callback(_report)
            self._tasks.append(task)

    def _open_registry(self, ring: KeyRing, partitions: int, settings: Settings) -> None:
        """Sessions, devices and handoffs."""
        answers = Answers(ring, partitions, settings.command_life_ms)
        registry = Registry(ring, partitions)
        self.sessions = PostgresSessions(
            reads=self._reads,
            writes=self._append,
            answers=answers,
            registry=registry,
            guard=self._guard,
            partitions=partitions,
        )
        self.devices = PostgresDevices(
            reads=self._reads,
            writes=self._append,
            ring=ring,
            answers=answers,
            registry=registry,
            signals=Signals(self._hints),
            guard=self._guard,
            clock=self.clock,
            partitions=partitions,
            settings=settings,
        )
        self.handoffs = PostgresHandoffs(
            reads=self._reads,
            writes=self._append,
            ring=ring,
            answers=answers,
            guard=self._guard,
            partitions=partitions,
        )
        self.installations = PostgresInstallations(
            reads=self._reads, writes=self._append, guard=self._guard, partitions=partitions
        )
        self.groups = PostgresGroups(
            reads=self._reads,
            writes=self._catch_up,
            reader=self._reader,
            answers=answers,
            guard=self._guard,
            partitions=partitions,
        )
        self.erasure = PostgresErasure(
            writes=self._append, ring=ring, guard=self._guard, partitions=partitions
        )

    def _lanes(self, ring: KeyRing, tail: Tail, hints: Hints, partitions: int) -> list[Lane]:
        """The lanes, and one more for batches that are written together."""

        def committed(durable: Durable) -> None:
            moved = {}
            for partition, events in durable.draft.events.items():
                tail.offer(partition, events)
                moved[partition] = events[-1].position
            hints.tell(moved)

        return [
            Lane(
                number,
                Writer(
                    self._append,
                    ring,
                    self._guard,
                    self._settings,
                    self._observer,
                    self._rules,
                    partitions,
                ),
                self._append,
                self._settings,
                self._observer,
                committed,
            )
            for number in range(self._settings.lane_count + 1)
        ]

    def _forget_guesses_when_needed(self, lanes: list[Lane], tail: Tail) -> None:
        """On a new connection and in a new epoch nothing that is remembered counts (rule R6)."""

        def forget() -> None:
            for lane in lanes:
                lane.writer.memory.forget()

        epochs = self._epochs
        known = epochs.current.epoch

        def begin_anew() -> None:
            nonlocal known
            forget()
            before, known = known, epochs.current.epoch
            heads = dict(enumerate(epochs.current.heads))
            for each, head in heads.items():
                kept = epochs.kept(before, each)
                heads[each] = head if kept is None else min(head, kept)
            tail.rewind(heads)

        def expire() -> None:
            for pool in self._pools:
                pool.expire()

        self._lanes_to_close = lanes
        self._append.opened = forget
        self._epochs.changed = begin_anew
        self._guard.recovered = expire

    async def close(self, *, grace_s: float = 5.0) -> None:
        """Take no more appends, finish what waits, stop, close all connections."""
        await asyncio.gather(*(lane.close(grace_s) for lane in self._lanes_to_close))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(pool.close() for pool in self._pools))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # --- looking ----------------------------------------------------------------------------------

    def health(self) -> Health:
        """How the store stands; asks nobody, and is at most one look (10 s, 1 s in trouble) old."""
        return health_of(self._guard, self._connector.server, reachable=self._reachable)

    def look_now(self) -> None:
        """Look at the database soon, instead of when it is time."""
        self._look.set()

    async def verify(
        self, *, folding: Folding | None = None, events_per_s: float = float("inf")
    ) -> AsyncIterator[Finding | Walked]:
        """See verify.py."""
        found = verify(self._bulk, self._reader, folding=folding, events_per_s=events_per_s)
        async with contextlib.aclosing(found) as findings:
            async for finding in findings:
                yield finding

    async def _read_heads(self) -> dict[int, int]:
        return await self.journal.heads()

    async def _watch(self) -> None:
        """Look at the database's clock, settings and timeline, for ever."""
        while True:
            if self._guard.weak or not self._reachable:
                # Settings of the database and of roles count for new sessions alone.
                self._admin.expire()
            try:
                async with self._admin.connection() as connection:
                    await self._connector.look(connection)
                    await self.clock.sample(connection)
                self._reachable = True
            except (JourneyError, asyncpg.PostgresError, OSError):
                self._reachable = False
            well = self._reachable and not self._guard.weak
            pause_s = self._settings.clock_sample_ms / 1_000 if well else _LOOK_AGAIN_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._look.wait()
            self._look.clear()

    async def _tidy(self) -> None:
        """Forget answers whose time is over, for ever."""
        while True:
            await asyncio.sleep(_FORGET_EVERY_S)
            with contextlib.suppress(JourneyError, asyncpg.PostgresError, OSError):
                await self.sessions.forget_expired()


def _report(task: asyncio.Task[None]) -> None:
    """These tasks run until they are cancelled; an end of another kind is a fault to be told."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler(
            {"message": f"{task.get_name()} ended", "exception": error, "task": task}
        )
