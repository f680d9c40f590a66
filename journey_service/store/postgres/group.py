"""A group of requests, decided one after the other on what is known, and ready to be written.

One request's refusal never touches its neighbours: it writes nothing and is told when the rest is
durable, because what it was refused for may be a neighbour's write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from journey.v1.events_pb2 import Event
from journey_service.domain.append import decide
from journey_service.domain.batch import Batch, Decision
from journey_service.domain.errors import Bug, JourneyError
from journey_service.domain.leases import Held, LeaseBook, LeaseRow
from journey_service.ports import Appended
from journey_service.store.codec import seal_events
from journey_service.store.keys import KeyRing, SubjectKeys
from journey_service.store.placing import answer, place
from journey_service.store.postgres.requests import Request
from journey_service.store.postgres.streams import NO_WATERMARK, Stream, Watermark

Row = tuple[Any, ...]


class Decided(NamedTuple):
    """A request and what it will be told once the group is durable."""

    request: Request
    outcome: Appended | JourneyError


@dataclass(slots=True)
class Draft:
    """All that a group writes. Rows of events are in the order of `EVENT_COLUMNS`."""

    heads_before: dict[int, int]
    heads: dict[int, int]
    decided: list[Decided] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    events: dict[int, list[Event]] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    # (subject, installation) -> the watermark before the group
    watermarks: dict[tuple[str, str], Watermark] = field(default_factory=dict)
    machines: dict[tuple[str, str, str], int] = field(default_factory=dict)
    # (subject, kind, journey_id) -> the lease afterwards
    leases: dict[tuple[str, str, str], LeaseRow] = field(default_factory=dict)
    # (limit group, kind, subject, journey_id) -> what counts; and what ends in other streams
    counted: dict[tuple[str, str, str, str], Held] = field(default_factory=dict)
    evicted: list[Held] = field(default_factory=list)
    new: dict[str, Stream] = field(default_factory=dict)
    moved: dict[str, Stream] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.rows and not self.watermarks

    def touch(self, stream: Stream) -> None:
        """The stream's row is to be made or changed."""
        (self.moved if stream.stored else self.new)[stream.subject_id] = stream

    def touched(self) -> list[Stream]:
        """Streams whose rows are made or changed."""
        return [*self.new.values(), *self.moved.values()]

    def recorded_at(self, now_ms: int) -> None:
        """Fill in the time of recording, in the events that followers get."""
        for events in self.events.values():
            for event in events:
                event.recorded_at_ms = now_ms


EVENT_COLUMNS = (
    "partition",
    "position",
    "originator_id",
    "originator_version",
    "event_id",
    "topic",
    "occurred_ms",
    "occurred_counter",
    "installation_id",
    "seq",
    "key_version",
    "state",
)


class Group:
    """Decides requests in their order. `sources` are the streams as known before the group."""

    def __init__(
        self,
        ring: KeyRing,
        sources: Mapping[str, Stream],
        heads: dict[int, int],
        late_limit_ms: int,
        lease_life_ms: int,
        held: Mapping[str, list[Held]],
    ) -> None:
        self._ring = ring
        self._sources = sources
        self._late_limit_ms = late_limit_ms
        self._lease_life_ms = lease_life_ms
        self._held = dict(held)
        self.draft = Draft(dict(heads), dict(heads))

    def add(self, request: Request) -> JourneyError | None:
        """Decide one request; returns why it was refused, if it was."""
        try:
            decision = self._decide(request)
        except JourneyError as error:
            self.draft.decided.append(Decided(request, error))
            return error
        except ValueError as error:
            bug = Bug("The batch cannot be stored.", cause=str(error))
            self.draft.decided.append(Decided(request, bug))
            return bug
        head = self.draft.heads[request.partition]
        appended = answer(request.batch, decision, partition=request.partition, head=head)
        self.draft.decided.append(Decided(request, appended))
        return None

    def refuse_all(self, heads: dict[int, int], error: JourneyError | None = None) -> None:
        """Write nothing: all are told the error, or why the first of them was refused."""
        outcomes = [each.outcome for each in self.draft.decided]
        if error is None:
            error = next(outcome for outcome in outcomes if isinstance(outcome, JourneyError))
        decided = [Decided(each.request, error) for each in self.draft.decided]
        self.draft = Draft(dict(heads), dict(heads), decided)

    def _decide(self, request: Request) -> Decision:
        stream, batch = self._stream(request), request.batch
        if request.asked and stream.unread is not None:
            raise stream.unread
        held = self._held.get(batch.limit.group, []) if batch.limit is not None else ()
        known = stream.known(batch, request.leased, held)
        decision = decide(
            batch,
            known,
            late_limit_ms=self._late_limit_ms,
            lease_life_ms=self._lease_life_ms,
        )
        keys = stream.keys or self._ring.make(batch.subject_id)
        sealed = seal_events(keys, decision.events) if decision.events else []
        head = self.draft.heads[request.partition]
        place(decision, before=known.version, partition=request.partition, head=head)
        if decision.events:
            stream.keys = keys
            self._write(keys, request.partition, decision.events, sealed)
        self._carry(stream, batch, decision)
        return decision

    def _write(
        self, keys: SubjectKeys, partition: int, events: tuple[Event, ...], sealed: list[bytes]
    ) -> None:
        version = keys.version
        self.draft.rows += [
            _row(event, version, state) for event, state in zip(events, sealed, strict=True)
        ]
        self.draft.events.setdefault(partition, []).extend(events)
        self.draft.heads[partition] += len(events)

    def _stream(self, request: Request) -> Stream:
        subject_id = request.batch.subject_id
        stream = self.draft.streams.get(subject_id)
        if stream is None:
            stream = self.draft.streams[subject_id] = self._sources[subject_id].draft()
        return stream

    def _carry(self, stream: Stream, batch: Batch, decision: Decision) -> None:
        """What holds for the next request of the same stream, and is to be written."""
        draft, after = self.draft, decision.known
        if decision.events:
            stream.version, stream.floor = after.version, after.floor
            stream.decisions.append(decision)
            stream.journeys = after.journeys
            draft.touch(stream)
        if batch.sequenced:
            before = stream.watermarks.get(batch.installation_id, NO_WATERMARK)
            if after.processed_seq != before.processed_seq:
                draft.touch(stream)
                draft.watermarks.setdefault((batch.subject_id, batch.installation_id), before)
                stream.watermarks[batch.installation_id] = Watermark(
                    after.processed_seq, after.previous, before.stored
                )
        if decision.leases is not None:
            self._carry_leases(stream, batch, decision.leases)
        for (kind, journey_id), rev in after.revs.items():
            if stream.revs.get((kind, journey_id)) != rev:
                stream.revs[kind, journey_id] = rev
                draft.machines[batch.subject_id, kind, journey_id] = rev

    def _carry_leases(self, stream: Stream, batch: Batch, leases: LeaseBook) -> None:
        for key, row in leases.changed.items():
            stream.lease(key, row)
            self.draft.leases[batch.subject_id, *key] = row
        if batch.limit is not None and leases.counted:
            group = batch.limit.group
            others = [one for one in self._held.get(group, ()) if one[:3] not in leases.counted]
            self._held[group] = [*others, *leases.counted.values()]
            for name, held in leases.counted.items():
                self.draft.counted[group, *name] = held
            self.draft.evicted += leases.evicted


def _row(event: Event, key_version: int, state: bytes) -> Row:
    happened = event.occurrence
    return (
        event.partition,
        event.position,
        event.subject_id,
        event.version,
        event.interaction.event_id,
        event.type,
        happened.t_ms,
        happened.counter,
        happened.installation_id,
        happened.seq,
        key_version,
        state,
    )
