"""How the events of one partition stand with a group: what goes out next, what was settled, how
far the checkpoint may move.

Only the lowest unsettled event of a subject goes out, so a subject's events go one after the other.
The book holds all that the store knows behind the checkpoint, and what is unsettled before it. It
notes what to store and is thrown away where storing fails: the store is right.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Iterable
from dataclasses import replace

from journey.v1.errors_pb2 import (
    ERROR_REASON_DELIVERY_UNKNOWN,
    ERROR_REASON_LEASE_LOST,
    ErrorReason,
)
from journey_service.domain.group_done import Done
from journey_service.domain.group_progress import Change, Stored
from journey_service.domain.group_scan import Scan
from journey_service.domain.groups import (
    MAX_ATTEMPTS_REASON,
    Act,
    DeliveryName,
    Entry,
    Said,
    Standing,
    Terms,
    backoff_ms,
    says_again,
)

COUNTED = ErrorReason.ERROR_REASON_UNSPECIFIED
UNSETTLED = frozenset({Standing.WAITING, Standing.OUT})
DONE = frozenset(Standing) - UNSETTLED


class Book:
    """See the module. All times are ms of the database's clock."""

    def __init__(
        self,
        stored: Stored,
        terms: Terms,
        now_ms: int,
        done: Done | None = None,
    ) -> None:
        """`done`: what an earlier book of the partition noted."""
        self.terms = terms
        self.progress = stored.progress
        self.more = stored.more
        self.entries = {entry.position: entry for entry in stored.entries}
        self._scan = Scan(stored.progress, self.entries)
        # What passed the filter since and is not delivered.
        self.fresh: dict[int, tuple[str, str]] = {}
        self.out = 0
        self._parked = dict(stored.parked)
        self._aside = set(stored.aside)
        self._queues: dict[str, list[int]] = {}
        self._ready: list[int] = []
        self._later: list[tuple[int, int]] = []
        self._unsettled: list[int] = []
        self._done: list[int] = []
        self._past = done or Done()
        self._dirty: set[int] = set()
        for position in sorted(self.entries):
            self._take_over(self.entries[position], now_ms)

    # --- what the journal brings ------------------------------------------------------------------

    def note(self, position: int, subject_id: str, topic: str, *, wanted: bool) -> None:
        """The next event of the partition; `wanted`: it passes the group's filter."""
        if position <= self.scanned:
            return
        for known in self._scan.move(position):
            heapq.heappush(self._ready, known)
        if not wanted or position in self.entries:
            return
        if self._is_held(subject_id, position):
            self._put(self._new(position, subject_id, topic, Standing.HELD))
            return
        self.fresh[position] = (subject_id, topic)
        self._enqueue(subject_id, position)

    @property
    def scanned(self) -> int:
        """How far the journal was looked at."""
        return self._scan.at

    @property
    def known(self) -> int:
        """How many events it keeps in memory; not those that a restart or a seek left ahead."""
        return len(self.entries) + len(self.fresh) - self._scan.ahead

    # --- delivering -------------------------------------------------------------------------------

    def next_ready(self, now_ms: int) -> int:
        """The position to deliver next; 0 = none now."""
        while self._ready:
            if self._is_ready(self._ready[0], now_ms):
                return self._ready[0]
            heapq.heappop(self._ready)
        return 0

    def deliver(self, position: int, consumer_id: str, now_ms: int) -> Entry:
        """Hand out what `next_ready` named."""
        heapq.heappop(self._ready)
        entry = self._entry(position)
        given = replace(
            entry,
            standing=Standing.OUT,
            attempt=entry.attempt + 1,
            due_ms=now_ms + self.terms.lease_ms,
            consumer_id=consumer_id,
            epoch=self.progress.epoch,
            first_ms=entry.first_ms or now_ms,
            replayed=entry.replayed
            or (entry.attempt > 0 and position <= self.progress.replayed_to),
        )
        self.fresh.pop(position, None)
        self._put(given)
        heapq.heappush(self._later, (given.due_ms, position))
        self.out += 1
        return given

    def forget(self, position: int) -> None:
        """What `next_ready` named was erased: it counts as settled."""
        heapq.heappop(self._ready)
        entry = self._entry(position)
        self.fresh.pop(position, None)
        self._settle(entry)

    # --- what consumers say -----------------------------------------------------------------------

    def say(self, name: DeliveryName, said: Said, now_ms: int, jitter: float) -> ErrorReason:
        """Apply what was said of a delivery; 0 = it counts, now or from before."""
        if name.epoch < self.progress.epoch:
            return ERROR_REASON_LEASE_LOST
        entry = self.entries.get(name.position)
        if name.epoch > self.progress.epoch:
            return ERROR_REASON_DELIVERY_UNKNOWN
        if entry is None:
            return self._reason_of_forgotten(name, said, now_ms)
        if (entry.epoch, entry.consumer_id) != (name.epoch, name.consumer_id):
            return ERROR_REASON_LEASE_LOST
        if (entry.attempt, entry.first_ms) != (name.attempt, name.first_ms):
            return ERROR_REASON_LEASE_LOST
        if entry.standing == Standing.OUT and entry.due_ms > now_ms:
            self._apply(entry, said, now_ms, jitter)
            return COUNTED
        return COUNTED if says_again(entry, said) else ERROR_REASON_LEASE_LOST

    def _reason_of_forgotten(self, name: DeliveryName, said: Said, now_ms: int) -> ErrorReason:
        """Nothing is stored of what is done with and passed; saying so once more is right."""
        if name.position > self.progress.checkpoint or not self._may_be(name, now_ms):
            return ERROR_REASON_DELIVERY_UNKNOWN
        became = Act.PARK if name.position in self._aside else Act.ACK
        counts = self._past.may_be_last(name) and said.act == became
        return COUNTED if counts else ERROR_REASON_LEASE_LOST

    def _may_be(self, name: DeliveryName, now_ms: int) -> bool:
        """Whether such an attempt can have been handed out: an epoch has one owner."""
        is_owner = self.progress.owner in {"", name.consumer_id}
        # Clocks of two processes are not the same: a lease is more than they differ by.
        slack_ms = self.terms.lease_ms
        is_timely = self.terms.since_ms - slack_ms <= name.first_ms <= now_ms + slack_ms
        return is_owner and is_timely and min(name.position, name.attempt) > 0

    def _apply(self, entry: Entry, said: Said, now_ms: int, jitter: float) -> None:
        match said.act:
            case Act.ACK:
                self.out -= 1
                self._settle(entry)
            case Act.PARK:
                self._park(entry, said.reason, now_ms)
            case Act.RETRY if entry.attempt >= self.terms.max_attempts:
                self._park(entry, said.reason or MAX_ATTEMPTS_REASON, now_ms)
            case Act.RETRY:
                wait_ms = said.delay_ms or backoff_ms(self.terms, entry.attempt, jitter)
                self._wait(entry, now_ms + wait_ms)
            case _:
                self._put(replace(entry, due_ms=now_ms + said.lease_ms))
                heapq.heappush(self._later, (now_ms + said.lease_ms, entry.position))

    # --- time -------------------------------------------------------------------------------------

    @property
    def next_ms(self) -> int:
        """When a lease or a wait ends; 0 = nothing is waited for."""
        return self._later[0][0] if self._later else 0

    def pass_time(self, now_ms: int) -> list[Entry]:
        """End leases and waits that are over; returns the deliveries whose lease ended."""
        lapsed = []
        while self._later and self._later[0][0] <= now_ms:
            entry = self.entries.get(heapq.heappop(self._later)[1])
            if entry is None or entry.due_ms > now_ms:
                continue
            if entry.standing == Standing.OUT:
                lapsed.append(entry)
                self._return(entry, now_ms)
            elif entry.standing == Standing.WAITING:
                heapq.heappush(self._ready, entry.position)
        return lapsed

    def take_back(self, void: Iterable[DeliveryName]) -> None:
        """What is out never was begun: it goes out again as the same attempt."""
        for position in sorted(name.position for name in void):
            entry = self.entries[position]
            self.out -= 1
            undone = replace(entry, standing=Standing.WAITING, attempt=entry.attempt - 1, due_ms=0)
            self._put(undone)
            heapq.heappush(self._ready, position)

    # --- storing ----------------------------------------------------------------------------------

    @property
    def checkpoint(self) -> int:
        """All up to here is settled, put aside, or not wanted."""
        while self._unsettled and not self._is_unsettled(self._unsettled[0]):
            heapq.heappop(self._unsettled)
        lowest = self._unsettled[0] if self._unsettled else self.scanned + 1
        return min(lowest - 1, self.scanned)

    @property
    def unsaved(self) -> int:
        """By how many events the checkpoint moved since it was stored."""
        return self.checkpoint - self.progress.checkpoint

    @property
    def is_dirty(self) -> bool:
        """Whether there is more to store than a checkpoint."""
        return bool(self._dirty)

    def change(self) -> Change:
        """What is to be stored now."""
        checkpoint = max(self.checkpoint, self.progress.checkpoint)
        self._forget_done(checkpoint)
        changed = [(position, self.entries.get(position)) for position in sorted(self._dirty)]
        return Change(
            replace(self.progress, checkpoint=checkpoint),
            tuple(entry for _, entry in changed if entry is not None),
            tuple(position for position, entry in changed if entry is None),
        )

    def _forget_done(self, checkpoint: int) -> None:
        """What the checkpoint passes is not needed any more, but to be stored."""
        while self._done and self._done[0] <= checkpoint:
            position = heapq.heappop(self._done)
            entry = self.entries.get(position)
            if entry is not None and entry.standing == Standing.SETTLED:
                self._dirty.add(position)
                self._forget(entry)
            elif entry is not None and position not in self._dirty:
                self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        self.entries.pop(entry.position, None)
        self._past.add(entry)

    def stored(self, change: Change) -> None:
        """The change is durable."""
        self._dirty.clear()
        self.progress = replace(change.progress, revision=change.progress.revision + 1)
        for entry in change.entries:
            if self._is_aside(entry):
                self._forget(entry)

    def _is_aside(self, entry: Entry) -> bool:
        """Whether an entry is the store's alone from now on. A parked one is kept while it may be
        parked once more by a repeat."""
        if entry.standing == Standing.PARKED:
            return entry.position <= self.progress.checkpoint
        return entry.standing == Standing.HELD and entry.position <= self.scanned

    @property
    def is_short(self) -> bool:
        """Whether all that was loaded before the checkpoint is done, and the store has more."""
        return self.more and not any(
            position <= self.progress.checkpoint and self._is_unsettled(position)
            for position in self.entries
        )

    # --- inside -----------------------------------------------------------------------------------

    def _take_over(self, entry: Entry, now_ms: int) -> None:
        """An entry as it was stored: what another owner had out comes back."""
        if entry.standing not in UNSETTLED:
            heapq.heappush(self._done, entry.position)
            return
        held = self._is_held(entry.subject_id, entry.position) and not entry.replaying
        if entry.standing == Standing.WAITING and held:
            self._hold_one(entry)
            return
        self._enqueue(entry.subject_id, entry.position)
        heapq.heappush(self._later, (entry.due_ms, entry.position))
        if entry.standing == Standing.OUT:
            self.out += 1
            if entry.epoch != self.progress.epoch:
                self._return(entry, now_ms)

    def _is_held(self, subject_id: str, position: int) -> bool:
        return self.terms.hold and self._parked.get(subject_id, position) < position

    def _enqueue(self, subject_id: str, position: int) -> None:
        queue = self._queues.setdefault(subject_id, [])
        insort(queue, position)
        heapq.heappush(self._ready, queue[0])
        if position > self.progress.checkpoint:
            heapq.heappush(self._unsettled, position)

    def _dequeue(self, entry: Entry) -> None:
        """Its subject goes on with the next one."""
        queue = self._queues[entry.subject_id]
        queue.remove(entry.position)
        if queue:
            heapq.heappush(self._ready, queue[0])
        else:
            del self._queues[entry.subject_id]

    def _is_ready(self, position: int, now_ms: int) -> bool:
        """Whether it is unsettled, not out, its wait over, and its subject's lowest."""
        if not self._is_unsettled(position):
            return False
        entry = self._entry(position)
        return (
            entry.standing == Standing.WAITING
            and entry.due_ms <= now_ms
            and self._scan.allows(position)
            and self._queues[entry.subject_id][0] == position
        )

    def _is_unsettled(self, position: int) -> bool:
        entry = self.entries.get(position)
        return position in self.fresh if entry is None else entry.standing in UNSETTLED

    def _entry(self, position: int) -> Entry:
        known = self.entries.get(position)
        if known is not None:
            return known
        return self._new(position, *self.fresh[position], Standing.WAITING)

    def _new(self, position: int, subject_id: str, topic: str, standing: Standing) -> Entry:
        """An event of which nothing is known but, perhaps, that it was delivered before a seek."""
        replayed = position <= self.progress.replayed_to
        return Entry(position, subject_id, standing, topic=topic, replayed=replayed)

    def _put(self, entry: Entry) -> None:
        self.entries[entry.position] = entry
        self._dirty.add(entry.position)

    def _settle(self, entry: Entry) -> None:
        self._dequeue(entry)
        if entry.position <= self.progress.checkpoint:
            self._forget(entry)
            self._dirty.add(entry.position)
            return
        self._put(replace(entry, standing=Standing.SETTLED, replaying=False))
        heapq.heappush(self._done, entry.position)

    def _return(self, entry: Entry, now_ms: int) -> None:
        """A lease is over without a word: again, at once, unless it was tried too often."""
        if entry.attempt >= self.terms.max_attempts:
            self._park(entry, MAX_ATTEMPTS_REASON, now_ms)
        else:
            self._wait(entry, now_ms)

    def _wait(self, entry: Entry, until_ms: int) -> None:
        self.out -= 1
        self._put(replace(entry, standing=Standing.WAITING, due_ms=until_ms))
        heapq.heappush(self._later, (until_ms, entry.position))

    def _park(self, entry: Entry, reason: str, now_ms: int) -> None:
        self.out -= 1
        self._dequeue(entry)
        parked = replace(
            entry, standing=Standing.PARKED, due_ms=now_ms, reason=reason, replaying=False
        )
        self._put(parked)
        self._aside.add(entry.position)
        heapq.heappush(self._done, entry.position)
        subject_id = entry.subject_id
        self._parked[subject_id] = min(entry.position, self._parked.get(subject_id, entry.position))
        if self.terms.hold:
            self._hold(subject_id)

    def _hold(self, subject_id: str) -> None:
        """Later events of a subject wait behind the parked one."""
        for position in self._queues.pop(subject_id, ()):
            entry = self._entry(position)
            self.fresh.pop(position, None)
            self._hold_one(entry)

    def _hold_one(self, entry: Entry) -> None:
        self._put(replace(entry, standing=Standing.HELD, replaying=False))
        heapq.heappush(self._done, entry.position)
