"""How devices stand, who is present, what devices are told to do. See ports_of_devices.Devices.

All rows lie in the partition of their subject and are sealed under its key, but the epoch and the
standing that holds for everybody, which lie in the partition of the installation's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import asyncpg

from journey.v1.session_service_pb2 import SignOutDeviceResponse
from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_ACTIVE,
    Command,
    CommandResult,
    DeviceRecord,
    DeviceStatus,
    Session,
)
from journey_service.domain.devices import (
    LOST,
    Installation,
    device_record,
    ended,
    is_on,
    standings,
    was_ended,
)
from journey_service.domain.errors import CustomerMismatch, OutcomeUnknown
from journey_service.domain.identity import partition_of
from journey_service.ports import Clock, CommandKey
from journey_service.ports_of_devices import Moved, Ordered, SignedOutDevice
from journey_service.settings import Settings
from journey_service.store.codec import open_sealed, seal
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.postgres import sql
from journey_service.store.postgres.answers import Answers
from journey_service.store.postgres.durability import DurabilityGuard
from journey_service.store.postgres.pool import Connection, Pool
from journey_service.store.postgres.registry import Registry
from journey_service.store.postgres.signals import Signals


class PostgresDevices:
    """See ports_of_devices.Devices."""

    def __init__(
        self,
        *,
        reads: Pool,
        writes: Pool,
        ring: KeyRing,
        answers: Answers,
        registry: Registry,
        signals: Signals,
        guard: DurabilityGuard,
        clock: Clock,
        partitions: int,
        settings: Settings,
    ) -> None:
        self._reads = reads
        self._writes = writes
        self._ring = ring
        self._answers = answers
        self._registry = registry
        self._signals = signals
        self._guard = guard
        self._clock = clock
        self._partition_count = partitions
        self._session_longest_ms = settings.session_longest_ms
        self._command_life_ms = settings.command_life_ms

    async def installations_of(self, subject_id: str) -> list[Installation]:
        """See ports_of_devices.Devices."""
        async with self._reads.connection() as connection:
            return await self._registry.installations(connection, subject_id)

    # --- signing out ------------------------------------------------------------------------------

    async def sign_out(
        self,
        command: CommandKey,
        subject_id: str,
        device_id: str,
        status: DeviceStatus,
        orders: Callable[[str], Command | None],
    ) -> SignedOutDevice:
        """See ports_of_devices.Devices."""
        self._guard.check()
        async with (
            self._writes.connection(lost=OutcomeUnknown) as connection,
            connection.transaction(isolation="read_committed"),
        ):
            keys = await self._answers.keys(connection, subject_id)
            known = await self._answers.known(connection, command, subject_id)
            if known is not None:
                before = SignOutDeviceResponse.FromString(known)
                again = await self._closed_before(connection, subject_id, before.device)
                return SignedOutDevice(before.device, again, before.closed_sessions, repeated=True)
            found = await self._on(connection, subject_id, device_id)
            after = standings(found, status)
            own = {one.installation_id for one in found if not one.guest}
            await self._end_epochs(connection, {name: after[name] for name in own})
            closed = await self._close(connection, keys, subject_id, after)
            await self._stand(connection, subject_id, after)
            for name in sorted(own):
                if (order := orders(name)) is not None:
                    await self._order(connection, keys, subject_id, name, order)
            record = device_record(await self._on(connection, subject_id, device_id))
            answer = SignOutDeviceResponse(device=record, closed_sessions=len(closed))
            await self._answers.give(connection, command, keys, answer.SerializeToString())
        return SignedOutDevice(record, closed, len(closed))

    async def _on(
        self, connection: Connection, subject_id: str, device_id: str
    ) -> list[Installation]:
        known = await self._registry.installations(connection, subject_id)
        found = [one for one in known if is_on(one, device_id)]
        if not found:
            raise CustomerMismatch
        return found

    async def _end_epochs(
        self, connection: Connection, standing: Mapping[str, DeviceStatus]
    ) -> None:
        for status in sorted(set(standing.values())):
            names = [name for name, its in standing.items() if its == status]
            await connection.execute(
                sql.statement("end_installations"),
                [self._partition_of(name) for name in names],
                names,
                DEVICE_STATUS_ACTIVE,
                status if status in LOST else None,
            )

    async def _stand(
        self, connection: Connection, subject_id: str, standing: Mapping[str, DeviceStatus]
    ) -> None:
        for status in sorted(set(standing.values())):
            await connection.execute(
                sql.statement("stand_installations"),
                self._partition_of(subject_id),
                subject_id,
                [name for name, its in standing.items() if its == status],
                status,
                self._clock.now_ms(),
            )

    async def _close(
        self,
        connection: Connection,
        keys: SubjectKeys,
        subject_id: str,
        standing: Mapping[str, DeviceStatus],
    ) -> list[Session]:
        rows = await connection.fetch(
            sql.statement("list_open_sessions"),
            self._partition_of(subject_id),
            subject_id,
            self._clock.now_ms() - self._session_longest_ms,
        )
        found = [session for row in rows if (session := self._registry.session(row))]
        closed = [
            ended(one, standing[one.installation_id])
            for one in found
            if one.installation_id in standing
        ]
        for session in closed:
            await self._registry.save(connection, keys, session)
        return closed

    async def _closed_before(
        self, connection: Connection, subject_id: str, record: DeviceRecord
    ) -> list[Session]:
        rows = await connection.fetch(
            sql.statement("list_ended_sessions"),
            self._partition_of(subject_id),
            subject_id,
            self._clock.now_ms() - self._command_life_ms - self._session_longest_ms,
        )
        found = [session for row in rows if (session := self._registry.session(row))]
        return [session for session in found if was_ended(session, record)]

    # --- commands ---------------------------------------------------------------------------------

    async def order(self, subject_id: str, installation_id: str, command: Command) -> None:
        """See ports_of_devices.Devices."""
        self._guard.check()
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            keys = await self._answers.keys(connection, subject_id)
            await self._order(connection, keys, subject_id, installation_id, command)

    async def _order(
        self,
        connection: Connection,
        keys: SubjectKeys,
        subject_id: str,
        installation_id: str,
        command: Command,
    ) -> None:
        await connection.execute(
            sql.statement("store_order"),
            *self._place(subject_id, installation_id),
            command.id,
            command.expires_at_ms,
            keys.version,
            seal(keys, command.SerializeToString(), "device_commands", command.id),
        )

    async def orders(self, subject_id: str, installation_id: str) -> list[Command]:
        """See ports_of_devices.Devices."""
        place = self._place(subject_id, installation_id)
        async with self._reads.connection() as connection:
            rows = await connection.fetch(sql.statement("list_orders"), *place)
        return [
            self._open(subject_id, row["command_id"], row) for row in rows if row["wrapped_keys"]
        ]

    async def ordered(
        self, subject_id: str, installation_id: str, command_id: str
    ) -> Ordered | None:
        """See ports_of_devices.Devices."""
        place = self._place(subject_id, installation_id)
        async with self._reads.connection() as connection:
            row = await connection.fetchrow(sql.statement("read_order"), *place, command_id)
        if row is None or not row["wrapped_keys"]:
            return None
        return Ordered(self._open(subject_id, command_id, row), row["answered"], row["done"])

    async def answer(
        self, subject_id: str, installation_id: str, results: Sequence[CommandResult]
    ) -> list[Ordered]:
        """See ports_of_devices.Devices."""
        self._guard.check()
        answered = []
        async with (
            self._writes.connection(lost=OutcomeUnknown) as connection,
            connection.transaction(isolation="read_committed"),
        ):
            keys = await self._answers.keys(connection, subject_id)
            for result in sorted(results, key=lambda one: one.id):
                row = await connection.fetchrow(
                    sql.statement("answer_order"),
                    *self._place(subject_id, installation_id),
                    result.id,
                    result.done,
                )
                if row is not None:
                    command = _open(keys, result.id, row)
                    answered.append(Ordered(command, answered=True, done=result.done))
        return answered

    def _open(self, subject_id: str, command_id: str, row: asyncpg.Record) -> Command:
        return _open(self._ring.look(subject_id, row["wrapped_keys"]), command_id, row)

    # --- presence ---------------------------------------------------------------------------------

    async def be_present(self, until_ms: Mapping[tuple[str, str], int]) -> None:
        """See ports_of_devices.Devices."""
        rows = sorted((self._partition_of(name[0]), *name, end) for name, end in until_ms.items())
        async with self._writes.connection(lost=OutcomeUnknown) as connection:
            await connection.execute(sql.statement("be_present"), *zip(*rows, strict=True))

    async def present(self, subject_id: str) -> list[tuple[Session, int]]:
        """See ports_of_devices.Devices."""
        partition = self._partition_of(subject_id)
        async with self._reads.connection() as connection:
            rows = await connection.fetch(sql.statement("list_present"), partition, subject_id)
        found = [(self._registry.session(row), int(row["until_ms"])) for row in rows]
        return [(session, until_ms) for session, until_ms in found if session is not None]

    # --- signals ----------------------------------------------------------------------------------

    def tell(self, subject_id: str) -> None:
        """See ports_of_devices.Devices."""
        self._signals.tell(subject_id)

    def follow(self, subject_id: str, moved: Moved) -> AbstractContextManager[None]:
        """See ports_of_devices.Devices."""
        return self._signals.follow(subject_id, moved)

    def _place(self, subject_id: str, installation_id: str) -> tuple[int, str, str]:
        return self._partition_of(subject_id), subject_id, installation_id

    def _partition_of(self, name: str) -> int:
        return partition_of(name, self._partition_count)


def _open(keys: SubjectKeys, command_id: str, row: asyncpg.Record) -> Command:
    plain = open_sealed(keys, row["state"], row["key_version"], "device_commands", command_id)
    return Command.FromString(plain)
