"""Leases: the right to be the active device of a journey, taken and kept by what is recorded.

    play ─────────────▶ takes it from anybody (epoch + 1), or keeps it
    seek, progress ───▶ keep it                 stop, finish ──▶ end it
    lease_granted, journey_transferred ───────▶ give it without playing
    progress of an older epoch ───────────────▶ lease_stale: it moves nothing

A lease ends by itself; whoever held it last may go on under the same epoch. How many devices of a
limit group may hold leases at once is counted over those that have not ended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event
from journey.v1.interactions_pb2 import LeaseGranted
from journey.v1.references_pb2 import JourneyRef, Lease
from journey_service.domain.batch import Batch, Candidate, LeaseLimit
from journey_service.domain.errors import LeaseHeld, LimitReached

LEASE_LIFE_MS = 45_000
GRANTS_KEPT = 8
GRANTED, TRANSFERRED = "journey.lease_granted", "journey.transferred"
PLAYED, PROGRESSED = "media.played", "media.progressed"
# What must see the row as it stands, also where somebody gave the lease up without an event.
DECIDED = frozenset({GRANTED, TRANSFERRED})

Key = tuple[str, str]


class Grant(NamedTuple):
    """When a device got the lease, as an occurrence, and its epoch from then on."""

    epoch: int
    t_ms: int
    counter: int
    installation_id: str
    seq: int

    def is_before(self, event: Event) -> bool:
        """Whether it has a smaller occurrence than the event."""
        happened = event.occurrence
        place = (happened.t_ms, happened.counter, happened.installation_id.encode(), happened.seq)
        return (self.t_ms, self.counter, self.installation_id.encode(), self.seq) < place


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """The lease of a journey: who held it last and until when, and its latest grants.

    Epoch 0 = nobody ever. Times are ms since 1970 UTC; until 0 = ended before its time.
    """

    epoch: int = 0
    installation_id: str = ""
    until_ms: int = 0
    granted_ms: int = 0
    grants: tuple[Grant, ...] = ()

    def lease(self, kind: str, journey_id: str) -> Lease:
        """As clients see it; which device that is others know."""
        return Lease(
            journey=JourneyRef(kind=kind, journey_id=journey_id),
            installation_id=self.installation_id,
            epoch=self.epoch,
            lease_until_ms=self.until_ms,
        )

    def silences(self, event: Event, epoch: int) -> bool:
        """Whether telemetry under this epoch was overtaken by a later grant before it occurred."""
        if self.grants and epoch + 1 < self.grants[0].epoch:
            # What is not kept any more is older still.
            return True
        return any(grant.epoch > epoch and grant.is_before(event) for grant in self.grants)


class Held(NamedTuple):
    """A lease that counts for a limit group."""

    kind: str
    subject_id: str
    journey_id: str
    installation_id: str
    granted_ms: int
    until_ms: int


class Paused(NamedTuple):
    """A device that lost a lease which had not ended.

    `epoch` 0 = not known, because the lease was not of the batch; `granted_ms` tells its grants
    apart, also those under one epoch.
    """

    subject_id: str
    installation_id: str
    kind: str
    journey_id: str
    epoch: int
    granted_ms: int


NOBODY = LeaseRow()
ENDED = 0


def concerned(batch: Batch) -> frozenset[Key]:
    """Journeys whose lease the batch may change, or be judged by; mostly none."""
    return frozenset(
        (candidate.interaction.journey.kind, candidate.interaction.journey.journey_id)
        for candidate in batch.candidates
        if candidate.type in _RULES and _concerns(batch, candidate)
    )


def may_move(event: Event) -> bool:
    """Whether the event may be of a sort that gives, keeps or ends a lease."""
    return event.type in _RULES


def _concerns(batch: Batch, candidate: Candidate) -> bool:
    if candidate.type == PROGRESSED:
        return bool(candidate.interaction.media_progressed.lease_epoch)
    return bool(batch.session_id)


class LeaseBook:
    """Leases while a batch is written, one event after the other."""

    def __init__(
        self, batch: Batch, rows: Mapping[Key, LeaseRow], held: Iterable[Held], life_ms: int
    ) -> None:
        self.changed: dict[Key, LeaseRow] = {}
        self.paused: list[Paused] = []
        # Of the limit group: what changes, and what is taken from other devices.
        self.counted: dict[tuple[str, str, str], Held] = {}
        self.evicted: list[Held] = []
        self._batch = batch
        self._rows = dict(rows)
        self._held = {(one.kind, one.subject_id, one.journey_id): one for one in held}
        self._life_ms = life_ms

    def judge(self, candidate: Candidate, event: Event) -> Lease | None:
        """What the event does to the lease of its journey, and what that does to the event.

        Returns the lease to be told: taken, kept, or of the device that stands in the way. Raises
        LeaseHeld and LimitReached for what asks for a lease alone.
        """
        rule = _RULES.get(candidate.type)
        if (
            rule is None
            or event.outcome != OUTCOME_ACCEPTED
            or not _concerns(self._batch, candidate)
        ):
            return None
        journey = candidate.interaction.journey
        return rule(self, (journey.kind, journey.journey_id), candidate, event)

    def denial(self, candidate: Candidate, event: Event) -> Lease | None:
        """The lease that stands in the way of a play that was recorded without one."""
        journey, limit = candidate.interaction.journey, self._batch.limit
        if candidate.type != PLAYED or limit is None or limit.evict or not self._is_recent(event):
            return None
        oldest = self._in_the_way((journey.kind, journey.journey_id), self._batch.installation_id)
        return _lease_of(oldest) if oldest is not None else None

    def of(self, key: Key) -> LeaseRow:
        """How the lease of a journey stands."""
        return self._rows.get(key, NOBODY)

    # --- what happens -----------------------------------------------------------------------------

    def play(self, key: Key, _: Candidate, event: Event) -> Lease | None:
        """Playing takes the lease, or keeps it."""
        installation_id = self._batch.installation_id
        if not self._is_recent(event):
            return None
        denied = self._denied(key, installation_id)
        if denied is not None:
            return denied
        event.lease_epoch = self._give(key, installation_id, event).epoch
        return self.of(key).lease(*key)

    def seek(self, key: Key, _: Candidate, event: Event) -> None:
        """Whoever holds it and jumps keeps it."""
        self._renew(key, self.of(key).epoch, event)

    def progress(self, key: Key, candidate: Candidate, event: Event) -> None:
        """Whoever holds it and plays on keeps it; what was overtaken is silenced."""
        epoch = candidate.interaction.media_progressed.lease_epoch
        event.lease_stale = self.of(key).silences(event, epoch)
        if not event.lease_stale:
            self._renew(key, epoch, event)

    def end(self, key: Key, _: Candidate, event: Event) -> None:
        """It was stopped or finished where it was held."""
        row = self.of(key)
        if row.installation_id == self._batch.installation_id and self._is_recent(event):
            self._put(key, replace(row, until_ms=ENDED))

    def grant(self, key: Key, candidate: Candidate, event: Event) -> Lease:
        """A device asks for it before it plays."""
        body, row = event.interaction.lease_granted, self.of(key)
        other = row.installation_id != body.installation_id and self._is_held(row)
        if other and candidate.only_if_free:
            raise LeaseHeld([row.lease(*key)])
        self._demand(key, body.installation_id)
        body.cause = LeaseGranted.CAUSE_TAKEN_OVER if other else LeaseGranted.CAUSE_ACQUIRED
        body.epoch = event.lease_epoch = self._give(key, body.installation_id, event).epoch
        return self.of(key).lease(*key)

    def transfer(self, key: Key, _: Candidate, event: Event) -> Lease:
        """It was sent to another device, which took it."""
        body, row = event.interaction.journey_transferred, self.of(key)
        self._demand(key, body.to_installation_id)
        if row.installation_id != body.to_installation_id:
            body.from_installation_id = row.installation_id
        body.epoch = event.lease_epoch = self._give(key, body.to_installation_id, event).epoch
        return self.of(key).lease(*key)

    # --- how it is done ---------------------------------------------------------------------------

    def _is_recent(self, event: Event) -> bool:
        return self._batch.received_ms - event.occurrence.t_ms <= self._life_ms

    def _is_held(self, row: LeaseRow) -> bool:
        return row.until_ms > self._batch.received_ms

    def _give(self, key: Key, installation_id: str, event: Event) -> LeaseRow:
        """To a device: a new grant, or the same for longer where it held it last."""
        row, now_ms = self.of(key), self._batch.received_ms
        until_ms = now_ms + self._life_ms
        if row.installation_id == installation_id:
            granted_ms = row.granted_ms if self._is_held(row) else now_ms
            kept = replace(row, until_ms=max(row.until_ms, until_ms), granted_ms=granted_ms)
            return self._put(key, kept)
        if self._is_held(row):
            self._pause(key, self._batch.subject_id, row)
        happened = event.occurrence
        grant = Grant(
            row.epoch + 1,
            happened.t_ms,
            happened.counter,
            happened.installation_id,
            happened.seq,
        )
        grants = (*row.grants, grant)[-GRANTS_KEPT:]
        return self._put(key, LeaseRow(grant.epoch, installation_id, until_ms, now_ms, grants))

    def _renew(self, key: Key, epoch: int, event: Event) -> None:
        row, own = self.of(key), self._batch.installation_id
        if row.installation_id != own or row.epoch != epoch or not self._is_recent(event):
            return
        # Going on is no reason for another device to give way, as somebody's wish to play is.
        if self._is_held(row) or self._in_the_way(key, own) is None:
            self._give(key, own, event)

    def _pause(self, key: Key, subject_id: str, row: LeaseRow) -> None:
        paused = Paused(subject_id, row.installation_id, *key, row.epoch, row.granted_ms)
        self.paused.append(paused)

    def _put(self, key: Key, row: LeaseRow) -> LeaseRow:
        self._rows[key] = self.changed[key] = row
        if self._limited(key[0]):
            name = (key[0], self._batch.subject_id, key[1])
            held = Held(*name, row.installation_id, row.granted_ms, row.until_ms)
            self._held[name] = self.counted[name] = held
        return row

    # --- limits -----------------------------------------------------------------------------------

    def _limited(self, kind: str) -> int:
        """How many devices may hold leases of the kind; 0 = no limit."""
        limit = self._batch.limit
        return limit.most.get(kind, 0) if limit is not None else 0

    def _denied(self, key: Key, installation_id: str) -> Lease | None:
        """The oldest lease of those that fill the limit; None where there is room, or was made."""
        oldest, limit = self._in_the_way(key, installation_id), self._batch.limit
        if oldest is None:
            return None
        if limit is None or not limit.evict:
            return _lease_of(oldest)
        for one in self._others(key, installation_id):
            if one.installation_id == oldest.installation_id:
                self._evict(one)
        return self._denied(key, installation_id)

    def _in_the_way(self, key: Key, installation_id: str) -> Held | None:
        """The oldest lease of those that fill the limit; None where there is room."""
        others = self._others(key, installation_id)
        return others[0] if _fill(others, self._limited(key[0])) else None

    def _demand(self, key: Key, installation_id: str) -> None:
        if self._denied(key, installation_id) is not None:
            others = self._others(key, installation_id)
            raise LimitReached([_lease_of(one) for one in others])

    def _others(self, key: Key, installation_id: str) -> list[Held]:
        """Leases of other devices that count, oldest grant first; the one of this journey would be
        replaced."""
        if not self._limited(key[0]):
            return []
        own = (key[0], self._batch.subject_id, key[1])
        return _counting(self._held.values(), own, installation_id, self._batch.received_ms)

    def _evict(self, one: Held) -> None:
        name, key = (one.kind, one.subject_id, one.journey_id), (one.kind, one.journey_id)
        ended = one._replace(until_ms=ENDED)
        self._held[name] = self.counted[name] = ended
        row = LeaseRow(installation_id=one.installation_id, granted_ms=one.granted_ms)
        if one.subject_id == self._batch.subject_id and key in self._rows:
            row = self.of(key)
            self._rows[key] = self.changed[key] = replace(row, until_ms=ended.until_ms)
        else:
            self.evicted.append(ended)
        self._pause(key, one.subject_id, row)


def check_room(
    held: Iterable[Held],
    limit: LeaseLimit,
    own: tuple[str, str, str],
    installation_id: str,
    now_ms: int,
) -> None:
    """Whether a device may take a lease, (kind, subject, journey id), while these are held. Raises
    LimitReached."""
    others = _counting(held, own, installation_id, now_ms)
    if not limit.evict and _fill(others, limit.most.get(own[0], 0)):
        raise LimitReached([_lease_of(one) for one in others])


def _counting(
    held: Iterable[Held], own: tuple[str, str, str], installation_id: str, now_ms: int
) -> list[Held]:
    counting = [
        one
        for one in held
        if one.kind == own[0]
        and one[:3] != own
        and one.installation_id != installation_id
        and one.until_ms > now_ms
    ]
    return sorted(counting, key=lambda one: (one.granted_ms, one.installation_id))


def _fill(others: Collection[Held], most: int) -> bool:
    """Whether as many devices as may hold leases; 0 = no limit."""
    return 0 < most <= len({one.installation_id for one in others})


def _lease_of(one: Held) -> Lease:
    return Lease(
        journey=JourneyRef(kind=one.kind, journey_id=one.journey_id),
        installation_id=one.installation_id,
        lease_until_ms=one.until_ms,
    )


Rule = Callable[[LeaseBook, Key, Candidate, Event], Lease | None]
_RULES: Mapping[str, Rule] = {
    PLAYED: LeaseBook.play,
    "media.seeked": LeaseBook.seek,
    PROGRESSED: LeaseBook.progress,
    "media.stopped": LeaseBook.end,
    "media.finished": LeaseBook.end,
    GRANTED: LeaseBook.grant,
    TRANSFERRED: LeaseBook.transfer,
}
