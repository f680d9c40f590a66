"""Delivering what was committed to whoever follows a partition, in order and without hole.

    our commits ───────────▶ offer ──▶ next in order? ──▶ followers
    hints, polled heads ───▶ moved ──▶ behind? ──▶ read what is missing ──▶ followers

A partition that nobody follows costs a number. Which process wrote an event makes no difference.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import JourneyError
from journey_service.ports import Deliver
from journey_service.store.postgres.observer import Observer

Read = Callable[[int, int, int], Awaitable[list[Event]]]

_PAGE = 1_000
_MOST_PENDING = 5_000
_RETRY_S = 0.1


@dataclass(slots=True)
class _Followed:
    """What was delivered to all, what is known to be there, what waits behind a gap."""

    delivered: int = 0
    head: int = 0
    pending: dict[int, Event] = field(default_factory=dict)
    followers: list[Deliver] = field(default_factory=list)


class Tail:
    """One per process; `read` gives (partition, after position, limit) -> events, damaged too."""

    def __init__(self, read: Read, observer: Observer) -> None:
        self._read = read
        self._observer = observer
        self._partitions: dict[int, _Followed] = {}
        self._behind: set[int] = set()
        self._wake = asyncio.Event()

    def start(self, heads: Mapping[int, int]) -> None:
        """What is committed now counts as delivered."""
        self._partitions = {
            partition: _Followed(delivered=head, head=head) for partition, head in heads.items()
        }

    def rewind(self, heads: Mapping[int, int]) -> None:
        """A new epoch began at these heads: what was delivered beyond them is not there now."""
        for partition, head in heads.items():
            followed = self._partitions[partition]
            followed.head = min(followed.head, head)
            followed.delivered = min(followed.delivered, head)
            followed.pending.clear()

    @property
    def followed(self) -> bool:
        """Whether anybody follows anything."""
        return any(followed.followers for followed in self._partitions.values())

    @contextmanager
    def follow(self, partition: int, deliver: Deliver) -> Iterator[None]:
        """See ports.Journal.follow."""
        followed = self._partitions[partition]
        if not followed.followers:
            # Heads are known within a poll, also of partitions that nobody follows.
            followed.delivered = followed.head
            followed.pending.clear()
        followed.followers.append(deliver)
        try:
            yield
        finally:
            followed.followers.remove(deliver)

    def offer(self, partition: int, events: Sequence[Event]) -> None:
        """Events that this process committed, in position order."""
        followed = self._partitions[partition]
        followed.head = max(followed.head, events[-1].position)
        if not followed.followers:
            return
        if not followed.pending and events[0].position == followed.delivered + 1:
            self._deliver(followed, events)
            return
        if len(followed.pending) < _MOST_PENDING:
            followed.pending.update((event.position, event) for event in events)
        self._drain(followed)
        self._notice(partition, followed)

    def moved(self, heads: Mapping[int, int]) -> bool:
        """Where partitions stand, as somebody says; returns whether that was news."""
        news = False
        for partition, head in heads.items():
            followed = self._partitions.get(partition)
            if followed is not None and head > followed.head:
                followed.head = head
                news = True
                self._notice(partition, followed)
        return news

    def _notice(self, partition: int, followed: _Followed) -> None:
        if followed.followers and followed.delivered < followed.head:
            self._behind.add(partition)
            self._wake.set()

    async def run(self) -> None:
        """Read what others wrote, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while behind := tuple(self._behind):
                for partition in behind:
                    await self._try_to_catch_up(partition)

    async def _try_to_catch_up(self, partition: int) -> None:
        try:
            await self._catch_up(partition)
        except JourneyError:
            await asyncio.sleep(_RETRY_S)
        except Exception as error:  # noqa: BLE001  whatever it is, the others are delivered
            _report("reading the tail of a partition failed", error)
            await asyncio.sleep(_RETRY_S)

    async def _catch_up(self, partition: int) -> None:
        followed = self._partitions[partition]
        self._drain(followed)
        if not followed.followers or followed.delivered >= followed.head:
            self._behind.discard(partition)
            return
        after = followed.delivered
        events = await self._read(partition, after, _PAGE)
        fresh = [event for event in events if event.position > followed.delivered]
        if fresh and followed.followers:
            self._deliver(followed, fresh)
        if not events:
            # Somebody named a head that is not there; whoever names it again is believed again.
            followed.head = followed.delivered
            self._behind.discard(partition)

    def _drain(self, followed: _Followed) -> None:
        """Deliver what waited behind a gap that is filled now."""
        ready = []
        place = followed.delivered + 1
        while (event := followed.pending.pop(place, None)) is not None:
            ready.append(event)
            place += 1
        if ready:
            self._deliver(followed, ready)
        if followed.pending and min(followed.pending) <= followed.delivered:
            followed.pending = {
                position: event
                for position, event in followed.pending.items()
                if position > followed.delivered
            }

    def _deliver(self, followed: _Followed, events: Sequence[Event]) -> None:
        if events[0].position != followed.delivered + 1:
            self._observer.hole_found(events[0].partition, followed.delivered + 1)
        followed.delivered = events[-1].position
        followed.head = max(followed.head, followed.delivered)
        for deliver in tuple(followed.followers):
            try:
                deliver(events)
            except Exception as error:  # noqa: BLE001  one follower's fault is not the others'
                _report("a follower of the journal failed", error)


def _report(message: str, error: Exception) -> None:
    asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})
