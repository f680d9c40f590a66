"""The journal on PostgreSQL: lanes write, pools read, the tail delivers. See ports.Journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import asyncpg

from journey.v1.events_pb2 import Event, Occurrence
from journey_service.domain.batch import Batch, Stamp
from journey_service.domain.errors import ExpiredInQueue, OutcomeUnknown
from journey_service.domain.identity import partition_of
from journey_service.domain.leases import Held, concerned
from journey_service.domain.machines import Rules
from journey_service.domain.wire_event import WireEvent
from journey_service.ports import Appended, Deliver, StreamHead
from journey_service.settings import Settings
from journey_service.store.codec import Keys
from journey_service.store.placing import MAX_INT64, check_batch
from journey_service.store.postgres import sql
from journey_service.store.postgres.epochs import Epoch, Epochs
from journey_service.store.postgres.joining import Joining
from journey_service.store.postgres.lanes import Lane
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.requests import Request
from journey_service.store.postgres.rows import EventReader, on_wire, opened
from journey_service.store.postgres.tail import Tail

# Before, and behind, every occurrence: (t_ms, counter, installation_id, seq).
_FIRST = (-1, 0, "", 0)
_LAST = (MAX_INT64, 0, "", 0)


class PostgresJournal:
    """The log in the tables `partitions`, `events`, `subjects` and `installations`."""

    def __init__(
        self,
        journal_id: str,
        partition_count: int,
        *,
        lanes: Sequence[Lane],
        together: Lane,
        appends: Pool,
        reads: Pool,
        catch_up: Pool,
        reader: EventReader,
        tail: Tail,
        epochs: Epochs,
        rules: Rules,
        settings: Settings,
    ) -> None:
        self.journal_id = journal_id
        self.partition_count = partition_count
        self._lanes = lanes
        self._together = together
        self._writing: set[asyncio.Task[None]] = set()
        self._appends = appends
        self._reads = reads
        self._catch_up = catch_up
        self._reader = reader
        self._tail = tail
        self._epochs = epochs
        self._rules = rules
        self._default_deadline_s = settings.call_deadline_ms / 1_000

    @property
    def epoch(self) -> str:
        """See ports.Journal."""
        return self._epochs.current.epoch

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """All epochs; a place of an older one is good up to the next one's heads (rule R6)."""
        return self._epochs.all

    # --- writing ----------------------------------------------------------------------------------

    async def append(self, batch: Batch, *, deadline: float | None = None) -> Appended:
        """See ports.Journal."""
        loop = asyncio.get_running_loop()
        if deadline is None:
            deadline = loop.time() + self._default_deadline_s
        elif deadline <= loop.time():
            raise ExpiredInQueue
        request = self._request(batch, deadline)
        self._lanes[request.partition % len(self._lanes)].submit(request)
        timer = loop.call_at(deadline, request.expire)
        try:
            return await request.answered
        finally:
            timer.cancel()

    async def append_together(
        self, batches: Sequence[Batch], *, joining: Joining | None = None
    ) -> list[Appended]:
        """Write batches of several streams in one transaction, all or none.

        Raises what `append` raises: then none is written. It is for what must be whole across
        streams, not for speed: it guesses nothing, and its appends do not share their commits.
        `joining` is written with them, unless another link overtook it (IdentityContention).
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._default_deadline_s
        requests = [self._request(batch, deadline, together=True) for batch in batches]
        requests[0].joining = joining

        def expire() -> None:
            for request in requests:
                request.expire()

        timer = loop.call_at(deadline, expire)
        # Whoever gives up leaves the transaction to its end, as with `append`.
        writing = loop.create_task(self._together.write_together(requests))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        try:
            return list(await asyncio.gather(*(request.answered for request in requests)))
        finally:
            timer.cancel()

    def _request(self, batch: Batch, deadline: float, *, together: bool = False) -> Request:
        check_batch(batch)
        return Request(
            batch=batch,
            partition=self._partition_of(batch.subject_id),
            deadline=deadline,
            answered=asyncio.get_running_loop().create_future(),
            bytes=sum(candidate.interaction.ByteSize() for candidate in batch.candidates),
            asked=self._rules.asked(batch.candidates),
            leased=concerned(batch),
            together=together,
        )

    async def release(
        self, subject_id: str, kind: str, journey_id: str, epoch: int, *, limit_group: str = ""
    ) -> bool:
        """See ports.Journal."""
        place = (self._partition_of(subject_id), subject_id, kind, journey_id)
        async with self._appends.connection(lost=OutcomeUnknown) as connection:
            released = await connection.fetchval(
                sql.statement("release_journey_lease"), *place, epoch
            )
            if released and limit_group:
                await connection.execute(
                    sql.statement("end_group_lease"),
                    self._partition_of(limit_group),
                    limit_group,
                    kind,
                    subject_id,
                    journey_id,
                )
        return released is not None

    async def held_in(self, limit_group: str) -> list[Held]:
        """See ports.Journal."""
        async with self._reads.connection() as connection:
            rows = await connection.fetch(
                sql.statement("read_group_leases"), [self._partition_of(limit_group)], [limit_group]
            )
        return [Held(*rest) for _, *rest in rows]

    def _partition_of(self, subject_id: str) -> int:
        return partition_of(subject_id, self.partition_count)

    # --- reading ----------------------------------------------------------------------------------

    async def read_stream(
        self,
        subject_id: str,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """See ports.Journal."""
        name = "read_stream_backwards" if backwards else "read_stream"
        partition, up_to = self._partition_of(subject_id), _up_to(up_to_version)
        return await self._read(
            self._reads, name, partition, subject_id, after_version, up_to, limit
        )

    async def read_stream_on_wire(
        self, subject_id: str, after: int, up_to: int, limit: int, *, backwards: bool
    ) -> list[WireEvent]:
        """See ports.Journal."""
        name = "read_stream_backwards" if backwards else "read_stream"
        partition = self._partition_of(subject_id)
        return await self._on_wire(self._reads, name, partition, subject_id, after, up_to, limit)

    async def read_by_occurrence(
        self,
        subject_id: str,
        *,
        after: Occurrence | None = None,
        up_to_version: int,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """See ports.Journal."""
        name = "read_by_occurrence_backwards" if backwards else "read_by_occurrence"
        bound = _LAST if backwards else _FIRST
        if after is not None:
            bound = (after.t_ms, after.counter, after.installation_id, after.seq)
        partition = self._partition_of(subject_id)
        return await self._read(
            self._reads, name, partition, subject_id, up_to_version, *bound, limit
        )

    async def read_partition(
        self,
        partition: int,
        *,
        after_position: int = 0,
        up_to_position: int | None = None,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """See ports.Journal."""
        name = "read_partition_backwards" if backwards else "read_partition"
        up_to = _up_to(up_to_position)
        return await self._read(self._catch_up, name, partition, after_position, up_to, limit)

    async def read_partition_on_wire(
        self, partition: int, after: int, up_to: int, limit: int, *, backwards: bool
    ) -> list[WireEvent]:
        """See ports.Journal."""
        name = "read_partition_backwards" if backwards else "read_partition"
        return await self._on_wire(self._catch_up, name, partition, after, up_to, limit)

    async def _read(self, pool: Pool, name: str, *arguments: Any) -> list[Event]:
        return await opened(*await self._rows(pool, name, *arguments))

    async def _on_wire(self, pool: Pool, name: str, *arguments: Any) -> list[WireEvent]:
        return await on_wire(*await self._rows(pool, name, *arguments))

    async def _rows(
        self, pool: Pool, name: str, *arguments: Any
    ) -> tuple[Keys, list[asyncpg.Record]]:
        """Rows and their keys: while they are opened, the connection serves others."""
        async with pool.connection() as connection:
            rows = await connection.fetch(sql.statement(name), *arguments)
            return await self._reader.keys(connection, rows), rows

    async def heads(self) -> dict[int, int]:
        """See ports.Journal."""
        async with self._catch_up.connection() as connection:
            return await read_heads(connection)

    async def stream_head(self, subject_id: str) -> StreamHead:
        """See ports.Journal."""
        async with self._reads.connection() as connection:
            row = await connection.fetchrow(
                sql.statement("read_stream_head"), self._partition_of(subject_id), subject_id
            )
        if row is None:
            return StreamHead(0, Stamp(0, 0))
        return StreamHead(row["version"], Stamp(row["floor_ms"], row["floor_counter"]))

    async def position_of(self, subject_id: str, version: int) -> int:
        """See ports.Journal."""
        async with self._reads.connection() as connection:
            position = await connection.fetchval(
                sql.statement("read_position"), self._partition_of(subject_id), subject_id, version
            )
        return position or 0

    async def keeps(self, epoch: str, partition: int, position: int) -> bool:
        """See ports.Journal; the database is asked of epochs alone that are not known here."""
        last = self._epochs.kept(epoch, partition)
        if last is None:
            async with self._reads.connection() as connection:
                await self._epochs.learn(connection)
            last = self._epochs.kept(epoch, partition)
        return last is not None and position <= last

    def follow(self, partition: int, deliver: Deliver) -> AbstractContextManager[None]:
        """See ports.Journal. A damaged event is delivered with its columns alone."""
        return self._tail.follow(partition, deliver)


def _up_to(place: int | None) -> int:
    return MAX_INT64 if place is None else place


async def read_heads(connection: Connection) -> dict[int, int]:
    """Last position of every partition."""
    rows = await connection.fetch(sql.statement("read_heads"))
    return {row["partition"]: row["head"] for row in rows}


def tail_read(pool: Pool, reader: EventReader) -> Callable[[int, int, int], Any]:
    """What the tail reads with: (partition, after position, limit) -> events, damaged ones too."""

    async def read(partition: int, after: int, limit: int) -> list[Event]:
        async with pool.connection() as connection:
            rows = await connection.fetch(
                sql.statement("read_partition"), partition, after, MAX_INT64, limit
            )
            return await reader.open_or_close(connection, rows)

    return read
