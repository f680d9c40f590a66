"""How devices stand, who is present, what devices are told, and handoffs, as dicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from journey.v1.session_service_pb2 import SignOutDeviceResponse
from journey.v1.sessions_pb2 import (
    SESSION_STATUS_ACTIVE,
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
from journey_service.domain.errors import CustomerMismatch
from journey_service.ports import Clock, CommandKey
from journey_service.ports_of_devices import Moved, Ordered, SignedOutDevice, StoredHandoff
from journey_service.store.memory.sessions import MemorySessions
from journey_service.store.signals import Followers, signal_of


@dataclass(slots=True)
class _Order:
    command: bytes
    expires_at_ms: int
    answered: bool = False
    done: bool = False

    def ordered(self) -> Ordered:
        return Ordered(Command.FromString(self.command), self.answered, self.done)


class MemoryDevices:
    """See ports_of_devices.Devices."""

    def __init__(self, sessions: MemorySessions, clock: Clock) -> None:
        self._registry = sessions
        self._clock = clock
        self._orders: dict[tuple[str, str], dict[str, _Order]] = {}
        self._present: dict[str, dict[str, int]] = {}
        self._followers = Followers()

    async def installations_of(self, subject_id: str) -> list[Installation]:
        """See ports_of_devices.Devices."""
        return sorted(
            self._registry.installations.get(subject_id, {}).values(),
            key=lambda one: one.installation_id.encode(),
        )

    async def sign_out(
        self,
        command: CommandKey,
        subject_id: str,
        device_id: str,
        status: DeviceStatus,
        orders: Callable[[str], Command | None],
    ) -> SignedOutDevice:
        """See ports_of_devices.Devices."""
        known = self._registry.known(command)
        if known is not None:
            before = SignOutDeviceResponse.FromString(known)
            again = await self._closed_before(subject_id, before.device)
            return SignedOutDevice(before.device, again, before.closed_sessions, repeated=True)
        of_subject = self._registry.installations.get(subject_id, {})
        found = [one for one in of_subject.values() if is_on(one, device_id)]
        if not found:
            raise CustomerMismatch
        after = standings(found, status)
        for one in found:
            name, its = one.installation_id, after[one.installation_id]
            of_subject[name] = replace(one, status=its, signed_out_ms=self._clock.now_ms())
            if one.guest:
                continue
            self._registry.end_installation(name, its if its in LOST else None)
            if (order := orders(name)) is not None:
                await self.order(subject_id, name, order)
        closed = await self._close(subject_id, after)
        record = device_record(one for one in of_subject.values() if is_on(one, device_id))
        answer = SignOutDeviceResponse(device=record, closed_sessions=len(closed))
        self._registry.give(command, answer.SerializeToString())
        return SignedOutDevice(record, closed, len(closed))

    async def _close(self, subject_id: str, standing: Mapping[str, DeviceStatus]) -> list[Session]:
        closed = [
            ended(one, standing[one.installation_id])
            for one in await self._registry.list_of(subject_id, limit=len(self._registry.sessions))
            if one.installation_id in standing and one.status == SESSION_STATUS_ACTIVE
        ]
        for session in closed:
            await self._registry.save(session)
        return closed

    async def _closed_before(self, subject_id: str, record: DeviceRecord) -> list[Session]:
        known = await self._registry.list_of(subject_id, limit=len(self._registry.sessions))
        return [one for one in known if was_ended(one, record)]

    async def order(self, subject_id: str, installation_id: str, command: Command) -> None:
        """See ports_of_devices.Devices."""
        orders = self._orders.setdefault((subject_id, installation_id), {})
        stored = _Order(command.SerializeToString(), command.expires_at_ms)
        orders.setdefault(command.id, stored)

    async def orders(self, subject_id: str, installation_id: str) -> list[Command]:
        """See ports_of_devices.Devices."""
        now_ms = self._clock.now_ms()
        orders = self._orders.get((subject_id, installation_id), {}).values()
        live = [one for one in orders if not one.answered and one.expires_at_ms > now_ms]
        commands = [one.ordered().command for one in live]
        return sorted(commands, key=lambda one: (one.expires_at_ms, one.id.encode()))

    async def ordered(
        self, subject_id: str, installation_id: str, command_id: str
    ) -> Ordered | None:
        """See ports_of_devices.Devices."""
        found = self._orders.get((subject_id, installation_id), {}).get(command_id)
        return found.ordered() if found else None

    async def answer(
        self, subject_id: str, installation_id: str, results: Sequence[CommandResult]
    ) -> list[Ordered]:
        """See ports_of_devices.Devices."""
        orders, now_ms = self._orders.get((subject_id, installation_id), {}), self._clock.now_ms()
        answered = []
        for result in sorted(results, key=lambda one: one.id):
            order = orders.get(result.id)
            if order and not order.answered and order.expires_at_ms > now_ms:
                order.answered, order.done = True, result.done
                answered.append(order.ordered())
        return answered

    async def be_present(self, until_ms: Mapping[tuple[str, str], int]) -> None:
        """See ports_of_devices.Devices."""
        for (subject_id, session_id), end_ms in until_ms.items():
            self._present.setdefault(subject_id, {})[session_id] = end_ms

    async def present(self, subject_id: str) -> list[tuple[Session, int]]:
        """See ports_of_devices.Devices."""
        now_ms = self._clock.now_ms()
        found = sorted(self._present.get(subject_id, {}).items(), key=lambda one: one[0].encode())
        live = [
            (session, until_ms)
            for session_id, until_ms in found
            if until_ms > now_ms and (session := await self._registry.load(session_id))
        ]
        return [one for one in live if one[0].status == SESSION_STATUS_ACTIVE]

    def tell(self, subject_id: str) -> None:
        """See ports_of_devices.Devices."""
        self._followers.moved(signal_of(subject_id))

    def follow(self, subject_id: str, moved: Moved) -> AbstractContextManager[None]:
        """See ports_of_devices.Devices."""
        return self._followers.follow(subject_id, moved)


class MemoryHandoffs:
    """See ports_of_devices.Handoffs."""

    def __init__(self, sessions: MemorySessions, clock: Clock) -> None:
        self._registry = sessions
        self._clock = clock
        self._handoffs: dict[str, StoredHandoff] = {}
        self._codes: dict[str, tuple[str, int]] = {}
        self._tries: dict[str, tuple[int, int]] = {}

    async def create(
        self, command: CommandKey, handoff: StoredHandoff, codes: Mapping[str, int], answer: bytes
    ) -> bytes:
        """See ports_of_devices.Handoffs."""
        known = self._registry.known(command)
        if known is not None:
            return known
        self._handoffs[handoff.handoff_id] = handoff
        self._codes |= {one: (handoff.handoff_id, until_ms) for one, until_ms in codes.items()}
        self._registry.give(command, answer)
        return answer

    async def find(self, code_hash: str) -> StoredHandoff | None:
        """See ports_of_devices.Handoffs."""
        if code_hash not in self._codes:
            return None
        handoff_id, expires_at_ms = self._codes[code_hash]
        return replace(self._handoffs[handoff_id], expires_at_ms=expires_at_ms)

    async def claim(self, handoff_id: str, claimer: str) -> bool:
        """See ports_of_devices.Handoffs."""
        handoff = self._handoffs[handoff_id]
        if handoff.claimed_by not in {"", claimer}:
            return False
        self._handoffs[handoff_id] = replace(handoff, claimed_by=claimer)
        return True

    async def count_try(self, claimer: str, *, window_ms: int) -> int:
        """See ports_of_devices.Handoffs."""
        now_ms = self._clock.now_ms()
        tries, until_ms = self._tries.get(claimer, (0, 0))
        if until_ms <= now_ms:
            tries, until_ms = 0, now_ms + window_ms
        self._tries[claimer] = (tries + 1, until_ms)
        return tries + 1
