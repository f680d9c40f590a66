"""What a device has recorded and the copy does not hold yet: the queue, and what is shown of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from journey.v1.interactions_pb2 import Interaction
from journey.v1.references_pb2 import Queue
from journey_client._error import QueueFull
from journey_client._kept import NOT_SHOWN, ORPHANED, SHOWN, VISITOR, Item, Refusal, Who
from journey_client._storage import Storage
from journey_client._store import Store
from journey_client.catalogue import is_telemetry
from journey_client.clocks import Clocks
from journey_client.device_settings import QueueLimits
from journey_client.recording import BatchLimits

MILLION = 1_000_000
Overflow = Callable[[Interaction], None]


class Outbox:
    """Own interactions, in the order in which they were recorded; stored before they count."""

    def __init__(
        self,
        storage: Storage,
        clocks: Clocks,
        limits: QueueLimits,
        items: Sequence[Item],
        overflow: Overflow,
    ) -> None:
        self._storage = storage
        self._clocks = clocks
        self._limits = limits
        self._overflow = overflow
        # One change at a time, of file and memory together.
        self.local = asyncio.Lock()
        self.items = list(items)
        # Subject and epoch of the accounts that were bound since the start.
        self._bound: dict[str, tuple[str, int]] = {}
        # A visitor's account, and who signed in since.
        self._followed: tuple[str, Who] | None = None
        self.waiting = sum(item.waiting for item in items)
        self.size = sum(item.size for item in items if item.waiting)

    def of(self, account: str, subject_id: str) -> list[Item]:
        """What one person recorded."""
        return [item for item in self.items if _owner(item) == (subject_id or account)]

    def waits_for(self, subject_id: str) -> bool:
        """Whether something is to be sent for a subject."""
        return any(item.waiting and item.subject_id == subject_id for item in self.items)

    def queues(self) -> list[Queue]:
        """What waits, by sign-in epoch, as the service is told."""
        found: dict[int, Queue] = {}
        for item in self.items:
            if item.waiting:
                queue = found.setdefault(item.epoch, Queue(epoch=item.epoch, first_seq=item.seq))
                queue.last_seq = max(queue.last_seq, item.seq)
                queue.count += 1
        return list(found.values())

    # --- recording ---

    async def add(self, items: Sequence[Item]) -> list[Item]:
        """Store them; returns what was taken. Raises QueueFull if there is no room for intents.

        Reports of the application by itself are left out first, visibly.
        """
        async with self.local:
            known = {item.event_id for item in self.items}
            taken = await self._with_room([item for item in items if item.event_id not in known])
            for item in taken:
                self._give_to_who_followed(item)
                # The subject may have become known while this waited for its turn.
                if not item.subject_id and item.account in self._bound:
                    item.subject_id, item.epoch = self._bound[item.account]
            await self._storage.run(Store.keep, taken)
            self._keep_only([*self.items, *taken])
        return taken

    async def follow(self, visitor: str, who: Who | None) -> None:
        """Somebody signed in after a visitor, whose are acts that are not stored yet; None: nobody.

        What was being stored for the visitor is stored when it returns.
        """
        async with self.local:
            self._followed = (visitor, who) if who else None

    def _give_to_who_followed(self, item: Item) -> None:
        if self._followed and self._followed[0] == item.account:
            who = self._followed[1]
            item.account, item.subject_id, item.epoch = who.account, who.subject_id, who.epoch

    async def _with_room(self, items: list[Item]) -> list[Item]:
        """Those for which there is room, after compacting."""
        if self.level(items) >= self._limits.compact_from_ppm:
            self._drop(await self._storage.run(Store.compact))
        if self.level(items) <= MILLION:
            return items
        intents = [item for item in items if not is_telemetry(item.interaction)]
        refused = items if intents and self.level(intents) > MILLION else None
        for item in refused or items:
            if refused or item not in intents:
                self._overflow(item.interaction)
        if refused:
            raise QueueFull(f"{self.waiting} interactions wait, {self.size} bytes")
        return intents

    def level(self, more: Sequence[Item] = ()) -> int:
        """How full it would be with these; parts per million of the nearest limit."""
        count = self.waiting + len(more)
        size = self.size + sum(item.size for item in more)
        return max(
            count * MILLION // self._limits.interactions,
            size * MILLION // self._limits.size_bytes,
            self._oldest_age_ms() * MILLION // self._limits.age_ms,
        )

    def _oldest_age_ms(self) -> int:
        """Age of the longest waiting one; by the wall clock only after a restart of the machine."""
        oldest = next((item.interaction for item in self.items if item.waiting), None)
        if oldest is None:
            return 0
        if oldest.boot_id == self._clocks.boot_id:
            return max(0, self._clocks.mono_ms() - oldest.mono_ms)
        return max(0, self._clocks.wall_ms() - oldest.wall_ms)

    # --- sending ---

    async def next_batch(self, subject_id: str, limits: BatchLimits) -> list[Item]:
        """What is sent next; its numbers are stored."""
        async with self.local:
            batch = await self._storage.run(Store.next_batch, subject_id, limits)
            numbers = {sent.event_id: sent.seq for sent in batch}
            for item in self.items:
                item.seq = numbers.get(item.event_id, item.seq)
        return batch

    async def settle(self, answered: set[str], refusals: list[Refusal], quarantined: int) -> None:
        """These have their own answers: not sent again, and shown until the copy has them."""
        async with self.local:
            await self._storage.run(Store.settle, answered, refusals, quarantined)
            for item in self.items:
                item.waiting = item.waiting and item.event_id not in answered
            self._forget_done()

    async def renumber(self) -> str:
        """A new installation id; what is unsent begins at 1 again."""
        async with self.local:
            new = await self._storage.run(Store.renumber)
            persons = self._bound.items()
            self._bound = {who: to for who, to in persons if not who.startswith(VISITOR)}
            for item in self.items:
                if item.waiting:
                    item.seq = 0
                    if item.account.startswith(VISITOR):
                        item.subject_id = ""
                elif item.shown:
                    item.shown = ORPHANED
        return new

    # --- what frames hold ---

    def cover(self, subject_id: str, seq: int) -> None:
        """The copy holds the effect of these numbers, and of all that was orphaned before."""
        for item in self.items:
            covered = item.subject_id == subject_id and 0 < item.seq <= seq
            if item.shown == ORPHANED or (item.shown == SHOWN and covered):
                item.shown = NOT_SHOWN
        self._forget_done()

    def bind(self, account: str, subject_id: str, epoch: int) -> None:
        """The subject of an account is known now, also to what is about to be added."""
        self._bound[account] = subject_id, epoch
        for item in self.items:
            if item.account == account and not item.subject_id:
                item.subject_id, item.epoch = subject_id, epoch

    def forget(self, subject_id: str | None = None) -> None:
        """Of an erased subject, or everything."""
        self._keep_only(
            [
                item
                for item in self.items
                if subject_id is not None and item.subject_id != subject_id
            ]
        )

    def _drop(self, event_ids: set[str]) -> None:
        if event_ids:
            self._keep_only([item for item in self.items if item.event_id not in event_ids])

    def _forget_done(self) -> None:
        self._keep_only([item for item in self.items if item.waiting or item.shown])

    def _keep_only(self, items: list[Item]) -> None:
        self.items = items
        self.waiting = sum(item.waiting for item in items)
        self.size = sum(item.size for item in items if item.waiting)


def _owner(item: Item) -> str:
    """Whose it is: a subject, or before that is known an account."""
    return item.subject_id or item.account
