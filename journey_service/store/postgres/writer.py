"""Writing one group: guess and compare (fast), or lock and read (careful).

                    ┌─ all known or looked up ─▶ decide ─▶ one statement ─┬─▶ durable
requests ─▶ fast ───┤                                     guess wrong ────┼─▶ careful
                    └─ asks more ───────────────────────────────────────┘
careful: begin ─▶ lock heads ─▶ lock limit groups ─▶ read facts ─▶ read what is asked for beside
         ─▶ decide ─▶ lock members ─▶ copy ─▶ write ─▶ commit ─▶ durable
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from asyncpg.transaction import Transaction

from journey_service.domain.errors import IdentityContention
from journey_service.domain.leases import Held
from journey_service.domain.machines import Rules
from journey_service.failpoints import failpoint_async
from journey_service.settings import Settings
from journey_service.store.keys import KeyRing
from journey_service.store.postgres.beside import lock_groups, read_beside
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.facts import Facts, read_facts
from journey_service.store.postgres.group import Draft, Group
from journey_service.store.postgres.observer import Observer
from journey_service.store.postgres.pool import Connection, Pool, lost_connection
from journey_service.store.postgres.requests import Request
from journey_service.store.postgres.resolving import Doubt
from journey_service.store.postgres.streams import Memory, Stream
from journey_service.store.postgres.writing import (
    WRONG_GUESS,
    lock_heads,
    write_careful,
    write_fast,
    write_fast_and_copy,
    write_leases,
)

_EVENTS_WITHOUT_PAUSE = 200
# From here on the round trips of a COPY cost less than what it saves (benchmarks/).
_MANY_EVENTS = 100


class WrongGuess(Exception):
    """Something was not as remembered; nothing was written."""


@dataclass(frozen=True, slots=True)
class Durable:
    """A group that is written, or had nothing to write: then `now_ms` is 0."""

    draft: Draft
    now_ms: int


class Writer:
    """Writes groups of one lane, one at a time."""

    def __init__(
        self,
        pool: Pool,
        ring: KeyRing,
        guard: DurabilityGuard,
        settings: Settings,
        observer: Observer,
        rules: Rules,
        partitions: int,
    ) -> None:
        self.memory = Memory(max(16, settings.key_cache_entries // settings.partition_count))
        self._pool = pool
        self._ring = ring
        self._rules = rules
        self._guard = guard
        self._partition_count = partitions
        self._late_limit_ms = settings.late_limit_ms
        self._lease_life_ms = settings.lease_life_ms
        self._patient = settings.lease_limit_unreachable == "wait"
        self._timeout_s = (settings.statement_timeout_ms + settings.lock_timeout_ms) / 1_000
        self._observer = observer

    async def write(self, requests: Sequence[Request], *, careful: bool) -> Durable:
        """Write a group.

        Raises WrongGuess (fast path only), Doubt when it may have been written, and what the
        database or the pool raise when it surely was not.
        """
        self._guard.check()
        connection = await self._pool.acquire()
        try:
            self._guard.check()
            way = self._carefully if careful else self._fast
            durable = await way(connection, requests)
        except Doubt:
            self._pool.discard(connection)
            raise
        except BaseException as error:
            self._pool.release(connection, error)
            raise
        self._pool.release(connection)
        return durable

    # --- fast -------------------------------------------------------------------------------------

    async def _fast(self, connection: Connection, requests: Sequence[Request]) -> Durable:
        group = await self._guess(connection, requests)
        if group.draft.empty:
            return Durable(group.draft, 0)
        if group.draft.machines:
            raise WrongGuess
        await failpoint_async("append:before-begin")
        began = time.perf_counter()
        write = self._copy if len(group.draft.rows) >= _MANY_EVENTS else self._at_once
        try:
            now_ms = await write(connection, group.draft)
        except WRONG_GUESS:
            self.memory.contended([*group.draft.heads])
            raise WrongGuess from None
        self._wrote("fast", requests, group.draft, began)
        return Durable(group.draft, now_ms)

    async def _at_once(self, connection: Connection, draft: Draft) -> int:
        with self._doubting(connection, draft):
            return await write_fast(connection, draft, self._timeout_s)

    async def _copy(self, connection: Connection, draft: Draft) -> int:
        async with self._transaction(connection) as transaction:
            now_ms = await write_fast_and_copy(connection, draft, self._timeout_s)
        await self._commit(connection, transaction, draft)
        return now_ms

    async def _guess(self, connection: Connection, requests: Sequence[Request]) -> Group:
        """Decide on what is remembered; look up what is not, and what a refusal rests on."""
        facts = Facts({}, {})
        looking = self._unknown(requests)
        while True:
            if looking:
                looked = [request for request in requests if request.partition in looking]
                facts = await read_facts(connection, self._ring, looked, sorted(looking))
            heads, streams = self._sources(requests, facts)
            group = self._group(heads, streams)
            refused = await _decide(group, requests)
            doubtful = {request.partition for request in refused} - looking
            if not doubtful:
                break
            looking |= doubtful
        for partition, head in facts.heads.items():
            learned = [stream for stream in facts.streams.values() if stream.partition == partition]
            self.memory.learn(partition, head, learned)
        return group

    def _unknown(self, requests: Sequence[Request]) -> set[int]:
        """Partitions about which too little is remembered to decide."""
        unknown: set[int] = set()
        expected: dict[tuple[str, str], int] = {}
        for request in requests:
            batch = request.batch
            stream = self.memory.stream(request.partition, batch.subject_id)
            if stream is None or stream.keys is None:
                unknown.add(request.partition)
            elif batch.sequenced:
                name = (batch.subject_id, batch.installation_id)
                mark = stream.watermarks.get(batch.installation_id)
                before = expected.get(name, mark.processed_seq if mark else -1)
                if batch.candidates[0].interaction.seq != before + 1:
                    # A repeat, a gap, or an installation that was not heard of.
                    unknown.add(request.partition)
                expected[name] = batch.candidates[-1].interaction.seq
            if stream is not None and not request.leased <= stream.leases.keys():
                unknown.add(request.partition)
        return unknown

    def _sources(
        self, requests: Sequence[Request], facts: Facts
    ) -> tuple[dict[int, int], dict[str, Stream]]:
        heads, streams = dict(facts.heads), dict(facts.streams)
        for request in requests:
            if request.partition in facts.heads:
                continue
            head = self.memory.head(request.partition)
            stream = self.memory.stream(request.partition, request.batch.subject_id)
            if head is None or stream is None:
                # Forgotten meanwhile: another connection or epoch.
                raise WrongGuess
            heads[request.partition] = head
            streams[request.batch.subject_id] = stream
        return heads, streams

    # --- careful ----------------------------------------------------------------------------------

    async def _carefully(self, connection: Connection, requests: Sequence[Request]) -> Durable:
        asked: dict[int, int] = {}
        for request in requests:
            asked[request.partition] = asked.get(request.partition, 0) + request.interactions
        await failpoint_async("append:before-begin")
        began = time.perf_counter()
        async with self._transaction(connection) as transaction:
            heads, now_ms = await lock_heads(connection, asked)
            held = await lock_groups(
                connection, requests, self._partition_count, patient=self._patient
            )
            # Another statement, because one that has waited for a lock sees what was before: also
            # whose lease another process ended for the group meanwhile.
            facts = await read_facts(connection, self._ring, requests, [])
            await read_beside(connection, self._rules, requests, facts.streams)
            group = self._group(heads, facts.streams, held)
            joining = requests[0].joining
            if await _decide(group, requests) and requests[0].together:
                group.refuse_all(heads)
            # What is recorded already was joined with it.
            elif joining and not group.draft.empty and await joining.is_overtaken(connection):
                group.refuse_all(heads, IdentityContention())
            if not group.draft.empty:
                await write_careful(connection, group.draft, asked, now_ms)
                await write_leases(connection, group.draft, self._partition_count)
                if joining:
                    await joining.write(connection)
        if group.draft.empty:
            await transaction.rollback()
            return Durable(group.draft, 0)
        await self._commit(connection, transaction, group.draft)
        self._wrote("careful", requests, group.draft, began)
        return Durable(group.draft, now_ms)

    # --- both -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _transaction(self, connection: Connection) -> AsyncIterator[Transaction]:
        """A transaction that is open afterwards, and rolled back if the body fails."""
        transaction = connection.transaction(isolation="read_committed")
        await transaction.start()
        try:
            yield transaction
        except BaseException as error:
            if not lost_connection(error):
                await transaction.rollback()
            raise

    async def _commit(self, connection: Connection, transaction: Transaction, draft: Draft) -> None:
        with self._doubting(connection, draft):
            async with asyncio.timeout(self._timeout_s):
                await transaction.commit()

    @contextmanager
    def _doubting(self, connection: Connection, draft: Draft) -> Iterator[None]:
        """From here on the group may be written: a connection that is lost leaves a Doubt (R7)."""
        try:
            yield
        except BaseException as error:
            self.memory.forget()
            if lost_connection(error) and not isinstance(error, asyncio.CancelledError):
                raise Doubt(draft, connection.get_server_pid()) from error
            raise

    def _group(
        self,
        heads: dict[int, int],
        streams: Mapping[str, Stream],
        held: Mapping[str, list[Held]] = MappingProxyType({}),
    ) -> Group:
        return Group(self._ring, streams, heads, self._late_limit_ms, self._lease_life_ms, held)

    def _wrote(self, path: str, requests: Sequence[Request], draft: Draft, began: float) -> None:
        self.remember(draft)
        self._observer.appended(
            path,
            requests=len(requests),
            events=len(draft.rows),
            seconds=time.perf_counter() - began,
        )

    def remember(self, draft: Draft) -> None:
        """The draft is durable: what it says holds."""
        by_partition: dict[int, list[Stream]] = {}
        for stream in draft.touched():
            stream.stored = True
            stream.watermarks = {
                name: mark._replace(stored=True) for name, mark in stream.watermarks.items()
            }
            if stream.keys is not None:
                self._ring.remember(stream.subject_id, stream.keys)
            by_partition.setdefault(stream.partition, []).append(stream)
        for partition, streams in by_partition.items():
            if self.memory.head(partition) in {None, draft.heads_before[partition]}:
                self.memory.advance(partition, draft.heads[partition], streams)
            else:
                self.memory.learn(partition, draft.heads[partition], streams)


async def _decide(group: Group, requests: Sequence[Request]) -> list[Request]:
    """Decide all; returns the refused. Lets others run now and then."""
    refused, events = [], 0
    for request in requests:
        if group.add(request) is not None:
            refused.append(request)
        events += request.interactions
        if events >= _EVENTS_WITHOUT_PAUSE:
            events = 0
            await asyncio.sleep(0)
    return refused
